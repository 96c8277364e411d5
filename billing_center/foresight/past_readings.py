"""Where meters stood when a past fact was rated; what a simulation rates on.

A period's own meters begin at 0. A year's begin where they stood when the period began. Those that last for ever
begin at what other facts had taken by the time the period's last one was rated, so a late fact of another period
keeps what it took. How far days are paid in advance no charge tells as a growth: it is read from the days that
were charged.
Where it stands in the walk: `simulate` gives it to rating in memory.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from billing_center.bulk import among
from billing_center.center import UnitOfWork
from billing_center.charge.store import load_meters
from billing_center.history.whole import charge
from billing_center.ids import NONE
from billing_center.period import Period
from billing_center.rating.allowance import EVER
from billing_center.rating.facts import Cause, MeterKey, Meters
from billing_center.rating.rate_day import PAID

_ZERO = Decimal(0)
_C = charge.c
_NAME = (_C.payer_id, _C.product_id, _C.meter_order_id, _C.meter_scope, _C.version_id, _C.meter_component)
_GROWTH = _C.reading_after - _C.reading_before


class PastReadings:
    """Meters of the replay of some payers' period [start, end)."""

    def __init__(self, work: UnitOfWork, payers: Sequence[str], window: Period, last: datetime) -> None:
        """`last` is when the last of the replayed facts was rated."""
        self._work, self._payers, self._window = work, payers, window
        self._meters = Meters()
        inside = and_(_C.day >= window.start, _C.day < window.end)
        ever = and_(among(work.connection, _C.payer_id, payers), _C.meter_scope == EVER)
        self._since = _added(work.connection.execute(_sums().where(ever, or_(inside, _C.rated_at > last))))

    def load(self, keys: Iterable[MeterKey]) -> Meters:
        """The same meters every time, with those that are asked for first."""
        new = {key for key in keys if key not in self._meters.readings}
        fresh = self._window.start.isoformat()
        lasting = {key for key in new if key.scope not in (fresh, EVER)}
        stood = self._stood({key for key in new if key.scope == EVER}, self._since)
        if lasting:
            stood |= self._stood(lasting, self._grown_since(lasting)) | self._paid(lasting)
        for key in new:
            self._meters.readings[key] = stood.get(key, _ZERO)
        return self._meters

    def _stood(self, keys: Collection[MeterKey], since: Mapping[MeterKey, Decimal]) -> dict[MeterKey, Decimal]:
        if not keys:
            return {}
        now = load_meters(self._work.connection, keys).readings
        return {key: now[key] - since.get(key, _ZERO) for key in keys}

    def _grown_since(self, keys: Collection[MeterKey]) -> dict[MeterKey, Decimal]:
        """The growth of meters of a year since the period began."""
        connection, scopes = self._work.connection, sorted({key.scope for key in keys})
        chosen = and_(among(connection, _C.payer_id, self._payers), among(connection, _C.meter_scope, scopes))
        return _added(connection.execute(_sums().where(chosen, _C.day >= self._window.start)))

    def _paid(self, keys: Collection[MeterKey]) -> dict[MeterKey, Decimal]:
        """How many days of each year were paid in advance when the period began."""
        wanted = {(key.order_id, key.scope): key for key in keys if key.component == PAID}
        if not wanted:
            return {}
        connection, found = self._work.connection, dict.fromkeys(wanted.values(), _ZERO)
        statement = select(_C.cause_id, _C.meter_scope, _C.day, _C.quantity).where(
            among(connection, _C.payer_id, self._payers),
            among(connection, _C.meter_scope, sorted({scope for _, scope in wanted})),
            _C.day < self._window.start, _C.cause == Cause.DAY.value, _C.quantity > _ZERO,
        )  # fmt: skip
        for order_id, scope, day, days in connection.execute(statement):
            if (key := wanted.get((order_id, scope))) is not None:
                found[key] = max(found[key], (day - date.fromisoformat(scope)).days + days)
        return found


def _sums() -> Select[Any]:
    return select(*_NAME, func.sum(_C.reading_after) - func.sum(_C.reading_before)).group_by(*_NAME)


def _names(row: Sequence[Any]) -> tuple[MeterKey, ...]:
    """The meters that a charge may mean: some outlive their version, some are of any product."""
    payer_id, product_id, order_id, scope, version_id, component = row[:6]
    return tuple(
        MeterKey(payer_id, product, order_id, scope, version, component)
        for product in dict.fromkeys((product_id, NONE))
        for version in dict.fromkeys((version_id, NONE))
    )


def _added(rows: Iterable[Sequence[Any]]) -> dict[MeterKey, Decimal]:
    found: dict[MeterKey, Decimal] = {}
    for row in rows:
        for key in _names(row):
            found[key] = found.get(key, _ZERO) + row[6]
    return found
