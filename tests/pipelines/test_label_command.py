"""Labels that come late: kept, compared with what was answered, rung for, and given to the next training."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from toy_versions import BUCKET, GROUP, PHOTO, Account, until

pytestmark = pytest.mark.slow
PHOTOS = 40
METRICS = {"multiclass_classification_metrics": {"confusion_matrix": {"bear": {"bear": 98, "crab": 2}}}}


@pytest.fixture(scope="module")
def camera(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put a toy with known metrics live, and ask it about a camera's photos: it takes each for a bear."""
    _deploy(account)
    folder = tmp_path_factory.mktemp("camera")
    for number in range(PHOTOS):
        (folder / f"{number:02d}.jpg").write_bytes(PHOTO + bytes([number]))
    answers = account.bestiary.json("classify", str(folder))
    assert {"bear"} == {answer["species"] for answer in answers}
    s3 = account.client("s3")

    def captured() -> int:
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"bestiary/captures/{GROUP}/").get("Contents", [])
        bodies = (s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in found)
        return sum(body.count(b"inferenceId") for body in bodies)

    until(lambda: captured() == PHOTOS)
    return folder


def _deploy(account: Account) -> None:
    sagemaker, key = account.client("sagemaker"), "metrics/metrics.json"
    version = account.toy(approved=False)
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/{version}"
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(METRICS).encode())
    metrics = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{key}"}
    sagemaker.create_model_package(
        ModelPackageGroupName=GROUP,
        InferenceSpecification=told["InferenceSpecification"],
        CustomerMetadataProperties=told["CustomerMetadataProperties"],
        ModelApprovalStatus="Approved",
        ModelMetrics={"ModelQuality": {"Statistics": metrics}},
    )
    account.bestiary.json("deploy", str(version + 1), "--strategy", "all-at-once", "--wait", "0")


def _table(folder: Path, path: Path, species: str) -> Path:
    """Label each photo; the second half comes from the south."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "species", "site"])
        for number, photo in enumerate(sorted(folder.glob("*.jpg"))):
            site = "north" if number < PHOTOS // 2 else "south"
            writer.writerow([photo, "bear" if site == "north" else species, site])
    return path


def _keys(account: Account, prefix: str) -> list[str]:
    found = account.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [item["Key"].removeprefix(prefix) for item in found]


def test_without_labels_there_is_nothing_to_compare(account: Account, camera: Path) -> None:
    done = account.bestiary("monitor", "--quality", "--now")
    assert 1 == done.returncode
    assert "bestiary label FILE.csv" in done.stderr
    assert "never compared" in account.bestiary("monitor", "--quality").stderr


def test_labels_find_what_was_said_of_their_photos(account: Account, camera: Path, tmp_path: Path) -> None:
    """By the inference id that `classify` sent; the fall is named in all, by species and by site."""
    kept = account.bestiary.json("label", str(_table(camera, tmp_path / "labels.csv", "crab")))
    assert (PHOTOS, 0, {"bear": 20, "crab": 20}) == (kept["labels"], kept["photos"], kept["species"])
    (key,) = _keys(account, f"bestiary/ground-truth/{GROUP}/")
    assert 5 == len(key.split("/")), "by year, month, day and hour"
    found = account.bestiary.json("monitor", "--quality", "--now")
    assert "fall" == found["verdict"]
    names = {each["feature_name"] for each in found["violations"]}
    assert {"accuracy", "site south"} == names, "no test photo was a crab"
    assert "20 of 40 labelled photos" in Path(found["report"]).read_text("utf-8")
    assert "accuracy 0.500" in account.bestiary("status").stdout


def test_on_schedule_a_fall_rings_and_tells_people(account: Account, camera: Path) -> None:
    """A pipeline in any account; figures by species and site are in CloudWatch."""
    (planned,) = account.bestiary.json("schedule", "quality", "daily")
    assert ("quality", "cron(0 0 ? * * *) UTC") == (planned["what"], planned["when"])
    target = account.client("scheduler").get_schedule(Name=f"{GROUP}-quality")["Target"]
    request: dict[str, Any] = json.loads(target["Input"])
    account.client("sagemaker").start_pipeline_execution(**request | {"ClientRequestToken": "q" * 32})
    alerts = account.bestiary.home / "alerts.jsonl"
    until(lambda: alerts.exists() and f"ALARM {GROUP}-quality" in alerts.read_text())
    assert "Next: bestiary monitor --quality" in alerts.read_text()
    metrics = account.client("cloudwatch").list_metrics(Namespace="Bestiary/Monitoring")["Metrics"]
    names = {(each["MetricName"], each["Dimensions"][-1]["Value"]) for each in metrics}
    assert {("accuracy", "south"), ("accuracy", "crab"), ("macro_f1", f"{GROUP}-quality")} <= names
    assert 0 == account.bestiary("schedule", "quality", "off").returncode
    assert [] == account.bestiary.json("schedule")


def test_labelled_photos_go_into_the_inbox_and_move_when_their_label_is_corrected(
    account: Account, camera: Path, tmp_path: Path
) -> None:
    """Below species and site, named for their content, so that nothing is ever twice in it."""
    for species in ("crab", "seal"):
        table = _table(camera, tmp_path / f"{species}.csv", species)
        assert PHOTOS == account.bestiary.json("label", str(table), "--photos")["photos"]
        folders = [key.rpartition("/")[0] for key in _keys(account, "bestiary/inbox/")]
        assert {"bear/north": 20, f"{species}/south": 20, "": 1} == {
            each: folders.count(each) for each in folders
        }


def test_what_a_ground_truth_job_left_in_s3_is_labels(account: Account) -> None:
    """Its output manifest, and with ``--photos`` the photos that it names."""
    s3, about = account.client("s3"), {"class-name": "otter", "type": "groundtruth/image-classification"}
    photos = [f"upstream/{number}.jpg" for number in range(3)]
    for key in photos:
        s3.put_object(Bucket=BUCKET, Key=key, Body=PHOTO + key.encode())
    lines = [
        json.dumps({"source-ref": f"s3://{BUCKET}/{key}", "animals": 0, "animals-metadata": about})
        for key in photos
    ]
    where = "ground-truth/animals/manifests/output/output.manifest"
    s3.put_object(Bucket=BUCKET, Key=where, Body="\n".join(lines).encode())
    kept = account.bestiary.json("label", f"s3://{BUCKET}/{where}", "--photos")
    assert (3, 3, {"otter": 3}) == (kept["labels"], kept["photos"], kept["species"])
    assert 3 == len(_keys(account, "bestiary/inbox/otter/"))


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("file,animal\na.jpg,bear\n", (), "species and one of"),
        ("file,species\n", (), "there is no label in it"),
        ("file,species\nnowhere.jpg,bear\n", ("--photos",), "nowhere.jpg: cannot be read"),
        ("file,species\na.jpg,a/b\n", ("--photos",), "cannot be the name of a folder"),
        ("inference_id,species\na,bear\n", ("--photos",), "needs the column file"),
    ],
)
def test_what_are_no_labels_is_refused(
    account: Account, tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    """In one line, and nothing is kept."""
    before = _keys(account, f"bestiary/ground-truth/{GROUP}/")
    (tmp_path / "labels.csv").write_text(text)
    done = account.bestiary("label", str(tmp_path / "labels.csv"), *words)
    assert 2 == done.returncode
    assert said in done.stderr
    assert before == _keys(account, f"bestiary/ground-truth/{GROUP}/")
