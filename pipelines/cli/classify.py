"""``bestiary classify``: which animals are in these photos."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.account import prices
from pipelines.classification import archive
from pipelines.classification.answers import Answer, AnswersFile, row
from pipelines.classification.asking import ask
from pipelines.classification.photos import Photo, find
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, errors, say, table
from pipelines.deployment import standing
from pipelines.deployment.defaults import Defaults
from pipelines.deployment.deploy import approved
from pipelines.deployment.served import CLASSIFIER
from pipelines.errors import OperatorError, UsageError
from pipelines.place import Place, open_place
from pipelines.registry import Version
from pipelines.settings import Settings

FEW = 20
"""So many photos are listed one by one; more are summed up by species."""
UNSURE = 0.5


def classify(  # noqa: PLR0913, PLR0917 - one argument an option
    what: Annotated[str, typer.Argument(metavar="FILE|DIR|s3://…", help="The photos.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl|csv", help="Write answers as they come; go on where it stopped."),
    ] = None,
    batch: Annotated[
        bool, typer.Option("--batch", help="Of an archive in S3: a job on machines of its own, no endpoint.")
    ] = False,
    machines: Annotated[int, typer.Option(help="Machines of that job.", min=1)] = 1,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask the endpoint, or a version itself, which animal is in each photo."""
    if batch and not what.startswith("s3://"):
        raise UsageError(f"{what}: --batch is for photos that are in S3, s3://…")
    place = open_place(Settings.read(where), say)
    chosen = approved(place, CLASSIFIER, None) if batch else None
    version = str(chosen.version) if chosen else _serving(place)
    photos = find(place, what)
    with AnswersFile(out) if out else nullcontext() as kept:
        earlier = kept.earlier if kept else {}
        known = {
            photo.file: earlier[photo.file]
            for photo in photos
            if photo.file in earlier and earlier[photo.file].about(photo, version)
        }
        if known:
            say(f"{len(known)} of {len(photos)} photos are in {out} already")
        new = [photo for photo in photos if photo.file not in known]
        try:
            asked = _archive(place, new, chosen, machines) if chosen else ask(place, new, version)
            for answer in _shown(asked, len(new)):
                known[answer.file] = answer
                if kept and answer.settled:
                    kept.write(answer)
        except KeyboardInterrupt:
            goes_on = (
                f"the same command goes on, {out} is kept" if out else "with --out FILE.jsonl it could go on"
            )
            say(f"stopped after {len(known)} of {len(photos)} photos: {goes_on}")
            raise typer.Exit(130) from None
    _tell([known[photo.file] for photo in photos], as_json=as_json)


def _archive(place: Place, photos: list[Photo], version: Version, count: int) -> Iterator[Answer]:
    if not photos:
        return iter(())
    machine = Defaults.read(place.parameters).instance_type
    hourly = prices.read().hours(machine, count)
    costs = f"{hourly:.2f} USD an hour" if hourly is not None else "at a price that is not known"
    say(f"a job on {count} x {machine}, {costs} in AWS, asks version {version.version}")
    return archive.ask(place, photos, version, machines=(machine, count))


def _serving(place: Place) -> str:
    now = standing.read(place)
    if now.endpoint is None or now.endpoint.status in ("Failed", "Deleting"):
        raise OperatorError("no version is deployed, so nothing can answer: bestiary deploy")
    if now.endpoint.status == "Creating":
        raise OperatorError("the endpoint is being created: try again when bestiary history says it serves")
    return str(now.live or "")


def _shown(found: Iterable[Answer], total: int) -> Iterator[Answer]:
    columns = (TextColumn("classifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total)
        for number, answer in enumerate(found, 1):
            bar.advance(task)
            if answer.error:
                say(f"{answer.file}: {answer.error}")
            if not errors.is_terminal and total > FEW and number % max(1, total // 10) == 0:
                say(f"classified {number} of {total}")
            yield answer


def _tell(found: list[Answer], *, as_json: bool) -> None:
    named = [answer for answer in found if not answer.error]
    if as_json:
        answer_json([row(answer) for answer in found])
    elif named:
        answers.print(_one_by_one(named) if len(found) <= FEW else _by_species(named))
    missed = [answer for answer in found if answer.error]
    if missed:
        say(f"{len(missed)} of {len(found)} photos could not be classified")
    if not named or any(not answer.settled for answer in missed):
        raise typer.Exit(1)


def _one_by_one(named: list[Answer]) -> object:
    columns = {"photo": "left", "species": "left", "": "left", "confidence": "right", "version": "right"}
    rows = [
        [
            answer.file,
            answer.common_name,
            answer.scientific_name,
            f"{answer.confidence:.2f}",
            answer.model_version,
        ]
        for answer in named
    ]
    return table(columns, rows)


def _by_species(named: list[Answer]) -> object:
    groups: dict[str, list[Answer]] = {}
    for answer in named:
        groups.setdefault(str(answer.species), []).append(answer)
    rows = []
    for group in sorted(groups.values(), key=lambda group: -len(group)):
        confidences = [answer.confidence or 0.0 for answer in group]
        mean = f"{sum(confidences) / len(group):.2f}"
        unsure = sum(confidence < UNSURE for confidence in confidences) or None
        rows.append([group[0].common_name, group[0].scientific_name, len(group), mean, unsure])
    columns = {"species": "left", "": "left", "photos": "right", "mean confidence": "right"}
    return table({**columns, f"under {UNSURE}, to look at": "right"}, rows)
