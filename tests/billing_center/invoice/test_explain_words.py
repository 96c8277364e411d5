"""Explanations in Chinese and English: the numbers between a line and its facts, worked out again."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from typer.testing import CliRunner

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.center import Center
from billing_center.cli.invoice import app
from billing_center.clock import SettableClock
from billing_center.invoice.explain_invoice import explain_invoice
from billing_center.invoice.explain_language import Language, language_of, note_words
from billing_center.invoice.explain_words import Teller
from tests.door import running_app
from tests.scenarios.story import Story
from web.app import build_app

PRODUCTS = """
products:
  - id: fax
    name: 传真
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 1.50}}]
  - id: call
    name: 网络电话
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: 5, price: 0.30}, {price: 0.20}]}
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      month: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 31.00}]}]
promotions:
  - {id: half, name: 半价, percent_off: 50}
"""


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Story:
    """A March of fax uses, calls and two subscriptions, billed on 1 April."""
    told = Story(center, clock)
    told.sell(PRODUCTS)
    told.install("o-half", payer="huadong", product="mail", billing="月", promotion="half")
    for hour in range(5):
        told.at(f"2026-03-02 1{hour}:00")
        told.use("fax", user="li", payer="huadong", guid=f"f{hour}")
    told.use("call", "240", unit="s", user="li", payer="huadong", guid="c1")
    told.use("call", "3", user="li", payer="huadong", guid="c2")
    told.at("2026-04-01 12:00")
    return told


def told(story: Story, language: Language, product: str) -> tuple[str, list[str]]:
    """The line's sentences as one text, and each charge's."""
    with story.center.reading() as work:
        explained = explain_invoice(work, "huadong-20260301")
        teller = Teller(work.catalog, work.zone, language)
        [line] = [one for one in explained.lines if one.line.product_id == product]
        return " ".join(teller.line(line)), [" ".join(teller.charge(one)) for one in line.charges]


def test_free_uses_and_paid_ones_are_told_apart(story: Story) -> None:
    line, charges = told(story, Language.ZH, "fax")
    # five uses, three of them free; the price meter sees two: F(2) = 3.00
    assert "传真（fax）" in line
    assert "5 笔费用，数量 5，合计 3.00" in line
    assert "3 笔，数量 3，前 3 次免费，0.00 CNY" in line
    assert "表读数 0 → 2 次。 F(2) − F(0) = 3.00 − 0.00 = 3.00 CNY。" in line
    assert "价格版本 fax/per_use/2020-01-01：每次 1.50 CNY。" in line
    assert "2026-03-02 10:00，用户 li 使用 1 次" in charges[0]
    assert "永久）读数 0 → 1 次" in charges[0]
    assert "表读数 1 → 2 次。 F(2) − F(1) = 3.00 − 1.50 = 1.50 CNY。" in charges[4]
    line, charges = told(story, Language.EN, "fax")
    assert "3 charges, quantity 3, free: first 3 uses, 0.00 CNY" in line
    assert "The meter went from 0 to 2 uses. F(2) − F(0) = 3.00 − 0.00 = 3.00 CNY." in line
    assert "Price version fax/per_use/2020-01-01: 1.50 CNY per count." in line
    assert "user li, 1 uses" in charges[0]


def test_readings_are_told_in_the_plans_unit_and_in_base_units(story: Story) -> None:
    line, charges = told(story, Language.ZH, "call")
    # 4 minutes at 0.30, then 1 at 0.30 and 2 at 0.20
    assert "表读数 0 → 7 分钟（表以秒计：0 → 420 秒）。" in line
    assert "F(7) − F(0) = 1.90 − 0.00 = 1.90 CNY" in line
    assert "每分钟 分段累进 至 5：0.3；以上：0.2 CNY" in line
    assert "使用 240 s" in charges[0]
    assert "使用 3 分钟" in charges[1]
    assert "F(7) − F(4) = 1.90 − 1.20 = 0.70 CNY" in charges[1]
    _, charges = told(story, Language.EN, "call")
    assert "from 4 to 7 minutes (the meter counts seconds: 240 → 420 seconds)" in charges[1]


def test_a_months_days_and_its_promotion_are_told(story: Story) -> None:
    line, charges = told(story, Language.ZH, "mail")
    # 31.00 a month at half price: 15.50
    assert "优惠前 31.00 CNY" in line
    assert "表读数 0 → 31 天，按 31 天分摊。 F(31) − F(0) = 15.50 − 0.00 = 15.50 CNY。" in line
    assert "优惠 half：优惠前 1.00，优惠后 0.50 CNY" in charges[0]
    assert "状态 2026-03-01 00:00 ACTIVE" in charges[0]
    _, charges = told(story, Language.EN, "mail")
    assert "spread over 31 days" in charges[0]


def test_an_amount_that_the_catalog_does_not_give_is_not_dressed_up(story: Story) -> None:
    with story.center.reading() as work:
        line = explain_invoice(work, "huadong-20260301").lines[0]
        empty = Teller(CatalogSnapshot("none"), work.zone, Language.EN)
        assert all("Price version" not in sentence for sentence in empty.line(line))


def test_the_better_liked_language_is_taken() -> None:
    assert language_of("") is Language.ZH
    assert language_of("fr, en;q=0.5") is Language.EN
    assert language_of("en;q=0.5, zh-CN;q=0.9") is Language.ZH
    assert language_of("en-GB, zh;q=0.9") is Language.EN
    assert language_of("en;q=x, zh") is Language.EN


def test_notes_are_translated_and_unknown_ones_left_alone() -> None:
    assert note_words("free: first 7 days", Language.ZH) == "首次开通起前 7 天免费"
    assert note_words("free: first 10 minute", Language.ZH) == "前 10 分钟免费"
    assert note_words("something else", Language.ZH) == "something else"


@pytest.fixture
def rest(story: Story) -> Iterator[httpx.Client]:
    opened = story.center.settings.model_copy(update={"open_door": True})
    object.__setattr__(story.center, "settings", opened)
    with (
        running_app(build_app(story.center)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as client,
    ):
        yield client


def test_rest_explains_in_the_language_that_is_asked_for(rest: httpx.Client) -> None:
    chinese = rest.get("/invoices/huadong-20260301/explain")
    assert (chinese.headers["content-language"], chinese.json()["language"]) == ("zh", "zh")
    assert chinese.json()["lines"][0]["sentences"][0].startswith("第 1 行")
    english = rest.get("/invoices/huadong-20260301/explain", headers={"Accept-Language": "en"}).json()
    assert english["lines"][0]["sentences"][0].startswith("Line 1:")
    one = rest.get("/invoices/huadong-20260301/explain", params={"line": 1, "limit": 1, "lang": "en"}).json()
    assert (one["more"], len(one["charges"])) == (True, 1)
    assert one["charges"][0]["reckoning"]["price_after"] is not None
    assert rest.get("/invoices/nobody/explain").status_code == 404
    assert rest.get("/invoices/huadong-20260301/explain", params={"lang": "fr"}).status_code == 400


def test_the_command_tells_sentences(story: Story, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    shown = CliRunner().invoke(app, ["explain", "huadong-20260301", "--lang", "zh"], catch_exceptions=False)
    assert "F(7) − F(0) = 1.90 − 0.00 = 1.90 CNY" in shown.output
    assert date(2026, 3, 2).isoformat() in shown.output
