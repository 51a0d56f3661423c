"""The furry six: one build each, in the coats they come in."""

import numpy as np

from bestiary.sample.animals.face import Face
from bestiary.sample.animals.patterns import patches, rosettes, stripes
from bestiary.sample.animals.quadruped import Quadruped
from bestiary.sample.palette import INK, PINK, WHITE, pick, shade
from bestiary.sample.pen import Pen

Random = np.random.Generator


def _pose(animal: Quadruped, pen: Pen, random: Random, sits: float) -> None:
    (animal.sitting if random.random() < sits else animal.walking)(pen, random)


def bear(pen: Pen, random: Random) -> None:
    """Heavy, short-tailed, round ears, a pale muzzle."""
    coat = pick(random, (112, 72, 42), (84, 54, 34), (140, 98, 58), (66, 52, 46))
    face = Face(coat, coat, shade(coat, 0.7), shade(coat, 1.45), "round", ear_size=0.9, snout=1.1)
    build = Quadruped(
        face,
        coat,
        shade(coat, 1.12),
        shade(coat, 0.88),
        bulk=0.43,
        leg=0.34,
        thickness=0.27,
        head=0.36,
        tail=0.14,
        tail_width=0.16,
    )
    _pose(build, pen, random, sits=0.2)


def cat(pen: Pen, random: Random) -> None:
    """Slender, pointed ears, whiskers, a long tail; plain or tabby."""
    coat = pick(random, (222, 148, 74), (140, 138, 142), (232, 222, 206))
    eyes = pick(random, (130, 180, 70), (222, 176, 60), (90, 160, 200))
    pattern = stripes(random, shade(coat, 0.62)) if random.random() < 0.75 else None
    face = Face(coat, coat, PINK, shade(coat, 1.5), "pointed", snout=0.62, eyes=eyes, whiskers=True)
    build = Quadruped(
        face,
        coat,
        shade(coat, 1.3),
        coat,
        bulk=0.25,
        leg=0.46,
        thickness=0.13,
        head=0.31,
        tail=0.72,
        tail_width=0.1,
        pattern=pattern,
    )
    _pose(build, pen, random, sits=0.8)


def dog(pen: Pen, random: Random) -> None:
    """Floppy ears, a long muzzle, the tail up; plain or with patches."""
    coat = pick(random, (196, 148, 92), (124, 84, 56), (234, 226, 212))
    dark = shade(coat, 0.55)
    pattern = patches(random, dark) if random.random() < 0.5 else None
    face = Face(coat, dark, dark, shade(coat, 1.5), "floppy", width=0.95, snout=1.15)
    build = Quadruped(
        face,
        coat,
        shade(coat, 1.25),
        coat,
        bulk=0.28,
        leg=0.5,
        thickness=0.15,
        head=0.32,
        tail=0.42,
        tail_width=0.11,
        pattern=pattern,
    )
    _pose(build, pen, random, sits=0.15)


def hamster(pen: Pen, random: Random) -> None:
    """A ball of fur with full cheeks and hardly any legs."""
    coat = pick(random, (220, 158, 92), (196, 186, 178), (236, 200, 150))
    face = Face(
        coat, shade(coat, 0.85), PINK, WHITE, "round", ear_size=0.78, width=1.18, snout=0.6, cheeks=WHITE
    )
    build = Quadruped(
        face,
        coat,
        WHITE,
        shade(coat, 1.2),
        bulk=0.5,
        leg=0.27,
        thickness=0.15,
        head=0.46,
        tail=0.07,
        tail_width=0.08,
    )
    _pose(build, pen.moved(scale=0.86), random, sits=0.9)


def leopard(pen: Pen, random: Random) -> None:
    """A long spotted cat with a long spotted tail and round ears."""
    coat = pick(random, (228, 174, 88), (236, 206, 148), (206, 152, 84))
    ring = pick(random, (56, 38, 28), (44, 40, 40))
    eyes = pick(random, (206, 186, 80), (140, 176, 110))
    face = Face(
        coat, ring, coat, shade(coat, 1.6), "round", ear_size=0.72, snout=0.85, eyes=eyes, whiskers=True
    )
    build = Quadruped(
        face,
        coat,
        shade(coat, 1.5),
        coat,
        bulk=0.28,
        leg=0.44,
        thickness=0.17,
        head=0.31,
        tail=0.85,
        tail_width=0.11,
        tail_tip=ring,
        pattern=rosettes(random, ring, shade(coat, 0.8)),
        dots=ring,
    )
    _pose(build, pen, random, sits=0.15)


def panda(pen: Pen, random: Random) -> None:
    """White with black legs, shoulders, ears and eye patches."""
    white = pick(random, (240, 238, 232), (226, 220, 208))
    black = pick(random, (42, 40, 44), (58, 50, 48), spread=8)
    face = Face(
        white,
        black,
        INK,
        shade(white, 0.97),
        "round",
        ear_size=0.95,
        width=1.16,
        snout=0.8,
        eye_patches=black,
    )
    build = Quadruped(
        face,
        white,
        white,
        black,
        bulk=0.43,
        leg=0.32,
        thickness=0.27,
        head=0.38,
        tail=0.12,
        tail_width=0.14,
        band=black,
    )
    _pose(build, pen, random, sits=0.85)
