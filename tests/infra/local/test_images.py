"""Images of the process runtime: the digest is the code."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from infra.local import images


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Make two packages."""
    for package in ("jobs", "other"):
        (tmp_path / "source" / package / "data").mkdir(parents=True)
        (tmp_path / "source" / package / "__init__.py").write_text("X = 1\n")
        (tmp_path / "source" / package / "data" / "labels.json").write_text("[]")
    return tmp_path / "source"


def push(tmp_path: Path, source: Path) -> str:
    """Push one of them."""
    return images.push(tmp_path / "home", "bestiary-jobs", source, ("jobs",))


def test_the_same_code_has_the_same_uri(tmp_path: Path, source: Path) -> None:
    """Bytecode, hidden files and other packages change nothing."""
    first = push(tmp_path, source)
    (source / "jobs" / "__pycache__").mkdir()
    (source / "jobs" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (source / "jobs" / ".hidden").write_text("x")
    (source / "other" / "__init__.py").write_text("X = 2\n")
    assert push(tmp_path, source) == first
    assert first.startswith("123456789012.dkr.ecr.us-east-1.amazonaws.com/bestiary-jobs@sha256:")


@pytest.mark.parametrize("change", ["content", "name", "data"])
def test_other_code_has_another_uri(tmp_path: Path, source: Path, change: str) -> None:
    """Any change of a file's name or bytes."""
    first = push(tmp_path, source)
    if change == "content":
        (source / "jobs" / "__init__.py").write_text("X = 2\n")
    elif change == "name":
        (source / "jobs" / "__init__.py").rename(source / "jobs" / "main.py")
    else:
        (source / "jobs" / "data" / "labels.json").write_text("[1]")
    assert push(tmp_path, source) != first


def test_a_job_of_an_image_runs_the_code_that_was_pushed(tmp_path: Path, source: Path) -> None:
    """Later changes of the source do not reach it, and only the image's own packages are there."""
    uri = push(tmp_path, source)
    (source / "jobs" / "__init__.py").write_text("X = 2\n")
    code = images.resolve(tmp_path / "home", uri)
    assert code is not None
    assert (code / "jobs" / "__init__.py").read_text() == "X = 1\n"
    assert not (code / "other").exists()
    assert images.variables(code) == {"BESTIARY_IMAGE": uri, "BESTIARY_COMMIT": ""}


@pytest.mark.parametrize(
    "uri",
    [
        "python:3.11",
        "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.16",
        f"123456789012.dkr.ecr.us-east-1.amazonaws.com/bestiary-jobs@sha256:{'0' * 64}",
        f"123456789012.dkr.ecr.us-east-1.amazonaws.com/../../x@sha256:{'0' * 64}",
    ],
)
def test_an_image_that_was_not_pushed_is_unknown(tmp_path: Path, source: Path, uri: str) -> None:
    """Whatever its name is."""
    push(tmp_path, source)
    assert images.resolve(tmp_path / "home", uri) is None


def test_the_commit_goes_with_the_image(tmp_path: Path, source: Path) -> None:
    """It says when there are changes that no commit has."""

    def git(*words: str) -> str:
        settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(source), *settings, *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit() -> str:
        code = images.resolve(tmp_path / "home", push(tmp_path, source))
        assert code is not None
        return images.variables(code)["BESTIARY_COMMIT"]

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    assert commit() == git("rev-parse", "HEAD")
    (source / "jobs" / "new.py").write_text("")
    assert commit() == f"{git('rev-parse', 'HEAD')}-dirty"


def test_pushing_twice_at_once_gives_one_whole_snapshot(tmp_path: Path, source: Path) -> None:
    """Two commands that start together do not trip over each other."""
    uris: list[str] = []
    threads = [threading.Thread(target=lambda: uris.append(push(tmp_path, source))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(uris) == 6
    assert len(set(uris)) == 1
    left = sorted(path.suffix for path in (tmp_path / "home" / "images" / "bestiary-jobs").iterdir())
    assert left == ["", ".json"]


def test_a_package_that_is_missing_is_named(tmp_path: Path, source: Path) -> None:
    """And nothing is left behind."""
    with pytest.raises(FileNotFoundError, match="nothing"):
        images.push(tmp_path / "home", "bestiary-jobs", source, ("nothing",))
    assert list((tmp_path / "home" / "images" / "bestiary-jobs").iterdir()) == []


def test_what_was_pushed_last_is_remembered(tmp_path: Path) -> None:
    """For the next start of the server; a file that is broken counts as none."""
    assert images.pushed(tmp_path) == {}
    (tmp_path / "images").mkdir()
    images.note_pushed(tmp_path, {"jobs": "uri"})
    assert images.pushed(tmp_path) == {"jobs": "uri"}
    (tmp_path / "images" / "pushed.json").write_text("{")
    assert images.pushed(tmp_path) == {}


def test_an_image_knows_its_program(tmp_path: Path, source: Path) -> None:
    """Another program makes another image; one that was pushed without has none."""
    home = tmp_path / "home"
    serving = images.push(home, "jobs", source, ("jobs",), entrypoint=("python", "-m", "jobs"))
    plain = images.push(home, "jobs", source, ("jobs",))
    assert serving != plain
    programs = [images.entrypoint(code) for uri in (serving, plain) if (code := images.resolve(home, uri))]
    assert programs == [("python", "-m", "jobs"), ()]
