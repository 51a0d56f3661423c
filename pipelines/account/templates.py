"""The CloudFormation templates under ``infra/aws``, as the operator's commands read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from pipelines.settings import CODE

PREFIX = "bestiary-"
STACKS = ("storage", "registry", "alerts", "roles", "network", "operators", "dashboard", "front")
"""In the order of making: each reads the exports of those before."""
KEEPING = ("storage", "registry")
"""Those that hold what was learned: photos, models, versions, images."""


@dataclass(frozen=True)
class Template:
    """One stack as it should be.

    Attributes
    ----------
    name
        Of its file, without the ending.
    text
        What CloudFormation gets.
    body
        The same, read; short forms such as ``!Ref`` are mappings of one entry.
    """

    name: str
    text: str
    body: dict[str, Any]

    @property
    def stack(self) -> str:
        """Its stack's name."""
        return PREFIX + self.name

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters by name, each with its default and description."""
        return dict(self.body.get("Parameters", {}))

    @property
    def resources(self) -> dict[str, Any]:
        """Its resources by logical name."""
        return dict(self.body["Resources"])


# A loader of its own: the short forms are CloudFormation's alone. In C it is ten times as fast.
_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})


def _short_form(loader: Any, name: str, node: yaml.Node) -> dict[str, Any]:  # noqa: ANN401 - yaml has no types
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"!{name} of a {type(node).__name__}")


_Loader.add_multi_constructor("!", _short_form)


@cache
def read() -> tuple[Template, ...]:
    """Read all templates, in the order of making."""
    return tuple(_read(name) for name in STACKS)


def parse(text: str) -> dict[str, Any]:
    """Read a template's text."""
    return dict(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader, with tags


def _read(name: str) -> Template:
    text = (CODE / "infra" / "aws" / f"{name}.yaml").read_text()
    return Template(name, text, parse(text))
