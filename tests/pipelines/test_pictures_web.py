"""Pictures from the web: what is fetched, and what is refused within bounds of bytes and time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from picture_servers import HOST, Answering, Authority, Server, forever, moves, sends, serving

from bestiary.sample import draw_photo
from pipelines.errors import OperatorError
from pipelines.pictures import Web, read_picture

PHOTO = draw_photo("panda", 1, 64)
FAR = 60.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test."""
    running = []

    def start(**pages: Answering) -> Server:
        context = serving(authority, {f"/{name}": page for name, page in pages.items()})
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


def refused(server: Server, name: str = "it", web: Web | None = None) -> str:
    with pytest.raises(OperatorError) as caught:
        read_picture(server.url(f"/{name}"), None, web or server.web())
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(server.url(f"/{name}"))
    return line


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"


def test_a_picture_comes_from_the_checked_address_under_its_name(serve: Callable[..., Server]) -> None:
    """One look-up, a connection to that address, and the name in SNI, Host and certificate."""
    server = serve(it=sends(PHOTO, Content_Type="text/plain"))
    asked = []
    web = server.web()
    once = Web(
        why_not=web.why_not,
        look_up=lambda *arguments: asked.append(arguments[0]) or ["127.0.0.1"],
        trust=web.trust,
    )
    assert PHOTO == read_picture(server.url("/it"), None, once)
    assert [HOST] == asked
    assert [HOST] == server.names
    assert [(f"{HOST}:{server.port}", "/it")] == server.asked


def test_the_page_may_have_moved_three_times(serve: Callable[..., Server]) -> None:
    server = serve(
        a=moves("/b"), b=moves("c", 308), c=moves("/it", 301), it=sends(PHOTO), loop=moves("/loop")
    )
    assert PHOTO == read_picture(server.url("/a"), None, server.web())
    assert "more than 3 redirects" in refused(server, "loop")
    assert 4 + 4 == len(server.asked)


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("https://169.254.169.254/latest/meta-data", "169.254.169.254 is link-local"),
        ("https://10.0.0.1/a.jpg", "private"),
        ("//192.168.1.1/a.jpg", "private"),
        ("https://[::ffff:169.254.169.254]/", "link-local"),
        ("https://[64:ff9b::a9fe:a9fe]/", "link-local"),
        ("https://[fd00:ec2::254]/", "private"),
        ("http://photos.example/a.jpg", "only https://"),
        ("file:///etc/passwd", "only https://"),
        ("https://me:secret@photos.example/", "a name or password"),
        ("https://photos.example:x/", "it is no address"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(
    serve: Callable[..., Server], to: str, why: str
) -> None:
    server = serve(it=moves(to))
    line = refused(server)
    assert "it leads to " in line
    assert why in line


def test_an_address_that_is_not_public_is_never_connected_to(serve: Callable[..., Server]) -> None:
    """The real rules, on a server that would answer: it hears nothing."""
    server = serve(it=sends(PHOTO))
    for host in ("localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        with pytest.raises(OperatorError, match="only public addresses are read"):
            read_picture(f"https://{host}:{server.port}/it", None)
    assert not server.names


def test_one_private_address_among_public_ones_is_enough_to_refuse(serve: Callable[..., Server]) -> None:
    server = serve(it=sends(PHOTO))
    web = server.web()
    mixed = Web(why_not=web.why_not, look_up=lambda *_: ["127.0.0.1", "10.0.0.1"], trust=web.trust)
    assert "10.0.0.1, private" in refused(server, web=mixed)
    assert not server.names


def test_two_gigabytes_are_refused_before_they_are_read(serve: Callable[..., Server]) -> None:
    server = serve(
        told=sends(b"\xff\xd8", Content_Length=str(2_000_000_000)),
        untold=forever(b"\xff" * 65536, 0, HEAD + b"\r\n"),
    )
    assert "2,000 MB: a picture may have 25" in refused(server, "told")
    assert "more than 1 MB" in refused(server, "untold", server.web(most_bytes=1_000_000))


@pytest.mark.parametrize(
    "drip",
    [
        forever(b".", 0.02, HEAD + b"Content-Length: 1000000\r\n\r\n"),
        forever(b"x", 0.02, HEAD + b"X-Drip: "),
        forever(b"", 0.05),
        forever(b"1\r\n.\r\n", 0.02, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    ],
    ids=["body", "headers", "silence", "chunks"],
)
def test_a_server_that_drips_is_left_at_the_deadline(serve: Callable[..., Server], drip: Answering) -> None:
    """Every byte comes well within any time-out between bytes; the whole does not end."""
    server = serve(it=drip)
    began = time.monotonic()
    line = refused(server, web=server.web(seconds=0.5))
    assert "not done within 0.5 s" in line
    assert time.monotonic() - began < FAR


def test_a_name_server_that_says_nothing_is_left_too(serve: Callable[..., Server]) -> None:
    server = serve(it=sends(PHOTO))

    def silent(_host: str, _port: int, _deadline: float) -> list[str]:
        raise TimeoutError

    assert "no answer within 20 s" in refused(server, web=Web(look_up=silent))


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (sends(b"<html>a gallery</html>", Content_Type="image/jpeg"), "not an image (it looks like text)"),
        (sends(b""), "empty file"),
        (sends(PHOTO[:200]), "truncated or damaged"),
        (sends(PHOTO, Content_Length=str(len(PHOTO) + 1)), "the server broke off after"),
        (sends(PHOTO, Content_Encoding="gzip"), "packs it"),
        (lambda handler: handler.send_error(404), "the server says 404 Not Found"),
        (lambda handler: handler.wfile.write(b"hello\r\n"), "the server broke off"),
        (moves(""), "302 and not where to"),
    ],
)
def test_what_is_no_picture_is_said_in_one_line(
    serve: Callable[..., Server], page: Answering, why: str
) -> None:
    server = serve(it=page)
    assert why in refused(server)


def test_only_https_with_a_certificate_that_holds(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(it=sends(PHOTO))
    with pytest.raises(OperatorError, match="only https://"):
        read_picture(f"http://{HOST}:{server.port}/it", None, server.web())
    elsewhere = Web(why_not=lambda _: "", look_up=lambda *_: ["127.0.0.1"], trust=server.web().trust)
    with pytest.raises(OperatorError, match=r"its certificate does not hold .*other\.example"):
        read_picture(f"https://other.example:{server.port}/it", None, elsewhere)
    stranger = Server(server.port, Authority.make(tmp_path))
    assert "its certificate does not hold" in refused(server, web=stranger.web())
    assert not server.asked
