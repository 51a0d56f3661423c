"""``bestiary deploy`` and ``bestiary rollback``: which version answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError

from pipelines.account import bill
from pipelines.cli import options, staying
from pipelines.cli.cost import tell_before
from pipelines.cli.output import answer_json, answers, duration, say
from pipelines.deployment import expiry
from pipelines.deployment.deploy import Live, Wish
from pipelines.deployment.served import OF, Of
from pipelines.deployment.strategy import KINDS, Kind
from pipelines.deployment.together import carry_out_all, plan_deploys, plan_rollbacks
from pipelines.errors import OperatorError, UsageError
from pipelines.monitoring import schedule
from pipelines.place import Place, open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.cli.staying import Ends
    from pipelines.deployment.history import Deployment
    from pipelines.deployment.planning import Plan

Number = Annotated[int | None, typer.Argument(metavar="[N]", help="Number of the version.", min=1)]
Why = Annotated[str, typer.Option("--why", help="Kept in the history.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the requests as JSON; change nothing.")]


def deploy(  # noqa: PLR0913, PLR0917 - one argument an option
    number: Number = None,
    of: options.Of = "classifier",
    strategy: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(KINDS),
            help="How traffic moves to the new fleet.",
            show_default="canary; all-at-once for the stylizer",
        ),
    ] = None,
    canary: Annotated[
        int, typer.Option(metavar="PERCENT", help="The part of the traffic that goes first.")
    ] = 10,
    wait: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="Watch the alarms this long after each part.")
    ] = None,
    watched: Annotated[
        bool, typer.Option("--alarms/--no-alarms", help="Whether errors and latency take it back.")
    ] = True,
    ttl: Annotated[
        str | None,
        typer.Option(
            metavar="30m|8h|2d|never",
            help="Have the endpoint removed after so long.",
            show_default="never; of one that is there, as before",
        ),
    ] = None,
    why: Why = "",
    dry_run: DryRun = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Put a version behind its endpoint: the newest approved one unless told."""
    kind = _kind(strategy) if strategy else None
    end = expiry.until(ttl) if ttl else None
    place = open_place(Settings.read(where), say)
    plans = plan_deploys(place, of, Wish(number, kind, canary, wait, watched), say)
    if dry_run:
        _do(place, of, plans, why, dry_run=True, as_json=as_json)
        return
    moved = [plan.served for plan in plans if ttl or not isinstance(plan, Live)]
    with staying.for_a_while(place, moved, end, asked=bool(ttl)) as ends:
        _do(place, of, plans, why, dry_run=False, as_json=as_json, ends=ends)


def rollback(  # noqa: PLR0913, PLR0917 - one argument an option
    number: Number = None,
    of: options.Of = "classifier",
    why: Why = "",
    dry_run: DryRun = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Go back to a version at once: to the one before the live one unless told."""
    place = open_place(Settings.read(where), say)
    plans = plan_rollbacks(place, of, number, why, say)
    _do(place, of, plans, why, dry_run=dry_run, as_json=as_json)


def _do(  # noqa: PLR0913 - what was decided, and how to tell of it
    place: Place,
    of: Of,
    decided: list[Plan | Live],
    why: str,
    *,
    dry_run: bool,
    as_json: bool,
    ends: Ends | None = None,
) -> None:
    plans = [one for one in decided if not isinstance(one, Live)]
    if dry_run:
        answer_json([asdict(call) for plan in plans for call in plan.calls])
        return
    if not plans:
        _tell_live(of, decided[0].version.version, as_json=as_json)
        return
    for plan in plans:
        end = (ends or {}).get(plan.served)
        if expected := bill.of_calls(plan.served.endpoint, plan.calls, end):
            what = f"endpoint {plan.served.endpoint}"
            if end:
                tell_before(what, expected, f"in AWS until it is removed {expiry.left(end)}")
            else:
                tell_before(what, expected)
    ended = _carried_out(place, plans, why)
    if of == "classifier":
        _watch(place)
    failed = next((one for one in ended if one.status != "succeeded"), None)
    if as_json:
        answer_json(_answer(of, failed or ended[-1], ended))
    else:
        for one in ended:
            _tell(one)
    if failed:
        raise typer.Exit(1)


def _watch(place: Place) -> None:
    """Let the monitor's schedule compare with the baseline of whatever is live now."""
    try:
        schedule.follow(place)
    except (OperatorError, ClientError) as error:
        say(f"the monitor does not watch what is live now: {error}")


def _carried_out(place: Place, plans: list[Plan], why: str) -> list[Deployment]:
    try:
        return carry_out_all(place, plans, why, say)
    except KeyboardInterrupt:
        say(
            f"stopped following; SageMaker goes on by itself towards version {plans[-1].version.version}: "
            "bestiary history says how it ended, bestiary rollback goes back"
        )
        raise typer.Exit(130) from None


def _kind(strategy: str) -> Kind:
    for kind in KINDS:
        if strategy == kind:
            return kind
    raise UsageError(f"--strategy {strategy}: it is one of {', '.join(KINDS)}")


def _tell_live(of: Of, version: int, *, as_json: bool) -> None:
    if as_json:
        document = {"endpoint": OF[of][-1].endpoint, "version": version, "strategy": "", "seconds": 0.0}
        answer_json({**document, "rolled_back": False, "status": "already live", "reason": ""})
    else:
        answers.print(f"version {version} is live already; nothing was done")


def _answer(of: Of, told: Deployment, ended: list[Deployment]) -> dict[str, Any]:
    """Tell of one endpoint, and where a model has several also of each."""
    each = {} if len(OF[of]) == 1 else {"endpoints": [_document(one) for one in ended]}
    return _document(told) | each


def _document(ended: Deployment) -> dict[str, Any]:
    return {
        "endpoint": ended.endpoint,
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


def _tell(ended: Deployment) -> None:
    version = f"version {ended.version}"
    if ended.status == "succeeded" and ended.action == "rollback":
        serves = f"{version} serves again on {ended.endpoint}"
        answers.print(f"{serves}, {ended.seconds:.1f} s after it was asked for")
    elif ended.status == "succeeded":
        answers.print(f"{version} is live on {ended.endpoint} after {duration(ended.seconds)}")
    else:
        serves = f"version {ended.from_version} still serves" if ended.from_version else "nothing serves"
        done = {"rolled back": "was rolled back", "refused": "was refused"}.get(ended.status, "failed")
        on = f"{ended.action} of {version} on {ended.endpoint}"
        say(f"bestiary: {on} {done} and {serves}: {ended.reason}")
