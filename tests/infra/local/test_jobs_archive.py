from __future__ import annotations

import os
import tarfile
from pathlib import Path

from infra.local.jobs import archive


def make(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    """Whenever, in whatever order and by whatever umask they were written."""
    names = ["weights.bin", "sub/é.json", "sub/a" * 60, "b"]
    one = make(tmp_path / "1", names)
    two = make(tmp_path / "2", names[::-1])
    for path in two.rglob("*"):
        os.utime(path, (1, 1))
    (two / "b").chmod(0o600)
    archive.write(one, tmp_path / "1.tar.gz")
    archive.write(two, tmp_path / "2.tar.gz")
    assert (tmp_path / "1.tar.gz").read_bytes() == (tmp_path / "2.tar.gz").read_bytes()


def test_an_archive_holds_files_folders_and_what_links_lead_to(tmp_path: Path) -> None:
    folder = make(tmp_path / "model", ["a", "sub/b"])
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("a")
    (folder / "hard").hardlink_to(folder / "a")
    (folder / "run.sh").touch(mode=0o755)
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    archive.write(folder, tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as packed:
        members = {member.name: member for member in packed.getmembers()}
        assert list(members) == ["a", "empty", "hard", "link", "run.sh", "sub", "sub/b"]
        for name in ("a", "hard", "link"):
            content = packed.extractfile(name)
            assert content
            assert content.read() == b"a"
    assert members["empty"].isdir()
    assert members["run.sh"].mode == 0o755
    assert members["a"].mode == 0o644
    assert {member.mtime for member in members.values()} == {0}


def test_only_a_folder_with_something_in_it_is_not_empty(tmp_path: Path) -> None:
    assert archive.is_empty(tmp_path / "none")
    assert archive.is_empty(tmp_path)
    (tmp_path / "sub").mkdir()
    assert not archive.is_empty(tmp_path)
