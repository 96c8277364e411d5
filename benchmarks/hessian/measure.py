"""One Python codec on the calls of a file; run by `compare` in a process of its own.

    python -m benchmarks.hessian.measure ours|pure|python-hessian <version> <file> <seconds>

Prints the nanoseconds of CPU time a call for reading and for writing, the best of many short
rounds; 0 where the codec cannot do it.
"""

import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def bodies_of(file: Path) -> list[bytes]:
    """The calls of a file: how many, then each with its length, in four bytes."""
    data = file.read_bytes()
    bodies, at = [], 4
    while at < len(data):
        [length] = struct.unpack_from(">i", data, at)
        bodies.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return bodies


def best(run: Callable[[Any], object], inputs: list[Any], seconds: float) -> float:
    """The least CPU time of one run, in nanoseconds, over rounds of some twenty milliseconds each.

    The rounds must be long: the clock of CPU time moves in steps on some machines.
    """
    start = time.monotonic()
    for one in inputs * 5:
        run(one)
    times = max(1, int(0.02 / ((time.monotonic() - start) / 5)))
    least = float("inf")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.thread_time_ns()
        for _ in range(times):
            for one in inputs:
                run(one)
        least = min(least, (time.thread_time_ns() - begun) / (len(inputs) * times))
    return least


def main() -> None:
    codec, version, file, seconds = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])
    bodies = bodies_of(file)
    if codec == "python-hessian":
        from pyhessian.encoder import encode_object
        from pyhessian.parser import Parser

        reading = best(lambda body: Parser().parse_string(body), bodies, seconds)
        calls = [Parser().parse_string(body) for body in bodies] if version == 1 else []
        writing = best(encode_object, calls, seconds) if calls else 0.0
    else:
        if codec == "pure":  # as it is where no C compiler was
            sys.modules["rpc.hessian._quick"] = None  # type: ignore[assignment]
        from rpc.hessian import ReplyForm, decode_call, encode_call

        form = ReplyForm.HESSIAN_1 if version == 1 else ReplyForm.HESSIAN_2
        reading = best(decode_call, bodies, seconds)
        writing = best(
            lambda call: encode_call(call.method, call.arguments, form), [decode_call(b) for b in bodies], seconds
        )
    print(f"{reading:.0f} {writing:.0f}")


if __name__ == "__main__":
    main()
