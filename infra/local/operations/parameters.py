"""Parameters by name and by path, for finding what an account was set up with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local.errors import AwsError, validation
from infra.local.listing import cut
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

_KIND = "parameter"
_TEXT = "text"


@operation("ssm", "PutParameter")
def put(account: Account, request: Document) -> Document:
    """Add a parameter, or a new version of one where the request says so."""
    if request.get("Type") == "SecureString":
        raise validation("The local Parameter Store encrypts nothing: use Type String.")
    with account.store.together():  # so that two at once are two versions
        version = _put(account, request)
    return {"Version": version, "Tier": "Standard"}


@operation("ssm", "GetParameter")
def get(account: Account, request: Document) -> Document:
    """Return one parameter, by name or ARN."""
    found = _find(account, request["Name"])
    if found is None:
        raise _absent(request["Name"])
    return {"Parameter": found}


@operation("ssm", "GetParameters")
def get_many(account: Account, request: Document) -> Document:
    """Return several, and name those that are not there."""
    found = {name: _find(account, name) for name in request["Names"]}
    return {
        "Parameters": [parameter for parameter in found.values() if parameter],
        "InvalidParameters": [name for name, parameter in found.items() if not parameter] or None,
    }


@operation("ssm", "GetParametersByPath")
def get_by_path(account: Account, request: Document) -> Document:
    """Return what is under a path, at any depth or only just below it."""
    if request.get("ParameterFilters"):
        raise validation("The local Parameter Store has no filters: leave out ParameterFilters.")
    path = request["Path"].rstrip("/") + "/"
    under = [
        parameter
        for parameter in account.store.list(_KIND)
        if parameter["Name"].startswith(path)
        and (request.get("Recursive") or "/" not in parameter["Name"].removeprefix(path))
    ]
    found, token = cut(under, request, lambda parameter: (parameter["Name"],), descending=False)
    return {"Parameters": found, "NextToken": token}


@operation("ssm", "DeleteParameter")
def delete(account: Account, request: Document) -> Document:
    """Remove a parameter."""
    if not account.store.delete(_KIND, request["Name"]):
        raise _absent(request["Name"])
    return {}


def _put(account: Account, request: Document) -> int:
    name = request["Name"]
    known = account.store.get(_KIND, name)
    if known and not request.get("Overwrite"):
        raise AwsError(
            "ParameterAlreadyExists",
            f"The parameter {name} already exists. To overwrite it, set the overwrite option.",
        )
    if not known and "Type" not in request:
        raise validation(f"A new parameter needs a type: {name}.")
    version = known["Version"] + 1 if known else 1
    parameter = {
        "Name": name,
        "Type": request.get("Type") or (known or {})["Type"],
        "Value": request["Value"],
        "Version": version,
        "LastModifiedDate": datetime.now(UTC),
        "ARN": _arn(account, name),
        "DataType": request.get("DataType") or _TEXT,
    }
    account.store.put(_KIND, name, parameter)
    return version


def _find(account: Account, name: str) -> Document | None:
    known = (
        parameter for parameter in account.store.list(_KIND) if name in {parameter["Name"], parameter["ARN"]}
    )
    return next(known, None)


def _absent(name: str) -> AwsError:
    return AwsError("ParameterNotFound", f"There is no parameter {name}.")


def _arn(account: Account, name: str) -> str:
    start = f"arn:aws:ssm:{account.region}:{account.account_id}:parameter"
    return start + name if name.startswith("/") else f"{start}/{name}"
