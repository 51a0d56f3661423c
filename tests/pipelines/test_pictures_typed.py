"""Addresses as people type them: the whole command, against a server at a public address.

The network is the test's own: `own_network.py` says how.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, CommandLine
from own_network import ADDRESS, PAGES

from bestiary.sample import draw_photo

sys.path.append(str(Path(__file__).parents[1] / "bestiary"))
from style_models import saved_pair

ALONE = ["unshare", "--user", "--map-root-user", "--net"]
SECONDS = 20
"""What a picture may take; `pipelines.pictures.Web`."""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, list[str], float, bool]]:
    """Stylize every page: exit status, lines on standard error, seconds, whether there is a picture."""
    try:
        up = subprocess.run([*ALONE, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
        allowed = up.returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("needs a network of its own: Linux, where people may have one (unshare --user --net, ip)")
    folder = tmp_path_factory.mktemp("typed")
    (folder / "wave.jpg").write_bytes(draw_photo("bear", 2, 96))
    (folder / "model").mkdir()
    saved_pair(folder / "model")
    pages = [page.removeprefix("/") for page in PAGES]
    begins = (sys.executable, "-m", "pipelines", "stylize")
    how = (str(folder / "wave.jpg"), "--model", str(folder / "model"), "--size", "64", "--out")
    commands = [[*begins, f"https://{ADDRESS}/{page}", *how, str(folder / f"{page}.png")] for page in pages]
    done = subprocess.run(
        [*ALONE, sys.executable, str(Path(__file__).with_name("own_network.py")), str(folder)],
        input=json.dumps(commands),
        cwd=ROOT,
        env={**CommandLine(folder).environment, "PYTHONPATH": ":".join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert not done.returncode, done.stderr
    return {
        page: (status, said.splitlines(), seconds, (folder / f"{page}.png").exists())
        for page, (status, said, seconds) in zip(pages, json.loads(done.stdout), strict=True)
    }


@pytest.mark.parametrize("page", ["panda.jpg", "moved"])
def test_a_picture_at_a_public_address_is_painted(typed, page):
    """Also from where it has moved to."""
    status, _, _, painted = typed[page]
    assert 0 == status
    assert painted


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("to-metadata", "it leads to https://169.254.169.254/latest/meta-data/iam/security-credentials/: "),
        ("to-metadata", "169.254.169.254 is link-local, where clouds keep their metadata: only public"),
        ("to-here", "it leads to https://127.0.0.1/panda.jpg: 127.0.0.1 is this machine's own (loopback)"),
        ("to-http", "http:// is not read, only https://"),
        ("two-gigabytes", "2,000 MB: a picture may have 25, make it smaller"),
        ("endless", "more than 25 MB: a picture may have 25, make it smaller"),
        ("dripping", f"not done within {SECONDS} s: download it yourself"),
    ],
)
def test_anything_else_is_one_line_within_bounds(typed, page, words):
    """That says what is wrong; nothing is written, and nothing takes longer than a picture may."""
    status, lines, seconds, painted = typed[page]
    assert 1 == status, lines
    assert 1 == len(lines), lines
    assert f"https://{ADDRESS}/{page}: " in lines[0]
    assert words in lines[0]
    assert not painted
    assert seconds < SECONDS + 60
