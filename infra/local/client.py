"""How any AWS client is led here: boto3 clients, and the variables that do it for others."""

from __future__ import annotations

import os
import shlex
from typing import Any

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""Any will do; these make plain that they open nothing else."""
REGION = "us-east-1"
"""The region that is played here."""
MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""Variables that would lead a client elsewhere."""


def client(service: str, endpoint_url: str, region: str) -> Any:  # noqa: ANN401 - made at run time
    """Make a boto3 client of the local SageMaker, whatever the user's profile and proxies are."""
    import boto3
    from botocore.config import Config
    from botocore.session import Session

    session: Any = boto3.Session(
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
        botocore_session=Session({"profile": (None, None, None, None)}),
    )
    return session.client(service, endpoint_url=endpoint_url, config=Config(proxies={}))


def variables(endpoint_url: str, region: str) -> dict[str, str]:
    """Environment variables that lead any AWS client here, past a proxy if there is one."""
    past = ",".join(dict.fromkeys(["127.0.0.1", "localhost", *filter(None, _no_proxy().split(","))]))
    region_names = {"AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    return {"AWS_ENDPOINT_URL": endpoint_url, **KEYS, **region_names, "NO_PROXY": past}


def exports(endpoint_url: str, region: str) -> str:
    """Shell lines that set `variables` and take away what would mislead."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(endpoint_url, region).items()]
    return "\n".join([*lines, f"unset {' '.join(MISLEADING)}"])


def _no_proxy() -> str:
    return os.environ.get("NO_PROXY") or os.environ.get("no_proxy", "")
