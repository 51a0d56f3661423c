"""An account in a folder of its own, with real S3 and real processes, for tests that run jobs."""

from __future__ import annotations

import io
import tarfile
import textwrap
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local import operations
from infra.local.account import ACCOUNT_ID, Account
from infra.local.alarms.alarms import Alarms
from infra.local.app import App
from infra.local.asynchronous.inference import AsyncInference
from infra.local.autoscaling.scaler import Scaler
from infra.local.client import client
from infra.local.events.bus import Bus
from infra.local.events.courier import Courier
from infra.local.hosting.hosting import Hosting
from infra.local.hosting.runtime import Runtime
from infra.local.jobs.runner import JobRunner
from infra.local.log_files import LogFiles
from infra.local.monitoring.monitor import Monitor
from infra.local.objects import ObjectStore
from infra.local.pipeline.engine import Engine
from infra.local.ports import HOST, listen
from infra.local.s3.service import S3
from infra.local.scheduling.schedules import Schedules
from infra.local.store import Store
from infra.local.topics import Topics
from infra.local.wire import make_server

BUCKET = "wildlife"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/jobs"
LONG = 60.0
"""Seconds after which a job that should have ended fails its test."""
PATIENT = 30.0
"""Seconds after which captures are put while requests go on: the tests' are put in a pause, long before."""


class World:
    """One account and short ways to run a program as a job in it."""

    def __init__(self, home: Path, *, private: bool = True, grace: float = 1.0) -> None:
        self.s3 = S3(home / "s3", ACCOUNT_ID)
        self.account = Account(home, "us-east-1", Store(home / "sagemaker.sqlite"), ObjectStore(self.s3))
        self.account.topics = Topics(self.account.store, ACCOUNT_ID, self.account.region)
        self.account.courier = Courier(self.account)
        self.account.events = Bus(self.account)
        self.account.alarms = Alarms(self.account)
        self.account.jobs = JobRunner(self.account, private=private, grace=grace)
        self.account.engine = Engine(self.account)
        runtime = Runtime(private=private, grace=grace, seconds=3.0, capture_seconds=PATIENT)
        self.account.hosting = Hosting(self.account, runtime)
        self.account.asynchronous = AsyncInference(self.account)
        Scaler(self.account)
        operations.load()
        self.account.monitor = Monitor(self.account)
        self.account.schedules = Schedules(self.account)
        self.account.courier.start()
        if BUCKET not in self.s3.backend.buckets:
            self.s3.backend.create_bucket(BUCKET, "us-east-1")

    @cached_property
    def url(self) -> str:
        """Serve the account over HTTP from now on."""
        listening = listen(None, 0)
        server = make_server(App(self.account, self.s3, dict), listening)
        threading.Thread(target=server.run, daemon=True).start()
        self._server = server
        return f"http://{HOST}:{listening.getsockname()[1]}"

    def client(self, service: str) -> Any:
        """Make a boto3 client of the account."""
        return client(service, self.url, self.account.region)

    def close(self) -> None:
        """End what runs and close the files."""
        if "url" in vars(self):
            self._server.close()
        self.account.asynchronous.close()
        self.account.hosting.close()
        self.account.asynchronous.join()
        self.account.clock.close()
        self.account.topics.close()
        self.account.engine.close()
        self.account.jobs.close()
        self.account.store.close()
        self.s3.close()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation as a client would."""
        return self.account.call(operation, request)

    def put(self, key: str, body: bytes | str) -> str:
        """Put an object and return its URI."""
        self.account.objects.put(BUCKET, key, body.encode() if isinstance(body, str) else body)
        return f"s3://{BUCKET}/{key}"

    def keys(self, prefix: str) -> list[str]:
        """List keys below a prefix, without it."""
        return [found.key.removeprefix(prefix) for found in self.account.objects.list(BUCKET, prefix)]

    def read(self, key: str) -> bytes:
        """Read an object."""
        return self.account.objects.read(BUCKET, key)

    def train(self, name: str, program: str, *, wait: bool = True, **changes: Any) -> dict[str, Any]:
        """Run a Python program as a training job and describe the job."""
        request = self.training_request(name, program)
        channels = changes.pop("channels", {})
        request["InputDataConfig"] += [channel(each, uri) for each, uri in channels.items()]
        for member, value in changes.items():
            old = request.get(member)
            request[member] = {**old, **value} if isinstance(old, dict) else value
        self.call("CreateTrainingJob", **request)
        if wait:
            assert self.account.jobs.wait("training-job", name, LONG)
        return self.call("DescribeTrainingJob", TrainingJobName=name)

    def training_request(self, name: str, program: str) -> dict[str, Any]:
        """Write the request of a training job that runs a Python program."""
        self.put(f"code/{name}/main.py", textwrap.dedent(program))
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {
                "TrainingImage": "any",
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python", "/opt/ml/input/data/code/main.py"],
            },
            "InputDataConfig": [channel("code", f"s3://{BUCKET}/code/{name}/")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        }

    def process(
        self,
        name: str,
        program: str,
        *,
        inputs: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        wait: bool = True,
        **changes: Any,
    ) -> dict[str, Any]:
        """Run a Python program as a processing job and describe the job."""
        code = {"code": self.put(f"code/{name}/main.py", textwrap.dedent(program))}
        request: dict[str, Any] = {
            "ProcessingJobName": name,
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": "any",
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/main.py"],
            },
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
            "ProcessingInputs": [given(each, uri) for each, uri in (code | (inputs or {})).items()],
            "ProcessingOutputConfig": {
                "Outputs": [result(each, uri) for each, uri in (outputs or {}).items()]
            },
            **changes,
        }
        self.call("CreateProcessingJob", **request)
        if wait:
            assert self.account.jobs.wait("processing-job", name, LONG)
        return self.call("DescribeProcessingJob", ProcessingJobName=name)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + LONG
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def log(self, group: str, name: str) -> list[str]:
        """Read what a job has printed so far."""
        files = LogFiles(self.account.home / "logs")
        return [
            event.message
            for stream in files.streams(group, f"{name}/")
            for event in files.events(group, stream.name)
        ]


def channel(name: str, uri: str) -> dict[str, Any]:
    """Write a channel of a training job."""
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def given(name: str, uri: str) -> dict[str, Any]:
    """Write an input of a processing job."""
    where = {"LocalPath": f"/opt/ml/processing/input/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": {"S3Uri": uri, **where}}


def result(name: str, uri: str, mode: str = "EndOfJob") -> dict[str, Any]:
    """Write an output of a processing job."""
    where = {"LocalPath": f"/opt/ml/processing/output/{name}", "S3UploadMode": mode}
    return {"OutputName": name, "S3Output": {"S3Uri": uri, **where}}


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Read an archive's files, by name."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        files = {member.name: packed.extractfile(member) for member in packed.getmembers() if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}
