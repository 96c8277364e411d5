"""Billing a chunk in whole numbers makes the very invoices and messages that the plain rules make one by one."""

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from billing_center.catalog.snapshot import CatalogProduct, CatalogSnapshot
from billing_center.errors import BillingError, Broken, Unknown
from billing_center.invoice.bill_sums import HEADER, LINE, MILLIONTHS, TOTAL, Bill, Bills, bill_sums
from billing_center.invoice.deduction import deduction_of, is_deducted
from billing_center.invoice.ended_sums import EndedSums
from billing_center.invoice.invoice import Invoice, InvoiceLine, InvoiceTotal, RunningSum
from billing_center.invoice.make_invoice import Issuing, make_invoice, taken_off
from billing_center.invoice.state import InvoiceState
from billing_center.payer.store import PayerRow
from billing_center.rating.price_version import Product, Promotion
from billing_center.rating.promotion_stack import Promotions
from billing_center.rating.whole_numbers import from_millionths, millionths
from billing_center.settings import Settings

STARTS = [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)]
TODAY = date(2026, 4, 20)
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)
OVER = [
    Promotion("tenth", percent_off=D(10), over_invoice=True),
    Promotion("five", amount_off={"CNY": D(5), "JPY": D(300)}, over_invoice=True, product_ids=frozenset({"disk"})),
]
RATES = {
    "USD": ((date(2026, 1, 1), D("7.10")), (date(2026, 3, 15), D("7.123456"))),
    "JPY": ((date(2026, 1, 1), D("0.048")),),
    "KWD": ((date(2026, 3, 1), D("23.5")),),
}


def catalog(grace: int | None, control: int | None) -> CatalogSnapshot:
    mail = CatalogProduct(Product("mail", '邮件 "m"', True, "CNY", ()), "", grace_days=grace, control_days=control)
    disk = CatalogProduct(Product("disk", "disk\\", True, "CNY", ()), "")
    return CatalogSnapshot(
        "1", {"mail": mail, "disk": disk}, Promotions({one.promotion_id: one for one in OVER}), RATES
    )


@st.composite
def chunks(draw: st.DrawFn) -> tuple[dict[str, PayerRow], EndedSums, Issuing]:
    """Payers, their sums as they are read, and what is issued by."""
    days = st.none() | st.integers(0, 40)
    ids = sorted({"p" + text.strip() for text in draw(st.lists(TEXT, min_size=1, max_size=4))})
    payers = {
        one: PayerRow(one, n, draw(TEXT), draw(TEXT), "CNY", 15, draw(days), date(1970, 1, 1))
        for n, one in enumerate(ids)
    }
    money = (
        st.integers(-2_000_000_000, 2_000_000_000)
        | st.integers(-9000, 9000)
        | st.integers(0, 400).map(lambda n: n * 5000)
    )
    codes: dict[str, tuple[str, str]] = {"-": ("-", "-")}
    for n in range(3):
        codes[f"o{n}"] = (draw(TEXT) or "-", draw(st.sampled_from(["-", "-", "welcome", "welcome,minus"])))
    rows = []
    for payer_id in ids:
        for start in draw(st.lists(st.sampled_from(STARTS), min_size=1, max_size=2, unique=True)):
            keys = st.tuples(
                st.sampled_from(sorted(codes)), st.sampled_from(["disk", "gone", "mail"]),
                st.sampled_from(["CNY", "CNY", "CNY", "JPY", "KWD", "USD"]),
            )  # fmt: skip
            for key in draw(st.lists(keys, min_size=1, max_size=6, unique=True)):
                amount = draw(money)
                listed = draw(st.just(amount) | money)
                end = start + timedelta(draw(st.sampled_from([28, 28, 20])))
                row = (payer_id, start, *key, end, draw(money), amount, listed, draw(st.integers(1, 99)))
                rows.append((*row, *codes[key[0]]))
    over = {
        (row[0], row[1]): promotions
        for row in rows
        for promotions in [tuple(draw(st.sampled_from([[], [], OVER[:1], OVER])))]
        if promotions
    }
    issuing = Issuing(
        catalog(draw(days), draw(days)), Settings(base_currency=draw(st.sampled_from(["CNY", "JPY"]))),
        {one: code for one, (code, _) in codes.items()}, datetime(2026, 4, 19, 16, 5, tzinfo=UTC),
        draw(st.sampled_from([TODAY, STARTS[1]])), "run-1",
        {one: stack for one, (_, stack) in codes.items() if stack != "-"}, over,
    )  # fmt: skip
    return payers, EndedSums(*zip(*sorted(rows), strict=True)), issuing


