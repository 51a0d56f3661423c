"""What makes a dataset useless as a whole."""


class UnusableDataset(ValueError):  # noqa: N818 - it names what happened
    """There is nothing honest to train on; the message says what to change."""
