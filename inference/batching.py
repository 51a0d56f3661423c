"""Photos that arrive together go through the network together."""

from __future__ import annotations

import sys
import time
from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

In = TypeVar("In")
Out = TypeVar("Out")


class Batcher(Generic[In, Out]):
    """Runs a function over batches, on one thread of its own.

    Results come in the order of the items. Where the function fails on a batch, it is called for each item
    alone, so that an item only ever fails by itself. Items whose future was cancelled are left out.

    Parameters
    ----------
    run
        Takes 1 to `largest` items and returns as many results.
    largest
        The most items at a time.
    wait
        Seconds for which a batch that is not full waits for items that were announced. It never waits for
        others: a request that is alone is served at once.
    observe
        Told the size of each batch and how many items were left waiting.
    """

    def __init__(
        self,
        run: Callable[[Sequence[In]], Sequence[Out]],
        largest: int,
        wait: float,
        observe: Callable[[int, int], None],
    ) -> None:
        self._run = run
        self._largest = largest
        self._wait = wait
        self._observe = observe
        self._changed = Condition()
        self._waiting: deque[tuple[In, Future[Out]]] = deque()
        self._announced = 0
        self._closed = False
        self._thread = Thread(target=self._work, name="model", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether items are still worked on."""
        return self._thread.is_alive()

    def announce(self) -> None:
        """Say that an item will come, or be withdrawn, soon."""
        with self._changed:
            self._announced += 1

    def withdraw(self) -> None:
        """Say that an announced item will not come."""
        with self._changed:
            self._announced -= 1
            self._changed.notify()

    def put(self, item: In, future: Future[Out]) -> None:
        """Hand in an item that was announced; its result goes to `future`."""
        with self._changed:
            self._announced -= 1
            self._waiting.append((item, future))
            self._changed.notify()

    def close(self) -> None:
        """End the thread once all that was handed in is done."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            wanted = [(item, future) for item, future in batch if future.set_running_or_notify_cancel()]
            if wanted:
                self._observe(len(wanted), len(self._waiting))
                self._serve(wanted)

    def _next(self) -> list[tuple[In, Future[Out]]]:
        """Wait for the next batch; an empty one means that there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            until = time.monotonic() + self._wait
            while len(self._waiting) < self._largest and self._announced > 0 and not self._closed:
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            return [self._waiting.popleft() for _ in range(min(self._largest, len(self._waiting)))]

    def _serve(self, batch: list[tuple[In, Future[Out]]]) -> None:
        try:
            results = self._run([item for item, _ in batch])
            pairs = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - whatever a network raises belongs to those who asked
            if len(batch) > 1:
                for pair in batch:
                    self._serve([pair])
                return
            sys.stderr.write(f"error: the model failed: {type(error).__name__}: {error}\n")
            batch[0][1].set_exception(error)
            return
        for (_, future), result in pairs:
            future.set_result(result)
