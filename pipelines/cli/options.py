"""Options that every command understands alike."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.deployment.served import Of as Model

Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="local|aws",
        help="Where it happens.",
        envvar="BESTIARY_WHERE",
        show_default="local",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on standard output.")]
Of = Annotated[
    Model,
    typer.Option("--of", help="Of which model: the classifier, or the stylizer with both its endpoints."),
]
Number = Annotated[int, typer.Argument(metavar="N", help="Number of the version.", min=1)]
