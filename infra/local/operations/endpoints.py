"""Endpoints: create, describe, list, update, rescale, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local import projection, quotas, resources
from infra.local.errors import validation
from infra.local.hosting import plan as plans
from infra.local.hosting import policy as policies
from infra.local.hosting import records
from infra.local.hosting.records import CONFIG, ENDPOINT
from infra.local.listing import Fields, page
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.hosting.plan import Plan
    from infra.local.hosting.policy import Policy
    from infra.local.operations import Document

_FIELDS = Fields("EndpointArn", "EndpointName", "EndpointStatus")


@operation("sagemaker", "CreateEndpoint")
def create(account: Account, request: Document) -> Document:
    """Register an endpoint and bring it up."""
    name = request["EndpointName"]
    plan = _plan(account, request)
    quotas.check_endpoint(account, plan)
    arn = account.arn(ENDPOINT, name)
    now = account.clock.now()
    record = {
        "EndpointName": name,
        "EndpointArn": arn,
        "CreationTime": now,
        "LastDeploymentConfig": request.get("DeploymentConfig"),
        **records.deployed(plan, {}, now),
    }
    creating = records.at(record, "Creating", now)
    taken = validation(f'Cannot create already existing endpoint "{arn}".')
    resources.add(account.store, ENDPOINT, name, creating, arn=arn, tagged=request.get("Tags"), taken=taken)
    account.hosting.create(name, plan)
    return {"EndpointArn": arn}


@operation("sagemaker", "DescribeEndpoint")
def describe(account: Account, request: Document) -> Document:
    """Tell all of one endpoint."""
    return projection.described("DescribeEndpoint", _record(account, request))


@operation("sagemaker", "ListEndpoints")
def list_(account: Account, request: Document) -> Document:
    """List endpoints, the newest first unless told."""
    found, token = page(account.store.list(ENDPOINT), request, _FIELDS, order="Descending")
    return projection.listed("ListEndpoints", found, token)


@operation("sagemaker", "UpdateEndpoint")
def update(account: Account, request: Document) -> Document:
    """Deploy another configuration to an endpoint that serves, by a policy and watched by alarms."""
    record, new = _record(account, request), _plan(account, request)
    old = records.plan_of(record)
    if request.get("RetainAllVariantProperties"):
        left_out = request.get("ExcludeRetainedVariantProperties", [])
        new = new.keeping(old, frozenset(each["VariantPropertyType"] for each in left_out))
    config = request.get("DeploymentConfig", {})
    if request.get("RetainDeploymentConfig"):
        if config:
            raise validation("Give DeploymentConfig or RetainDeploymentConfig, not both.")
        config = record.get("LastDeploymentConfig", {})
    policy = policies.of(config, new)
    if config and {each.name for each in old.variants} != {each.name for each in new.variants}:
        raise validation("An update with a DeploymentConfig has to keep the names of the variants.")
    _check_alarms(account, policy)
    # Until the traffic has moved there are two fleets.
    quotas.check_endpoint(account, new)
    arn = _begin(account, request["EndpointName"])
    account.hosting.update(request["EndpointName"], new, policy, config)
    return {"EndpointArn": arn}


@operation("sagemaker", "UpdateEndpointWeightsAndCapacities")
def rescale(account: Account, request: Document) -> Document:
    """Give variants of an endpoint other weights or numbers of instances."""
    record = _record(account, request)
    plan = records.plan_of(record)
    for wanted in request["DesiredWeightsAndCapacities"]:
        name, count = wanted["VariantName"], wanted.get("DesiredInstanceCount")
        if plan.variant(name) is None:
            raise validation(f'Could not find variant "{name}" of endpoint "{record["EndpointArn"]}".')
        if "ServerlessUpdateConfig" in wanted:
            raise validation("The local SageMaker has no serverless variants: omit ServerlessUpdateConfig.")
        if count == 0 and not plan.asynchronous:
            raise validation("DesiredInstanceCount 0 is for asynchronous endpoints; others need an instance.")
        plan = plan.changed(name, count=count, weight=wanted.get("DesiredWeight"))
    quotas.check_endpoint(account, plan, instead_of=request["EndpointName"])
    arn = _begin(account, request["EndpointName"])
    account.hosting.rescale(request["EndpointName"], plan)
    return {"EndpointArn": arn}


@operation("sagemaker", "DeleteEndpoint")
def delete(account: Account, request: Document) -> None:
    """End an endpoint on which nothing is under way; its configuration and models stay."""
    _record(account, request)
    name = request["EndpointName"]
    now = account.clock.now()

    def deleting(record: Document) -> Document:
        if record["EndpointStatus"] not in records.SETTLED:
            raise validation(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
        return records.at(record, "Deleting", now)

    account.store.update(ENDPOINT, name, deleting)
    account.hosting.delete(name)


def _record(account: Account, request: Document) -> Document:
    name = request["EndpointName"]
    record = account.store.get(ENDPOINT, name)
    if record is None:
        raise validation(f'Could not find endpoint "{account.arn(ENDPOINT, name)}".')
    return record


def _plan(account: Account, request: Document) -> Plan:
    name = request["EndpointConfigName"]
    config = account.store.get(CONFIG, name)
    if config is None:
        raise validation(f'Could not find endpoint configuration "{account.arn(CONFIG, name)}".')
    return plans.of_config(account, config)


def _check_alarms(account: Account, policy: Policy) -> None:
    states = account.alarms.states(policy.alarms)
    for name in policy.alarms:
        if name not in states:
            raise validation(f"Alarm {name} of AutoRollbackConfiguration does not exist.")
        if states[name] == "ALARM":
            raise validation(
                f"Alarm {name} of AutoRollbackConfiguration is in state ALARM: an update that it watches "
                "would be rolled back at once. See why it went off, or leave it out."
            )


def _begin(account: Account, name: str) -> str:
    """Say that an endpoint is being updated, unless something else is being done with it."""
    now = account.clock.now()

    def updating(record: Document) -> Document:
        status, arn = record["EndpointStatus"], record["EndpointArn"]
        if status not in records.SETTLED:
            raise validation(f'Cannot update in-progress endpoint "{arn}".')
        if status == "Failed":
            raise validation(f'Cannot update endpoint "{arn}" in status Failed: delete it first.')
        return records.at(record, "Updating", now, FailureReason=None)

    return str(account.store.update(ENDPOINT, name, updating)["EndpointArn"])
