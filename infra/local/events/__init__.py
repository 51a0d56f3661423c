"""EventBridge: what happens in the account, the rules that wait for it, and the delivery to their targets.

``changes``
    Makes events of changed records, within the change itself.
``bus``, ``patterns``
    Find the rules that an event matches.
``courier``, ``targets``
    Deliver: once, again after a passing failure, or to a dead-letter queue.
"""
