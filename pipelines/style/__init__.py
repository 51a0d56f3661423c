"""Painting on the operator's machine: what a person names becomes what `bestiary.style` takes.

``inputs``
    The photo and the paintings, from files, S3 or the web.
``measure``
    The feature network and the weights.
``models``
    What ``fast`` paints with.
``easel``
    One photo painted one way, both ways, or over a grid of weights.
"""
