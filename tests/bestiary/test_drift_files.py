"""A baseline's files: of the published layout, the same bytes each time, and edited by people."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from captured_traffic import LABELS, embedding, measured, picture, scores
from monitoring_schemas import CONSTRAINTS, STATISTICS

from bestiary.drift import Baseline, UnusableBaseline, files
from bestiary.drift.constraints import constraints, read_limits
from bestiary.drift.making import of_training


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    photos = [measured(picture(seed)) for seed in range(60)]
    said = np.array([scores(seed) for seed in range(55)])
    return of_training(photos, said, LABELS, np.array([embedding(seed) for seed in range(55)]))


def test_files_are_of_the_layout_that_the_guide_publishes(baseline: Baseline, tmp_path: Path) -> None:
    files.write(baseline, tmp_path)
    statistics = json.loads((tmp_path / "statistics.json").read_bytes())
    jsonschema.validate(statistics, STATISTICS)
    jsonschema.validate(json.loads((tmp_path / "constraints.json").read_bytes()), CONSTRAINTS)
    numbers = {one["name"]: one["numerical_statistics"] for one in statistics["features"][:-1]}
    assert (60, 55) == tuple(numbers[name]["common"]["num_present"] for name in ("brightness", "confidence"))
    assert 60 == sum(one["count"] for one in numbers["sharpness"]["distribution"]["kll"]["buckets"])


def test_a_baseline_comes_back_as_it_was(baseline: Baseline, tmp_path: Path) -> None:
    digests = files.write(baseline, tmp_path / "one")
    assert digests == files.write(baseline, tmp_path / "two")
    read = files.read(tmp_path / "one", tmp_path / "one" / "constraints.json")
    assert (baseline.labels, baseline.limits) == (read.labels, read.limits)
    assert dict(baseline.sample.species) == dict(read.sample.species)
    assert baseline.sample.columns.keys() == read.sample.columns.keys()
    for name, column in baseline.sample.columns.items():
        np.testing.assert_allclose(column, read.sample.columns[name], atol=1e-5)


def test_people_may_edit_the_limits(baseline: Baseline) -> None:
    edited = copy.deepcopy(constraints(baseline))
    rules = {one["name"]: one["monitoringConfigOverrides"] for one in edited["features"]}
    rules["brightness"]["distribution_constraints"]["comparison_threshold"] = 0.4
    rules["width"]["distribution_constraints"]["perform_comparison"] = "Disabled"
    edited["bestiary"]["least_photos"] = 200
    # As the SageMaker SDK's Constraints.set_monitoring(False, "height") writes it.
    edited["features"][5]["monitoring_config_overrides"] = {"evaluate_constraints": "Disabled"}
    limits = read_limits(edited)
    assert (0.4, frozenset({"width", "height"}), 200) == (
        limits.least_effects["brightness"],
        limits.ignored,
        limits.least_photos,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bestiary": {"least_fotos": 3}}, "least_fotos"),
        ({"bestiary": {"false_alarms": 7}}, "false_alarms is 7.0, which is not between 0 and 1"),
        ({"bestiary": {"least_photos": "many"}}, "cannot be used"),
        ({"features": None}, "cannot be used"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    baseline: Baseline, changes: dict[str, Any], said: str
) -> None:
    """A slip of the pen must not switch the monitor off."""
    with pytest.raises(UnusableBaseline, match=said):
        read_limits({**constraints(baseline), **changes})


@pytest.mark.parametrize(
    "text", ["", "[]", '{"features": []}', '{"features": [], "bestiary": {"labels": []}}']
)
def test_a_baseline_of_another_kind_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "statistics.json"
    file.write_text(text)
    with pytest.raises(UnusableBaseline) as refused:
        files.read(file, None)
    assert "\n" not in str(refused.value)


def test_a_missing_baseline_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableBaseline, match=r"nowhere\.json cannot be read: No such file"):
        files.read(tmp_path / "nowhere.json", None)
