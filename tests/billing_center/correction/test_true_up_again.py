"""A closed period's commitment, trued up again by the difference when its charges change. Worked by hand.

310.00 a month are committed at 1.00 a use: the period of March is closed on April 1.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing_center.correction.correct_order import CorrectOrderState, correct_order_state
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.reconcile.reconcile_payers import reconcile_payer

COMMITTED = """
products:
  - id: api
    name: committed
    currency: CNY
    unit: count
    plans:
      per_use:
        - {valid_from: 2026-01-01, meter_per: order, commitment: {CNY: "310.00"}, price: {CNY: "1.00"}}
"""


@pytest.fixture
def api(shop: Any, at: Any) -> Any:
    shop.load(COMMITTED)
    shop.order("o1", "api", "次")
    return shop


def use(shop: Any, guid: str, quantity: str, when: Any) -> None:
    shop.use(guid, "api", quantity, when, payer_id="")
    shop.rate()


def close_march(shop: Any, at: Any) -> None:
    shop.clock.at = at(2, month=4)
    shop.issue(date(2026, 4, 1))


def close_april(shop: Any, at: Any) -> None:
    shop.clock.at = at(2, month=5)
    shop.issue(date(2026, 5, 1))


def lines(shop: Any) -> dict[str, Decimal]:
    """What the order's lines come to, by the first day of their period."""
    return {key[1]: value[1] for key, value in shop.sums().items()}


def withdraw(shop: Any, guid: str) -> Any:
    return shop.act(lambda work: withdraw_use(work, WithdrawUse(UseNamed(caller="door", guid=guid), "wrong")))


def test_what_is_withdrawn_below_the_commitment_is_lacking_instead(api: Any, at: Any) -> None:
    """60 and 40 were used, 210 lacked. Without the 40, 250 lack: -40.00 and +40.00 in April."""
    use(api, "a", "60", at(2))
    use(api, "b", "40", at(3))
    close_march(api, at)
    assert lines(api) == {"2026-03-01": Decimal(310)}
    [made] = withdraw(api, "b").differences
    assert (made.amount, made.charges, made.period_start) == (Decimal(0), 2, date(2026, 4, 1))
    assert api.charged() == {"CNY": Decimal(310)}


def test_a_correction_of_march_does_not_count_for_april(api: Any, at: Any) -> None:
    """March had 300 and 100. Without the 300 it is 310: -300.00 + 210.00. April's own 320 suffice: 230."""
    use(api, "a", "300", at(2))
    use(api, "b", "100", at(3))
    close_march(api, at)
    assert lines(api) == {"2026-03-01": Decimal(400)}
    use(api, "c", "320", at(1, month=4))
    [made] = withdraw(api, "a").differences
    assert made.amount == Decimal(-90)
    close_april(api, at)
    assert lines(api) == {"2026-03-01": Decimal(400), "2026-04-01": Decimal(230)}
    with api.center.reading() as work:
        assert reconcile_payer(work, "boss").differences == []


def test_a_late_use_counts_for_the_period_of_its_own_day(api: Any, at: Any) -> None:
    """March came to 100 + 210. A late 50 of March: 160 lack, -50.00. April without a use owes 310 of its own."""
    use(api, "a", "100", at(2))
    close_march(api, at)
    use(api, "late", "50", at(30))
    close_april(api, at)
    assert lines(api) == {"2026-03-01": Decimal(310), "2026-04-01": Decimal(50 - 50 + 310)}
    close_april(api, at)
    assert api.charged() == {"CNY": Decimal(620)}


def test_a_corrected_use_trues_up_once(api: Any, at: Any) -> None:
    """100 were 150: 160 lack instead of 210: -100.00 + 150.00 - 50.00. Again and back: nothing is left over."""
    use(api, "a", "100", at(2))
    close_march(api, at)
    named = UseNamed(caller="door", guid="a")
    for quantity in ("150", "500", "100"):
        api.act(lambda work, q=quantity: correct_use(work, CorrectUse(named, "?", quantity=Decimal(q))))
    assert {start: amount for start, amount in lines(api).items() if amount} == {"2026-03-01": Decimal(310)}
    withdraw(api, "a")
    assert api.charged() == {"CNY": Decimal(310)}


def test_fewer_active_days_owe_less(api: Any, at: Any) -> None:
    """100 used, 210 lacked. Suspended since the 17th: 310 x 16 / 31 = 160.00, 60 lack: -150.00."""
    use(api, "a", "100", at(2))
    close_march(api, at)
    command = CorrectOrderState("o1", "SUSPENDED", at(17, 0), "it was off")
    [made] = api.act(lambda work: correct_order_state(work, command)).differences
    assert made.amount == Decimal(-150)


def test_another_price_and_commitment(api: Any, at: Any) -> None:
    """100 at 1.00 and 210. At 2.00 and 410 it had been 200 and 210: +100.00; the true-up moves to its version."""
    use(api, "a", "100", at(2))
    close_march(api, at)
    right = COMMITTED.replace("310.00", "410.00").replace('price: {CNY: "1.00"}', 'price: {CNY: "2.00"}')
    api.act(lambda work: replace_prices(work, ReplacePrices(right, "x.yaml", "last year's")))
    command = RerateProduct("api", date(2026, 3, 1), date(2026, 3, 31), "last year's")
    [made] = rerate_product(api.center, "operator", command).differences
    assert made.amount == Decimal(100)
    assert api.charged() == {"CNY": Decimal(410)}
