"""Downloads that end when they should."""

import hashlib
import http.server
import socket
import threading
import time

import pytest

from bestiary.classifiers import download
from bestiary.classifiers.download import Unreachable, fetch

DATA = bytes(range(256)) * 1000
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with DATA, or never where the path says so."""

    def do_HEAD(self):
        if self.path == "/hangs":
            time.sleep(5)
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(DATA[:1000])
        if self.path == "/stalls":
            time.sleep(5)
        if self.path != "/breaks":
            self.wfile.write(DATA[1000:])

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def unreachable(*arguments, **settings):
    with pytest.raises(Unreachable) as error:
        fetch(*arguments, **settings)
    return str(error.value)


def test_a_file_is_downloaded_and_checked(server, tmp_path):
    """Its folder is made, and nothing else is left in it."""
    path = tmp_path / "models" / "weights.h5"
    fetch(f"{server}/weights.h5", MD5, path)
    assert path.read_bytes() == DATA
    assert [path] == list(path.parent.iterdir())


def test_a_file_that_is_there_needs_no_server(tmp_path):
    """Keras's cache is enough to work without a network."""
    path = tmp_path / "weights.h5"
    path.write_bytes(DATA)
    fetch("http://127.0.0.1:9/weights.h5", MD5, path)
    assert path.read_bytes() == DATA


def test_a_damaged_file_is_downloaded_again(server, tmp_path):
    """A cache that was cut short does not stay so."""
    path = tmp_path / "weights.h5"
    path.write_bytes(DATA[:10])
    fetch(f"{server}/weights.h5", MD5, path)
    assert path.read_bytes() == DATA


def test_another_file_than_was_published_is_refused(server, tmp_path):
    """It never gets the name under which Keras would find it."""
    assert "its MD5 is not 0" in unreachable(f"{server}/weights.h5", "0" * 32, tmp_path / "weights.h5")
    assert [] == list(tmp_path.iterdir())


def test_a_download_that_breaks_off_leaves_nothing(server, tmp_path):
    """Neither half a file nor its temporary name."""
    unreachable(f"{server}/breaks", MD5, tmp_path / "weights.h5")
    assert [] == list(tmp_path.iterdir())


def test_a_missing_file_is_told_by_its_status(server, tmp_path):
    """The server is there, the file is not."""
    assert "Not Found" in unreachable(f"{server}/missing", MD5, tmp_path / "weights.h5")


def test_a_closed_port_is_told_at_once(tmp_path):
    """No time-out has to pass."""
    began = time.monotonic()
    assert "refused" in unreachable("http://127.0.0.1:9/weights.h5", MD5, tmp_path / "weights.h5")
    assert time.monotonic() - began < 2


def test_a_server_that_does_not_answer_is_given_up_in_time(server, tmp_path):
    """The probe's deadline holds."""
    began = time.monotonic()
    text = unreachable(f"{server}/hangs", MD5, tmp_path / "weights.h5", probe=0.3)
    assert text in ("no answer in 0.3 seconds", "timed out")
    assert time.monotonic() - began < 2


def test_a_name_that_does_not_resolve_in_time_is_given_up(tmp_path, monkeypatch):
    """The C library's own patience, minutes of it, is not ours."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **settings: time.sleep(3) or [])
    began = time.monotonic()
    text = unreachable("http://weights.invalid/weights.h5", MD5, tmp_path / "weights.h5", probe=0.3)
    assert text == "no answer in 0.3 seconds"
    assert time.monotonic() - began < 2


def test_a_cache_that_cannot_be_written_is_told(server, tmp_path):
    """A file where its folder should be."""
    (tmp_path / "models").write_text("")
    assert "could not be downloaded" in unreachable(f"{server}/w.h5", MD5, tmp_path / "models" / "w.h5")


def test_a_download_that_stalls_is_given_up(server, tmp_path, monkeypatch):
    """A connection that stays open and brings nothing does not hold the job."""
    monkeypatch.setattr(download, "STALL_SECONDS", 0.3)
    assert "timed out" in unreachable(f"{server}/stalls", MD5, tmp_path / "weights.h5")


def test_a_download_that_takes_too_long_is_given_up(server, tmp_path):
    """However steadily it trickles."""
    text = unreachable(f"{server}/weights.h5", MD5, tmp_path / "weights.h5", whole=0)
    assert text.endswith("took too long to download")


def test_the_environments_proxy_is_used(server, tmp_path, monkeypatch):
    """The server below is only found through it."""
    monkeypatch.setenv("http_proxy", server)
    monkeypatch.setenv("no_proxy", "")
    fetch("http://weights.invalid/weights.h5", MD5, tmp_path / "weights.h5")
    assert (tmp_path / "weights.h5").read_bytes() == DATA
