"""Members taken from the definition's JSON: types checked, what is wrong named with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from infra.local.errors import validation

if TYPE_CHECKING:
    from infra.local.errors import AwsError

_Value = TypeVar("_Value")

_WORDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "an array",
}


def refused(message: str) -> AwsError:
    """Say in one line why a pipeline definition is not accepted, with AWS's opening words."""
    return validation(f"Unable to parse pipeline definition. {' '.join(message.splitlines())}")


class Reader:
    """Takes the members of one JSON object, then refuses what is left.

    A member of ``null`` counts as absent: the SageMaker SDK writes it for what is not set.

    Parameters
    ----------
    value
        The object.
    where
        How errors name it, e.g. ``Step 'train'``.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when it is no object.
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise refused(f"{where} must be an object.")
        self.where = where
        self._members: dict[str, Any] = {name: item for name, item in value.items() if item is not None}

    def required(self, name: str, kind: type[_Value]) -> _Value:
        """Take a member that must be there."""
        if name not in self._members:
            raise refused(f"{self.where} lacks '{name}'.")
        return _typed(self._members.pop(name), kind, f"'{name}' of {self._inside}")

    def optional(self, name: str, kind: type[_Value]) -> _Value | None:
        """Take a member that may be absent."""
        return self.required(name, kind) if name in self._members else None

    def value(self, name: str) -> object:
        """Take a member of any type that must be there."""
        if name not in self._members:
            raise refused(f"{self.where} lacks '{name}'.")
        return self._members.pop(name)

    def items(self, name: str) -> list[Any]:
        """Take an array, empty when absent."""
        found = self.optional(name, list)
        return [] if found is None else found

    def finish(self) -> None:
        """Refuse what nobody took."""
        for name in self._members:
            raise refused(f"{self.where}: Cannot parse object, unknown property '{name}'.")

    @property
    def _inside(self) -> str:
        return self.where[:1].lower() + self.where[1:]


def _typed(value: object, kind: type[_Value], what: str) -> _Value:
    number = kind is float and isinstance(value, int) and not isinstance(value, bool)
    if number or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
        return kind(value) if number else value  # type: ignore[return-value,call-arg]  # there, kind is float
    raise refused(f"{what} must be {_WORDS[kind]}.")
