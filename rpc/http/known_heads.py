"""Heads that were read before: a client on a kept-alive connection sends the same bytes again and again.

Where it stands in the walk: `connection` asks here before it asks the parser. Nothing is parsed differently: only
a request that came whole (its head as before, to the byte, and a body that ends with what has come) is taken;
for anything else the parser reads it all. A head is remembered by its MAC under a key of this process, and of
what it says only what leads to the answer: no header, so no secret, is kept.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rpc.http.exchange import Exchange, Handler

LONGEST_HEAD = 2048
"""Bytes of a head that is worth looking up."""

HEADS_KEPT = 1024

CHUNKED = -1
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_PLAIN_HEAD = re.compile(rb"POST [^\r\n]+\r\n(?:[^\r\n]+\r\n)+\r\n")
"""A head that can end in one place only. The parser passes over empty lines before a request, and takes a bare
line feed for the end of a line: with either, what stands before an empty line is not the head that it read."""

_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,6})\r\n")


@dataclass(frozen=True, slots=True)
class KnownHead:
    """What a head led to: its target, who answers, what that side wants to remember, how long the body is."""

    target: bytes
    handler: "Handler"
    note: Any
    length: int  # CHUNKED, or bytes


class KnownHeads:
    """The heads that one listener remembers."""

    def __init__(self, *, body_bytes: int) -> None:
        """`body_bytes`: the longest body that is taken."""
        self._body_bytes = body_bytes
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, KnownHead] = {}

    def find(self, data: bytes) -> tuple[KnownHead, bytes | None] | None:
        """The head and the body of a whole request; the head and None where the body is still to come.

        None for everything that is the parser's: a head not seen before, a body in pieces, a second request.
        """
        at = data.find(b"\r\n\r\n", 0, LONGEST_HEAD) + 4
        if at < 4:
            return None
        head = self._known.get(self._mac(data[:at]))
        if head is None:
            return None
        if len(data) == at and head.length:
            return head, None
        if head.length != CHUNKED:
            return (head, data[at:]) if len(data) == at + head.length else None
        size = _CHUNK_SIZE.match(data, at)
        if size is None or not data.endswith(_LAST_CHUNK):
            return None
        start, end = size.end(), len(data) - len(_LAST_CHUNK)
        return (head, data[start:end]) if 0 < int(size[1], 16) == end - start <= self._body_bytes else None

    def mark_of(self, data: bytes) -> bytes:
        """What stands for the head that these bytes begin with; b"" where the parser may have read another."""
        at = data.find(b"\r\n\r\n", 0, LONGEST_HEAD) + 4
        return self._mac(data[:at]) if at >= 4 and _PLAIN_HEAD.fullmatch(data, 0, at) else b""

    def remember(self, exchange: "Exchange") -> None:
        """Remember the head of a whole request, if its like may be taken without the parser."""
        length = _length(exchange)
        if length is None or length > self._body_bytes or exchange.handler is None or exchange.version != "1.1":
            return
        note = exchange.handler.note(exchange) if exchange.keep_alive else None
        if note is None:
            return
        if len(self._known) >= HEADS_KEPT:
            self._known.clear()
        self._known[exchange.head_mark] = KnownHead(exchange.target, exchange.handler, note, length)

    def _mac(self, head: bytes) -> bytes:
        return hashlib.blake2b(head, key=self._key, digest_size=16).digest()


def _length(exchange: "Exchange") -> int | None:
    """How the body ends; None where there is any doubt."""
    said = [pair for pair in exchange.headers if pair[0] in _ABOUT_THE_BODY]
    if len(said) != 1:
        return None
    name, value = said[0]
    if name == b"content-length" and value.isdigit() and len(value) < 8:
        return int(value)
    return CHUNKED if name == b"transfer-encoding" and value == b"chunked" else None


_ABOUT_THE_BODY = (b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"trailer", b"te")
