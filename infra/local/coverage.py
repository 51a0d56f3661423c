"""``python -m infra.local.coverage``: the README's table of which operation is answered by whom."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from itertools import groupby
from pathlib import Path

from infra.local import operations
from infra.local.app import BY_MOTO

README = Path(__file__).with_name("README.md")
_BEGIN = "<!-- operations: written by python -m infra.local.coverage --write -->"
_END = "<!-- end of operations -->"
_NAMES = {
    "sagemaker": "SageMaker",
    "logs": "Logs",
    "ssm": "SSM",
    "application-autoscaling": "Application Auto Scaling",
    "cloudwatch": "CloudWatch",
    "events": "EventBridge",
    "scheduler": "EventBridge Scheduler",
    **{name: name.upper() for name in ("iam", "sns", "sqs", "sts")},
}


_BY_MOTO = "by moto, in RAM"
_ANSWERED = {"sns": "by moto, topics and subscriptions kept by [topics.py](topics.py)"}


def table() -> str:
    """Write the table in Markdown, from what is registered."""
    operations.load()
    by_module = sorted(operations.HANDLERS.items(), key=lambda item: (item[1].__module__, item[0]))
    lines = ["| service | operations | answered |", "| --- | --- | --- |"]
    for module, handlers in groupby(by_module, lambda item: item[1].__module__):
        keys = [key for key, _ in handlers]
        names = ", ".join(name for _, name in keys)
        path = f"operations/{module.rpartition('.')[2]}.py"
        lines.append(f"| {_NAMES[keys[0][0]]}: {_subject(module)} | {names} | here, [{path}]({path}) |")
    lines += [
        "| SageMaker Runtime | InvokeEndpoint, InvokeEndpointAsync | here, [hosting/](hosting/api.py) |",
        "| S3 | buckets, objects, versions, uploads in parts, policies … | by moto, kept by [s3/](s3/) |",
        "| CloudWatch | dashboards | by moto, in RAM |",
        *(
            f"| {_NAMES[service]} | what moto has | {_ANSWERED.get(service, _BY_MOTO)} |"
            for service in BY_MOTO
        ),
        "| all else | | refused with an error that names it |",
    ]
    return "\n".join(lines)


def written(readme: str) -> str:
    """Return a README with the table as it is now.

    Raises
    ------
    ValueError
        When the README has no place for it.
    """
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{README} has no lines {_BEGIN} and {_END}")
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Write the table, or say whether it is current: 0 it is, 1 it is not."""
    parser = argparse.ArgumentParser("python -m infra.local.coverage", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite the table in the README")
    now = README.read_text()
    new = written(now)
    if parser.parse_args(arguments).write:
        README.write_text(new)
        return 0
    if now != new:
        sys.stderr.write("the table is not current: run python -m infra.local.coverage --write\n")
    return int(now != new)


def _subject(module: str) -> str:
    first = (importlib.import_module(module).__doc__ or "").split("\n", 1)[0]
    return re.split(r"[:,.]", first, maxsplit=1)[0]


if __name__ == "__main__":
    sys.exit(main())
