"""An answer is read the same whichever way it is read, in one piece or in many; heads hold no ends of lines."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from rpc.http_exchange import exchange, head_of

BODY = b"r\x01\x00S\x00\x011z"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: x-application/hessian\r\nContent-Length: 8\r\n\r\n" + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nr\x01\x00\r\n5\r\nS\x00\x011z\r\n0\r\n\r\n"
ANSWERS = {
    "plain": PLAIN,
    "no reason": PLAIN.replace(b"200 OK", b"200"),
    "a status that is no 200": PLAIN.replace(b"200 OK", b"503 Busy"),
    "names in capitals": PLAIN.replace(b"Content-Length", b"CONTENT-LENGTH"),
    "an empty body": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "longer than what is read at once": b"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + b"x" * 30000,
    "longer than the limit": b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70000,
    "chunked": CHUNKED,
    "a head of more than a piece": PLAIN.replace(
        b"Content-Type: ", b"Set-Cookie: " + b"c" * 9000 + b"\r\nContent-Type: "
    ),
    "closing": PLAIN.replace(b"Content-Length", b"Connection: close\r\nContent-Length"),
    "kept": PLAIN.replace(b"Content-Length", b"Connection: keep-alive\r\nContent-Length"),
    "until the end": b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
    "HTTP/1.0": PLAIN.replace(b"1.1", b"1.0"),
    "continued": b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
    "nothing to say": b"HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\n",
    "a length that is none": PLAIN.replace(b"8\r\n\r\n", b"x8\r\n\r\n"),
    "a length past all numbers": PLAIN.replace(b"8\r\n\r\n", b"8" * 5000 + b"\r\n\r\n"),
    "folded": PLAIN.replace(b"x-application/hessian", b"x-application/\r\n hessian"),
    "cut off": PLAIN[:-3],
    "cut off in the head": PLAIN[:30],
    "nothing": b"",
    "no HTTP": b"what?\r\n\r\n",
}


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    with ours, theirs:
        yield ours, theirs


def plainly(sock: socket.socket, limit: int) -> tuple[int, bytes, bool]:
    """As the standard library alone reads it."""
    response = http.client.HTTPResponse(sock, method="POST")
    with response:
        response.begin()
        body = response.read(limit + 1)
        return response.status, body, response.isclosed() and not response.will_close


def told(read: object) -> object:
    try:
        return read()  # type: ignore[operator]
    except (OSError, http.client.HTTPException) as error:
        return type(error)


@pytest.mark.parametrize("piece", [1 << 20, 7])
@pytest.mark.parametrize("name", list(ANSWERS))
def test_an_answer_is_what_the_standard_library_reads(
    name: str, piece: int, ends: tuple[socket.socket, socket.socket]
) -> None:
    def answer(sock: socket.socket) -> None:
        with suppress(OSError):  # who has read enough hangs up
            for at in range(0, len(ANSWERS[name]), piece):
                sock.sendall(ANSWERS[name][at : at + piece])
            sock.shutdown(socket.SHUT_WR)

    ours, theirs = ends
    sending = threading.Thread(target=answer, args=(theirs,))
    sending.start()
    found = told(lambda: exchange(ours, b"request", answer_limit=60_000))
    ours.close()  # what was not taken keeps nobody waiting
    sending.join()
    again, other = socket.socketpair()
    with again, other:
        sending = threading.Thread(target=answer, args=(other,))
        sending.start()
        expected = told(lambda: plainly(again, 60_000))
        again.close()
        sending.join()
    assert found == expected
    assert theirs.recv(100) == b"request"


@pytest.mark.parametrize("headers", [{"X-Id": "a\r\nb: c"}, {"X-Id": "a\nb"}, {"X\r\n": "a"}])
def test_a_header_cannot_bring_another_one(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="end of a line"):
        head_of("/x", "host", headers, 1)


def test_a_head_says_where_it_goes_and_how_long_the_body_is() -> None:
    head = head_of("/a?b=1", "host:81", {"Content-Type": "x"}, 12)
    assert head.split(b"\r\n") == [
        b"POST /a?b=1 HTTP/1.1", b"Host: host:81", b"Accept-Encoding: identity", b"Content-Length: 12",
        b"Content-Type: x", b"", b"",
    ]  # fmt: skip
