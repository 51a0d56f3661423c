"""Artifacts as SageMaker packs them."""

import io
import tarfile

import pytest
import small_networks

from bestiary.classifiers import artifact, custom_cnn
from bestiary.classifiers.artifact import ArtifactCorrupt
from bestiary.classifiers.recipe import Trained
from bestiary.images import Preprocessing


def archive_of(path, *members):
    """Write a tar.gz of (name, type, link or bytes)."""
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind == tarfile.REGTYPE:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                member.linkname = content
                archive.addfile(member)
    return path


def test_a_packed_artifact_is_loaded(tmp_path):
    """``tar -C model -czf model.tar.gz .`` is what a training job's output looks like."""
    small_networks.keras()
    trained = Trained(custom_cnn.build(16, 3), Preprocessing(16), (), {})
    artifact.save(tmp_path / "model", "custom_cnn", trained, small_networks.CLASSES, None)
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "model", ".")
    classifier = artifact.load_archive(tmp_path / "model.tar.gz")
    assert classifier.predict(small_networks.photos(each=1, size=16).images).shape == (3, 3)


@pytest.mark.parametrize(
    "member",
    [
        ("labels.json", tarfile.SYMTYPE, "/etc/passwd"),
        ("labels.json", tarfile.LNKTYPE, "manifest.json"),
        ("labels.json", tarfile.FIFOTYPE, ""),
        ("labels.json", tarfile.CHRTYPE, ""),
        ("../outside.json", tarfile.REGTYPE, b"{}"),
        ("/tmp/outside.json", tarfile.REGTYPE, b"{}"),  # noqa: S108 - a path that must not be written to
        ("a/../../outside.json", tarfile.REGTYPE, b"{}"),
    ],
)
def test_links_devices_and_paths_that_lead_out_are_refused(tmp_path, member):
    """Nothing is written outside the folder it is unpacked into, and nothing there points outside."""
    path = archive_of(tmp_path / "model.tar.gz", ("manifest.json", tarfile.REGTYPE, b"{}"), member)
    with pytest.raises(ArtifactCorrupt, match=r"model\.tar\.gz"):
        artifact.load_archive(path)
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_a_damaged_archive_is_one_clear_error(tmp_path, data):
    """Whatever tarfile and zlib say about it."""
    (tmp_path / "model.tar.gz").write_bytes(data)
    with pytest.raises(ArtifactCorrupt, match="cannot be unpacked"):
        artifact.load_archive(tmp_path / "model.tar.gz")


def test_a_truncated_archive_is_one_clear_error(tmp_path):
    """A download that stopped half way."""
    noise = bytes(range(256)) * 400
    path = archive_of(tmp_path / "model.tar.gz", ("manifest.json", tarfile.REGTYPE, noise))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ArtifactCorrupt, match="cannot be unpacked"):
        artifact.load_archive(path)


def test_a_missing_archive_is_one_clear_error(tmp_path):
    """It names the path."""
    with pytest.raises(ArtifactCorrupt, match=r"nowhere\.tar\.gz"):
        artifact.load_archive(tmp_path / "nowhere.tar.gz")
