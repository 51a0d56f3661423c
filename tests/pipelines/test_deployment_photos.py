"""``bestiary classify`` against endpoints: real answers, broken photos, runs that are cut."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from PIL import Image
from toy_versions import BUCKET, PHOTO, Account

BROKEN = "broken.jpg"
AT_ONCE = ("--strategy", "all-at-once", "--wait", "0", "--no-alarms")


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    """Gather a drawing of every species, one of them as PNG, one as WebP, and a text that is named .jpg."""
    made = tmp_path / "camera 1"
    for species in sorted(photos.iterdir()):
        (made / species.name).mkdir(parents=True)
        shutil.copy(min(species.iterdir()), made / species.name)
    first, second, *_ = sorted(made.rglob("*.jpg"))
    Image.open(first).save(first.with_suffix(".png"))
    Image.open(second).save(second.with_suffix(".webp"))
    (made / BROKEN).write_text("no photo at all")
    (made / "notes.txt").write_text("left alone")
    return made


@pytest.fixture(scope="module")
def toy(account: Account) -> int:
    """Put a version live that takes its time over each photo."""
    version = account.toy(seconds=0.2)
    assert account.bestiary.json("deploy", str(version), *AT_ONCE)["status"] in {"succeeded", "already live"}
    return version


def archive_of(bestiary: CommandLine, version: int) -> bytes:
    """Read a version's archive from the home it was trained in."""
    url = next(item["artifact"] for item in bestiary.json("versions") if item["version"] == version)
    bucket, _, key = url.removeprefix("s3://").partition("/")
    body: bytes = bestiary.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def test_a_trained_version_names_the_animals_of_a_folder(
    account: Account, bestiary: CommandLine, first_run: dict[str, Any], folder: Path
) -> None:
    """What was trained and deployed answers all clients; a broken photo is named, and stops nothing."""
    serving = account.client("ssm").get_parameter(Name="/bestiary/images/serving")["Parameter"]["Value"]
    version = account.register(archive_of(bestiary, first_run["version"]), serving)
    assert account.bestiary.json("deploy", str(version))["status"] == "succeeded"
    done = account.bestiary("classify", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    assert f"{BROKEN}: " in done.stderr
    answers = {Path(answer["file"]).relative_to(folder): answer for answer in json.loads(done.stdout)}
    assert {path.relative_to(folder) for path in folder.rglob("*.*") if path.suffix != ".txt"} == set(answers)
    broken = answers.pop(Path(BROKEN))
    assert broken["species"] is None
    assert broken["error"]
    species = {entry.name for entry in folder.iterdir() if entry.is_dir()}
    for answer in answers.values():
        assert species == set(answer["scores"])
        assert answer["species"] == max(answer["scores"], key=answer["scores"].get)
        assert answer["confidence"] == pytest.approx(max(answer["scores"].values()))
        assert str(version) == answer["model_version"]
    name, expected = next(iter(answers.items()))
    kind = {".jpg": "jpeg"}.get(name.suffix, name.suffix[1:])
    words = ["--endpoint-name", "bestiary-classifier", "--content-type", f"image/{kind}"]
    words += ["--body", f"fileb://{folder / name}", str(folder.parent / "answer.json")]
    told = account.bestiary.aws("sagemaker-runtime", "invoke-endpoint", *words)
    assert told["InvokedProductionVariant"] == "AllTraffic"
    assert expected["scores"] == json.loads((folder.parent / "answer.json").read_text())["scores"]


def test_a_run_that_was_cut_goes_on_where_it_stopped(
    account: Account, toy: int, photos: Path, tmp_path: Path
) -> None:
    """Ctrl-C says how to go on; then every photo is asked about once."""
    many = shutil.copytree(photos, tmp_path / "photos")
    (many / BROKEN).write_text("no photo at all")
    out = tmp_path / "answers.csv"
    total = sum(1 for path in many.rglob("*.jpg"))
    process = account.bestiary.start("classify", str(many), "--out", str(out))
    deadline = time.monotonic() + 60
    while not out.exists() or len(out.read_text().splitlines()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "the same command goes on" in err
    before = len(out.read_text().splitlines()) - 1
    assert 0 < before < total
    again = account.bestiary("classify", str(many), "--out", str(out))
    assert again.returncode == 0, again.stderr
    assert f"{before} of {total} photos are in {out} already" in again.stderr
    rows = list(csv.DictReader(out.open(newline="")))
    assert sorted(str(path) for path in many.rglob("*.jpg")) == sorted(row["file"] for row in rows)
    assert "1 of 81 photos could not be classified" in again.stderr
    assert "bear" in again.stdout


def test_photos_in_s3_are_asked_about_too(account: Account, toy: int, photos: Path) -> None:
    bear = min((photos / "bear").glob("*.jpg"))
    account.client("s3").put_object(Bucket=BUCKET, Key="new/day 1/a.jpg", Body=bear.read_bytes())
    account.client("s3").put_object(Bucket=BUCKET, Key="new/day 1/b.txt", Body=b"left alone")
    answers = account.bestiary.json("classify", f"s3://{BUCKET}/new/")
    assert [f"s3://{BUCKET}/new/day 1/a.jpg"] == [answer["file"] for answer in answers]
    assert answers[0]["species"] == "bear"


def test_what_is_not_there_is_said_in_one_line(account: Account, toy: int, tmp_path: Path) -> None:
    nowhere = account.bestiary("classify", str(tmp_path / "nowhere"))
    assert nowhere.returncode == 2
    assert "there is no such file or folder" in nowhere.stderr
    empty = account.bestiary("classify", str(tmp_path))
    assert empty.returncode == 1
    assert "there is no photo in it" in empty.stderr
    assert "Traceback" not in nowhere.stderr + empty.stderr


def test_an_archive_is_asked_about_without_an_endpoint(account: Account, tmp_path: Path) -> None:
    """A job on machines of its own; what it cannot read is named, and nothing but the answers is left."""
    s3, sagemaker = account.client("s3"), account.client("sagemaker")
    for name, body in (
        ("a/1.jpg", PHOTO),
        ("a/ü 2.jpg", PHOTO),
        ("b/3.jpg", b"no photo"),
        ("b/note.txt", b"-"),
    ):
        s3.put_object(Bucket=BUCKET, Key=f"bestiary/data/archive/{name}", Body=body)
    version = account.toy()
    out = tmp_path / "answers.jsonl"
    words = (
        "classify",
        f"s3://{BUCKET}/bestiary/data/archive",
        "--batch",
        "--machines",
        "2",
        "--out",
        str(out),
    )
    done = account.bestiary(*words, "--json")
    assert 0 == done.returncode, done.stderr
    assert f"a job on 2 x ml.g4dn.xlarge, 1.47 USD an hour in AWS, asks version {version}" in done.stderr
    told = {row["file"].rpartition("archive/")[2]: row for row in json.loads(done.stdout)}
    assert {"a/1.jpg": "bear", "a/ü 2.jpg": "bear", "b/3.jpg": None} == {
        name: row["species"] for name, row in told.items()
    }
    assert "/aws/sagemaker/TransformJobs says why" in told["b/3.jpg"]["error"]
    assert [] == [each for each in account.models() if "archive" in each]
    jobs = sagemaker.list_transform_jobs()["TransformJobSummaries"]
    assert 1 == len(jobs)
    assert "3 of 3 photos are in" in account.bestiary(*words).stderr
    assert jobs == sagemaker.list_transform_jobs()["TransformJobSummaries"]


def test_a_batch_is_for_photos_in_s3(account: Account) -> None:
    done = account.bestiary("classify", "photos", "--batch")
    assert 2 == done.returncode
    assert "--batch is for photos that are in S3" in done.stderr
