"""How instances are reached: ports, the connector, and connections that are kept."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hosting_world import SERVER, until

from infra.local.hosting import connector, held_port
from infra.local.hosting.connections import Connections, Request
from infra.local.hosting.doors import ConnectorDoor, PortDoor
from infra.local.hosting.errors import CutOffError, DialError, LateError, StartError
from infra.local.hosting.held_port import hold

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
    held = hold()
    for door in (PortDoor(held.number), ConnectorDoor(tmp_path), ConnectorDoor(tmp_path / "gone")):
        with pytest.raises(DialError):
            Connections(door).exchange(ASK, 1)
    held.close()


def test_a_port_is_held_for_a_program_that_has_yet_to_listen() -> None:
    """Nobody else is given it meanwhile, and the program itself can have it."""
    held = [hold() for _ in range(300)]
    assert len({each.number for each in held}) == 300
    socket.create_server(("127.0.0.1", held[0].number)).close()
    for each in held:
        each.close()


def test_a_port_that_is_listened_on_is_given_to_nobody(
    moody: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens there may never have heard of ours."""
    monkeypatch.setattr(held_port, "_CHOICE", range(moody.server_port, moody.server_port + 1))
    with pytest.raises(StartError, match=f"{moody.server_port}"):
        hold()


@pytest.mark.skipif(not Path("/proc/self/ns/net").exists(), reason="network namespaces are Linux's")
def test_the_connector_also_serves_where_the_kernel_gives_no_network_of_its_own(tmp_path: Path) -> None:
    """Then the program listens at the port that it was given, however deep its folder lies."""
    base = tmp_path / ("deep" * 20) / ("folder" * 10)
    (base / "model").mkdir(parents=True)
    (tmp_path / "toy.py").write_text(SERVER)
    held = hold()
    network, port = str(Path("/proc/self/ns/net").readlink()), str(held.number)
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
        held.close()


def answers(connections: Connections) -> bool:
    """Say whether somebody is there."""
    try:
        return connections.exchange(ASK, 5).status == 200
    except DialError:
        return False
