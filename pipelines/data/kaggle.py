"""The Kaggle set the original report used: ten of its ninety classes, each file checked."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

DATASET = "iamsouravbanerjee/animal-image-dataset-90-different-animals"


def kaggle_folder(home: Path, say: Callable[[str], None]) -> Path:
    """Folder with the ten classes of the Kaggle set, fetched on first use.

    Parameters
    ----------
    home
        Folder of the local state; the download is kept there as well.
    say
        Told when the download begins.

    Returns
    -------
    pathlib.Path
        Complete and checked, or not there at all.

    Raises
    ------
    OperatorError
        Where it cannot be fetched, or a file differs from the one published.
    """
    folder = home / "data" / "kaggle-animals"
    if not folder.exists():
        say(f"fetching {DATASET} from Kaggle, about 700 MB, once")
        take_ten(_download(home), folder)
    return folder


def take_ten(downloaded: Path, folder: Path) -> None:
    """Copy the ten classes out of the download, checking each file's sha256.

    Parameters
    ----------
    downloaded
        What kagglehub unpacked; the classes may lie at any depth.
    folder
        Made, complete, or left absent.

    Raises
    ------
    OperatorError
        Naming the first file that is missing or differs.
    """
    root = next((path.parent for path in sorted(downloaded.rglob("bear")) if path.is_dir()), downloaded)
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for name, sha256 in _published().items():
        source, target = root / name, unfinished / name
        if not source.is_file():
            raise OperatorError(f"the Kaggle set lacks {name}: it is not the one this project knows")
        content = source.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise OperatorError(
                f"the Kaggle set's {name} is not the file that was published: its sha256 differs"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    unfinished.rename(folder)


def _published() -> dict[str, str]:
    text = resources.files("bestiary").joinpath("kaggle_checksums.csv").read_text("utf-8")
    return {row["path"]: row["sha256"] for row in csv.DictReader(text.splitlines())}


def _download(home: Path) -> Path:
    os.environ["KAGGLEHUB_CACHE"] = str(home / "data" / "kagglehub")
    import kagglehub

    try:
        return Path(kagglehub.dataset_download(DATASET))
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"Kaggle cannot be reached ({type(error).__name__}): download {DATASET} by hand, unpack it and "
            f"give the folder with --data"
        ) from None
