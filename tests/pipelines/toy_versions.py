"""A small account with versions to deploy: toy programs that start at once, and misbehave when told to."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from command_line import CommandLine

from infra.local import images

GROUP = "bestiary-classifier"
BUCKET = "bestiary-123456789012-us-east-1"
PHOTO = b"\xff\xd8\xff toy"
PROGRAM = '''
"""Serves as its model says: well, not at all, with errors or slowly; untaught, it is unsure of the dark."""
import json, os, pathlib, signal, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

how = json.loads(pathlib.Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"), "model/toy.json").read_text())
if how["kind"] == "crashes" and how.get("where_set", "PATH") in os.environ:
    sys.exit("the toy cannot be loaded: its weights are missing")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer(200, {})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(how.get("seconds", 0))
        if not body.startswith(b"\\xff\\xd8"):
            return self.answer(400, {"error": "that is no photo"})
        if how["kind"] == "fails":
            return self.answer(500, {"error": "the toy is broken"})
        version = os.environ["BESTIARY_MODEL_VERSION"]
        names = {"species": "bear", "common_name": "bear", "scientific_name": "Ursidae"}
        sure = 0.2 if body.endswith(b"dark") and not how.get("knows_the_dark") else 1.0
        self.answer(200, {**names, "confidence": sure, "scores": {"bear": 1.0}, "model_version": version})
    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
server = ThreadingHTTPServer((os.environ.get("BESTIARY_BIND", "0.0.0.0"), port), Handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server.serve_forever()
'''


def until(happened: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@dataclass
class Account:
    """A home with a registry.

    Attributes
    ----------
    bestiary
        Its command line.
    image
        URI of the toy's image.
    """

    bestiary: CommandLine
    image: str
    clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, bestiary: CommandLine, source: Path) -> Account:
        """Start the local SageMaker and push the toy's image to it."""
        assert bestiary("local", "start").returncode == 0
        package = source / "toy_serving"
        package.mkdir()
        (package / "__main__.py").write_text(PROGRAM)
        entrypoint = ("python", "-m", "toy_serving")
        image = images.push(bestiary.home, "toy", source, ("toy_serving",), entrypoint=entrypoint)
        account = cls(bestiary, image)
        account.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
        return account

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.bestiary.client(service)
        return self.clients[service]

    def setting(self, name: str, value: object) -> None:
        """Set a parameter of deploys."""
        self.client("ssm").put_parameter(Name=f"/bestiary/deploy/{name}", Value=str(value), Overwrite=True)

    def register(
        self, archive: bytes, image: str, *, approved: bool = True, group: str = GROUP, **properties: str
    ) -> int:
        """Register an archive as a version, as the pipeline does."""
        digest = hashlib.sha256(archive).hexdigest()
        key = f"bestiary/executions/{digest[:12]}-{time.time_ns()}/champion/model.tar.gz"
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=archive)
        container = {"Image": image, "ModelDataUrl": f"s3://{BUCKET}/{key}"}
        made = self.client("sagemaker").create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["image/jpeg"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            ModelApprovalStatus="Approved" if approved else "PendingManualApproval",
            CustomerMetadataProperties={
                "model": "toy",
                "accuracy": "1",
                "macro_f1": "1",
                "sha256": digest,
                **properties,
            },
        )
        return int(made["ModelPackageArn"].rpartition("/")[2])

    def toy(self, kind: str = "serves", *, approved: bool = True, **how: object) -> int:
        """Register a toy that behaves as told."""
        return self.register(self.packed(kind, **how), self.image, approved=approved)

    def packed(self, kind: str, **how: object) -> bytes:
        """Pack a toy that behaves as told."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            # The time makes each toy's archive, and so its digest, its own.
            text = json.dumps({"kind": kind, **how, "made": time.time_ns()}).encode()
            member = tarfile.TarInfo("toy.json")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
        return archive.getvalue()

    def spoil(self, version: int) -> None:
        """Flip one byte of a version's archive."""
        arn = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/{version}"
        package = self.client("sagemaker").describe_model_package(ModelPackageName=arn)
        url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        key = url.removeprefix(f"s3://{BUCKET}/")
        body = bytearray(self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        body[len(body) // 2] ^= 1
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=bytes(body))

    def answering(self) -> str:
        """Ask the endpoint which version it is."""
        runtime = self.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName=GROUP, ContentType="image/jpeg", Body=PHOTO)
        return json.loads(answer["Body"].read())["model_version"]

    @contextmanager
    def traffic(self) -> Iterator[list[str]]:
        """Ask again and again as long as the context lasts; who answered, or the error, is in the list."""
        answers: list[str] = []
        self.client("sagemaker-runtime")
        done = threading.Event()

        def ask() -> None:
            while not done.wait(0.03):
                try:
                    answers.append(self.answering())
                except (ClientError, BotoCoreError) as error:
                    answers.append(f"error: {error}")

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield answers
        finally:
            done.set()
            thread.join()

    def configs(self) -> list[str]:
        found = self.client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
        return sorted(config["EndpointConfigName"] for config in found)

    def models(self) -> list[str]:
        return sorted(model["ModelName"] for model in self.client("sagemaker").list_models()["Models"])
