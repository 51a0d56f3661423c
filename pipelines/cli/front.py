"""``bestiary front``: the public routes, on this machine."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
import waitress

from pipelines.cli import options
from pipelines.cli.output import say
from pipelines.front.gateway import THREADS, Gateway
from pipelines.front.handler import Front
from pipelines.front.limits import Limits
from pipelines.front.routes import A_DAY, A_SECOND, AT_ONCE, JOBS_A_SECOND, JOBS_AT_ONCE, MOST_BYTES, ROUTES
from pipelines.place import open_place
from pipelines.settings import Settings


def front(
    port: Annotated[int, typer.Option(help="On 127.0.0.1.")] = 8077,
    key: Annotated[
        str,
        typer.Option(
            help="What callers send as x-api-key.", envvar="BESTIARY_FRONT_KEY", show_default="a new one"
        ),
    ] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Whose web pages may ask, or *; may be repeated."),
    ] = None,
    where: options.Where = None,
) -> None:
    """Answer the public routes (classify, stylize, posters, jobs) over HTTP until it is interrupted."""
    place = open_place(Settings.read(where), say)
    chosen = key or secrets.token_urlsafe(18)
    told = "x-api-key as given" if key else f"x-api-key: {chosen}"
    say(f"http://127.0.0.1:{port} answers {', '.join(dict.fromkeys(path for _, path in ROUTES))}; {told}")
    gateway = Gateway(
        Front(place, origin or ()),
        chosen,
        Limits(A_SECOND, AT_ONCE, A_DAY),
        Limits(JOBS_A_SECOND, JOBS_AT_ONCE, A_DAY),
    )
    waitress.serve(
        gateway,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        # More than it takes: what is too large is refused in JSON.
        max_request_body_size=16 * MOST_BYTES,
        ident="bestiary",
        _quiet=True,
    )
