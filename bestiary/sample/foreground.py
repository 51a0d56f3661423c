"""What stands between the animal and the camera."""

import math

import numpy as np

from bestiary.sample.palette import pick
from bestiary.sample.pen import Pen

Random = np.random.Generator


def draw_foreground(paper: Pen, random: Random) -> None:
    """Draw blades or a stone, mostly low in the picture; `paper` reaches from -1 to 1."""
    (_blades if random.random() < 0.64 else _stone)(paper, random)


def _blades(paper: Pen, random: Random) -> None:
    colour = pick(random, (80, 110, 50), (120, 126, 70), (90, 76, 52))
    for _ in range(int(random.integers(3, 14))):
        root, lean, height = random.uniform((-1, -0.3, 0.3), (1, 0.3, 1.1)).tolist()
        path = [
            complex(root, 1.05),
            complex(root + lean / 3, 1 - height / 2),
            complex(root + lean, 1 - height),
        ]
        paper.limb(path, [0.06, 0.045, 0.008], pick(random, (colour[0], colour[1], colour[2]), spread=20))


def _stone(paper: Pen, random: Random) -> None:
    colour = pick(random, (120, 114, 108), (92, 84, 70), (150, 142, 128), (74, 92, 58))
    x, y, width = random.uniform((-1, 0.7, 0.25), (1, 1.0, 0.6)).tolist()
    stone = paper.moved(complex(x, y), scale=width, squash=0.7)
    angles = [math.tau * corner / 9 for corner in range(9)]
    radii = random.uniform(0.75, 1.1, 9).tolist()
    stone.shape([r * complex(math.cos(a), math.sin(a)) for r, a in zip(radii, angles, strict=True)], colour)
