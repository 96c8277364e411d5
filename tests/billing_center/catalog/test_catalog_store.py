"""The catalog in every database: what goes in comes out, and two loads at once do not mix."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from decimal import Decimal

from sqlalchemy import func, select

from billing_center.catalog.load_catalog import CatalogLoad, load_catalog
from billing_center.center import Center
from billing_center.errors import CatalogInvalid
from billing_center.rating.choose_price import choose_price
from billing_center.rating.facts import PlanKind
from billing_center.rating.growth import rated_price
from billing_center.rating.price_version import Band, MeterPer
from schema.tables.catalog import catalog_load


def load(center: Center, text: str) -> CatalogLoad:
    """Load a file in a transaction of its own."""
    return center.transact("tester", lambda work: load_catalog(work, text, "prices.yaml"))


def test_what_was_loaded_is_what_rating_sees(center: Center) -> None:
    text = """
products:
  - id: desktop
    name: 远程电脑
    on_sale: no
    currency: CNY
    unit: hour
    real_time: yes
    content_identity: false
    identity_window_h: 48
    billing_day: 15
    grace_days: 0
    control_days: 3
    suspend_on_failure: true
    free: {uses: 2.5}
    filters: [{name: own, users: [probe], below_quantity: 0.5}]
    plans:
      per_use:
        - valid_from: 2026-01-01
          valid_to: 2027-01-01
          meter_per: order
          bands: [{name: night, start: 22:00, end: 8:00, weekdays: [mon-fri]}]
          prices:
            - {currency: CNY, price: 3.00}
            - {currency: CNY, price: 1.50, band: night}
            - {currency: CNY, price: 2, band: night, when: {CPU: 8}}
            - {currency: CNY, model: graduated, when: {CPU: 8}, cap: 90,
               tiers: [{up_to: 10, price: 6}, {price: 5}]}
promotions:
  - {id: summer, name: 夏季, amount_off: {CNY: 5.50}, valid_from: 2026-06-01, valid_to: 2026-09-01,
     max_redemptions: 9, first_time_only: true, products: [desktop]}
exchange_rates:
  - {currency: USD, valid_from: 2026-06-01, rate: 7.2}
  - {currency: USD, valid_from: 2026-01-01, rate: 7.10}
"""
    outcome = load(center, text)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (5, 0, 0)
    assert load(center, text).unchanged == 5
    with center.reading() as work:
        seen = work.catalog
    listed = seen.product("desktop")
    assert (listed.unit, listed.real_time, listed.content_identity, listed.identity_window_h) == (
        "hour", True, False, 48,
    )  # fmt: skip
    assert (listed.billing_day, listed.grace_days, listed.control_days) == (15, 0, 3)
    assert listed.suspend_on_failure
    (rule,) = listed.filters
    assert (rule.name, rule.users, rule.below_quantity) == ("own", frozenset({"probe"}), Decimal("0.5"))
    assert (listed.product.on_sale, listed.product.allowance.uses) == (False, Decimal("2.5"))
    (version,) = listed.product.versions
    assert (version.version_id, version.plan, version.unit) == (
        "desktop/per_use/2026-01-01", PlanKind.PER_USE, "hour",
    )  # fmt: skip
    assert (version.valid_from, version.valid_to) == (date(2026, 1, 1), date(2027, 1, 1))
    assert version.meter_per is MeterPer.ORDER
    assert version.bands == (Band("night", time(22), time(8), frozenset(range(5))),)
    dear = choose_price(version, "CNY", {"cpu": "8"})
    # ten hours at 6 and one at 5; twenty hours would be 110 and are capped at 90
    assert [rated_price(dear.function, Decimal(n)) for n in (11, 20)] == [Decimal(65), Decimal(90)]
    promotion = seen.promotion("summer")
    assert (promotion.amount_off, promotion.max_redemptions) == ({"CNY": Decimal("5.5")}, 9)
    assert (promotion.first_time_only, promotion.product_ids) == (True, frozenset({"desktop"}))
    assert (promotion.valid_from, promotion.valid_to) == (date(2026, 6, 1), date(2026, 9, 1))
    assert seen.rate("USD", date(2026, 5, 31), base="CNY") == Decimal("7.1")
    assert seen.rate("USD", date(2026, 6, 1), base="CNY") == Decimal("7.2")


def test_two_loads_at_once_are_one_after_the_other(center: Center) -> None:
    def attempt(price: int) -> str:
        text = (
            "products:\n- {id: p, name: P, currency: CNY, plans: "
            f"{{day: [{{valid_from: 2026-01-01, price: {{CNY: {price}}}}}]}}}}\n"
        )
        try:
            return f"{load(center, text).added} added"
        except CatalogInvalid:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, [1, 2, 3, 4]))
    assert outcomes == ["2 added", "refused", "refused", "refused"]
    with center.reading() as work:
        assert work.connection.execute(select(func.count()).select_from(catalog_load)).scalar_one() == 1
