"""The tuned recipe."""

import numpy as np
import pytest
import small_networks

from bestiary.classifiers import artifact, tuned
from bestiary.classifiers.backbone import About, Backbone
from bestiary.classifiers.linear_head import fit_head
from bestiary.classifiers.recipe import Settings, TrainingError
from bestiary.classifiers.tuned_network import VIEWS, build


def train(photos, network=None, **settings):
    small_networks.keras().utils.set_random_seed(settings.get("seed", 42))
    log = []
    base = small_networks.backbone(network or small_networks.backbone_network(), "")
    return tuned.train(photos, Settings(**settings), base, log.append), log


def as_list(answer):
    return list(answer) if isinstance(answer, (list, tuple)) else [answer]


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
    assert {"plain", "equalized"} < trained.recipe["equalize"].keys()
    assert str(trained.recipe["penalty"]) in trained.recipe["validation"]
    assert [line.partition("=")[0] for line in log[:2]] == ["equalize", "penalty"]
    assert log[2:] == list(trained.history)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_photo_is_seen_as_it_is_mirrored_and_at_its_middle(count):
    """Each view is what the backbone and the pooling make of that picture alone, in the order told."""
    keras = small_networks.keras()
    network = small_networks.backbone_network()
    _, looking = build(network, 32, 3, count, 0.75)
    images = small_networks.photos(each=1).images.astype("float32")
    middle = np.asarray(keras.ops.image.resize(images[:, 4:28, 4:28], (32, 32)))
    pictures = [images, images[:, :, ::-1], middle, middle[:, :, ::-1]][:count]
    assert len(VIEWS[:count]) == count
    for seen, picture in zip(as_list(looking(images, training=False)), pictures, strict=True):
        features = np.asarray(network(picture, training=False))
        vector = (features * (features**2).sum(axis=-1, keepdims=True)).mean(axis=(1, 2))
        expected = vector / np.linalg.norm(vector, axis=1, keepdims=True)
        np.testing.assert_allclose(expected, seen, rtol=1e-3, atol=1e-5)


def test_a_mirrored_photo_gets_the_same_answer():
    """The network holds its views, so nobody who predicts with it need know of them."""
    photos = small_networks.photos()
    trained, _ = train(photos)
    images = photos.images.astype("float32")
    answer = trained.model.predict(images, verbose=0)
    np.testing.assert_allclose(answer, trained.model.predict(images[:, :, ::-1], verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    ("weights", "parameters", "views"), [("file", 1, 4), ("imagenet", 10_000_000, 2), ("random", 1, 1)]
)
def test_how_often_a_backbone_looks_depends_on_what_a_look_costs_and_brings(weights, parameters, views):
    """Small pretrained ones four times, large ones twice, and random ones once."""
    about = About("some", weights, "", "0" * 64, parameters)
    assert views == tuned.RECIPE.views_for(Backbone(None, about))


def test_random_weights_still_give_a_classifier():
    """Of what random layers see of colours and stripes, the head makes more than chance."""
    small_networks.keras()
    network = small_networks.backbone_network()
    base = Backbone(network, About("small", "random", "random weights", "0" * 64, network.count_params()))
    photos = small_networks.photos()
    trained = tuned.train(photos, Settings(), base, lambda news: None)
    scores = trained.model.predict(photos.images.astype("float32"), verbose=0)
    assert np.isfinite(scores).all()
    assert (scores.argmax(axis=1) == photos.labels).mean() > 0.6
    assert trained.warnings == ("random weights",)


@pytest.mark.slow
def test_few_real_photos_are_enough_for_a_pretrained_backbone():
    """From 20 photos each of three kinds of ../shared/data, most of the held out ones are named right."""
    from bestiary.classifiers.backbone import load

    path = small_networks.stand_in()
    folder = path.parent.parent / "animals"
    photos = small_networks.real_photos(folder, ("crab", "leopard", "panda"), each=20, size=96)
    trained, _ = train(photos, load(path, 96))
    assert trained.history[-1].val_accuracy > 0.8
    assert trained.recipe["equalize"]["equalize"] is False


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
