"""The backbone job: the pretrained network that both transfer candidates stand on, made whole once.

Leaves ``backbone.keras`` and ``backbone.json`` in the output ``backbone``. A network of one's own comes as
the only ``.keras`` file of the input ``backbone`` and is passed on unchanged once it has been looked at.
"""

from __future__ import annotations

import json
import shutil
import sys
import traceback
from typing import TYPE_CHECKING

from bestiary import container
from bestiary.classifiers import backbone, efficientnet, keras_file, reproducible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the job; whatever goes wrong ends it with one line that says what and what to do."""
    options = _options(arguments)
    try:
        about = _make(options, container.processing_output("backbone"))
    except (backbone.UnusableBackbone, efficientnet.WeightsUnavailable) as error:
        container.fail(str(error))
    except OSError as error:
        container.fail(f"{error.filename or 'backbone'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the job's edge: the log gets the traceback, the user one line
        traceback.print_exc()
        container.fail(f"the backbone could not be made: {type(error).__name__}: {error}")
    if about.warning:
        _say(f"warning: {about.warning}")
    _say(f"backbone={about.name} weights={about.weights} parameters={about.parameters}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = container.Arguments(prog="training_scripts.backbone", description=__doc__)
    parser.add_argument("--backbone", choices=(efficientnet.NAME, "file"), default=efficientnet.NAME)
    parser.add_argument("--weights", choices=("auto", "imagenet", "random"), default="auto")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args(arguments)
    if options.image_size < efficientnet.SMALLEST:
        parser.error(
            f"--image-size must be at least {efficientnet.SMALLEST} pixels, not {options.image_size}"
        )
    if not 0 <= options.seed < 2**32:
        parser.error(f"--seed must be from 0 to {2**32 - 1}, not {options.seed}")
    return options


def _make(options: argparse.Namespace, folder: Path) -> backbone.About:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / backbone.NETWORK
    reproducible.begin(options.seed)
    if options.backbone == "file":
        source = _only_file(container.processing_input("backbone"))
        network, name, weights, warning = backbone.load(source, options.image_size), source.stem, "file", ""
        shutil.copyfile(source, path)
    else:
        name = efficientnet.NAME
        network, weights, warning, reason = efficientnet.build(
            options.weights, options.image_size, options.seed
        )
        if reason:
            _say(f"{efficientnet.URL}: {reason}")
        keras_file.write(network, path)
    about = backbone.About(name, weights, warning, backbone.digest(path), network.count_params())
    (folder / backbone.ABOUT).write_text(json.dumps(about.as_json(), indent=2) + "\n", encoding="utf-8")
    return about


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _only_file(folder: Path) -> Path:
    found = sorted(folder.glob("*.keras")) if folder.is_dir() else []
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise backbone.UnusableBackbone(
            f"the backbone input must hold exactly one .keras file, and holds {names}"
        )
    return found[0]


if __name__ == "__main__":
    main(sys.argv[1:])
