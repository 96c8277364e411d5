"""The REST door over real HTTP: health, the clock, reading, who may ask, problems."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import insert, select

from billing_center import errors
from billing_center.access.callers import add_caller
from billing_center.access.refused_calls import RefusedCall, keep_refused
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.payer.change_payer import ChangePayer, change_payer
from schema.migrate import newest_revision
from schema.tables.access import audit_entry
from schema.tables.orders import payer
from tests.door import running_app
from web.app import build_app
from web.clock import ClockHands
from web.errors import STATUSES


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """One database is enough here."""
    return one_database_url


@pytest.fixture
def rest(center: Center) -> Iterator[httpx.Client]:
    """A client of the door, as a caller that may read over REST."""
    secret = center.transact("test", lambda work: add_caller(work, "reader", ["rest"]))
    with (
        running_app(build_app(center, operations=[("f(x)", "does <it>")])) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("reader", secret)) as client,
    ):
        yield client


@pytest.fixture
def moved(center: Center, clock: SettableClock) -> Iterator[httpx.Client]:
    """An open door whose clock can be moved."""

    def put(to: datetime) -> datetime:
        clock.at = to
        return to

    opened = replace(center, settings=center.settings.model_copy(update={"open_door": True}))
    hands = ClockHands(put=put, advance=put)
    with (
        running_app(build_app(opened, hands=hands)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def test_health_and_the_page_ask_for_nobody(rest: httpx.Client) -> None:
    assert httpx.get(rest.base_url.join("/health")).json() == {"status": "alive"}
    assert httpx.get(rest.base_url.join("/ready")).json() == {"status": "ready"}
    page = httpx.get(rest.base_url)
    assert page.headers["content-type"].startswith("text/html")
    assert "does &lt;it&gt;" in page.text
    assert not any(mark in page.text for mark in ("<script", "src=", "<link", "http://", "https://"))


def test_a_center_whose_database_is_away_lives_and_is_not_ready(center: Center) -> None:
    def away() -> Any:
        raise errors.DatabaseAway("the database cannot be reached")

    class Away:
        kind = "sqlite"
        read = staticmethod(away)

    with running_app(build_app(replace(center, database=Away()))) as port:  # type: ignore[arg-type]
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
        answer = httpx.get(f"http://127.0.0.1:{port}/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("revision", "status"),
    [("0001", 503), ("9999", 200)],
    ids=["a schema that was not upgraded", "one that a newer program has upgraded, while this one still runs"],
)
def test_a_door_is_ready_on_its_own_schema_or_a_newer_one(
    rest: httpx.Client, center: Center, revision: str, status: int
) -> None:
    def set_revision(name: str | None) -> None:
        with center.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{name}'")

    set_revision(revision)
    try:
        assert httpx.get(rest.base_url.join("/ready")).status_code == status
    finally:  # another test may have the same database
        set_revision(newest_revision())


def test_a_stranger_gets_401_and_a_caller_without_rest_403(rest: httpx.Client, center: Center) -> None:
    secret = center.transact("test", lambda work: add_caller(work, "shop", ["feedbackUser"]))
    url = rest.base_url.join("/api/v1/refused-calls")
    for auth, status in ((None, 401), (("reader", "wrong"), 401), (("shop", secret), 403)):
        answer = httpx.get(url, auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (status, "not_authorised")
        assert ("www-authenticate" in answer.headers) == (status == 401)
    with center.reading() as work:
        entries = work.connection.execute(select(audit_entry).where(audit_entry.c.act == "access_refused")).all()
    assert sorted(entry.subject for entry in entries) == ["-", "reader", "shop"]


def test_refused_calls_are_listed(rest: httpx.Client, center: Center) -> None:
    call = RefusedCall("crm", "payCallback", "unknown_invoice", "invoiceId", "no such invoice", '["i-1"]')
    center.transact("crm", lambda work: keep_refused(work, call))
    (row,) = rest.get("/api/v1/refused-calls", params={"caller": "crm"}).json()
    assert (row["operation"], row["code"], row["arguments"]) == ("payCallback", "unknown_invoice", ["i-1"])
    assert row["at"] == "2026-02-28T16:00:00+00:00"
    assert rest.get("/api/v1/refused-calls", params={"caller": "x"}).json() == []


def test_a_payer_is_shown_with_invoices_and_preview(rest: httpx.Client, center: Center) -> None:
    def meet(work: UnitOfWork) -> None:
        row = {"payer_id": "p-1", "shard": 0, "currency": "CNY", "billing_day": 5}
        dated = {"created_at": work.at, "closed_until": date(2026, 3, 1)}
        work.connection.execute(insert(payer).values({**row, **dated}))
        change_payer(work, ChangePayer("p-1", name="王芳"))

    center.transact("test", meet)
    shown = rest.get("/api/v1/payers/p-1").json()
    assert (shown["name"], shown["billing_day"], shown["in_arrears"]) == ("王芳", 5, False)
    assert (shown["invoices"], shown["preview"]) == ([], [])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/payers/x", 404, "unknown_payer"),
        ("/api/v1/invoices/x", 404, "unknown_invoice"),
        ("/api/v1/job-runs/x", 400, "out_of_range"),
        ("/api/v1/usage/parked?limit=0", 400, "wrong_type"),
        ("/api/v1/refused-calls?limit=many", 400, "wrong_type"),
        ("/nothing", 404, None),
    ],
)
def test_what_goes_wrong_is_a_problem(rest: httpx.Client, path: str, status: int, code: str | None) -> None:
    answer = rest.get(path)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem.get("code")) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_lists_that_are_empty_are_lists(rest: httpx.Client) -> None:
    for path in ("usage/parked", "job-runs", "refused-calls"):
        assert rest.get(f"/api/v1/{path}").json() == []


def test_a_failure_of_ours_tells_an_incident_and_nothing_else(
    rest: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError("the password is hunter2")

    monkeypatch.setattr("web.reading.recent_runs", broken)
    with structlog.testing.capture_logs() as logs:
        answer = rest.get("/api/v1/job-runs")
    assert answer.status_code == 500
    assert [log["incident"] for log in logs if log["event"] == "request_failed"] == [answer.json()["incident"]]
    assert "hunter2" not in answer.text
    assert answer.json()["incident"] in answer.json()["detail"]
    assert rest.get("/api/v1/usage/parked").status_code == 200


def test_the_real_clock_is_shown_and_never_moved(rest: httpx.Client) -> None:
    assert rest.get("/api/v1/clock").json() == {
        "now": "2026-03-01T00:00:00+08:00",
        "day": "2026-03-01",
        "timezone": "Asia/Shanghai",
        "test": False,
    }
    answer = rest.post("/api/v1/clock/advance", json={"days": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "clock_refused")


def test_the_test_clock_is_set_and_advanced(moved: httpx.Client) -> None:
    assert moved.post("/api/v1/clock/set", json={"to": "2026-03-02T10:00:00+08:00"}).json()["day"] == "2026-03-02"
    after = moved.post("/api/v1/clock/advance", json={"days": 1, "hours": 14}).json()
    assert (after["now"], after["test"]) == ("2026-03-04T00:00:00+08:00", True)
    for wrong in ({}, {"to": "soon"}, {"days": -1}, {"day": 1}, {"to": "2026-03-05T00:00:00"}):
        assert moved.post("/api/v1/clock/advance", json=wrong).status_code == 400


def test_an_open_door_serves_this_machine_and_no_web_page(moved: httpx.Client) -> None:
    assert moved.get("/api/v1/clock").status_code == 200
    assert moved.get("/api/v1/clock", headers={"Origin": "http://evil.example"}).status_code == 403
    assert moved.get("/api/v1/clock", headers={"Host": "rebound.example"}).status_code == 403


def test_the_interface_is_described(rest: httpx.Client) -> None:
    described = rest.get("/api/v1/openapi.json").json()
    assert "/api/v1/invoices/{id_or_number}" in described["paths"]
    json.dumps(described)


def test_every_error_of_the_domain_has_a_status() -> None:
    def leaves(root: type[Exception]) -> set[type[Exception]]:
        children = root.__subclasses__()
        return {root} if not children else set().union(*(leaves(child) for child in children))

    named = {error for error in leaves(errors.BillingError) if error.__module__ == errors.__name__}
    assert named - set(STATUSES) == set()
