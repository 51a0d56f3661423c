"""Asynchronous endpoints: requests wait in a queue that lasts, answers go to S3, and SNS tells of them."""
