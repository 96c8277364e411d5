"""One HTTP exchange over ASGI: headers, a body within its limit, and a plain answer.

Where it stands in the walk: below `server`, which decides; this only moves bytes.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

DRAINED = 8
"""How many times the limit is read and thrown away before a body too large is answered, so that the caller,
who is still sending, gets to read the answer."""


class BodyTooLarge(Exception):
    """The body is larger than the limit."""


class CallerLeft(Exception):
    """The caller closed the connection before its body was complete."""


def header(scope: Scope, name: bytes) -> str:
    """A request header's text, "" when it is absent; `name` in lower case."""
    for known, value in scope["headers"]:
        if known == name:
            return str(value.decode("latin-1"))
    return ""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, announced or chunked. Raises: BodyTooLarge; CallerLeft."""
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        await _drain(receive, limit)
        raise BodyTooLarge
    message = await receive()
    first: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False):
        if len(first) > limit:
            raise BodyTooLarge
        return first
    parts = [first]
    size = len(first)
    while True:
        if message["type"] == "http.disconnect":
            raise CallerLeft
        if size > limit:
            await _drain(receive, limit)
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])


async def _drain(receive: Receive, limit: int) -> None:
    left = limit * DRAINED
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b"")) or 1
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


async def answer(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send a whole answer with its length; never compressed: Java's Hessian client reads raw deflate only."""
    lines = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
