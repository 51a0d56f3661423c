"""Whatever runs a network, a photo's scores are its own: close to Keras's, the same bytes in every batch."""

from pathlib import Path

import numpy as np
import pytest
from serving_examples import SIDE, photo, real_photos, write_classifier

from bestiary.classifiers import artifact
from bestiary.classifiers.classifier import Classifier
from bestiary.classifiers.embedding import with_embedding
from bestiary.images import Preprocessing
from inference import model_folder
from inference.runtimes import Network, conversion, convert, litert, tensorflow

BATCH = 8


def network(name: str, folder: Path, cache: Path) -> Network:
    found = model_folder.read(folder)
    if name == "tensorflow":
        return tensorflow.load(found, BATCH)
    return litert.load(conversion.converted(found, cache), 2, BATCH)


def noise(count: int, side: int = SIDE) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, side, side, 3), np.uint8)


@pytest.mark.parametrize("runtime", ["litert", "tensorflow"])
def test_scores_are_keras_s_own_and_the_same_in_every_batch(
    runtime: str, classifier_folder: Path, cache: Path
) -> None:
    """Every batch size from 1 to 8, every position."""
    images = noise(BATCH)
    run = network(runtime, classifier_folder, cache)
    alone = np.concatenate([run(image[np.newaxis]) for image in images])
    keras_s_own = with_embedding(artifact.load(classifier_folder).network)
    expected = np.asarray(keras_s_own(images.astype(np.float32), training=False))
    assert np.abs(alone - expected).max() <= 1e-4
    for count in range(1, BATCH + 1):
        for turn in range(count):
            order = np.roll(np.arange(count), turn)
            assert np.array_equal(alone[order], run(images[order]))


def test_threads_do_not_change_scores(classifier_folder: Path, cache: Path) -> None:
    file = conversion.converted(model_folder.read(classifier_folder), cache)
    images = noise(BATCH)
    first, *others = (litert.load(file, threads, BATCH)(images) for threads in (1, 2, 3))
    assert all(np.array_equal(first, other) for other in others)


def test_a_network_whose_scores_depend_on_the_batch_scores_photos_one_by_one() -> None:
    """The way out where a processor's kernels differ by batch."""

    def unsteady(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1)[:, :3].astype(np.float32) + len(images)

    run = litert.one_by_one(unsteady)
    images = noise(3)
    assert np.array_equal(run(images)[1:2], run(images[1:2]))


@pytest.mark.slow
def test_a_pretrained_network_agrees_on_real_photos(tmp_path: Path, cache: Path) -> None:
    """MobileNetV2 with an untrained head on photos of ../shared/data: all runtimes within 1e-4 of Keras."""
    files = real_photos(1)
    backbone = files[0].parents[2] / "backbones" / "mobilenet_v2_imagenet.keras"
    from bestiary.classifiers import reproducible

    reproducible.begin(3)
    import keras

    from bestiary.classifiers.recipe import Trained

    base = keras.models.load_model(backbone, compile=False, safe_mode=True)
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(base.outputs[0])
    whole = keras.Model(base.inputs, keras.layers.Dense(10, activation="softmax", name="head")(x))
    labels = tuple(f"label {number}" for number in range(10))
    artifact.save(tmp_path / "model", "tuned", Trained(whole, Preprocessing(128), (), {}), labels, None)
    images = np.stack([Preprocessing(128).from_bytes(file.read_bytes()) for file in files[:BATCH]])
    expected = np.asarray(with_embedding(whole)(images.astype(np.float32), training=False))
    for runtime in ("litert", "tensorflow"):
        run = network(runtime, tmp_path / "model", cache)
        together = run(images)
        assert np.abs(together - expected).max() <= 1e-4
        assert np.array_equal(together[[2]], run(images[[2]]))


def test_a_converted_network_that_does_something_else_is_refused(
    classifier_folder: Path, cache: Path, tmp_path: Path
) -> None:
    """The conversion compares its result with the original."""
    other = write_classifier(tmp_path / "other", seed=2)
    file = conversion.converted(model_folder.read(classifier_folder), cache)
    convert.check(artifact.load(classifier_folder), file)
    with pytest.raises(convert.Different, match="from Keras's, the most allowed is"):
        convert.check(artifact.load(other), file)


@pytest.mark.parametrize("length", ["any", "one"])
def test_a_photo_that_a_network_sees_nothing_in_has_scores_all_the_same(length: str, tmp_path: Path) -> None:
    """All features nought, as in a network whose last neurons are dead: no division by their length."""
    import keras

    image = keras.Input((8, 8, 3))
    dead = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(0.0)(image))
    if length == "one":
        dead = keras.layers.UnitNormalization()(dead)
    blind = keras.Model(image, keras.layers.Dense(2, activation="softmax")(dead))
    classifier = Classifier(blind, "blind", ("a", "b"), Preprocessing(8), {}, None)
    (tmp_path / "blind.tflite").write_bytes(convert.convert(classifier))
    convert.check(classifier, tmp_path / "blind.tflite")


def test_a_kept_network_is_used_again_unless_it_was_damaged(classifier_folder: Path, cache: Path) -> None:
    """Then it is converted anew, to the very same bytes."""
    folder = model_folder.read(classifier_folder)
    file = conversion.converted(folder, cache)
    made = file.stat().st_ino
    assert conversion.converted(folder, cache) == file
    assert file.stat().st_ino == made
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert conversion.converted(folder, cache) == file
    assert file.read_bytes() == whole


def test_a_network_that_cannot_be_converted_is_tried_once(
    classifier_folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second start says the same without TensorFlow; what a full disk stopped is tried again."""
    program = tmp_path / "python"
    monkeypatch.setattr(conversion.sys, "executable", str(program))
    folder, told = model_folder.read(classifier_folder), []
    for status in (1, conversion.NEVER, 0):
        program.write_text(f"#!/bin/sh\necho 'Different: status {status}' >&2\nexit {status}\n")
        program.chmod(0o755)
        with pytest.raises(conversion.NotConvertible) as failed:
            conversion.converted(folder, tmp_path / "cache")
        told.append(str(failed.value)[-8:])
    assert told == ["status 1", "status 3", "status 3"]
    assert capfd.readouterr().err.count("converting the network") == 2


def test_a_conversion_that_fails_is_said_in_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cache that is a file stands for one that cannot be written: that alone is a warning only."""
    (tmp_path / "cache").write_text("")
    folder = model_folder.ModelFolder(tmp_path, "classification", "0" * 64)
    with pytest.raises(conversion.NotConvertible) as failed:
        conversion.converted(folder, tmp_path / "cache")
    line = str(failed.value)
    assert line.startswith("the network cannot be converted for LiteRT: ArtifactCorrupt: ")
    assert line.endswith("manifest.json is missing")
    warning, said = capsys.readouterr().err.splitlines()
    assert warning.endswith("nothing is kept for the next start")
    assert said == "converting the network for LiteRT, once for each version"


def test_a_photo_s_scores_are_the_same_for_each_format_of_the_same_pixels() -> None:
    """PNG and lossless WebP hold the same pixels, so they must become the same tensor."""
    preprocessing = Preprocessing(SIDE, equalize=True)
    png, webp = (
        preprocessing.from_bytes(photo(1, kind, **how))
        for kind, how in (("PNG", {}), ("WEBP", {"lossless": True}))
    )
    assert np.array_equal(png, webp)
