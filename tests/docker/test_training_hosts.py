"""One training on two hosts, which talk to each other over a network that leads nowhere else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Learned
from contract_runs import END_SECONDS, JOBS, Ended, Host, training_base

pytestmark = pytest.mark.docker

HOSTS = ("algo-1", "algo-2")
TRAIN = ["python", "-m", "training_scripts.train"]
# Without dropout, whose masks each host draws for its own photos: what is left is the order of the sums.
FIT = """
import numpy as np
from bestiary import container
from bestiary.classifiers import hosts, reproducible
reproducible.begin(7)
here = hosts.Hosts.of(container.resources())
with here.join():
    import keras
    from bestiary.classifiers.fitting import fit
    from bestiary.classifiers.validation import hold_out
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x)))
    labels = np.repeat(np.arange(3), 15)
    photos = np.random.default_rng(1).integers(0, 255, (45, 16, 16, 3)).astype(np.uint8)
    held = hold_out(labels, ("",) * 45, 7)
    for epoch in fit(model, [photos], labels, held, lambda _: None, epochs=5, batch_size=8, seed=7,
                     optimizer=keras.optimizers.Adam(0.003)):
        print("figures", epoch.loss, epoch.val_loss, epoch.accuracy, flush=True)
"""


@pytest.fixture
def network(host: Host) -> Iterator[str]:
    """Make the network of one job."""
    made = host.engine.networks.create(host.label, internal=True)
    yield made.name
    host.close()
    made.remove()


def together(host: Host, network: str, bases: list[Path], command: list[str]) -> list[Ended]:
    """Run one command on both hosts, each with its own base folder, to their ends."""
    started = []
    for name, base in zip(HOSTS, bases, strict=True):
        config = {"current_host": name, "hosts": list(HOSTS), "network_interface_name": "eth0"}
        (base / "input" / "config" / "resourceconfig.json").write_text(json.dumps(config))
        named = {network: host.engine.api.create_endpoint_config(aliases=[name])}
        started.append(
            host.start(
                JOBS,
                base,
                entrypoint=command,
                network_mode=None,
                network=network,
                networking_config=named,
            )
        )
    return [Ended(int(one.wait(timeout=END_SECONDS)["StatusCode"]), one.logs().decode()) for one in started]


def figures(log: str) -> list[list[float]]:
    return [[float(word) for word in line] for line in re.findall(r"figures (\S+) (\S+) (\S+)", log)]


def test_two_hosts_learn_what_one_host_learns(host: Host, network: str, tmp_path: Path) -> None:
    """The same batches, divided: loss and accuracy of every epoch are one host's but for rounding."""
    alone = host.run(JOBS, ["python", "-c", FIT], training_base(tmp_path / "alone", None))
    bases = [training_base(tmp_path / name, None) for name in HOSTS]

    first, second = together(host, network, bases, ["python", "-c", FIT])

    assert (0, 0, 0) == (alone.code, first.code, second.code), first.log + second.log
    assert 5 == len(figures(alone.log))
    assert figures(first.log) == figures(second.log)
    for one, two in zip(figures(alone.log), figures(first.log), strict=True):
        assert one == pytest.approx(two, rel=1e-3)


def test_training_job_on_two_hosts_leaves_one_model(
    host: Host, learned: Learned, network: str, tmp_path: Path
) -> None:
    """SageMaker's own description of the hosts is all it takes; the first host leaves the model."""
    view = learned.preparing / "processing" / "output" / "train" / "custom_cnn"
    bases = []
    for name in HOSTS:
        shutil.copytree(view, tmp_path / f"photos of {name}")
        bases.append(
            training_base(tmp_path / name, tmp_path / f"photos of {name}", model="custom_cnn", epochs="2")
        )

    first, second = together(host, network, bases, TRAIN)

    assert (0, 0) == (first.code, second.code), first.log + second.log
    assert "manifest.json" in {path.name for path in (bases[0] / "model").iterdir()}
    assert not list((bases[1] / "model").iterdir())
    one, two = (loss(log) for log in (learned.trained.log, first.log))
    assert one == pytest.approx(two, rel=0.1)


def loss(log: str) -> float:
    """Return the loss of the second epoch."""
    found = re.search(r"epoch=2 loss=([0-9.]+)", log)
    assert found, log
    return float(found[1])
