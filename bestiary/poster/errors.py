"""What can go wrong with a poster."""


class PosterError(ValueError):
    """A poster that cannot be made as asked: one line that says why and what to do."""
