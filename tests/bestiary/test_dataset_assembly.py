"""A folder becomes a dataset; what cannot be used is named, and nothing is forgotten without a word."""

from pathlib import Path

import numpy as np
import pytest
from image_files import encoded, huge_png, photo, scene
from PIL import Image

from bestiary.dataset import Dataset, UnusableDataset, assemble
from bestiary.images import Preprocessing

WANTED = [Preprocessing(32, equalize=True), Preprocessing(48)]


def put(root: Path, file: str, data: bytes) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of five good photos each."""
    data = tmp_path / "data"
    for place, label in enumerate(("bear", "cat")):
        for number in range(5):
            put(data, f"{label}/{number}.jpg", photo(10 * place + number))
    return data


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def quarantined(dataset: Dataset) -> dict[str, str]:
    return {one.file: one.reason for one in dataset.quarantined}


def test_good_photos_are_all_used(root: Path, scratch: Path) -> None:
    dataset = assemble(root, WANTED, scratch)
    assert dataset.classes == ("bear", "cat")
    assert dataset.counts == {"bear": {"train": 4, "test": 1}, "cat": {"train": 4, "test": 1}}
    assert (dataset.quarantined, dataset.duplicates, dataset.warnings) == ((), (), ())


def test_rows_hold_what_the_preprocessing_makes_of_the_file(root: Path, scratch: Path) -> None:
    dataset = assemble(root, WANTED, scratch)
    for one in dataset.photos:
        data = (root / one.file).read_bytes()
        for wanted, images in zip(WANTED, dataset.images, strict=True):
            np.testing.assert_array_equal(wanted.from_bytes(data), images[one.row])
        assert (one.header.width, one.header.height) == (160, 120)


def test_every_kind_of_broken_file_is_quarantined_with_its_reason(root: Path, scratch: Path) -> None:
    broken = {
        "bear/cut.jpg": (photo(90)[:1500], "truncated"),
        "bear/notes.jpg": (b"field notes, not a photo", "not an image (it looks like text)"),
        "bear/zero.jpg": (b"", "empty file (0 bytes)"),
        "cat/huge.png": (huge_png(20_000), "too large: 20000 x 20000 pixels"),
        "cat/phone.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(40), "unsupported format HEIC"),
        "stray.jpg": (photo(91), "it lies outside any class folder"),
    }
    for file, (data, _) in broken.items():
        put(root, file, data)
    dataset = assemble(root, WANTED, scratch)
    assert sorted(broken) == list(quarantined(dataset))
    for file, (_, reason) in broken.items():
        assert quarantined(dataset)[file].startswith(reason)
    assert len(dataset.photos) == 10


def test_a_link_to_nowhere_is_quarantined(root: Path, scratch: Path) -> None:
    (root / "bear" / "gone.jpg").symlink_to(root / "nothing.jpg")
    assert quarantined(assemble(root, WANTED, scratch)) == {
        "bear/gone.jpg": "cannot be read: No such file or directory"
    }


def test_odd_but_good_files_are_used(root: Path, scratch: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    put(root, "bear/cmyk é.jpg", encoded(scene(seed=50).convert("CMYK")))
    put(root, "bear/rotated.jpg", encoded(scene(seed=51), exif=exif))
    put(
        root,
        "cat/grey 16.png",
        encoded(Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)), "PNG"),
    )
    frames = [scene(seed=52), scene(seed=53)]
    put(root, "cat/moving.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    dataset = assemble(root, WANTED, scratch)
    assert len(dataset.photos) == 14
    assert dataset.warnings == ("cat/moving.gif: animated GIF: only its first frame is used",)


def test_copies_within_a_class_are_kept_once_and_listed(root: Path, scratch: Path) -> None:
    put(root, "bear/a copy.jpg", photo(3))
    put(root, "bear/deep/copy.jpg", photo(3))
    dataset = assemble(root, WANTED, scratch)
    assert [(one.file, one.same_as) for one in dataset.duplicates] == [
        ("bear/a copy.jpg", "bear/3.jpg"),
        ("bear/deep/copy.jpg", "bear/3.jpg"),
    ]
    assert len(dataset.photos) == 10


def test_a_photo_in_two_classes_is_used_in_neither_and_each_names_the_other(
    root: Path, scratch: Path
) -> None:
    put(root, "cat/same.jpg", photo(3))
    dataset = assemble(root, WANTED, scratch)
    assert quarantined(dataset) == {
        "bear/3.jpg": "the same photo is also in another class: cat/same.jpg",
        "cat/same.jpg": "the same photo is also in another class: bear/3.jpg",
    }
    assert len(dataset.photos) == 9


def test_a_class_of_one_photo_goes_to_training_with_a_warning(root: Path, scratch: Path) -> None:
    put(root, "owl/only.jpg", photo(70))
    dataset = assemble(root, WANTED, scratch)
    assert dataset.counts["owl"] == {"train": 1, "test": 0}
    assert dataset.warnings == ("class owl is in the training data only: it has one usable photo",)


def test_an_empty_class_folder_is_left_out_with_a_warning(root: Path, scratch: Path) -> None:
    (root / "owl").mkdir()
    dataset = assemble(root, WANTED, scratch)
    assert dataset.classes == ("bear", "cat")
    assert dataset.warnings == ("class owl is left out: its folder holds no photos",)


def test_a_class_of_nothing_but_broken_photos_stops_everything_and_is_named(
    root: Path, scratch: Path
) -> None:
    put(root, "owl/a.jpg", b"")
    put(root, "owl/b.jpg", photo(70)[:900])
    with pytest.raises(UnusableDataset) as caught:
        assemble(root, WANTED, scratch)
    assert str(caught.value) == (
        "no photo can be used of owl: owl/a.jpg (empty file (0 bytes)), owl/b.jpg (truncated: the file ends "
        "before the picture does). Replace the photos or remove the folder"
    )


def test_a_class_that_contradictions_leave_empty_stops_everything_too(root: Path, scratch: Path) -> None:
    put(root, "owl/a.jpg", photo(3))
    with pytest.raises(
        UnusableDataset, match=r"of owl: owl/a\.jpg \(the same photo is also in another class: bear"
    ):
        assemble(root, WANTED, scratch)


def test_one_class_is_not_enough(root: Path, scratch: Path) -> None:
    for file in (root / "cat").iterdir():
        file.unlink()
    with pytest.raises(
        UnusableDataset, match=r"at least two classes with photos are needed .* only bear has any"
    ):
        assemble(root, WANTED, scratch)


def test_the_digest_tells_names_and_bytes_but_not_sidecars_or_broken_files(root: Path, scratch: Path) -> None:
    first = assemble(root, WANTED, scratch).digest
    put(root, "bear/readme.txt", b"hello")
    put(root, "bear/broken.jpg", b"hello")
    assert assemble(root, WANTED, scratch).digest == first
    (root / "bear/0.jpg").rename(root / "bear/renamed.jpg")
    renamed = assemble(root, WANTED, scratch).digest
    put(root, "bear/renamed.jpg", photo(99))
    assert len({first, renamed, assemble(root, WANTED, scratch).digest}) == 3
