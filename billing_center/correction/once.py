"""Every correction is booked once: its id is claimed in the transaction that books it, with who and why.

Without an id of the operator's own, the id is made of what was asked, so that the same words are the same
correction. Who means it twice gives an id.
"""

import re
from collections.abc import Callable, Sequence

from billing_center.audit.write_entry import write_entry
from billing_center.center import Center, UnitOfWork
from billing_center.correction.report import Correction, correction_of, digest
from billing_center.correction.store import find_correction, keep_correction
from billing_center.errors import ConflictingRepeat, MissingField, OutOfRange

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,29}")
_WHY_LONGEST = 400


def correction_id_of(kind: str, asked: Sequence[object], chosen: str = "") -> tuple[str, str]:
    """(the correction's id, the digest of what was asked). Raises: OutOfRange for an id that is none."""
    content = digest([kind, *asked])
    if chosen and not _ID.fullmatch(chosen):
        raise OutOfRange("a correction's id is 1 to 30 letters, digits, and . _ : -", field="id")
    return chosen or f"{kind[:5]}-{content[:24]}", content


def check_why(why: str) -> str:
    """The reason, without blanks around it. Raises: MissingField, OutOfRange."""
    why = why.strip()
    if not why:
        raise MissingField("a correction needs a reason", field="why")
    if len(why) > _WHY_LONGEST:
        raise OutOfRange(f"a reason has at most {_WHY_LONGEST} characters", field="why")
    return why


def known_correction(work: UnitOfWork, correction_id: str, content: str) -> Correction | None:
    """The correction, when it was booked before. Raises: ConflictingRepeat when the id was another one's."""
    known = find_correction(work.connection, correction_id)
    if known is None:
        return None
    if known[1] != content:
        message = f"correction {correction_id} was booked with other content"
        raise ConflictingRepeat(message, field="id", correction_id=correction_id)
    return correction_of(known[2])


def once(
    work: UnitOfWork,
    *,
    kind: str,
    asked: Sequence[object],
    chosen_id: str,
    why: str,
    act: Callable[[str, str], Correction],
) -> Correction:
    """Do `act(correction_id, why)` and keep it in the audit; a repeat does nothing and answers the same.

    Raises: MissingField without a reason; OutOfRange; ConflictingRepeat; what the act raises.
    """
    why = check_why(why)
    correction_id, content = correction_id_of(kind, asked, chosen_id)
    known = known_correction(work, correction_id, content)
    if known is not None:
        return known
    made = act(correction_id, why)
    keep(work, made, content)
    return made


def keep(work: UnitOfWork, made: Correction, content: str) -> None:
    """Keep a correction and its audit entry."""
    keep_correction(work, made, content_hash=content)
    totals = {currency: str(amount) for currency, amount in made.totals().items()}
    detail = {"correction": made.correction_id, "why": made.why, "amounts": totals, "notes": list(made.notes)}
    write_entry(work, f"corrected_{made.kind}", made.subject, detail)


class _Shown(Exception):
    """Carries a preview out of the transaction that must not commit."""

    def __init__(self, correction: Correction) -> None:
        self.correction = correction


def carry_out(center: Center, actor: str, act: Callable[[UnitOfWork], Correction], *, dry_run: bool) -> Correction:
    """Do a correction in one transaction; a dry run does all of it, shows it, and rolls it back.

    So a preview is the correction itself and cannot say anything else. Raises: what the act raises.
    """
    if not dry_run:
        return center.transact(actor, act)

    def shown(work: UnitOfWork) -> Correction:
        raise _Shown(act(work))

    try:
        return center.transact(actor, shown)
    except _Shown as preview:
        return preview.correction
