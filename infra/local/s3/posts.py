"""Uploads by a form (POST), held against the policy that was signed for them.

Keys are not checked here, but what the policy allows is: until when, which fields, how many bytes.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from infra.local.s3.requests import S3Request

_KIND = "multipart/form-data"
_UNSIGNED = {"file", "policy", "x-amz-signature", "awsaccesskeyid", "signature"}
"""Fields that no policy has to name, the last two of the older way of signing."""


def is_form(request: S3Request) -> bool:
    """Whether a request uploads an object by a form."""
    kind = request.environ.get("CONTENT_TYPE", "")
    return request.method == "POST" and not request.key and kind.startswith(_KIND)


def checked(request: S3Request) -> S3Request:
    """Read a form and hold it against its policy; return the request unread.

    Raises
    ------
    infra.local.errors.AwsError
        ``AccessDenied`` for what the policy does not allow, ``EntityTooLarge`` and ``EntityTooSmall``.
    """
    body = request.environ["wsgi.input"].read()
    kind, options = parse_options_header(request.environ.get("CONTENT_TYPE"))
    parser = FormDataParser(max_form_memory_size=None)
    _, form, files = parser.parse(io.BytesIO(body), kind, len(body), options)
    fields = {name.lower(): value for name, value in form.items()}
    if "policy" in fields:
        size = len(files["file"].read()) if "file" in files else len(fields.get("file", ""))
        _check(json.loads(base64.b64decode(fields["policy"])), {**fields, "bucket": request.bucket}, size)
    again = {**request.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return replace(request, environ=again)


def _check(policy: dict[str, Any], fields: dict[str, str], size: int) -> None:
    until = datetime.fromisoformat(policy["expiration"])
    if datetime.now(UTC) > until:
        raise _denied("Policy expired.")
    named = {"bucket"}
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            for name, value in condition.items():
                named.add(name.lower())
                _equal(fields, name, value, condition)
        elif condition[0] == "content-length-range":
            _fits(size, *condition[1:])
        else:
            named.add(condition[1].removeprefix("$").lower())
            _matches(fields, condition)
    for name in fields:
        if name not in named | _UNSIGNED and not name.startswith("x-ignore-"):
            raise _denied(f"Extra input fields: {name}")


def _equal(fields: dict[str, str], name: str, value: str, condition: object) -> None:
    if fields.get(name.lower()) != value:
        raise _denied(f"Policy Condition failed: {json.dumps(condition)}")


def _matches(fields: dict[str, str], condition: list[str]) -> None:
    operator, name, value = condition
    given = fields.get(name.removeprefix("$").lower(), "")
    if not (given.startswith(value) if operator == "starts-with" else given == value):
        raise _denied(f"Policy Condition failed: {json.dumps(condition)}")


def _fits(size: int, least: int, most: int) -> None:
    if size > most:
        raise AwsError("EntityTooLarge", f"Your proposed upload exceeds the maximum allowed size: {most}")
    if size < least:
        raise AwsError("EntityTooSmall", f"Your proposed upload is smaller than the minimum size: {least}")


def _denied(why: str) -> AwsError:
    return AwsError("AccessDenied", f"Invalid according to Policy: {why}", 403)
