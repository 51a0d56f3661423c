"""Who moved the endpoint, when, why and how it ended: append-only in S3, one object an event.

An intent is written before anything moves and the outcome after; an intent without an outcome is a
command that was killed. No object is ever written twice (``If-None-Match: *``), and nothing here deletes any.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pipelines import s3
from pipelines.names import CLASSIFIER

if TYPE_CHECKING:
    from pipelines.deployment.served import Served
    from pipelines.place import Place

PREFIX = "bestiary/deployments/"
"""In the bucket; a folder for each endpoint."""
Action = Literal["deploy", "rollback", "down"]
Status = Literal["", "succeeded", "rolled back", "refused", "failed", "interrupted"]


@dataclass(frozen=True)
class Who:
    """Who gave a command.

    Attributes
    ----------
    arn
        What AWS knows the caller as.
    user, host, pid
        What the caller's machine calls user, itself, and the command's process.
    """

    arn: str
    user: str
    host: str
    pid: int

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


@dataclass(frozen=True)
class Deployment:
    """One deploy, rollback or removal.

    Attributes
    ----------
    id
        Its events' common name.
    action
        What was asked for.
    version, from_version
        Which version was to go live and which was before; ``None`` for none.
    strategy
        How traffic was to move, such as ``canary 10 %``.
    config
        Name of the EndpointConfig.
    alarms
        Names of those that take it back.
    why
        In the operator's words.
    who
        Who asked.
    started, ended
        When; ``ended`` is ``None`` until the outcome is written.
    status, reason
        How it ended, and why so; empty until then.
    seconds
        From the first request to the endpoint's rest.
    served
        Whether its version was live at its end.
    endpoint
        Which one was moved.
    """

    id: str
    action: Action
    version: int | None
    from_version: int | None
    strategy: str
    config: str
    alarms: tuple[str, ...]
    why: str
    who: Who
    started: datetime
    ended: datetime | None = None
    status: Status = ""
    reason: str = ""
    seconds: float = 0.0
    served: bool = False
    endpoint: str = CLASSIFIER


def begin(place: Place, intent: Deployment) -> Deployment:
    """Write an intent down, before anything moves."""
    _write(place, intent, "started", intent.started)
    return intent


def end(place: Place, intent: Deployment, status: Status, reason: str, **outcome: Any) -> Deployment:  # noqa: ANN401 - the other attributes
    """Write down how it ended."""
    ended = replace(intent, ended=datetime.now(UTC), status=status, reason=reason, **outcome)
    _write(place, ended, "ended", ended.ended or intent.started)
    return ended


def intent(  # noqa: PLR0913 - what is written down
    place: Place,
    served: Served,
    action: Action,
    *,
    version: int | None,
    from_version: int | None,
    strategy: str,
    config: str,
    alarms: tuple[str, ...] = (),
    why: str,
) -> Deployment:
    """Make the record of what is about to happen, with who asks for it."""
    arn = place.client("sts").get_caller_identity()["Arn"]
    who = Who(arn, _user(), platform.node(), os.getpid())
    made = uuid.uuid4().hex[:12]
    now = datetime.now(UTC)
    return Deployment(
        made, action, version, from_version, strategy, config, alarms, why, who, now,
        endpoint=served.endpoint,
    )  # fmt: skip


def read(place: Place, served: Served) -> list[Deployment]:
    """Read all of an endpoint's, oldest first; what has no outcome yet comes with an empty status."""
    bucket = place.surroundings.bucket
    pages = place.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{PREFIX}{served.endpoint}/"
    )
    keys = sorted(item["Key"] for page in pages for item in page.get("Contents", []))
    known: dict[str, Deployment] = {}
    with ThreadPoolExecutor(8) as pool:
        bodies = pool.map(lambda key: s3.read(place, f"s3://{bucket}/{key}"), keys)
        for found in filter(None, map(_read, bodies)):
            if found.ended or found.id not in known:
                known[found.id] = found
    return sorted(known.values(), key=lambda deployment: deployment.started)


def document(deployment: Deployment) -> dict[str, Any]:
    """One record as JSON takes it."""
    written = asdict(deployment)
    written["started"] = deployment.started.isoformat()
    written["ended"] = deployment.ended.isoformat() if deployment.ended else None
    return written


def _write(place: Place, deployment: Deployment, event: str, moment: datetime) -> None:
    key = f"{PREFIX}{deployment.endpoint}/{moment:%Y%m%dT%H%M%S.%fZ}-{deployment.id}.json"
    body = json.dumps({"event": event, **document(deployment)}, ensure_ascii=False, indent=1).encode()
    place.s3.put_object(
        Bucket=place.surroundings.bucket,
        Key=key,
        Body=body,
        ContentType="application/json",
        IfNoneMatch="*",
    )


def _read(body: bytes) -> Deployment | None:
    try:
        event = json.loads(body)
        fields = {name: value for name, value in event.items() if name != "event"}
        fields |= {"who": Who(**fields["who"]), "alarms": tuple(fields["alarms"])}
        for name in ("started", "ended"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
        return Deployment(**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Whatever somebody put beside the history must not keep anyone from rolling back.
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user often has a number and no name.
        return str(os.getuid())
