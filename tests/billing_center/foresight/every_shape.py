"""A catalog with every price shape, and March of a payer that uses all of them, worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal as D

from billing_center.catalog.factors import SetFactor, set_factor
from tests.scenarios.story import Story

CATALOG = """
products:
  - {id: grad, name: g, currency: CNY, unit: count, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: graduated, tiers: [{up_to: 10, price: 0.10, flat: 1.00}, {price: 0.05}]}]}]}}
  - {id: vol, name: v, currency: CNY, unit: count, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: volume, tiers: [{up_to: 10, price: 0.20}, {price: 0.10}]}]}]}}
  - {id: pack, name: p, currency: CNY, unit: count, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: package, price: 1.00, size: 10, free: 5}]}]}}
  - {id: stair, name: s, currency: CNY, unit: count, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: stairstep, tiers: [{up_to: 10, price: 5.00}, {price: 9.00}]}]}]}}
  - {id: cap, name: c, currency: CNY, unit: count, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, price: 1.00, minimum: 5.00, cap: 8.00}]}]}}
  - {id: pct, name: p, currency: CNY, unit: yuan, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: percentage, percent: 2, event_fee: 0.30, free_events: 1}]}]}}
  - {id: gpct, name: g, currency: CNY, unit: yuan, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: graduated_percentage, tiers: [{up_to: 1000, percent: 2}, {percent: 1}]}]}]}}
  - {id: pay, name: p, currency: CNY, unit: yuan, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, model: percentage, percent: 1, event_min: 1.00, event_max: 5.00}]}]}}
  - {id: phone, name: p, currency: CNY, unit: minute, plans: {per_use: [{valid_from: 2020-01-01, prices: [
      {currency: CNY, price: 0.30, event_fee: 0.10, increments: {first: 60 s, then: 6 s}}]}]}}
  - id: line
    name: 专线
    currency: CNY
    unit: hour
    free: {uses: 1}
    plans:
      per_use:
        - valid_from: 2020-01-01
          bands:
            - {name: night, start: 22:00, end: 08:00}
            - {name: holiday, start: 00:00, end: 24:00, calendar: cn}
          prices:
            - {currency: CNY, price: 3.00}
            - {currency: CNY, price: 2.00, band: night}
            - {currency: CNY, price: 1.00, band: holiday}
  - {id: demand, name: d, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, factor: demand, price: {CNY: 0.30}}]}}
  - {id: disk, name: d, currency: CNY, unit: GB,
     plans: {per_use: [{valid_from: 2020-01-01, metered: max, price: {CNY: 2.00}}]}}
  - {id: seat, name: s, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, metered: unique, price: {CNY: 10.00}}]}}
  - {id: gauge, name: g, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, metered: latest, price: {CNY: 1.00}}]}}
  - {id: vm, name: v, currency: CNY, unit: GB,
     plans: {per_use: [{valid_from: 2020-01-01, metered: time, price: {CNY: 0.10}}]}}
  - {id: hits, name: h, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, metered: count, price: {CNY: 0.50}}]}}
  - {id: incl, name: i, currency: CNY, unit: count, packages: [{id: p5, units: 5, price: {CNY: 4.00}}],
     plans: {per_use: [{valid_from: 2020-01-01, included: {units: 10, carry_over: 1}, price: {CNY: 1.00}}]}}
  - {id: trial, name: t, currency: CNY, unit: count, free: {uses: 3},
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.10}}]}}
  - {id: week, name: w, currency: CNY, unit: count, free: {days: 7},
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]}}
  - {id: watch, name: w, currency: CNY, unit: count, filters: [{name: probe, users: [probe]}],
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]}}
  - {id: api, name: a, currency: CNY, unit: count, plans: {per_use: [
      {valid_from: 2020-01-01, meter_per: order, commitment: {CNY: 31.00}, prices: [
        {currency: CNY, price: 1.00}, {currency: CNY, price: 2.00, when: {cpu: 8}}]}]}}
  - {id: box, name: b, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 2.00, USD: 0.30}}]}}
  - {id: desk, name: d, currency: CNY, plans: {account_day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]}}
  - {id: crm, name: c, currency: CNY,
     plans: {month: [{valid_from: 2020-01-01, in_advance: true, price: {CNY: 310.00}}]}}
  - {id: m30, name: m, currency: CNY,
     plans: {month: [{valid_from: 2020-01-01, proration: months_of_30, price: {CNY: 300.00}}]}}
  - {id: m30a, name: m, currency: CNY, plans: {month: [
      {valid_from: 2020-01-01, in_advance: true, proration: months_of_30, price: {CNY: 300.00}}]}}
  - {id: year, name: y, currency: CNY, plans: {year: [{valid_from: 2020-01-01, price: {CNY: 365.00}}]}}
  - {id: yeara, name: y, currency: CNY,
     plans: {year: [{valid_from: 2020-01-01, in_advance: true, price: {CNY: 365.00}}]}}
