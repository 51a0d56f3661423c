"""The tuned candidate's network: a backbone that looks at a photo several times, and a linear head.

The views of a batch go through the backbone as one larger batch, so that each of its layers is in the graph
once, and everything is in the artifact: whoever loads the model need not know about views.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bestiary.classifiers import graph

if TYPE_CHECKING:
    import keras

VIEWS = ("whole", "whole mirrored", "middle", "middle mirrored")
"""What a backbone may look at; the first 1, 2 or 4 are taken."""


def build(
    backbone: keras.Model, size: int, classes: int, views: int, middle: float
) -> tuple[keras.Model, keras.Model]:
    """Put views before a backbone, pooling and an untrained head behind it.

    A position of the feature map counts by its energy, the squared length of its vector, so that an animal
    outweighs the meadow around it (after Kalantidis et al. 2016, *Cross-dimensional Weighting for Aggregated
    Deep Convolutional Features*); the pooled vector is brought to length one. The head's answer for the mean
    of a photo's vectors is the geometric mean of its answers for each.

    Parameters
    ----------
    backbone
        From images to a feature map; its layers are copied.
    size
        Side of the photos in pixels.
    classes
        How many.
    views
        1, 2 or 4, of `VIEWS`.
    middle
        Side of the middle that is looked at, as a share of the photo's; it is enlarged to the photo's size.

    Returns
    -------
    The classifier, N×size×size×3 to N×classes, and the part of it before the head, which answers with one
    tensor N×D a view.
    """
    import keras
    from keras import layers

    image = keras.Input((size, size, 3), name="image")
    seen = _views(image, views, size - 2 * round(size * (1 - middle) / 2))
    base = _joined(keras.Model(image, seen), backbone)
    vectors = _pool(base.outputs[0])
    parts = keras.ops.split(vectors, views) if views > 1 else [vectors]
    mean = layers.Average(name="head_views")(parts) if views > 1 else vectors
    scores = layers.Dense(classes, activation="softmax", name="head_species")(mean)
    network = keras.Model(base.inputs[0], scores, name="tuned")
    for layer in network.layers:
        layer.trainable = layer.name == "head_species"
    _name_operations(network)
    return network, keras.Model(base.inputs[0], parts)


def _views(image: Any, views: int, middle: int) -> Any:  # noqa: ANN401 - Keras publishes no type for tensors
    import keras
    from keras import layers

    if views == 1:
        return image
    seen = [image, keras.ops.flip(image, axis=2)]
    if views == 4:
        inner = layers.CenterCrop(middle, middle, name="view_middle")(image)
        inner = layers.Resizing(*image.shape[1:3], name="view_enlarged")(inner)
        seen += [inner, keras.ops.flip(inner, axis=2)]
    return layers.Concatenate(axis=0, name="views")(seen)


def _joined(front: keras.Model, backbone: keras.Model) -> keras.Model:
    """Let a backbone read what `front` answers, in one flat graph.

    Calling the backbone would nest it, and what reads or folds layers would not find them.
    """
    import keras

    config, behind = graph.configuration(front), graph.configuration(backbone)
    [answer] = graph.outputs(config)
    [entry] = [layer["name"] for layer in behind["layers"] if layer["class_name"] == "InputLayer"]
    for layer in behind["layers"]:
        for history in graph.histories(layer["inbound_nodes"]):
            if history[0] == entry:
                history[:] = [answer.layer, 0, answer.output]
    config["layers"] += [layer for layer in behind["layers"] if layer["name"] != entry]
    config["output_layers"] = behind["output_layers"]
    joined = keras.Model.from_config(config)
    for layer in backbone.layers:
        if layer.name != entry:
            graph.assign(joined.get_layer(layer.name), layer.get_weights())
    return joined


def _pool(features: Any) -> Any:  # noqa: ANN401 - as above
    from keras import layers

    squares = layers.Multiply(name="head_squares")([features, features])
    energy = layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones", name="head_energy")(squares)
    weighed = layers.Multiply(name="head_weighed")([features, energy])
    pooled = layers.GlobalAveragePooling2D(name="head_pooling")(weighed)
    return layers.UnitNormalization(name="head_length")(pooled)


def _name_operations(network: keras.Model) -> None:
    """Name what is no layer, which Keras numbers through a process, by its place in the network alone."""
    import keras

    operations = [each for each in network.operations if not isinstance(each, keras.Layer)]
    for number, operation in enumerate(operations, start=1):
        operation.name = f"view_operation_{number}"
