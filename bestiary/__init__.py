"""What Bestiary knows about animals and pictures: no AWS, no HTTP."""
