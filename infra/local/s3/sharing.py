"""What web pages of other origins may read of S3: a bucket's CORS rules, asked and answered.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from infra.local.s3.requests import S3Request

_WISHED = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"


def is_preflight(request: S3Request) -> bool:
    """Whether a browser asks what a page may do."""
    return request.method == "OPTIONS" and _WISHED in request.environ


def preflight(request: S3Request, backend: Any) -> Response:  # noqa: ANN401 - moto has no types
    """Answer such a question.

    Raises
    ------
    infra.local.errors.AwsError
        ``AccessForbidden``: no rule of the bucket allows it.
    """
    headers = allowed(request, backend, request.environ[_WISHED])
    if not headers:
        raise AwsError("AccessForbidden", "CORSResponse: This CORS request is not allowed.", 403)
    wished = request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    return Response("", 200, {**headers, **({"Access-Control-Allow-Headers": wished} if wished else {})})


def allowed(request: S3Request, backend: Any, method: str) -> dict[str, str]:  # noqa: ANN401
    """Return the headers that let a page read an answer; none where no rule of the bucket does."""
    origin, bucket = request.environ.get("HTTP_ORIGIN", ""), backend.buckets.get(request.bucket)
    for rule in (bucket.cors or []) if bucket and origin else []:
        if method in rule.allowed_methods and any(_like(one, origin) for one in rule.allowed_origins):
            shown = {"Access-Control-Expose-Headers": ", ".join(rule.exposed_headers or [])}
            return {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": ", ".join(rule.allowed_methods),
                "Vary": "Origin",
                **(shown if rule.exposed_headers else {}),
            }
    return {}


def _like(pattern: str, origin: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), origin) is not None
