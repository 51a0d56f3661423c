"""``bestiary front``: the public routes, on this machine."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
import waitress

from pipelines.cli import options
from pipelines.cli.output import say
from pipelines.front.app import THREADS, Front
from pipelines.front.limits import Limits
from pipelines.front.routes import A_DAY, A_SECOND, AT_ONCE, MOST_BYTES, ROUTES
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
    where: options.Where = None,
) -> None:
    """Answer POST /classify and POST /stylize over HTTP until it is interrupted."""
    place = open_place(Settings.read(where), say)
    chosen = key or secrets.token_urlsafe(18)
    say(f"http://127.0.0.1:{port} answers {', '.join(ROUTES)} and /openapi.json; x-api-key: {chosen}")
    waitress.serve(
        Front(place, chosen, Limits(A_SECOND, AT_ONCE, A_DAY)),
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        max_request_body_size=MOST_BYTES + 1024,
        ident="bestiary",
        _quiet=True,
    )
