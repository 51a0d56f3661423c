"""Trained classifiers as folders of data."""

import hashlib
import json
from io import BytesIO

import numpy as np
import pytest
import small_networks
from PIL import Image

from bestiary.classifiers import artifact, transfer
from bestiary.classifiers.artifact import ArtifactCorrupt
from bestiary.classifiers.recipe import Trained
from bestiary.images import Preprocessing

SIZE = 32


def save(folder, seed=1):
    network = transfer.build(small_networks.backbone_network(SIZE, seed=seed), len(small_networks.CLASSES))
    small_networks.draw_statistics(network, seed)
    trained = Trained(network, Preprocessing(SIZE, equalize=True), (), {"epochs": 15})
    artifact.save(folder, "efficientnetb3", trained, small_networks.CLASSES, {"name": "small"})
    return network


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifact")
    return folder, save(folder)


@pytest.fixture
def copy(saved, tmp_path):
    """Return a copy of the saved artifact that a test may damage."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in saved[0].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def photo():
    file = BytesIO()
    Image.fromarray(small_networks.photos(size=60).images[0]).save(file, "PNG")
    return file.getvalue()


def vouch_for(folder, name, data):
    """Change a file as somebody would who knows about the manifest."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_loaded_classifier_answers_as_the_trained_network(saved):
    """Weights, normalisation statistics and the input's fixed statistics all come back."""
    folder, network = saved
    classifier = artifact.load(folder)
    images = small_networks.photos(size=SIZE).images
    scores = classifier.predict(images)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(network(images, training=False), scores, rtol=1e-4, atol=1e-5)


def test_a_loaded_classifier_knows_what_belongs_to_it(saved):
    """Classes, preprocessing, recipe and backbone come back as they were."""
    classifier = artifact.load(saved[0])
    assert small_networks.CLASSES == classifier.classes
    assert Preprocessing(SIZE, equalize=True) == classifier.preprocessing
    assert ({"epochs": 15}, {"name": "small"}) == (classifier.recipe, classifier.backbone)
    assert classifier.name == "efficientnetb3"


def test_a_photo_is_preprocessed_before_it_is_classified(saved):
    """Bytes and arrays take the same way."""
    classifier = artifact.load(saved[0])
    image = classifier.preprocessing.from_bytes(photo())
    expected = dict(zip(small_networks.CLASSES, classifier.predict(image[np.newaxis])[0], strict=True))
    assert classifier.classify(photo()) == pytest.approx(expected)


def test_no_photos_have_no_scores(saved):
    """An empty batch is no error."""
    assert artifact.load(saved[0]).predict(np.empty((0, SIZE, SIZE, 3), np.uint8)).shape == (0, 3)


def test_equal_networks_give_equal_bytes(saved, tmp_path):
    """Nothing in the files depends on when, or on what was built before."""
    save(tmp_path)
    for file in saved[0].iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name


def test_other_weights_give_other_bytes(saved, tmp_path):
    """The manifest tells two networks of one architecture apart."""
    save(tmp_path, seed=2)
    assert (saved[0] / "manifest.json").read_bytes() != (tmp_path / "manifest.json").read_bytes()


@pytest.mark.parametrize("name", [*artifact.FILES, "manifest.json"])
def test_a_missing_file_is_named(copy, name):
    """Nothing is made up for it."""
    (copy / name).unlink()
    with pytest.raises(ArtifactCorrupt, match=f"{name} is missing"):
        artifact.load(copy)


@pytest.mark.parametrize("name", artifact.FILES)
def test_a_changed_file_is_named(copy, name):
    """One bit is enough."""
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ArtifactCorrupt, match=f"{name} was changed"):
        artifact.load(copy)


@pytest.mark.parametrize("name", ["extra.json", "code/inference.py", "model.pkl"])
def test_an_added_file_is_named(copy, name):
    """What the manifest does not vouch for has no place in an artifact."""
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("print('hello')")
    with pytest.raises(ArtifactCorrupt, match="is not part of the artifact"):
        artifact.load(copy)


def test_a_link_is_refused(copy, saved):
    """Even one that leads to the right bytes."""
    (copy / "labels.json").unlink()
    (copy / "labels.json").symlink_to(saved[0] / "labels.json")
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json is no plain file"):
        artifact.load(copy)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\x00", "nonsense"])
def test_a_manifest_that_is_none_is_refused(copy, text):
    """Whatever it holds instead."""
    (copy / "manifest.json").write_text(text)
    with pytest.raises(ArtifactCorrupt, match=r"manifest\.json"):
        artifact.load(copy)


def test_another_format_is_refused_by_number(copy):
    """A later version's artifact is not half understood."""
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(ArtifactCorrupt, match="format 2"):
        artifact.load(copy)


def test_an_architecture_with_code_is_refused_even_with_a_matching_manifest(copy):
    """The sums protect from accidents; who rewrites them still gets no code run."""
    architecture = json.loads((copy / "architecture.json").read_text())
    for layer in architecture["config"]["layers"]:
        if layer["class_name"] == "Rescaling":
            layer.update({"class_name": "Lambda", "config": {"name": "evil", "function": "x"}})
    vouch_for(copy, "architecture.json", json.dumps(architecture).encode())
    with pytest.raises(ArtifactCorrupt, match=r"keras\.layers\.Lambda \(layer 'rescaling'\)"):
        artifact.load(copy)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("weights.safetensors", b""),
        ("weights.safetensors", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "),
        ("architecture.json", b"{"),
        ("architecture.json", b"{}"),
        ("labels.json", b"3"),
        ("preprocessing.json", b"{}"),
    ],
)
def test_contents_that_do_not_fit_are_one_clear_error(copy, name, data):
    """A file that was vouched for and is still wrong ends in the same kind of error."""
    vouch_for(copy, name, data)
    with pytest.raises(ArtifactCorrupt):
        artifact.load(copy)


def test_weights_of_another_network_are_refused_by_name(copy, tmp_path):
    """A weight of another shape is never broadcast or skipped."""
    other = transfer.build(small_networks.backbone_network(SIZE), 4)
    trained = Trained(other, Preprocessing(SIZE), (), {})
    artifact.save(tmp_path / "other", "efficientnetb3", trained, ("a", "b", "c", "d"), None)
    vouch_for(copy, "weights.safetensors", (tmp_path / "other" / "weights.safetensors").read_bytes())
    with pytest.raises(ArtifactCorrupt, match="head_species"):
        artifact.load(copy)
