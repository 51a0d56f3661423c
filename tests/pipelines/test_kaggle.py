"""The Kaggle set: its ten classes are taken out of the download, each file checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipelines.data import kaggle
from pipelines.errors import OperatorError

FILES = {"bear/one.jpg": b"a bear", "cat/two.jpg": b"a cat"}


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a download as Kaggle does, with classes that nobody asked for."""
    published = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(kaggle, "_published", lambda: published)
    root = tmp_path / "download" / "animals" / "animals"
    for name, content in {**FILES, "zebra/three.jpg": b"a zebra"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return tmp_path / "download"


def test_only_the_published_files_are_taken(downloaded: Path, tmp_path: Path) -> None:
    kaggle.take_ten(downloaded, tmp_path / "out")
    taken = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*.jpg")
    }
    assert taken == FILES


@pytest.mark.parametrize("content", [b"another bear", None])
def test_a_file_that_differs_or_lacks_is_named_and_nothing_is_kept(
    downloaded: Path, tmp_path: Path, content: bytes | None
) -> None:
    bear = downloaded / "animals" / "animals" / "bear" / "one.jpg"
    if content is None:
        bear.unlink()
    else:
        bear.write_bytes(content)
    with pytest.raises(OperatorError, match=r"bear/one\.jpg"):
        kaggle.take_ten(downloaded, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_published_list_has_sixty_photos_of_each_class() -> None:
    names = [name.partition("/")[0] for name in kaggle._published()]  # noqa: SLF001 - the list itself is looked at
    assert {name: names.count(name) for name in names} == dict.fromkeys(names, 60)
    assert len(set(names)) == 10


def test_without_network_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import kagglehub

    def unreachable(handle: str) -> str:
        raise ConnectionError(handle)

    monkeypatch.setattr(kagglehub, "dataset_download", unreachable)
    with pytest.raises(OperatorError, match="give the folder with --data"):
        kaggle.kaggle_folder(tmp_path, lambda _: None)
