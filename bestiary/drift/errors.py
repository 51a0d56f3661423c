"""What keeps a monitor from working; each is one clear line."""


class UnusableBaseline(ValueError):  # noqa: N818 - it names what happened
    """A baseline cannot be compared with; the message names the file and says why."""


class UnusableWindow(ValueError):  # noqa: N818 - it names what happened
    """The times between which to look make no sense; the message quotes them."""
