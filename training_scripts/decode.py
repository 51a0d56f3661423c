"""The decode job: one machine's part of the photos becomes arrays, which the prepare job puts together.

Where many machines prepare a dataset, SageMaker gives each its part of the objects (``ShardedByS3Key``).
Each reads ``processing/input/data`` and ``inbox`` and writes ``processing/output/shards/<its name>``. What
has to know all photos, from duplicates to the split, is left to the prepare job.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bestiary import container
from bestiary.dataset import UnusableDataset, read, write_shard
from training_scripts import views


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the job with the command line's arguments, or with those given."""
    parser = container.Arguments(prog="training_scripts.decode", description=__doc__)
    views.add_arguments(parser)
    wanted = views.every(parser.parse_args(arguments))
    host = str(container.resources().get("current_host", "algo-1"))
    try:
        outputs = container.processing_output("shards")
        outputs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="decode-", dir=outputs.parent) as scratch:
            reading = read(
                container.processing_input("data"),
                wanted,
                Path(scratch),
                inbox=container.processing_input("inbox"),
                part=True,
            )
            write_shard(outputs / host, reading)
    except UnusableDataset as error:
        container.fail(f"the data cannot be used: {error}")
    except OSError as error:
        container.fail(f"the decoded photos cannot be written: {error}")
    sys.stdout.write(
        f"{host}: {len(reading.loaded.photos)} photos, {len(reading.loaded.quarantined)} left out\n"
    )


if __name__ == "__main__":
    main()
