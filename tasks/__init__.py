"""What a flow does by itself: one effect a task, short, committed together with its journal entry."""
