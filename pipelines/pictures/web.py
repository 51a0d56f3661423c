"""Fetches a file over HTTPS: from public addresses, within bounds of bytes and time."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from pipelines.errors import OperatorError
from pipelines.pictures.addresses import why_not_public
from pipelines.pictures.connection import connect, left, look_up

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 25_000_000
_REDIRECTS = 3
_MOVED = {301, 302, 303, 307, 308}
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Web:
    """The web as one may reach it.

    Attributes
    ----------
    seconds
        From the first look-up to the last byte, redirects included.
    most_bytes
        Of a file.
    why_not
        Why an address may not be connected to; empty where it may.
    look_up
        Finds the addresses of a host and port before a deadline.
    trust
        Makes the TLS settings; by default the machine's own trust in certificates.
    """

    seconds: float = 20.0
    most_bytes: int = MOST_BYTES
    why_not: Callable[[str], str] = why_not_public
    look_up: Callable[[str, int, float], list[str]] = look_up
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def fetch(self, url: str) -> bytes:
        """Fetch what an ``https://`` address answers, following three redirects at most.

        Every hop is looked up once, refused unless all its addresses are public, and connected to at the very
        address that was checked. Proxies of the environment are not used: they would look the name up again.

        Raises
        ------
        OperatorError
            In one line, why not.
        """
        deadline = time.monotonic() + self.seconds
        here = url
        for _ in range(_REDIRECTS + 1):
            try:
                answer = self._answer(_checked(here), deadline)
            except _RefusalError as refused:
                raise OperatorError(_line(url, here, str(refused))) from None
            if isinstance(answer, bytes):
                return answer
            here = urljoin(here, answer)
        raise OperatorError(f"{url}: more than {_REDIRECTS} redirects")

    def _answer(self, where: SplitResult, deadline: float) -> bytes | str:
        """Return the file, or where it has moved to."""
        try:
            connection = self._connection(where, deadline)
        except ssl.SSLCertVerificationError as error:
            raise _RefusalError(f"its certificate does not hold ({error.verify_message})") from None
        except TimeoutError:
            raise _RefusalError(f"no answer within {self.seconds:g} s") from None
        except OSError as error:
            raise _RefusalError(f"cannot be reached ({error.strerror or error})") from None
        try:
            connection.request("GET", _target(where), headers={"Accept": "image/*", "User-Agent": "bestiary"})
            response = connection.getresponse()
            if response.status in _MOVED:
                return _moved_to(response)
            return self._body(response, deadline)
        except TimeoutError:
            raise _RefusalError(f"not done within {self.seconds:g} s: download it yourself") from None
        except (OSError, HTTPException, ValueError) as error:
            raise _RefusalError(f"the server broke off ({str(error) or type(error).__name__})") from None
        finally:
            connection.close()

    def _connection(self, where: SplitResult, deadline: float) -> HTTPSConnection:
        host = _host(where)
        port = where.port or 443
        addresses = self.look_up(host, port, deadline)
        for address in addresses:
            kind = self.why_not(address)
            if kind:
                found = f"{host} is" if host == address else f"{host} is {address},"
                raise _RefusalError(f"{found} {kind}: only public addresses are read")
        return connect(host, port, addresses, self.trust, deadline)

    def _body(self, response: HTTPResponse, deadline: float) -> bytes:
        if response.status != 200:
            raise _RefusalError(f"the server says {response.status} {response.reason}".rstrip())
        if response.getheader("Content-Encoding", "identity") != "identity":
            raise _RefusalError("the server packs it though nobody asked it to")
        length = response.length
        if length is not None and length > self.most_bytes:
            raise _RefusalError(f"{length / 1e6:,.0f} MB: {self._at_most}")
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > self.most_bytes:
                raise _RefusalError(f"more than {self.most_bytes / 1e6:g} MB: {self._at_most}")
            left(deadline)
        if length is not None and len(body) < length:
            raise _RefusalError(f"the server broke off after {len(body):,} of {length:,} bytes")
        return bytes(body)

    @property
    def _at_most(self) -> str:
        return f"a picture may have {self.most_bytes / 1e6:g}, make it smaller"


class _RefusalError(Exception):
    """Why an address gives no file."""


def _checked(url: str) -> SplitResult:
    try:
        where = urlsplit(url)
        _ = where.port
    except ValueError:
        raise _RefusalError("it is no address") from None
    if where.scheme != "https":
        raise _RefusalError(f"{where.scheme}:// is not read, only https://")
    if where.username is not None or where.password is not None:
        raise _RefusalError("a name or password in an address is not sent")
    if not where.hostname or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise _RefusalError("it is no address")
    return where


def _host(where: SplitResult) -> str:
    host = where.hostname or ""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise _RefusalError(f"{host} is no host name") from None


def _target(where: SplitResult) -> str:
    # What a browser's address bar shows unquoted; what is quoted already stays so.
    path = quote(where.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(where.query, safe='/%:@!$&()*+,;=~-._?')}" if where.query else path


def _moved_to(response: HTTPResponse) -> str:
    location = response.getheader("Location")
    if not location:
        raise _RefusalError(f"the server says {response.status} and not where to")
    return location


def _line(asked: str, here: str, why: str) -> str:
    line = f"{asked}: {why}" if here == asked else f"{asked}: it leads to {here[:200]}: {why[:200]}"
    # Servers write parts of it: no line ends and nothing that a terminal obeys.
    return " ".join("".join(letter if letter.isprintable() else " " for letter in line).split())
