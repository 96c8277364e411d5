"""Field problem 25: reverse and re-enter any record, and all sums are as if it had never been wrong.

Every case lives in one center for three payers: one where a wrong record came and was withdrawn (and entered
again), one where it never came, one where it was right from the start. All sums and all meters must be equal.
"""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_center.allowance.grant_allowance import GrantAllowance, grant_allowance
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use

Record = tuple[str, str, datetime, str]


def a_case(seed: int, at: Any) -> tuple[list[Record], int, str]:
    """Some uses of one product over two periods, which of them is wrong, and the order's promotion."""
    chance = random.Random(seed)
    product = chance.choice(["tiered", "volume", "coupon", "room", "bundle", "bundle"])
    promotion = chance.choice(["", "half", "five", "five"]) if product in ("room", "coupon") else ""
    unit = chance.choice(["hour", "minute"]) if product == "room" else ""
    records = []
    for n in range(chance.randint(2, 7)):
        month, day, hour = chance.choice([2, 3]), chance.randint(1, 19), chance.randint(0, 23)
        quantity = str(chance.randint(1, 9) * (20 if unit == "minute" else 1))
        records.append((f"{seed}-{n}", quantity, at(day, hour, chance.choice([0, 20]), month=month), unit))
    return records, chance.randrange(len(records)), f"{product} {promotion}".strip()


def grants_in(seed: int, payer: str, product: str) -> list[GrantAllowance]:
    """What the payer was granted before it all began: units and money that end, or nothing."""
    chance = random.Random(-seed)
    days = (date(2026, 1, 1), date(2026, 3, 10))
    units = GrantAllowance(
        payer,
        product,
        units=Decimal(chance.randint(1, 9)),
        valid_from=days[0],
        valid_to=days[1],
        grant_id=f"u{payer}",
    )
    money = GrantAllowance(
        payer, product, amount=Decimal(chance.randint(1, 9)), currency="CNY", valid_from=days[0],
        grant_id=f"m{payer}",
    )  # fmt: skip
    return chance.choice([[], [units], [money], [units, money]])


def enter(shop: Any, payer: str, product: str, record: Record, *, ordered: bool) -> None:
    guid, quantity, when, unit = record
    user = {"payer_id": "", "user_id": f"user of {payer}"} if ordered else {"payer_id": payer}
    ended = when + timedelta(hours=3)
    shop.use(f"{payer}-{guid}", product, quantity, when, unit=unit, ended_at=ended, **user)
    shop.rate()


def of_payer(found: dict[tuple[str, ...], Any], payer: str) -> dict[tuple[str, ...], Any]:
    return {tuple(k.replace(payer, "X") for k in key): v for key, v in found.items() if key[0] == payer}


def alike(shop: Any, one: str, two: str, told: str) -> None:
    """Sums and meters of the two payers are equal.

    Amounts and meters exactly; quantities, which are shown in a larger unit than the meter's and rounded on
    meters that outlive a period, but for 0.000001s: they go with the uses that had the free minutes.
    """

    mine, theirs = of_payer(shop.sums(), one), of_payer(shop.sums(), two)
    nothing = (Decimal(0), Decimal(0), Decimal(0))
    for key in mine.keys() | theirs.keys():
        (quantity, *money), (its_quantity, *its_money) = mine.get(key, nothing), theirs.get(key, nothing)
        assert money == its_money, (key, told)
        assert abs(quantity - its_quantity) < Decimal("0.00001"), (key, told)
    assert of_payer(shop.meters(), one) == of_payer(shop.meters(), two), told


@pytest.mark.parametrize("seed", range(0, 30, 10))
def test_withdrawn_is_as_if_it_had_never_been_and_re_entered_as_if_it_had_always_been(
    shop: Any, at: Any, seed: int
) -> None:
    for case in range(seed, seed + 10):
        records, wrong, words = a_case(case, at)
        product, _, promotion = words.partition(" ")
        one, two, three = f"wrong{case}", f"never{case}", f"right{case}"
        ordered = product == "room" or bool(promotion)
        for payer in (one, two, three):
            if ordered:
                shop.order(
                    f"o-{payer}", product, "次", payer_id=payer, cust_id=f"user of {payer}",
                    promotion_id=promotion, start_at=at(1, 0, month=1),
                )  # fmt: skip
            user = {"payer_id": payer, "user_id": f"user of {payer}"}
            shop.use(f"{payer}-first", product, "0.5", at(1, 1, month=1), **user)
            shop.rate()
            shop.tick()
            for granted in grants_in(case, payer, product):
                shop.act(lambda work, granted=granted: grant_allowance(work, granted))
        for n, record in enumerate(records):
            shop.tick()
            for payer in (one, two, three) if n != wrong else (one, three):
                enter(shop, payer, product, record, ordered=ordered)
        named = UseNamed(caller="door", guid=f"{one}-{records[wrong][0]}")
        shop.act(lambda work, named=named: withdraw_use(work, WithdrawUse(named, "wrong")))
        told = f"case {case}: {words}, record {wrong} of {records}"
        alike(shop, one, two, told)

        shop.act(lambda work, named=named: correct_use(work, CorrectUse(named, "it was right")))
        alike(shop, one, three, told)
    shop.charged()


def test_any_record_of_one_price_reversed_and_re_entered_leaves_every_sum_as_it_was(shop: Any, at: Any) -> None:
    """Within one period and one price it does not matter that the record comes last now."""
    for product in ("tiered", "volume", "coupon"):
        for n in range(6):
            shop.use(f"{product}-{n}", product, str(1 + 3 * n % 8), at(2 + n))
    shop.rate()
    before = (shop.sums(), shop.meters(), shop.charged())
    assert before[2]["CNY"] > Decimal(10)
    for product in ("tiered", "volume", "coupon"):
        for n in range(6):
            named = UseNamed(caller="door", guid=f"{product}-{n}")
            shop.act(lambda work, named=named: withdraw_use(work, WithdrawUse(named, "?")))
            shop.act(lambda work, named=named: correct_use(work, CorrectUse(named, "!")))
            assert (shop.sums(), shop.meters(), shop.charged()) == before
