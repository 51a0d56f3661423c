"""Jobs that really run: a processing or training job is a process under SageMaker's container contract."""
