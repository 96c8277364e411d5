"""An invoice can say where every cent comes from: shown, previewed, and explained down to the raw facts."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from billing_center.bulk import insert_rows
from billing_center.cli.invoice import app
from billing_center.errors import NoPrice, OutOfRange, ResultCode, Unknown
from billing_center.ids import shard_of
from billing_center.invoice.explain_invoice import explain_invoice, explain_line
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.invoice.show_invoice import list_invoices, show_invoice
from billing_center.invoice.state import InvoiceState
from billing_center.order.change_state import ChangeOrderState, change_order_state
from billing_center.outbox.message import Answer, MessageKind, Outcome
from billing_center.outbox.send import send_round
from schema.tables.charges import charge
from schema.tables.orders import account_change
from schema.tables.usage import usage_event

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def put(books: Any, table: Any, *rows: dict[str, Any]) -> None:
    books.opened.database.transact(lambda connection: insert_rows(connection, table, rows))


def charged(day: date, cause: str, cause_id: str, amount: str, **columns: Any) -> dict[str, Any]:
    return {
        "day": day, "payer_id": "p-1", "cause": cause, "cause_id": cause_id, "component": "CNY",
        "shard": shard_of("p-1"), "order_id": "o-1", "product_id": "mail", "user_id": "-", "currency": "CNY",
        "quantity": D(1), "amount": D(amount), "list_amount": D(amount), "meter_order_id": "o-1",
        "meter_scope": "2026-03-01", "meter_component": "CNY", "reading_before": D(0), "reading_after": D(1),
        "version_id": "mail-1", "promotion_id": "-", "note": "", "period_start": MARCH, "run_id": "rate-1",
        "rated_at": datetime(2026, 3, 2, tzinfo=SHANGHAI),
    } | columns  # fmt: skip


@pytest.fixture
def billed(books: Any) -> Any:
    """One payer: two days of an order and three uses without an order; billed on 1 April."""
    books.payer("p-1", name="客户", cust_id="c-1")
    books.order("o-1", "p-1", order_code="OC-1")
    for day, hour, state in ((2, 8, "SUSPENDED"), (2, 10, "ACTIVE"), (5, 9, "SUSPENDED")):
        books.day(date(2026, 3, day), hour, 0)
        books.center.transact("orders", lambda work, s=state: change_order_state(work, ChangeOrderState("o-1", s)))
    put(
        books, account_change,
        *({"payer_id": "p-1", "product_id": "mail", "change_id": str(hour), "shard": 1, "accounts": D(accounts),
           "at": datetime(2026, 3, 2, hour, tzinfo=SHANGHAI) - timedelta(days=back), "actor": "orders"}
          for back, hour, accounts in ((1, 9, 5), (0, 10, 8), (-1, 11, 3))),
    )  # fmt: skip
    put(
        books, usage_event,
        {"event_id": "e-1", "day": MARCH, "shard": 1, "caller": "saas", "guid": "g-1", "user_id": "u-1",
         "user_name": "", "payer_id": "p-1", "product_id": "mail", "product_name": "邮箱", "amount": None,
         "started_at": datetime(2026, 3, 1, 9, tzinfo=SHANGHAI), "quantity": D("2.5"), "unit": "GB",
         "ended_at": datetime(2026, 3, 1, 10, tzinfo=SHANGHAI),
         "received_at": datetime(2026, 3, 1, 10, tzinfo=SHANGHAI)},
    )  # fmt: skip
    put(
        books, charge,
        charged(date(2026, 3, 1), "day", "o-1", "2.005"),
        charged(date(2026, 3, 2), "day", "o-1", "1.5", reading_before=D(1), reading_after=D(2)),
        *(charged(MARCH, "use", f"e-{n}", "0.333333", order_id="-", user_id="u-1", note="n") for n in (1, 2, 3)),
        charged(date(2026, 3, 1), "day", "o-1", "9", payer_id="p-2"),
        charged(date(2026, 4, 1), "day", "o-1", "9", period_start=APRIL),
    )  # fmt: skip
    books.sum("p-1", "3.505", order_id="o-1", quantity="2")
    books.sum("p-1", "0.999999", quantity="3")
    books.day(APRIL)
    books.issue(APRIL)
    books.number()
    return books


def test_the_charges_of_every_line_add_up_to_it(billed: Any) -> None:
    with billed.center.reading() as work:
        explained = explain_invoice(work, "2026-000000001")
    assert [line.line.amount for line in explained.lines] == [D("1.00"), D("3.51")]
    for line in explained.lines:
        assert line.explained_amount == line.line.rated_amount
        assert not line.more


def test_a_charge_of_a_use_leads_to_the_use_as_it_was_collected(billed: Any) -> None:
    with billed.center.reading() as work:
        first = explain_line(work, "p-1-20260301", 1).charges[0]
    assert (first.charge.cause_id, first.charge.note, first.charge.run_id) == ("e-1", "n", "rate-1")
    assert (first.charge.version_id, first.charge.meter_scope) == ("mail-1", "2026-03-01")
    assert first.use is not None
    assert (first.use.caller, first.use.guid, first.use.quantity, first.use.unit) == (
        "saas",
        "g-1",
        D("2.5"),
        "GB",
    )


def test_a_charge_of_a_day_leads_to_the_states_and_accounts_of_the_day(billed: Any) -> None:
    with billed.center.reading() as work:
        first, second = explain_line(work, "p-1-20260301", 2).charges
    assert [(c.seq, c.to_state) for c in first.states] == [(0, "ACTIVE")]
    assert [(c.seq, c.to_state) for c in second.states] == [(0, "ACTIVE"), (1, "SUSPENDED"), (2, "ACTIVE")]
    assert [c.accounts for c in first.accounts] == [5]
    assert [c.accounts for c in second.accounts] == [5, 8]
    assert (second.charge.reading_before, second.charge.reading_after) == (1, 2)


def test_a_long_line_is_explained_in_portions(billed: Any) -> None:
    with billed.center.reading() as work:
        first = explain_line(work, "p-1-20260301", 1, limit=2)
        rest = explain_line(work, "p-1-20260301", 1, limit=2, skip=2)
    assert ([c.charge.cause_id for c in first.charges], first.more) == (["e-1", "e-2"], True)
    assert ([c.charge.cause_id for c in rest.charges], rest.more) == (["e-3"], False)


def test_what_does_not_exist_is_refused(billed: Any) -> None:
    with billed.center.reading() as work:
        with pytest.raises(OutOfRange):
            explain_line(work, "p-1-20260301", 3)
        for wrong in ("p-1-20260401", "2026-000000002"):
            with pytest.raises(Unknown) as unknown:
                show_invoice(work.connection, wrong)
            assert unknown.value.code is ResultCode.UNKNOWN_INVOICE
        with pytest.raises(Unknown) as unknown:
            preview_invoice(work, "nobody")
        assert unknown.value.code is ResultCode.UNKNOWN_PAYER


def test_an_invoice_shows_its_deduction_and_the_notices(billed: Any) -> None:
    with billed.center.reading() as work:
        assert show_invoice(work.connection, "p-1-20260301").notices == ()
    send_round(billed.center, {MessageKind.DEDUCTION: lambda message: Answer(Outcome.ACCEPTED, "1")})
    billed.callback("p-1-20260301", "PAID")
    with billed.center.reading() as work:
        shown = show_invoice(work.connection, "2026-000000001")
    assert shown.invoice.state is InvoiceState.PAID
    assert shown.deduction is not None
    assert [(t.try_no, t.outcome, t.answer) for t in shown.deduction.history] == [(1, "ACCEPTED", "1")]
    assert [(n.word, n.outcome, n.effect, n.actor) for n in shown.notices] == [
        ("PAID", "PAID", "CHANGED", "account-system")
    ]


def test_a_preview_is_the_invoice_that_the_bill_run_then_makes(books: Any) -> None:
    books.rate("USD", "7.2")
    books.payer("p-1")
    books.sum("p-1", "12.345")
    books.sum("p-1", "1", currency="USD")
    books.sum("p-1", "20", start=APRIL, end=MAY)
    books.day(date(2026, 3, 20))
    with books.center.reading() as work:
        march, april = preview_invoice(work, "p-1")
    assert (march.base_amount, april.base_amount) == (D("19.55"), D("20.00"))
    books.day(APRIL)
    books.issue(APRIL)
    made = books.invoice("p-1-20260301")
    assert (made.lines, made.totals, made.base_amount) == (march.lines, march.totals, march.base_amount)
    assert (made.due_day, made.control_day) == (march.due_day, march.control_day)
    with books.center.reading() as work:
        assert [one.invoice_id for one in preview_invoice(work, "p-1")] == ["p-1-20260401"]


def test_a_preview_without_a_rate_says_so(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "1", currency="EUR")
    with books.center.reading() as work, pytest.raises(NoPrice, match="EUR"):
        preview_invoice(work, "p-1")


def test_lists_are_narrowed_and_go_on_after_an_id(books: Any) -> None:
    for n, amount in enumerate(("10", "0", "-1")):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", amount)
    books.day(APRIL)
    books.issue(APRIL)

    def found(**narrowed: Any) -> list[str]:
        with books.center.reading() as work:
            return [one.payer_id for one in list_invoices(work.connection, **narrowed)]

    assert found() == ["p-0", "p-1", "p-2"]
    assert found(state=InvoiceState.PAID) == ["p-1"]
    assert found(flagged=True) == ["p-2"]
    assert found(payer_id="p-0") == ["p-0"]
    assert found(after="p-0-20260301", limit=1) == ["p-1"]


class TestCommandLine:
    """The tables and JSON of `billing-center invoice`."""

    @pytest.fixture
    def run(self, billed: Any, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
        monkeypatch.setenv("COLUMNS", "220")

        def invoke(*arguments: str) -> str:
            result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
            assert result.exit_code == 0, result.output
            return str(result.output)

        return invoke

    def test_tables(self, billed: Any, run: Any) -> None:
        billed.callback("p-1-20260301", "FAILED")
        shown = run("show", "2026-000000001")
        for words in (
            "p-1-20260301",
            "客户",
            "OC-1",
            "3.51",
            "4.51",
            "FAILED",
            "due 2026-04-08",
            "WAITING",
            "notice",
        ):
            assert words in shown
        explained = run("explain", "p-1-20260301")
        for words in ("use e-1", "2.5 GB", "order o-1", "SUSPENDED", "8 accounts", "mail-1", "rate-1", "1 → 2"):
            assert words in explained
        assert "2026-000000001" in run("list", "--state", "FAILED")
        assert "no invoices" in run("list", "--payer", "nobody")
        assert "no charges" in run("preview", "p-1")

    def test_json(self, billed: Any, run: Any) -> None:
        shown = json.loads(run("show", "p-1-20260301", "--json"))
        assert shown["invoice"]["base_amount"] == "4.51"
        assert shown["invoice"]["lines"][1]["rated_amount"] == "3.505"
        explained = json.loads(run("explain", "p-1-20260301", "--line", "1", "--limit", "1", "--json"))
        assert (explained[0]["more"], explained[0]["charges"][0]["use"]["quantity"]) == (True, "2.5")
        assert [one["payer_id"] for one in json.loads(run("list", "--json"))] == ["p-1"]
        assert json.loads(run("preview", "p-1", "--json"))["invoices"] == []
