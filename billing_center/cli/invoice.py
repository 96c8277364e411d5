"""`invoice show|preview|explain|list`: what was billed, what would be, and where every line comes from."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.foresight.preview_payer import PayerPreview, preview_payer
from billing_center.invoice.as_json import as_plain
from billing_center.invoice.clear_flag import clear_flag
from billing_center.invoice.correction_words import line_corrected, line_credited
from billing_center.invoice.deduction import money_text
from billing_center.invoice.explain_invoice import ChargeExplained, LineExplained, explain_invoice, explain_line
from billing_center.invoice.explain_json import lines_as_plain
from billing_center.invoice.explain_language import Language
from billing_center.invoice.explain_words import Teller
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.show_invoice import InvoiceShown, list_invoices, show_invoice
from billing_center.invoice.state import InvoiceState
from billing_center.money import plain

console = Console(markup=False, highlight=False)  # ids come from callers and may hold brackets

app = typer.Typer(no_args_is_help=True, help="Invoices: shown, previewed, and explained down to the raw facts.")

IdOrNumber = Annotated[str, typer.Argument(help="invoice id (payer-YYYYMMDD) or number (2026-000000001)")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of tables")]


@app.command()
def show(id_or_number: IdOrNumber, as_json: AsJson = False) -> None:
    """One invoice: lines, totals, its deduction with every try, and what the account system said."""
    with open_context() as center, center.reading() as work:
        shown = show_invoice(work.connection, id_or_number)
    if as_json:
        _print_json(shown)
        return
    _print_invoice(shown.invoice)
    _print_settlement(shown)


@app.command()
def preview(payer_id: Annotated[str, typer.Argument(help="who pays")], as_json: AsJson = False) -> None:
    """What the payer would be invoiced now, for each open period; apart from it, what is not rated yet.

    Nothing is written.
    """
    with open_context() as center, center.reading() as work:
        found = preview_payer(work, payer_id)
    if as_json:
        _print_json(found)
        return
    for draft in found.invoices:
        _print_invoice(draft, "preview")
    if found.unavailable:
        console.print(f"no draft: {found.unavailable}", style="bold red")
    elif not found.invoices:
        console.print(f"payer {payer_id} has no charges in an open period")
    _print_pending(found)


@app.command()
def explain(
    id_or_number: IdOrNumber,
    line: Annotated[int | None, typer.Option(min=1, help="only this line")] = None,
    limit: Annotated[int, typer.Option(min=1, help="charges of a line at most")] = 100,
    skip: Annotated[int, typer.Option(min=0, help="pass over so many charges (with --line)")] = 0,
    lang: Annotated[Language | None, typer.Option(help="sentences in Chinese or English, not a table")] = None,
    as_json: AsJson = False,
) -> None:
    """From lines to charges to raw facts: meter before and after, price version, promotion, run.

    A table, or with --lang sentences that an accountant reads; --json has both.
    """
    with open_context() as center, center.reading() as work:
        if line is None:
            lines: Sequence[LineExplained] = explain_invoice(work, id_or_number, limit=limit).lines
        else:
            lines = [explain_line(work, id_or_number, line, limit=limit, skip=skip)]
        if as_json:
            _print_json(lines_as_plain(work, lines, lang or Language.ZH))
            return
        teller = Teller(work.catalog, work.zone, lang) if lang else None
    for one in lines:
        if teller is None:
            _print_line(one)
        else:
            _tell_line(teller, one)


@app.command("clear-flag")
def clear_flag_of(
    id_or_number: IdOrNumber,
    why: Annotated[str, typer.Option(help="why nothing is left to do; kept in the audit")],
    by: Annotated[str, typer.Option(help="who looked at it")] = "operator",
) -> None:
    """A person has looked at a flagged invoice: the flag goes, state and money stay."""
    with open_context() as center:
        cleared = center.transact(by, lambda work: clear_flag(work, id_or_number, why=why))
    console.print(f"invoice {id_or_number}: " + ("the flag is cleared" if cleared else "it had no flag"))


@app.command("list")
def list_them(
    payer: Annotated[str | None, typer.Option(help="only this payer's")] = None,
    state: Annotated[InvoiceState | None, typer.Option(help="only those in this state")] = None,
    flagged: Annotated[bool, typer.Option("--flagged", help="only those that a person must look at")] = False,
    after: Annotated[str, typer.Option(help="go on after this invoice id")] = "",
    limit: Annotated[int, typer.Option(min=1, help="rows at most")] = 100,
    as_json: AsJson = False,
) -> None:
    """Invoices in order of payer and period."""
    with open_context() as center, center.reading() as work:
        found = list_invoices(
            work.connection, payer_id=payer, state=state, flagged=flagged or None, after=after, limit=limit
        )
    if as_json:
        _print_json(found)
        return
    table = Table("invoice", "number", "period", "state", "due", "total", "settled", "flag")
    for one in found:
        total = f"{money_text(one.base_amount, one.base_currency)} {one.base_currency}"
        settled = f"{one.settled_at:%Y-%m-%d %H:%M}" if one.settled_at else ""
        table.add_row(
            one.invoice_id, one.invoice_no, f"{one.period_start} – {one.period_end}", one.state.value,
            str(one.due_day), total, settled, "!" if one.flagged else "",
        )  # fmt: skip
    console.print(table if found else "no invoices")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(as_plain(value), ensure_ascii=False, indent=2))


def _print_invoice(one: Invoice, number: str = "") -> None:
    console.print(f"{one.invoice_id}  {number or one.invoice_no or 'not numbered yet'}  {one.state}", style="bold")
    console.print(f"payer {one.payer_id}  customer {one.cust_id or '-'} {one.cust_name}")
    console.print(f"period {one.period_start} to {one.period_end} (not included)  billed {one.billed_on}")
    console.print(f"due {one.due_day}  service control {one.control_day}")
    if one.flagged:
        console.print("flagged: a person must look at this invoice", style="bold red")
    lines = Table(
        "no", "order", "product", "quantity", "list", "discount", "amount", "currency", "charges", "promotions"
    )
    for line in one.lines:
        lines.add_row(
            str(line.line_no), line.order_code, f"{line.product_id} {line.product_name}", plain(line.quantity),
            money_text(line.list_amount, line.currency), money_text(line.discount, line.currency),
            money_text(line.amount, line.currency), line.currency, str(line.charges),
            line.promotion_ids.replace(",", "\n"),
        )  # fmt: skip
    console.print(lines)
    totals = Table("currency", "list", "amount", "rate", f"in {one.base_currency}")
    for total in one.totals:
        totals.add_row(
            total.currency, money_text(total.list_amount, total.currency),
            money_text(total.amount, total.currency), plain(total.rate),
            money_text(total.base_amount, one.base_currency),
        )  # fmt: skip
    totals.add_row("total", "", "", "", money_text(one.base_amount, one.base_currency), style="bold")
    console.print(totals)


def _print_pending(found: PayerPreview) -> None:
    """What waits to be rated, apart from what is charged."""
    pending = found.pending
    if pending.lines:
        table = Table(
            "period from", "order", "product", "uses", "days", "quantity", "list", "amount", "currency",
            title="not rated yet: would add", title_justify="left",
        )  # fmt: skip
        for line in pending.lines:
            table.add_row(
                str(line.period_start), line.order_id, line.product_id, str(line.uses), str(line.days),
                plain(line.quantity), plain(line.list_amount, least_digits=2), plain(line.amount, least_digits=2),
                line.currency,
            )  # fmt: skip
        console.print(table)
    for one in found.true_ups:
        amount = f"{plain(one.amount, least_digits=2)} {one.currency}"
        console.print(f"{one.order_id} {one.product_id} lacks {amount} if nothing more comes: {one.note}")
    for draft in found.with_pending if pending.lines or found.true_ups else ():
        total = f"{money_text(draft.base_amount, draft.base_currency)} {draft.base_currency}"
        console.print(f"with these, {draft.invoice_id} would come to {total}", style="bold")
    for fact in pending.cannot:
        console.print(f"cannot be rated as things stand: {fact.subject} {fact.product_id}: {fact.message}")
    if pending.parked:
        console.print(f"{pending.parked} parked uses are in no amount: billing-center usage parked")
    if pending.more:
        console.print("more facts wait than a preview rates; the amounts above are too low", style="bold red")


def _print_settlement(shown: InvoiceShown) -> None:
    if shown.deduction is None:
        console.print("no deduction was sent")
    else:
        sent = shown.deduction
        console.print(f"deduction {sent.message_id}: {sent.state}, {sent.tries} tries, {sent.last_answer or '-'}")
        for one in sent.history:
            console.print(f"  try {one.try_no}  {one.at:%Y-%m-%d %H:%M:%S}Z  {one.outcome}  {one.answer}")
    for notice in shown.notices:
        console.print(
            f"notice {notice.at:%Y-%m-%d %H:%M:%S}Z  {notice.word!r} = {notice.outcome}, {notice.effect}"
        )
    for credit in shown.credit_notes:
        amount = f"{money_text(credit.base_amount, credit.base_currency)} {credit.base_currency}"
        lines = ", ".join(
            f"line {line.line_no}: {money_text(line.amount, line.currency)} {line.currency}"
            for line in credit.lines
        )
        console.print(
            f"credit note {credit.credit_no}  {credit.at:%Y-%m-%d}  {amount}  by {credit.actor}: {credit.why}"
        )
        console.print(f"  {lines}  {credit.effect}")


def _print_line(one: LineExplained) -> None:
    line = one.line
    amount = f"{money_text(line.amount, line.currency)} {line.currency}"
    title = f"line {line.line_no}: {line.product_id}, order {line.order_code}: {amount} of {line.charges} charges"
    table = Table(
        "day", "from", "quantity", "meter", "amount", "list", "price version", "promotion", "note", "run",
        title=title, title_justify="left",
    )  # fmt: skip
    for explained in one.charges:
        c = explained.charge
        reading = f"{plain(c.reading_before)} → {plain(c.reading_after)}"
        table.add_row(
            str(c.day), _facts(explained), plain(c.quantity), f"{reading}\n{c.meter_scope} {c.meter_component}",
            plain(c.amount), plain(c.list_amount), c.version_id, c.promotion_id, c.note, c.run_id,
        )  # fmt: skip
    console.print(table)
    with_zone = (line.currency, Language.EN, lambda at: f"{at:%Y-%m-%d %H:%M}Z")
    for said in [line_corrected(c, *with_zone) for c in one.corrections]:
        console.print(said, soft_wrap=True)
    for said in [line_credited(c, *with_zone) for c in one.credits]:
        console.print(said, soft_wrap=True)
    if one.more:
        console.print("there are more charges: use --line with --skip and --limit")


def _tell_line(teller: Teller, one: LineExplained) -> None:
    console.print()
    for n, sentence in enumerate(teller.line(one)):
        console.print(sentence, style="bold" if n == 0 else "", soft_wrap=True)
    for number, explained in enumerate(one.charges, start=1):
        console.print(f"  {number}. " + " ".join(teller.charge(explained)), soft_wrap=True)
    if one.more:
        console.print("  …  (--line, --skip, --limit)")


def _facts(explained: ChargeExplained) -> str:
    """The raw facts of a charge, one a line."""
    use = explained.use
    if use is not None:
        priced = f"amount {plain(use.amount)}" if use.amount is not None else ""
        counted = f"{plain(use.quantity)} {use.unit}".strip() if use.quantity is not None else ""
        return f"use {use.event_id}\nby {use.user_id}, {use.started_at:%Y-%m-%d %H:%M}Z, {counted}{priced}"
    facts = [f"order {explained.charge.cause_id}"]
    facts += [
        f"{change.at:%Y-%m-%d %H:%M}Z {change.to_state} ({change.reason or '-'})" for change in explained.states
    ]
    facts += [f"{change.at:%Y-%m-%d %H:%M}Z {plain(change.accounts)} accounts" for change in explained.accounts]
    return "\n".join(facts)
