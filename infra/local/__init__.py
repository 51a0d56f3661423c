"""The local SageMaker: the AWS API on 127.0.0.1, with jobs and pipelines that really run."""
