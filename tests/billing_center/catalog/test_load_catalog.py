"""Loading: idempotent, all or nothing, and nothing that was in force ever changes. Today is 2026-03-01."""

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from billing_center.catalog.load_catalog import CatalogLoad, load_catalog
from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import CatalogInvalid
from billing_center.rating.growth import rated_price
from schema.tables.access import audit_entry
from schema.tables.catalog import catalog_load, price_version, product

NAME = "prices.yaml"


def crm(*versions: str, terms: str = "") -> str:
    """A file with one product and these versions of its account-day plan; they stand from line 7 on."""
    lines = "".join(f"        - {version}\n" for version in versions)
    head = f"products:\n  - id: crm\n    name: CRM\n    currency: CNY {terms}\n"
    return f"{head}    plans:\n      account_day:\n{lines}"


FIRST = "{valid_from: 2026-01-01, price: {CNY: 2.00}}"


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """One database only: these rules are the same on every database (test_catalog_store asks the others)."""
    return one_database_url


def load(center: Center, text: str) -> CatalogLoad:
    """Load a file in a transaction of its own."""
    return center.transact("tester", lambda work: load_catalog(work, text, NAME))


def refused(center: Center, text: str) -> list[str]:
    """What stands against a file."""
    with pytest.raises(CatalogInvalid) as error:
        load(center, text)
    return [line.strip() for line in error.value.message.splitlines()[1:]]


def catalog(center: Center) -> CatalogSnapshot:
    """The catalog as the next transaction sees it."""
    with center.reading() as work:
        return work.catalog


def test_the_same_file_again_changes_nothing_and_says_so(center: Center) -> None:
    load(center, crm(FIRST))
    before = catalog(center)
    again = load(center, crm(FIRST))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert again.messages == ("nothing changed: the catalog already holds all of prices.yaml",)
    assert catalog(center) is before
    with center.reading() as work:
        assert work.connection.execute(select(func.count()).select_from(catalog_load)).scalar_one() == 1


def test_the_same_content_written_otherwise_is_the_same(center: Center) -> None:
    load(center, crm("{valid_from: 2026-01-01, price: {CNY: 2.00, USD: 0.30}}"))
    prices = "[{price: '0.3', currency: USD}, {model: standard, currency: RMB, price: 2}]"
    otherwise = f"{{prices: {prices}, valid_from: 2026-01-01}}"
    assert load(center, crm(otherwise)).changed == 0


def test_a_load_tells_what_it_did_and_keeps_who_did_it(center: Center) -> None:
    outcome = load(center, crm(FIRST))
    assert outcome.messages == ("added product crm", "added price version crm/account_day/2026-01-01")
    changed = load(center, crm(FIRST, terms="\n    grace_days: 5"))
    assert changed.messages == ("changed product crm: grace_days null -> 5",)
    with center.reading() as work:
        loads = work.connection.execute(select(catalog_load).order_by(catalog_load.c.load_id)).all()
        entries = work.connection.execute(select(audit_entry).order_by(audit_entry.c.entry_id)).all()
    assert [(row.actor, row.file_name) for row in loads] == [("tester", NAME), ("tester", NAME)]
    assert json.loads(loads[1].changes) == {"changes": list(changed.messages), "unchanged": 1}
    assert [(row.act, row.subject) for row in entries] == [
        ("catalog_add", "crm"),
        ("catalog_add", "crm/account_day/2026-01-01"),
        ("catalog_change", "crm"),
    ]
    assert json.loads(entries[2].detail)["before"]["grace_days"] is None


def test_every_process_sees_a_load_without_a_restart(center: Center) -> None:
    assert catalog(center).products == {}
    load(center, crm(FIRST))
    assert set(catalog(center).products) == {"crm"}


def test_a_price_in_force_cannot_change(center: Center) -> None:
    load(center, crm(FIRST))
    (found,) = refused(center, crm("{valid_from: 2026-01-01, price: {CNY: 3.00}}"))
    assert found.startswith("line 7: products[0].plans.account_day[0]: prices in force since 2026-01-01 cannot")


def test_a_price_of_the_past_cannot_change(center: Center) -> None:
    load(center, crm("{valid_from: 2025-01-01, valid_to: 2026-01-01, price: {CNY: 1.00}}"))
    text = crm("{valid_from: 2025-01-01, valid_to: 2026-01-01, price: {CNY: 1.01}}")
    assert "cannot change" in refused(center, text)[0]


def test_a_price_that_begins_today_cannot_change(center: Center) -> None:
    load(center, crm("{valid_from: 2026-03-01, price: {CNY: 1.00}}"))
    assert "cannot change" in refused(center, crm("{valid_from: 2026-03-01, price: {CNY: 1.01}}"))[0]


def test_a_price_that_begins_tomorrow_may_change(center: Center) -> None:
    load(center, crm("{valid_from: 2026-03-02, price: {CNY: 1.00}}"))
    assert load(center, crm("{valid_from: 2026-03-02, price: {CNY: 1.01}}")).changed == 1


def test_a_named_version_that_has_not_begun_may_move(center: Center) -> None:
    load(center, crm("{version: next, valid_from: 2026-06-01, price: {CNY: 1}}"))
    assert load(center, crm("{version: next, valid_from: 2026-05-01, price: {CNY: 1}}")).messages == (
        'changed price version next: valid_from "2026-06-01" -> "2026-05-01"',
    )


def test_a_named_version_that_has_begun_cannot_move(center: Center) -> None:
    load(center, crm("{version: v1, valid_from: 2026-02-01, price: {CNY: 1}}"))
    (found,) = refused(center, crm("{version: v1, valid_from: 2026-02-02, price: {CNY: 1}}"))
    assert "valid_from: the version is in the catalog from 2026-02-01, which cannot be moved" in found


