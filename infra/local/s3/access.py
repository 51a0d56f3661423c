"""What S3 refuses before moto sees it: what it does not do, and what a bucket's policy denies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from infra.local.errors import AwsError
from infra.local.s3.policy import denies
from infra.local.s3.requests import SETTINGS

if TYPE_CHECKING:
    from infra.local.s3.requests import S3Request

_LISTING = {
    *("prefix", "delimiter", "marker", "key-marker", "version-id-marker", "upload-id-marker"),
    *("continuation-token", "start-after", "encoding-type", "list-type", "max-keys", "fetch-owner"),
}
_ONLY_SET = {"accelerate", "acl", "inventory", "logging", "notification", "object-lock", "versioning"}
_ON_BUCKET = {
    "GET": SETTINGS | _LISTING | {"location", "policyStatus", "uploads", "versions"},
    "PUT": SETTINGS,
    "DELETE": SETTINGS - _ONLY_SET,
    "POST": {"delete"},
}
_ON_KEY = {
    "GET": {"acl", "attributes", "legal-hold", "tagging"},
    "PUT": {"acl", "legal-hold", "retention", "tagging"},
    "DELETE": {"tagging"},
    "POST": {"restore", "select", "uploads"},
}


def check(request: S3Request, backend: Any) -> None:  # noqa: ANN401 - moto has no types
    """Refuse what must not reach moto.

    Raises
    ------
    infra.local.errors.AwsError
        ``NotImplemented`` for what moto would silently take for something else (a PUT of an unknown setting
        for the making of a bucket, say), ``AccessDenied`` for what a policy denies and for an address whose
        time is over.
    """
    _check_time(request.query)
    known = (_ON_KEY if request.key else _ON_BUCKET).get(request.method, set())
    for word, value in request.query.items():
        if not value and word not in known and request.method in _ON_KEY:
            raise AwsError("NotImplemented", f"the local S3 does not do {request.method} ?{word}", 501)
    if request.bucket:
        allow(backend, _action(request), request.bucket, request.key, request.query.get("prefix", ""))
    if source := request.environ.get("HTTP_X_AMZ_COPY_SOURCE"):
        bucket, _, key = unquote(source.split("?")[0]).lstrip("/").partition("/")
        allow(backend, "s3:GetObject", bucket, key)


def allow(
    backend: Any,  # noqa: ANN401 - moto has no types
    action: str,
    bucket: str,
    key: str = "",
    prefix: str = "",
) -> None:
    """Let an action pass unless the bucket's policy denies it to everyone.

    Raises
    ------
    infra.local.errors.AwsError
        ``AccessDenied``, naming action and resource.
    """
    found = backend.buckets.get(bucket)
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    if found and denies(found.policy, action, resource, account=backend.account_id, prefix=prefix):
        raise AwsError(
            "AccessDenied",
            f"Not authorized to perform {action} on {resource}: the bucket's policy has an explicit deny",
            403,
        )


def _check_time(query: dict[str, str]) -> None:
    """Refuse an address that was signed for a time which is over."""
    try:
        if "Expires" in query:
            until = datetime.fromtimestamp(int(query["Expires"]), UTC)
        else:
            signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            until = signed + timedelta(seconds=int(query["X-Amz-Expires"]))
    except (KeyError, ValueError, OverflowError):
        return
    if datetime.now(UTC) > until:
        raise AwsError("AccessDenied", "Request has expired", 403)


def _action(request: S3Request) -> str:
    if not request.key:
        lists = request.method in {"GET", "HEAD"} and not (request.query.keys() & (SETTINGS | {"location"}))
        if not lists:
            return "s3:Other"
        return "s3:ListBucketVersions" if "versions" in request.query else "s3:ListBucket"
    version = "Version" if "versionId" in request.query else ""
    if "tagging" in request.query or "acl" in request.query:
        return "s3:Other"
    verb = {"GET": "Get", "HEAD": "Get", "DELETE": "Delete"}.get(request.method)
    return f"s3:{verb}Object{version}" if verb else "s3:PutObject"
