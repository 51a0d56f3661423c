"""Many photos through the endpoint.

``photos``
    Finds them: a file, a folder, an S3 prefix.
``asking``
    Asks the endpoint about each, several at a time.
``answers``
    What came back, and the file that a cut run goes on from.
"""
