"""Lines and charges as sentences that an accountant reads, in Chinese or English.

Where it stands in the walk: the last step of explaining; the command line and REST show what it says. Numbers
are exact; a meter's readings are told in the plan's unit, with the base units that it counts in beside them.
Design: billing rules, "What an invoice must be able to say".
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.ids import NONE
from billing_center.invoice.correction_words import fact_corrected, line_corrected, line_credited
from billing_center.invoice.deduction import money_text
from billing_center.invoice.explain_invoice import ChargeExplained, GroupExplained, LineExplained
from billing_center.invoice.explain_language import Language, note_words, priced_words, unit_word
from billing_center.invoice.explain_reckoning import Reckoning, price_behind, version_named
from billing_center.money import plain
from billing_center.rating.allowance import EVER
from billing_center.rating.facts import Cause
from billing_center.rating.unit_conversion import unit_of

ZH = Language.ZH


class Teller:
    """Tells lines and charges in one language, over the catalog and in the business time zone."""

    def __init__(self, catalog: CatalogSnapshot, zone: ZoneInfo, language: Language) -> None:
        self._catalog = catalog
        self._zone = zone
        self._language = language

    def line(self, explained: LineExplained) -> list[str]:
        """The line's sum and rounding, then a sentence or two for each of its groups."""
        line = explained.line
        money = f"{money_text(line.amount, line.currency)} {line.currency}"
        sum_of, digits = plain(line.rated_amount, least_digits=2), plain(line.quantity)
        if self._language is ZH:
            first = (
                f"第 {line.line_no} 行：{line.product_name}（{line.product_id}），订单 {line.order_code}，"
                f"{line.charges} 笔费用，数量 {digits}，合计 {sum_of}，"
                f"四舍五入到最小货币单位一次：{money}。"
            )
        else:
            first = (
                f"Line {line.line_no}: {line.product_name} ({line.product_id}), order {line.order_code}, "
                f"{line.charges} charges, quantity {digits}, sum {sum_of}, "
                f"rounded once, half up, to the currency's minor unit: {money}."
            )
        listed = line.list_amount - line.amount
        told = [first]
        if listed:
            before = f"{money_text(line.list_amount, line.currency)} {line.currency}"
            zh, names = (
                self._language is ZH,
                line.promotion_ids.replace(",", "、" if self._language is ZH else ", "),
            )
            told.append(f"优惠前 {before}。" if zh else f"Without promotions {before}.")
            if names:
                told.append(f"优惠：{names}。" if zh else f"Promotions: {names}.")
        for one in explained.groups:
            told += self._group(one, line.product_id, line.currency)
        how = (line.currency, self._language, self._moment)
        told += [line_corrected(one, *how) for one in explained.corrections]
        told += [line_credited(one, *how) for one in explained.credits]
        return told

    def _group(self, one: GroupExplained, product_id: str, currency: str) -> list[str]:
        group = one.group
        days = str(group.first_day) + ("" if group.first_day == group.last_day else f" – {group.last_day}")
        amount = f"{plain(group.amount, least_digits=2)} {currency}"
        quantity = plain(group.quantity)
        if self._language is ZH:
            note = f"，{note_words(group.note, ZH)}" if group.note else ""
            told = [f"其中 {days}：{group.charges} 笔，数量 {quantity}{note}，{amount}。"]
        else:
            note = f", {note_words(group.note, self._language)}" if group.note else ""
            told = [f"Of these {days}: {group.charges} charges, quantity {quantity}{note}, {amount}."]
        if one.reckoning is not None and group.growth:
            told += self._reckoned(one.reckoning, currency, group.amount)
            told += self._priced(product_id, group.version_id, group.meter_component, group.promotion_id)
        return told

    def charge(self, explained: ChargeExplained) -> list[str]:
        """One charge: the fact, what was free, the meter, F at both ends, the price version, the run."""
        c = explained.charge
        told = [self._fact(explained)]
        if c.note:
            told.append(self._sentence(note_words(c.note, self._language)))
        if explained.reckoning is not None:
            told += self._reckoned(explained.reckoning, c.currency, c.amount)
            told += self._priced(c.product_id, c.version_id, c.meter_component, c.promotion_id)
        else:
            told += self._unreckoned(explained)
        if c.list_amount != c.amount and c.cause != Cause.PROMOTION.value:
            before, after = plain(c.list_amount, least_digits=2), plain(c.amount, least_digits=2)
            told.append(
                f"优惠 {c.promotion_id}：优惠前 {before}，优惠后 {after} {c.currency}。"
                if self._language is ZH
                else f"Promotion {c.promotion_id}: {before} without it, {after} {c.currency} with it."
            )
        if c.day < c.period_start:
            told.append(
                f"迟到的事实：发生于 {c.day}，当时的账期已关账，计入自 {c.period_start} 起的账期。"
                if self._language is ZH
                else f"A late fact: of {c.day}, whose period was closed, billed in the one from {c.period_start}."
            )
        told += [fact_corrected(one, c.currency, self._language, self._moment) for one in explained.corrections]
        told.append(
            f"由批次 {c.run_id} 于 {self._moment(c.rated_at)} 计费。"
            if self._language is ZH
            else f"Rated by run {c.run_id} at {self._moment(c.rated_at)}."
        )
        return told

    def _fact(self, explained: ChargeExplained) -> str:
        c, use, zh = explained.charge, explained.use, self._language is ZH
        done = _CAUSES[self._language].get(c.cause, c.cause)
        if use is not None:
            counted = self._quantity(explained)
            priced = "" if use.amount is None else plain(use.amount)
            if zh:
                named = f"，调用方报价 {priced}" if priced else ""
                return (
                    f"{done}：{self._moment(use.started_at)}，用户 {use.user_id} 使用 {counted}{named}"
                    f"（记录 {use.event_id}，由 {use.caller} 于 {self._moment(use.received_at)} 报来）。"
                )
            named = f", priced {priced} by the caller" if priced else ""
            return (
                f"{done}: {self._moment(use.started_at)}, user {use.user_id}, {counted}{named} "
                f"(event {use.event_id}, reported by {use.caller} at {self._moment(use.received_at)})."
            )
        states = self._listed(f"{self._moment(s.at)} {s.to_state}" for s in explained.states)
        accounts = self._listed(f"{self._moment(a.at)} {plain(a.accounts)}" for a in explained.accounts)
        quantity = plain(c.quantity)
        if zh:
            facts = (f"；状态 {states}" if states else "") + (f"；账号数 {accounts}" if accounts else "")
            return f"{done}：{c.day}，来源 {c.cause_id}，计 {quantity}{facts}。"
        facts = (f"; states {states}" if states else "") + (f"; accounts {accounts}" if accounts else "")
        return f"{done}: {c.day}, from {c.cause_id}, counted {quantity}{facts}."

    def _quantity(self, explained: ChargeExplained) -> str:
        """The use's own quantity and unit; a blank unit is the plan's."""
        c, use = explained.charge, explained.use
        if use is None or use.quantity is None:
            return ""
        unit = use.unit
        if not unit:
            version = version_named(self._catalog, c.product_id, c.version_id)
            unit = "" if version is None else unit_word(unit_of(version.unit).name, self._language)
        return f"{plain(use.quantity)} {unit}".rstrip()

    def _listed(self, parts: Iterable[str]) -> str:
        return ("，" if self._language is ZH else ", ").join(parts)

    def _reckoned(self, r: Reckoning, currency: str, amount: Decimal) -> list[str]:
        unit, base = unit_word(r.unit, self._language), unit_word(r.base_unit, self._language)
        before, after = plain(r.before), plain(r.after)
        zh = self._language is ZH
        shown = f"{before} → {after} {unit}"
        if r.unit != r.base_unit:
            inner = f"{plain(r.base_before)} → {plain(r.base_after)} {base}"
            shown += f"（表以{base}计：{inner}）" if zh else f" (the meter counts {base}: {inner})"
        elif r.fee:
            shown = f"{before} → {after}"
        names = (
            {"": "", "events": "次数", "bounds": "上下限"}
            if zh
            else {"": "", "events": "uses", "bounds": "bounds"}
        )
        kind = f"（{names[r.fee]}）" if zh and r.fee else f" ({names[r.fee]})" if r.fee else ""
        spread = ""
        if r.whole_days:
            spread = f"，按 {r.whole_days} 天分摊" if zh else f", spread over {r.whole_days} days"
        equation = (
            f"F({after}) − F({before}) = {plain(r.price_after, least_digits=2)} − "
            f"{plain(r.price_before, least_digits=2)} = {plain(amount, least_digits=2)} {currency}"
        )
        if zh:
            return [f"表{kind}读数 {shown}{spread}。", f"{equation}。"]
        return [f"The meter{kind} went from {shown.replace(' → ', ' to ', 1)}{spread}.", f"{equation}."]

    def _priced(self, product_id: str, version_id: str, component: str, promotion_id: str) -> list[str]:
        version = version_named(self._catalog, product_id, version_id)
        found = None if version is None else price_behind(version, component, promotion_id)
        if version is None or found is None:
            return []
        words = priced_words(version, found[0], self._language)
        promotion = "" if promotion_id == NONE else promotion_id
        if self._language is ZH:
            return [f"价格版本 {version_id}：{words}{f'，优惠 {promotion}' if promotion else ''}。"]
        return [f"Price version {version_id}: {words}{f', promotion {promotion}' if promotion else ''}."]

    def _unreckoned(self, explained: ChargeExplained) -> list[str]:
        """What can be said where no equation holds: the readings as they were booked, and the amount."""
        c, zh = explained.charge, self._language is ZH
        told = []
        if c.meter_component != NONE and c.reading_before != c.reading_after:
            name = ("永久" if zh else "ever") if c.meter_scope == EVER else c.meter_scope
            version = version_named(self._catalog, c.product_id, c.version_id)
            shown = f"{plain(c.reading_before)} → {plain(c.reading_after)}"
            base = "" if version is None else _base_word(version.unit, self._language)
            told.append(
                f"表 {c.meter_component}（{name}）读数 {shown}{base}。"
                if zh
                else f"The meter {c.meter_component} ({name}) went {shown}{base}."
            )
        amount = f"{plain(c.amount, least_digits=2)} {c.currency}"
        told.append(f"金额 {amount}。" if zh else f"Amount {amount}.")
        if c.version_id != NONE and c.meter_scope not in (NONE, EVER):
            told.append(
                f"价格版本 {c.version_id} 在目录中已不能复算此金额。"
                if zh
                else f"Price version {c.version_id} of the catalog does not give this amount any more."
            )
        return told

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _sentence(self, words: str) -> str:
        return f"{words}。" if self._language is ZH else f"{words[:1].upper()}{words[1:]}."


def _base_word(unit: str, language: Language) -> str:
    return f" {unit_word(unit_of(unit).base, language)}"


_CAUSES = {
    Language.ZH: {
        Cause.USE.value: "使用", Cause.DAY.value: "订单日", Cause.WITHDRAWAL.value: "撤回使用",
        Cause.RERATE_USE.value: "使用重新计价（差额）", Cause.RERATE_DAY.value: "订单日重新计价（差额）",
        Cause.TRUE_UP.value: "承诺消费补差", Cause.PACKAGE.value: "购买用量包",
        Cause.PROMOTION.value: "整张账单的优惠",
    },
    Language.EN: {
        Cause.USE.value: "Use", Cause.DAY.value: "Order day", Cause.WITHDRAWAL.value: "Use withdrawn",
        Cause.RERATE_USE.value: "Use rated anew (difference)",
        Cause.RERATE_DAY.value: "Day rated anew (difference)",
        Cause.TRUE_UP.value: "Up to what was committed", Cause.PACKAGE.value: "Package of units sold",
        Cause.PROMOTION.value: "Promotion over the invoice",
    },
}  # fmt: skip
