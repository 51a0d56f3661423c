"""The Docker runtime: jobs and endpoints as containers of their images, on this machine's Docker engine.

Chosen for a home with ``bestiary local start --runtime docker``. A container gets what SageMaker would give
it: its folder as ``/opt/ml``, the memory and processors of its instance type (as far as this machine has
them), a model that it cannot write, no network where isolation is asked for. Every container carries the
label of its home, by which what a killed server left is found and ended.
"""
