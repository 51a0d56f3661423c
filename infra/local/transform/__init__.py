"""Batch transform: a model's container asked about every object of an S3 prefix."""
