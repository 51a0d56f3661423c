"""The prepare job: a folder of photos becomes training and test arrays and an exploration page.

Reads ``processing/input/data`` and ``inbox`` (new labelled photos, if there are any), or in their place
``shards`` (what the decode job made of both on many machines), and ``pinned`` (an earlier run's
``dataset.json``, whose test photos stay so, if there is one); writes
``processing/output/{train,test,exploration}``. A file that cannot be used is quarantined and named; the job
fails only where nothing honest can be learned. How the photos look goes to ``exploration/measures.jsonl``,
from which the version's drift baseline is made.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bestiary import container
from bestiary.dataset import (
    Dataset,
    UnusableDataset,
    gather,
    read,
    read_pinned,
    read_shards,
    write_side,
)
from bestiary.drift import measures
from bestiary.explore import explore
from training_scripts import views


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the job with the command line's arguments, or with those given."""
    settings = _parser().parse_args(arguments)
    named, every = views.named(settings), views.every(settings)
    shards = container.processing_input("shards")
    try:
        # The arrays in the making can be as large as the data: they belong on its volume, not in /tmp.
        outputs = container.processing_output("")
        outputs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="prepare-", dir=outputs) as scratch:
            if shards.is_dir():
                reading = read_shards(shards, every, Path(scratch))
            else:
                inbox = container.processing_input("inbox")
                reading = read(container.processing_input("data"), every, Path(scratch), inbox=inbox)
            measured = gather(
                reading,
                test_share=settings.test_share,
                seed=settings.seed,
                pinned=read_pinned(container.processing_input("pinned") / "dataset.json"),
            )
            dataset = replace(measured, images=measured.images[: len(named)])
            write_side(container.processing_output("train"), dataset, dataset.split.train, named)
            write_side(container.processing_output("test"), dataset, dataset.split.test, named)
            explore(dataset, dataset.images[1], container.processing_output("exploration"))
            file = container.processing_output("exploration") / measures.FILE
            measures.write_measures(measured.photos, measured.images[-1], file)
    except UnusableDataset as error:
        container.fail(f"the data cannot be used: {error}")
    except OSError as error:
        container.fail(f"the prepared data cannot be written: {error}")
    _log(dataset)


def _log(dataset: Dataset) -> None:
    lines = [
        f"{label}: {counts['train']} train, {counts['test']} test" for label, counts in dataset.counts.items()
    ]
    lines += [f"warning: {warning}" for warning in dataset.warnings]
    lines += [f"left out: {one.file}: the same photo as {one.same_as}" for one in dataset.duplicates]
    lines += [f"quarantined: {one.file}: {one.reason}" for one in dataset.quarantined]
    lines.append(
        f"{len(dataset.photos)} photos of {len(dataset.classes)} classes, data digest {dataset.digest[:12]}"
    )
    print("\n".join(lines), flush=True)  # noqa: T201 - a job's log is its standard output


def _parser() -> container.Arguments:
    parser = container.Arguments(prog="training_scripts.prepare", description=__doc__)
    views.add_arguments(parser)
    parser.add_argument("--test-share", type=_share, default=0.2, help="of each class, between 0 and 1")
    parser.add_argument("--seed", type=int, default=42, help="of the split")
    return parser


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return share


if __name__ == "__main__":
    main()
