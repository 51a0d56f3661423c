"""How often an endpoint was right, by the labels that come later.

``matching``
    Answers and labels, brought together by inference id.
``measuring``
    Accuracy and macro F1, by species and by camera site.
``falls``
    What is worse than on the version's test photos, beyond chance.
``checking``
    All of that for one window.
``files``, ``metrics``, ``page``
    What it found: in Model Monitor's layouts, for CloudWatch, for people.
"""

from bestiary.quality.checking import Result, check, message
from bestiary.quality.falls import Fall, read_baseline

__all__ = ["Fall", "Result", "check", "message", "read_baseline"]
