"""The public front: a few routes over HTTP for a web page or a phone, with a key and limits.

``handler``
    The function behind API Gateway: an event in, an answer out. It runs as Lambda in an account and inside
    ``gateway`` here, the same code.
``classify``, ``stylize``, ``posters``, ``uploads``, ``jobs``
    One file a route.
``routes``, ``schemas``, ``openapi``
    What there is, and the document that says so; ``checking`` holds requests against it.
``gateway``, ``limits``
    API Gateway as far as it is needed on this machine.
"""
