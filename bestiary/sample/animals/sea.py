"""Those of the water: crab, dolphin, duck, jellyfish."""

import numpy as np

from bestiary.sample.palette import INK, WHITE, glass, pick, shade
from bestiary.sample.pen import Colour, Pen

Random = np.random.Generator


def crab(pen: Pen, random: Random) -> None:
    """A wide shell on many legs, two claws up, eyes on stalks."""
    shell = pick(random, (206, 74, 52), (226, 122, 58), (168, 62, 70), (92, 112, 150), (150, 104, 76))
    dark = shade(shell, 0.78)
    for side in (pen, pen.moved(mirror=True)):
        for knee, turn in zip((-22, 4, 30), random.uniform(-12, 12, 3), strict=True):
            leg = side.moved(0.42 + 0.1j, turn=knee + turn)
            leg.limb([0, 0.34 - 0.16j, 0.5 + 0.12j, 0.6 + 0.36j], [0.12, 0.09, 0.03], dark)
        _claw(side, random, shell, dark)
        stalk = side.moved(0.16 - 0.3j, turn=random.uniform(-15, 25))
        stalk.limb([0, -0.22j], [0.07, 0.06], dark)
        stalk.ellipse(-0.26j, 0.09, 0.09, WHITE)
        stalk.ellipse(-0.27j, 0.05, 0.05, INK)
    pen.shape(
        [-0.6 - 0.05j, -0.35 - 0.33j, -0.38j, 0.35 - 0.33j, 0.6 - 0.05j, 0.35 + 0.3j, 0.36j, -0.35 + 0.3j],
        shell,
    )
    pen.ellipse(-0.12j, 0.42, 0.16, shade(shell, 1.18))
    for x in (-0.25, 0, 0.25):
        pen.ellipse(x - 0.14j, 0.045, 0.045, shade(shell, 1.45))
    pen.limb([-0.16 + 0.14j, 0.2j, 0.16 + 0.14j], [0.03], INK)


def _claw(side: Pen, random: Random, shell: Colour, dark: Colour) -> None:
    raised, open_ = random.uniform(-30, 30), random.uniform(10, 32)
    side.limb([0.45, 0.75 - 0.12j, 0.78 - 0.36j], [0.14, 0.12], dark)
    claw = side.moved(0.78 - 0.42j, turn=raised, scale=random.uniform(0.9, 1.25))
    claw.ellipse(-0.06j, 0.18, 0.17, shell)
    for tip, lean in ((-1, -open_), (1, open_)):
        finger = claw.moved(0.09 * tip - 0.1j, turn=lean)
        finger.shape(
            [-0.1 + 0.05j, -0.12 - 0.16j, 0.02 - 0.38j, 0.05 - 0.14j, 0.1 + 0.04j], shade(shell, 1.08)
        )


def dolphin(pen: Pen, random: Random) -> None:
    """A bent grey body with a beak, a back fin and flukes."""
    back = pick(random, (92, 116, 142), (122, 134, 146), (66, 84, 110), (150, 160, 170), (170, 140, 142))
    bend = random.uniform(-0.1, 0.42)
    spine = [complex(x, bend * (x * x - 0.3)) for x in (-0.72, -0.4, 0, 0.4, 0.8)]
    tail = pen.moved(spine[-1], turn=60 * bend + random.uniform(-15, 25))
    for mirror in (1, -1):
        tail.shape(
            [-0.1, 0.08 + 0.12j * mirror, 0.34 + 0.34j * mirror, 0.2 + 0.1j * mirror, 0.16], shade(back, 0.85)
        )
    pen.shape(
        [spine[2] - 0.02 - 0.16j, spine[2] + 0.16 - 0.52j, spine[2] + 0.26 - 0.54j, spine[2] + 0.3 - 0.14j],
        shade(back, 0.85),
    )
    beak = spine[0] + complex(-0.32, 0.1 + 0.2 * bend)
    pen.limb([spine[0] + 0.05j, beak], [0.2, 0.09], back)
    pen.limb(spine, [0.34, 0.5, 0.48, 0.27, 0.1], back)
    belly = [point + 0.11j for point in spine[:4]]
    pen.limb(belly, [0.16, 0.24, 0.2, 0.05], shade(back, 1.6))
    pen.limb([beak + 0.02j, spine[0] + 0.02 + 0.1j], [0.02], shade(back, 0.5))
    flipper = pen.moved(spine[1] + 0.05 + 0.16j, turn=random.uniform(-25, 35))
    flipper.shape([-0.08, 0.06 + 0.02j, 0.22 + 0.36j, 0.12 + 0.36j], shade(back, 0.78))
    eye = spine[0] + 0.1 - 0.03j
    pen.ellipse(eye, 0.045, 0.045, INK)
    pen.ellipse(eye - 0.012 - 0.012j, 0.014, 0.014, WHITE)


