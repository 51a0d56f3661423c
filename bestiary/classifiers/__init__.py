"""Models that name the animal in a photograph: how they are built, trained, kept and loaded.

Every recipe is a module with one function of the same form::

    train(photos: Photos, settings: Settings, backbone: Backbone | None, report: Report) -> Trained

``custom_cnn``
    The small network of the original report; takes no backbone.
``transfer``
    The original report's four-layer head on a pretrained backbone (the candidate ``efficientnetb3``).
``tuned``
    The same backbone with the recipe that does best by cross-validation.

What a recipe stands on:

``recipe``
    The words all recipes share: `Photos`, `Settings`, `Epoch`, `Report`, `Trained`, `TrainingError`.
``backbone``
    `Backbone` (a feature extractor read from ``backbone.keras`` and where its weights are from), its checks.
``features``
    `cut(network, last)` splits a backbone where training begins; `Features` runs the frozen part once an image.
``equalization``
    `choose(...)`: whether equalizing the luminance helps this backbone, decided on the training part alone.
``validation``
    `hold_out(photos, share, seed)`: a validation part by class that keeps groups together.
``fitting``
    `fit(model, ...)`: Keras's own loop with one report an epoch and an end at the first loss that is no number.
``reproducible``
    `begin(seed)`: seeds and deterministic kernels; called once by the job before anything is built.
``artifact``
    `save(folder, ...)` and `load(folder)`: a trained model as data, checked before it is read.
"""
