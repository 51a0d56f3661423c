"""What an operator makes and registers by hand: stylizers; classifiers are registered by their pipeline.

``making``
    From what people name to an artifact in a file.
``stylizer``
    From the file to a version in the registry.
"""
