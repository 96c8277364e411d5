"""A head that is remembered changes nothing but the work: whatever comes is answered alike."""

import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rpc.http.exchange import Exchange
from tests.rpc.test_http import LIMITS, Echo, connected, read_answers, served

LENGTH = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
CHUNKS = b"POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
NEXT = b"POST /y HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nconnection: close\r\n\r\n!"


class Remembering(Echo):
    """Remembers every head that may be remembered, and counts those that it was asked to read."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = 0
        self.head_was_met = threading.Semaphore(0)
        self.knows = True

    def head(self, exchange: Exchange) -> None:
        self.heads += 1
        self.head_was_met.release()
        super().head(exchange)

    def note(self, exchange: Exchange) -> Any:
        return exchange.path if exchange.method == b"POST" else None

    def recall(self, note: Any) -> Any:
        return note if self.knows else None


@pytest.mark.parametrize("call", [LENGTH + b"call", CHUNKS + b"4\r\ncall\r\n0\r\n\r\n"], ids=["length", "chunks"])
def test_a_head_is_read_once_for_all_connections(call: bytes) -> None:
    echo = Remembering()
    with served(echo) as port:
        for _ in range(2):
            with connected(port) as connection:
                for _ in range(3):
                    connection.sendall(call)
                    ((status, head, body),) = read_answers(connection, 1)
                    assert (status, body) == (200, b"POST /x call")
                    assert b"connection: close" not in head
    assert echo.heads == 1


def test_a_head_that_comes_before_its_body_is_read_once_too() -> None:
    """As Java's client sends it: the head by itself, then the body."""
    echo = Remembering()
    with served(echo) as port, connected(port) as connection:
        for number in range(3):
            connection.sendall(CHUNKS)
            if number == 0:
                assert echo.head_was_met.acquire(timeout=20)
            connection.sendall(b"4\r\ncall\r\n0\r\n\r\n")
            assert [body for _, _, body in read_answers(connection, 1)] == [b"POST /x call"]
    assert echo.heads == 1


def test_a_head_that_means_nothing_any_more_is_read_again() -> None:
    echo = Remembering()
    with served(echo) as port, connected(port) as connection:
        for knows, heads in ((True, 1), (True, 1), (False, 2), (True, 2)):
            echo.knows = knows
            connection.sendall(LENGTH + b"call")
            ((_, _, body),) = read_answers(connection, 1)
            assert (body, echo.heads) == (b"POST /x call", heads)


@pytest.mark.parametrize("before", [b"\r\n\r\n", b"\r\n", b"\n\n"])
def test_empty_lines_before_a_request_are_no_head(before: bytes) -> None:
    """Else whoever sends the same empty lines would be taken for the caller of that request."""
    echo = Remembering()
    with served(echo) as port:
        with connected(port) as connection:
            connection.sendall(before + LENGTH + b"call")
            assert [body for _, _, body in read_answers(connection, 1)] == [b"POST /x call"]
        with connected(port) as connection:
            connection.sendall(before + b"evil")
            connection.shutdown(socket.SHUT_WR)
            assert all(status != 200 for status, _, _ in read_answers(connection, 1))


def test_a_head_of_bare_line_feeds_is_left_to_the_parser() -> None:
    bare = LENGTH.replace(b"\r\n", b"\n").replace(b"length: 4", b"length: 8") + b"ab\r\n\r\ncd"
    knowing, plain = Remembering(), Echo()
    with served(knowing) as with_memory, served(plain) as without:
        assert answers(with_memory, [bare, bare + b"12345678"]) == answers(without, [bare, bare + b"12345678"])


def test_a_known_head_whose_body_does_not_come_is_not_waited_for() -> None:
    echo = Remembering()
    with served(echo) as port, connected(port) as connection:
        connection.sendall(LENGTH + b"call")
        read_answers(connection, 1)
    with served_briefly(echo) as port, connected(port) as connection:
        connection.sendall(LENGTH + b"call")
        read_answers(connection, 1)
        connection.sendall(LENGTH)
        ((status, _, _),) = read_answers(connection, 1)
        assert status == 408


def served_briefly(echo: Echo) -> Any:
    return served(echo, replace(LIMITS, head_s=0.05, body_s=0.05))


BODIES = [
    LENGTH + b"call" + NEXT,
    LENGTH + b"abc",  # cut short: the connection ends in the middle
    CHUNKS + b"4\r\ncall\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"2\r\nca\r\n2\r\nll\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"0\r\n\r\n" + NEXT,
    CHUNKS + b"4;name=value\r\ncall\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"04\r\ncall\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"4\r\ncall\r\n0\r\nt: x\r\n\r\n" + NEXT,
    CHUNKS + b"+4\r\ncall\r\n0\r\n\r\n",
    CHUNKS + b"0x4\r\ncall\r\n0\r\n\r\n",
    CHUNKS + b"B\r\n0\r\n\r\nPOST /y\r\n0\r\n\r\n",
    CHUNKS + b"9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n" + NEXT,
    CHUNKS + b"ffffff\r\ncall\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("sent", BODIES, ids=range(len(BODIES)))
def test_what_comes_is_answered_as_if_nothing_were_known(sent: bytes) -> None:
    knowing, plain = Remembering(), Echo()
    head = LENGTH if sent.startswith(LENGTH) else CHUNKS
    first = head + (b"call" if head is LENGTH else b"4\r\ncall\r\n0\r\n\r\n")
    cuts = sorted({len(head) - 1, len(head), len(head) + 1, len(head) + 3, len(sent) - 1, len(sent)})
    with served(knowing) as with_memory, served(plain) as without:
        for cut in cuts:
            pieces = [first, sent[:cut], sent[cut:]]
            assert answers(with_memory, pieces) == answers(without, pieces)


def answers(port: int, pieces: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """What is answered to the first piece, and then to the others, each sent by itself, until the end."""
    with connected(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(pieces[0])
        said = read_answers(connection, 1)
        for piece in pieces[1:]:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        said += read_answers(connection, 9)
    return [(status, body) for status, _, body in said]
