"""The account itself: its stacks, what they cost, who may do what in it, and whether it is ready."""
