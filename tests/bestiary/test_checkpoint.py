"""Trainings that are interrupted and go on from their checkpoints."""

import math

import keras
import numpy as np
import pytest

from bestiary.classifiers import checkpoint, custom_cnn, reproducible
from bestiary.classifiers.checkpoint import FILE, Checkpoints
from bestiary.classifiers.recipe import Epoch, Photos, Settings
from bestiary.images import Preprocessing


class StoppedError(Exception):
    """What SIGTERM does to a training."""


@pytest.fixture(scope="module")
def photos():
    images = np.random.default_rng(1).integers(0, 255, (24, 16, 16, 3)).astype(np.uint8)
    labels = np.repeat(np.arange(3), 8).astype(np.int64)
    return Photos(images, labels, ("bear", "crab", "duck"), ("",) * 24, Preprocessing(16, equalize=False))


def trained(photos, checkpoints, *, until=None):
    """Train for five epochs, or be interrupted after one; return what was told and the weights."""
    told = []

    def report(news):
        told.append(news)
        if isinstance(news, Epoch) and news.epoch == until:
            raise StoppedError

    reproducible.begin(3)
    settings = Settings(epochs=5, batch_size=8, seed=3)
    try:
        made = custom_cnn.train(photos, settings, None, report, checkpoints)
    except StoppedError:
        return told, None
    return told, [weight.numpy() for weight in made.model.weights]


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_ends_with_the_weights_and_the_history_of_a_training_that_was_not_interrupted(photos, tmp_path):
    """Dropout's generators and Adam's averages go on too: not a bit differs."""
    whole, weights = trained(photos, None)
    trained(photos, Checkpoints(tmp_path, "x", share=math.inf), until=4)

    told, resumed = trained(photos, Checkpoints(tmp_path, "x"))

    assert "training goes on from its checkpoint, after epoch 3" == told[0]
    assert whole[3:] == told[1:]
    assert equal(weights, resumed)


def test_checkpoint_of_another_training_is_not_gone_on_from(photos, tmp_path):
    """Other settings or photos: a line says so, and all epochs are trained."""
    trained(photos, Checkpoints(tmp_path, "x"), until=3)

    told, _ = trained(photos, Checkpoints(tmp_path, "y"))

    assert "another training" in told[0]
    assert [1, 2, 3, 4, 5] == [epoch.epoch for epoch in told[1:]]


def test_damaged_checkpoint_is_not_gone_on_from(photos, tmp_path):
    """Half a file is none."""
    trained(photos, Checkpoints(tmp_path, "x"), until=3)
    kept = tmp_path / FILE
    kept.write_bytes(kept.read_bytes()[:-100])

    told, _ = trained(photos, Checkpoints(tmp_path, "x"))

    assert told[0].startswith(f"warning: {FILE} is no checkpoint")
    assert 6 == len(told)


def test_only_the_leading_host_writes(photos, tmp_path):
    """The others go on from what it wrote."""
    trained(photos, Checkpoints(tmp_path, "x", writes=False), until=3)

    assert not list(tmp_path.iterdir())


def test_state_is_kept_no_more_often_than_its_share_of_the_time(tmp_path, monkeypatch):
    """A save that takes a second is followed by fifty without one; the first is made at once."""
    now = [100.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])
    real = np.asarray

    def slow(value):
        now[0] += 1
        return real(value)

    monkeypatch.setattr(checkpoint.np, "asarray", slow)
    variable = keras.Variable(np.zeros(1), name="one")
    kept = Checkpoints(tmp_path, "x")
    saved = []
    for epoch in range(1, 121):
        before = now[0]
        kept.save([variable], [Epoch(epoch, 1.0, 0.5)])
        if now[0] > before:
            saved.append(epoch)
        now[0] += 1
    assert [1, 51, 101] == saved
