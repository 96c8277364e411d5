"""The catalog in words: products with the plans in force, promotions, exchange rates; one product's versions."""

from billing_center.catalog.catalog_words import benefit_words, price_words, terms_words
from billing_center.rating.price_version import PriceVersion
from web.console.amounts import quantity
from web.console.markup import Child, Html, join, tag
from web.console.page import Page
from web.console.parts import Column, facts, id_link, section, table
from web.console.visit import Visit


def catalog(visit: Visit) -> Page:
    """Everything in the catalog."""
    t, snapshot = visit.t, visit.work.catalog
    body = join(
        tag("p", t("Catalog version ", "目录版本 "), snapshot.version, class_="soft"),
        section(t("Products", "产品"), _products(visit)),
        section(t("Promotions", "促销"), _promotions(visit)),
        section(t("Exchange rates", "汇率"), _rates(visit)),
    )
    return Page(t("Catalog", "目录"), body)


def product(visit: Visit) -> Page:
    """One product with every version of its prices. Raises: Unknown (UNKNOWN_PRODUCT)."""
    t, today = visit.t, visit.work.today
    listed = visit.work.catalog.product(visit.arg("id"), named="id")
    one = listed.product
    told = facts([
        (t("On sale", "在售"), _on_sale(visit, one.on_sale)),
        (t("Currency", "币种"), one.currency),
        (t("Terms", "条款"), terms_words(listed)),
    ])  # fmt: skip
    columns = (
        Column(t("Plan", "计费方式")), Column(t("Version", "版本")), Column(t("From", "自")),
        Column(t("Until", "至")), Column(t("In force", "生效")), Column(t("Price", "价格")),
        Column(t("Applies to", "适用")),
    )  # fmt: skip
    versions = sorted(one.versions, key=lambda v: (v.plan.value, v.valid_from), reverse=True)
    rows = [
        (
            version.plan.value, version.version_id, visit.day(version.valid_from), visit.day(version.valid_to),
            tag("span", t("in force", "生效"), class_="badge good") if version.in_force_on(today) else None,
            *_prices(version),
        )
        for version in versions
    ]  # fmt: skip
    body = join(
        told,
        section(
            t("Prices", "价格"),
            table(visit, t("Versions, the newest of each plan first", "版本，各计费方式最新在前"), columns, rows),
        ),
    )
    return Page(f"{one.name} · {one.product_id}", body)


def _prices(version: PriceVersion) -> tuple[Html, Html]:
    """Two cells with a line for each price: what it asks, and of what."""
    words = [price_words(version, price) for price in version.prices]
    asks = join([tag("div", asked) for asked, _ in words])
    return asks, join([tag("div", applies) for _, applies in words])


def _on_sale(visit: Visit, on_sale: bool) -> Html:
    t = visit.t
    if on_sale:
        return tag("span", t("on sale", "在售"), class_="badge good")
    return tag("span", t("not on sale", "停售"), class_="badge")


def _products(visit: Visit) -> Html:
    t, today = visit.t, visit.work.today
    columns = (
        Column(t("Product", "产品")), Column(t("Name", "名称")), Column(t("On sale", "在售")),
        Column(t("Prices in force today", "今日价格")), Column(t("Terms", "条款")),
    )  # fmt: skip
    rows: list[tuple[Child, ...]] = []
    for product_id, listed in sorted(visit.work.catalog.products.items()):
        one = listed.product
        in_force = [version for version in one.versions if version.in_force_on(today)]
        prices = [tag("div", price_words(v, price)[0]) for v in in_force for price in v.prices]
        name = id_link(visit, "/product", product_id)
        rows.append((name, one.name, _on_sale(visit, one.on_sale), join(prices), terms_words(listed)))
    return table(visit, t("By id", "按编号"), columns, rows, empty=t("No catalog is loaded.", "尚未加载目录。"))


def _promotions(visit: Visit) -> Html:
    t = visit.t
    columns = (Column(t("Promotion", "促销")), Column(t("Name", "名称")), Column(t("Gives", "优惠")),
               Column(t("Limits", "限制")))  # fmt: skip
    rows = [
        (promotion_id, promotion.name, *benefit_words(promotion))
        for promotion_id, promotion in sorted(visit.work.catalog.promotions.items())
    ]
    return table(visit, t("By id", "按编号"), columns, rows, empty=t("No promotion.", "没有促销。"))


def _rates(visit: Visit) -> Html:
    t, base = visit.t, visit.work.settings.base_currency
    columns = (
        Column(t("Currency", "币种")),
        Column(t("From", "自")),
        Column(t(f"{base} for one", f"折合 {base}"), True),
    )
    rows = [
        (currency, visit.day(valid_from), quantity(rate))
        for currency, rates in sorted(visit.work.catalog.rates.items())
        for valid_from, rate in rates[::-1]
    ]
    return table(
        visit, t("The newest first", "最新在前"), columns, rows, empty=t("No exchange rate.", "没有汇率。")
    )
