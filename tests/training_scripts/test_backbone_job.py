"""The backbone job."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bestiary.classifiers import backbone, efficientnet
from bestiary.classifiers.download import Unreachable
from training_scripts.backbone import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    (tmp_path / "processing" / "input" / "backbone").mkdir(parents=True)
    return tmp_path


def give(base, name="own.keras", size=32):
    import keras

    image = keras.Input((size, size, 3), name="image")
    network = keras.Model(image, keras.layers.Conv2D(4, 3, name="conv")(image), name="own")
    network.save(base / "processing" / "input" / "backbone" / name)
    return base / "processing" / "input" / "backbone" / name


def failure(base, *arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 1
    text = (base / "output" / "failure").read_text()
    assert "\n" not in text
    return text


def test_a_file_is_passed_on_unchanged_and_described(base, capsys):
    """Its bytes are the training jobs' input, so equal files hit equal caches."""
    source = give(base)
    main(["--backbone", "file", "--image-size", "32"])
    output = base / "processing" / "output" / "backbone"
    assert source.read_bytes() == (output / "backbone.keras").read_bytes()
    about = json.loads((output / "backbone.json").read_text())
    assert about == {
        "name": "own",
        "weights": "file",
        "warning": "",
        "sha256": backbone.digest(source),
        "parameters": 112,
    }
    assert capsys.readouterr().out == "backbone=own weights=file parameters=112\n"
    assert backbone.read(output, 32).about.name == "own"


def test_a_backbone_of_another_size_names_the_setting(base):
    """The job ends with what to type."""
    give(base, size=48)
    text = failure(base, "--backbone", "file", "--image-size", "32")
    assert text == "own.keras takes images of 48 pixels, not 32: run with --set TransferImageSize=48"


def test_anything_but_one_file_is_refused(base):
    """None, or more than one."""
    assert failure(base, "--backbone", "file").endswith("exactly one .keras file, and holds none")
    give(base, "a.keras")
    give(base, "b.keras")
    assert failure(base, "--backbone", "file").endswith("and holds a.keras, b.keras")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--weights", "best"], "argument --weights: invalid choice: 'best'"),
        (["--backbone", "vgg19"], "argument --backbone: invalid choice: 'vgg19'"),
        (["--image-size", "large"], "argument --image-size: invalid int value: 'large'"),
        (["--image-size", "16"], "--image-size must be at least 32 pixels, not 16"),
        (["--seed", "-1"], "--seed must be from 0 to 4294967295, not -1"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(base, arguments, line):
    """As a FailureReason, not as a usage text."""
    assert line in failure(base, *arguments)


def test_without_a_network_the_warning_is_in_the_log_and_in_the_description(base, monkeypatch, capsys):
    """No reader of the report can miss what the weights are."""

    def fetch(url, md5, path):
        raise Unreachable("no answer in 5 seconds")

    monkeypatch.setattr(efficientnet, "fetch", fetch)
    main(["--image-size", "32"])
    about = json.loads((base / "processing" / "output" / "backbone" / "backbone.json").read_text())
    assert ("efficientnetb3", "random") == (about["name"], about["weights"])
    log = capsys.readouterr().out
    assert f"warning: {about['warning']}\n" in log
    assert "efficientnetb3_notop.h5: no answer in 5 seconds\n" in log


@pytest.mark.slow
def test_no_network_is_found_out_in_seconds(base):
    """A whole job behind a proxy that is not there: random weights, the same bytes, no minutes of retries."""
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(base),
        "KERAS_HOME": str(base / "keras"),
        "https_proxy": "http://127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
    }
    digests = []
    for _ in range(2):
        began = time.monotonic()
        command = [sys.executable, "-m", "training_scripts.backbone", "--image-size", "32"]
        job = subprocess.run(command, env=environment, cwd=base, capture_output=True, text=True, check=True)
        assert time.monotonic() - began < 120
        assert "Connection refused" in job.stdout
        assert job.stderr == ""
        digests.append(backbone.digest(base / "processing" / "output" / "backbone" / "backbone.keras"))
    assert digests[0] == digests[1]
