"""``bestiary versions``, ``approve`` and ``reject``: the model registry."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from pipelines import registry
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.deployment.served import OF, Of
from pipelines.errors import OperatorError
from pipelines.place import open_place
from pipelines.registry import Version
from pipelines.scheduling import retraining
from pipelines.settings import Settings

Why = Annotated[str, typer.Option("--why", help="Kept with the decision.")]


def versions(
    of: options.Of = "classifier", where: options.Where = None, as_json: options.AsJson = False
) -> None:
    """List the versions of the classifier or of the stylizer, newest first."""
    known = registry.versions(open_place(Settings.read(where), say), _group(of))
    if as_json:
        answer_json([_document(version) for version in known])
        return
    if not known:
        say(f"no version yet: bestiary {'run' if of == 'classifier' else 'register-stylizer'} registers one")
        return
    figures = {"accuracy": "right", "macro F1": "right"} if of == "classifier" else {"methods": "left"}
    columns = {"version": "right", "approval": "left", "": "left", "model": "left"}
    ends = {"created": "left", "sha256": "left", "commit": "left"}
    answers.print(table({**columns, **figures, **ends}, [_row(version) for version in known]))


def approve(
    number: options.Number,
    of: options.Of = "classifier",
    why: Why = "",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Approve a version, after checking that its artifact is the one registered."""
    place = open_place(Settings.read(where), say)
    version = registry.decide(place, number, "Approved", why, _group(of))
    try:
        if of == "classifier":
            retraining.follow(place)
    except (OperatorError, ClientError) as error:
        say(f"retraining by itself still compares with the version before: {error}")
    _tell(version, as_json=as_json)


def reject(
    number: options.Number,
    of: options.Of = "classifier",
    why: Why = "",
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Reject a version."""
    place = open_place(Settings.read(where), say)
    _tell(registry.decide(place, number, "Rejected", why, _group(of)), as_json=as_json)


def _group(of: Of) -> str:
    return OF[of][0].group


def _row(version: Version) -> list[Any]:
    figures = [", ".join(version.methods)] if version.methods else [
        f"{version.accuracy:.3f}",
        f"{version.macro_f1:.3f}",
    ]  # fmt: skip
    return [
        version.version,
        version.approval,
        "live" if version.live else "",
        version.model,
        *figures,
        f"{version.created.astimezone():%Y-%m-%d %H:%M}",
        version.sha256[:12],
        version.commit[:12],
    ]


def _tell(version: Version, *, as_json: bool) -> None:
    if as_json:
        answer_json(_document(version))
    else:
        answers.print(f"version {version.version} is {version.approval}")


def _document(version: Version) -> dict[str, object]:
    return {
        "version": version.version,
        "approval": version.approval,
        "live": version.live,
        "model": version.model,
        "methods": version.methods,
        "accuracy": _number(version.accuracy),
        "macro_f1": _number(version.macro_f1),
        "created": version.created.isoformat(),
        "artifact": version.artifact,
        "artifact_version_id": version.version_id,
        "sha256": version.sha256,
        "commit": version.commit,
        "parent": version.parent,
        "arn": version.arn,
    }


def _number(value: float) -> float | None:
    """Return what JSON has a word for."""
    return None if math.isnan(value) else value
