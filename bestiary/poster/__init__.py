"""Posters: photographs of animals as something one hangs on a wall.

``poster``
    What a poster shows and says, and `make`, which lays it out.
``wording``, ``text``
    Its words, in several languages; ``conservation`` what the Red List says.
``page``, ``framing``, ``palette``, ``colour``
    Where pictures stand, what of them is shown, and the colours they lend to the page.
``content``, ``typesetting``, ``fonts``, ``templates``
    From these to a file: the layouts are written in Typst.
"""
