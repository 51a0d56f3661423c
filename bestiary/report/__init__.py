"""The page of a run, and the look that all of Bestiary's pages share.

``page``
    `render`: a run as one self-contained page, put together from ``templates/`` and ``run.css``.
``exploration``
    `read_exploration`: what prepare found out about the photos.
``frame``, ``plot``, ``words``, ``style.css``
    Shared with other pages: what is around each, plots in its colours, numbers as people read them, the
    tokens (colours by role, for light, dark and print) and parts that pages are made of.

Nothing is imported here, so that other pages need not wait for scikit-learn.
"""
