"""Running sums become an invoice: rounding, currencies, zero and negative totals, due days. By hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_center.catalog.snapshot import CatalogProduct, CatalogSnapshot
from billing_center.errors import NoPrice, OutOfRange
from billing_center.invoice.invoice import RunningSum
from billing_center.invoice.make_invoice import Issuing, make_invoice
from billing_center.invoice.state import InvoiceState
from billing_center.payer.store import PayerRow
from billing_center.rating.price_version import Product
from billing_center.rating.promotion_stack import Promotions
from billing_center.settings import Settings

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
PAYER = PayerRow("p-1", 7, "客户", "c-1", "CNY", 1, None, date(1970, 1, 1))
RATES = {
    "USD": ((date(2026, 1, 1), D("7.10")), (date(2026, 4, 1), D("7.123456")), (date(2026, 4, 2), D("9"))),
    "JPY": ((date(2026, 1, 1), D("0.048")),),
    "HKD": ((date(2026, 1, 1), D("0.9")),),
}


def product(product_id: str, grace: int | None = None, control: int | None = None) -> CatalogProduct:
    made = Product(product_id, f"{product_id} name", True, "CNY", ())
    return CatalogProduct(made, "", grace_days=grace, control_days=control)


ISSUING = Issuing(
    catalog=CatalogSnapshot("1", {p: product(p) for p in ("mail", "disk")}, Promotions({}), RATES),
    settings=Settings(),
    order_codes={"o-1": "OC1"},
    at=datetime(2026, 3, 31, 16, 5, tzinfo=UTC),
    today=APRIL,
    run_id="run-1",
)


def running(amount: str, currency: str = "CNY", order_id: str = "o-1", product_id: str = "mail") -> RunningSum:
    value = D(amount)
    return RunningSum("p-1", MARCH, order_id, product_id, currency, APRIL, 7, D(3), value, value, 2)


@pytest.mark.parametrize(
    ("rated", "currency", "money"),
    [
        ("1.005", "CNY", "1.01"),
        ("2.675", "CNY", "2.68"),
        ("1.004999", "CNY", "1.00"),
        ("-1.005", "CNY", "-1.01"),
        ("980.5", "JPY", "981"),
        ("980.499999", "JPY", "980"),
        ("0.004999", "CNY", "0.00"),
    ],
)
def test_a_line_is_rounded_half_up_to_its_currency(rated: str, currency: str, money: str) -> None:
    line = make_invoice(PAYER, [running(rated, currency)], ISSUING).lines[0]
    assert (line.amount, line.list_amount, line.rated_amount) == (D(money), D(money), D(rated))


def test_lines_are_rounded_one_by_one_and_their_total_is_not_rounded_again() -> None:
    sums = [running("0.005", order_id=f"o-{n}") for n in range(3)]
    made = make_invoice(PAYER, sums, ISSUING)
    assert [line.amount for line in made.lines] == [D("0.01")] * 3
    assert made.totals[0].amount == made.base_amount == D("0.03")


def test_each_currency_is_converted_at_the_billing_days_rate_and_the_total_adds_them_up() -> None:
    sums = [running("100.001"), running("10.005", "USD"), running("980.5", "JPY"), running("-2.5", "HKD")]
    made = make_invoice(PAYER, sums, ISSUING)
    # 10.01 x 7.123456 = 71.30579456; 981 x 0.048 = 47.088; -2.50 x 0.9 = -2.25
    assert [(t.currency, t.amount, t.rate, t.base_amount) for t in made.totals] == [
        ("CNY", D("100.00"), D("1"), D("100.00")),
        ("HKD", D("-2.50"), D("0.9"), D("-2.25")),
        ("JPY", D("981"), D("0.048"), D("47.09")),
        ("USD", D("10.01"), D("7.123456"), D("71.31")),
    ]
    assert made.base_amount == D("216.15")


def test_the_list_amount_is_rounded_like_the_amount() -> None:
    made = make_invoice(PAYER, [replace(running("0.805"), list_amount=D("1.005"))], ISSUING)
    assert (made.lines[0].amount, made.lines[0].list_amount) == (D("0.81"), D("1.01"))
    assert (made.totals[0].amount, made.totals[0].list_amount) == (D("0.81"), D("1.01"))


def test_an_invoice_of_nothing_is_paid_at_once() -> None:
    made = make_invoice(PAYER, [running("0"), running("0.004", order_id="o-2")], ISSUING)
    assert (made.state, made.base_amount, made.settled_at) == (InvoiceState.PAID, D("0.00"), ISSUING.at)
    assert not made.flagged


def test_amounts_that_cancel_out_within_a_currency_are_an_invoice_of_nothing() -> None:
    made = make_invoice(PAYER, [running("5"), running("-5", order_id="o-2")], ISSUING)
    assert (made.state, made.flagged) == (InvoiceState.PAID, False)


def test_a_negative_invoice_stays_issued_and_is_flagged() -> None:
    made = make_invoice(PAYER, [running("-0.01")], ISSUING)
    assert (made.state, made.base_amount, made.flagged) == (InvoiceState.ISSUED, D("-0.01"), True)
    assert made.settled_at is None


def test_currencies_that_cancel_out_in_the_base_are_not_an_invoice_of_nothing() -> None:
    made = make_invoice(PAYER, [running("9"), running("-10", "HKD")], ISSUING)
    assert (made.state, made.base_amount, made.flagged) == (InvoiceState.ISSUED, D(0), True)


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(NoPrice, match="EUR"):
        make_invoice(PAYER, [running("1", "EUR")], ISSUING)


def test_a_total_past_the_largest_amount_is_refused() -> None:
    sums = [running("999999999999", order_id=f"o-{n}") for n in range(2)]
    with pytest.raises(OutOfRange):
        make_invoice(PAYER, sums, ISSUING)


def test_lines_name_their_order_and_product() -> None:
    made = make_invoice(PAYER, [running("2"), running("1", order_id="-", product_id="gone")], ISSUING)
    assert [(line.line_no, line.order_id, line.order_code, line.product_name) for line in made.lines] == [
        (1, "-", "-", "gone"),
        (2, "o-1", "OC1", "mail name"),
    ]


@pytest.mark.parametrize(
    ("own", "products", "due", "control"),
    [
        (None, {"mail": product("mail")}, date(2026, 4, 8), date(2026, 4, 11)),  # settings: 7 and 10
        (0, {"mail": product("mail", 20, 30)}, date(2026, 4, 1), date(2026, 5, 1)),  # the payer's own
        (
            None,
            {"mail": product("mail", 20, 30), "disk": product("disk", 15, 40)},
            date(2026, 4, 16),
            date(2026, 5, 1),
        ),
        (None, {"mail": product("mail", 20, 30), "disk": product("disk")}, date(2026, 4, 8), date(2026, 4, 11)),
        (None, {}, date(2026, 4, 8), date(2026, 4, 11)),  # products that left the catalog
    ],
)
def test_grace_days_are_the_payers_else_the_least_of_the_products(
    own: int | None, products: dict[str, CatalogProduct], due: date, control: date
) -> None:
    issuing = replace(ISSUING, catalog=CatalogSnapshot("1", products, Promotions({}), RATES))
    sums = [running("1", product_id=product_id) for product_id in products or ["mail"]]
    made = make_invoice(replace(PAYER, grace_days=own), sums, issuing)
    assert (made.billed_on, made.due_day, made.control_day) == (APRIL, due, control)


def test_a_bill_that_comes_late_is_due_counted_from_the_day_it_came() -> None:
    made = make_invoice(PAYER, [running("1")], replace(ISSUING, today=date(2026, 5, 20)))
    assert (made.billed_on, made.due_day, made.control_day) == (APRIL, date(2026, 5, 27), date(2026, 5, 30))


amounts = st.decimals(D("-9999"), D("9999"), places=6)
currencies = st.sampled_from(["CNY", "USD", "JPY", "HKD"])


@given(st.lists(st.tuples(amounts, currencies), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_what_is_printed_adds_up_in_any_order_of_the_sums(rows: list[tuple[D, str]], random) -> None:  # type: ignore[no-untyped-def]
    sums = [running(str(amount), currency, order_id=f"o-{n}") for n, (amount, currency) in enumerate(rows)]
    made = make_invoice(PAYER, sums, ISSUING)
    for total in made.totals:
        assert total.amount == sum(line.amount for line in made.lines if line.currency == total.currency)
    assert made.base_amount == sum(total.base_amount for total in made.totals)
    for line, row in zip(made.lines, sums, strict=True):
        assert abs(line.amount - row.amount) <= (D("0.5") if row.currency == "JPY" else D("0.005"))
    random.shuffle(sums)
    assert make_invoice(PAYER, sums, ISSUING) == made
