"""Painting in one pass: the TFLite pair, TensorFlow Hub's module, style vectors."""

import numpy as np
import pytest
from style_models import photo, saved_module, saved_pair, stripes

from bestiary.style import CannotStylize, Fast, Style, Vectors, fast, hub, stylize


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A pair of TFLite files made for 32 by 32 pixels, and what the transformer is in TensorFlow."""
    folder = tmp_path_factory.mktemp("pair")
    return folder, saved_pair(folder)


@pytest.fixture(scope="module")
def model(pair):
    return fast.read(str(pair[0]), threads=1)


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    folder = tmp_path_factory.mktemp("module")
    return folder, saved_module(folder)


class Counting:
    """A model that tells how often it looked at a painting, and at which."""

    digest, style_side, multiple = "counting", 16, 4

    def __init__(self):
        self.seen = []

    def vector(self, style):
        self.seen.append(style)
        return np.full(100, style.mean(), np.float32)

    def transform(self, content, vector):
        return content * vector[0]


def test_a_pair_made_for_one_size_paints_any(pair, model):
    """At 52 by 40 pixels it computes what the network computes at that size."""
    content = photo(52, 40).astype(np.float32) / 255
    vector = model.vector(photo(32, 32).astype(np.float32) / 255)
    expected = np.asarray(pair[1](content[np.newaxis], vector.reshape(1, 1, 1, 100)))[0]
    assert np.abs(expected - model.transform(content, vector)).max() < 1e-5


@pytest.mark.parametrize(("width", "height"), [(50, 33), (33, 50), (16, 120)])
def test_nothing_of_the_photo_is_cut_off(model, width, height):
    """The result has the photo's proportions, whatever the network's strides are."""
    painted = fast.paint(model, photo(width, height), [Style(stripes())], size=max(width, height))
    assert (height, width, 3) == painted.shape


def test_strength_goes_from_the_photos_own_style_to_the_paintings(model):
    """0 is the photo in its own style, 1 the painting's, between them lies what lies between."""
    own = fast.paint(model, photo(), [Style(photo())], size=64)
    full, none, half = (
        fast.paint(model, photo(), [Style(stripes())], size=64, strength=strength) for strength in (1, 0, 0.5)
    )
    assert np.array_equal(own, none)
    assert not np.array_equal(full, none)
    apart = np.abs(full.astype(int) - none).mean()
    assert np.abs(half.astype(int) - none).mean() < apart
    with pytest.raises(CannotStylize, match="goes from 0 to 1"):
        fast.paint(model, photo(), [Style(stripes())], size=64, strength=1.5)


def test_several_paintings_are_mixed_by_their_weights():
    """Vectors are averaged; a painting of weight 0 does not count."""
    light, dark = (np.full((16, 16, 3), level, np.uint8) for level in (255, 51))
    white = np.full((32, 32, 3), 255, np.uint8)
    mixed = fast.paint(Counting(), white, [Style(light, 3), Style(dark, 1)], size=32)
    assert 204 == mixed[0, 0, 0]
    assert 255 == fast.paint(Counting(), white, [Style(light, 1), Style(dark, 0)], size=32)[0, 0, 0]
    with pytest.raises(CannotStylize, match="at least one style"):
        fast.paint(Counting(), white, [Style(light, 0)], size=32)


def test_a_painting_is_looked_at_once(tmp_path):
    """Its vector is kept in memory and on disk; a damaged file is made again."""
    counting = Counting()
    for vectors in (Vectors(tmp_path), Vectors(tmp_path)):
        for _ in range(2):
            fast.paint(counting, photo(), [Style(stripes(16, 16))], size=32, vectors=vectors)
    assert 1 == len(counting.seen)
    (kept,) = tmp_path.glob("*.npy")
    kept.write_bytes(b"torn")
    fast.paint(counting, photo(), [Style(stripes(16, 16))], size=32, vectors=Vectors(tmp_path))
    assert 2 == len(counting.seen)


def test_a_long_painting_is_seen_whole():
    """Squares cover it from end to end, and none is squashed."""
    counting = Counting()
    painting = np.zeros((16, 40, 3), np.uint8)
    painting[:, :2] = painting[:, -2:] = 255
    fast.paint(counting, photo(), [Style(painting)], size=32)
    assert [(16, 16, 3)] * 3 == [square.shape for square in counting.seen]
    assert counting.seen[0][:, 0].max() == counting.seen[-1][:, -1].max() == 1
    assert 0 == counting.seen[1].max()


def test_a_picture_too_large_for_memory_says_at_what_size_it_was_painted(monkeypatch):
    """It is painted smaller and enlarged, and the result says so."""
    monkeypatch.setattr(fast, "MOST_PIXELS", 64 * 64)
    result = stylize(Fast(Counting(), 256), photo(200, 200), [Style(stripes())])
    assert (256, 256, 3) == result.image.shape
    assert "painted at 64 pixels and enlarged to 256" in result.warnings[0]
    assert () == stylize(Fast(Counting(), 64), photo(200, 200), [Style(stripes())]).warnings


def test_the_module_is_parted_where_its_style_vector_passes(module):
    """Predictor and transformer one after the other are the whole."""
    folder, whole = module
    parted = fast.read(str(folder))
    content, painting = (image.astype(np.float32) / 255 for image in (photo(), stripes()))
    vector = parted.vector(painting)
    expected = np.asarray(whole(content[np.newaxis], painting[np.newaxis])["output_0"])[0]
    assert (100,) == vector.shape
    assert np.abs(expected - parted.transform(content, vector)).max() < 1e-6


def test_a_model_is_known_by_its_bytes(module, tmp_path):
    """The same module in another folder has the same vectors."""
    folder, _ = module
    copied = tmp_path / "copied"
    for path in folder.rglob("*"):
        if path.is_file():
            target = copied / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    assert hub.Module(str(folder)).digest == hub.Module(str(copied)).digest


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds neither saved_model.pb nor .tflite files"),
        ({"a.tflite": b"no model"}, "a.tflite is no TFLite model"),
        ({"saved_model.pb": b"no module"}, "cannot be had"),
    ],
)
def test_folders_that_hold_no_model_are_refused(tmp_path, files, words):
    """One line names what is wrong."""
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(CannotStylize, match=words):
        fast.read(str(tmp_path))


def test_half_a_pair_is_refused(pair, tmp_path):
    """The missing half is named."""
    (tmp_path / "predict.tflite").write_bytes((pair[0] / "predict.tflite").read_bytes())
    with pytest.raises(CannotStylize, match="holds no transformer"):
        fast.read(str(tmp_path))


def test_a_name_that_is_neither_folder_nor_handle_is_refused():
    """A mistyped folder is not looked up on the web."""
    with pytest.raises(CannotStylize, match="a model is a folder, or a handle such as https"):
        fast.read("no/such/folder")
