"""Which earlier result can stand in for a step, and the sentence that says why or why not.

What must be equal is what AWS's guide lists in "Default cache key attributes by pipeline step type": of a
processing step ``AppSpecification``, ``Environment`` and ``ProcessingInputs``; of a training step
``AlgorithmSpecification``, ``CheckpointConfig``, ``DebugHookConfig``, ``DebugRuleConfigurations``,
``Environment``, ``HyperParameters`` and ``InputDataConfig``; of a transform step ``DataProcessing``,
``Environment``, ``ModelName`` and ``TransformInput``. Output URIs, instances, network and role are
not among them. Results are shared by executions of one pipeline only, and only successful ones count.

Differences from AWS, all towards fewer surprises:

- A result whose outputs in S3 are gone or no longer the same counts as none; AWS would hand out its URIs.
- Condition, Model and RegisterModel steps are reported as cache hits when every step before them was one and
  their own resolved arguments are those of an earlier success whose model or package still exists. So the
  same run again registers no duplicate. AWS would register one, and run a Transform step after it again.
- The most recent result of each set of arguments is kept, however many runs of other arguments came between.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local.errors import AwsError
from infra.local.jobs.s3_uri import S3Uri
from infra.local.pipeline import differences
from infra.local.pipeline.execution import describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.account import Account
    from infra.local.pipeline.execution import Execution
    from infra.local.pipeline.model import Json, Step
    from infra.local.store import Record

RESULT = "step-result"
_LATEST = "step-latest"
_ATTRIBUTES = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
}


@dataclass(frozen=True)
class Found:
    """What the cache says of a step.

    Attributes
    ----------
    why
        One sentence: ``cached from execution …`` or ``ran: …``.
    result
        The earlier result's record, or ``None`` when the step must run.
    """

    why: str
    result: Record | None = None


def attributes(step: Step, resolved: dict[str, Json]) -> dict[str, Json]:
    """Pick from a step's resolved arguments what must be equal for an earlier result to stand in."""
    names = _ATTRIBUTES.get(step.type, tuple(resolved))
    return {name: resolved[name] for name in names if resolved.get(name) is not None}


def key(picked: dict[str, Json]) -> str:
    """Digest attributes; the order of an object's members does not matter."""
    return hashlib.sha256(json.dumps(picked, sort_keys=True).encode()).hexdigest()


def look_up(execution: Execution, step: Step, picked: dict[str, Json]) -> Found:
    """Look for a result that can stand in for a step.

    Parameters
    ----------
    picked
        The step's `attributes`.
    """
    store = execution.account.store
    result = store.get(RESULT, _name(execution, step, key(picked)))
    if result is None:
        latest = store.get(_LATEST, _name(execution, step))
        before = store.get(RESULT, latest["Result"]) if latest else None
        if before is None:
            return Found("ran: no earlier successful run of this step")
        return Found(f"ran: {differences.describe(before['Attributes'], picked)}")
    source = result["Execution"].rpartition("/")[2]
    age = datetime.now(UTC) - result["Finished"]
    if step.cache.expire_after is not None and age > step.cache.expire_after:
        return Found(f"ran: cache expired: the result of execution {source} is too old")
    spoilt = _spoilt(execution.account, result)
    if spoilt:
        return Found(f"ran: {spoilt}")
    return Found(f"cached from execution {source}", result)


def keep(
    execution: Execution, step: Step, picked: dict[str, Json], metadata: Json, outputs: Iterable[str] = ()
) -> None:
    """Keep a step's success for later executions.

    Parameters
    ----------
    picked
        The step's `attributes`.
    metadata
        What it made.
    outputs
        The S3 prefixes that it wrote to.
    """
    name = _name(execution, step, key(picked))
    record = {
        "Name": name,
        "Attributes": picked,
        "Execution": execution.arn,
        "Metadata": metadata,
        "Finished": datetime.now(UTC),
        "Objects": {uri: _objects(execution.account, uri) for uri in outputs},
    }
    execution.account.store.put(RESULT, name, record)
    remember(execution, step, picked)


def remember(execution: Execution, step: Step, picked: dict[str, Json]) -> None:
    """Note which result was a step's latest, so that the next run can say what has changed since."""
    name = _name(execution, step)
    execution.account.store.put(_LATEST, name, {"Name": name, "Result": _name(execution, step, key(picked))})


def forget(account: Account, pipeline: str) -> None:
    """Drop all results of a deleted pipeline."""
    for kind in (RESULT, _LATEST):
        for record in account.store.list(kind):
            if record["Name"].partition("/")[0] == pipeline:
                account.store.delete(kind, record["Name"])


def _name(execution: Execution, step: Step, digest: str = "") -> str:
    return f"{execution.pipeline_name}/{step.name}/{step.type}/{digest}"


def _spoilt(account: Account, result: Record) -> str:
    """Say what keeps a result from standing in; empty when nothing does."""
    try:
        describe(account, result["Metadata"])
    except AwsError as error:
        return f"what the cached run made is gone: {error.message}"
    for uri, kept in result["Objects"].items():
        there = _objects(account, uri)
        if not kept.keys() <= there.keys():
            return f"the cached result's output {uri} is gone"
        if any(there[name] != kept[name] for name in kept):
            return f"the cached result's output {uri} was overwritten"
    return ""


def _objects(account: Account, uri: str) -> dict[str, str]:
    """Map the keys under a prefix to their ETags; empty when the bucket is gone."""
    bucket, prefix = S3Uri.parse(uri).under("")
    try:
        return {found.key: found.etag for found in account.objects.list(bucket, prefix)}
    except AwsError:
        return {}
