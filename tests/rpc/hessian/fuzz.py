"""Damage real messages for a while and see that only the codec's own errors come out.

    python -m tests.rpc.hessian.fuzz [seconds] [seed]

Starts from the messages of the eight operations in every version, from a message for every
production of both grammars and from everything that was found before; cuts, repeats, joins and
overwrites them, with a liking for bytes that mean something; and reads the result through every
door. A finding is a wrong exception, or an answer that cannot be written and read again to the
same value. It is printed as a line for `FINDINGS` below, and the exit status is 1.

Answers that are read successfully and anything that reaches a new place in the codec (by line, at
first sight of it) join the messages that are damaged next.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from rpc.hessian import (
    CodecError,
    FaultReply,
    Limits,
    ReplyForm,
    decode_call,
    decode_reply,
    encode_call,
    encode_reply,
)
from tests.rpc.hessian import samples
from tests.rpc.hessian.test_hessian1_values import BOTH_WAYS as VALUES_1
from tests.rpc.hessian.test_hessian1_values import DRAFT_2
from tests.rpc.hessian.test_hessian2_values import BOTH_WAYS as VALUES_2
from tests.rpc.hessian.test_hessian2_values import READ_ONLY, same

FINDINGS: list[bytes] = [
    b"c\x02\x00m\x00\x01mrt\x00\x01AS\x00\x08http://xz",  # a remote object, lost in Hessian 2
    b"H\x02\x00C\x01m\x91p\x00",  # a typed list whose type is ""
    b"H\x02\x00C\x01m\x91C\x00\x90\x60",  # an object whose class is ""
]
"""Bodies that once came out wrong; `test_fuzz` reads them all."""

MEANT = b"cHCrRfFzZmMVvtluJKQOoSsBbXxUWYNTId" + bytes.fromhex("0001021f202f30345b5d5f6070787f809091c8d4e0edf8ff")
SMALL = Limits(depth=20, values=2000, references=300, string_units=5000, binary_bytes=5000)


def seeds() -> list[bytes]:
    """The messages to begin with."""
    bodies = [body for name, body in vars(samples).items() if name.isupper() and isinstance(body, bytes)]
    bodies += [b"c\x02" + body[2:] for body in bodies if body[:1] == b"c"]
    bodies += [b"c\x02\x00m\x00\x01m" + data + b"z" for data, _ in VALUES_1 + DRAFT_2 if len(data) < 2000]
    bodies += [b"H\x02\x00C\x01m\x91" + data for data, _ in VALUES_2 + READ_ONLY if len(data) < 2000]
    return bodies + FINDINGS


def damage(rng: random.Random, bodies: list[bytes]) -> bytes:
    """One body, changed in one to four places."""
    body = bytearray(rng.choice(bodies))
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(body) + 1)
        end = min(len(body), at + rng.choice((0, 1, 1, 2, 3, 8)))
        kind = rng.randrange(6)
        if kind == 0:
            body[at:end] = bytes([rng.choice(MEANT)])
        elif kind == 1:
            body[at:end] = rng.randbytes(rng.choice((1, 2, 4)))
        elif kind == 2:
            del body[at:end]
        elif kind == 3:
            body[at:at] = body[at:end] * rng.choice((1, 2, 30))
        elif kind == 4:
            other = rng.choice(bodies)
            start = rng.randrange(len(other) + 1)
            body[at:end] = other[start : start + rng.randrange(40)]
        elif at < len(body):
            body[at] = (body[at] + rng.choice((-1, 1, 128, 16))) % 256
    return bytes(body[:4000])


def check(body: bytes) -> str:
    """Read the body through both doors; "" or what is wrong."""
    for limits in (Limits(), SMALL):
        try:
            call = decode_call(body, limits)
        except CodecError:
            continue
        for form in ReplyForm:
            again = decode_call(encode_call(call.method, call.arguments, form), Limits(values=1 << 20, depth=200))
            if again.method != call.method or not same(again.arguments, call.arguments):
                return f"written and read as {form.name}, the call is another"
    try:
        value = decode_reply(body)
    except (CodecError, FaultReply):
        return ""
    again_value = decode_reply(encode_reply(value, ReplyForm.HESSIAN_2), Limits(values=1 << 20, depth=200))
    return "" if same(again_value, value) else "written and read, the answer is another"


def lines_of(run: Callable[[], Any]) -> Iterator[tuple[str, int]]:
    """The lines of the codec that a call goes through."""
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if "hessian" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(None)
    yield from seen


def fuzz(seconds: float, seed: int) -> int:
    """Go on for so many seconds; the number of findings."""
    rng = random.Random(seed)
    bodies = seeds()
    known: set[tuple[str, int]] = set()
    found = tries = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        body = damage(rng, bodies)
        tries += 1
        try:
            wrong = check(body)
        except RecursionError:
            wrong = "RecursionError"
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            found += 1
            print(f"    {body!r},  # {wrong}")
        elif tries % 50 == 0:
            new = set(lines_of(lambda body=body: check(body))) - known  # type: ignore[misc]
            if new:
                known |= new
                bodies.append(body)
    print(f"{tries} bodies, {found} findings, {len(bodies)} kept, {len(known)} lines reached, seed {seed}")
    return found


if __name__ == "__main__":
    duration = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    start = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    sys.exit(1 if fuzz(duration, start) else 0)
