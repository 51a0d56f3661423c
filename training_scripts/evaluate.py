"""The evaluate job: every candidate scored on the same test photos, the champion chosen, the gate decided.

Reads ``processing/input/test`` (all views of the test photos), ``models/NAME/model.tar.gz`` and
``training/NAME/output.tar.gz`` of every candidate, ``exploration`` (what prepare found) and ``approved`` (the
version approved before, if there is one). Writes ``processing/output/evaluation`` (``evaluation.json``,
``metrics.json``, ``report.html``, ``predictions.csv`` and, in ``baseline``, what the monitor compares with)
and ``processing/output/champion/model.tar.gz``, byte for byte the winner's. A gate that
refuses is a result and no failure: the pipeline reads it and decides.
"""

import argparse
import json
import os
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bestiary import container
from bestiary.classifiers import reproducible
from bestiary.drift import files, measures
from bestiary.drift.making import of_training
from bestiary.evaluation import Candidate, Evaluation, Lineage, Rules, TestData, choose, compare, decide
from bestiary.evaluation.inputs import UnusableInput, naming
from bestiary.evaluation.scoring import embed, score_approved, score_candidate
from bestiary.evaluation.table import as_text
from bestiary.evaluation.views import View, read_views
from bestiary.evaluation.writing import write, write_champion
from bestiary.report.exploration import read_exploration
from bestiary.report.page import Photos, render

CANDIDATES = ("custom_cnn", "efficientnetb3", "tuned")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the job with the command line's arguments, or with those given."""
    settings = _parser().parse_args(arguments)
    try:
        reproducible.begin(seed=0)
        _run(settings)
    except UnusableInput as error:
        container.fail(str(error))
    except OSError as error:
        container.fail(f"{error.filename or 'the evaluation'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the job's edge: the log gets the traceback, the user one line
        traceback.print_exc()
        container.fail(f"the evaluation broke off: {type(error).__name__}: {error}")


def _run(settings: argparse.Namespace) -> None:
    with naming("the test photos"):
        views = read_views(container.processing_input("test"))
    evaluation = _evaluate(settings, views)
    for concerned, warning in evaluation.all_warnings:
        _say(f"warning: {concerned}: {warning}" if concerned else f"warning: {warning}")
    _say(as_text(evaluation))
    with naming("the exploration"):
        explored = read_exploration(container.processing_input("exploration"))
    evaluation = replace(evaluation, baseline=_baseline(evaluation, views))
    page = render(evaluation, _as_people_see_them(views), explored, datetime.now(UTC))
    write(evaluation, page, views[0].files, container.processing_output("evaluation"))
    write_champion(_archive(evaluation.champion.name), container.processing_output("champion"))


def _evaluate(settings: argparse.Namespace, views: Sequence[View]) -> Evaluation:
    candidates = [_candidate(name, views) for name in _names()]
    champion = choose(candidates)
    data = _data()
    approved = score_approved(container.processing_input("approved"), views, data.test_digest)
    return Evaluation(
        candidates=candidates,
        champion=champion,
        verdicts=compare(candidates),
        gate=decide(
            Rules(settings.accuracy_threshold, settings.allowed_regression),
            champion.name,
            champion.metrics.accuracy,
            champion.metrics.count,
            (approved.version, approved.accuracy) if approved else None,
        ),
        approved=approved,
        data=data,
        lineage=Lineage(
            data_digest=views[0].digest,
            commit=os.environ.get("BESTIARY_COMMIT", ""),
            image=os.environ.get("BESTIARY_IMAGE", ""),
            parameters=dict(settings.parameter),
        ),
        warnings=[
            f"{name} has no test photo: how well it is recognised is not known"
            for name in champion.metrics.unmeasured
        ],
    )


def _candidate(name: str, views: Sequence[View]) -> Candidate:
    _say(f"scoring {name} on {len(views[0].files)} test photos")
    training = container.processing_input("training") / name / "output.tar.gz"
    return score_candidate(name, _archive(name), training, views)


def _baseline(evaluation: Evaluation, views: Sequence[View]) -> dict[str, str]:
    """Write what the champion's photos and answers are usually like, for the monitor."""
    champion = evaluation.champion
    with naming("the exploration's measures"):
        photos = measures.read_measures(container.processing_input("exploration") / measures.FILE)
    if not photos:
        _say(
            "warning: the exploration has no measures of the photos: the baseline says nothing of their looks"
        )
    seen = embed(_archive(champion.name), views)
    baseline = of_training(photos, champion.scores, views[0].photos.classes, seen)
    return files.write(baseline, container.processing_output("evaluation") / "baseline")


def _names() -> list[str]:
    """List the candidates handed over, in the order people know them."""
    found = [path.name for path in sorted(container.processing_input("models").glob("*")) if path.is_dir()]
    if not found:
        raise UnusableInput(f"{container.processing_input('models')} holds no candidate")
    return sorted(found, key=lambda name: (*CANDIDATES, name).index(name))


def _archive(name: str) -> Path:
    return container.processing_input("models") / name / "model.tar.gz"


def _data() -> TestData:
    path = container.processing_input("test") / "dataset.json"
    with naming(str(path)):
        described = json.loads(path.read_text("utf-8"))
        return TestData(
            classes=tuple(described["classes"]),
            counts=described["counts"],
            digest=described["data_digest"],
            test_digest=described.get("test_digest", ""),
            quarantined=described["quarantined"],
            duplicates=len(described["duplicates"]),
            warnings=described["warnings"],
        )


def _as_people_see_them(views: Sequence[View]) -> Photos:
    """Choose the view that looks like the photos: not equalized if there is one, and the largest."""
    best = max(views, key=lambda view: (not view.preprocessing.equalize, view.preprocessing.size))
    return Photos(best.photos.images, best.files)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a job's log is its standard output


def _parser() -> container.Arguments:
    parser = container.Arguments(prog="training_scripts.evaluate", description=__doc__)
    parser.add_argument("--accuracy-threshold", type=_share, default=0.3, help="lowest accuracy that passes")
    parser.add_argument(
        "--allowed-regression",
        type=_share,
        default=0.02,
        help="how much worse than the approved version passes",
    )
    parser.add_argument(
        "--parameter",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the pipeline, shown in the report",
    )
    return parser


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return share


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    main()
