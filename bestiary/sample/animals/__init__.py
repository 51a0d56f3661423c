"""What each species looks like."""
