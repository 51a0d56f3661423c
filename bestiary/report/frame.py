"""What every page has around its own text: head, masthead, foot and look."""

from __future__ import annotations

from importlib import resources

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bestiary.report.words import breakable, count, percent


def environment(package: str, *styles: str) -> Environment:
    """Make ready a package's templates, which extend ``frame.html`` and may say numbers in words.

    Parameters
    ----------
    package
        Whose ``templates`` folder, e.g. ``bestiary.drift``.
    styles
        Style sheets that follow the one which all pages have, e.g. ``bestiary.drift/page.css``.

    Returns
    -------
    jinja2.Environment
        Escapes whatever it is given, because names of files and classes come from strangers.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("bestiary.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    look = "".join(_text(*name.split("/")) for name in ("bestiary.report/style.css", *styles))
    made.globals["style"] = Markup(look)  # noqa: S704 - our own files
    made.filters.update(breakable=breakable, count=count, percent=percent)
    return made


def _text(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text("utf-8")
