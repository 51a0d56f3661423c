"""The public front: a few routes over HTTP for a web page or a phone, with a key and limits."""
