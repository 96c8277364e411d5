"""The listener: what it takes, in what order it answers, what it does not wait for, and how it ends.

Everything goes over real sockets. The handler says back what it was sent; it can be told to wait.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from rpc.http.exchange import PLAIN, Exchange
from rpc.http.listener import ListenerLimits
from tests.door import listening

LIMITS = ListenerLimits(body_bytes=1000, head_bytes=2000, connections=50, linger_s=0.3, tick_s=0.02)
CALL = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\ncall"
ANSWER = b"POST /x call"


class Echo:
    """Says what it was asked; /later/... is answered when `let_go` is called, /no is refused by its head."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []
        self.asked = threading.Semaphore(0)

    def head(self, exchange: Exchange) -> None:
        if exchange.path == "/no":
            exchange.answer(401, b"no", PLAIN)

    def body(self, exchange: Exchange, body: bytes) -> None:
        text = exchange.method + b" " + exchange.path.encode() + b" " + body
        if not exchange.path.startswith("/later"):
            exchange.answer(200, text, PLAIN)
            return
        loop = exchange.connection._listener._loop
        self.waiting.append(lambda: loop.call_soon_threadsafe(exchange.answer, 200, text, PLAIN))
        self.asked.release()

    def note(self, exchange: Exchange) -> Any:
        """Every head is read."""

    def recall(self, note: Any) -> Any:
        """Nothing was noted."""

    def let_go(self) -> None:
        waiting, self.waiting = self.waiting, []
        for answer in waiting:
            answer()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@contextmanager
def served(echo: Echo, limits: ListenerLimits = LIMITS) -> Iterator[int]:
    with listening(lambda exchange: echo, limits) as port:
        yield port


@pytest.fixture
def port(echo: Echo) -> Iterator[int]:
    with served(echo) as port:
        yield port


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as made:
        yield made


def read_answers(connection: socket.socket, count: int) -> list[tuple[int, bytes, bytes]]:
    """So many answers: status, head in lower case, body. Fewer when the connection ends before."""
    read = b""
    answers: list[tuple[int, bytes, bytes]] = []
    while len(answers) < count:
        found = re.match(rb"HTTP/1\.1 (\d+) .*?\r\n\r\n", read, re.DOTALL)
        if found:
            head = found.group().lower()
            length = re.search(rb"content-length: (\d+)", head)
            end = found.end() + (int(length.group(1)) if length else 0)
            if len(read) >= end:
                answers.append((int(found.group(1)), head, read[found.end() : end]))
                read = read[end:]
                continue
        piece = connection.recv(65536)
        if not piece:
            break
        read += piece
    return answers


