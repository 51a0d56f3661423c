"""Photos in the manner of paintings: by optimising the picture (``gatys``), or in one pass (``fast``).

``stylizing``
    One interface to both: `stylize` with `Gatys` or `Fast`.
``features``, ``vgg19``
    The networks that content and style are measured with.
``objective``, ``terms``, ``tiles``, ``descent``, ``curvature``, ``spectrum``, ``bounds``, ``settings``,
``state``, ``gatys``
    The optimisation.
``fast``, ``tflite``, ``hub``, ``vectors``
    The arbitrary-stylization module and what it knows of paintings.
``transformer``, ``blocks``, ``blockwise``, ``tflite_graph``, ``resizing``
    The TFLite pair's transformer, written anew so that LiteRT runs it fast, or for another size.
``colour``, ``pictures``
    Colours kept; sizes and files.
``snapshots``, ``charts``, ``page``, ``wall``
    What people look at.
"""

from bestiary.style.errors import CannotStylize
from bestiary.style.gatys import Style
from bestiary.style.objective import Losses, Weights
from bestiary.style.settings import Settings
from bestiary.style.state import Record, State
from bestiary.style.stylizing import Fast, Gatys, Method, Result, measured, stylize
from bestiary.style.vectors import Vectors

__all__ = [
    "CannotStylize",
    "Fast",
    "Gatys",
    "Losses",
    "Method",
    "Record",
    "Result",
    "Settings",
    "State",
    "Style",
    "Vectors",
    "Weights",
    "measured",
    "stylize",
]
