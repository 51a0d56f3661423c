"""Whether an account is ready for Bestiary: what ``doctor`` looks at that is not on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.account import quotas, stacks, templates
from pipelines.check import Check
from pipelines.errors import OperatorError
from pipelines.monitoring import schedule as monitoring
from pipelines.place import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipelines.place import Place

_REFUSED_SECONDS, _LATE_SECONDS = 300, 60
"""AWS refuses requests that are signed five minutes off."""
_ROLES = {
    "role-arn": {"sagemaker.amazonaws.com"},
    "hosting-role-arn": {"sagemaker.amazonaws.com"},
    "pipeline-role-arn": {"sagemaker.amazonaws.com"},
    "scheduler-role-arn": {"scheduler.amazonaws.com", "events.amazonaws.com"},
}
"""Parameters that name a role, and the services that must be able to take it."""


def examine(place: Place) -> list[Check]:
    """Look at the account; without credentials there is nothing more to see."""
    try:
        who = place.client("sts").get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        fix = "aws configure, or set AWS_PROFILE"
        return [Check("AWS credentials", ok=False, needed=True, detail=reason(error), fix=fix)]
    credentials = Check("AWS credentials", ok=True, needed=True, detail=who["Arn"])
    looks: tuple[tuple[str, Callable[[Place], list[Check]]], ...] = (
        ("stacks", _stacks),
        ("settings", _settings),
        ("roles", _roles),
        ("images", _images),
        ("quotas", quotas.examine),
        ("Model Monitor", _monitor),
    )
    checks = [credentials, _clock(who), _region(place)]
    for name, look in looks:
        try:
            checks += look(place)
        except (ClientError, BotoCoreError, OperatorError) as error:
            told = reason(error) if isinstance(error, ClientError | BotoCoreError) else str(error)
            fix = "ask for the permission, or an administrator to look"
            checks.append(Check(name, ok=False, needed=False, detail=told, fix=fix))
    return checks


def _clock(answer: Mapping[str, object]) -> Check:
    headers = dict(answer["ResponseMetadata"]["HTTPHeaders"])  # type: ignore[index] # boto3's answers
    if "date" not in headers:
        return Check("clock", ok=True, needed=False, detail="AWS did not say the time")
    apart = abs((datetime.now(UTC) - parsedate_to_datetime(headers["date"])).total_seconds())
    ok = apart < _LATE_SECONDS
    fix = "" if ok else "set this machine's clock: AWS refuses what is signed five minutes off"
    return Check("clock", ok, apart >= _REFUSED_SECONDS, f"{apart:.0f} s from AWS's", fix)


def _region(place: Place) -> Check:
    region = place.settings.region
    ok = region in place.session.get_available_regions("sagemaker")
    fix = "" if ok else "set AWS_DEFAULT_REGION to one with SageMaker, e.g. us-east-1"
    return Check("region", ok, needed=True, detail=region, fix=fix)


def _stacks(place: Place) -> list[Check]:
    states = {name: stacks.status(place, templates.PREFIX + name) for name in templates.STACKS}
    amiss = {
        name: state for name, state in states.items() if state not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    }
    if not amiss:
        return [Check("stacks", ok=True, needed=True, detail=", ".join(states))]
    detail = ", ".join(f"{name}: {state or 'not there'}" for name, state in amiss.items())
    return [Check("stacks", ok=False, needed=True, detail=detail, fix="bestiary up --where aws")]


def _settings(place: Place) -> list[Check]:
    try:
        around = place.surroundings
    except OperatorError as error:
        fix = "bestiary up --where aws, then make images push"
        return [Check("settings", ok=False, needed=True, detail=str(error), fix=fix)]
    return [Check("settings", ok=True, needed=True, detail=f"bucket {around.bucket}")]


def _roles(place: Place) -> list[Check]:
    iam, amiss = place.client("iam"), []
    for name, services in _ROLES.items():
        arn = place.parameters.get(name)
        if arn is None:
            amiss.append(f"{name} is not set")
            continue
        try:
            trust = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
        except iam.exceptions.NoSuchEntityException:
            amiss.append(f"{arn} is not there")
            continue
        amiss += [f"{service} may not take {arn}" for service in sorted(services - _trusted(trust))]
    if amiss:
        return [Check("roles", ok=False, needed=True, detail="; ".join(amiss), fix="bestiary up --where aws")]
    return [Check("roles", ok=True, needed=True, detail=f"{len(_ROLES)}, each for its services")]


def _trusted(policy: Mapping[str, list[Mapping[str, object]]]) -> set[str]:
    found: set[str] = set()
    for statement in policy["Statement"]:
        principal = statement.get("Principal")
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow":
            found |= {named} if isinstance(named, str) else set(named)
    return found


def _images(place: Place) -> list[Check]:
    return [_image(place, name) for name in ("jobs", "serving")]


def _image(place: Place, name: str) -> Check:
    what, fix, ecr = f"image {name}", "make images push", place.client("ecr")
    uri = place.parameters.get(f"images/{name}", "")
    repository, _, digest = uri.partition("/")[2].partition("@")
    if not digest:
        return Check(what, ok=False, needed=True, detail="not pushed yet", fix=fix)
    try:
        told = ecr.describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
    except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
        return Check(what, ok=False, needed=True, detail=f"{uri} is not in ECR", fix=fix)
    size = told["imageDetails"][0].get("imageSizeInBytes", 0) / 1e9
    return Check(what, ok=True, needed=True, detail=f"{repository}@{digest[:19]}…, {size:.2f} GB")


def _monitor(place: Place) -> list[Check]:
    if monitoring.by_model_monitor(place):
        place.sagemaker.list_monitoring_schedules(MaxResults=1)
        detail = "asked for by /bestiary/monitor/by; closed to accounts that did not use it before 2026-07-30"
    else:
        detail = "not used: a scheduled pipeline monitors"
    return [Check("Model Monitor", ok=True, needed=False, detail=detail)]
