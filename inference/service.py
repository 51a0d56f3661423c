"""The model behind the routes: first it loads, then it answers, at last it drains."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING

from inference import metrics, model_folder, task
from inference.admission import Gate
from inference.engine import Engine
from inference.errors import ModelUnusable, busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from inference.settings import Settings

METRICS_SECONDS = 10


class Service:
    """What the routes share; used on the event loop.

    Parameters
    ----------
    settings
        How to serve.

    Attributes
    ----------
    gate
        What may be under way.
    metrics
        What happened.
    draining
        Whether the process was told to stop.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gate = Gate(settings.queue, settings.queue_bytes)
        self.metrics = metrics.Metrics()
        self.draining = False
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The model's engine; raises a 503 `Refusal` as long as there is none."""
        if self._engine is None:
            raise busy("the model is being loaded: try again")
        return self._engine

    @property
    def healthy(self) -> bool:
        """Whether requests are taken and will be answered."""
        return self._engine is not None and self._engine.alive and not self.draining

    async def run(self, give_up: Callable[[], None]) -> None:
        """Load the model, then report metrics until cancelled.

        Parameters
        ----------
        give_up
            Called where the model cannot be loaded, after saying why on stderr.
        """
        try:
            self._engine = await self._loaded()
        except ModelUnusable as error:
            sys.stderr.write(f"error: {error}\n")
            give_up()
            return
        while True:
            await asyncio.sleep(METRICS_SECONDS)
            self.report()

    def report(self) -> None:
        """Write the metrics since the last time."""
        loaded = self.engine.task
        about = {"Task": loaded.name, "ModelVersion": loaded.version}
        metrics.write(self.metrics, about, sys.stdout)

    def close(self) -> None:
        """Finish what is under way and say the last of the metrics."""
        if self._engine is not None:
            self._engine.close()
            self.report()

    async def _loaded(self) -> Engine:
        """Load on a thread that does not keep the process from ending."""
        loaded: Future[Engine] = Future()

        def load() -> None:
            try:
                folder = model_folder.read(self.settings.model)
                loaded.set_result(Engine(task.load(folder, self.settings), self.settings, self.metrics))
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                loaded.set_exception(error)

        Thread(target=load, name="load", daemon=True).start()
        return await asyncio.wrap_future(loaded)
