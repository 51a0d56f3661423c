"""Photos × paintings by both methods on one page, for people to look at: ``style-page.html``.

    python bench/style_page.py --photo FILE… --painting FILE… [--model DIR] [--out FILE.html]
                               [--features FILE.keras --content-layers a --style-layers b,c]

Without photos and paintings drawings stand in; without ``--model`` there is no ``fast``, which then reads
"not measured". Losses are measured with the same network for both.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from style import network_of

from bestiary import sample
from bestiary.classifiers import reproducible
from bestiary.images import decode
from bestiary.style import Fast, Gatys, Settings, Style, Weights, fast, measured, stylize
from bestiary.style.page import Candidate, Painting
from bestiary.style.wall import Hung, wall


def main() -> None:
    """Paint each photo like each painting and write the page."""
    options = _parser().parse_args()
    reproducible.begin(0)
    network = network_of(options, "float32")
    methods = [Gatys(network, Settings(size=options.size))]
    if options.model:
        methods.insert(0, Fast(fast.read(str(options.model)), options.size))
    photos, paintings = _pictures(options)
    hung = [
        Hung(
            name,
            photo,
            {
                method.name: [
                    _candidate(method, network, photo, Style(painting)) for _, painting in paintings
                ]
                for method in methods
            },
        )
        for name, photo in photos
    ]
    page = wall(hung, [Painting(*one, share=1.0) for one in paintings], network.name, datetime.now(UTC))
    options.out.write_text(page, encoding="utf-8")
    print(f"{options.out}: {len(photos)} photos × {len(paintings)} paintings")
    if not options.model:
        print("fast: not measured: --model DIR names a TFLite pair")


def _candidate(method: object, network: object, photo: object, style: Style) -> Candidate:
    result = stylize(method, photo, [style])
    return Candidate(method.name, result, measured(network, photo, [style], Weights(), result.image))


def _pictures(options: argparse.Namespace) -> tuple[list, list]:
    if options.photo and options.painting:
        return [_named(path, path.parent.name) for path in options.photo], [
            _named(path, path.stem.replace("-", " ")) for path in options.painting
        ]
    with tempfile.TemporaryDirectory() as folder:
        sample.draw(Path(folder), photos_per_species=1)
        drawn = [_named(path, path.parent.name) for path in sorted(Path(folder).rglob("*.jpg"))]
    return drawn[:1], drawn[-2:]


def _named(path: Path, name: str) -> tuple:
    return name, decode(path.read_bytes())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, nargs="+")
    parser.add_argument("--painting", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, help="a folder with the TFLite pair")
    parser.add_argument("--size", type=int, default=256, help="pixels")
    parser.add_argument("--features", type=Path, help="a .keras file instead of VGG19")
    parser.add_argument("--content-layers", default="")
    parser.add_argument("--style-layers", default="")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "style-page.html")
    return parser


if __name__ == "__main__":
    main()
