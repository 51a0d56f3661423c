"""The page of a run, and the look that all of Bestiary's pages share.

``style.css`` holds the tokens (colours by role, for light, dark and print) and the parts pages are made of;
``plot`` draws with these tokens; ``page`` puts a run together from ``templates/``.
"""

from bestiary.report.exploration import Exploration, read_exploration
from bestiary.report.page import Photos, render

__all__ = ["Exploration", "Photos", "read_exploration", "render"]
