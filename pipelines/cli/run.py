"""``bestiary run``: from photos to a registered version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines import executions, training
from pipelines.cli import options
from pipelines.cli.outcome import document, tell
from pipelines.cli.output import answer_json, say
from pipelines.cli.progress import watch
from pipelines.data import photos_uri
from pipelines.names import PIPELINE
from pipelines.parameters import PARAMETERS, parse_settings
from pipelines.place import Place, open_place
from pipelines.results import result
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.executions import Execution

PARAMETERS_TOLD = "Parameters for --set:\n\n" + "\n\n".join(
    f"{item.name}{'' if item.default is None else f' ({item.default})'}: {item.meaning}"
    for item in PARAMETERS
)


def run(  # noqa: PLR0913, PLR0917 - one argument an option
    data: Annotated[
        str, typer.Option(metavar="DIR|s3://…|sample|kaggle", help="Photos, one folder a species.")
    ] = "sample",
    backbone: Annotated[
        str, typer.Option(metavar="efficientnetb3|FILE.keras", help="What the transfer models start from.")
    ] = training.DEFAULT_BACKBONE,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a pipeline parameter.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it to its end.")] = True,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Train on photos, compare the models and register the best one as a version."""
    values = parse_settings(settings or [])
    own_backbone = training.backbone_file(backbone)
    place = open_place(Settings.read(where), say)
    arn = training.start(place, photos_uri(place, data, say), own_backbone, values)
    say(f"execution {arn.rpartition('/')[2]} of {PIPELINE} started")
    execution = _followed(place, arn) if wait else executions.describe(place, arn)
    found = result(place, execution)
    if as_json:
        answer_json(document(execution, found))
    elif wait:
        tell(execution, found)
    if execution.status not in ("Succeeded", *executions.RUNNING):
        raise typer.Exit(1)


def _followed(place: Place, arn: str) -> Execution:
    try:
        return watch(executions.follow(place, arn))
    except KeyboardInterrupt:
        say("stopping the execution; what has finished is kept and will be reused")
        executions.stop(place, arn)
        raise typer.Exit(130) from None
