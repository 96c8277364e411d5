"""The two languages in which an invoice explains itself, and the words for units, shapes and notes in each."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing_center.catalog.catalog_words import price_words
from billing_center.money import plain
from billing_center.rating.facts import PlanKind
from billing_center.rating.price_version import Price, PriceVersion


class Language(StrEnum):
    """A language of explanations."""

    ZH = "zh"
    EN = "en"


def language_of(accept_language: str) -> Language:
    """The better liked of the two in an HTTP Accept-Language header; Chinese when it says nothing of either."""
    best, liking = Language.ZH, 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = re.fullmatch(r"\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*", parameters)
        like = float(weight[1]) if weight else 1.0  # a liking, not money
        if language in ("zh", "en") and like > liking:
            best, liking = Language(language), like
    return best


UNITS_ZH = {
    "second": "秒", "minute": "分钟", "hour": "小时", "day": "天", "account_day": "账号·天", "count": "次",
}  # fmt: skip
UNITS_EN = {"account_day": "account-days", "count": "uses", "KB": "KB", "MB": "MB", "GB": "GB", "TB": "TB"}
_PER_ZH = {
    PlanKind.DAY: "每天", PlanKind.ACCOUNT_DAY: "每账号每天", PlanKind.MONTH: "每月", PlanKind.YEAR: "每年",
}  # fmt: skip
_SHAPES_ZH = {
    "standard": "", "graduated": "分段累进", "volume": "到量单价", "package": "按包计价", "stairstep": "台阶价",
    "prorated": "按天折算", "percentage": "按金额百分比", "graduated_percentage": "分段百分比",
}  # fmt: skip
_FIELDS_ZH = {
    "included": "包含", "minimum": "最低", "cap": "封顶", "size": "每包", "percent": "百分比", "fixed": "固定费",
    "event_fee": "每次固定费", "free_events": "免固定费次数", "event_min": "每次最低", "event_max": "每次最高",
    "increments": "计量步长", "free": "免费额", "free_amount": "免费额",
}  # fmt: skip


def unit_word(unit: str, language: Language) -> str:
    """The unit's name for people; one that the center does not know speaks for itself."""
    if language is Language.ZH:
        return UNITS_ZH.get(unit, unit)
    return UNITS_EN.get(unit, f"{unit}s")


def priced_words(version: PriceVersion, price: Price, language: Language) -> str:
    """What a price asks, and of whom."""
    shown, applies = price_words(version, price)
    if language is Language.EN:
        return shown if applies == "everything" else f"{shown} ({applies})"
    per = _PER_ZH.get(version.plan) or f"每{unit_word(version.unit or 'count', language)}"
    to_params = getattr(price.function, "to_params", None)
    said = _shape_zh(to_params()) if to_params else type(price.function).__name__
    where = "" if applies == "everything" else f"（{applies.replace('in band ', '时段 ')}）"
    return f"{per} {said} {price.currency}{where}"


def _shape_zh(params: Mapping[str, Any]) -> str:
    model = str(params["model"])
    parts = [_SHAPES_ZH.get(model, model)]
    if "price" in params:
        parts.append(plain(Decimal(str(params["price"])), least_digits=2))
    parts.append("；".join(_tier_zh(tier) for tier in params.get("tiers", ())))
    parts += [
        f"{_FIELDS_ZH.get(name, name)} {_value(value)}"
        for name, value in params.items()
        if name not in ("model", "tiers", "price")
    ]
    return " ".join(part for part in parts if part)


def _value(value: object) -> str:
    return " ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)


def _tier_zh(tier: Mapping[str, str]) -> str:
    edge = f"至 {tier['up_to']}：" if "up_to" in tier else "以上："
    price = tier["price"] if "price" in tier else f"{tier['percent']}%"
    return edge + price + (f"，进段另加 {tier['flat']}" if "flat" in tier else "")


_NOTES_ZH = (
    (r"free: first (\S+) days", r"首次开通起前 \1 天免费"),
    (r"free: first (\S+) uses", r"前 \1 次免费"),
    (r"free: first (\S+) (\S+)", r"前 \1 {unit}免费"),
    (r"free by promotion: first (\S+) days", r"优惠：前 \1 天免费"),
    (r"free by promotion: first (\S+) uses", r"优惠：前 \1 次免费"),
    (r"free by promotion: first (\S+) (\S+)", r"优惠：前 \1 {unit}免费"),
    (r"promotion (\S+): (\S+)% of one line of (.+)", r"优惠 \1：一行共 \3 的 \2%"),
    (r"promotion (\S+): (\S+)% of (\S+) lines of (.+)", r"优惠 \1：\3 行共 \4 的 \2%，按最大余数分摊"),
    (r"promotion (\S+): (\S+) off one line of (.+)", r"优惠 \1：一行共 \3，减 \2"),
    (r"promotion (\S+): (\S+) off (\S+) lines of (.+)", r"优惠 \1：\3 行共 \4，减 \2，按最大余数分摊"),
    (r"credit (\S+): (\S+) left", r"以抵扣金 \1 支付，余 \2"),
    (r"included from (\S+): (\S+) left", r"自 \1 的包含量内，余 \2"),
    (r"granted (\S+): (\S+) left", r"用量包（赠量）\1 内，余 \2"),
    (r"in advance: (\S+) days through (\S+)", r"预收 \1 天，至 \2"),
    (r"given back: (\S+) days, (.+)", r"退还预收的 \1 天（\2）"),
    (r"up to the commitment of (\S+); charged (\S+)", r"补足承诺消费 \1，已计 \2"),
    (
        r"up to the commitment of (\S+) \((\S+) of (\S+) days\); charged (\S+)",
        r"补足承诺消费 \1（\3 天中的 \2 天），已计 \4",
    ),
    (r"nothing is committed any more", "不再有承诺消费"),
    (r"priced by the caller", "金额由调用方给出，不再计价"),
)


_CORRECTED_ZH = {
    "withdrawn": "撤回", "re-rated": "重新计价", "taken back": "冲回",
    "as others came out otherwise": "因其他记录更正而变动",
}  # fmt: skip


def note_words(note: str, language: Language) -> str:
    """A charge's note; one that is not known is told as it stands."""
    if language is Language.EN or not note:
        return note
    first, _, rest = note.partition(": ")
    if first in _CORRECTED_ZH:
        return "：".join([_CORRECTED_ZH[first], *([note_words(rest, language)] if rest else [])])
    for pattern, words in _NOTES_ZH:
        found = re.fullmatch(pattern, note)
        if found:
            unit = unit_word(found[2], language) if found.re.groups > 1 else ""
            return found.expand(words).replace("{unit}", unit)
    return note
