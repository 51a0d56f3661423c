"""What the serving program asks of a task; each task is a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from inference.errors import ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.model_folder import ModelFolder
    from inference.settings import Settings

TASKS = {"classification": "inference.classify", "style": "inference.stylize"}
"""The module of each task, by the manifest's ``task``; it has ``load(folder, settings) -> Task``."""


@dataclass(frozen=True)
class Request:
    """What was posted to ``/invocations``.

    Attributes
    ----------
    body
        As it came.
    content_type
        Its media type, without parameters.
    accept
        The media type that the answer should have, one of those that the task produces.
    content_type_header
        As it came, with parameters such as a boundary.
    inference_id
        The caller's name for the request; may be empty.
    """

    body: bytes
    content_type: str
    accept: str
    content_type_header: str = ""
    inference_id: str = ""


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes
    ----------
    body
        The answer.
    content_type
        Its media type.
    attributes
        Said in ``X-Amzn-SageMaker-Custom-Attributes``, after what the caller gave there; visible US-ASCII.
    """

    body: bytes
    content_type: str
    attributes: str = ""


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
    batch
        The most items that `answer` is given at a time.
    """

    name: str
    version: str
    consumes: tuple[str, ...]
    batch: int

    def produces(self, content_type: str) -> tuple[str, ...]:
        """Return the media types of answers to a request of `content_type`, the usual one first."""

    def split(self, request: Request) -> Sequence[Any]:
        """Return the items of a request; raises `Refusal` where the request as a whole makes no sense."""

    def prepare(self, item: Any) -> Any:  # noqa: ANN401 - between split, prepare and answer only
        """Make an item ready for the model, away from its thread; raises `Refusal`."""

    def answer(self, prepared: Sequence[Any]) -> Sequence[Any]:
        """Run the model on 1 to `batch` prepared items; an item always gets the same answer.

        What cannot be answered has its `Refusal` in its place.
        """

    def write(self, outcomes: Sequence[Any], request: Request) -> Reply:
        """Return the answer; raises the item's `Refusal` where there is no room to tell it."""

    def description(self) -> dict[str, Any]:
        """Return the task's ``summary``, ``requests``, ``answers`` and ``schemas`` for OpenAPI."""

    def close(self) -> None:
        """Give up what the model is at: nobody waits for it any more."""


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
