"""What happens by itself: when, and how it is switched on and off.

``times``
    How people say when, and how AWS does.
``retraining``
    The training pipeline on schedule, when the monitor finds drift, or at once.
``values``
    What a retraining is started with.
``promotion``
    Versions that are approved and deployed without a person.
``overview``
    What is scheduled, and when it is next due.
"""
