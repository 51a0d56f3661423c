"""The prepare job, run as SageMaker runs it: a process, a folder in, folders out."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bestiary.sample import draw_photo
from training_scripts import decode

PROJECT = Path(__file__).parents[2]
SPECIES = ("bear", "crab", "jellyfish")


def prepare(base: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "training_scripts.prepare", *arguments],
        cwd=PROJECT,
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def digests(folder: Path, *suffixes: str) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in suffixes
    }


def fill(base: Path) -> Path:
    data = base / "processing" / "input" / "data"
    for label in SPECIES:
        (data / label).mkdir(parents=True)
        for number in range(1, 11):
            (data / label / f"{number:02d}.jpg").write_bytes(draw_photo(label, number, 96))
    return data


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished job over thirty drawings, a copy and two broken files, with groups."""
    folder = tmp_path_factory.mktemp("base")
    data = fill(folder)
    (data / "bear" / "copy.jpg").write_bytes((data / "bear" / "01.jpg").read_bytes())
    (data / "crab" / "cut.jpg").write_bytes((data / "crab" / "01.jpg").read_bytes()[:900])
    (data / "metadata.csv").write_text(
        "file,group\nbear/01.jpg,burst\nbear/02.jpg,burst\nbear/77.jpg,burst\n"
    )
    done = prepare(folder, "--image-size", "64", "--transfer-image-size", "80", "--seed", "7")
    assert done.returncode == 0, done.stderr
    (folder / "log.txt").write_text(done.stdout)
    return folder


@pytest.mark.parametrize("side", ["train", "test"])
@pytest.mark.parametrize(
    ("view", "preprocessing"),
    [("custom_cnn", {"size": 64, "equalize": True}), ("transfer", {"size": 80, "equalize": False})],
)
def test_each_view_is_what_the_contract_says(
    base: Path, side: str, view: str, preprocessing: dict[str, object]
) -> None:
    folder = base / "processing" / "output" / side / view
    images, labels = np.load(folder / "images.npy"), np.load(folder / "labels.npy")
    described = json.loads((folder / "view.json").read_text())
    assert images.dtype == np.uint8
    assert images.shape[1:] == (preprocessing["size"], preprocessing["size"], 3)
    assert labels.dtype == np.int64
    assert len(images) == len(labels) == len(described["files"]) == len(described["groups"])
    assert described["classes"] == list(SPECIES)
    assert described["preprocessing"] == preprocessing
    assert [SPECIES[label] for label in labels] == [file.split("/")[0] for file in described["files"]]


def test_both_views_and_both_sides_tell_of_the_same_photos(base: Path) -> None:
    output = base / "processing" / "output"
    files = {
        (side, view): json.loads((output / side / view / "view.json").read_text())["files"]
        for side in ("train", "test")
        for view in ("custom_cnn", "transfer")
    }
    assert files["train", "custom_cnn"] == files["train", "transfer"]
    assert files["test", "custom_cnn"] == files["test", "transfer"]
    assert not set(files["train", "transfer"]) & set(files["test", "transfer"])
    assert len(files["train", "transfer"]) + len(files["test", "transfer"]) == 30


def test_the_dataset_is_described_the_same_on_both_sides(base: Path) -> None:
    sides = [
        json.loads((base / "processing" / "output" / side / "dataset.json").read_text())
        for side in ("train", "test")
    ]
    assert sides[0] == sides[1]
    assert set(sides[0]) == {
        "classes",
        "data_digest",
        "seed",
        "counts",
        "test_digest",
        "test_photos",
        "quarantined",
        "warnings",
        "duplicates",
    }
    assert sides[0]["seed"] == 7
    assert sides[0]["counts"]["crab"] == {"train": 8, "test": 2}
    assert [one["file"] for one in sides[0]["quarantined"]] == ["crab/cut.jpg"]
    assert sides[0]["warnings"] == ["metadata.csv line 4: there is no file bear/77.jpg"]


def test_a_group_is_on_one_side_and_named_in_the_view(base: Path) -> None:
    burst = {"bear/01.jpg", "bear/02.jpg"}
    for side in ("train", "test"):
        view = json.loads((base / "processing" / "output" / side / "transfer" / "view.json").read_text())
        groups = dict(zip(view["files"], view["groups"], strict=True))
        assert burst <= set(groups) or not burst & set(groups)
        assert {group for file, group in groups.items() if file not in burst} == {""}
        assert {groups[file] for file in burst & set(groups)} <= {"burst"}


