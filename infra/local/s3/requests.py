"""A request to S3: which bucket and key it is about, and how it is kept to be made again."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

SETTINGS = {
    *("accelerate", "acl", "cors", "encryption", "inventory", "lifecycle", "logging", "notification"),
    *("object-lock", "ownershipControls", "policy", "publicAccessBlock", "replication", "tagging"),
    *("versioning", "website"),
}
"""What of a bucket can be set, by the word in the query that means it."""
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")
_NOT_KEPT = {"HTTP_X_AMZ_SECURITY_TOKEN", "HTTP_X_AMZ_DATE"}


@dataclass(frozen=True)
class S3Request:
    """One request.

    Attributes
    ----------
    environ
        Its WSGI environment, in path style whatever the client wrote.
    bucket, key
        What it is about; empty when it is about all buckets, or about the bucket.
    query
        Its query; parameters without a value are there as "".
    """

    environ: dict[str, Any]
    bucket: str
    key: str
    query: dict[str, str]

    @classmethod
    def of(cls, environ: dict[str, Any]) -> S3Request:
        """Read a WSGI environment: path style (``localhost/bucket/key``) or ``bucket.localhost/key``."""
        path = environ.get("REQUEST_URI", environ["PATH_INFO"]).split("?", 1)[0]
        path = re.sub(r"^https?://[^/]*", "", path) or "/"
        host, colon, port = environ.get("HTTP_HOST", "localhost").partition(":")
        if host.endswith(".localhost"):
            path = f"/{host.removesuffix('.localhost')}{path}"
            host = "localhost"
        bucket, _, key = path.removeprefix("/").partition("/")
        settled = {
            **environ,
            "HTTP_HOST": host + colon + port,
            "RAW_URI": path,
            "PATH_INFO": unquote(path, "latin-1"),
        }
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        return cls(settled, unquote(bucket), unquote(key), query)

    @property
    def method(self) -> str:
        """HTTP method in capitals."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def setting(self) -> str:
        """Which setting of a bucket it is about, with its id where a bucket can have several; "" for none."""
        for name in self.query:
            if name in SETTINGS:
                return f"{name} {self.query.get('id', '')}".strip()
        return ""

    def kept(self) -> tuple[str, S3Request]:
        """Read the body; return all that is needed to make the request again, as JSON, and it unread."""
        body = self.environ["wsgi.input"].read()
        signed = _SCOPE.search(self.environ.get("HTTP_AUTHORIZATION", ""))
        headers = {
            name: value
            for name, value in self.environ.items()
            if name == "CONTENT_TYPE" or (name.startswith("HTTP_X_AMZ_") and name not in _NOT_KEPT)
        }
        text = json.dumps(
            {
                "query": self.environ.get("QUERY_STRING", ""),
                "headers": headers,
                "region": signed[1] if signed else "us-east-1",
                "body": base64.b64encode(body).decode(),
            }
        )
        return text, replace(self, environ={**self.environ, "wsgi.input": io.BytesIO(body)})


def remade(bucket: str, kept: str) -> S3Request:
    """Make a PUT about a bucket anew from what `S3Request.kept` said of it."""
    request = json.loads(kept)
    body = base64.b64decode(request["body"])
    scope = f"local/20200101/{request['region']}/s3/aws4_request"
    return S3Request.of(
        {
            **request["headers"],
            "REQUEST_METHOD": "PUT",
            "PATH_INFO": f"/{bucket}",
            "REQUEST_URI": f"/{quote(bucket)}",
            "QUERY_STRING": request["query"],
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_HOST": "localhost",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
    )
