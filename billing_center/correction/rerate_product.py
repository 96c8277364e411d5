"""A product rated anew for a range of days, after a mistake in the catalog: the difference is booked.

Each use and order's day of the range that was charged is taken back under the version that it was charged by
and charged by the version in force for its day now. Where both are the same, nothing is left to book, so a
second run books nothing. Each payer is one transaction, kept when it is done: a run that was killed goes on.
Design: billing rules, "A correction never edits"; field problem 17.
"""

from dataclasses import dataclass
from datetime import date

import structlog

from billing_center.audit.write_entry import write_entry
from billing_center.center import Center, UnitOfWork
from billing_center.correction.desk import Desk
from billing_center.correction.once import carry_out, check_why, correction_id_of, keep, known_correction
from billing_center.correction.report import Correction, correction_of
from billing_center.correction.settle_uses import Changed, settle_uses
from billing_center.correction.store import (
    keep_part,
    part_of,
    payers_charged,
    positions_of_days,
    positions_of_uses,
)
from billing_center.errors import OutOfRange, Refused
from billing_center.order.store import orders_by_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RerateProduct:
    """Rate the product anew on the civil days `first` to `last`, both included; for one payer, or all."""

    product_id: str
    first: date
    last: date
    why: str
    payer_id: str = ""
    correction_id: str = ""


def rerate_product(center: Center, actor: str, command: RerateProduct, *, dry_run: bool = False) -> Correction:
    """Rate anew; a payer that cannot be rated is named in the notes, stays as it is, and can be tried again.

    The id, when none is given, is made of what is asked and of the catalog's version: after the next
    correction of a price the same words are another correction.
    Raises: Unknown (UNKNOWN_PRODUCT); OutOfRange; MissingField; ConflictingRepeat.
    """
    why = check_why(command.why)
    if command.last < command.first:
        raise OutOfRange("--to must not be before --from", field="last")
    days = (command.first, command.last)
    with center.reading(actor) as work:
        work.catalog.product(command.product_id)
        asked = [command.product_id, *days, command.payer_id]
        version = [] if command.correction_id else [work.catalog.version]
        correction_id, content = correction_id_of("rerate", [*asked, *version], command.correction_id)
        known = known_correction(work, correction_id, content)
        if known is not None:
            return known
        charged = payers_charged(work.connection, command.product_id, days)
    whom = [p for p in charged if not command.payer_id or p == command.payer_id]
    parts: list[Correction] = []
    failures: list[str] = []
    for payer_id in whom:

        def act(work: UnitOfWork, payer_id: str = payer_id) -> Correction:
            return _payer(work, command, payer_id, correction_id, why)

        try:
            parts.append(carry_out(center, actor, act, dry_run=dry_run))
        except Refused as refused:
            log.warning("payer_not_rerated", payer_id=payer_id, code=refused.code.value, reason=refused.message)
            failures.append(f"payer {payer_id} is not re-rated: {refused.message}")
    differences = tuple(d for part in parts for d in part.differences)
    note = f"{len(parts)} payers looked at, {sum(bool(p.differences) for p in parts)} with a difference"
    subject = f"{command.product_id} {command.first} {command.last} {command.payer_id}".strip()
    made = Correction(correction_id, "rerate", subject, why, differences, (note, *failures))
    if failures:
        return made  # not kept as done: the same command tries the payers that are missing
    return carry_out(center, actor, lambda work: _done(work, made, content), dry_run=dry_run)


def _done(work: UnitOfWork, made: Correction, content: str) -> Correction:
    if known_correction(work, made.correction_id, content) is None:
        keep(work, made, content)
    return made


def _payer(work: UnitOfWork, command: RerateProduct, payer_id: str, correction_id: str, why: str) -> Correction:
    """One payer's uses and days."""
    desk = Desk(work, correction_id, payer_id=payer_id, product_id=command.product_id)
    done = part_of(work.connection, correction_id, payer_id)
    if done is not None:
        return correction_of(done)
    days = (command.first, command.last)
    uses = positions_of_uses(work.connection, payer_id, command.product_id, days=days)
    order_days = positions_of_days(work.connection, payer_id, command.product_id, days)
    orders = orders_by_id(work.connection, {p.cause_id for p in order_days})
    charged: dict[str, list[date]] = {}
    for position in sorted(order_days, key=lambda p: (p.cause_id, p.day)):
        charged.setdefault(position.cause_id, []).append(position.day)
    settle_uses(desk, Changed(rerated=frozenset(p.cause_id for p in uses)))
    for order_id, of_order in charged.items():
        desk.rerate_days(orders[order_id], of_order)
    made = Correction(correction_id, "rerate", payer_id, why, desk.book())
    keep_part(work, correction_id, payer_id, made.as_text())
    if made.differences:
        amounts = {currency: str(amount) for currency, amount in made.totals().items()}
        detail = {"correction": correction_id, "product": command.product_id, "why": why, "amounts": amounts}
        write_entry(work, "rerated_payer", payer_id, detail)
    return made
