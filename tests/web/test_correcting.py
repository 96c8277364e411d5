"""Corrections through the REST door: who may, the money shown first, booked once, explained with who and why."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import update

from billing_center.access.callers import add_caller
from billing_center.audit.list_entries import list_entries
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.invoice.issue_invoices import issue_invoices
from billing_center.invoice.number_invoices import number_invoices
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.invoices import invoice
from tests.door import running_app
from web.app import build_app

SHANGHAI = ZoneInfo("Asia/Shanghai")
PEAK = """
products:
  - id: peak
    name: the largest use
    currency: CNY
    unit: count
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: max, price: {CNY: "1.00"}}
"""


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """One database is enough here."""
    return one_database_url


@pytest.fixture
def door(center: Center, clock: SettableClock) -> Iterator[Callable[..., httpx.Response]]:
    """Asks the door as `mei`, who may use the console; the payer used 5 and 4 of the peak product in March."""
    clock.at = datetime(2026, 3, 20, tzinfo=SHANGHAI)
    secrets = {
        "mei": center.transact("test", lambda work: add_caller(work, "mei", ["rest", "console"])),
        "reader": center.transact("test", lambda work: add_caller(work, "reader", ["rest"])),
    }
    center.transact("test", lambda work: load_catalog(work, PEAK, "peak.yaml"))
    for guid, quantity, day in (("a", 5, 2), ("b", 4, 3)):
        at = datetime(2026, 3, day, 12, tzinfo=SHANGHAI)
        use = RecordUsage(
            "door", guid, "u", "", "boss", "peak", "", at, at + timedelta(hours=1), None, Decimal(quantity), ""
        )
        center.transact("test", lambda work, use=use: record_usages(work, [use]))
    center.transact("test", lambda w: rate_usage(w, first_shard=0, last_shard=255, limit=9, run_id="t"))
    with (
        running_app(build_app(center)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as client,
    ):

        def ask(path: str, body: Any = None, who: str = "mei") -> httpx.Response:
            method = "GET" if body is None else "POST"
            return client.request(method, path, json=body, auth=(who, secrets[who]))

        yield ask


def bill(center: Center, clock: SettableClock) -> None:
    clock.at = datetime(2026, 4, 2, tzinfo=SHANGHAI)
    shards = {"first_shard": 0, "last_shard": 255}
    on = date(2026, 4, 1)
    center.transact("t", lambda w: issue_invoices(w, **shards, on=on, after_payer="", limit=9, run_id="t"))
    center.transact("t", lambda w: number_invoices(w, run_id="t", limit=9))


def test_the_largest_use_is_withdrawn_previewed_once_and_explained(
    door: Callable[..., httpx.Response], center: Center, clock: SettableClock
) -> None:
    """5 and 4 come to 5.00, the 4 alone to 4.00."""
    asked = {"caller": "door", "guid": "a", "why": "a test"}
    shown = door("/corrections/withdraw", asked | {"dry_run": True})
    assert shown.status_code == 200 and shown.json()["differences"][0]["amount"] in ("-1", "-1.000000")
    assert door("/corrections").json() == []
    assert door("/corrections/withdraw", asked).json()["repeated"] is False
    assert door("/corrections/withdraw", asked).json()["repeated"] is True
    [kept] = door("/corrections").json()
    assert (kept["actor"], kept["why"], kept["kind"]) == ("mei", "a test", "withdrawal")
    bill(center, clock)
    told = door("/invoices/boss-20260301/explain?lang=en").json()
    [line] = told["lines"]
    assert Decimal(line["line"]["amount"]) == 4
    assert line["corrections"][0]["by"]["actor"] == "mei"
    assert any('by mei at 2026-03-20 00:00: "a test"' in said for said in line["sentences"])
    zh = door("/invoices/boss-20260301/explain?lang=zh").json()["lines"][0]["sentences"]
    assert any("由 mei 于 2026-03-20 00:00 作出，原因：“a test”" in said for said in zh)


def test_a_credit_note_and_a_flag(
    door: Callable[..., httpx.Response], center: Center, clock: SettableClock
) -> None:
    bill(center, clock)
    made = door("/corrections/credit", {"invoice": "boss-20260301", "lines": {"1": "2.00"}, "why": "goodwill"})
    assert made.status_code == 200 and "C2026-000000001" in made.json()["notes"][0]
    center.transact("t", lambda work: work.connection.execute(update(invoice).values(flagged=True)))
    path = "/invoices/boss-20260301/clear-flag"
    assert door(path, {"why": "  "}).status_code == 400
    assert door(path, {"why": "talked to them"}).json() == {"cleared": True}
    assert door(path, {"why": "talked to them"}).json() == {"cleared": False}
    assert door("/invoices/boss-20260301").json()["invoice"]["flagged"] is False
    with center.reading() as work:
        [entry] = [e for e in list_entries(work, limit=50) if e.act == "invoice_flag_cleared"]
    assert (entry.actor, entry.subject) == ("mei", "boss-20260301") and "talked to them" in str(entry.detail)


def test_who_only_reads_corrects_nothing(door: Callable[..., httpx.Response]) -> None:
    asked = {"caller": "door", "guid": "a", "why": "a test"}
    assert door("/corrections/withdraw", asked, who="reader").status_code == 403
    assert door("/corrections/withdraw", asked | {"why": ""}).status_code == 400
    assert door("/corrections/withdraw", asked | {"guid": "none"}).status_code == 400
