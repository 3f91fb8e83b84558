"""What the people of the campaign do in each of the five processes: short ways to an end, the same every time."""
