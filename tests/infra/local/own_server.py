"""A local SageMaker of a test's own, as a real process, and what clients see of its S3."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local import lifecycle
from infra.local.client import REGION, client
from infra.local.processes import started

BUCKET = "photos"


class OwnServer:
    """The server of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running = lifecycle.start(home)

    def client(self, service: str) -> Any:
        """Make a boto3 client of it."""
        return client(service, self.running.endpoint_url, REGION)

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        os.kill(self.running.pid, signal.SIGKILL)
        while started(self.running.pid):
            time.sleep(0.01)

    def start(self) -> None:
        """Start it again."""
        self.running = lifecycle.start(self.home)

    def stop(self) -> None:
        """Stop it as an operator does."""
        lifecycle.stop(self.home)


def versions(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """List versions and delete markers in the order of the listing, without what is always the same."""
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket))
    entries = [entry for page in pages for entry in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    return [{name: value for name, value in entry.items() if name != "Owner"} for entry in entries]


def contents(s3: Any, bucket: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything a client can read of each version."""
    found = {}
    for entry in versions(s3, bucket):
        if "ETag" not in entry:
            continue
        which = {"Bucket": bucket, "Key": entry["Key"], "VersionId": entry["VersionId"]}
        if entry["VersionId"] == "null":
            del which["VersionId"]
        answer = s3.get_object(**which, ChecksumMode="ENABLED")
        tags = s3.get_object_tagging(**which)["TagSet"]
        body = hashlib.sha256(answer.pop("Body").read()).hexdigest()
        answer.pop("ResponseMetadata")
        acl = s3.get_object_acl(Bucket=bucket, Key=entry["Key"])["Grants"] if entry["IsLatest"] else None
        found[entry["Key"], entry["VersionId"]] = answer | {"body": body, "tags": tags, "acl": acl}
    return found


def settings(s3: Any, bucket: str) -> dict[str, Any]:
    """What a bucket is set to; what is not set is the code of the error that says so."""
    found: dict[str, Any] = {}
    for name in (
        *("versioning", "tagging", "encryption", "policy", "lifecycle_configuration", "cors", "acl"),
        *("ownership_controls", "notification_configuration", "website", "logging"),
    ):
        try:
            answer = getattr(s3, f"get_bucket_{name}")(Bucket=bucket)
            answer.pop("ResponseMetadata")
            found[name] = answer
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
    found["public_access"] = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    found["created"] = {b["Name"]: b["CreationDate"] for b in s3.list_buckets()["Buckets"]}[bucket]
    return found