def test_the_log_has_a_line_for_each_class_and_each_file_left_out(base: Path) -> None:
    lines = (base / "log.txt").read_text().splitlines()
    assert "crab: 8 train, 2 test" in lines
    assert "left out: bear/copy.jpg: the same photo as bear/01.jpg" in lines
    assert "quarantined: crab/cut.jpg: truncated: the file ends before the picture does" in lines


def test_the_exploration_comes_with_it(base: Path) -> None:
    folder = base / "processing" / "output" / "exploration"
    assert (folder / "index.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((folder / "exploration.json").read_text())["sample_sheet"] == "sample_sheet.jpg"


def test_nothing_is_left_behind(base: Path) -> None:
    assert {path.name for path in (base / "processing").rglob("prepare-*")} == set()


def test_the_same_input_gives_the_same_bytes_and_another_seed_others(base: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    same = ("--image-size", "64", "--transfer-image-size", "80", "--equalize-cnn", "false")
    runs = []
    for seed in ("1", "1", "2"):
        assert prepare(tmp_path, *same, "--seed", seed).returncode == 0
        runs.append(digests(tmp_path / "processing" / "output", ".npy", ".json", ".html", ".png", ".jpg"))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    view = json.loads((tmp_path / "processing" / "output" / "train" / "custom_cnn" / "view.json").read_text())
    assert view["preprocessing"] == {"size": 64, "equalize": False}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "data is not a folder"),
        ({"1.jpg": b"x"}, "has no class folders"),
        ({"bear/1.jpg": b"", "cat/1.jpg": b"no"}, "no photo can be used of bear: bear/1.jpg (empty file"),
        ({"bear/1.jpg": draw_photo("bear", 1, 64)}, "at least two classes with photos are needed"),
    ],
    ids=["no data", "no classes", "nothing usable", "one class"],
)
def test_what_cannot_be_learnt_from_fails_with_one_clear_line(
    tmp_path: Path, files: dict[str, bytes], reason: str
) -> None:
    for file, data in files.items():
        path = tmp_path / "processing" / "input" / "data" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    done = prepare(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the data cannot be used: ")
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr
    assert reason in (tmp_path / "output" / "failure").read_text()


@pytest.mark.parametrize(
    "arguments", [["--image-size", "4"], ["--test-share", "1.2"], ["--equalize-cnn", "maybe"]]
)
def test_a_setting_out_of_range_fails_with_one_clear_line(tmp_path: Path, arguments: list[str]) -> None:
    done = prepare(tmp_path, *arguments)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert arguments[0] in (tmp_path / "output" / "failure").read_text()


def test_many_machines_prepare_what_one_does(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each decodes its part of the objects, one gets none; put together it is the same to the byte."""
    sizes = ["--image-size", "64", "--transfer-image-size", "80"]
    data = base / "processing" / "input" / "data"
    objects = sorted(path for path in data.rglob("*") if path.is_file())
    together = tmp_path / "together"
    for number, host in enumerate(("algo-1", "algo-2", "algo-3", "algo-4")):
        machine = tmp_path / host
        (machine / "config").mkdir(parents=True)
        (machine / "config" / "resourceconfig.json").write_text(json.dumps({"current_host": host}))
        for path in objects[number::3] if number < 3 else ():
            mine = machine / "processing" / "input" / "data" / path.relative_to(data)
            mine.parent.mkdir(parents=True, exist_ok=True)
            mine.write_bytes(path.read_bytes())
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(machine))
        decode.main(sizes)
        shard = machine / "processing" / "output" / "shards" / host
        shutil.copytree(shard, together / "processing" / "input" / "shards" / host)

    done = prepare(together, *sizes, "--seed", "7")

    assert 0 == done.returncode, done.stderr
    assert (base / "log.txt").read_text() == done.stdout
    for side in ("train", "test", "exploration"):
        kinds = (".npy", ".json", ".jsonl", ".html")
        one, many = (digests(root / "processing" / "output" / side, *kinds) for root in (base, together))
        assert one == many
        assert one


def test_a_decode_job_says_which_part_of_the_data_it_read(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    decode.main([])
    assert "algo-1: 0 photos, 0 left out\n" == capsys.readouterr().out


def test_shards_of_another_size_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    decode.main(["--image-size", "32"])
    shards = tmp_path / "processing" / "output" / "shards"
    shards.rename(tmp_path / "processing" / "input" / "shards")
    done = prepare(tmp_path, "--image-size", "64")
    assert 1 == done.returncode
    assert "the decode job left pictures of (32, 32, 3)" in done.stderr
