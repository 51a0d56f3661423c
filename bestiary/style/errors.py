"""What can go wrong while a picture is stylized."""


class CannotStylize(Exception):  # noqa: N818 - it names what happened
    """A picture cannot be stylized as asked; the message is one line that says why and what would help."""
