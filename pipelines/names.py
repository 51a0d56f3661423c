"""Names that an account knows Bestiary's resources by."""

PIPELINE = "bestiary-training"
CLASSIFIER = "bestiary-classifier"
