"""A scratch table that toy chunks write to: one row per subject done, so that a doubled one is an error."""

from collections.abc import Callable

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from billing_center.center import Center, UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.work_task import Chunk, ChunkDone, NextSubject, Portion

SUBJECTS = tuple(f"P{n:03d}" for n in range(100))
done = Table("scratch_done", MetaData(), Column("subject", String(20), primary_key=True), Column("task", Integer))


def shard(subject: str) -> int:
    """Spread over the shards: P000 in 0, P001 in 2, ..., P099 in 198."""
    return int(subject[1:]) * 2


class Scratch:
    """Toy work over the scratch table; a subject in `poison` raises."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.poison: set[str] = set()
        self.before_mark: Callable[[], None] = lambda: None
        self.sizes: list[int] = []

    def left(self, portion: Portion) -> list[str]:
        """The subjects of the portion's shards after its position."""
        return [
            s for s in SUBJECTS if portion.first_shard <= shard(s) <= portion.last_shard and s > portion.position
        ]

    @property
    def chunk(self) -> Chunk:
        """Writes one row per subject."""

        def act(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
            todo = self.left(portion)[: portion.limit]
            for subject in todo:
                work.connection.execute(insert(done).values(subject=subject, task=portion.first_shard))
                if subject in self.poison:
                    raise ZeroDivisionError(subject)
            self.before_mark()
            self.sizes.append(len(todo))
            return ChunkDone(len(todo), todo[-1] if len(todo) == portion.limit else None)

        return act

    @property
    def next_subject(self) -> NextSubject:
        """Names the next subject."""

        def act(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
            return next(iter(self.left(portion)), None)

        return act

    def written(self) -> list[str]:
        """The subjects done."""
        with self.center.reading() as work:
            return list(work.connection.execute(select(done.c.subject).order_by(done.c.subject)).scalars())
