"""Names that an account knows Bestiary's resources by."""

PIPELINE = "bestiary-training"
CLASSIFIER = "bestiary-classifier"
"""Of the model package group and of its endpoint; so is the next."""
STYLIZER = "bestiary-stylizer"
STYLIZER_ASYNC = "bestiary-stylizer-async"
PICTURES = "bestiary/stylizer"
"""Prefix in the bucket of what asynchronous requests bring and what comes of them."""
