"""HTTP/1.1 as the doors need it: one listener for Hessian, and for ASGI applications beside it.

`listener` holds the port, the limits and the ending; `connection` speaks HTTP with one caller; `exchange` is one
request and its answer; `asgi_bridge` lets an ASGI application answer. Nothing here knows Hessian or billing.
"""
