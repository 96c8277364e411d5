"""Meters beside what their facts add up to, and list amounts that only have a total.

The order in which facts reached a meter is believed elsewhere; here it is shown that these positions tile it.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from billing_center.reconcile.difference import NOTHING, Difference, Rule, compare_fields, told
from billing_center.reconcile.expected import ZERO, meter_of, meter_text
from billing_center.reconcile.fact_text import charge_name
from billing_center.reconcile.raw_facts import MeterName, PayerFacts
from billing_center.reconcile.recomputed import ListKey, Recomputed


def compare_meters(one: PayerFacts, out: Recomputed) -> list[Difference]:
    """Each meter reads what its facts add up to, and its charges tile it from nothing to that reading.

    No charge keeps a reading of the meters of list amounts: of those the whole list amount is compared.
    """
    found = _compare_listed(one, out)
    if not one.rest and one.meters == out.meters and out.tiled.issuperset(one.meters):
        return found
    rows: dict[MeterName, list[Any]] = defaultdict(list)
    for row in one.rest:
        name = meter_of(row)
        if name is not None:
            rows[name].append(row)
    for name in sorted({*one.meters, *out.meters}):
        if _is_unlisted(name, out):
            continue
        if name in out.tiled and (rows.get(name) or one.meters.get(name) != out.meters[name]):
            rows[name] = [row for row in one.charges if meter_of(row) == name]
        expected, reading = out.meters.get(name, ZERO), one.meters.get(name)
        subject = f"meter {meter_text(name)}"
        if reading is None or reading != expected:
            text = NOTHING if reading is None else told(reading)
            detail = f"{len(rows[name])} charges grow it"
            found.append(Difference(one.payer_id, Rule.METER, subject, told(expected), text, detail))
        elif (
            name not in out.doubted_meters
            and not name[4].endswith((":list", "paid-until"))
            and name not in out.untold
            and (name not in out.tiled or name in rows)
        ):
            found += _tiling(one, subject, reading, rows[name])
    return found


def _compare_listed(one: PayerFacts, out: Recomputed) -> list[Difference]:
    """List amounts of uses of which a promotion gives some for nothing, all of one promotion together."""
    expected: dict[ListKey, Decimal] = defaultdict(Decimal)
    for name, (together, price) in out.list_prices.items():
        expected[together] += price(out.meters[name])
    found: list[Difference] = []
    for together in sorted(out.listed.keys() | expected.keys()):
        product_id, currency, promotion_id = together
        if (product_id, promotion_id) in out.unlisted:
            continue
        subject = f"list amounts of product {product_id}, promotion {promotion_id}, {currency}"
        wanted, stands = {"list_amount": expected[together]}, {"list_amount": out.listed[together]}
        found += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands)
    return found


def _is_unlisted(name: MeterName, out: Recomputed) -> bool:
    """Whether a meter of list amounts has also counted facts that are left out."""
    component = name[4].removesuffix(":list")
    return component != name[4] and any(
        name[0] == product_id and component.endswith(f"+{promotion_id}")
        for product_id, promotion_id in out.unlisted
    )


def _tiling(one: PayerFacts, subject: str, reading: Decimal, rows: list[Any]) -> list[Difference]:
    """The first place where the charges of a meter leave a gap or overlap.

    On the way from nothing to its reading, forth and, by corrections, back, a meter leaves every place as often
    as it comes there.
    """
    left: dict[Decimal, int] = defaultdict(int)
    left[ZERO] -= 1
    left[reading] += 1
    for row in rows:
        left[row.reading_before] += 1
        left[row.reading_after] -= 1
    torn = sorted(place for place, count in left.items() if count)
    if not torn:
        return []
    begins = [charge_name(row) for row in rows if row.reading_before == torn[0]]
    expected = f"as many charges begin at {told(torn[0])} as end there"
    found = "; ".join(begins[:5]) or NOTHING
    return [Difference(one.payer_id, Rule.METER, subject, expected, f"beginning there: {found}")]
