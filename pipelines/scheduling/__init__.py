"""What happens by itself: when, and how it is switched on and off.

``times``
    How people say when, and how AWS does.
``retraining``
    The training pipeline on schedule, or when the monitor finds drift.
``overview``
    What is scheduled, and when it is next due.
"""
