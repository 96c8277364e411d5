"""Every price shape looked ahead at and replayed: previews come to what is booked, simulations to what was."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from billing_center.allowance.grant_allowance import BuyPackage, GrantAllowance, buy_package, grant_allowance
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.foresight.catalog_contents import contents_of_file, draft_snapshot
from billing_center.foresight.preview_payer import PayerPreview, preview_payer
from billing_center.foresight.simulate import Simulation, simulate
from tests.billing_center.foresight.every_shape import CATALOG, USES, record_demand, use_everything
from tests.scenarios.story import Story

MARCH = date(2026, 3, 1)


def previewed(story: Story, payer: str = "boss") -> PayerPreview:
    with story.center.reading() as work:
        return preview_payer(work, payer)


def waiting(found: PayerPreview) -> dict[str, D]:
    amounts: dict[str, D] = {}
    for line in found.pending.lines:
        amounts[line.product_id] = amounts.get(line.product_id, D(0)) + line.amount
    return amounts


def run(story: Story, catalog: str = CATALOG) -> Simulation:
    draft = draft_snapshot(story.center, contents_of_file(catalog, "draft"))
    return simulate(story.center, draft, MARCH, lambda payers: None)


def install(story: Story, product: str, billing: str, *, payer: str = "boss", **more: Any) -> None:
    order_id = f"{payer}-{product}-{more.get('promotion', '')}"
    story.install(order_id, payer=payer, product=product, billing=billing, **more)


def act(story: Story, command: GrantAllowance | BuyPackage | WithdrawUse | CorrectUse) -> None:
    verbs = {GrantAllowance: grant_allowance, BuyPackage: buy_package, WithdrawUse: withdraw_use,
             CorrectUse: correct_use}  # fmt: skip
    story.center.transact("operator", lambda work: verbs[type(command)](work, command))  # type: ignore[operator]


@pytest.fixture
def shapes(story: Story) -> Story:
    """Everything is on sale, and the factor known from 1 March on."""
    story.sell(CATALOG)
    record_demand(story)
    return story


def test_uses_of_every_shape_wait_at_their_price(shapes: Story) -> None:
    shapes.begin("2026-03-11 08:00")
    use_everything(shapes, "boss")
    before = previewed(shapes)
    assert waiting(before) == USES
    assert (before.pending.cannot, before.pending.filtered) == ((), 2)
    shapes.rate_uses()
    after = previewed(shapes)
    assert [draft.lines for draft in after.invoices] == [draft.lines for draft in before.with_pending]


def test_orders_of_every_plan_wait_at_their_price(shapes: Story) -> None:
    for product, billing in (
        ("box", "日"),
        ("crm", "月"),
        ("m30", "月"),
        ("m30a", "月"),
        ("year", "年"),
        ("yeara", "年"),
    ):
        install(shapes, product, billing)
    install(shapes, "desk", "日", quota=True)
    shapes.accounts("boss", "desk", 3)
    for promotion in ("tenth", "minus20", "ten-days"):
        install(shapes, "box", "日", promotion=promotion)
    shapes.begin("2026-03-12 09:00")
    shapes.change("boss-m30a-", "TERMINATED")
    before = previewed(shapes)
    assert waiting(before) == {
        # 12 days at 2.00; 10 % less; 20.00 less; ten days free
        "box": D("24") + D("21.6") + D("4") + D("4"),
        "desk": D("36"),
        "crm": D("310"),  # in advance
        "m30": D("120"),  # 12 thirtieths
        "m30a": D("120"),  # all in advance, and what is not used given back on the last day
        "year": D("12"),
        "yeara": D("365"),
    }
    shapes.begin("2026-03-13 00:01")
    shapes.night()
    after = previewed(shapes)
    charged = {(line.order_id, line.amount) for draft in after.invoices for line in draft.lines}
    assert charged == {(line.order_id, line.amount) for draft in before.with_pending for line in draft.lines}


def test_balances_are_burned_in_a_preview_as_they_will_be(shapes: Story) -> None:
    install(shapes, "box", "日")
    act(shapes, GrantAllowance("boss", amount=D("5.00"), currency="CNY"))
    act(shapes, BuyPackage("boss", "incl", "p5"))
    shapes.begin("2026-03-03 12:00")
    shapes.use("incl", "18", user="ann", payer="boss", guid="i")
    shapes.use("trial", "5", user="ann", payer="boss", guid="t")
    before = previewed(shapes)
    # 18 of incl: 10 included, 5 of the package, 3.00 from the credit; 5 of trial: 3 free, 0.20 from the credit;
    # three days of box are 6.00, of which 5.00 - 3.20 = 1.80 are left to pay
    assert waiting(before) == {"incl": D(0), "trial": D(0), "box": D("4.2")}
    assert [draft.base_amount for draft in before.invoices] == [D("4.00")]
    shapes.begin("2026-03-04 00:01")
    shapes.night()
    assert [draft.lines for draft in previewed(shapes).invoices] == [draft.lines for draft in before.with_pending]


@pytest.fixture
def march(shapes: Story) -> Story:
    """From 20 February to 1 April: `boss` has everything once; `rich` pays uses and days from a credit; `mid` is
    billed on the 10th; `us` pays in dollars. Late facts, corrections and balances of February are among them."""
    story = shapes
    story.begin("2026-02-20")
    for product in ("year", "yeara"):
        install(story, product, "年")
    for payer in ("boss", "rich"):
        story.use("trial", "2", user="ann", payer=payer, guid=f"{payer}-trial-1")
        story.use("incl", "4", user="ann", payer=payer, guid=f"{payer}-incl-1")
    install(story, "crm", "月", payer="mid")
    story.billing_day("mid", 10)
    story.at("2026-03-01 09:00")
    for product, billing in {"box": "日", "crm": "月", "m30": "月", "m30a": "月"}.items():
        install(story, product, billing)
    install(story, "desk", "日", quota=True)
    story.accounts("boss", "desk", 3)
    for promotion in ("tenth", "minus20", "ten-days"):
        install(story, "box", "日", promotion=promotion)
    install(story, "api", "次", promotion="ten-uses", features={"cpu": "8"})
    install(story, "box", "日", payer="rich")
    install(story, "box", "日", payer="us")
    story.currency("us", "USD")
    story.at("2026-03-04 12:00")
    install(story, "yeara", "年", payer="rich")
    act(story, GrantAllowance("rich", amount=D("9.00"), currency="CNY", valid_from=date(2026, 3, 1)))
    act(story, BuyPackage("boss", "incl", "p5"))
    story.use("trial", "5", user="ann", payer="boss", guid="boss-trial-2")
    for payer in ("boss", "rich"):
        story.use("incl", "23", user="ann", payer=payer, guid=f"{payer}-incl-2")
    story.use("api", "12", user="boss", guid="api")
    story.at("2026-03-11 08:00")
    use_everything(story, "boss")
    use_everything(story, "mid")
    story.use("cap", "3", user="ann", payer="boss", at="2026-02-27 10:00", guid="late")
    story.use("trial", "7", user="ann", payer="us", amount="3.33", guid="priced")
    story.at("2026-03-12 12:00")
    for order_id in ("boss-m30-", "boss-m30a-", "rich-yeara-"):
        story.change(order_id, "TERMINATED" if order_id != "boss-m30-" else "SUSPENDED")
    story.at("2026-03-20 12:00")
    act(story, WithdrawUse(UseNamed(caller="product", guid="boss-trial-2"), "never was"))
    act(story, CorrectUse(UseNamed(caller="product", guid="api"), "13 it was", quantity=D(13)))
    story.pay("boss-20260201")
    story.pay("rich-20260201")
    story.at("2026-04-01 12:00")
    story.use("hits", "1", user="ann", payer="rich", at="2026-03-31 10:00", guid="after")
    story.rate_uses()
    return story


def test_by_the_same_catalog_nothing_differs(march: Story) -> None:
    report = run(march)
    assert (report.rows, report.unrated, report.payers, report.filtered) == ([], [], 4, 0)
    charged = {one.product_id: one.charged for one in report.products if one.currency == "CNY"}
    # `mid` moved its billing day: its periods from 1 and from 10 March, where the factor's use begins a new meter
    assert charged["demand"] == 2 * USES["demand"]
    # `boss` was stopped for arrears from the 12th to the 19th: of m30a it kept 11 thirtieths, of its year of 365
    # eight days came back; `rich` kept nine days of its own, and its credit got back the 9.00 that it had paid
    assert charged["m30a"] == D("110")
    assert charged["yeara"] == D("-8") + D("9") + D("9")


DRAFT = (
    CATALOG.replace("days: [2026-03-03, 2026-03-10]", "days: [2026-03-02, 2026-03-10]")
    .replace("metered: max, price: {CNY: 2.00}", "metered: sum, price: {CNY: 3.00}")
    .replace("metered: unique, price: {CNY: 10.00}", "metered: count, price: {CNY: 6.00}")
    .replace("metered: latest, price: {CNY: 1.00}", "metered: max, price: {CNY: 1.00}")
    .replace("metered: time, price: {CNY: 0.10}", "metered: time, price: {CNY: 0.20}")
    .replace("factor: demand, price: {CNY: 0.30}", "price: {CNY: 0.30}")
    .replace("included: {units: 10, carry_over: 1}", "included: {units: 10}")
    .replace("in_advance: true, proration: months_of_30", "proration: months_of_30")
    .replace("{id: ten-days, name: d, free_days: 10}", "{id: ten-days, name: d, free_days: 5}")
)


def test_a_draft_differs_by_what_was_worked_out(march: Story) -> None:
    found: dict[str, dict[str, D]] = {}
    for one in run(march, DRAFT).rows:
        found.setdefault(one.payer_id, {})[one.product_id] = one.difference
    of_uses = {
        "line": D("-4"),  # the evening of the 2nd is a holiday: 3 x 1.00 instead of 3.00 + 4.00
        "disk": D("28"),  # 14 x 3.00 instead of 7 x 2.00
        "seat": D("-2"),  # three uses at 6.00 instead of two users at 10.00
        "gauge": D("5"),  # 9 at most instead of 4 at last
        "vm": D("2.4"),
        "demand": D("-1.5"),  # 20 x 0.30 without the factor
    }
    assert found == {
        # nothing is carried over from February: 23 - 10 - 5 of the package instead of 23 - 6 - 10 - 5; the 6th to
        # the 10th are not free; a month in arrear comes to what it came to in advance
        "boss": of_uses | {"incl": D("6"), "box": D("10")},
        "mid": of_uses,
        # 13.00 instead of 7.00, of which the credit of 9.00 pays all it has: none is left for the 4th's 2.00
        "rich": {"incl": D("4"), "box": D("2")},
    }
