"""Instructions a call for reading, which no other work on the machine disturbs: pure Python and python-hessian.

    python -m benchmarks.hessian.count

Needs valgrind, and the files of calls that `compare` has written. Each codec reads the calls of a file some rounds
and twice as many; the difference is what the rounds took.
"""

import re
import subprocess
import sys

from benchmarks.hessian.compare import BUILD, FORMS, ROOT
from benchmarks.hessian.measure import bodies_of

ROUNDS = {"pure": 20, "python-hessian": 4}
READ = {
    "pure": "import sys; sys.modules['rpc.hessian._quick'] = None; from rpc.hessian import decode_call as read",
    "python-hessian": "from pyhessian.parser import Parser; read = lambda body: Parser().parse_string(body)",
}


def instructions(codec: str, file: str, rounds: int) -> int:
    """Those of a whole process."""
    program = (
        f"{READ[codec]}\nfrom pathlib import Path\nfrom benchmarks.hessian.measure import bodies_of\n"
        f"for _ in range({rounds}):\n    for body in bodies_of(Path({file!r})):\n        read(body)\n"
    )
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])


def main() -> None:
    """Count and print."""
    for version in FORMS:
        file = BUILD / f"calls-{version}"
        calls = len(bodies_of(file))
        for codec, rounds in ROUNDS.items():
            subprocess.run([sys.executable, "-c", READ[codec]], check=True, cwd=ROOT)  # compiles what is imported
            more = instructions(codec, str(file), 2 * rounds) - instructions(codec, str(file), rounds)
            print(f"version {version}, {codec}: {more / (rounds * calls):,.0f} instructions a call", flush=True)


if __name__ == "__main__":
    main()
