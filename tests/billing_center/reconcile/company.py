"""A generated company over three months, told through the use cases: every way of selling, from one seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.scenarios.story import Story

CATALOG = (Path(__file__).parent / "company.yaml").read_text(encoding="utf-8")

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 2)
DAYS = ("mail", "crm", "im", "suite")
USES = {
    "sms": "",
    "meeting": "minute",
    "storage": "GB",
    "desktop": "hour",
    "stamp": "",
    "phone": "minute",
    "pay": "",
}
BILLING = {"mail": "日", "crm": "日", "im": "月", "suite": "年"}
PROMOTIONS = ("", "", "", "tenth", "minus", "firstmonth")


@dataclass
class Company:
    """Payers who order, use, pause, change and pay at random, but always the same way for one seed."""

    story: Story
    dice: random.Random
    payers: tuple[str, ...] = ("p1", "p2", "p3", "p4", "p5")

    def live(self, *, last: date = LAST) -> None:
        """Live through the days."""
        self.story.sell(CATALOG)
        self.orders: dict[str, tuple[str, str]] = {}
        day = FIRST
        while day < last:
            self.story.at(f"{day} 09:00")
            self._first_day() if day == FIRST else self._any_day(day)
            for hour in (11, 16, 21):
                self.story.at(f"{day} {hour}:30")
                self._uses(day)
            day += timedelta(days=1)
        self.story.at(f"{last} 12:00")

    def _first_day(self) -> None:
        story = self.story
        story.install("use-p1", payer="p1", product="sms", billing="次", promotion="tryit")
        story.install("use-p1b", payer="p1", product="sms", billing="次", customer="branch")
        story.install("use-p2", payer="p2", product="meeting", billing="次", promotion="tenth")
        story.install("phone-p5", payer="p5", product="phone", billing="次", promotion="tryit")
        story.install("suite-p4", payer="p4", product="suite", billing="年")
        story.install("pay-p2", payer="p2", product="pay", billing="次", promotion="tenth")
        story.install("desk-p3", payer="p3", product="desktop", billing="次", features={"CPU": "8"})
        story.install("desk-p4", payer="p4", product="desktop", billing="次", promotion="minus")
        for payer in self.payers:
            self._install(payer, FIRST)

    def _any_day(self, day: date) -> None:
        story, dice = self.story, self.dice
        if dice.random() < 0.25:
            self._install(dice.choice(self.payers), day)
        for order_id in list(self.orders):
            if dice.random() < 0.06:
                self._change(order_id)
        if dice.random() < 0.3:
            story.accounts(dice.choice(self.payers), "crm", dice.randrange(0, 60))
        if day.day == 12:
            story.billing_day("p2", dice.choice([5, 20, 31]))
        if day == date(2026, 3, 20):
            story.currency("p4", "HKD")
        if day == date(2026, 4, 3):
            story.currency("p5", "USD")
        for payer in self.payers:
            for invoice_id in story.invoices(payer):
                if story.invoice(invoice_id).state.value in ("ISSUED", "SENT") and dice.random() < 0.2:
                    (story.fail if dice.random() < 0.3 else story.pay)(invoice_id)
                elif story.invoice(invoice_id).state.value == "FAILED" and dice.random() < 0.2:
                    story.pay(invoice_id)

    def _install(self, payer: str, day: date) -> None:
        dice, order_id = self.dice, f"o{len(self.orders) + 1}"
        product = dice.choice(DAYS)
        start = day - timedelta(days=dice.choice([0, 0, 0, 3, 40]))
        quota = product == "crm"
        features = {"seats": "10"} if dice.random() < 0.3 else {"accountNum": "7"}
        self.story.install(
            order_id, payer=payer, product=product, billing=BILLING[product], start=str(start), quota=quota,
            promotion=dice.choice(PROMOTIONS), features=features,
        )  # fmt: skip
        self.orders[order_id] = (payer, product)

    def _change(self, order_id: str) -> None:
        state = self.story.state(order_id)
        if state == "TERMINATED" or "ARREARS" in state:
            return
        to = {"ACTIVE": ["SUSPENDED", "SUSPENDED", "TERMINATED"], "SUSPENDED": ["ACTIVE"]}[state]
        self.story.change(order_id, self.dice.choice(to))

    def _uses(self, day: date) -> None:
        story, dice = self.story, self.dice
        for _ in range(dice.randrange(0, 4)):
            product = dice.choice(list(USES))
            unit = {"minute": dice.choice(["", "hour"]), "GB": dice.choice(["GB", "MB"])}.get(USES[product], "")
            quantity = {"MB": "512", "hour": "0.4"}.get(unit, str(dice.choice(["1", "2.51", "7", "13"])))
            payer = dice.choice(self.payers)
            back = dice.choice([0, 0, 0, 0, 2, 35])
            at = f"{day - timedelta(days=back + 1)} {dice.randrange(24):02}:00"
            story.use(product, quantity, user=f"u{payer}", payer=payer, at=at, unit=unit,
                      guid=f"g{dice.random()}", minutes=dice.choice([0, 45, 600]))  # fmt: skip
        if dice.random() < 0.2:
            user = dice.choice(["branch", "stranger", "probe"])
            story.use("sms", "2", user=user, payer="p1" if user == "probe" else "", guid=f"g{dice.random()}")
        if dice.random() < 0.1:
            story.use("sms", "", user="u", payer="p3", amount="1.005", guid=f"g{dice.random()}")
        if dice.random() < 0.3:
            story.rate_uses()
