"""What is in the images, and what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from contract_runs import JOBS, OPERATOR, SERVING, Host

ROOT = Path(__file__).parents[2]
KNOWN_BY = {JOBS: "tensorflow-cpu", SERVING: "ai-edge-litert", OPERATOR: "boto3"}
UNINSTALLED = {"libclang", "setuptools", "wheel"}

pytestmark = pytest.mark.docker


def output(host: Host, image: str, *command: str) -> str:
    """Run a program of an image and return what it printed."""
    printed: bytes = host.engine.containers.run(
        image, list(command[1:]), entrypoint=[command[0]], remove=True, network_mode="none"
    )
    return printed.decode()


@pytest.mark.parametrize("image", [JOBS, SERVING, OPERATOR])
def test_holds_no_tool_that_builds_and_no_package_manager_of_python(host: Host, image: str) -> None:
    """An image that was broken into gives nothing to build or install with."""
    tools = "gcc cc g++ make ld as pip pip3 uv git curl wget"
    found = output(host, image, "sh", "-c", f"for tool in {tools}; do command -v $tool; done; true")

    assert "" == found
    assert (
        "no pip"
        == output(
            host,
            image,
            "python",
            "-c",
            "import importlib.util as u; print('pip' if u.find_spec('pip') else 'no pip')",
        ).strip()
    )


@pytest.mark.parametrize(("image", "other"), [(JOBS, "inference"), (SERVING, "training_scripts")])
def test_holds_only_the_code_that_it_runs(host: Host, image: str, other: str) -> None:
    """Neither the operator's code, nor the other image's, nor AWS's SDK is there."""
    names = f"['{other}', 'pipelines', 'infra', 'tests', 'boto3', 'sagemaker']"
    program = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"

    assert "[]" == output(host, image, "python", "-c", program).strip()


@pytest.mark.parametrize(
    ("image", "pins"), [(JOBS, "jobs-cpu.txt"), (SERVING, "serving-cpu.txt"), (OPERATOR, "operator.txt")]
)
def test_bill_of_materials_lists_what_was_pinned_and_what_debian_brought(
    host: Host, image: str, pins: str
) -> None:
    """The CycloneDX document inside names every pinned version, and none but those."""
    label = host.engine.images.get(image).labels["bestiary.sbom"]
    document = json.loads(output(host, image, "cat", label))
    python = {
        (one["name"], one["version"])
        for one in document["components"]
        if one.get("purl", "").startswith("pkg:pypi/")
    }
    debian = {one["name"] for one in document["components"] if one.get("purl", "").startswith("pkg:deb/")}
    pinned = set(
        re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "requirements" / pins).read_text(), re.MULTILINE)
    )

    assert ("CycloneDX", "1.6") == (document["bomFormat"], document["specVersion"])
    assert set() == python - pinned
    assert not UNINSTALLED & {name for name, _ in python}
    assert {KNOWN_BY[image]} <= {name for name, _ in python}
    assert "libc6" in debian


@pytest.mark.parametrize("image", [JOBS, SERVING, OPERATOR])
def test_says_what_it_is(host: Host, image: str) -> None:
    """Labels name the image, its version and its commit; the entrypoint is a program, no shell."""
    about = host.engine.images.get(image).attrs["Config"]

    assert image.partition(":")[0] == about["Labels"]["org.opencontainers.image.title"]
    assert re.fullmatch(r"([0-9a-f]{40}(-dirty)?)?", about["Labels"]["org.opencontainers.image.revision"])
    assert ["python", "-m"] == about["Entrypoint"][:2]
    assert not [one for one in about["Env"] if "INDEX" in one or "KEY" in one or "TOKEN" in one]


def test_serving_image_says_what_sagemaker_asks_of_it(host: Host) -> None:
    """SageMaker gives a port of its choice only to images with this label."""
    labels = host.engine.images.get(SERVING).labels

    assert "true" == labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"]


def test_operator_image_says_in_one_line_that_it_has_no_credentials(host: Host) -> None:
    """It holds all that its program imports; what is missing here is the account."""
    container = host.engine.containers.create(
        OPERATOR,
        ["arn:aws:sagemaker:us-east-1:123456789012:model-package/bestiary-classifier/1"],
        environment={"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"},
        network_mode="none",
        labels=[host.label],
    )
    container.start()

    assert 1 == container.wait()["StatusCode"]
    (line,) = container.logs().decode().splitlines()
    assert line.startswith("error: Unable to locate credentials")
