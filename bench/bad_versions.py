"""Deploy five bad versions under load, one after the other, and see that each is caught.

One that crashes at load, one that answers 500, one ten times slower, one whose /ping never comes, and one
whose archive has a flipped byte. All are the good version's model in the real serving program, spoiled. For
each it prints the exit code of ``bestiary deploy``, how many of the clients' requests were lost, how many the
bad version was given, who answers afterwards, and the reason in the history.

    python bench/bad_versions.py [--home DIR] [--folder DIR] [--clients 32]

``--home`` takes a home whose version 1 is approved; ``--folder`` takes JPEGs instead of the sample.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import boto3
from rollout import Answers, ask, bestiary, client, photos_of, train

from infra.local import images

ROOT = Path(__file__).parents[1]
GROUP = "bestiary-classifier"
BUCKET = "bestiary-123456789012-us-east-1"
# The serving program with one thing made wrong in it.
PROGRAM = """
import sys, time
import inference.engine as engine
from inference.serve import main
kind = {kind!r}
if kind == "crashes at load":
    sys.exit("error: the weights cannot be read")
if kind == "never answers /ping":
    time.sleep(3600)
right = engine.Engine.answer
async def wrong(self, *request):
    if kind == "answers 500":
        raise RuntimeError("the model is broken")
    import asyncio
    began = time.perf_counter()
    answer = await right(self, *request)
    await asyncio.sleep(9 * max(time.perf_counter() - began, 0.05))
    return answer
engine.Engine.answer = wrong
main()
"""
KINDS = ("crashes at load", "answers 500", "is ten times slower", "never answers /ping", "has a flipped byte")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bestiary-bench-") as scratch:
        home = options.home or Path(scratch) / "home"
        photos = photos_of(options.folder, Path(scratch))
        try:
            if options.home is None:
                train(home, Path(scratch) / "sample", versions=1)
            bestiary(home, "deploy", "1", "--strategy", "all-at-once", "--json", check=False)
            for kind in KINDS:
                measure(home, kind, photos, options.clients)
        finally:
            bestiary(home, "local", "stop")


def measure(home: Path, kind: str, photos: list[bytes], clients: int) -> None:
    """Deploy one bad version under load and print what became of it."""
    address = json.loads(bestiary(home, "local", "status", "--json"))["endpoint_url"]
    number = register(home, address, kind)
    answers, done = Answers(), threading.Event()
    threads = [
        threading.Thread(target=client, args=(address, photos, place, answers, done))
        for place in range(clients)
    ]
    for thread in threads:
        thread.start()
    # The alarms on latency compare with what is usual in whole minutes; the others need no history.
    time.sleep(130 if "slow" in kind else 20)
    ended = json.loads(bestiary(home, "deploy", str(number), "--wait", "20", "--json", check=False))
    done.set()
    for thread in threads:
        thread.join()
    bad = sum(version == str(number) for _, version in answers.versions)
    total = len(answers.versions) + len(answers.failed)
    live = json.loads(ask(address, photos[0]))["model_version"]
    print(f"a version that {kind}: {ended['status']} after {ended['seconds']} s; version {live} answers")
    print(f"  {len(answers.failed)} of {total} requests lost, {bad} answered by the bad version")
    print(f"  history: {ended['reason']}", flush=True)
    time.sleep(15)  # what was rung has to fall silent


def register(home: Path, address: str, kind: str) -> int:
    """Register the first version's archive anew, with a serving image of its own, and approve it."""
    clients: dict[str, Any] = {
        name: boto3.client(
            name, endpoint_url=address, region_name="us-east-1",
            aws_access_key_id="local", aws_secret_access_key="local",  # noqa: S106 - it takes any
        )
        for name in ("s3", "sagemaker", "ssm")
    }  # fmt: skip
    first = next(one for one in json.loads(bestiary(home, "versions", "--json")) if one["version"] == 1)
    body = clients["s3"].get_object(Bucket=BUCKET, Key=first["artifact"].removeprefix(f"s3://{BUCKET}/"))
    archive = body["Body"].read()
    key = f"bestiary/bench/{time.time_ns()}/model.tar.gz"
    clients["s3"].put_object(Bucket=BUCKET, Key=key, Body=archive)
    clients["ssm"].put_parameter(Name="/bestiary/deploy/startup-seconds", Value="60", Overwrite=True)
    digest = hashlib.sha256(archive).hexdigest()
    made = clients["sagemaker"].create_model_package(
        ModelPackageGroupName=GROUP,
        InferenceSpecification={
            "Containers": [{"Image": _image(home, kind), "ModelDataUrl": f"s3://{BUCKET}/{key}"}],
            "SupportedContentTypes": ["image/jpeg"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={"model": "bad", "accuracy": "1", "macro_f1": "1", "sha256": digest},
    )
    number = int(made["ModelPackageArn"].rpartition("/")[2])
    bestiary(home, "approve", str(number))
    if kind == "has a flipped byte":
        half = len(archive) // 2
        spoiled = archive[:half] + bytes([archive[half] ^ 1]) + archive[half + 1 :]
        clients["s3"].put_object(Bucket=BUCKET, Key=key, Body=spoiled)
    return number


def _image(home: Path, kind: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        for package in ("bestiary", "inference"):
            (source / package).symlink_to(ROOT / package, target_is_directory=True)
        (source / "spoiled").mkdir()
        (source / "spoiled" / "__main__.py").write_text(PROGRAM.format(kind=kind))
        packages = ("bestiary", "inference", "spoiled")
        program = ("python", "-m", "spoiled")
        return images.push(home, "bestiary-spoiled", source, packages, entrypoint=program)


if __name__ == "__main__":
    main()
