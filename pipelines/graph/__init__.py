"""The pipeline graphs, compiled with the SageMaker SDK into the definition that AWS runs."""
