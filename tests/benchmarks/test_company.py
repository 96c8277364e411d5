"""The company of the benchmarks: the same from the same seed, of any size at once, of the shape that it claims."""

from collections import Counter
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

from benchmarks.company.calls import calls
from benchmarks.company.company import CATALOG, PER_USE, Company
from benchmarks.company.facts import UseFact
from billing_center.catalog.load_catalog import load_catalog
from tests.door import RunningDoor

SMALL = Company(200, seed=3)
DAY = SMALL.first_day


def all_of(company: Company) -> list[Any]:
    return [*company.all_payers(), *company.orders(), *company.day(company.first_day, 300)]


def test_the_same_seed_is_the_same_company_and_another_seed_is_another() -> None:
    assert all_of(SMALL) == all_of(Company(200, seed=3))
    other = Company(200, seed=4)
    assert not set(map(str, SMALL.uses(DAY, 300))) & set(map(str, other.uses(DAY, 300)))


def test_a_day_and_a_payer_are_the_same_whatever_was_asked_before() -> None:
    tomorrow = list(SMALL.uses(DAY + timedelta(days=1), 50))
    list(SMALL.uses(DAY, 50))
    assert list(SMALL.uses(DAY + timedelta(days=1), 50)) == tomorrow
    assert list(SMALL.orders())[-1] == SMALL.orders_of(199)[-1]
    assert Company(10**6, seed=3).orders_of(199) == SMALL.orders_of(199)


def test_the_largest_company_streams_from_its_first_fact_on() -> None:
    largest = Company(10**9)
    assert [order.payer_id for order in islice(largest.orders(), 1)] == ["payer-00000000"]
    assert len(list(islice(largest.uses(DAY, 10**9), 1000))) == 1000


def test_uses_have_the_shape_that_is_claimed() -> None:
    uses = list(SMALL.uses(DAY, 20_000))
    late = sum(use.at - use.started_at > timedelta(minutes=30) for use in uses)
    nameless = sum(not use.payer_id for use in uses)
    counted = Counter(use.guid for use in uses if use.guid)
    repeated = sum(count - 1 for count in counted.values())
    whose = Counter(use.user_id.split("-")[1] for use in uses)
    busiest = sum(count for _, count in whose.most_common(200 // 8))
    assert 400 < late < 800  # 3 %
    assert 6000 < nameless < 7400  # a third
    assert 100 < repeated < 300  # 1 %, a tenth of them without a guid
    assert 0.45 < busiest / len(uses) < 0.6  # an eighth of the payers
    assert {use.product_id for use in uses} == set(PER_USE)
    assert all(use.ended_at >= use.started_at and use.quantity > 0 for use in uses)


def test_a_day_is_told_in_the_order_of_time_and_changes_match_the_orders() -> None:
    facts = list(SMALL.day(DAY, 500))
    assert all(one.at <= other.at for one, other in pairwise(facts))
    orders = {order.order_id: order for order in SMALL.orders()}
    accounts = {payer.payer_id for payer in SMALL.all_payers()}
    stopped = list(SMALL.state_changes(DAY))
    assert stopped
    assert all(change.order_id in orders and change.payer_id in accounts for change in stopped)
    assert len(facts) == 500 + len(stopped) + len(list(SMALL.account_changes(DAY)))


def test_its_calls_are_accepted_by_the_door(door: RunningDoor) -> None:
    company = Company(4, first_day=door.center.clock.now().astimezone(SMALL.zone).date())
    door.center.transact("test", lambda work: load_catalog(work, CATALOG, "company.yaml"))
    with door.client() as client:
        answers = [call.send(client) for call in calls(company, days=1, uses_a_day=60)]
    assert len(answers) >= 60 + len(list(company.orders()))
    assert set(answers) == {"1"}
    assert sum(isinstance(fact, UseFact) for fact in company.day(company.first_day, 60)) == 60
