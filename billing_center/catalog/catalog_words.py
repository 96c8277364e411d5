"""The catalog in a person's words: what a price, a product's terms and a promotion say, on one line each.

Where it stands in the walk: beside it; the command line shows them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing_center.catalog.snapshot import CatalogProduct
from billing_center.money import MINOR_DIGITS, plain
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import Prorated, Standard, read_model
from billing_center.rating.price_version import Metered, Price, PriceFunction, PriceVersion, Promotion, Proration

PER = {
    PlanKind.DAY: "day",
    PlanKind.ACCOUNT_DAY: "account and day",
    PlanKind.MONTH: "month",
    PlanKind.YEAR: "year",
}


def price_words(version: PriceVersion, price: Price) -> tuple[str, str]:
    """What a price asks (`1.50 CNY per sms`), and for which uses or orders (`cpu=8, night`)."""
    per = PER.get(version.plan, version.unit or "piece")
    applies = [*(f"{name}={value}" for name, value in price.when.items())]
    if price.band is not None:
        applies.append(f"in band {price.band}")
    shown = f"{_function_words(price.function, MINOR_DIGITS[price.currency])} {price.currency} per {per}"
    return shown, ", ".join(applies) or "everything"


def version_words(version: PriceVersion) -> str:
    """What holds for a whole version beside its prices, "" for a plain one."""
    included = version.included
    amounts = " or ".join(f"{plain(amount)} {currency}" for currency, amount in version.commitment.items())
    carried = f", carried over {included.carry_over} times" if included and included.carry_over else ""
    words = [
        "" if version.metered is Metered.SUM else f"metered: {version.metered.value}",
        f"times {version.factor}" if version.factor else "",
        f"{plain(included.units)} included{carried}" if included else "",
        "in advance" if version.in_advance else "",
        "months of 30 days" if version.proration is Proration.MONTHS_OF_30 else "",
        f"committed to {amounts}" if amounts else "",
    ]
    return ", ".join(word for word in words if word)


def _function_words(function: PriceFunction, digits: int) -> str:
    to_params = getattr(function, "to_params", None)
    if to_params is None:
        return type(function).__name__.lower()
    params: Mapping[str, Any] = to_params()
    if isinstance(read_model(params), Standard | Prorated):
        return plain(Decimal(params["price"]), least_digits=digits)
    own = [
        f"{name} {_value_words(value)}"
        for name, value in params.items()
        if name not in ("model", "tiers", "price")
    ]
    tiers = [_tier_words(tier) for tier in params.get("tiers", ())]
    price = [str(params["price"])] if "price" in params else []
    model = [str(params["model"])] if params["model"] != "standard" else []
    return " ".join([*model, *price, "; ".join(tiers), ", ".join(own)]).replace("  ", " ").strip()


def _value_words(value: object) -> str:
    return " ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)


def _tier_words(tier: Mapping[str, str]) -> str:
    edge = f"up to {tier['up_to']}: " if "up_to" in tier else "beyond: "
    price = tier["price"] if "price" in tier else f"{tier['percent']}%"
    return edge + price + (f" + {tier['flat']}" if "flat" in tier else "")


def terms_words(listed: CatalogProduct) -> str:
    """A product's terms that differ from the usual ones."""
    allowance = listed.product.allowance
    words = [
        f"unit {listed.unit}" if listed.unit else "",
        f"first {allowance.days} days free" if allowance.days else "",
        f"first {plain(allowance.uses)} uses free" if allowance.uses else "",
        "rated at once" if listed.real_time else "",
        "" if listed.content_identity else "equal uses are different uses",
        f"equal uses are one within {listed.identity_window_h} h" if listed.identity_window_h else "",
        f"billing day {listed.billing_day}" if listed.billing_day is not None else "",
        f"{listed.grace_days} days of grace" if listed.grace_days is not None else "",
        f"control after {listed.control_days} days" if listed.control_days is not None else "",
        "a failed deduction suspends" if listed.suspend_on_failure else "",
        *(f"package {one.package_id} of {plain(one.units)}" for one in listed.packages.values()),
        *(f"filter {rule.name}" for rule in listed.filters),
    ]
    return ", ".join(word for word in words if word)


def benefit_words(promotion: Promotion) -> tuple[str, str]:
    """What a promotion gives, and its limits."""
    amounts = " or ".join(f"{plain(amount)} {currency}" for currency, amount in promotion.amount_off.items())
    benefits = [
        f"{plain(promotion.percent_off)}% off" if promotion.percent_off else "",
        f"{amounts} off" if amounts else "",
        f"first {promotion.free_days} days free" if promotion.free_days else "",
        f"first {plain(promotion.free_uses)} uses free" if promotion.free_uses else "",
    ]
    limits = [
        "first order of the product only" if promotion.first_time_only else "",
        f"from {promotion.valid_from}" if promotion.valid_from else "",
        f"until {promotion.valid_to}" if promotion.valid_to else "",
        f"{promotion.max_redemptions} times" if promotion.max_redemptions is not None else "",
        f"for {', '.join(sorted(promotion.product_ids))}" if promotion.product_ids else "",
        "over the invoice's lines" if promotion.over_invoice else "",
        "only where all of these are" if promotion.together else "",
        f"{promotion.periods} billing periods" if promotion.periods is not None else "",
        "with no other" if promotion.exclusive else "",
        f"not with {', '.join(sorted(promotion.not_with))}" if promotion.not_with else "",
    ]
    return ", ".join(b for b in benefits if b), ", ".join(limit for limit in limits if limit)
