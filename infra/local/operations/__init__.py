"""The API operations answered here, each a function from a checked request to a response.

Every module of this package registers its functions with `operation`; `load` imports them all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.account import Account

Document = dict[str, Any]
Handler = Callable[["Account", Document], Document | None]

HANDLERS: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register a function as the answer to one API operation.

    Parameters
    ----------
    service
        botocore's name of the service: ``sagemaker`` or ``logs``.
    name
        The operation, e.g. ``CreateTrainingJob``.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[service, name] = handler
        return handler

    return register


def load() -> None:
    """Import every module of this package, so that its operations are registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
