"""Small serving programs in images of their own, and short ways to make endpoints of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from job_world import BUCKET, LONG, ROLE, World

from infra.local import images

SERVER = """
import json, os, signal, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = os.environ.get("NAME", "")
MODE = os.environ.get("MODE", "")
if MODE == "crash":
    sys.exit("cannot load the model: the weights are gone")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    sulks = False

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(503 if MODE == "no-ping" or Handler.sulks else 200, b"")
        Handler.sulks = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if body == b"die":
            os._exit(3)
        if body == b"sulk":  # hangs up, and is not well when next looked after
            Handler.sulks = self.close_connection = True
            return
        if body.startswith(b"sleep "):
            time.sleep(float(body[6:]))
        if MODE == "slow":
            time.sleep(float(os.environ["SECONDS"]))
        if MODE == "errors" or body == b"fail":
            self.answer(500, b"no such species", Content_Type="text/plain")
            return
        if body == b"client":
            self.answer(415, b"not that", Content_Type="text/plain")
            return
        base = os.environ["SAGEMAKER_BASE_DIR"]
        files = {name: open(f"/opt/ml/model/{name}").read() if os.path.isdir("/opt/ml/model") else ""
                 for name in sorted(os.listdir(f"{base}/model"))}
        said = {
            "name": NAME,
            "pid": os.getpid(),
            "body": body.decode(),
            "files": files,
            "version": os.environ.get("BESTIARY_MODEL_VERSION"),
            "content_type": self.headers.get("Content-Type"),
            "accept": self.headers.get("Accept"),
            "inference_id": self.headers.get("X-Amzn-SageMaker-Inference-Id"),
            "endpoint_url": os.environ.get("AWS_ENDPOINT_URL"),
            "port": os.environ["SAGEMAKER_BIND_TO_PORT"],
        }
        custom = self.headers["X-Amzn-SageMaker-Custom-Attributes"] or ""
        headers = {"Content_Type": "application/json", "X_Amzn_SageMaker_Custom_Attributes": custom}
        self.answer(200, json.dumps(said).encode(), **headers)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


server = Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # whoever is being answered is cut off
print(f"{NAME} listens", flush=True)
server.serve_forever()
"""


class Endpoints:
    """An account that has endpoints of small programs."""

    def __init__(self, world: World, source: Path) -> None:
        self.world = world
        (source / "toy").mkdir(parents=True, exist_ok=True)
        (source / "toy" / "__init__.py").touch()
        (source / "toy" / "__main__.py").write_text(SERVER)
        home = world.account.home
        self.image = images.push(home, "toy", source, ("toy",), entrypoint=("python", "-m", "toy"))
        self.data = world.put("toy/model.tar.gz", archive({"weights.txt": "1 2 3"}))

    def model(self, name: str, *, isolated: bool = False, **environment: str) -> str:
        """Register a model whose program behaves as its environment says."""
        self.world.call(
            "CreateModel",
            ModelName=name,
            ExecutionRoleArn=ROLE,
            EnableNetworkIsolation=isolated,
            PrimaryContainer={
                "Image": self.image,
                "ModelDataUrl": self.data,
                "Environment": {"NAME": name, **environment},
            },
        )
        return name

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        """Register an endpoint configuration."""
        self.world.call(
            "CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=list(variants), **more
        )
        return name

    def create(self, name: str, config: str, status: str = "InService") -> dict[str, Any]:
        """Create an endpoint and wait until it has a status."""
        self.world.call("CreateEndpoint", EndpointName=name, EndpointConfigName=config)
        return self.wait(name, status)

    def simple(
        self, name: str, *, count: int = 1, isolated: bool = False, **environment: str
    ) -> dict[str, Any]:
        """Create an endpoint of one variant, with model and configuration of its name."""
        self.model(name, isolated=isolated, **environment)
        self.config(name, variant(name, count=count))
        return self.create(name, name)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe an endpoint."""
        return self.world.call("DescribeEndpoint", EndpointName=name)

    def wait(self, name: str, status: str) -> dict[str, Any]:
        """Wait until an endpoint has a status, and nothing is under way."""
        seen: dict[str, Any] = {}

        def there() -> bool:
            seen.update({"EndpointStatus": None}, **self.describe(name))
            return seen["EndpointStatus"] == status

        until(there, lambda: str(seen))
        return self.describe(name)

    def ask(self, name: str, body: bytes = b"", **request: Any) -> dict[str, Any]:
        """Invoke an endpoint through boto3 and return what its program says."""
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, **request)
        return {"variant": answer.get("InvokedProductionVariant"), **json.loads(answer["Body"].read())}

    @property
    def runtime(self) -> Any:
        """A boto3 client of sagemaker-runtime."""
        if not hasattr(self, "_runtime"):
            self._runtime = self.world.client("sagemaker-runtime")
        return self._runtime

    def delete(self, name: str) -> None:
        """Delete an endpoint and wait until it is gone."""
        self.world.call("DeleteEndpoint", EndpointName=name)
        until(lambda: self.world.account.store.get("endpoint", name) is None)


def variant(
    model: str, name: str = "AllTraffic", count: int = 1, weight: float = 1.0, **more: Any
) -> dict[str, Any]:
    """Write a production variant."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InitialInstanceCount": count,
        "InstanceType": "ml.g4dn.xlarge",
        "InitialVariantWeight": weight,
        **more,
    }


def capture(prefix: str, *options: str, share: int = 100, **more: Any) -> dict[str, Any]:
    """Write a data capture configuration."""
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": share,
        "DestinationS3Uri": f"s3://{BUCKET}/{prefix}",
        "CaptureOptions": [{"CaptureMode": option} for option in options],
        **more,
    }


def archive(files: dict[str, str]) -> bytes:
    """Pack a model.tar.gz; a name may be one that leaves the folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue())


def until(condition: Callable[[], object], said: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, said()
        time.sleep(0.02)
