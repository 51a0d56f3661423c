"""What an endpoint does: SageMaker's hosting contract around one model, chosen by the artifact's manifest.

``serve``
    The program: ``python -m inference.serve``.
``app``
    The routes: ``/ping``, ``/invocations``, ``/execution-parameters``, ``/openapi.json``.
``engine``, ``batching``
    From photos to answers: decoding in threads, the model in batches on a thread of its own.
``task``, ``classify``
    What a model is asked and answers; one file a task.
``runtimes``
    What runs the network: LiteRT on a CPU, TensorFlow on a GPU.
"""
