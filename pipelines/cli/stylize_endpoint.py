"""``bestiary stylize --endpoint`` and ``bestiary painting``: the deployed stylizer paints."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, duration, say
from pipelines.deployment import endpoint as endpoints
from pipelines.deployment.served import STYLIZER, STYLIZER_ASYNC
from pipelines.errors import OperatorError, UsageError
from pipelines.place import Place, open_place
from pipelines.settings import Settings
from pipelines.style import endpoint as instant
from pipelines.style import following, queue
from pipelines.style.endpoint import Painted
from pipelines.style.form import ACCEPTED, write
from pipelines.style.form import Settings as Asked
from pipelines.style.inputs import read_files

_OWN = {
    "optimizer",
    "coarse",
    "layer_weight",
    "features",
    "content_layers",
    "style_layers",
    "pooling",
    "precision",
    "model",
    "every",
    "resume",
    "compare",
}
"""What the version decides, or what belongs to painting on this machine."""
_INTERRUPTED = 130


def at_endpoint(context: typer.Context) -> None:
    """Send what ``stylize`` was asked for to the deployed stylizer.

    Raises
    ------
    UsageError
        Something was asked for that an endpoint does not do.
    OperatorError
        Nothing is deployed, or the endpoint cannot paint it.
    """
    asked = context.params
    given = {name for name in asked if _is_given(context, name)}
    for name in sorted(given & _OWN):
        raise UsageError(
            f"--{name.replace('_', '-')} does not go with --endpoint: the deployed version decides, "
            "or it is for painting here"
        )
    out = Path(asked["out"])
    picture_format = _format(out)
    settings = Asked(
        method=asked["method"],
        size=asked["size"],
        square=asked["square"],
        keep_color=asked["keep_color_by"] if asked["keep_color"] else "no",
        strength=asked["strength"],
        start=asked["start"],
        seed=asked["seed"],
        **{
            name: asked[name] if name in given else None
            for name in ("steps", "content_weight", "style_weight", "tv_weight")
        },
    )
    place = open_place(Settings.read(asked["where"]), say)
    form = write(read_files(asked["content"], asked["styles"], lambda: place), settings)
    accept = ACCEPTED[picture_format]
    if instant.choose(place, settings, form) is STYLIZER:
        painted = instant.ask(place, form, accept)
    else:
        version = str(endpoints.live_version(place, STYLIZER_ASYNC))
        request = queue.submit(place, form, accept, version=version)
        say(f"painting {request.id} is in the queue: Ctrl-C gives it up")
        painted = _followed(place, request)
    _tell(painted, out, as_json=asked["as_json"])


def painting(
    name: Annotated[str, typer.Argument(metavar="ID", help="As stylize --endpoint says it.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to put the picture.")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Give it up.")] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Follow a picture that the deployed stylizer paints in its queue, fetch it, or give it up."""
    place = open_place(Settings.read(where), say)
    request = queue.find(place, name)
    if cancel:
        ended = following.cancel(place, request)
        if as_json:
            answer_json({"id": request.id, "status": ended})
        else:
            answers.print(_ENDS[ended].format(request.id), soft_wrap=True)
        if ended == "done":
            raise typer.Exit(1)
        return
    painted = _followed(place, request)
    with_ending = out or Path(f"{request.id}{_ending(painted.picture)}")
    _tell(painted, with_ending, as_json=as_json)


_ENDS = {
    "cancelled": "painting {} is given up",
    "done": "painting {} was finished before: without --cancel it is fetched",
    "asked": "painting {} has no instance yet: it is given up when its turn comes",
}


def _followed(place: Place, request: queue.Request) -> Painted:
    try:
        return following.follow(place, request, lambda line: say(f"  {line}"))
    except KeyboardInterrupt:
        say(_ENDS[following.cancel(place, request)].format(request.id))
        raise typer.Exit(_INTERRUPTED) from None


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _format(out: Path) -> str:
    if not out.absolute().parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")
    found = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}.get(out.suffix.lower())
    if found is None:
        raise OperatorError(f"{out}: endpoints answer .jpg and .png")
    return found


def _ending(picture: bytes) -> str:
    return ".png" if picture.startswith(b"\x89PNG") else ".jpg"


def _tell(painted: Painted, out: Path, *, as_json: bool) -> None:
    from PIL import Image

    out.write_bytes(painted.picture)
    if as_json:
        document: dict[str, Any] = {
            "out": str(out),
            "seconds": round(painted.seconds, 2),
            "losses": list(painted.losses),
            "endpoint": painted.endpoint,
            "version": painted.version,
            "id": painted.id,
        }
        answer_json(document)
        return
    width, height = Image.open(BytesIO(painted.picture)).size
    by = f"version {painted.version} on {painted.endpoint}"
    answers.print(
        f"{out}: {width} × {height}, {duration(painted.seconds)}, {by}", markup=False, soft_wrap=True
    )
