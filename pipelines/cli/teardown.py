"""``bestiary down --account``: the stacks too, and with ``--forget`` what was learned."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import typer

from pipelines.account import leftovers, teardown
from pipelines.account.leftovers import Left
from pipelines.cli.output import answer_json, answers, say, table
from pipelines.errors import UsageError
from pipelines.place import Place


def account_down(place: Place, forget: str, *, yes: bool, as_json: bool) -> None:
    """Remove the account's part and list what is left.

    Parameters
    ----------
    place
        Where.
    forget
        Name of the bucket whose photos, models and captures go too; empty to keep what was learned.
    yes
        Whether not to ask.
    as_json
        Whether to answer with one JSON document.
    """
    before = leftovers.look(place)
    if forget:
        teardown.check_bucket(place, forget)
    _ask(before, forget, yes=yes)
    left = teardown.remove(place, forget, say)
    if as_json:
        gone = [each for each in before if each not in left]
        answer_json({"removed": [asdict(each) for each in gone], "left": [asdict(each) for each in left]})
    elif left:
        answers.print(table({"what is left": "left", "": "left"}, [[each.kind, each.name] for each in left]))
        if not forget:
            say("it holds what was learned; bestiary down --account --forget BUCKET removes it for good")
    else:
        answers.print("nothing of Bestiary is left in this account and region")


def _ask(found: list[Left], forget: str, *, yes: bool) -> None:
    counts = Counter(each.kind for each in found)
    say("there are: " + (", ".join(f"{count} x {kind}" for kind, count in counts.items()) or "nothing"))
    what = f"FOR GOOD, with every version of every object in {forget}" if forget else "what was learned stays"
    if yes or not found:
        return
    try:
        sure = typer.confirm(f"take the account down? ({what})", err=True)
    except typer.Abort:
        raise UsageError("nobody answered, nothing was removed: bestiary down --account --yes") from None
    if not sure:
        say("nothing was removed")
        raise typer.Exit(1)
