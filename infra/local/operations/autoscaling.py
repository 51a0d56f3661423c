"""Scaling of endpoint variants: targets, policies, activities."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from infra.local.autoscaling import records, steps, tracking
from infra.local.autoscaling.records import ACTIVITY, POLICY, TARGET
from infra.local.errors import AwsError, validation
from infra.local.hosting.records import ENDPOINT
from infra.local.listing import cut
from infra.local.operations import operation

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.operations import Document

SERVICE = "application-autoscaling"
_PAGE = 50
_TRACKING, _STEPS = "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration"


@operation(SERVICE, "RegisterScalableTarget")
def register(account: Account, request: Document) -> Document:
    """Let a variant be scaled, or change its limits."""
    resource, old = records.place(request), account.store.get(TARGET, request["ResourceId"])
    endpoint = account.store.get(ENDPOINT, resource.endpoint) or {}
    names = [each["VariantName"] for each in endpoint.get("ProductionVariants", [])]
    if resource.variant not in names:
        raise validation(f"Endpoint {resource.endpoint} with variant {resource.variant} does not exist.")
    arn = f"arn:aws:{SERVICE}:{account.region}:{account.account_id}:scalable-target/{uuid4().hex}"
    first = {
        "RoleARN": f"arn:aws:iam::{account.account_id}:role/aws-service-role/"
        "sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
        "CreationTime": account.clock.now(),
        "ScalableTargetARN": arn,
    }
    given = {name: value for name, value in request.items() if name != "Tags"}
    target = {**first, **(old or {}), **given}
    if not {"MinCapacity", "MaxCapacity"} <= target.keys():
        raise validation("MinCapacity and MaxCapacity must be given when a scalable target is registered.")
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if least > most:
        raise validation(f"Maximum capacity {most} cannot be less than minimum capacity {least}.")
    if least < 1 and not endpoint.get("AsyncInferenceConfig"):
        raise validation("Minimum capacity 0 is for asynchronous endpoints; others need an instance.")
    account.store.put(TARGET, request["ResourceId"], target)
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


@operation(SERVICE, "DescribeScalableTargets")
def targets(account: Account, request: Document) -> Document:
    """List the targets."""
    wanted = request.get("ResourceIds")
    found = [each for each in account.store.list(TARGET) if not wanted or each["ResourceId"] in wanted]
    shown, token = cut(found, request, lambda each: (each["ResourceId"],), descending=False, size=_PAGE)
    return {"ScalableTargets": shown, "NextToken": token}


@operation(SERVICE, "DeregisterScalableTarget")
def deregister(account: Account, request: Document) -> None:
    """Scale a variant no more, and forget its policies."""
    _target(account, request)
    for policy in records.policies_of(account, request["ResourceId"]):
        _delete(account, policy)
    account.store.delete(TARGET, request["ResourceId"])


@operation(SERVICE, "PutScalingPolicy")
def put(account: Account, request: Document) -> Document:
    """Make a policy or change one; one that tracks a target gets its alarms."""
    resource = records.place(request)
    _target(account, request)
    name = records.policy_name(request)
    old = account.store.get(POLICY, name)
    policy = {
        "PolicyARN": old["PolicyARN"] if old else _arn(account, request),
        "CreationTime": account.clock.now(),
        **request,
    }
    kinds = {"TargetTrackingScaling": _TRACKING, "StepScaling": _STEPS}
    kind = request.get("PolicyType", "StepScaling")
    if kind not in kinds or kinds[kind] not in request:
        raise validation(f"A policy of PolicyType {kind} cannot be made here: give one of {kinds}.")
    alarms = tracking.alarms(policy, resource) if kind == "TargetTrackingScaling" else []
    if kind == "StepScaling":
        steps.check(request[_STEPS])
    if old:
        account.alarms.delete(alarm["AlarmName"] for alarm in old["Alarms"])
    for alarm in alarms:
        account.alarms.put(alarm)
    made = [
        {"AlarmName": alarm["AlarmName"], "AlarmARN": account.alarms.arn(alarm["AlarmName"])}
        for alarm in alarms
    ]
    account.store.put(POLICY, name, {**policy, "PolicyType": kind, "Alarms": made})
    return {"PolicyARN": policy["PolicyARN"], "Alarms": made}


@operation(SERVICE, "DescribeScalingPolicies")
def policies(account: Account, request: Document) -> Document:
    """List policies with their alarms."""
    names, resource = request.get("PolicyNames"), request.get("ResourceId")
    found = [
        {name: value for name, value in each.items() if not name.startswith("Last")}
        for each in account.store.list(POLICY)
        if (not names or each["PolicyName"] in names or each["PolicyARN"] in names)
        and resource in {None, each["ResourceId"]}
    ]
    shown, token = cut(found, request, lambda each: (each["PolicyARN"],), descending=False, size=_PAGE)
    return {"ScalingPolicies": shown, "NextToken": token}


@operation(SERVICE, "DeleteScalingPolicy")
def delete(account: Account, request: Document) -> None:
    """Forget a policy and its alarms."""
    policy = account.store.get(POLICY, records.policy_name(request))
    if policy is None:
        raise AwsError(
            "ObjectNotFoundException", f"No scaling policy found for {records.policy_name(request)}."
        )
    _delete(account, policy)


@operation(SERVICE, "DescribeScalingActivities")
def activities(account: Account, request: Document) -> Document:
    """List what was scaled and why, newest first."""
    resource = request.get("ResourceId")
    found = [each for each in account.store.list(ACTIVITY) if resource in {None, each["ResourceId"]}]
    shown, token = cut(
        found,
        request,
        lambda each: (each["StartTime"].isoformat(), each["ActivityId"]),
        descending=True,
        size=_PAGE,
    )
    return {"ScalingActivities": shown, "NextToken": token}


def _target(account: Account, request: Document) -> Document:
    found = account.store.get(TARGET, request["ResourceId"])
    if found is None:
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {request['ServiceNamespace']}, resource "
            f"ID: {request['ResourceId']}, scalable dimension: {request['ScalableDimension']}",
        )
    return found


def _delete(account: Account, policy: Document) -> None:
    account.alarms.delete(alarm["AlarmName"] for alarm in policy["Alarms"])
    account.store.delete(POLICY, records.policy_name(policy))


def _arn(account: Account, request: Document) -> str:
    return (
        f"arn:aws:autoscaling:{account.region}:{account.account_id}:scalingPolicy:{uuid4()}:resource/"
        f"{request['ServiceNamespace']}/{request['ResourceId']}:policyName/{request['PolicyName']}"
    )
