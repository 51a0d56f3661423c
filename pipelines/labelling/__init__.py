"""What people say is in the photos: read, kept for the quality job, and given to the next training.

``reading``
    A table or a Ground Truth job's output, from this machine or S3.
``ground_truth``
    Labels in S3, where the quality job finds them.
``inbox``
    The labelled photos themselves, where a retraining finds them.
"""
