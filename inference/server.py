"""uvicorn, made to leave as SageMaker expects: nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inference.app import build

if TYPE_CHECKING:
    import socket

    from inference.service import Service

HEAD_SECONDS = 20
HEAD_BYTES = 64 << 10
IDLE_SECONDS = 75
"""After which an idle connection is closed; longer than balancers and client libraries keep theirs, so that
they close first and no request meets a closing connection."""

LINGER_SECONDS = 1.0
DRAIN_SECONDS = 25
"""SageMaker kills a container 30 seconds after SIGTERM."""


class Connection(HttpToolsProtocol):
    """A connection whose request must have its headers whole in time and within `HEAD_BYTES`."""

    _head: int | None = 0
    """Bytes that came since the headers began; None while a body comes."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was waited for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and refuse headers that do not end."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the headers."""
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Let the body take its time: that is the application's business."""
        self._stop_waiting()
        self._head = None
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


class Server(uvicorn.Server):
    """A server around one service.

    On SIGTERM it stops accepting, answers what is under way, tells every connection that is still used to
    close, waits a moment for requests that are on their way already, and only then closes what is idle.

    Attributes
    ----------
    failed
        Whether the model could not be loaded.
    """

    def __init__(self, service: Service) -> None:
        config = uvicorn.Config(
            build(service),
            host=service.settings.host,
            port=service.settings.port,
            http=Connection,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=2048,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        super().__init__(config)
        self.failed = False
        self._service = service
        self._work: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and begin to load the model."""
        await super().startup(sockets)
        self._work = asyncio.create_task(self._service.run(self._give_up))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then end."""
        self._service.draining = True
        for server in self.servers:
            server.close()
        until = time.monotonic() + LINGER_SECONDS
        while self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
        if self._work is not None:
            self._work.cancel()
        self._service.close()

    def _give_up(self) -> None:
        self.failed = True
        self.should_exit = True


def serve(service: Service) -> bool:
    """Serve until told to stop; return whether the model could be served at all."""
    server: Any = Server(service)
    server.run()
    return not server.failed
