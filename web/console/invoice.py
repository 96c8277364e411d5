"""One invoice: its totals per currency, its lines, how its deduction went, and what the account system said."""

from billing_center.invoice.invoice import Invoice
from billing_center.invoice.show_invoice import InvoiceShown, show_invoice
from web.console.amounts import amount_in, counted, money, quantity
from web.console.audit import audit_of
from web.console.invoices import invoice_state
from web.console.markup import Html, join, tag
from web.console.messages import try_table
from web.console.page import Page
from web.console.parts import Column, facts, id_link, link, note, section, table
from web.console.states import badge
from web.console.visit import Visit


def invoice(visit: Visit) -> Page:
    """The page. Raises: Unknown (UNKNOWN_INVOICE)."""
    t = visit.t
    shown = show_invoice(visit.work.connection, visit.arg("id"))
    one = shown.invoice
    flagged = t(
        "A person must look at this invoice: see what the account system said, and what it comes to.",
        "该账单需人工查看：请核对账户系统的答复和金额。",
    )
    body = join(
        note("wait", flagged) if one.flagged else None,
        _facts(visit, one),
        section(t("Totals", "合计"), totals_table(visit, one)),
        section(t("Lines", "明细"), line_table(visit, one, explain=True)),
        section(t("Credit notes", "红字凭证"), _credits(visit, shown)) if shown.credit_notes else None,
        section(t("Deduction", "扣款"), _deduction(visit, shown)),
        section(t("What the account system said", "账户系统的通知"), _notices(visit, shown)),
        audit_of(visit, one.invoice_id),
    )
    return Page(f"{t('Invoice', '账单')} {one.invoice_no or one.invoice_id}", body)


def _facts(visit: Visit, one: Invoice) -> Html:
    t = visit.t
    return facts([
        (t("State", "状态"), invoice_state(visit, one)),
        (t("Total", "合计"), tag("strong", money(one.base_amount, one.base_currency))),
        (t("Payer", "付费人"), join(id_link(visit, "/payer", one.payer_id), " ", one.cust_name)),
        (t("Customer", "客户"), one.cust_id),
        (t("Period", "账期"), f"{one.period_start} – {one.period_end}"),
        (t("Billing day", "出账日"), visit.day(one.billed_on)),
        (t("Due", "到期日"), visit.day(one.due_day)),
        (t("Services are controlled on", "服务控制日"), visit.day(one.control_day)),
        (t("Issued", "出账时间"), visit.when(one.issued_at)),
        (t("Outcome since", "结果时间"), visit.when(one.settled_at)),
        (t("Id", "编号"), one.invoice_id),
        (t("Made by run", "生成作业"), id_link(visit, "/run", one.run_id)),
    ])  # fmt: skip


def totals_table(visit: Visit, one: Invoice) -> Html:
    """What the lines of each currency come to, and the rate that brings it to the base currency."""
    t = visit.t
    columns = (
        Column(t("Currency", "币种")), Column(t("Amount", "金额"), True),
        Column(t("Before promotions", "优惠前"), True), Column(t("Exchange rate", "汇率"), True),
        Column(t(f"In {one.base_currency}", f"折合 {one.base_currency}"), True),
    )  # fmt: skip
    rows = [
        (total.currency, amount_in(total.amount, total.currency), amount_in(total.list_amount, total.currency),
         quantity(total.rate), amount_in(total.base_amount, one.base_currency))
        for total in one.totals
    ]  # fmt: skip
    total_words = money(one.base_amount, one.base_currency)
    return table(visit, t(f"In total {total_words}", f"合计 {total_words}"), columns, rows)


def line_table(visit: Visit, one: Invoice, *, explain: bool = False) -> Html:
    """The lines; of an invoice that is kept, each leads to what explains it."""
    t = visit.t
    columns = (
        Column("#", True), Column(t("Order", "订单")), Column(t("Product", "产品")),
        Column(t("Quantity", "数量"), True), Column(t("Amount", "金额"), True),
        Column(t("Before promotions", "优惠前"), True), Column(t("Currency", "币种")),
        Column(t("Rated exactly", "精确计价"), True), Column(t("Charges", "费用笔数"), True),
    )  # fmt: skip
    rows = []
    for line in one.lines:
        number: Html | int = line.line_no
        charges: Html | str = counted(line.charges)
        if explain:
            words = t(f"explain {charges}", f"解释 {charges}")
            charges = link(visit, "/line", words, invoice=one.invoice_id, line=line.line_no)
        product = join(line.product_name, tag("br"), id_link(visit, "/product", line.product_id))
        listed: Html | str = amount_in(line.list_amount, line.currency)
        if line.promotion_ids:
            listed = join(listed, tag("br"), line.promotion_ids.replace(",", ", "))
        rows.append((
            number, id_link(visit, "/order", line.order_id), product, quantity(line.quantity),
            amount_in(line.amount, line.currency), listed, line.currency,
            amount_in(line.rated_amount, line.currency), charges,
        ))  # fmt: skip
    return table(visit, t("By order, product and currency", "按订单、产品和币种"), columns, rows)


def _credits(visit: Visit, shown: InvoiceShown) -> Html:
    t = visit.t
    columns = (
        Column(t("Number", "凭证号")), Column(t("When", "时间")), Column(t("Amount", "金额"), True),
        Column(t("Lines", "明细")), Column(t("Who", "操作者")), Column(t("Why", "原因")),
        Column(t("Correction", "更正")), Column(t("Effect", "作用")),
    )  # fmt: skip
    rows = [
        (
            one.credit_no, visit.when(one.at), money(one.base_amount, one.base_currency),
            [tag("div", f"{line.line_no}: {money(line.amount, line.currency)}") for line in one.lines],
            one.actor, one.why, one.correction_id, t("settled the invoice", "已结清账单") if one.effect else None,
        )
        for one in shown.credit_notes
    ]  # fmt: skip
    return table(visit, t("In order of their numbers", "按凭证号"), columns, rows)


def _deduction(visit: Visit, shown: InvoiceShown) -> Html:
    t, sent = visit.t, shown.deduction
    if sent is None:
        words = t("None: it is not numbered yet, or it is not to be sent.", "无：尚未编号或无需发送。")
        return tag("p", words, class_="card none")
    told = join(badge(visit, sent.state.value), " ", id_link(visit, "/message", sent.message_id))
    return join(tag("p", told), try_table(visit, sent.history))


def _notices(visit: Visit, shown: InvoiceShown) -> Html:
    t = visit.t
    columns = (
        Column(t("When", "时间")), Column(t("From", "来自")), Column(t("Word", "原文")),
        Column(t("Meaning", "含义")), Column(t("Effect", "作用")),
    )  # fmt: skip
    rows = [
        (visit.when(n.at), n.actor, n.word, badge(visit, n.outcome), badge(visit, n.effect)) for n in shown.notices
    ]
    return table(
        visit, t("In the order they came", "按到达顺序"), columns, rows,
        empty=t("Nothing yet.", "尚无通知。"),
    )  # fmt: skip
