"""CPU of the hostile bodies of 1 MiB that the tests read: the best of some passes each, the dearest first.

python -m benchmarks.hessian.hostile [pure]
"""

import sys
import time


def main() -> None:
    """Read each body and print what it cost."""
    if sys.argv[1:] == ["pure"]:  # as it is where no C compiler was
        sys.modules["rpc.hessian._quick"] = None  # type: ignore[assignment]
    from rpc.hessian import CodecError, decode_call
    from tests.rpc.hessian.test_limits import HOSTILE

    found = []
    for name, made in HOSTILE.items():
        body, least = made(), float("inf")
        for _ in range(5):
            begun = time.thread_time()
            try:
                decode_call(body)
            except CodecError:
                least = min(least, time.thread_time() - begun)
        found.append((least * 1000, name))
    for milliseconds, name in sorted(found, reverse=True):
        print(f"{milliseconds:8.1f} ms  {name}")


if __name__ == "__main__":
    main()
