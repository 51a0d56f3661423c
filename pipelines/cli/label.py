"""``bestiary label``: what was really in the photos."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say
from pipelines.labelling import ground_truth, inbox
from pipelines.labelling.reading import read
from pipelines.place import open_place
from pipelines.settings import Settings


def label(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE.csv|output.manifest",
            help="A table with the columns file (or inference_id), species and, if known, site; "
            "or what a SageMaker Ground Truth job wrote. Also s3://…",
        ),
    ],
    photos: Annotated[
        bool,
        typer.Option("--photos", help="Put the photos into the inbox too: a retraining learns from them."),
    ] = False,
    where: options.Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Say what was really in photos that were classified."""
    place = open_place(Settings.read(where), say)
    labels = read(place, source)
    into = inbox.put(place, labels) if photos else 0
    uri = ground_truth.keep(place, labels)
    species = Counter(each.label.species for each in labels)
    if as_json:
        answer_json({"labels": len(labels), "species": dict(species), "photos": into, "ground_truth": uri})
        return
    answers.print(
        f"{len(labels)} labels of {len(species)} species were kept: bestiary monitor --quality --now"
    )
    if photos:
        answers.print(f"{into} photos are in the inbox: bestiary schedule retrain now")