calendars: [{id: cn, days: [2026-03-03, 2026-03-10]}]
promotions:
  - {id: tenth, name: t, percent_off: 10}
  - {id: minus20, name: m, amount_off: {CNY: 20.00}}
  - {id: ten-days, name: d, free_days: 10}
  - {id: ten-uses, name: u, free_uses: 10}
exchange_rates: [{currency: USD, valid_from: 2020-01-01, rate: 7.00}]
"""

USES = {
    "grad": D("2.25"),  # 15: flat 1.00, 10 x 0.10, 5 x 0.05
    "vol": D("1.50"),  # 15 x 0.10
    "pack": D("1.00"),  # 15, 5 of them free: one package of 10
    "stair": D("9.00"),
    "cap": D("8.00"),  # 3 cost the minimum, 15 the cap
    "pct": D("30.30"),  # 2 % of 1500, the second payment's fee
    "gpct": D("25.00"),  # 2 % of 1000, 1 % of 500
    "pay": D("6.00"),  # 1 % of 50 is raised to 1.00, of 1000 lowered to 5.00
    "phone": D("0.83"),  # 30 s count as 60: 0.30; 61 s as 66: 0.33; two fees
    "line": D("9.00"),  # 20 to 22 h: 1 h free, 3.00; two hours of night: 4.00; a holiday's two: 2.00
    "demand": D("7.50"),  # 10 x 0.30, then 15 x 0.30
    "disk": D("14.00"),  # at most 7
    "seat": D("20.00"),  # two users
    "gauge": D("4.00"),  # 4 at last
    "vm": D("2.40"),  # 8 GB for 3 hours
    "hits": D("1.50"),  # three uses
    "week": D("1.00"),  # free from the 3rd to the 9th
    "watch": D("1.00"),  # the probe is filtered
}
"""What the uses of `use_everything` come to, each product by itself."""


def use_everything(story: Story, payer: str) -> None:
    """Uses of 2 to 10 March; the clock stands on the 11th or later, and a factor is recorded."""
    numbers = iter(range(1000))

    def use(product: str, quantity: str, at: str, *, user: str = "ann", unit: str = "", minutes: int = 0) -> None:
        story.use(
            product, quantity, user=user, payer=payer, at=f"2026-03-{at}", unit=unit, minutes=minutes,
            guid=f"{payer}-{next(numbers)}",
        )  # fmt: skip

    for product in ("grad", "vol", "pack", "stair", "cap"):
        use(product, "3" if product == "cap" else "8", "03 09:00")
        use(product, "12" if product == "cap" else "7", "05 09:00")
    for product in ("pct", "gpct"):
        use(product, "1000", "03 09:00")
        use(product, "500", "05 09:00")
    use("pay", "50", "03 09:00")
    use("pay", "1000", "05 09:00")
    use("phone", "30", "03 09:00", unit="s")
    use("phone", "61", "05 09:00", unit="s")
    use("line", "4", "02 20:00", minutes=240)
    use("line", "2", "10 10:00", minutes=120)
    use("demand", "10", "03 09:00")
    use("demand", "10", "10 09:00")
    for quantity, at in (("5", "03"), ("2", "05"), ("7", "09")):
        use("disk", quantity, f"{at} 09:00")
    for user in ("ann", "bob", "ann"):
        use("seat", "1", "03 09:00", user=user)
    for quantity, at in (("5", "03"), ("4", "09"), ("9", "05")):
        use("gauge", quantity, f"{at} 09:00")
    for at in ("03", "05"):
        use("vm", "8", f"{at} 09:00", minutes=90)
    for at in ("03", "05", "09"):
        use("hits", "1", f"{at} 09:00")
        use("watch", "1", f"{at} 10:00", user="ann" if at == "03" else "probe")
    for at in ("03", "09", "10"):
        use("week", "1", f"{at} 09:00")


def record_demand(story: Story) -> None:
    """The factor is 1 in March, and 1.5 from the 6th on; recorded on 1 March or before."""
    for day, value in ((1, D(1)), (6, D("1.5"))):
        command = SetFactor("demand", value, datetime(2026, 3, day, tzinfo=UTC))
        story.center.transact("operator", lambda work, command=command: set_factor(work, command))  # type: ignore[misc]
