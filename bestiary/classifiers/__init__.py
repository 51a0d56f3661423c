"""Models that name the animal in a photograph: how they are built, trained, kept and loaded.

Every recipe is a module with one function of the same form::

    train(photos: Photos, settings: Settings, backbone: Backbone | None, report: Report,
          checkpoints: Checkpoints | None = None) -> Trained

``custom_cnn``
    The small network of the original report; takes no backbone.
``transfer``
    The original report's four-layer head on a pretrained backbone (the candidate ``efficientnetb3``).
``tuned``
    The same backbone with the recipe that does best by cross-validation.

What a recipe stands on:

``recipe``
    The words all recipes share: `Photos`, `Settings`, `Epoch`, `Report`, `Trained`, `TrainingError`.
``validation``
    `hold_out(labels, groups, seed)`: a validation part by class that keeps groups together.
``features``
    `cut(network, trained)` parts a network where training begins; `runner(network)` runs a part once an
    image, quickly, on whole arrays.
``equalization``
    `see(...)`: photos through the frozen part, equalized or not, decided on the training photos alone.
``fitting``
    `fit(model, inputs, ...)`: the training loop, one report an epoch.
``checkpoint``, ``hosts``
    What an interrupted training goes on from, and training on several hosts.

Where networks come from and go to:

``backbone``
    A pretrained network and where it is from; checks a file before anything of it is built.
``efficientnet``, ``download``, ``keras_file``
    EfficientNetB3 with ImageNet's or random weights, and ``.keras`` files of the same bytes every time.
``artifact``, ``architecture``, ``weights``
    A trained model as data: `artifact.save(folder, ...)`, `artifact.load(folder)` to a `Classifier`.
``classifier``
    `Classifier`: `predict(images)`, `classify(bytes)`.

What both jobs need: ``view.read(folder)``, the prepared photos; ``reproducible.begin(seed)``, once, before a
network is built.
"""
