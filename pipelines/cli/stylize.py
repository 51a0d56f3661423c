"""``bestiary stylize`` and ``bestiary style-report``: photos in the manner of paintings."""

from __future__ import annotations

import time
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipelines.cli import options
from pipelines.cli import style_options as flags
from pipelines.cli.output import answer_json, answers, say
from pipelines.cli.painting_progress import Painting
from pipelines.cli.stylize_endpoint import at_endpoint
from pipelines.errors import UsageError
from pipelines.place import open_place
from pipelines.settings import Settings
from pipelines.style.easel import Easel
from pipelines.style.inputs import plainly, read_inputs
from pipelines.style.measure import Measure, weights
from pipelines.style.models import opened_model

if TYPE_CHECKING:
    from bestiary.style import Fast, Result, Vectors
    from bestiary.style.features import Features


def stylize(  # noqa: PLR0913, PLR0917 - each is a flag
    ctx: typer.Context,
    content: flags.Content,
    styles: flags.Styles,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .jpg, .png or .webp; with --compare a .html.")],
    method: Annotated[
        Literal["fast", "gatys"], typer.Option(help="In one pass, or by optimising the picture.")
    ] = "fast",
    size: Annotated[int, typer.Option(help="Longest side of the result in pixels.", min=16, max=8192)] = 512,
    steps: Annotated[int, typer.Option(help="gatys: how many in all.", min=1)] = 150,
    optimizer: Annotated[Literal["adam", "lbfgs"], typer.Option(help="gatys: how it descends.")] = "lbfgs",
    start: Annotated[
        Literal["recoloured", "content", "noise"],
        typer.Option(
            help="gatys: begin half-way to the paintings' colours, with the photo itself, or with noise."
        ),
    ] = "recoloured",
    coarse: Annotated[bool, typer.Option(help="gatys: begin with a small picture.")] = True,
    content_weight: flags.ContentWeight = flags.CONTENT_WEIGHT,
    style_weight: flags.StyleWeight = flags.STYLE_WEIGHT,
    tv_weight: flags.TvWeight = flags.TV_WEIGHT,
    layer_weight: flags.LayerWeights = None,
    features: flags.FeaturesFile = None,
    content_layers: flags.ContentLayers = "",
    style_layers: flags.StyleLayers = "",
    pooling: flags.Pooling = "max",
    precision: flags.Precision = "auto",
    model: flags.Model = None,
    strength: Annotated[
        float, typer.Option(help="fast: from the photo's own style (0) to the paintings' (1).", min=0, max=1)
    ] = 1.0,
    keep_color: Annotated[bool, typer.Option("--keep-color", help="Keep the photo's colours.")] = False,
    keep_color_by: Annotated[
        Literal["luminance", "histogram"],
        typer.Option(help="How: paint light and dark only, or recolour the paintings first."),
    ] = "luminance",
    square: Annotated[bool, typer.Option("--square", help="Cut squares out of all pictures first.")] = False,
    every: Annotated[
        int, typer.Option(help="gatys: keep a snapshot and the losses every so many steps.", min=0)
    ] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="gatys: go on from the last snapshot.")] = False,
    seed: flags.Seed = 0,
    compare: Annotated[bool, typer.Option("--compare", help="Paint both ways and write one page.")] = False,
    endpoint: Annotated[
        bool,
        typer.Option("--endpoint", help="Let the deployed stylizer paint: at once, or in its queue."),
    ] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Paint a photo in the manner of one or several paintings."""
    if endpoint:
        at_endpoint(ctx)
        return
    measure = Measure(features, content_layers, style_layers, pooling, precision, seed)
    place = cache(lambda: open_place(Settings.read(where), say))
    with plainly():
        from bestiary.style import Settings as Painted

        picture_format = _format(out, page=compare)
        painted = Painted(
            size=size,
            steps=steps,
            optimizer=optimizer,
            start=start,
            coarse=coarse,
            weights=weights(content_weight, style_weight, tv_weight, layer_weight or ()),
            seed=seed,
        )
        inputs = read_inputs(content, styles, place)
        easel = Easel(inputs, painted, Painting, keep_color_by if keep_color else "no", square)
        if method == "gatys" or compare:
            network = measure.open()
            _warn(network.warning)
            if every or resume:
                folder = out.with_suffix(".steps")
                result = easel.optimise_with_snapshots(network, folder, every or steps, resume=resume)
            else:
                result = easel.optimise(network)
        if method == "fast" or compare:
            from bestiary.style import Fast

            with opened_model(model, place) as opened:
                fast = Fast(opened, size, strength, _vectors(where))
                if compare:
                    _write_comparison(easel, network, result, fast, out, as_json=as_json)
                    return
                result = easel.paint(fast)
    _write_picture(result, out, picture_format, as_json=as_json)


def style_report(  # noqa: PLR0913, PLR0917 - each is a flag
    content: flags.Content,
    styles: flags.Styles,
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="The page.")],
    size: Annotated[int, typer.Option(help="Longest side of each picture.", min=16, max=2048)] = 320,
    steps: Annotated[int, typer.Option(help="gatys: how many for each picture.", min=1)] = 100,
    content_weight: flags.ContentWeight = flags.CONTENT_WEIGHT,
    style_weight: flags.StyleWeight = flags.STYLE_WEIGHT,
    tv_weight: flags.TvWeight = flags.TV_WEIGHT,
    layer_weight: flags.LayerWeights = None,
    features: flags.FeaturesFile = None,
    content_layers: flags.ContentLayers = "",
    style_layers: flags.StyleLayers = "",
    pooling: flags.Pooling = "max",
    precision: flags.Precision = "auto",
    model: flags.Model = None,
    seed: flags.Seed = 0,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Paint a photo from content-heavy to style-heavy, on one page; with --model also by `fast`."""
    measure = Measure(features, content_layers, style_layers, pooling, precision, seed)
    place = cache(lambda: open_place(Settings.read(where), say))
    with plainly():
        from bestiary.style import Settings as Painted

        _format(out, page=True)
        began = time.monotonic()
        weighed = weights(content_weight, style_weight, tv_weight, layer_weight or ())
        inputs = read_inputs(content, styles, place)
        easel = Easel(inputs, Painted(size=size, steps=steps, weights=weighed, seed=seed), Painting)
        network = measure.open()
        _warn(network.warning)
        with opened_model(model, place) if model else nullcontext() as opened:
            out.write_text(easel.report(network, opened), "utf-8")
    document = {"out": str(out), "seconds": round(time.monotonic() - began, 2)}
    answer_json(document) if as_json else answers.print(f"{out}", markup=False, soft_wrap=True)


