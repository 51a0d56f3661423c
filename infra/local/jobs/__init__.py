"""Jobs that really run: a processing or training job is a process under SageMaker's container contract.

A job has a folder of its own, ``<home>/jobs/<kind>/<name>``. ``SAGEMAKER_BASE_DIR`` names it, and words of
the command and values of the variables that are paths below ``/opt/ml`` are led to it. Where Linux allows
user namespaces, ``/opt/ml`` itself is that folder too, for this job alone, so that programs which say it
literally work unchanged, and a job with ``EnableNetworkIsolation`` reaches no network. Elsewhere (macOS,
containers that forbid it) a job runs all the same, without these two. The folder is removed when the job
ends, but kept to be looked at when its program failed, until the job is deleted.
"""
