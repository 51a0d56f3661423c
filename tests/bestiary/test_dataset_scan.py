"""Scanning finds what claims to be a photo, in an order that no file system decides."""

import os
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from bestiary.dataset import UnusableDataset
from bestiary.dataset.scan import scan


def touch(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(root: Path) -> list[str]:
    return [candidate.file for candidate in scan(root).candidates]


def test_photos_lie_at_any_depth_of_a_class_folder(tmp_path: Path) -> None:
    touch(tmp_path, "bear/1.jpg", "bear/site 3/night/2.JPG", "cat/no extension")
    assert found(tmp_path) == ["bear/1.jpg", "bear/site 3/night/2.JPG", "cat/no extension"]
    assert {candidate.label for candidate in scan(tmp_path).candidates} == {"bear", "cat"}


def test_what_systems_leave_behind_is_passed_over_in_silence(tmp_path: Path) -> None:
    touch(tmp_path, "bear/1.jpg", "bear/.DS_Store", "bear/Thumbs.db", "bear/desktop.ini", ".git/config")
    touch(tmp_path, "__MACOSX/bear/1.jpg", "bear/._1.jpg", "bear/.hidden/2.jpg")
    assert found(tmp_path) == ["bear/1.jpg"]
    assert scan(tmp_path).ignored == {}
    assert scan(tmp_path).empty == ()


def test_honest_sidecars_are_ignored_and_counted(tmp_path: Path) -> None:
    touch(
        tmp_path, "bear/1.jpg", "bear/1.xmp", "bear/notes.txt", "bear/more.TXT", "metadata.csv", "readme.md"
    )
    assert found(tmp_path) == ["bear/1.jpg"]
    assert scan(tmp_path).ignored == {".md": 1, ".txt": 2, ".xmp": 1}


def test_names_with_spaces_and_other_scripts_are_fine(tmp_path: Path) -> None:
    touch(tmp_path, "Ours brun/été 1.jpg", "ヒグマ/熊 (2).jpg")
    assert found(tmp_path) == ["Ours brun/été 1.jpg", "ヒグマ/熊 (2).jpg"]


def test_composed_and_decomposed_names_come_out_the_same(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        touch(tmp_path / form, unicodedata.normalize(form, "fée/été.jpg"))
    assert found(tmp_path / "NFC") == found(tmp_path / "NFD")


def test_a_name_that_is_no_text_is_still_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "bear"
    folder.mkdir()
    try:
        Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert found(tmp_path) == ["bear/\ufffd\ufffd.jpg"]


def test_the_order_does_not_depend_on_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, *(f"{label}/{number}.jpg" for label in "bca" for number in range(9)))
    expected = sorted(f"{label}/{number}.jpg" for label in "abc" for number in range(9))
    walk = os.walk

    def shuffled(top: Path, **options: bool) -> Iterator[tuple[str, list[str], list[str]]]:
        for folder, names, files in walk(top, **options):
            random.shuffle(files)
            names.reverse()
            yield folder, names, files

    monkeypatch.setattr(os, "walk", shuffled)
    assert found(tmp_path) == expected


def test_empty_classes_and_loose_photos_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path, "bear/1.jpg", "owl/readme.txt", "stray.jpg")
    (tmp_path / "lynx").mkdir()
    assert scan(tmp_path).empty == ("lynx", "owl")
    assert scan(tmp_path).loose == ("stray.jpg",)


@pytest.mark.parametrize(
    ("files", "reason"),
    [((), "is empty"), (("1.jpg", "2.jpg"), "has no class folders (2 files lie directly in it)")],
)
def test_without_class_folders_the_layout_is_explained(
    tmp_path: Path, files: tuple[str, ...], reason: str
) -> None:
    touch(tmp_path, *files)
    with pytest.raises(UnusableDataset) as caught:
        scan(tmp_path)
    assert reason in str(caught.value)
    assert "DATA/bear/1.jpg" in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataset, match=r"nowhere is not a folder"):
        scan(tmp_path / "nowhere")


def test_linked_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/1.jpg", "data/cat/2.jpg")
    (tmp_path / "data" / "bear").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "cat" / "around").symlink_to(tmp_path / "data")
    assert found(tmp_path / "data") == ["bear/1.jpg", "cat/2.jpg"]


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "bear/1.jpg")

    def denied(*_: object, **__: object) -> Iterator[os.DirEntry[str]]:
        raise PermissionError(13, "Permission denied", str(tmp_path / "bear"))

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(UnusableDataset, match=r"bear cannot be read: Permission denied"):
        scan(tmp_path)
