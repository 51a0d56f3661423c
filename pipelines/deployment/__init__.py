"""What moves on the endpoints: versions go live, come back, and every move is written down.

``served``
    The endpoints there are, and whose versions each of them serves.
``planning``
    From what the operator wants to the requests AWS will get, in order.
``together``
    Both endpoints of a stylizer, or none.
``rollout``
    Sends them, follows the endpoint to its end and says honestly how it ended.
``strategy``, ``alarms``
    How traffic moves, and what moves it back.
``expiry``
    Endpoints that are meant for a while, and go by themselves.
``scaling``
    Instances of an asynchronous endpoint come and go with what waits.
``history``
    The append-only record in S3, and what it says about versions to go back to.
``retirement``
    Keeps the last configurations for an instant return; removes the others.
"""
