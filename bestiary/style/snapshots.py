"""A painting on its way: pictures and losses every few steps, and enough to go on after an interruption."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.style import descent, pictures
from bestiary.style.charts import contact_sheet, loss_plot
from bestiary.style.curvature import KEPT, Curvature
from bestiary.style.errors import CannotStylize
from bestiary.style.state import Record, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bestiary.style.features import Features
    from bestiary.style.gatys import Style
    from bestiary.style.settings import Settings

    Pixels = NDArray[np.uint8]

STATE = "state.npz"
LOSSES = "losses.json"
_PICTURE = "step-{:05d}.png"


class Snapshots:
    """Writes into a folder: ``step-00040.png``…, ``losses.json`` and ``state.npz``, the last state.

    Parameters
    ----------
    folder
        Is made.
    every
        Steps from one to the next.
    about
        What the work is of, from `about`.
    """

    def __init__(self, folder: Path, every: int, about: str) -> None:
        self._folder = folder
        self._every = every
        self._about = about

    def __call__(self, state: State) -> None:
        """Look at a step, and write it if its turn has come."""
        if len(state.history) % self._every == 0:
            self.write(state)

    def write(self, state: State) -> None:
        """Write a step; the state is complete or not changed at all, whenever the process ends."""
        self._folder.mkdir(parents=True, exist_ok=True)
        step = len(state.history)
        picture = pictures.encoded(state.picture())
        (self._folder / _PICTURE.format(step)).write_bytes(picture)
        _replace(self._folder / LOSSES, _told(state.history))
        buffer = BytesIO()
        np.savez(
            buffer,
            about=np.array(self._about),
            level=state.level,
            image=state.image,
            first=state.moments.first,
            second=state.moments.second,
            steps=state.moments.steps,
            best=state.best,
            least=state.least,
            margin=state.margin,
            history=np.array(state.history, np.float64),
            **{f"curvature_{name}": value for name, value in state.curvature.kept().items()},
        )
        _replace(self._folder / STATE, buffer.getvalue())

    def finish(self, history: Sequence[Record], image: Pixels) -> None:
        """Write all losses, their plot and a contact sheet that ends with the finished picture."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _replace(self._folder / LOSSES, _told(history))
        (self._folder / "losses.png").write_bytes(loss_plot(history))
        steps = sorted(self._folder.glob("step-*.png"))
        (self._folder / "contact-sheet.png").write_bytes(contact_sheet(steps, image))


def read(folder: Path, about: str) -> State:
    """Read where the work stood.

    Raises
    ------
    CannotStylize
        The folder holds no state, or one of other pictures or settings.
    """
    path = folder / STATE
    try:
        with np.load(path, allow_pickle=False) as found:
            of, history = str(found["about"]), found["history"].tolist()
            state = State(
                level=int(found["level"]),
                image=found["image"],
                moments=descent.Moments(found["first"], found["second"], int(found["steps"])),
                best=found["best"],
                least=float(found["least"]),
                margin=tuple(found["margin"].tolist()),
                history=[Record(int(row[0]), int(row[1]), *row[2:]) for row in history],
                curvature=Curvature.found({name: found[f"curvature_{name}"] for name in KEPT}),
            )
    except FileNotFoundError:
        raise CannotStylize(f"{path} is not there: a run with --every N leaves it") from None
    except Exception as error:  # NumPy raises whatever a broken archive makes it
        raise CannotStylize(f"{path} cannot be read: {error}") from error
    if of != about:
        raise CannotStylize(f"{path} is of other pictures or settings: run the same command as before")
    return state


def about(
    features: Features, content: Pixels, styles: Sequence[Style], settings: Settings, also: str = ""
) -> str:
    """Return a digest of everything that a picture depends on, and of what else the caller names."""
    import hashlib

    digest = hashlib.sha256()
    known: dict[str, Any] = {
        "network": features.name,
        "layers": [features.content_layers, features.style_layers],
    }
    known |= {"also": also, "settings": asdict(settings), "weights": [style.weight for style in styles]}
    digest.update(json.dumps(known, sort_keys=True).encode())
    for image in (content, *(style.image for style in styles)):
        digest.update(str(image.shape).encode())
        digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def _told(history: Sequence[Record]) -> bytes:
    return json.dumps([record._asdict() for record in history], indent=1).encode()


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
