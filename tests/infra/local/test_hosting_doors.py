"""How instances are reached: ports, the connector, and connections that are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hosting_world import SERVER, until

from infra.local.hosting import connector
from infra.local.hosting.connections import Connections, Request
from infra.local.hosting.doors import ConnectorDoor, PortDoor, free_port
from infra.local.hosting.errors import CutOffError, DialError, LateError

ASK = Request("POST", "/invocations", {"Content-Type": "text/plain"}, b"hello")


class Moody(BaseHTTPRequestHandler):
    """Answers as the body says."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"close":
            self.close_connection = True
            return
        if body == b"late":
            time.sleep(0.5)
        if body == b"half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            self.close_connection = True
            return
        if body == b"nonsense":
            self.wfile.write(b"what?\r\n\r\n")
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        self.close_connection = body == b"last"


@pytest.fixture
def moody() -> Iterator[ThreadingHTTPServer]:
    """Serve on a free port."""
    Moody.connections = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def post(body: bytes) -> Request:
    return Request("POST", "/invocations", {}, body)


def test_connections_are_kept_and_closed_ones_are_noticed(moody: ThreadingHTTPServer) -> None:
    """Three requests on one connection; one that the server closed meanwhile costs no request."""
    connections = Connections(PortDoor(moody.server_port))
    for body in (b"1", b"2", b"last"):
        assert connections.exchange(post(body), 5).body == b"ok"
    assert Moody.connections == 1
    assert connections.exchange(post(b"3"), 5).body == b"ok"
    assert Moody.connections == 2
    connections.close()


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"close", CutOffError), (b"half", CutOffError), (b"nonsense", CutOffError), (b"late", LateError)],
)
def test_what_a_server_does_wrong_is_told_apart(
    moody: ThreadingHTTPServer, body: bytes, error: type[Exception]
) -> None:
    """No answer, half of one, no HTTP, too late; and the next request is none the worse."""
    connections = Connections(PortDoor(moody.server_port))
    with pytest.raises(error):
        connections.exchange(post(body), 0.3)
    assert connections.exchange(post(b"1"), 5).body == b"ok"
    connections.close()


def test_nobody_at_the_door_is_told_apart_from_a_cut(tmp_path: Path) -> None:
    """Such a request can go to another instance."""
    for door in (PortDoor(free_port()), ConnectorDoor(tmp_path), ConnectorDoor(tmp_path / "gone")):
        with pytest.raises(DialError):
            Connections(door).exchange(ASK, 1)


@pytest.mark.skipif(not Path("/proc/self/ns/net").exists(), reason="network namespaces are Linux's")
def test_the_connector_also_serves_where_the_kernel_gives_no_network_of_its_own(tmp_path: Path) -> None:
    """Then the program listens at the port that it was given, however deep its folder lies."""
    base = tmp_path / ("deep" * 20) / ("folder" * 10)
    (base / "model").mkdir(parents=True)
    (tmp_path / "toy.py").write_text(SERVER)
    network, port = str(Path("/proc/self/ns/net").readlink()), str(free_port())
    program = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            connector.__file__,
            network,
            port,
            sys.executable,
            str(tmp_path / "toy.py"),
        ],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "NAME": "toy"},
        start_new_session=True,
    )
    connections = Connections(ConnectorDoor(base))
    try:
        until(lambda: answers(connections))
        answer = connections.exchange(ASK, 5)
        assert f'"port": "{port}"' in answer.body.decode()
        assert f'"pid": {program.pid}' in answer.body.decode()
    finally:
        connections.close()
        os.killpg(program.pid, 9)
        program.wait()


def answers(connections: Connections) -> bool:
    """Say whether somebody is there."""
    try:
        return connections.exchange(ASK, 5).status == 200
    except DialError:
        return False
