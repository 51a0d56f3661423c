"""What the serving program asks of a task; each task is a file of its own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from inference.errors import ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.errors import Refusal
    from inference.model_folder import ModelFolder
    from inference.settings import Settings

TASKS = {"classification": "inference.classify"}
"""The module of each task, by the manifest's ``task``; it has ``load(folder, settings) -> Task``."""


class Task(Protocol):
    """One kind of model behind ``/invocations``.

    A request's body holds one or more items. Each is prepared on a thread for that, and answered together
    with items of other requests. An item that cannot be used becomes a `Refusal` in its place.

    Attributes
    ----------
    name
        As in the manifest.
    version
        Of the model, as answers name it.
    consumes
        Media types of requests.
    """

    name: str
    version: str
    consumes: tuple[str, ...]

    def produces(self, content_type: str) -> tuple[str, ...]:
        """Return the media types of answers to a request of `content_type`, the usual one first."""

    def split(self, body: bytes, content_type: str) -> Sequence[bytes | Refusal]:
        """Return the items of a request; raises `Refusal` where the request as a whole makes no sense."""

    def prepare(self, item: bytes) -> Any:  # noqa: ANN401 - between prepare and answer only
        """Make an item ready for the model, away from its thread; raises `Refusal`."""

    def answer(self, prepared: Sequence[Any]) -> Sequence[Any]:
        """Run the model on 1 to `Settings.batch` prepared items; an item always gets the same answer."""

    def write(self, outcomes: Sequence[Any], content_type: str, accept: str) -> bytes:
        """Return the body of the answer; raises the item's `Refusal` where there is no room to tell it."""

    def description(self) -> dict[str, Any]:
        """Return the task's ``summary``, ``requests``, ``answers`` and ``schemas`` for OpenAPI."""

    def close(self) -> None:
        """Give back what the task holds."""


def load(folder: ModelFolder, settings: Settings) -> Task:
    """Load the model that a folder holds and run it once, so that the first request finds it warm.

    Raises
    ------
    ModelUnusable
        No task here is the model's, or the model cannot be loaded.
    """
    if folder.task not in TASKS:
        raise ModelUnusable(
            f"{folder.path} is for {folder.task!r}; this image serves {', '.join(sorted(TASKS))}"
        )
    task: Task = import_module(TASKS[folder.task]).load(folder, settings)
    return task
