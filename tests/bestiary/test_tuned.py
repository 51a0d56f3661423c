"""The tuned recipe."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import artifact, tuned
from bestiary.classifiers.linear_head import fit_head
from bestiary.classifiers.recipe import Epoch, Settings, TrainingError


def train(photos, network=None, **settings):
    small_networks.keras().utils.set_random_seed(settings.get("seed", 42))
    log = []
    base = small_networks.backbone(network or small_networks.backbone_network(), "")
    return tuned.train(photos, Settings(**settings), base, log.append), log


def test_the_backbone_stays_as_it_was():
    """Only the head is fitted."""
    network = small_networks.backbone_network()
    before = [weights.copy() for weights in network.get_weights()]
    trained, _ = train(small_networks.photos(), network)
    after = trained.model.get_weights()
    for was, remains in zip(before, after, strict=False):
        np.testing.assert_array_equal(was, remains)
    assert not np.allclose(trained.model.get_layer("head_species").get_weights()[0], 0)


def test_it_learns_to_tell_photos_apart_that_can_be_told_apart():
    photos = small_networks.photos()
    trained, _ = train(photos)
    scores = trained.model.predict(trained.preprocessing.finish(photos.images), verbose=0)
    assert (scores.argmax(axis=1) == photos.labels).mean() > 0.9


def test_the_same_seed_gives_the_same_artifact(tmp_path):
    """Byte for byte, and another seed need not."""
    digests = []
    for number in (1, 2):
        trained, _ = train(small_networks.photos(), seed=7)
        folder = tmp_path / str(number)
        folder.mkdir()
        artifact.save(folder, "tuned", trained, small_networks.CLASSES, None)
        digests.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert digests[0] == digests[1]


def test_the_artifact_answers_as_the_trained_model(tmp_path):
    """Its layers are all of those that an artifact may hold."""
    photos = small_networks.photos()
    trained, _ = train(photos)
    artifact.save(tmp_path, "tuned", trained, small_networks.CLASSES, None)
    seen = trained.preprocessing.finish(photos.images)
    np.testing.assert_allclose(
        artifact.load(tmp_path).predict(seen), trained.model.predict(seen, verbose=0), atol=1e-5
    )


def test_its_choices_are_told_and_kept_with_their_figures():
    trained, log = train(small_networks.photos())
    assert str(trained.recipe["penalty"]) in trained.recipe["validation"]
    assert any(isinstance(line, str) and line.startswith("equalize=") for line in log)
    assert any(isinstance(line, str) and line.startswith("penalty=") for line in log)
    assert [row for row in log if isinstance(row, Epoch)] == list(trained.history)


def test_one_epoch_is_few_steps():
    trained, _ = train(small_networks.photos(), epochs=1)
    assert len(trained.history) == 1


def test_a_backbone_is_needed():
    with pytest.raises(TrainingError, match="needs a backbone"):
        tuned.train(small_networks.photos(), Settings(), None, print)


def test_broken_weights_are_an_error_and_no_model():
    network = small_networks.backbone_network()
    layer = network.get_layer("stem_conv")
    layer.set_weights([np.full_like(weights, np.nan) for weights in layer.get_weights()])
    with pytest.raises(TrainingError, match="weights are broken"):
        train(small_networks.photos(), network, equalize="false")


def test_the_linear_head_is_the_optimum_that_scikit_learn_finds():
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 120)
    vectors = (random.normal(size=(120, 6)) + np.eye(3, 6)[labels] * 2).astype(np.float32)
    mine = fit_head(vectors, labels, 3, penalty=0.01, steps=500)
    spread = vectors.std(axis=0, dtype=np.float64)
    spread += 0.01 * spread.mean() + 1e-12
    standard = (vectors - vectors.mean(axis=0)) / spread
    other = LogisticRegression(C=1 / (0.01 * 120), tol=1e-8, max_iter=2000).fit(standard, labels)
    expected = other.predict_proba(standard)
    scores = np.exp(vectors @ mine.weights + mine.bias)
    np.testing.assert_allclose(scores / scores.sum(axis=1, keepdims=True), expected, atol=2e-3)


def test_a_class_without_photos_is_no_obstacle():
    vectors = np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32)
    head = fit_head(vectors, np.tile([0, 2], 10), 3, penalty=0.1, steps=50)
    assert np.isfinite(head.weights).all()
    assert (vectors @ head.weights + head.bias).argmax(axis=1).tolist().count(1) == 0