def _format(out: Path, *, page: bool) -> str:
    """Return the picture format that a file's ending stands for, once it is sure that it can be written."""
    from bestiary.style.pictures import file_format

    if not out.absolute().parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")
    if page and out.suffix.lower() != ".html":
        raise UsageError(f"--out {out}: this writes a page, so name a .html file")
    return "" if page else file_format(out)


def _vectors(where: str | None) -> Vectors:
    from bestiary.style import Vectors

    return Vectors(Settings.read(where).home / "cache" / "style-vectors")


def _warn(*warnings: str) -> None:
    for warning in warnings:
        if warning:
            say(f"warning: {warning}")


def _write_picture(result: Result, out: Path, picture_format: str, *, as_json: bool) -> None:
    from bestiary.evaluation import units
    from bestiary.style.pictures import encoded

    out.write_bytes(encoded(result.image, picture_format))
    if as_json:
        answer_json({"out": str(out), **_told(result)})
        return
    _warn(*result.warnings)
    height, width = result.image.shape[:2]
    took = units.duration(result.seconds)
    answers.print(f"{out}: {width} × {height}, {took}", markup=False, soft_wrap=True)


def _write_comparison(  # noqa: PLR0913 - what was painted and what is still to be
    easel: Easel, network: Features, optimised: Result, fast: Fast, out: Path, *, as_json: bool
) -> None:
    """Paint by the other method too; write the page and, beside it, both pictures."""
    from bestiary.style.pictures import encoded

    page, results = easel.compare(network, optimised, fast)
    out.write_text(page, "utf-8")
    documents = {}
    for name, result in results.items():
        picture = out.with_name(f"{out.stem}-{name}.png")
        picture.write_bytes(encoded(result.image))
        documents[name] = {"out": str(picture), **_told(result)}
    if as_json:
        seconds = round(sum(result.seconds for result in results.values()), 2)
        losses = documents["gatys"]["losses"]
        answer_json({"out": str(out), "seconds": seconds, "losses": losses, "methods": documents})
        return
    _warn(*results["fast"].warnings)
    answers.print(f"{out}", markup=False, soft_wrap=True)


def _told(result: Result) -> dict[str, Any]:
    losses = [
        {"step": one.step, "content": one.content, "style": one.style, "total": one.total, "side": one.side}
        for one in result.history
    ]
    told = {"seconds": round(result.seconds, 2), "losses": losses, "warnings": list(result.warnings)}
    return told | {"memory_bytes": result.memory}
