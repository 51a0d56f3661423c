"""L-BFGS, one evaluation at a time."""

import numpy as np

from bestiary.style.curvature import Curvature, lbfgs

SHAPE = (6, 5, 3)


def valley(seed=0):
    """Return a quadratic whose curvatures differ a hundredfold, and where it is lowest."""
    random = np.random.default_rng(seed)
    steep = random.uniform(0.01, 1, SHAPE).astype(np.float32)
    lowest = random.uniform(50, 200, SHAPE).astype(np.float32)

    def evaluate(image):
        apart = image - lowest
        return float(0.5 * (steep * apart**2).sum()), steep * apart

    return evaluate, lowest


def descend(evaluate, image, steps, memory):
    totals = []
    for _ in range(steps):
        total, gradient = evaluate(image)
        found = lbfgs(image, total, gradient, memory)
        if found is None:
            break
        image, lower = found
        if lower:
            totals.append(total)
    return image, totals


def test_it_finds_the_lowest_place_and_never_climbs():
    """Sixty evaluations of a hundredfold valley leave a millionth of its depth; counted steps only fall."""
    evaluate, _ = valley()
    start = np.zeros(SHAPE, np.float32)
    image, totals = descend(evaluate, start, 60, Curvature())
    assert evaluate(image)[0] < 1e-6 * evaluate(start)[0]
    assert (np.diff(totals) < 0).all()


def test_a_step_that_climbs_is_taken_again_from_where_it_began():
    """What is proposed instead lies between."""
    memory, start = Curvature(), np.full(SHAPE, 100, np.float32)
    gradient = np.ones(SHAPE, np.float32)
    far, lower = lbfgs(start, 1.0, gradient, memory)
    assert lower
    nearer, lower = lbfgs(far, 2.0, gradient, memory)
    assert not lower
    assert np.allclose(start + (far - start) / 4, nearer)


def test_where_nothing_is_lower_it_ends():
    """Every step climbs: no picture is proposed any more."""
    memory, image = Curvature(), np.full(SHAPE, 100, np.float32)
    found = lbfgs(image, 1.0, np.ones(SHAPE, np.float32), memory)
    for _ in range(20):
        if found is None:
            break
        found = lbfgs(found[0], 2.0, np.ones(SHAPE, np.float32), memory)
    assert found is None


def test_what_is_kept_goes_on_as_if_nothing_had_happened():
    """From arrays and back it proposes the very same pictures."""
    evaluate, _ = valley()
    memory = Curvature()
    image, _ = descend(evaluate, np.zeros(SHAPE, np.float32), 7, memory)
    other = Curvature.found(memory.kept())
    expected, _ = descend(evaluate, image, 7, memory)
    assert np.array_equal(expected, descend(evaluate, image, 7, other)[0])
    assert [] == Curvature.found(Curvature().kept()).pairs