def test_a_version_belongs_to_one_plan_of_one_product(center: Center) -> None:
    load(center, crm("{version: v1, valid_from: 2026-02-01, price: {CNY: 1}}"))
    other = crm("{version: v1, valid_from: 2026-02-01, price: {CNY: 1}}").replace("account_day", "day")
    assert "version: belongs to the account_day plan of crm" in refused(center, other)[0]


def test_a_price_change_ends_the_old_version_and_begins_a_new_one(center: Center) -> None:
    load(center, crm(FIRST))
    ended = "{valid_from: 2026-01-01, valid_to: 2026-04-01, price: {CNY: 2.00}}"
    outcome = load(center, crm(ended, "{valid_from: 2026-04-01, price: {CNY: 2.50}}"))
    assert outcome.messages == (
        'changed price version crm/account_day/2026-01-01: valid_to null -> "2026-04-01"',
        "added price version crm/account_day/2026-04-01",
    )
    old, new = catalog(center).product("crm").product.versions
    assert (old.valid_to, new.valid_from) == (date(2026, 4, 1), date(2026, 4, 1))
    assert rated_price(old.prices[0].function, Decimal(1)) == Decimal(2)


def test_a_version_may_end_today_and_not_before(center: Center) -> None:
    load(center, crm(FIRST))
    (found,) = refused(center, crm("{valid_from: 2026-01-01, valid_to: 2026-02-28, price: {CNY: 2.00}}"))
    assert "valid_to: must be today (2026-03-01) or later" in found
    assert load(center, crm("{valid_from: 2026-01-01, valid_to: 2026-03-01, price: {CNY: 2.00}}")).changed == 1


def test_an_end_that_has_not_come_may_move_and_one_that_has_may_not(center: Center, clock: SettableClock) -> None:
    def until(day: str) -> str:
        return crm(f"{{valid_from: 2026-01-01, valid_to: {day}, price: {{CNY: 2.00}}}}")

    load(center, until("2026-04-01"))
    load(center, until("2026-06-01"))
    load(center, until("2026-05-01"))
    clock.at = datetime(2026, 5, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert "valid_to: the version has ended (2026-05-01)" in refused(center, until("2026-06-01"))[0]


def test_a_new_version_must_leave_room_for_those_the_file_does_not_mention(center: Center) -> None:
    load(center, crm(FIRST))
    (found,) = refused(center, crm("{valid_from: 2026-04-01, price: {CNY: 2.50}}"))
    assert found.startswith(
        "line 7: products[0].plans.account_day[0].valid_from: overlaps crm/account_day/2026-01-01"
    )


def test_a_version_may_fill_a_gap_of_the_past(center: Center) -> None:
    load(center, crm("{valid_from: 2026-02-01, price: {CNY: 2.00}}"))
    assert load(center, crm("{valid_from: 2026-01-01, valid_to: 2026-02-01, price: {CNY: 1}}")).added == 1


def test_what_a_file_does_not_mention_stays(center: Center) -> None:
    load(center, crm(FIRST))
    load(center, "products:\n  - {id: other, name: Other, currency: CNY}\n")
    assert set(catalog(center).products) == {"crm", "other"}
    assert len(catalog(center).product("crm").product.versions) == 1


def test_a_refused_file_leaves_no_trace(center: Center) -> None:
    load(center, crm(FIRST))
    before = catalog(center)
    text = crm("{valid_from: 2026-01-01, price: {CNY: 3.00}}") + "  - {id: new, name: New, currency: CNY}\n"
    refused(center, text)
    assert catalog(center) is before
    with center.reading() as work:
        assert work.connection.execute(select(func.count()).select_from(product)).scalar_one() == 1
        assert work.connection.execute(select(func.count()).select_from(price_version)).scalar_one() == 1


def test_a_rate_that_was_in_force_stays(center: Center) -> None:
    def rates(day: str, rate: str) -> str:
        return f"exchange_rates:\n  - {{currency: USD, valid_from: {day}, rate: {rate}}}\n"

    load(center, rates("2026-02-28", "7.1"))
    (found,) = refused(center, rates("2026-02-28", "7.2"))
    assert found.startswith("line 2: exchange_rates[0].rate: the rate 7.1 was in force")
    load(center, rates("2026-03-01", "7.2"))
    assert load(center, rates("2026-03-01", "7.3")).changed == 1


def test_the_base_currency_has_no_rate(center: Center) -> None:
    (found,) = refused(center, "exchange_rates: [{currency: CNY, valid_from: 2026-01-01, rate: 1}]")
    assert "currency: CNY is the base currency" in found


def test_a_promotion_may_name_a_product_of_the_file_or_of_the_catalog(center: Center) -> None:
    promotion = "promotions: [{id: a, free_days: 3, products: [crm]}]\n"
    assert refused(center, promotion) == ["line 1: promotions[0].products[0]: there is no product crm"]
    assert load(center, promotion + crm(FIRST)).added == 3
    assert load(center, promotion.replace("3", "4")).changed == 1


def test_all_that_stands_against_a_file_is_told_at_once(center: Center) -> None:
    load(center, crm(FIRST) + "exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 7}]")
    text = crm("{valid_from: 2026-01-01, price: {CNY: 3.00}}")
    text += "promotions: [{id: a, free_days: 3, products: [no]}]\n"
    text += "exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 8}]\n"
    assert [m.partition(":")[0] for m in refused(center, text)] == ["line 7", "line 8", "line 9"]
