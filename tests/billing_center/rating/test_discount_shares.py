"""Discounts over an invoice: shares add up, none is more than its line, the order of the lines does not matter."""

from decimal import Decimal as D
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_center.money import to_minor_unit
from billing_center.rating.discount_shares import LineKey, Share, shares_of
from billing_center.rating.price_version import Promotion

AMOUNT = Promotion("minus", amount_off={"CNY": D(100), "JPY": D(50)})
Lines = list[tuple[LineKey, D]]


def lines(*amounts: str, currency: str = "CNY") -> Lines:
    return [((f"o{n}", f"p{n}", currency), D(amount)) for n, amount in enumerate(amounts, start=1)]


def money(shares: list[Share]) -> list[str]:
    return [str(share.money) for share in shares]


def test_a_hundred_off_three_lines() -> None:
    shares = shares_of(lines("33.33", "66.67", "50.00"), [AMOUNT])
    assert money(shares) == ["22.22", "44.45", "33.33"]
    assert shares[0].words == "promotion minus: 100.00 off 3 lines of 150.00 CNY"


def test_equal_remainders_go_to_the_earlier_order() -> None:
    one_cent = Promotion("cent", amount_off={"CNY": D("0.01")})
    assert [share.line[0] for share in shares_of(lines("1", "1", "1")[::-1], [one_cent])] == ["o1"]


def test_a_percentage_is_rounded_once_over_all_lines() -> None:
    # 10 % of 0.15 is 0.015, so 0.02; line by line it would have been 0.01 of each of three, 0.03
    assert money(shares_of(lines("0.05", "0.05", "0.05"), [Promotion("p", percent_off=D(10))])) == ["0.01", "0.01"]


def test_no_more_than_the_lines_is_taken_and_nothing_is_left_to_round() -> None:
    shares = shares_of(lines("9.995", "20.004999"), [AMOUNT])
    assert (money(shares), [str(s.rated) for s in shares]) == (["10.00", "20.00"], ["9.995", "20.004999"])


def test_percentages_go_first_and_each_sees_what_is_left() -> None:
    ten = Promotion("z10", percent_off=D(10))
    shares = shares_of(lines("100", "200"), [Promotion("a", amount_off={"CNY": D(30)}), ten])
    assert [(s.promotion_id, str(s.money)) for s in shares] == [
        ("z10", "10.00"), ("z10", "20.00"), ("a", "10.00"), ("a", "20.00"),
    ]  # fmt: skip


def test_only_lines_of_its_products_and_currencies_above_nothing_take_part() -> None:
    given_lines = lines("10", "-5", "7", "0.004") + lines("900", currency="USD") + lines("100", currency="JPY")
    only = Promotion("m", amount_off={"CNY": D(5), "JPY": D(50)}, product_ids=frozenset({"p1", "p2", "p4"}))
    assert [(s.line, str(s.money)) for s in shares_of(given_lines, [only])] == [
        (("o1", "p1", "CNY"), "5.00"), (("o1", "p1", "JPY"), "50"),
    ]  # fmt: skip


@pytest.mark.parametrize(("second", "taken"), [("0.004", []), ("20", ["33.33", "66.67"])])
def test_together_means_that_each_product_has_a_line(second: str, taken: list[str]) -> None:
    both = Promotion("b", amount_off={"CNY": D(100)}, product_ids=frozenset({"p1", "p2"}), together=True)
    first = "10" if taken else "900"
    found = shares_of([(("o1", "p1", "CNY"), D(first)), (("o2", "p2", "CNY"), D(second))], [both])
    assert money(found) == (["10.00", "20.00"] if taken else [])


rated = st.decimals(-1000, 10_000, places=6, allow_nan=False)
some_lines = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(["CNY", "JPY"])), rated, max_size=9
).map(lambda found: list(found.items()))
promotion = st.one_of(
    st.builds(lambda p: Promotion("percent", percent_off=p), st.decimals("0.000001", 100, places=6)),
    st.builds(
        lambda a: Promotion("amount", amount_off={"CNY": a, "JPY": a}), st.decimals("0.000001", 9999, places=6)
    ),
)


@given(some_lines, promotion)
def test_shares_add_up_to_the_discount_and_the_printed_lines_lose_exactly_them(
    given_lines: Lines, taken: Promotion
) -> None:
    shares = shares_of(given_lines, [taken])
    for currency in ("CNY", "JPY"):
        before = {k: to_minor_unit(a, currency) for k, a in given_lines if k[2] == currency}
        whole = sum((m for m in before.values() if m > 0), D(0))
        asked = whole * taken.percent_off / 100 if taken.percent_off else taken.amount_off[currency]
        discount = min(to_minor_unit(asked, currency), whole)
        assert sum((s.money for s in shares if s.line[2] == currency), D(0)) == discount
        for share in shares:
            if share.line[2] == currency:
                rest = to_minor_unit(dict(given_lines)[share.line] - share.rated, currency)
                assert 0 < share.money <= before[share.line]
                assert rest == before[share.line] - share.money


@given(some_lines, st.lists(promotion, max_size=3), st.integers())
def test_the_order_of_lines_and_of_promotions_does_not_matter(
    given_lines: Lines, taken: list[Promotion], seed: int
) -> None:
    named = [Promotion(f"{n}", percent_off=p.percent_off, amount_off=p.amount_off) for n, p in enumerate(taken)]
    mixed, other = list(given_lines), list(named)
    Random(seed).shuffle(mixed)
    Random(seed).shuffle(other)
    assert shares_of(mixed, other) == shares_of(given_lines, named)
