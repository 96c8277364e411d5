"""A company of any size. Everything follows from the seed and a number, so it streams: nothing is kept in memory.

The shape: each payer has one to four order lines of subscriptions and per-use orders for what its people use; the
uses are skewed (an eighth of the payers makes half of them), 3 % are late by up to five days, 1 % are repeats, a
third names no payer, a tenth carries no guid. Two in a hundred payers have an order stopped on a day, most of them
have it resumed on the same; two in a hundred of those with accounts change their number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from heapq import merge
from zoneinfo import ZoneInfo

from benchmarks.company.dice import Dice
from benchmarks.company.facts import AccountFact, OrderFact, PayerFact, StateFact, UseFact

CATALOG = """
products:
  - {id: mail, name: 企业邮箱, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]}}
  - {id: crm, name: 客户管理, currency: CNY, plans: {account_day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}}
  - {id: suite, name: 办公套件, currency: CNY, plans: {month: [{valid_from: 2020-01-01, price: {CNY: 98.00}}]}}
  - {id: site, name: 建站, currency: CNY, plans: {year: [{valid_from: 2020-01-01, price: {CNY: 1980.00}}]}}
  - {id: api, name: 接口调用, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.0125}}]}}
  - {id: sms, name: 短信, currency: CNY, unit: count, free: {uses: 3},
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.05}}]}}
  - {id: voice, name: 网络电话, currency: CNY, unit: second, real_time: true,
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.005}}]}}
  - id: meeting
    name: 视频会议
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices:
            - {currency: CNY, model: graduated,
               tiers: [{up_to: 1000, price: 0.30}, {up_to: 5000, price: 0.20}, {price: 0.10}]}
  - id: storage
    name: 云存储流量
    currency: CNY
    unit: GB
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices: [{currency: CNY, model: package, price: 5.00, size: 10, included: 5}]
"""
SUBSCRIPTIONS = (("mail", "日", False), ("crm", "日", True), ("suite", "月", False), ("site", "年", False))
PER_USE = ("api", "sms", "meeting", "storage")
REAL_TIME = "voice"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE, REPEATED, NAMELESS, WITHOUT_GUID, STOPPED = 30, 10, 333, 100, 20  # per mille
_UNITS = {"meeting": ("minute", "second", "hour"), "storage": ("GB", "MB", "GB")}
_REMEMBERED = 512
_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Company:
    """A company with `payers` payers whose first orders were opened before `first_day`."""

    payers: int
    seed: int = 1
    first_day: date = date(2026, 3, 1)
    zone: ZoneInfo = SHANGHAI

    def payer(self, number: int) -> PayerFact:
        """One payer; 0 is the busiest."""
        dice = Dice(self.seed, f"payer/{number}")
        return PayerFact(self.payer_id(number), 1 + dice.below(28), "CNY")

    def payer_id(self, number: int) -> str:
        """Its id."""
        return f"payer-{number:08d}"

    def all_payers(self) -> Iterator[PayerFact]:
        """Every payer."""
        return map(self.payer, range(self.payers))

    def orders_of(self, number: int) -> list[OrderFact]:
        """The payer's order lines: subscriptions, and one for each per-use product that its people use."""
        dice, payer_id = Dice(self.seed, f"orders/{number}"), self.payer_id(number)
        sold = [SUBSCRIPTIONS[dice.below(4)] for _ in range(1 + dice.below(4))]
        sold += [(product, "次", False) for product in (*PER_USE, REAL_TIME)]
        found = []
        for line, (product_id, billing_type, is_quota) in enumerate(sold):
            day = self.first_day - timedelta(days=1 + dice.below(400))
            start_at = datetime.combine(day, time(9 + dice.below(9), dice.below(60)), self.zone)
            order_id = f"order-{number:08d}-{line}"
            found.append(
                OrderFact(order_id, f"cust-{number:08d}", payer_id, product_id, billing_type, start_at, is_quota)
            )
        return found

    def orders(self) -> Iterator[OrderFact]:
        """Every order line."""
        for number in range(self.payers):
            yield from self.orders_of(number)

    def state_changes(self, day: date) -> Iterator[StateFact]:
        """The orders that are stopped on a day, and those that are resumed on it; by payer, then in time."""
        for number in range(self.payers):
            dice = Dice(self.seed, f"states/{day}/{number}")
            if not dice.happens(STOPPED):
                continue
            order = self.orders_of(number)[0]
            stopped = self._at(day, dice.below(_MICROSECONDS // 2))
            yield StateFact(stopped, order.order_id, order.payer_id, "SUSPENDED")
            if dice.happens(700):
                yield StateFact(
                    stopped + timedelta(hours=1 + dice.below(11)), order.order_id, order.payer_id, "ACTIVE"
                )

    def account_changes(self, day: date) -> Iterator[AccountFact]:
        """The account numbers that change on a day: of every payer with accounts on the first one."""
        for number in range(self.payers):
            dice = Dice(self.seed, f"accounts/{day}/{number}")
            if day != self.first_day and not dice.happens(STOPPED):
                continue
            if any(order.is_quota for order in self.orders_of(number)):
                at = self._at(day, 0 if day == self.first_day else dice.below(_MICROSECONDS))
                yield AccountFact(at, self.payer_id(number), "crm", 1 + dice.skewed(200))

    def uses(self, day: date, count: int, *, products: tuple[str, ...] = PER_USE) -> Iterator[UseFact]:
        """So many uses that are reported on a day, evenly over it, in the order in which they are reported."""
        dice = Dice(self.seed, f"uses/{day}")
        recent: list[UseFact] = []
        for n in range(count):
            at = self._at(day, n * _MICROSECONDS // count)
            if recent and dice.happens(REPEATED):
                again = recent[dice.below(len(recent))]
                yield UseFact(at, again.guid, again.user_id, again.payer_id, again.product_id, again.started_at,
                              again.ended_at, again.quantity, again.unit)  # fmt: skip
                continue
            use = self._use(dice, at, f"{day:%y%m%d}-{n}", products)
            if len(recent) < _REMEMBERED:
                recent.append(use)
            else:
                recent[n % _REMEMBERED] = use
            yield use

    def day(self, day: date, uses: int) -> Iterator[StateFact | AccountFact | UseFact]:
        """All that is reported on a day, in the order of time. Memory: the changes of the day, not its uses."""
        changes: list[StateFact | AccountFact] = [*self.state_changes(day), *self.account_changes(day)]
        changes.sort(key=lambda fact: fact.at)
        return merge(changes, self.uses(day, uses, products=(*PER_USE, REAL_TIME)), key=lambda fact: fact.at)

    def _use(self, dice: Dice, at: datetime, guid: str, products: tuple[str, ...]) -> UseFact:
        number = dice.skewed(self.payers)
        product_id = products[dice.below(len(products))]
        started = at - timedelta(seconds=dice.below(30))
        if dice.happens(LATE):
            started -= timedelta(hours=1 + dice.below(120))
        units = _UNITS.get(product_id, ("",))
        unit = units[dice.below(len(units))]
        quantity = (
            Decimal(1 + dice.skewed(100)) if unit in ("", "minute") else Decimal(1 + dice.below(5000)) / 1000
        )
        nameless = dice.happens(NAMELESS)
        user_id = f"cust-{number:08d}" if nameless else f"user-{number:08d}-{dice.below(20)}"
        payer_id = "" if nameless else self.payer_id(number)
        if dice.happens(WITHOUT_GUID):
            guid = ""
        ended = started + timedelta(seconds=dice.below(600))
        return UseFact(at, guid, user_id, payer_id, product_id, started, ended, quantity, unit)

    def _at(self, day: date, microseconds: int) -> datetime:
        """An instant of a civil day, in milliseconds."""
        return datetime.combine(day, time(0), self.zone) + timedelta(milliseconds=microseconds // 1000)
