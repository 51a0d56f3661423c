"""What must exist around the jobs: the AWS account's stacks, and the local SageMaker."""
