"""Schedule groups: create, get, list, delete with all that is in them, and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import resources, tags
from infra.local.errors import AwsError, validation
from infra.local.listing import cut
from infra.local.operations import operation
from infra.local.scheduling.schedules import DEFAULT, GROUP, SCHEDULE, key

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document


@operation("scheduler", "CreateScheduleGroup")
def create_schedule_group(account: Account, request: Document) -> Document:
    """Make a group."""
    name, now = request["Name"], account.clock.now()
    made = {
        "Name": name,
        "Arn": _arn(account, name),
        "State": "ACTIVE",
        "CreationDate": now,
        "LastModificationDate": now,
    }
    taken = AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
    if name == DEFAULT:
        raise taken
    resources.add(account.store, GROUP, name, made, arn=made["Arn"], tagged=request.get("Tags"), taken=taken)
    return {"ScheduleGroupArn": made["Arn"]}


@operation("scheduler", "GetScheduleGroup")
def get_schedule_group(account: Account, request: Document) -> Document:
    """Tell all of one group."""
    return group(account, request["Name"])


@operation("scheduler", "ListScheduleGroups")
def list_schedule_groups(account: Account, request: Document) -> Document:
    """List groups by name."""
    known = [group(account, DEFAULT), *account.store.list(GROUP)]
    found = [each for each in known if each["Name"].startswith(request.get("NamePrefix", ""))]
    page, token = cut(found, request, lambda item: (item["Name"],), descending=False, size=100)
    return {"ScheduleGroups": page, "NextToken": token}


@operation("scheduler", "DeleteScheduleGroup")
def delete_schedule_group(account: Account, request: Document) -> Document:
    """Remove a group and its schedules."""
    name = request["Name"]
    if name == DEFAULT:
        raise validation("The default schedule group cannot be deleted.")
    found = group(account, name)
    with account.store.together():
        for schedule in account.store.list(SCHEDULE):
            if schedule["GroupName"] == name:
                account.store.delete(SCHEDULE, key(name, schedule["Name"]))
        account.store.delete(GROUP, name)
        tags.forget(account.store, found["Arn"])
    account.schedules.reread()
    return {}


@operation("scheduler", "ListTagsForResource")
def list_tags_for_resource(account: Account, request: Document) -> Document:
    """List a group's tags."""
    return {"Tags": tags.of(account.store, _tagged(account, request))}


@operation("scheduler", "TagResource")
def tag_resource(account: Account, request: Document) -> Document:
    """Add tags to a group."""
    tags.add(account.store, _tagged(account, request), request["Tags"])
    return {}


@operation("scheduler", "UntagResource")
def untag_resource(account: Account, request: Document) -> Document:
    """Take tags from a group."""
    tags.remove(account.store, _tagged(account, request), request["TagKeys"])
    return {}


def group(account: Account, name: str) -> Document:
    """Return a group's record; the default one is always there.

    Raises
    ------
    infra.local.errors.AwsError
        ``ResourceNotFoundException``.
    """
    if name == DEFAULT:
        return {"Name": name, "Arn": _arn(account, name), "State": "ACTIVE"}
    found = account.store.get(GROUP, name)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)
    return found


def _tagged(account: Account, request: Document) -> str:
    arn = str(request["ResourceArn"])
    group(account, arn.rpartition("/")[2])
    return arn


def _arn(account: Account, name: str) -> str:
    return f"arn:aws:scheduler:{account.region}:{account.account_id}:schedule-group/{name}"