def is_closed(connection: socket.socket) -> bool:
    """Waits for the other side to close; False when it sends something instead."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_request_may_come_byte_by_byte_and_the_connection_is_kept(port: int) -> None:
    with connected(port) as connection:
        for _ in range(2):
            for at in range(len(CALL)):
                connection.sendall(CALL[at : at + 1])
            ((status, head, body),) = read_answers(connection, 1)
            assert (status, body) == (200, ANSWER)
            assert b"connection: close" not in head
            assert b"\r\ndate: " in head


def test_requests_sent_before_their_turn_are_answered_in_order(echo: Echo, port: int) -> None:
    chunked = b"POST /later/2 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    chunked += b"2\r\nab\r\n2\r\ncd\r\n0\r\nt: x\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(CALL.replace(b"/x", b"/later/1") + chunked + CALL)
        assert echo.asked.acquire(timeout=20)
        assert len(echo.waiting) == 1  # the second is not begun before the first is answered
        echo.let_go()
        assert echo.asked.acquire(timeout=20)
        echo.let_go()
        answers = read_answers(connection, 3)
        assert [body for _, _, body in answers] == [b"POST /later/1 call", b"POST /later/2 abcd", ANSWER]


def test_thousands_of_requests_at_once_are_answered_one_after_the_other(port: int) -> None:
    with connected(port) as connection:
        sending = threading.Thread(target=lambda: connection.sendall(CALL * 5000))
        sending.start()
        answers = read_answers(connection, 5000)
        sending.join(20)
    assert {body for _, _, body in answers} == {ANSWER}
    assert len(answers) == 5000


def test_who_asks_whether_to_continue_is_told_so_or_refused(port: int) -> None:
    head = CALL[:-8] + b"\r\nexpect: 100-continue\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"call")
        assert read_answers(connection, 1)[0][2] == ANSWER
    with connected(port) as connection:
        connection.sendall(head.replace(b"length: 4", b"length: 1001"))
        assert read_answers(connection, 1)[0][0] == 413
        assert is_closed(connection)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\ncall", 400),
        (b"POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"GET /x HTTP/1.1\r\na: " + b"b" * 2000 + b"\r\n\r\n", 431),
        (b"GET /x HTTP/1.1\r\n" + b"a: b\r\n" * 400 + b"\r\n", 431),
        (b"GET /" + b"x" * 2001 + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST /x HTTP/1.1\r\ncontent-length: 1001\r\n\r\n" + b"x" * 1001, 413),
        (b"POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", 413),
        (b"POST /no HTTP/1.1\r\ncontent-length: 900\r\n\r\nx", 401),
    ],
)
def test_what_cannot_be_taken_is_refused_and_ends_the_connection(
    port: int, request_bytes: bytes, status: int
) -> None:
    with connected(port) as connection:
        connection.sendall(request_bytes)
        ((said, head, _),) = read_answers(connection, 1)
        assert said == status
        assert b"connection: close" in head
        assert is_closed(connection)


def test_a_refusal_keeps_the_connection_when_the_body_is_whole(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CALL.replace(b"/x", b"/no") + CALL)
        assert [status for status, _, _ in read_answers(connection, 2)] == [401, 200]


def test_who_is_refused_while_it_sends_can_still_read_why(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\ncontent-length: 900000\r\n\r\n" + b"x" * 500_000)
        connection.sendall(b"x" * 400_000)
        assert read_answers(connection, 1)[0][0] == 413


def test_what_was_asked_before_rubbish_is_answered(echo: Echo, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CALL.replace(b"/x", b"/later") + CALL + b"rubbish\r\n\r\n")
        assert echo.asked.acquire(timeout=20)
        echo.let_go()
        answers = read_answers(connection, 3)
        assert [body for _, _, body in answers] == [b"POST /later call", ANSWER]


@pytest.mark.parametrize(
    ("begun", "limits"),
    [
        (b"", {"idle_s": 0.1}),
        (CALL, {"idle_s": 0.1}),
        (b"POST /x HT", {"head_s": 0.1}),
        (CALL[:-2], {"body_s": 0.1}),
    ],
)
def test_the_slow_are_let_go(echo: Echo, begun: bytes, limits: dict[str, Any]) -> None:
    with served(echo, replace(LIMITS, **limits)) as port, connected(port) as connection:
        connection.sendall(begun)
        statuses = [status for status, _, _ in read_answers(connection, 2)]
        assert statuses == {b"": [], CALL: [200]}.get(begun, [408])


def test_who_does_not_read_its_answers_is_read_no_further_and_let_go(echo: Echo) -> None:
    long = b"POST /" + b"p" * 1900 + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\ncall"
    with served(echo, replace(LIMITS, idle_s=0.5)) as port, connected(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises((ConnectionResetError, BrokenPipeError, TimeoutError)):
            for _ in range(100_000):  # 190 MB of answers, of which none is read
                connection.sendall(long)


def test_a_caller_that_half_closes_is_still_answered(echo: Echo, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CALL.replace(b"/x", b"/later"))
        connection.shutdown(socket.SHUT_WR)
        assert echo.asked.acquire(timeout=20)
        echo.let_go()
        assert read_answers(connection, 1)[0][2] == b"POST /later call"
        assert is_closed(connection)


def test_a_caller_that_is_cut_off_while_it_is_answered_harms_nobody(echo: Echo, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CALL.replace(b"/x", b"/later"))
        assert echo.asked.acquire(timeout=20)
    echo.let_go()
    with connected(port) as connection:
        connection.sendall(CALL)
        assert read_answers(connection, 1)[0][2] == ANSWER


def test_one_connection_too_many_is_503_until_another_ends(echo: Echo) -> None:
    with served(echo, replace(LIMITS, connections=1)) as port:
        with connected(port) as first:
            first.sendall(CALL)
            assert read_answers(first, 1)[0][0] == 200
            with connected(port) as second:
                assert read_answers(second, 1)[0][0] == 503
        while True:
            with connected(port) as third:
                third.sendall(CALL)
                try:
                    if [status for status, _, _ in read_answers(third, 1)] == [200]:
                        return
                except ConnectionResetError:
                    pass  # the first was not gone yet


def test_http_1_0_and_an_offer_to_upgrade_are_answered_in_http_1_1(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /a HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        assert b"connection: keep-alive" in read_answers(connection, 1)[0][1]
        connection.sendall(
            b"GET http://x/b%20c?d HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
        )
        assert read_answers(connection, 1)[0][2] == b"GET /b c "
        connection.sendall(b"GET /d HTTP/1.0\r\n\r\n")
        assert b"connection: close" in read_answers(connection, 1)[0][1]
        assert is_closed(connection)


def test_ending_answers_every_request_under_way_and_takes_no_new_ones(echo: Echo) -> None:
    with served(echo) as port:
        connections = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
        for connection in connections[:10]:
            connection.sendall(CALL.replace(b"/x", b"/later") + CALL)
            assert echo.asked.acquire(timeout=20)
        connections[10].sendall(CALL[:-2])
        ended = threading.Thread(target=lambda: [c.recv(1) for c in connections[11:]])
        ended.start()

        def finish() -> None:
            ended.join(20)  # the idle ones are closed once the ending has begun; only then are the others answered
            connections[10].sendall(b"ll")
            echo.let_go()

        finishing = threading.Thread(target=finish)
        finishing.start()
    finishing.join(20)
    for connection in connections[:10]:
        answers = read_answers(connection, 2)
        assert [body for _, _, body in answers] == [b"POST /later call", ANSWER]
        assert b"connection: close" in answers[-1][1]
    assert read_answers(connections[10], 1)[0][2] == ANSWER
    for connection in connections:
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
