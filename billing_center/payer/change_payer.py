"""An operator changes a payer: name, currency, billing day, grace days. Design: billing rules, mode 7."""

from dataclasses import dataclass

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange, ResultCode, Unknown
from billing_center.money import currency_code
from billing_center.payer.store import locked_payers, replace_billing_days, schedules_of, set_columns
from billing_center.period import check_billing_day


@dataclass(frozen=True, slots=True)
class ChangePayer:
    """What to change; None leaves it as it is."""

    payer_id: str
    name: str | None = None
    currency: str | None = None
    billing_day: int | None = None
    grace_days: int | None = None


def change_payer(work: UnitOfWork, command: ChangePayer) -> None:
    """Change the payer and write it down.

    A new billing day takes effect at the end of the period in progress, so nothing that was rated moves.
    Raises: Unknown (UNKNOWN_PAYER); OutOfRange naming the field.
    """
    payer = locked_payers(work.connection, [command.payer_id]).get(command.payer_id)
    if payer is None:
        message = f"payer {command.payer_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payerMemId", payer_id=command.payer_id)
    values: dict[str, object] = {}
    if command.name is not None:
        values["name"] = command.name
    if command.currency is not None:
        values["currency"] = currency_code(command.currency)
    if command.grace_days is not None:
        if not 0 <= command.grace_days <= 365:
            raise OutOfRange("grace days must be 0 to 365", field="grace_days")
        values["grace_days"] = command.grace_days
    if values:
        set_columns(work.connection, command.payer_id, values)
    if command.billing_day is not None:
        day = check_billing_day(command.billing_day)
        schedule = schedules_of(work.connection, [payer])[command.payer_id]
        changed = schedule.changed(day, on=max(work.today, payer.closed_until))
        replace_billing_days(work.connection, command.payer_id, changed.changes, at=work.at, actor=work.actor)
        values["billing_day"] = day
    write_entry(work, "payer_changed", command.payer_id, values)
