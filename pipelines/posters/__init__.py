"""What a poster needs from elsewhere before it can be laid out.

``naming``
    Which animals are on the photos, as the endpoint says.
``painting``
    The photos in the manner of paintings.
"""
