"""Painting by optimising the picture."""

import numpy as np
import pytest
from style_models import SHARED, features, network, photo, stripes

from bestiary.images import decode
from bestiary.style import CannotStylize, Settings, Style, Weights, gatys, settings, snapshots
from bestiary.style.features import chosen, read
from bestiary.style.objective import Objective

STYLES = [Style(stripes())]
QUICK = Settings(size=64, steps=20, stall=0, weights=Weights(1, 5, 0.1))


def paint(settings=QUICK, content=None, styles=STYLES, net=None, **options):
    return gatys.paint(
        net or features(), photo() if content is None else content, styles, settings, **options
    )


def totals(painted):
    return [record.total for record in painted.history]


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_smoothed_loss_only_falls(optimizer):
    """Averaged over five steps the total falls and falls, to much less than at the start."""
    found = totals(paint(Settings(size=64, steps=40, stall=0, optimizer=optimizer)))
    smooth = np.convolve(found, np.full(5, 0.2), "valid")
    assert (np.diff(smooth) < 0).all()
    assert found[-1] < 0.7 * found[0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_the_smoothed_loss_of_a_real_photo_only_falls():
    """With a real network; and what is written is as good as what was measured."""
    squeezenet = read(SHARED / "backbones/squeezenet_imagenet.keras", ["fire5"], ["conv1", "fire2", "fire4"])
    content = decode(sorted((SHARED / "animals/panda").glob("*.jpg"))[3].read_bytes())
    style = decode((SHARED / "styles/Great-Wave-off-Kanagawa.jpg").read_bytes())
    painted = paint(Settings(size=192, steps=40, stall=0), content, [Style(style)], squeezenet)
    assert (np.diff(np.convolve(totals(painted), np.full(5, 0.2), "valid")) < 0).all()
    assert painted.losses.total < 1.03 * painted.history[-1].total


def test_levels_go_from_coarse_to_fine():
    """Sides double, each level gets as many steps, and all steps are given out."""
    assert [(64, 20)] == QUICK.levels()
    assert [(256, 100), (512, 100)] == Settings(size=512, steps=200).levels()
    assert [(256, 52), (512, 50), (1024, 50), (2048, 50)] == Settings(size=2048, steps=202).levels()
    assert [(2048, 200)] == Settings(size=2048, steps=200, coarse=False).levels()


@pytest.fixture
def two_levels(monkeypatch):
    """Begin with small pictures, so that a quick run has two levels."""
    monkeypatch.setattr(settings, "COARSEST", 64)


@pytest.mark.usefixtures("two_levels")
def test_a_picture_goes_through_its_levels():
    """The finished picture has the size asked for, and its proportions are the photo's."""
    painted = paint(Settings(size=128, steps=9), content=photo(120, 90))
    assert (96, 128, 3) == painted.image.shape
    assert [64] * 5 + [128] * 4 == [record.side for record in painted.history]


def test_equal_runs_give_equal_bytes():
    """The seed decides all that is random."""
    noise = Settings(size=48, steps=5, start="noise", seed=1)
    first, again = paint(noise), paint(noise)
    other = paint(Settings(size=48, steps=5, start="noise", seed=2))
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)


def test_it_begins_in_the_paintings_colours():
    """The first picture is half-way to the painting's mean colour."""
    styles = [Style(np.full((32, 32, 3), (200, 40, 40), np.uint8) // 2 + stripes(32, 32) // 2)]
    first = paint(Settings(size=64, steps=1), styles=styles).image
    plain = paint(Settings(size=64, steps=1, start="content"), styles=styles).image
    found, sharp, aimed = (one.reshape(-1, 3).mean(axis=0) for one in (first, plain, styles[0].image))
    np.testing.assert_allclose(found, (sharp + aimed) / 2, atol=4)


def test_a_stalled_level_ends():
    """When ten steps gain less than asked for, no more are taken."""
    assert 20 == len(paint(Settings(size=64, steps=60, stall=0.9)).history)


@pytest.mark.usefixtures("two_levels")
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_going_on_from_a_snapshot_gives_the_same_picture(tmp_path, optimizer):
    """Interrupted at step 8 and resumed, the bytes are those of an uninterrupted run."""
    wanted = Settings(size=128, steps=12, stall=0, optimizer=optimizer)
    about = snapshots.about(features(), photo(), STYLES, wanted)
    kept = snapshots.Snapshots(tmp_path / "steps", 4, about)

    class PulledError(Exception):
        pass

    def watch(state):
        kept(state)
        if len(state.history) == 9:
            raise PulledError

    whole = paint(wanted)
    with pytest.raises(PulledError):
        paint(wanted, watch=watch)
    state = snapshots.read(tmp_path / "steps", about)
    assert 8 == len(state.history)
    resumed = paint(wanted, resume=state)
    assert np.array_equal(whole.image, resumed.image)
    assert whole.history == resumed.history


def test_a_snapshot_of_something_else_is_refused(tmp_path):
    """Neither other settings nor no snapshot at all go on."""
    with pytest.raises(CannotStylize, match=r"state\.npz is not there"):
        snapshots.read(tmp_path, "this")
    kept = snapshots.Snapshots(tmp_path, 1, "that")
    paint(Settings(size=32, steps=1), watch=kept)
    with pytest.raises(CannotStylize, match="is of other pictures or settings"):
        snapshots.read(tmp_path, "this")
    (tmp_path / "state.npz").write_bytes(b"torn")
    with pytest.raises(CannotStylize, match="cannot be read"):
        snapshots.read(tmp_path, "that")


def test_a_loss_that_is_no_number_is_stepped_back_from(monkeypatch):
    """One bad evaluation costs a restart from the best picture, not the run."""
    real, calls = Objective.evaluate, []

    def sometimes(self, image):
        losses, gradient = real(self, image)
        calls.append(losses.total)
        return losses, gradient * (np.nan if len(calls) == 6 else 1)

    monkeypatch.setattr(Objective, "evaluate", sometimes)
    painted = paint()
    assert painted.history[-1].total < painted.history[0].total
    assert np.isfinite(totals(painted)).all()


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_network_of_no_numbers_ends_in_one_line(optimizer):
    """No picture is made of NaN."""
    broken = network()
    kernel, bias = broken.get_layer("one").get_weights()
    broken.get_layer("one").set_weights([kernel * np.nan, bias])
    with pytest.raises(CannotStylize, match="no longer numbers"):
        paint(Settings(size=48, steps=5, optimizer=optimizer), net=chosen("b", broken, ["three"], ["one"]))


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (1, 1, "1×1 pixels has nothing to stylize: 16 are needed on each side"),
        (10_000, 200, "10000×200 pixels has nothing to stylize at 512 pixels"),
    ],
)
def test_odd_pictures_are_refused(width, height, words):
    """A single pixel shows nothing; a ribbon has too short a side."""
    content = np.full((height, width, 3), 90, np.uint8)
    with pytest.raises(CannotStylize, match=words):
        paint(Settings(size=512, steps=2), content=content)


def test_a_network_that_sees_nothing_in_a_small_picture_says_so():
    """Where a map would have no cell left, the line says what to do."""
    with pytest.raises(CannotStylize, match="ask for a larger --size"):
        paint(
            Settings(size=16, steps=2),
            content=photo(16, 16),
            net=chosen("deep", network(padding="valid"), ["three"], ["one"]),
            styles=[Style(photo(16, 16))],
        )
