"""One HTTP exchange over a connection that is open: a request in one piece, and the answer.

Where it stands in the walk: below `client`. An answer as servers mostly give it (HTTP/1.1, a length, nothing that
ends the connection) is read here; the standard library reads every other, which costs four times as much.
"""

import http.client
import re
import socket
from collections.abc import Mapping

_FORBIDDEN = re.compile(r"[\r\n\0]")
_STATUS = re.compile(rb"HTTP/1\.1 ([2345]\d\d)(?: |$)")
_WITHOUT_BODY = (204, 304)
_LONGEST_NUMBER = 18
_END = b"\r\n\r\n"


def head_of(path: str, host: str, headers: Mapping[str, str], length: int) -> bytes:
    """The head of a POST. Raises: ValueError for what cannot stand in one."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: identity", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any(_FORBIDDEN.search(line) for line in lines):
        raise ValueError("a header cannot hold the end of a line")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def exchange(sock: socket.socket, request: bytes, *, answer_limit: int) -> tuple[int, bytes, bool]:
    """The answer's status and body, and whether it is whole and the connection can be used again.

    A byte past the limit tells that the body is longer. Raises: OSError; HTTPException for an answer that is none.
    """
    sock.sendall(request)
    response = http.client.HTTPResponse(sock, method="POST")
    with response:  # an answer that was cut off keeps the socket otherwise
        plain = _plain_head(response.fp.peek())  # nothing is taken from it yet
        if plain is not None:
            status, head, length = plain
            response.fp.read(head)
            body = response.fp.read(min(length, answer_limit + 1))
            return status, body, len(body) == length
        response.begin()
        body = response.read(answer_limit + 1)
        whole = response.isclosed()
    return response.status, body, whole and not response.will_close


def _plain_head(data: bytes) -> tuple[int, int, int] | None:
    """Status, size of the head and length of the body of an answer whose head is whole; None of others."""
    end = data.find(_END)
    found = _STATUS.match(data)
    if end < 0 or found is None or int(found[1]) in _WITHOUT_BODY:
        return None
    length = None
    for line in data[:end].split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        name = name.lower()
        if not colon or name != name.strip() or b"\n" in line:
            return None
        if name == b"content-length":
            if length is not None or not value.strip().isdigit() or len(value) > _LONGEST_NUMBER:
                return None
            length = int(value)
        elif name in (b"transfer-encoding", b"connection"):
            return None
    return None if length is None else (int(found[1]), end + len(_END), length)
