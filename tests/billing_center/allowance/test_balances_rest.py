"""Balances over REST: grants, packages and included units of a payer, now and at a past moment."""

from dataclasses import replace

import httpx

from tests.door import running_app
from tests.scenarios.story import Story
from web.app import build_app

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    packages: [{id: p100, units: 100, price: {CNY: 8.00}, days: 30}]
    plans:
      per_use: [{valid_from: 2026-01-01, included: {units: 5}, price: {CNY: 0.10}}]
"""


def test_balances_are_read_over_rest_at_any_moment(story: Story) -> None:
    story.sell(CATALOG)
    story.at("2026-03-02 10:00")
    story.install("o1", payer="boss", product="sms", billing="次", features={"package": "p100"})
    story.use("sms", "25", user="boss")  # 5 of the period, 20 of the package
    story.rate_uses()
    opened = replace(story.center, settings=story.center.settings.model_copy(update={"open_door": True}))
    with (
        running_app(build_app(opened)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/payers/boss") as client,
    ):
        now = client.get("/balances").json()
        before = client.get("/balances", params={"at": "2026-03-01T00:00:00+08:00"}).json()
    [grant], [included] = now["grants"], now["included"]
    assert (grant["grant_id"], grant["granted"], grant["taken"], grant["left"]) == ("order:o1", "100", "20", "80")
    assert (grant["valid_from"], grant["valid_to"], grant["package_id"]) == ("2026-03-02", "2026-04-01", "p100")
    assert (included["balance_id"], included["taken"], included["left"]) == ("included:2026-03-01", "5", "0")
    assert before == {"grants": [], "included": []}
