"""What can go wrong with a picture."""


class UnreadableImage(ValueError):  # noqa: N818 - it names what happened, as the reports do
    """A file that cannot be used as a photo.

    Attributes
    ----------
    reason
        One short clause for people, without the file's name; it starts with the kind of damage
        (``empty``, ``truncated``, ``damaged``, ``not an image``, ``unsupported``, ``too large``).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
