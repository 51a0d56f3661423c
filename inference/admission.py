"""How much may be under way at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from inference.errors import busy

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """Counts requests and the bytes of their bodies; used on the event loop only.

    Parameters
    ----------
    requests
        How many may be inside.
    size
        How many bytes they may hold together.
    """

    def __init__(self, requests: int, size: int) -> None:
        self._requests = requests
        self._size = size
        self.inside = 0
        self.held = 0

    @contextmanager
    def admit(self) -> Iterator[Place]:
        """Let one request in for as long as the context lasts.

        Raises
        ------
        Refusal
            503: there is no room.
        """
        if self.inside >= self._requests:
            raise busy(f"{self.inside} requests are under way, and more would wait too long: try again")
        place = Place(self)
        self.inside += 1
        try:
            yield place
        finally:
            self.inside -= 1
            self.held -= place.held

    @property
    def room(self) -> int:
        """Bytes for which there is room."""
        return self._size - self.held


class Place:
    """What one request holds."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.held = 0

    def hold(self, size: int) -> None:
        """Hold some more bytes.

        Raises
        ------
        Refusal
            503: there is no room.
        """
        if size > self._gate.room:
            raise busy(
                f"the requests under way hold {self._gate.held} bytes, with no room for more: try again"
            )
        self._gate.held += size
        self.held += size
