"""A registry of images on this machine: the pushing half of the OCI distribution API, behind a password."""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "AWS", "let-me-in"


class Registry(ThreadingHTTPServer):
    """What was pushed: blobs by digest, manifests by reference."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pushes)
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}


@contextmanager
def registry() -> Iterator[Registry]:
    """Run one."""
    with Registry() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Pushes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def do_GET(self) -> None:
        self._answer(200)

    def do_HEAD(self) -> None:
        last = self.path.rpartition("/")[2]
        found = self.server.blobs.get(last) or self.server.manifests.get(last)
        if found is None:
            self._answer(404)
        else:
            self._answer(200, {"Docker-Content-Digest": _digest(found)}, len(found))

    def do_POST(self) -> None:
        upload = uuid.uuid4().hex
        self.server.uploads[upload] = b""
        self._answer(202, {"Location": self.path.rstrip("/") + f"/{upload}"})

    def do_PATCH(self) -> None:
        upload = urlsplit(self.path).path.rpartition("/")[2]
        self.server.uploads[upload] += self._body()
        self._answer(202, {"Location": self.path, "Range": f"0-{len(self.server.uploads[upload]) - 1}"})

    def do_PUT(self) -> None:
        at = urlsplit(self.path)
        last = at.path.rpartition("/")[2]
        if "/manifests/" in at.path:
            self.server.manifests[last] = data = self._body()
            self.server.manifests[_digest(data)] = data
        else:
            data = self.server.uploads.pop(last) + self._body()
            assert parse_qs(at.query)["digest"] == [_digest(data)]
            self.server.blobs[_digest(data)] = data
        self._answer(201, {"Location": at.path, "Docker-Content-Digest": _digest(data)})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, headers: dict[str, str] | None = None, length: int = 0) -> None:
        known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            status, headers, length = 401, {"WWW-Authenticate": 'Basic realm="test"'}, 0
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
