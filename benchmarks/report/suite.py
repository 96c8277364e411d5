"""What a report measures: the benchmarks in order, each with its arguments for a size of run."""

import os
from dataclasses import dataclass
from enum import StrEnum

BROKER = os.environ.get("BENCH_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")


class Size(StrEnum):
    """How much is measured."""

    GLANCE = "glance"
    """A few minutes: whether everything runs; its figures say little."""
    USUAL = "usual"
    """Some twenty minutes."""
    MILLION = "million"
    """The usual ones, and the runs of a million orders, five million uses and a million invoices: 40 minutes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark with its arguments; FILE, POSTGRES and BROKER stand where those go."""

    name: str
    module: str
    words: str

    def command(self, file: str, postgres: str) -> list[str]:
        """What follows `python -m`; `postgres` is the URL of the server."""
        words = self.words.replace("POSTGRES", postgres).replace("BROKER", BROKER).replace("FILE", file)
        return [self.module, *words.split()]


def parts(size: Size) -> list[Part]:
    """The parts of a run."""
    if size is Size.GLANCE:
        return _parts(seconds="0.3", payers="200,1000", workers_payers="1000", uses="20000", days_uses="2000")
    usual = _parts(seconds="3", payers="1000,10000", workers_payers="10000", uses="500000", days_uses="100000")
    return usual if size is Size.USUAL else [*usual, *_MILLION]


def _parts(*, seconds: str, payers: str, workers_payers: str, uses: str, days_uses: str) -> list[Part]:
    cycle, most = "benchmarks.cycle.compare", payers.rpartition(",")[2]
    steps = "--steps rate,again,roll,issue,send,control --send 20000 --json FILE"
    return [
        Part("codec", "benchmarks.hessian.compare", f"{seconds} FILE"),
        Part("door", "benchmarks.door.compare", f"--seconds {seconds} --json FILE"),
        Part("bare commits", "benchmarks.door.bare", f"--seconds {seconds} --json FILE"),
        Part("cycle", cycle, f"--payers {payers} --postgres POSTGRES --limits {steps}"),
        Part("cycle, two workers", cycle, f"--payers {workers_payers} --workers 2 --postgres POSTGRES {steps}"),
        Part(
            "cycle, two workers behind RabbitMQ", cycle,
            f"--payers {workers_payers} --workers 2 --broker BROKER --postgres POSTGRES "
            "--steps rate,again,roll,issue --json FILE",
        ),
        Part("cycle, SQLite", cycle, f"--payers {most} --sqlite --limits {steps}"),
        Part("uses", "benchmarks.usage", f"--uses {uses} --payers {most} --server POSTGRES --json FILE"),
        Part(
            "month", "benchmarks.cycle.month",
            f"--payers {most} --uses {days_uses} --workers 2 --server POSTGRES --json FILE",
        ),
        Part("reconcile", "benchmarks.reconcile.invoices", f"--payers {most} --json FILE"),
        Part("preview", "benchmarks.foresight.preview", "--json FILE"),
    ]  # fmt: skip


_MILLION = [
    Part(
        "a million orders", "benchmarks.cycle.compare",
        "--payers 100000 --orders 10 --lines 0 --workers 2 --postgres POSTGRES --limits "
        "--steps rate,again,roll --json FILE",
    ),
    Part(
        "a million invoices", "benchmarks.cycle.compare",
        "--payers 1000000 --orders 1 --lines 10 --workers 2 --postgres POSTGRES --limits "
        "--steps issue,send,control --send 50000 --json FILE",
    ),
    Part(
        "larger month", "benchmarks.cycle.month",
        "--payers 40000 --uses 400000 --workers 2 --server POSTGRES --json FILE",
    ),
    Part(
        "five million uses", "benchmarks.usage",
        "--payers 100000 --uses 5000000 --workers 2 --latency 0 --server POSTGRES --json FILE",
    ),
]  # fmt: skip
