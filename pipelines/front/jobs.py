"""``GET`` and ``DELETE /jobs/{id}``: what takes longer than a request may.

A job is a request in the queue of the stylizer's asynchronous endpoint. How it stands is read from what lies
in S3, and how far it is from the endpoint's log: nothing else keeps it.
"""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pipelines.errors import UsageError
from pipelines.front.asking import refusal
from pipelines.front.exchange import Answer, RefusedError
from pipelines.front.schemas import ID
from pipelines.names import STYLIZER_ASYNC
from pipelines.style import queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.front.exchange import Request
    from pipelines.style.form import Form
    from pipelines.style.queue import Account

RESULT_SECONDS = 900
LOST_SECONDS = 2 * queue.LONGEST_SECONDS + 600
"""After which nothing will come of a job: it may wait an hour, and take another."""
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_STEP = re.compile(r"step (\d+) of (\d+), .* about (\d+) s left")


def begin(account: Account, form: Form, accept: str, species: Sequence[str] = ()) -> Answer:
    """Put a request into the queue and answer 202 with its job.

    Raises
    ------
    RefusedError
        502: there is no such endpoint.
    """
    try:
        made = queue.submit(account, form, accept, name=secrets.token_hex(16))
    except (ClientError, BotoCoreError) as error:
        raise refusal(STYLIZER_ASYNC, error) from None
    told = {"job": made.id, "status": "queued", "requested": made.requested}
    named = {"species": list(species)} if species else {}
    return Answer.json(told | named, HTTPStatus.ACCEPTED, Location=f"jobs/{made.id}")


def look(account: Account, request: Request) -> Answer:
    """Answer how a job stands."""
    return Answer.json(_told(account, _found(account, request)))


def cancel(account: Account, request: Request) -> Answer:
    """Ask that a job be given up, and answer how it stands; 200 where it has ended already."""
    found = _found(account, request)
    told = _told(account, found)
    if told["status"] not in {"queued", "working"}:
        return Answer.json(told)
    try:
        queue.ask_to_cancel(account, found)
    except (ClientError, BotoCoreError) as error:
        raise refusal(STYLIZER_ASYNC, error) from None
    return Answer.json(told, HTTPStatus.ACCEPTED)


def _found(account: Account, request: Request) -> queue.Request:
    name = request.variables.get("id", "")
    if re.fullmatch(ID, name):
        try:
            return queue.find(account, name)
        except UsageError:
            pass
    raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no job {name[:40]}: POST /posters answers its name")


def _told(account: Account, job: queue.Request) -> dict[str, Any]:
    told: dict[str, Any] = {"job": job.id, "status": "queued", "requested": job.requested}
    if queue.is_done(account, job):
        return {**told, "status": "done", "result": _result(account, job)}
    why = queue.failure(account, job)
    if why is None and job.age > LOST_SECONDS:
        why = "nothing came of it in time: ask again"
    if why is not None:
        ended = "cancelled" if why == f"{job.id} was cancelled" else "failed"
        return {**told, "status": ended, "reason": why}
    lines = list(queue.Log(account, job).new())
    return {**told, "status": "working", "progress": _progress(lines[-1])} if lines else told


def _progress(line: str) -> dict[str, Any]:
    step = _STEP.match(line)
    counted = zip(("step", "steps", "seconds_left"), map(int, step.groups()), strict=True) if step else ()
    return {"message": line, **dict(counted)}


def _result(account: Account, job: queue.Request) -> dict[str, Any]:
    bucket, _, key = job.output.removeprefix("s3://").partition("/")
    url = account.client("s3").generate_presigned_url(
        "get_object",
        Params={
            "Bucket": bucket,
            "Key": key,
            "ResponseContentType": job.accept,
            "ResponseContentDisposition": f'inline; filename="{job.id}.{_ENDINGS[job.accept]}"',
        },
        ExpiresIn=RESULT_SECONDS,
    )
    return {"url": url, "content_type": job.accept, "seconds": RESULT_SECONDS}
