"""``bestiary deploy`` and ``bestiary rollback``: which version answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import ClientError

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, duration, say
from pipelines.deployment import deploy as deploying
from pipelines.deployment.deploy import Live, Wish
from pipelines.deployment.rollout import carry_out
from pipelines.deployment.strategy import KINDS, Kind
from pipelines.errors import OperatorError, UsageError
from pipelines.monitoring import schedule
from pipelines.names import CLASSIFIER
from pipelines.place import Place, open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.deployment.history import Deployment
    from pipelines.deployment.planning import Plan

Number = Annotated[int | None, typer.Argument(metavar="[N]", help="Number of the version.", min=1)]
Why = Annotated[str, typer.Option("--why", help="Kept in the history.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the requests as JSON; change nothing.")]


def deploy(  # noqa: PLR0913, PLR0917 - one argument an option
    number: Number = None,
    strategy: Annotated[
        str, typer.Option(metavar="|".join(KINDS), help="How traffic moves to the new fleet.")
    ] = "canary",
    canary: Annotated[
        int, typer.Option(metavar="PERCENT", help="The part of the traffic that goes first.")
    ] = 10,
    wait: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="Watch the alarms this long after each part.")
    ] = None,
    watched: Annotated[
        bool, typer.Option("--alarms/--no-alarms", help="Whether errors and latency take it back.")
    ] = True,
    why: Why = "",
    dry_run: DryRun = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Put a version behind the endpoint: the newest approved one unless told."""
    kind = _kind(strategy)
    place = open_place(Settings.read(where), say)
    plan = deploying.decide_deploy(place, Wish(number, kind, canary, wait, watched))
    _do(place, plan, why, dry_run=dry_run, as_json=as_json)


def rollback(
    number: Number = None,
    why: Why = "",
    dry_run: DryRun = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Go back to a version at once: to the one before the live one unless told."""
    place = open_place(Settings.read(where), say)
    plan = deploying.decide_rollback(place, number, why)
    _do(place, plan, why, dry_run=dry_run, as_json=as_json)


def _do(place: Place, plan: Plan | Live, why: str, *, dry_run: bool, as_json: bool) -> None:
    if dry_run:
        answer_json([] if isinstance(plan, Live) else [asdict(call) for call in plan.calls])
    elif isinstance(plan, Live):
        _tell_live(plan, as_json=as_json)
    else:
        ended = _carried_out(place, plan, why)
        _watch(place)
        if as_json:
            answer_json(_document(ended))
        else:
            _tell(plan, ended)
        if ended.status != "succeeded":
            raise typer.Exit(1)


def _watch(place: Place) -> None:
    """Let the monitor's schedule compare with the baseline of whatever is live now."""
    try:
        schedule.follow(place)
    except (OperatorError, ClientError) as error:
        say(f"the monitor does not watch what is live now: {error}")


def _carried_out(place: Place, plan: Plan, why: str) -> Deployment:
    try:
        return carry_out(place, plan, why, say)
    except KeyboardInterrupt:
        say(
            f"stopped following; SageMaker goes on by itself towards version {plan.version.version}: "
            "bestiary history says how it ended, bestiary rollback goes back"
        )
        raise typer.Exit(130) from None


def _kind(strategy: str) -> Kind:
    for kind in KINDS:
        if strategy == kind:
            return kind
    raise UsageError(f"--strategy {strategy}: it is one of {', '.join(KINDS)}")


def _tell_live(live: Live, *, as_json: bool) -> None:
    version = live.version.version
    if as_json:
        document = {"endpoint": CLASSIFIER, "version": version, "strategy": "", "seconds": 0.0}
        answer_json({**document, "rolled_back": False, "status": "already live", "reason": ""})
    else:
        answers.print(f"version {version} is live already; nothing was done")


def _document(ended: Deployment) -> dict[str, object]:
    return {
        "endpoint": CLASSIFIER,
        "version": ended.version,
        "strategy": ended.strategy,
        "seconds": ended.seconds,
        "rolled_back": ended.status == "rolled back",
        "status": ended.status,
        "reason": ended.reason,
        "from_version": ended.from_version,
        "live_version": ended.version if ended.served else ended.from_version,
        "config": ended.config,
        "id": ended.id,
    }


def _tell(plan: Plan, ended: Deployment) -> None:
    version = f"version {ended.version}"
    if ended.status == "succeeded" and plan.action == "rollback":
        answers.print(f"{version} serves again, {ended.seconds:.1f} s after it was asked for")
    elif ended.status == "succeeded":
        answers.print(f"{version} is live on {CLASSIFIER} after {duration(ended.seconds)}")
    else:
        serves = f"version {ended.from_version} still serves" if ended.from_version else "nothing serves"
        done = {"rolled back": "was rolled back", "refused": "was refused"}.get(ended.status, "failed")
        say(f"bestiary: {plan.action} of {version} {done} and {serves}: {ended.reason}")