def duck(pen: Pen, random: Random) -> None:
    """A boat of a body with an upturned tail, a neck and a flat bill."""
    body, head, wing = _plumage(random)
    bill = pick(random, (238, 160, 50), (222, 186, 70), (226, 128, 60))
    if random.random() < 0.5:
        for x, turn in zip((-0.02, 0.16), random.uniform(-15, 15, 2), strict=True):
            leg = pen.moved(x + 0.4j, turn=turn)
            leg.limb([0, 0.28j], [0.06], shade(bill, 0.9))
            leg.shape([0.04 + 0.26j, -0.2 + 0.3j, -0.16 + 0.38j, 0.08 + 0.36j], bill)
    pen.shape(
        [
            -0.55 + 0.02j,
            -0.2 - 0.16j,
            0.35 - 0.14j,
            0.82 - 0.36j,
            0.72 + 0.06j,
            0.35 + 0.42j,
            -0.25 + 0.46j,
            -0.52 + 0.28j,
        ],
        body,
    )
    crown = complex(random.uniform(-0.62, -0.38), random.uniform(-0.72, -0.5))
    pen.limb([-0.32 + 0.12j, complex(crown.real + 0.02, -0.25), crown], [0.42, 0.24, 0.26], head)
    if random.random() < 0.5:
        pen.limb([-0.5 - 0.04j, -0.22 - 0.06j], [0.06], WHITE)
    face = pen.moved(crown, turn=random.uniform(-18, 18))
    face.shape([-0.16 - 0.06j, -0.34 + 0.02j, -0.5 + 0.02j, -0.48 + 0.1j, -0.28 + 0.13j, -0.14 + 0.1j], bill)
    face.ellipse(0, 0.24, 0.23, head)
    face.ellipse(-0.08 - 0.04j, 0.05, 0.055, WHITE)
    face.ellipse(-0.09 - 0.04j, 0.034, 0.04, INK)
    feathers = pen.moved(0.12 + 0.08j, turn=random.uniform(-22, 10))
    feathers.shape([-0.36, -0.1 - 0.18j, 0.3 - 0.16j, 0.56 - 0.14j, 0.34 + 0.14j, -0.08 + 0.2j], wing)


def _plumage(random: Random) -> tuple[Colour, Colour, Colour]:
    """Return the colours of body, head and wing of a drake, a duck, a white one or a duckling."""
    kind = int(random.integers(4))
    if kind == 0:
        return pick(random, (176, 170, 164)), pick(random, (34, 108, 74)), pick(random, (130, 112, 98))
    body = pick(random, ((150, 114, 80), (242, 238, 228), (244, 208, 84))[kind - 1])
    return body, shade(body, 1.1), shade(body, 0.84)


def jellyfish(pen: Pen, random: Random) -> None:
    """A see-through ribbed bell with frilly arms and long wavering tentacles."""
    tint = pick(random, (226, 130, 170), (120, 150, 220), (176, 120, 210), (240, 170, 110), (210, 224, 236))
    pen = pen.moved(-0.15j)
    clear = float(random.uniform(0.7, 0.9))
    for x in np.linspace(-0.5, 0.5, 8).tolist():
        sway, length = random.uniform((-0.2, 0.7), (0.2, 1.25)).tolist()
        _streamer(pen.moved(x), sway, length, [0.05, 0.02], glass(shade(tint, 0.85), clear))
    for x in (-0.2, 0.0, 0.2):
        _streamer(
            pen.moved(x), random.uniform(-0.2, 0.2), 0.75, [0.18, 0.15, 0.03], glass(shade(tint, 1.35), clear)
        )
    height = float(random.uniform(0.5, 0.75))
    dome = pen.moved(-0.06j, squash=height)
    scallops = [complex(x, 0.14 if index % 2 else 0.02) for index, x in enumerate(np.linspace(0.6, -0.6, 11))]
    dome.shape([-0.64 - 0.14j, -0.46 - 0.78j, -1j, 0.46 - 0.78j, 0.64 - 0.14j, *scallops], glass(tint, clear))
    for x in np.linspace(-0.5, 0.5, 7).tolist():
        rib = [complex(x * 0.25, -0.86), complex(x * 0.85, -0.55), complex(x, -0.08)]
        dome.limb(rib, [0.02, 0.06, 0.03], glass(shade(tint, 0.82), clear))
    dome.shape([-0.3 - 0.72j, -0.14 - 0.88j, 0.08 - 0.86j, -0.1 - 0.74j], glass(shade(tint, 1.7), clear))


def _streamer(pen: Pen, sway: float, length: float, widths: list[float], colour: Colour) -> None:
    path = [complex(sway * side, length * down) for side, down in ((0, 0), (1, 0.33), (-1, 0.66), (1, 1))]
    pen.limb(path, widths, colour)