def as_invoice(bill: Bill) -> Invoice:
    """The rows of a bill as the value that the plain way makes."""
    read = [
        [
            {
                name: from_millionths(value) if name in MILLIONTHS else value
                for name, value in zip(names, row, strict=True)
            }
            for row in rows
        ]
        for names, rows in ((TOTAL, bill.totals), (LINE, bill.lines))
    ]
    header = dict(zip(HEADER, bill.header, strict=True))
    header |= {"state": InvoiceState(header["state"]), "base_amount": from_millionths(header["base_amount"])}
    totals, lines = (
        tuple(kind(**{f.name: row[f.name] for f in fields(kind)}) for row in rows)
        for kind, rows in zip((InvoiceTotal, InvoiceLine), read, strict=True)
    )
    for row in read[1]:
        assert (row["invoice_id"], row["payer_id"], row["shard"]) == tuple(
            header[n] for n in ("invoice_id", "payer_id", "shard")
        )
    assert {row["invoice_id"] for row in read[0]} == {header["invoice_id"]}
    return Invoice(**header, totals=totals, lines=lines)


def plainly(
    payers: dict[str, PayerRow], sums: EndedSums, issuing: Issuing
) -> tuple[dict[str, list[Invoice]], dict[str, str], dict[str, list[list[RunningSum]]]]:
    """What the plain way makes of the same sums, or the words with which it fails."""
    periods: dict[str, list[list[RunningSum]]] = {}
    for first, last in sums.periods():
        payer_id = sums.payer_ids[first]
        of_period = sums.as_running_sums(first, last, shard=payers[payer_id].shard)
        periods.setdefault(payer_id, []).append(of_period)
    made, failures = {}, {}
    for payer_id, of_payer in periods.items():
        try:
            made[payer_id] = [make_invoice(payers[payer_id], rows, issuing) for rows in of_payer]
        except BillingError as error:
            failures[payer_id] = error.message
    return made, failures, periods


@given(chunks())
def test_a_chunk_is_billed_as_each_invoice_by_itself(
    chunk: tuple[dict[str, PayerRow], EndedSums, Issuing],
) -> None:
    payers, sums, issuing = chunk
    bills = bill_sums(sums, payers, replace(issuing, order_codes={}, order_promotions={}), known=())
    made, failures, periods = plainly(payers, sums, issuing)
    assert {one: [as_invoice(bill) for bill in of_payer] for one, of_payer in bills.of_payers.items()} == made
    assert {one: error.message for one, error in bills.failures.items()} == failures
    for payer_id, invoices in made.items():
        for bill, invoice, rows in zip(bills.of_payers[payer_id], invoices, periods[payer_id], strict=True):
            payload = json.dumps(dict(deduction_of(invoice).payload), ensure_ascii=False, sort_keys=True)
            assert bill.deduction == (payload if is_deducted(invoice) else "")
            assert list(bill.shares) == taken_off(rows, issuing)
            assert bill.period_end == invoice.period_end


PAYER = PayerRow("p-1", 7, "", "", "CNY", 1, None, date(1970, 1, 1))
ISSUING = Issuing(catalog(None, None), Settings(), {}, datetime(2026, 4, 19, tzinfo=UTC), TODAY, "run-1")


def billed(amounts: list[str], currency: str = "CNY", known: tuple[str, ...] = (), payer: str = "p-1") -> Bills:
    rows = [
        (
            payer,
            STARTS[0],
            f"o{n:02}",
            "mail",
            currency,
            STARTS[1],
            0,
            millionths(D(one)),
            millionths(D(one)),
            1,
            "-",
            "-",
        )
        for n, one in enumerate(amounts)
    ]
    return bill_sums(EndedSums(*zip(*rows, strict=True)), {"p-1": PAYER}, ISSUING, known=known)


def test_a_payer_that_is_not_known_or_whose_period_is_billed_already_is_not_billed() -> None:
    assert isinstance(billed(["1"], payer="p-2").failures["p-2"], Unknown)
    failed = billed(["1"], known=("p-1-20260115",))
    assert (list(failed), type(failed.failures["p-1"])) == ([], Broken)


def test_a_total_past_the_largest_amount_and_a_currency_without_a_rate_are_refused() -> None:
    assert "below 1,000,000,000,000" in billed(["999999999999", "999999999999"]).failures["p-1"].message
    assert "EUR" in billed(["1"], "EUR").failures["p-1"].message
