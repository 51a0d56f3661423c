"""``bestiary register-stylizer``: what paints, as a version in the registry."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.cli import options
from pipelines.cli import style_options as flags
from pipelines.cli.output import answer_json, answers, say
from pipelines.errors import UsageError
from pipelines.place import open_place
from pipelines.registration.making import Wanted, make
from pipelines.registration.stylizer import register
from pipelines.settings import Settings
from pipelines.style.inputs import plainly
from pipelines.style.measure import Measure


def register_stylizer(  # noqa: PLR0913, PLR0917 - each is a flag
    model: flags.Model = None,
    fast: Annotated[bool, typer.Option(help="Whether it paints in one pass.")] = True,
    gatys: Annotated[bool, typer.Option(help="Whether it optimises pictures.")] = True,
    features: flags.FeaturesFile = None,
    content_layers: flags.ContentLayers = "",
    style_layers: flags.StyleLayers = "",
    pooling: flags.Pooling = "max",
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="In which numbers the feature network computes.")
    ] = "float32",
    steps: Annotated[int, typer.Option(help="gatys: how many, where a request does not say.", min=1)] = 200,
    content_weight: flags.ContentWeight = flags.CONTENT_WEIGHT,
    style_weight: flags.StyleWeight = flags.STYLE_WEIGHT,
    tv_weight: flags.TvWeight = flags.TV_WEIGHT,
    name: Annotated[str, typer.Option(help="What people call it.")] = "stylizer",
    why: Annotated[str, typer.Option("--why", help="Kept with the version.")] = "",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Register what paints as a version, to be approved and deployed with `--of stylizer`."""
    if not fast and not gatys:
        raise UsageError("--no-fast --no-gatys: a stylizer paints one way at least")
    place = cache(lambda: open_place(Settings.read(where), say))
    measure = Measure(features, content_layers, style_layers, pooling, precision, seed=0)
    with tempfile.TemporaryDirectory(prefix="bestiary-stylizer-") as folder, plainly():
        from bestiary.style.artifact import Defaults

        defaults = Defaults(steps, content_weight, style_weight, tv_weight)
        made = make(Wanted(name, model, fast, gatys, measure, defaults), Path(folder), place)
        version, new = register(place(), made, why)
    if as_json:
        answer_json(
            {
                "version": version.version,
                "new": new,
                "approval": version.approval,
                "methods": version.methods,
                "artifact": version.artifact,
                "artifact_version_id": version.version_id,
                "sha256": version.sha256,
                "arn": version.arn,
            }
        )
    elif new:
        told = f"version {version.version} of the stylizer paints by {' and '.join(version.methods)}"
        answers.print(f"{told}: bestiary approve {version.version} --of stylizer")
    else:
        answers.print(f"version {version.version} is this very stylizer already; nothing was done")
