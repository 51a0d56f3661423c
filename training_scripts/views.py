"""What of a picture's preparation the decode and the prepare job are told, the same for both."""

import argparse

from bestiary.images import Preprocessing
from bestiary.images.statistics import MEASURED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a job be told how large its pictures are."""
    parser.add_argument("--image-size", type=_size, default=128, help="pixels a side for the custom CNN")
    parser.add_argument(
        "--transfer-image-size", type=_size, default=224, help="pixels a side for transfer learning"
    )
    parser.add_argument("--equalize-cnn", type=_flag, default=True, help="true or false")
    parser.add_argument("--as-of", default="none", help="when the photos are looked at; only a cache minds")


def named(settings: argparse.Namespace) -> dict[str, Preprocessing]:
    """Return the views that models learn from, by name."""
    return {
        "custom_cnn": Preprocessing(settings.image_size, settings.equalize_cnn),
        "transfer": Preprocessing(settings.transfer_image_size),
    }


def every(settings: argparse.Namespace) -> list[Preprocessing]:
    """Return the ways to prepare each photo: the views, then what is measured for the drift baseline."""
    return [*named(settings).values(), MEASURED]


def _size(text: str) -> int:
    size = int(text)
    if not 8 <= size <= 2048:
        raise argparse.ArgumentTypeError(f"{size} is not between 8 and 2048 pixels")
    return size


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise argparse.ArgumentTypeError(f"{text} is neither true nor false")
    return text.lower() == "true"
