"""An account as the graph sees one."""

from __future__ import annotations

from pipelines.graph.compile import Surroundings

AROUND = Surroundings(
    bucket="bestiary-123456789012-us-east-1",
    jobs_role="arn:aws:iam::123456789012:role/bestiary-jobs",
    pipeline_role="arn:aws:iam::123456789012:role/bestiary-pipeline",
    jobs_image=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/bestiary-jobs@sha256:{'1' * 64}",
    serving_image=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/bestiary-serving@sha256:{'2' * 64}",
    no_approved_uri="s3://bestiary-123456789012-us-east-1/bestiary/approved/none/",
)
