"""CloudWatch's metric math, as far as alarms on shares need it: ``100 * errors / FILL(calls, 0)``."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def parse(expression: str) -> ast.expr:
    """Read an expression of metric ids, numbers, ``+ - * /``, parentheses and ``FILL(id, number)``.

    Raises
    ------
    ValueError
        For anything else; the message says what.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(f"{expression!r} is no expression that the local CloudWatch can read") from None
    for node in ast.walk(tree):
        if not _known(node):
            raise ValueError(
                "expressions here are made of metric ids, numbers, + - * / and FILL(id, number), "
                f"not {ast.unparse(node)!r} in {expression!r}"
            )
    return tree


def ids(tree: ast.expr) -> set[str]:
    """Name the metrics that an expression speaks of."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"FILL"}


def value(tree: ast.expr, values: Mapping[str, float | None]) -> float | None:
    """Work out an expression for one period.

    Parameters
    ----------
    tree
        What `parse` made of it.
    values
        The period's value of each metric, ``None`` where it has no datapoint.

    Returns
    -------
    float or None
        ``None`` where a datapoint is missing that nothing fills, or for a division by zero.
    """
    if isinstance(tree, ast.Constant):
        return float(cast("float", tree.value))
    if isinstance(tree, ast.Name):
        return values[tree.id]
    if isinstance(tree, ast.UnaryOp):
        found = value(tree.operand, values)
        return None if found is None else -found
    if isinstance(tree, ast.Call):
        found = value(tree.args[0], values)
        return value(tree.args[1], values) if found is None else found
    return _operated(cast("ast.BinOp", tree), values)


def _operated(tree: ast.BinOp, values: Mapping[str, float | None]) -> float | None:
    left, right = value(tree.left, values), value(tree.right, values)
    if left is None or right is None:
        return None
    try:
        return _OPERATORS[type(tree.op)](left, right)
    except ZeroDivisionError:
        return None


def _known(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.Call):
        filled = isinstance(node.func, ast.Name) and node.func.id == "FILL" and not node.keywords
        return filled and [type(each) for each in node.args] == [ast.Name, ast.Constant]
    kinds = (ast.Name, ast.BinOp, ast.UnaryOp, ast.USub, ast.Load, *_OPERATORS)
    return isinstance(node, kinds)
