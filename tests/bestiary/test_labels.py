"""Labels that come late: read as people and Ground Truth write them, and kept in SageMaker's layout."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bestiary.labels import Label, Labelled, UnusableLabels, inference_id
from bestiary.labels.ground_truth import key, read_folder, write_lines
from bestiary.labels.manifest import read_manifest
from bestiary.labels.table import read_table


def test_what_classify_wrote_is_a_table_of_labels() -> None:
    """Photos that it could not use have no species, and are no labels."""
    text = "file,species,confidence,error\na.jpg,bear,0.4,\nb.jpg,,,cut off\n"
    assert [Labelled("a.jpg", Label("bear"), "a.jpg")] == read_table("answers.csv", text)


def test_a_file_s_inference_id_fits_what_sagemaker_takes() -> None:
    """Short plain names stay as they are; others become their sha256."""
    assert "site 3/IMG_0001.JPG" == inference_id("site 3/IMG_0001.JPG")
    assert {64} == {len(inference_id(name)) for name in ("é.jpg", "x" * 65, " a.jpg", "a\nb", "")}


def test_labels_are_read_by_id_or_by_file_and_the_last_one_counts() -> None:
    first, second = read_table(
        "labels.csv",
        "\ufefffile,species,site,remark\n"
        "IMG 1.jpg,bear,north,\n"
        "ünder.jpg,crab,,shy\n"
        "IMG 1.jpg, panda ,north,sorry\n",
    )
    assert Labelled("IMG 1.jpg", Label("panda", "north"), "IMG 1.jpg") == first
    assert (inference_id("ünder.jpg"), "ünder.jpg") == (second.id, second.file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the columns none"),
        ("file,animal\na.jpg,bear\n", "species and one of"),
        ("species\nbear\n", "species and one of"),
        ("file,species\n,bear\n", "labels.csv:2 names no photo"),
        ("file,species\na.jpg,\n", "labels.csv:2 names no species"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(UnusableLabels, match=said):
        read_table("labels.csv", text)


def output(file: str, name: str, **changes: Any) -> str:
    """Return a line of an output manifest, as a labelling job for image classification writes it."""
    about = {
        "class-name": name,
        "job-name": "labeling-job/cameras",
        "confidence": 0.95,
        "human-annotated": "yes",
        "creation-date": "2026-11-22T08:00:00.000000",
        "type": "groundtruth/image-classification",
        **changes,
    }
    return json.dumps({"source-ref": file, "cameras": 1, "cameras-metadata": about})


def test_ground_truth_s_output_manifest_gives_labels_of_the_photos_in_s3() -> None:
    """Under the ids that `bestiary classify s3://…` asks with; what could not be labelled is passed over."""
    lines = [
        output("s3://b/1.jpg", "bear"),
        "",
        output("s3://b/2.jpg", "", **{"failure-reason": "the photo could not be read"}),
        output("s3://b/1.jpg", "panda"),
    ]
    (found,) = read_manifest("output.manifest", lines)
    assert Labelled(inference_id("s3://b/1.jpg"), Label("panda"), "s3://b/1.jpg") == found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no label"),
        (["{cut"], "output.manifest:1 is no line"),
        (["[]"], "output.manifest:1 is no line"),
        ([json.dumps({"cameras": 1})], "'source-ref' is missing"),
        ([output("s3://b/1.jpg", "bear", type="groundtruth/object-detection")], "no label"),
        ([output("s3://b/1.jpg", "")], "are texts"),
    ],
)
def test_what_is_no_output_manifest_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(UnusableLabels, match=said):
        read_manifest("output.manifest", lines)


def test_labels_are_kept_in_the_layout_that_model_monitor_merges(tmp_path: Path) -> None:
    """One JSON line a label, by the hour in which it was collected, with the id of its capture."""
    labels = [Labelled("a.jpg", Label("bear, brown", "north")), Labelled("b.jpg", Label("crab"))]
    lines = [json.loads(line) for line in write_lines(labels).splitlines()]
    assert {
        "groundTruthData": {"data": "crab", "encoding": "CSV"},
        "eventMetadata": {"eventId": "b.jpg"},
        "eventVersion": "0",
    } == lines[1]
    moment = datetime(2026, 11, 22, 8, 5, 6, 7, tzinfo=UTC)
    assert "2026/11/22/08/05-06-000007-abc.jsonl" == key(moment, "abc")
    later = [Labelled("b.jpg", Label("panda", "south"))]
    for at, said in ((moment, labels), (moment.replace(hour=9), later)):
        path = tmp_path / key(at, "0")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_lines(said), "utf-8")
    assert {"a.jpg": Label("bear, brown", "north"), "b.jpg": Label("panda", "south")} == read_folder(tmp_path)


@pytest.mark.parametrize("line", ["{cut", "[]", '{"groundTruthData": {"data": "bear"}}'])
def test_what_are_no_labels_of_ground_truth_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(UnusableLabels, match=r"x\.jsonl:2 is no line"):
        read_folder(tmp_path)
