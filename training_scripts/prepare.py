"""The prepare job: a folder of photos becomes training and test arrays and an exploration page.

Reads ``processing/input/data``, ``inbox`` (new labelled photos, if there are any) and ``pinned`` (an earlier
run's ``dataset.json``, whose test photos stay so, if there is one); writes
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
from bestiary.dataset import Dataset, UnusableDataset, assemble, read_pinned, write_side
from bestiary.drift import measures
from bestiary.explore import explore
from bestiary.images import Preprocessing
from bestiary.images.statistics import MEASURED


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the job with the command line's arguments, or with those given."""
    settings = _parser().parse_args(arguments)
    views = {
        "custom_cnn": Preprocessing(settings.image_size, settings.equalize_cnn),
        "transfer": Preprocessing(settings.transfer_image_size),
    }
    try:
        # The arrays in the making can be as large as the data: they belong on its volume, not in /tmp.
        outputs = container.processing_output("")
        outputs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="prepare-", dir=outputs) as scratch:
            measured = assemble(
                container.processing_input("data"),
                [*views.values(), MEASURED],
                Path(scratch),
                test_share=settings.test_share,
                seed=settings.seed,
                inbox=container.processing_input("inbox"),
                pinned=read_pinned(container.processing_input("pinned") / "dataset.json"),
            )
            dataset = replace(measured, images=measured.images[: len(views)])
            write_side(container.processing_output("train"), dataset, dataset.split.train, views)
            write_side(container.processing_output("test"), dataset, dataset.split.test, views)
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
    parser.add_argument("--image-size", type=_size, default=128, help="pixels a side for the custom CNN")
    parser.add_argument(
        "--transfer-image-size", type=_size, default=224, help="pixels a side for transfer learning"
    )
    parser.add_argument("--equalize-cnn", type=_flag, default=True, help="true or false")
    parser.add_argument("--test-share", type=_share, default=0.2, help="of each class, between 0 and 1")
    parser.add_argument("--seed", type=int, default=42, help="of the split")
    parser.add_argument("--as-of", default="none", help="when the photos are looked at; only a cache minds")
    return parser


def _size(text: str) -> int:
    size = int(text)
    if not 8 <= size <= 2048:
        raise argparse.ArgumentTypeError(f"{size} is not between 8 and 2048 pixels")
    return size


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return share


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise argparse.ArgumentTypeError(f"{text} is neither true nor false")
    return text.lower() == "true"


if __name__ == "__main__":
    main()
