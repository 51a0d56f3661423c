"""What was really in the photos: labels that people give later, read here and kept in SageMaker's layout.

``label``
    A label, and the id by which it finds its photo's answer.
``table``
    A CSV table, as people and ``bestiary classify --out`` write it.
``manifest``
    The output of a SageMaker Ground Truth labelling job.
``ground_truth``
    The JSON lines that Model Monitor merges with what an endpoint captured.

Nothing here needs more than Python itself: the operator's commands and the jobs share it.
"""

from bestiary.labels.label import Label, Labelled, UnusableLabels, inference_id

__all__ = ["Label", "Labelled", "UnusableLabels", "inference_id"]
