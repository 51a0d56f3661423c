"""``bestiary cost``: what a month costs, an item a line."""

from __future__ import annotations

from dataclasses import asdict

from pipelines.account import bill
from pipelines.account.cost import Estimate
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.place import open_place
from pipelines.settings import Settings


def cost(where: options.Where = None, as_json: options.AsJson = False) -> None:
    """Say what a month costs as things are set now, and what would do the same for less."""
    found = bill.of_place(open_place(Settings.read(where), say))
    if as_json:
        answer_json(document(found))
    else:
        tell(found)


def document(found: Estimate) -> dict[str, object]:
    """Write an estimate as ``--json`` answers it."""
    return {
        "lines": [asdict(line) for line in found.lines],
        "month": round(found.month, 2),
        "idle": round(found.idle, 2),
        "unknown": list(found.unknown),
        "advice": list(found.advice),
        "currency": "USD",
        "as_of": found.as_of,
        "region": found.region,
    }


def tell(found: Estimate) -> None:
    """Write an estimate as a table."""
    rows = [[line.item, line.detail, _dollars(line.dollars)] for line in found.lines]
    rows.append(["a month", f"of it {found.idle:.2f} when nobody does anything", _dollars(found.month)])
    answers.print(table({"item": "left", "how": "left", "USD": "right"}, rows))
    answers.print(
        f"about AWS's prices of {found.as_of} in {found.region}; look them up before you rely on a sum"
    )
    for item in found.unknown:
        answers.print(f"the price of {item} is not in the table", markup=False)
    for sentence in found.advice:
        answers.print(f"cheaper: {sentence}", markup=False, soft_wrap=True)


def tell_before(what: str, found: Estimate, span: str = "a month in AWS") -> None:
    """Say in one line what something will cost that is about to be done, in a month or until it goes."""
    known = "" if not found.unknown else f", without {', '.join(found.unknown)} (price not known)"
    details = "; ".join(line.detail for line in found.lines[:1])
    say(f"{what} costs about {found.month:.2f} USD {span} ({details}){known}: bestiary cost")


def _dollars(amount: float | None) -> str:
    return "?" if amount is None else f"{amount:.2f}"
