"""Which IAM actions an operation takes, and why SageMaker's own roles have theirs.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/ say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.account.calls import Call

_PREFIXES = {"sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas"}
_UPLOAD = ("s3:PutObject", "s3:AbortMultipartUpload", "kms:GenerateDataKey", "kms:Decrypt")
_OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "s3:HeadObject": ("s3:GetObject", "kms:Decrypt"),
    "s3:GetObject": ("s3:GetObject", "kms:Decrypt"),
    "s3:PutObject": ("s3:PutObject", "kms:GenerateDataKey"),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:CreateMultipartUpload": _UPLOAD,
    "s3:UploadPart": _UPLOAD,
    "s3:CompleteMultipartUpload": _UPLOAD,
}
"""Where IAM's names are not the operation's."""
_TAGGED, _PASSES = "sagemaker:AddTags", "iam:PassRole"
_BESIDES: Mapping[str, tuple[str, ...]] = {
    "sagemaker:CreateModel": (_TAGGED, _PASSES),
    "sagemaker:CreateModelPackageGroup": (_TAGGED,),
    "sagemaker:CreateEndpointConfig": (_TAGGED,),
    "sagemaker:CreateEndpoint": (_TAGGED,),
    "sagemaker:CreateMonitoringSchedule": (_TAGGED, _PASSES),
    "sagemaker:UpdateMonitoringSchedule": (_PASSES,),
    "sagemaker:CreateProcessingJob": (_PASSES,),
    "sagemaker:CreateTransformJob": (_TAGGED,),
    "sagemaker:CreatePipeline": (_PASSES,),
    "sagemaker:UpdatePipeline": (_PASSES,),
    "cloudwatch:PutMetricAlarm": ("cloudwatch:TagResource",),
    "events:PutRule": ("events:TagResource",),
    "events:PutTargets": (_PASSES,),
    "scheduler:CreateSchedule": (_PASSES,),
    "scheduler:UpdateSchedule": (_PASSES,),
    "application-autoscaling:RegisterScalableTarget": (
        "iam:CreateServiceLinkedRole",
        "sagemaker:DescribeEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
    ),
    "application-autoscaling:PutScalingPolicy": ("cloudwatch:PutMetricAlarm",),
}
"""What an operation takes besides, as the code calls it: with tags, with a role for a service."""

_RUN = "CreateProcessingJob, CreateTrainingJob and CreateModel"
_FIRST = "VpcConfig: SageMaker looks at the VPC first"
_IN_A_VPC = {
    "ec2:CreateNetworkInterface": "VpcConfig: SageMaker puts an interface into the VPC",
    "ec2:CreateNetworkInterfacePermission": "VpcConfig: SageMaker attaches the interface",
    "ec2:DeleteNetworkInterface": "VpcConfig: SageMaker takes the interface away",
    "ec2:DeleteNetworkInterfacePermission": "VpcConfig: SageMaker takes the interface away",
    "ec2:DescribeDhcpOptions": _FIRST,
    "ec2:DescribeNetworkInterfaces": _FIRST,
    "ec2:DescribeSecurityGroups": _FIRST,
    "ec2:DescribeSubnets": _FIRST,
    "ec2:DescribeVpcs": _FIRST,
}
"""What roles need besides where a job or a model has a VpcConfig."""
ON_BEHALF: Mapping[str, Mapping[str, str]] = {
    "Containers": {
        "ecr:GetAuthorizationToken": f"{_RUN}: SageMaker signs in to ECR",
        "ecr:BatchCheckLayerAvailability": f"{_RUN}: SageMaker pulls the image that they name",
        "ecr:BatchGetImage": f"{_RUN}: SageMaker pulls the image that they name",
        "ecr:GetDownloadUrlForLayer": f"{_RUN}: SageMaker pulls the image that they name",
        "logs:CreateLogGroup": "what containers print goes to /aws/sagemaker/…",
        "logs:CreateLogStream": "what containers print goes to /aws/sagemaker/…",
        "logs:DescribeLogStreams": "what containers print goes to /aws/sagemaker/…",
        "logs:PutLogEvents": "what containers print goes to /aws/sagemaker/…",
        "cloudwatch:PutMetricData": "metrics of instances, of trainings and of the monitor",
        "kms:Decrypt": "what is read from the bucket is encrypted with the key",
        "kms:GenerateDataKey": "what is written to the bucket is encrypted with the key",
    },
    "Jobs": {
        "s3:ListBucket": "ProcessingInputs and InputDataConfig name prefixes",
        "s3:GetObject": "ProcessingInputs and InputDataConfig: photos, models, captures, baselines",
        "s3:PutObject": "ProcessingOutputConfig, OutputDataConfig, CheckpointConfig: results and models",
        "s3:AbortMultipartUpload": "an upload of results that was cut leaves no parts",
        **_IN_A_VPC,
    },
    "Hosting": {
        "s3:ListBucket": "SageMaker looks the model's archive up",
        "s3:GetObject": "ModelDataUrl of the version's package; photos of asynchronous requests",
        "s3:PutObject": "DataCaptureConfig; answers of asynchronous requests",
        **_IN_A_VPC,
    },
    "Pipeline": {
        "sagemaker:AddTags": "jobs of a pipeline are tagged with its ARN",
        "sagemaker:CreateProcessingJob": "steps of the type Processing",
        "sagemaker:DescribeProcessingJob": "steps of the type Processing",
        "sagemaker:StopProcessingJob": "StopPipelineExecution",
        "sagemaker:CreateTrainingJob": "steps of the type Training",
        "sagemaker:DescribeTrainingJob": "steps of the type Training",
        "sagemaker:StopTrainingJob": "StopPipelineExecution",
        "sagemaker:CreateModelPackage": "the step of the type RegisterModel",
        "sagemaker:DescribeModelPackage": "the step of the type RegisterModel",
        "sagemaker:DescribeModelPackageGroup": "the step of the type RegisterModel",
        "s3:GetObject": "Std:JsonGet of a property file: what the gate decided",
        "kms:Decrypt": "the property file is encrypted with the key",
        "iam:PassRole": "RoleArn of the jobs",
    },
    "Answers": {
        "s3:ListBucket": "without it S3 says 403, not 404, of an upload that was never done",
        "logs:CreateLogStream": "Lambda: what the function has to say goes to /aws/lambda/bestiary-front",
        "logs:PutLogEvents": "Lambda: what the function has to say goes to /aws/lambda/bestiary-front",
    },
    "Scheduler": {
        "sagemaker:StartPipelineExecution": "targets of schedules and rules",
        "sagemaker:DeleteEndpoint": "deploy --ttl: the schedule that removes an endpoint",
        "sqs:SendMessage": "DeadLetterConfig: what could not be started",
    },
}
"""What SageMaker, EventBridge and Lambda do with the roles that they are given, by role and action."""


def actions(call: Call) -> tuple[str, ...]:
    """IAM actions that a call takes, the operation's own first."""
    name = f"{_PREFIXES.get(call.service, call.service)}:{call.operation}"
    return (*_OTHERWISE.get(name, (name,)), *_BESIDES.get(name, ()))
