"""Corrections and credit notes as sentences: who, when, why, and the money before and after. Chinese and English.

Where it stands in the walk: `explain_words` adds them to what it tells of lines and charges.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from billing_center.invoice.deduction import money_text
from billing_center.invoice.explain_corrections import Corrected, FactCorrected, LineCorrected, LineCredited
from billing_center.invoice.explain_language import Language
from billing_center.money import plain

Moment = Callable[[datetime], str]

_KINDS_ZH = {
    "withdrawal": "撤回使用", "use": "更正使用", "rerate": "重新计价", "state": "更正订单状态",
    "accounts": "更正账号数", "credit": "红字单", "price": "更正价格",
}  # fmt: skip
_KINDS_EN = {
    "withdrawal": "use withdrawn", "use": "use corrected", "rerate": "rated anew", "price": "prices corrected",
    "state": "order state corrected", "accounts": "accounts corrected", "credit": "credit note",
}  # fmt: skip


def who_and_why(by: Corrected, language: Language, moment: Moment) -> str:
    """`Correction 7 (use withdrawn) by ann at 2026-03-04 12:00: "a test"`, without a full stop."""
    if by.at is None:
        return f"更正 {by.correction_id}" if language is Language.ZH else f"Correction {by.correction_id}"
    if language is Language.ZH:
        kind = _KINDS_ZH.get(by.kind, by.kind)
        return f"更正 {by.correction_id}（{kind}），由 {by.actor} 于 {moment(by.at)} 作出，原因：“{by.why}”"
    kind = _KINDS_EN.get(by.kind, by.kind)
    return f'Correction {by.correction_id} ({kind}) by {by.actor} at {moment(by.at)}: "{by.why}"'


def fact_corrected(one: FactCorrected, currency: str, language: Language, moment: Moment) -> str:
    """A correction of the fact behind a charge."""
    first = who_and_why(one.by, language, moment)
    before, after = plain(one.before, least_digits=2), plain(one.after, least_digits=2)
    told = _replaced(one, language)
    if language is Language.ZH:
        return f"{first}；{told}原计 {before}，更正后 {after} {currency}，差额计入自 {one.billed_from} 起的账期。"
    return (
        f"{first}; {told}it came to {before} before and {after} {currency} after, "
        f"the difference is billed in the period from {one.billed_from}."
    )


def _replaced(one: FactCorrected, language: Language) -> str:
    use = one.replaced
    if use is None:
        return ""
    counted = f"{plain(use.quantity or Decimal(0))} {use.unit}".rstrip()
    if use.amount is not None:
        counted = plain(use.amount, least_digits=2)
    if language is Language.ZH:
        return f"替代记录 {use.event_id}（{counted}），"
    return f"it stands in the place of event {use.event_id} ({counted}), "


def line_corrected(one: LineCorrected, currency: str, language: Language, moment: Moment) -> str:
    """What a correction did to a line."""
    first, amount = who_and_why(one.by, language, moment), plain(one.amount, least_digits=2)
    if language is Language.ZH:
        return f"{first}；在本行 {one.charges} 笔，共 {amount} {currency}。"
    return f"{first}; {one.charges} charges of this line, {amount} {currency}."


def line_credited(one: LineCredited, currency: str, language: Language, moment: Moment) -> str:
    """What a credit note did to a line."""
    amount, left = money_text(one.amount, currency), money_text(one.left, currency)
    if language is Language.ZH:
        return (
            f"红字单 {one.credit_no}，由 {one.actor} 于 {moment(one.at)} 开出，原因：“{one.why}”；"
            f"冲减本行 {amount} {currency}，余 {left} {currency}。"
        )
    return (
        f'Credit note {one.credit_no} by {one.actor} at {moment(one.at)}: "{one.why}"; '
        f"{amount} {currency} off this line, {left} {currency} left."
    )
