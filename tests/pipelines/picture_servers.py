"""HTTPS servers on this machine, with a certificate authority of their own, that misbehave as told."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines.pictures import Web
from pipelines.pictures.addresses import why_not_public

HOST = "photos.example"
Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Authority:
    """Signs a server's certificate, and is trusted by those who are told to.

    Attributes
    ----------
    certificate
        PEM file of the authority.
    chain
        PEM file of the server's key and certificate.
    """

    certificate: Path
    chain: Path

    @classmethod
    def make(cls, folder: Path, address: str = "127.0.0.1") -> Authority:
        """Make one, and a certificate for `HOST` and an address."""
        key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer = _named("Bestiary's tests")
        authority = _built(issuer, issuer, key.public_key())
        authority = authority.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        names = x509.SubjectAlternativeName(
            [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address(address))]
        )
        server = _built(_named(HOST), issuer, server_key.public_key()).add_extension(names, critical=False)
        signed = [_pem(made.sign(key, hashes.SHA256())) for made in (authority, server)]
        secret = server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        paths = cls(folder / "authority.pem", folder / "server.pem")
        paths.certificate.write_bytes(signed[0])
        paths.chain.write_bytes(secret + signed[1])
        return paths


@dataclass
class Server:
    """What it was asked, and where it is.

    Attributes
    ----------
    port
        On 127.0.0.1.
    authority
        That signed its certificate.
    asked
        Host header and path of each request.
    names
        What each connection asked for in SNI.
    """

    port: int
    authority: Authority
    asked: list[tuple[str, str]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"

    def web(self, seconds: float = 20.0, most_bytes: int = 25_000_000) -> Web:
        """The web in which `HOST` is here and 127.0.0.1 is a public address; all else is as it is."""
        return Web(
            seconds,
            most_bytes,
            why_not=lambda address: "" if address == "127.0.0.1" else why_not_public(address),
            look_up=lambda host, _port, _deadline: ["127.0.0.1"] if host == HOST else [host],
            trust=lambda: ssl.create_default_context(cafile=str(self.authority.certificate)),
        )


@contextmanager
def serving(
    authority: Authority, pages: dict[str, Answering], at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Server]:
    """Serve pages over HTTPS until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.headers["Host"], self.path))
            try:
                pages[self.path](self)
            except OSError:
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments: object) -> None:
            pass  # clients that refuse a certificate hang up on it

    listening = Quiet(at, Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.chain)
    server = Server(listening.server_port, authority)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()


def sends(body: bytes, **headers: str) -> Answering:
    """Answer with a body; underscores in header names become dashes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def forever(piece: bytes, pause: float, head: bytes = b"") -> Answering:
    """Send a piece again and again until the other side hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        for _ in count():
            handler.wfile.write(piece)
            time.sleep(pause)

    return answer


def moves(to: str, status: int = 302) -> Answering:
    """Answer that it is elsewhere."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", to)
        handler.end_headers()

    return answer


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _built(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), now - day, now + day)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
