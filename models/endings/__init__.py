"""What a process leaves in order when one of its cases ends, however it ends; a module for each."""
