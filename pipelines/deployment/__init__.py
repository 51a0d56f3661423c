"""What moves on the classifier's endpoint: versions go live, come back, and every move is written down.

``planning``
    From what the operator wants to the requests AWS will get, in order.
``rollout``
    Sends them, follows the endpoint to its end and says honestly how it ended.
``strategy``, ``alarms``
    How traffic moves, and what moves it back.
``history``
    The append-only record in S3, and what it says about versions to go back to.
``retirement``
    Keeps the last configurations for an instant return; removes the others.
"""
