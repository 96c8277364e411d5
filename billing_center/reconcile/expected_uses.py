"""What a use should have been charged: who pays, which parts are free, and what the rest of it costs.

The order in which a payer's uses reached a shared meter is the one thing taken from the charges (the reading
before); that these positions tile each meter without gap or overlap is compared apart, in `compare_meters`.
Design: billing rules, mode 4, mode 6, "Shapes of F".
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ZERO, ExpectedCharge, fitted, has_free, price_of
from billing_center.reconcile.expected_balances import balances, paid_by_credits
from billing_center.reconcile.known_then import price_for
from billing_center.reconcile.openings import opening_known
from billing_center.reconcile.plain_days import shared_out, time_per_band
from billing_center.reconcile.plain_fees import Fee, counted_as, fees_of
from billing_center.reconcile.plain_metered import BY_HISTORY, Seen, brought_by, multiplied
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.plain_units import base_units, kind_and_size, shown_in
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts
from billing_center.reconcile.standing import Standing, Standings
from billing_center.reconcile.whose_use import payer_and_order


def expected_of_use(
    facts: Facts, one: PayerFacts, use: Any, standing: Standing, standings: Standings
) -> list[ExpectedCharge]:
    """Every charge that should be left of the use, after every correction. Raises: NotKnown, LeftOut.

    What granted money pays of a corrected use is told by what was owed when it was last settled: not when uses
    before it have changed since.
    """
    if use.event_id in facts.withdrawn:
        return []
    charges = _Use(facts, one, use, standing, standings).charges()
    if not standing.corrected:
        return charges + paid_by_credits(one, charges, standing.charged(), standing.first_at)
    if not standings.is_settled(standing):
        return charges

    def held(name: MeterName) -> Decimal:
        return standings.held_before(name, standing)

    return charges + paid_by_credits(one, charges, {}, standing.place[0], held=held)


class _Use:
    """One use with the terms that held when it was rated.

    Its payer, order and currency are those that were known when it was first rated, its price that of the last
    time that it was rated anew, its free days and promotion those of the last correction.
    """

    def __init__(self, facts: Facts, one: PayerFacts, use: Any, standing: Standing, standings: Standings) -> None:
        self.facts, self.one, self.use, self.standing = facts, one, use, standing
        self.standings = standings
        self.charged = standing.charged()
        self.first_at, self.known_at = standing.first_at, standing.last_at
        self.granted_by = standing.place[0] if standing.corrected else self.first_at
        self.priced_at = standing.priced_at(one, use.product_id)
        payer_id, self.order = payer_and_order(facts, one, self.use, self.first_at)
        if payer_id != one.payer_id:
            raise NotKnown(f"its payer should be {payer_id or 'nobody yet'}")
        self.order_id: str = self.order.order_id if self.order is not None else NONE
        self.product = facts.catalog.product(use.product_id, self.known_at)

    def charges(self) -> list[ExpectedCharge]:
        """All of them, what is free first."""
        if self.use.amount is not None:
            quantity = self.use.quantity if self.use.quantity is not None else ZERO
            amount = self.use.amount
            return [self._charge("priced", self.product["currency"], NONE, NONE, quantity, amount, amount)]
        self._choose_prices()
        free_days = self.product["free_days"]
        if free_days and self._within(free_days, self._opened()):
            return [self._priced("allowance", self._shown(self.brought))]
        self._note_history()
        charges = self._free_by_product()
        charges += self._taken_from_balances()
        charges += self._free_by_promotion()
        for component, (price, quantity) in self.parts.items():
            if quantity or not charges:
                charges.append(self._metered(component, price, quantity))
        if any(part[1] for part in self.parts.values()):
            charges += [self._fee(fee) for fee in self.fees if fee.growth]
        return charges

    def _choose_prices(self) -> None:
        """Version, promotion, and the parts of the use: {component: [price, base units]}, in order of time."""
        use, facts = self.use, self.facts
        self.version = facts.catalog.version(use.product_id, "per_use", use.day, self.priced_at)
        self.promotion = None
        if self.order is not None:
            self.promotion = facts.catalog.promotion(self.order.promotion_id, self.known_at)
        document = self.version.document
        self.unit: str = document["unit"]
        kind = document.get("metered", "sum")
        base = base_units(use.quantity, use.unit, self.unit) if use.quantity is not None else None
        base = brought_by(use, base, kind, kind_and_size(self.unit)[1])
        if base is None:
            raise NotKnown(f"unit {use.unit!r} does not convert to {self.unit!r}")
        self.brought = base
        durations: dict[str | None, timedelta] = {None: timedelta(1)}
        if document["bands"]:
            durations = time_per_band(
                use.started_at, use.ended_at, document["bands"], facts.zone, facts.catalog.calendars
            )
        begins_under = self._price_in(next(iter(durations)))
        self.base = counted_as(begins_under["params"], base, self.unit)
        self.fees = fees_of(begins_under, self.base, self.unit)
        self.base = multiplied(self.base, facts.factors, document.get("factor", ""), use.started_at)
        if kind in BY_HISTORY:
            self.brought, self.base = self.base, self._grown()
        shares = shared_out(self.base, list(durations.values()))
        self.parts: dict[str, list[Any]] = {}
        for band, share in zip(durations, shares, strict=True):
            price = self._price_in(band)
            self.parts.setdefault(price["component"], [price, ZERO])[1] += share
            self.currency: str = price["currency"]

    def _grown(self) -> Decimal:
        """How far the use let the reading grow: the uses before it decide that, so its charges are believed."""
        rows = self.charged.values()
        return sum((row.reading_after - row.reading_before for row in rows if not _is_money(self.one, row)), ZERO)

    def _note_history(self) -> None:
        """What is read of all uses of a period together, when all of them are known."""
        kind = self.version.document.get("metered", "sum")
        if kind in BY_HISTORY:
            name = self._meter_of_price(next(iter(self.parts)))
            seen = self.standings.seen.setdefault(name, Seen(kind))
            seen.brought.append((self.use.started_at, self.brought, self.use.user_id))
            seen.grown += self.base

    def _price_in(self, band: str | None) -> Any:
        features = self.order.features if self.order is not None else ""
        preferred = self.one.terms.currency(self.first_at)
        return price_for(self.version, preferred, self.product["currency"], features, band)

    def _free_by_product(self) -> list[ExpectedCharge]:
        limit = Decimal(self.product["free_uses"]) * kind_and_size(self.unit)[1]
        return self._free("allowance", (self.use.product_id, NONE, "ever", NONE, "allowance"), limit)

    def _taken_from_balances(self) -> list[ExpectedCharge]:
        """Units that the period includes, then units that were granted."""
        since = None
        if self.version.document.get("included"):
            if self.version.document["meter_per"] == "order":
                since = self.order.start_day if self.order is not None else None
            else:
                since = opening_known(self.facts, self.one, self.use.product_id, self.known_at)
        elif not self.one.grants:
            return []
        if self.version.document.get("metered") == "latest":
            return []
        found: list[ExpectedCharge] = []
        for balance in balances(
            self.one, self.version, product_id=self.use.product_id, day=self.use.day, at=self.granted_by,
            order=self.order, since=since,
        ):  # fmt: skip
            found += self._free(balance.component, balance.meter, balance.limit)
        return found

    def _free_by_promotion(self) -> list[ExpectedCharge]:
        if self.promotion is None:
            return []
        left = sum((part[1] for part in self.parts.values()), ZERO)
        free_days = self.promotion["free_days"]
        if free_days and left and self._within(free_days, self.order.start_day):
            charge = self._priced("promotion", self._shown(left))
            self._list(charge, {component: part[1] for component, part in self.parts.items()})
            self._list_fees(charge, self.fees)
            for part in self.parts.values():
                part[1] = ZERO
            return [charge]
        limit = Decimal(self.promotion["free_uses"]) * kind_and_size(self.unit)[1]
        before = {component: part[1] for component, part in self.parts.items()}
        charges = self._free("promotion", (self.use.product_id, self.order_id, "ever", NONE, "promotion"), limit)
        for charge in charges:
            self._list(charge, {name: quantity - self.parts[name][1] for name, quantity in before.items()})
            if not any(part[1] for part in self.parts.values()):
                self._list_fees(charge, self.fees)
        return charges

    def _list(self, charge: ExpectedCharge, quantities: Mapping[str, Decimal]) -> None:
        """Put quantities on the meters that the list amount grows on; which of them came first is not kept."""
        size = kind_and_size(self.unit)[1]
        charge.list_amount = None
        for component, quantity in quantities.items():
            if quantity:
                *name, apart = self._meter_of_price(component)
                full = price_of(self.parts[component][0]["params"], size=size, currency=self.currency)
                charge.listed_on.append(
                    ((name[0], name[1], name[2], name[3], fitted(f"{apart}:list")), quantity, full)
                )

    def _free(self, component: str, name: MeterName, limit: Decimal) -> list[ExpectedCharge]:
        """Take what is left of a number of free units from the earlier parts first."""
        if limit <= 0:
            return []
        row = self.charged.get(component)
        if self.standing.corrected:
            taken = self.standings.held_before(name, self.standing)
        elif row is not None:
            taken = row.reading_before
        else:  # nothing was taken: nothing may have been left
            taken = self.one.most_read(name, self.known_at)
        asked = sum((part[1] for part in self.parts.values()), ZERO)
        free = max(ZERO, min(asked, limit - taken))
        if not free:
            return []
        self._take(free)
        charge = self._priced(component, shown_in(taken + free, self.unit) - shown_in(taken, self.unit))
        charge.meter, charge.growth = name, free
        return [charge]

    def _take(self, units: Decimal) -> None:
        """Take free units out of the parts, earlier ones first."""
        for part in self.parts.values():
            from_part = min(units, part[1])
            part[1] -= from_part
            units -= from_part

    def _metered(self, component: str, price: Any, quantity: Decimal) -> ExpectedCharge:
        """What the rest of a part costs, from the position at which it reached its meter."""
        size = kind_and_size(self.unit)[1]
        name = self._meter_of_price(component)
        row = self.charged.get(component)
        before = self._before(name, row)
        after = before + quantity
        cost = price_of(price["params"], size=size, promotion=self.promotion, currency=self.currency)
        full = price_of(price["params"], size=size, currency=self.currency)
        charge = self._priced(component, shown_in(after, self.unit) - shown_in(before, self.unit))
        charge.amount = cost(after) - cost(before)
        charge.list_amount = charge.amount if self.promotion is None else full(after) - full(before)
        if has_free(self.promotion):
            self._list(charge, {component: quantity})
        charge.meter, charge.growth = name, quantity
        return charge

    def _before(self, name: MeterName, row: Any) -> Decimal:
        """From where the use stands on its meter: what its charge says, or all that came before it."""
        if self.standing.corrected:
            return self.standings.held_before(name, self.standing)
        return Decimal(row.reading_before) if row is not None else self.one.meters.get(name, ZERO)

    def _meter_of_price(self, component: str) -> MeterName:
        version = self.version
        apart = component if self.promotion is None else f"{component}+{self.order.promotion_id}"
        order_id = self.order_id if version.document["meter_per"] == "order" else NONE
        scope = self.one.terms.billing_days.period(self.use.day)[0].isoformat()
        return self.use.product_id, order_id, scope, version.version_id, fitted(apart)

    def _fee(self, fee: Fee) -> ExpectedCharge:
        """What is asked of the use beside its quantity, on a meter of its own; only a percentage is taken off."""
        row = self.charged.get(fee.component)
        name = self._meter_of_price(fee.component)
        before = self._before(name, row)
        after = before + fee.growth
        off = Fraction(self.promotion["percent_off"]) if self.promotion is not None else Fraction(0)
        charge = self._priced(fee.component, ZERO)
        charge.amount = fee.price(after, off) - fee.price(before, off)
        charge.list_amount = fee.price(after) - fee.price(before)
        if has_free(self.promotion):
            self._list_fees(charge, [fee])
        charge.meter, charge.growth = name, fee.growth
        return charge

    def _list_fees(self, charge: ExpectedCharge, fees: Sequence[Fee]) -> None:
        charge.list_amount = None
        for fee in fees:
            *name, apart = self._meter_of_price(fee.component)
            if fee.growth:
                listed = (name[0], name[1], name[2], name[3], fitted(f"{apart}:list"))
                charge.listed_on.append((listed, fee.growth, fee.price))

    def _opened(self) -> Any:
        opened = opening_known(self.facts, self.one, self.use.product_id, self.known_at)
        if opened is None:
            raise NotKnown("the first opening is not known, which free days begin with")
        return opened

    def _within(self, days: int, first: Any) -> bool:
        return bool(first <= self.use.day < first + timedelta(days=days))

    def _shown(self, base: Decimal) -> Decimal:
        return shown_in(base, self.unit)

    def _priced(self, component: str, quantity: Decimal) -> ExpectedCharge:
        promotion_id = self.order.promotion_id if self.promotion is not None else NONE
        return self._charge(component, self.currency, self.version.version_id, promotion_id, quantity)

    def _charge(
        self,
        component: str,
        currency: str,
        version_id: str,
        promotion_id: str,
        quantity: Decimal,
        amount: Decimal = ZERO,
        listed: Decimal = ZERO,
    ) -> ExpectedCharge:
        use = self.use
        return ExpectedCharge(
            use.day, "use", use.event_id, component, self.order_id, use.product_id, use.user_id, currency,
            version_id, promotion_id, quantity, amount, listed,
        )  # fmt: skip


def _is_money(one: PayerFacts, row: Any) -> bool:
    grant_id = str(row.component).removeprefix("grant:")
    return any(grant.grant_id == grant_id and grant.kind == "MONEY" for grant in one.grants)
