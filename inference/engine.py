"""From a request's items to their answers: prepared in threads, answered in batches."""

from __future__ import annotations

import asyncio
import sys
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from inference.batching import Batcher
from inference.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.metrics import Metrics
    from inference.settings import Settings
    from inference.task import Reply, Request, Task


class Engine:
    """Answers requests with one task.

    Parameters
    ----------
    task
        Loaded and warm.
    settings
        How many threads, and how long a batch waits.
    metrics
        Told of each batch.
    """

    def __init__(self, task: Task, settings: Settings, metrics: Metrics) -> None:
        self.task = task
        self._window = task.batch
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="prepare")
        self._batcher: Batcher[Any, Any] = Batcher(
            task.answer, task.batch, settings.wait, metrics.count_batch
        )

    @property
    def alive(self) -> bool:
        """Whether the model's thread works."""
        return self._batcher.alive

    async def answer(self, request: Request) -> Reply:
        """Answer one request.

        Raises
        ------
        Refusal
            As the task says.
        """
        loop = asyncio.get_running_loop()
        if request.content_type.startswith("image/"):
            items: Sequence[Any] = self.task.split(request)
        else:
            items = await loop.run_in_executor(self._threads, self.task.split, request)
        if len(items) == 1:
            outcomes = [await self._outcome(items[0])]
        else:
            room = asyncio.Semaphore(self._window)
            outcomes = await asyncio.gather(*(self._in_turn(item, room) for item in items))
        return self.task.write(outcomes, request)

    def close(self) -> None:
        """Finish what is under way, as far as the task does not give it up, and end the threads."""
        self.task.close()
        self._threads.shutdown()
        self._batcher.close()

    async def _in_turn(self, item: Any, room: asyncio.Semaphore) -> object:  # noqa: ANN401 - the task's
        """Keep one request of many items from filling the queue before all others."""
        async with room:
            return await self._outcome(item)

    async def _outcome(self, item: Any) -> object:  # noqa: ANN401 - the task's
        if isinstance(item, Refusal):
            return item
        future: Future[Any] = Future()
        self._batcher.announce()
        self._threads.submit(self._prepare, item, future)
        try:
            return await asyncio.wrap_future(future)
        except Refusal as refusal:
            return refusal
        except Exception as error:  # whatever decoding or the network raised
            sys.stderr.write("".join(traceback.format_exception(error)))
            raise Refusal(500, "the model failed on this item; the endpoint's log says why") from error

    def _prepare(self, item: Any, future: Future[Any]) -> None:  # noqa: ANN401 - the task's
        if future.cancelled():
            self._batcher.withdraw()
            return
        try:
            prepared = self.task.prepare(item)
        except Exception as error:  # noqa: BLE001 - it belongs to the one who sent the item
            self._batcher.withdraw()
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
            return
        self._batcher.put(prepared, future)
