"""Painting, on the operator's machine or by an endpoint: what a person names becomes what is asked for.

``inputs``
    The photo and the paintings, from files, S3 or the web.
``measure``
    The feature network and the weights.
``models``
    What ``fast`` paints with.
``form``, ``endpoint``, ``queue``, ``following``
    What an endpoint is asked, and how its answer is waited for.
``easel``
    One photo painted one way, both ways, or over a grid of weights.
"""
