"""The bridge: what an ASGI application sees of a request, and what becomes of its answers, whole and in pieces."""

import asyncio
import http.client
from contextlib import closing
from typing import Any

import pytest

from tests.door import running_app


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers by its path."""
    message = await receive()
    headers = [(b"content-type", b"text/plain")]
    if scope["path"] == "/fails":
        raise ZeroDivisionError
    if scope["path"] == "/silent":
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/cut":
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise ZeroDivisionError
    if scope["path"] == "/pieces":
        for piece in (b"one ", b"", b"x" * 300_000, b" two"):
            await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    seen = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode()
    await send({"type": "http.response.body", "body": seen + message["body"]})


def ask(port: int, *requests: tuple[str, str, bytes | None]) -> list[tuple[int, bytes]]:
    """The answers to requests over one connection."""
    answers = []
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        for method, path, body in requests:
            connection.request(method, path, body)
            with connection.getresponse() as response:
                answers.append((response.status, response.read()))
    return answers


def test_an_application_answers_whole_and_in_pieces_over_one_connection() -> None:
    with running_app(application) as port:
        answers = ask(
            port, ("POST", "/a%20b?c=d", b"body"), ("GET", "/pieces", None), ("HEAD", "/pieces", None),
            ("PUT", "/x", b""),
        )  # fmt: skip
    assert answers == [
        (200, b"POST /a b c=d body"),
        (200, b"one " + b"x" * 300_000 + b" two"),
        (200, b""),
        (200, b"PUT /x  "),
    ]


@pytest.mark.parametrize("path", ["/fails", "/silent"])
def test_an_application_that_does_not_answer_is_500_and_the_connection_goes_on(path: str) -> None:
    with running_app(application) as port:
        assert [status for status, _ in ask(port, ("GET", path, None), ("GET", "/x", None))] == [500, 200]


def test_an_answer_that_breaks_off_is_seen_to_be_broken() -> None:
    with running_app(application) as port, pytest.raises(http.client.IncompleteRead):
        ask(port, ("GET", "/cut", None))
