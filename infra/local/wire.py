"""HTTP as S3 clients speak it, on waitress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

if TYPE_CHECKING:
    import socket

THREADS = 96
"""Requests answered at a time; each that waits for a model holds one."""
_LARGEST_BODY = 5 << 30  # S3's largest single PUT
_IN_RAM = 16 << 20  # a body up to this size is not written to a temporary file first


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads requests as waitress does, but for two things that S3 clients do.

    They name metadata with underscores, which waitress drops. WSGI folds ``-`` and ``_`` into one, so the
    true names go along as a header of their own, ``Bestiary-Spelled``. And they ask to continue before
    sending an empty body, after which waitress would wait for it for ever.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request."""
        super().parse_header(header_plus)
        if not self.chunked and not self.content_length:
            self.expect_continue = False
        spelled = []
        for line in header_plus.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if b"_" in name and name.lower().startswith(b"x-amz-meta-"):
                key = name.decode("latin-1").upper().replace("-", "_")
                if key not in self.headers:  # one with dashes alone goes first
                    self.headers[key] = value.strip(b" \t").decode("latin-1")
                    spelled.append(name.decode("latin-1"))
        self.headers["BESTIARY_SPELLED"] = ",".join(spelled)


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answers as waitress does, but leaves the names of metadata as they are: clients read them by case."""

    def build_response_header(self) -> bytes:
        """Write the head of the answer."""
        names = [name for name, _ in self.response_headers if name.lower().startswith("x-amz-meta-")]
        head: bytes = super().build_response_header()
        for name in names:
            capitals = "-".join(word.capitalize() for word in name.split("-"))
            head = head.replace(f"\r\n{capitals}: ".encode("latin-1"), f"\r\n{name}: ".encode("latin-1"), 1)
        return head


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that reads requests with `Parser` and answers with `Task`."""

    parser_class = Parser
    task_class = Task


def make_server(app: Any, listening: socket.socket) -> Any:  # noqa: ANN401 - waitress has no types
    """Make a server of a WSGI application on a bound socket; its ``run`` serves until a signal raises."""
    server = waitress.create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        max_request_body_size=_LARGEST_BODY,
        inbuf_overflow=_IN_RAM,
        connection_limit=1000,
        asyncore_use_poll=True,
        channel_timeout=300,
        ident="bestiary",
        clear_untrusted_proxy_headers=False,
    )
    server.channel_class = Channel
    return server
