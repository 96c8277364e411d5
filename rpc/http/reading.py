"""What one caller sends, read as requests: the limits of their heads and bodies, and heads that came before.

Where it stands in the walk: under `connection`, which gives it the bytes that have come and decides when a request
has its turn. httptools reads them, unless `known_heads` knows the request at a glance.
"""

from typing import TYPE_CHECKING, Any

import httptools

from rpc.http.exchange import Exchange
from rpc.http.state import State

if TYPE_CHECKING:
    from rpc.http.connection import Connection
    from rpc.http.listener import Listener


class Reading:
    """The requests in what a caller sends. The methods `on_...` are the parser's."""

    def __init__(self, connection: "Connection", listener: "Listener") -> None:
        self._connection = connection
        self._listener = listener
        self._limits = listener.limits
        self._parser: Any = httptools.HttpRequestParser(self)
        self.incoming: Exchange | None = None
        """The request that is being read."""
        self.feeding = False
        """Whether the parser is at work: more of a request may stand in the same bytes."""
        self.deaf = False
        """Whatever comes is thrown away."""
        self._head_bytes = 0
        self._early = b""  # a head that was known, whose body has not come
        self._fresh = b""  # the bytes that a request begins with, until its head is read

    def stop(self) -> None:
        """Hear nothing more, and let go of what was being read."""
        self.incoming = None
        self.deaf = True

    def past_known(self, data: bytes) -> bytes:
        """Take a request whose head is known, while none is being answered; returns what the parser is to read."""
        if self.incoming is not None:
            return data
        data, self._early = self._early + data, b""
        found = self._listener.heads.find(data)
        if found is not None:
            head, body = found
            if body is None:
                self._early = data
                self._connection.enter(State.HEAD)
                return b""
            memory = head.handler.recall(head.note)
            if memory is not None:
                exchange = Exchange(self._connection)
                exchange.method, exchange.target, exchange.handler = b"POST", head.target, head.handler
                exchange.memory, exchange.complete = memory, True
                self._connection.take_whole(exchange, body)
                return b""
        self._fresh = data
        return data

    def feed(self, data: bytes) -> None:
        """Let the parser read."""
        self.feeding = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:  # an offer that may be declined: HTTP goes on
            self._parser = httptools.HttpRequestParser(self)
            rest = data[upgrade.args[0] :]
            if rest:
                self._connection.data_received(rest)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, Exception) and isinstance(error, httptools.HttpParserCallbackError):
                raise error.__context__ from None  # a bug of ours, not of the caller's
            self._connection.refuse(400, b"this is not HTTP/1.1\n")
        finally:
            self.feeding = False
            self._fresh = b""

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        if self.deaf:
            return
        self.incoming = Exchange(self._connection)
        self._head_bytes = 0
        self._connection.begun()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        if self.incoming is None or self.deaf:
            return
        self.incoming.target += url
        self._head_bytes += len(url)
        if self._head_bytes > self._limits.head_bytes:
            self._connection.refuse(414, b"the target is too long\n")

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """A header, or a trailer after a chunked body, which nobody here reads."""
        incoming = self.incoming
        if incoming is None or self.deaf:
            return
        self._head_bytes += len(name) + len(value or b"") + 4
        if self._head_bytes > self._limits.head_bytes:
            self._connection.refuse(431, b"the headers are too large\n")
        elif incoming.handler is None:
            incoming.headers.append((name.lower(), value or b""))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        incoming = self.incoming
        if incoming is None or self.deaf:
            return
        parser = self._parser
        incoming.method = parser.get_method()
        incoming.version = parser.get_http_version()
        incoming.keep_alive = parser.should_keep_alive()
        incoming.handler = self._listener.handler_of(incoming)
        incoming.head_mark, self._fresh = self._listener.heads.mark_of(self._fresh), b""
        self._connection.take_head(incoming)

    def on_body(self, part: bytes) -> None:
        """A piece of a body."""
        incoming = self.incoming
        if incoming is None or self.deaf or incoming.response is not None:
            return
        if incoming.take(part) > self._limits.body_bytes:
            self._connection.refuse_too_large()

    def on_message_complete(self) -> None:
        """A request is whole."""
        incoming, self.incoming = self.incoming, None
        if incoming is None or self.deaf:
            return
        incoming.complete = True
        if incoming.head_mark:
            self._listener.heads.remember(incoming)
        self._connection.completed(incoming)
