"""A Hessian client: one method name and plain values out, one value or a typed error back.

Where it stands in the walk: outside it. `billing_client` uses it to call this center, `account_system` and
`order_system` to call others. Connections are kept and reused, by any number of threads. A call is tried
again only where nothing of it can have been received: the connection was refused before anything was sent.
Design: wire, sections 1 and 2.
"""

import base64
import http.client
import re
import select
import ssl
import threading
from collections import deque
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

from rpc.hessian import CodecError, Limits, ReplyForm, Value, decode_reply, encode_call
from rpc.http_exchange import exchange, head_of

IDLE_S = 20.0
"""Seconds for which an idle connection is reused: shorter than servers keep theirs."""

IDLE_KEPT = 64
CONNECT_TRIES = 2


class CallFailed(Exception):
    """A call had no answer that could be used. A fault of the service is `rpc.hessian.FaultReply` instead."""


class NotSent(CallFailed):
    """No connection could be made: nothing of the call was sent."""


class AnswerUnknown(CallFailed):
    """The call was sent and no whole answer came: it may have been carried out."""


class AnswerTooLate(AnswerUnknown):
    """The time limit passed before the answer came."""


class HttpStatus(CallFailed):
    """The answer was no 200: `status` says which."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"HTTP status {status}: {text}" if text else f"HTTP status {status}")
        self.status = status


class NotAdmitted(HttpStatus):
    """401 or 403: who calls is not known, or may not."""


class AnswerUnreadable(CallFailed):
    """The answer is not Hessian, or larger than the limit."""


class HttpPoster:
    """Posts bodies to one URL over kept connections. Every method may be called from any thread."""

    def __init__(
        self, url: str, user: str = "", password: str = "", *, timeout_s: float = 30.0, answer_limit: int = 8 << 20
    ) -> None:
        """Raises: ValueError for a URL that is not http or https."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a URL with http or https and a host is needed")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not re.fullmatch(r"[!-~]+", self._path):
            raise ValueError("a URL has neither spaces nor letters that are not ASCII")
        named = f"[{self._host}]" if ":" in self._host else self._host
        self._host_header = f"{named}:{parts.port}" if parts.port else named
        self._timeout_s = timeout_s
        self._answer_limit = answer_limit
        self._headers: dict[str, str] = {}
        if user:
            token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {token}"
        self._idle: deque[tuple[http.client.HTTPConnection, float]] = deque()
        self._lock = threading.Lock()

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises: NotSent; AnswerUnknown; AnswerTooLate; AnswerUnreadable.
        """
        connection = self._connection()
        try:
            status, answer, keep = self._exchange(connection, body, headers)
        except BaseException:
            connection.close()
            raise
        if keep:
            self._give_back(connection)
        else:
            connection.close()
        return status, answer

    def close(self) -> None:
        """Close the idle connections; the next call opens a new one."""
        with self._lock:
            idle = list(self._idle)
            self._idle.clear()
        for connection, _ in idle:
            connection.close()

    def __del__(self) -> None:
        """Senders are plain functions that nobody closes: their connections end with them."""
        if hasattr(self, "_idle"):
            self.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, bool]:
        request = head_of(self._path, self._host_header, {**self._headers, **headers}, len(body)) + body
        try:
            status, answer, keep = exchange(connection.sock, request, answer_limit=self._answer_limit)
        except TimeoutError as error:
            raise AnswerTooLate(f"no answer within {self._timeout_s:g} seconds") from error
        except (OSError, http.client.HTTPException) as error:
            raise AnswerUnknown(f"the connection broke: {type(error).__name__}") from error
        if len(answer) > self._answer_limit:
            raise AnswerUnreadable(f"the answer has more than {self._answer_limit} bytes")
        return status, answer, keep

    def _connection(self) -> http.client.HTTPConnection:
        """A kept connection that the other side has not closed, else a new one."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection, since = self._idle.pop()
            if monotonic() - since < IDLE_S and _quiet(connection):
                return connection
            connection.close()
        for left in range(CONNECT_TRIES - 1, -1, -1):
            connection = self._new()
            try:
                connection.connect()
                return connection
            except ConnectionRefusedError as error:
                if left == 0:
                    raise NotSent("the connection was refused") from error
            except OSError as error:
                connection.close()
                raise NotSent(f"no connection: {type(error).__name__}") from error
        raise AssertionError("unreachable")

    def _new(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._idle.append((connection, monotonic()))
            surplus = self._idle.popleft()[0] if len(self._idle) > IDLE_KEPT else None
        if surplus is not None:
            surplus.close()


def _quiet(connection: http.client.HTTPConnection) -> bool:
    """Whether nothing has arrived on an idle connection: its end, or a stray answer, would be readable."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN | select.POLLERR | select.POLLHUP)
    with suppress(OSError):
        return not poll.poll(0)
    return False


class HessianClient:
    """Calls methods of one Hessian service. Every method may be called from any thread."""

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        timeout_s: float = 30.0,
        form: ReplyForm = ReplyForm.HESSIAN_1,
    ) -> None:
        """`form` is how calls are written: `c 1 0`, which every server takes, or `H 2 0`."""
        self._poster = HttpPoster(url, user, password, timeout_s=timeout_s)
        self._form = form
        self._limits = Limits(body_bytes=8 << 20)

    def call(self, method: str, *arguments: Value) -> Value:
        """The service's answer.

        Raises: FaultReply when the service answered with a fault; NotSent; AnswerUnknown; AnswerTooLate;
        NotAdmitted; HttpStatus; AnswerUnreadable; CodecError for an argument that Hessian cannot carry.
        """
        body = encode_call(method, arguments, self._form)
        status, answer = self._poster.post(body, {"Content-Type": "x-application/hessian"})
        if status in (401, 403):
            raise NotAdmitted(status, _words(answer))
        if status != 200:
            raise HttpStatus(status, _words(answer))
        try:
            return decode_reply(answer, self._limits)
        except CodecError as error:
            raise AnswerUnreadable(str(error)) from error

    def close(self) -> None:
        """Close the idle connections."""
        self._poster.close()

    def __enter__(self) -> "HessianClient":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def _words(body: bytes) -> str:
    """The beginning of a readable answer, for an error's text."""
    text = body[:200].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
