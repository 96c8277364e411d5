"""What so many subscribers need, worked out from the measured costs: cores, disk, partitions.

The company is the one that `Habits` tells. A cost is CPU of the program and of PostgreSQL together, as measured on
the machine of the report; what was not measured makes what needs it unknown, and never nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from benchmarks.figures import Row
from billing_center.settings import Settings

HOUR_S, DAY_S, MONTH = 3600, 86_400, 30
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Habits:
    """What a subscriber does, and what the house asks of itself. A subscriber is a payer."""

    orders: float = 2  # rated daily
    uses: float = 10  # a day
    peak: float = 4  # the busiest minute over the mean of the day
    night_h: float = 4  # for rating the day
    month_end_h: float = 8  # for closing, invoicing, deducting and reconciling
    lines: int = 10  # of an invoice
    busy: float = 0.6  # of a core that may be planned with
    partition_rows: int = 50_000_000  # as docs/history.md has it
    identities_d: int = Settings().identity_kept_days  # for which a use's identity is kept


HABITS = Habits()
SIZES = (1_000_000, 10_000_000, 100_000_000)


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU an item, and bytes a row; None where it was not measured."""

    call: float | None
    rated_use: float | None
    order_day: float | None
    rolled_charge: float | None
    invoice: float | None
    deduction: float | None
    reconciled: float | None
    bytes_each: dict[str, float]
    use_log: float | None
    """Bytes of the database's log for a use, recorded and rated."""


def costs(rows: Sequence[Row]) -> Costs:
    """The costs in the largest run of each kind on PostgreSQL."""

    def cpu(benchmark: str, *starts: str) -> float | None:
        fitting = [
            r for r in rows
            if r.benchmark == benchmark and r.what.startswith(starts) and r.case.startswith("postgresql")
            and r.own_cpu_us is not None and r.items
        ]  # fmt: skip
        if not fitting:
            return None
        most = max(r.items or 0 for r in fitting)
        return max((r.own_cpu_us or 0) + (r.database_cpu_us or 0) for r in fitting if r.items == most)

    return Costs(
        call=_call(rows),
        rated_use=cpu("usage", "uses rated"),
        order_day=cpu("cycle", "rate a day"),
        rolled_charge=cpu("cycle", "roll up"),
        invoice=cpu("cycle", "close and issue"),
        deduction=cpu("cycle", "send deductions"),
        reconciled=cpu("month", "reconcile_invoices"),
        bytes_each={r.what: r.bytes_each for r in rows if r.benchmark == "disk" and r.bytes_each},
        use_log=_use_log(rows),
    )


def _use_log(rows: Sequence[Row]) -> float | None:
    """Of the largest run: recorded one by one a use adds no less than in the batches that are measured."""
    found = []
    for start in ("uses recorded", "uses rated"):
        fitting = [r for r in rows if r.benchmark == "usage" and r.what.startswith(start) and r.log_bytes]
        if not fitting:
            return None
        found.append(max(fitting, key=lambda r: r.items or 0).log_bytes or 0)
    return sum(found)


def _call(rows: Sequence[Row]) -> float | None:
    """A durable insertServiceOp: both cores of the machine over the calls a second, load and database included."""
    rates = [
        r.rate for r in rows if r.what == "insertServiceOp" and r.case.startswith("ours, PostgreSQL") and r.rate
    ]
    return 2e6 / max(rates) if rates else None


def needs(rows: Sequence[Row], subscribers: int, habits: Habits = HABITS) -> list[tuple[str, str]]:
    """What is needed, named."""
    cost = costs(rows)
    uses, orders = subscribers * habits.uses, subscribers * habits.orders
    charges = uses + orders

    def cores(window_s: float, *parts: tuple[float, float | None], peak: float = 1) -> str:
        if any(each is None for _, each in parts):
            return "?"
        spent = sum(items * (each or 0) for items, each in parts) / 1e6
        return f"{spent * peak / window_s / habits.busy:,.1f}"

    size = cost.bytes_each
    of_use = _sum(size, "usage_event", "usage_identity", "charge")
    of_order_day = size.get("charge")
    rolled = size.get("usage_rollup")
    known = of_use is not None and of_order_day is not None and rolled is not None
    month_gib = (
        MONTH * (uses * (of_use or 0) + orders * (of_order_day or 0) + orders * (rolled or 0)) / GIB
        if known
        else None
    )
    of_invoice = _sum(size, "invoice", "invoice_total", "outbox_message", "outbox_try")
    line = size.get("invoice_line")
    billed = None if of_invoice is None or line is None else subscribers * (of_invoice + habits.lines * line) / GIB
    return [
        ("uses a day; in the busiest second", f"{uses:,.0f}; {uses / DAY_S * habits.peak:,.0f}"),
        ("cores: calls and their commits, busiest minute", cores(DAY_S, (uses, cost.call), peak=habits.peak)),
        ("cores: uses rated as they come, busiest minute", cores(DAY_S, (uses, cost.rated_use), peak=habits.peak)),
        (
            f"cores: a day's orders and roll-ups in {habits.night_h:g} h",
            cores(habits.night_h * HOUR_S, (orders, cost.order_day), (charges, cost.rolled_charge)),
        ),
        (
            f"cores: invoices, deductions, reconciliation in {habits.month_end_h:g} h",
            cores(
                habits.month_end_h * HOUR_S, (subscribers, cost.invoice), (subscribers, cost.deduction),
                (subscribers, cost.reconciled),
            ),
        ),
        ("rows of `charge` a month", f"{charges * MONTH:,.0f}"),
        ("hash parts of a month of `charge`", f"{_power_of_two(charges * MONTH / habits.partition_rows)}"),
        ("disk a month, facts and charges, GiB", "?" if month_gib is None else f"{month_gib:,.0f}"),
        ("disk a month, invoices, GiB", "?" if billed is None else f"{billed:,.0f}"),
        (
            f"disk, identities of {habits.identities_d} days, GiB",
            _told(size.get("usage_identity"), uses * habits.identities_d / GIB),
        ),
        (
            "log to each standby, busiest minute, MB/s",
            _told(cost.use_log, uses / DAY_S * habits.peak / 1e6, decimals=1),
        ),
    ]  # fmt: skip


def _told(each: float | None, items: float, decimals: int = 0) -> str:
    return "?" if each is None else f"{each * items:,.{decimals}f}"


def _sum(sizes: dict[str, float], *names: str) -> float | None:
    return sum(sizes[name] for name in names) if all(name in sizes for name in names) else None


def _power_of_two(parts: float) -> int:
    """Parts divide the 256 shards."""
    found = 1
    while found < min(256, ceil(parts)):
        found *= 2
    return found


def cost_table(rows: Sequence[Row]) -> Iterable[list[str]]:
    """A line for each measured cost."""
    cost = costs(rows)
    told = [
        ("a durable `insertServiceOp`, one a call, with the caller's load", cost.call),
        ("a use rated and booked", cost.rated_use),
        ("a day of an order", cost.order_day),
        ("a charge rolled up", cost.rolled_charge),
        ("an invoice of ten lines", cost.invoice),
        ("a deduction sent and answered", cost.deduction),
        ("an invoice reconciled", cost.reconciled),
    ]
    for name, each in told:
        yield [name, "?" if each is None else f"{each:,.0f}"]


def table(rows: Sequence[Row]) -> Iterable[list[str]]:
    """A line for each need, a column for each size."""
    columns = [dict(needs(rows, subscribers)) for subscribers in SIZES]
    for name in columns[0]:
        yield [name, *(column[name] for column in columns)]
