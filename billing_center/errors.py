"""Every error the domain raises, and the result code that each one bears.

Where it stands in the walk: everywhere. Domain errors know nothing of the wire; `rpc.outcome`, the REST
door and the command line each hold one table from these classes to their own answers.

`Refused`: the caller can act, sending the same again will not help. `Busy`: nothing was kept, send it
again. `Unauthorised`: who asks may not. `Broken`: an invariant failed, a bug of ours, never dressed up.
"""

from enum import StrEnum


class ResultCode(StrEnum):
    """Why something was refused, in order of precedence: the first rule that is broken names the answer.

    Callers and operators may rely on these words; they stand in the table of refused calls.
    """

    NOT_UNDERSTOOD = "not_understood"  # the call could not be read
    NOT_AUTHORISED = "not_authorised"  # who asks may not do this
    MISSING_FIELD = "missing_field"  # a required field is absent or blank
    WRONG_TYPE = "wrong_type"  # a field holds another kind of value than it must
    OUT_OF_RANGE = "out_of_range"  # a value is outside what the rule allows
    UNKNOWN_PRODUCT = "unknown_product"  # no such product in the catalog
    PRODUCT_NOT_ON_SALE = "product_not_on_sale"  # the product exists and cannot be bought now
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_PAYER = "unknown_payer"
    UNKNOWN_INVOICE = "unknown_invoice"
    UNKNOWN_STATE = "unknown_state"  # a state word that no setting maps
    UNKNOWN_PROMOTION = "unknown_promotion"
    UNKNOWN_UNIT = "unknown_unit"  # a unit that does not convert to the plan's
    UNKNOWN_CALLER = "unknown_caller"
    UNKNOWN_JOB = "unknown_job"
    UNKNOWN_MESSAGE = "unknown_message"  # no message of the outbox has this id
    NO_PRICE = "no_price"  # no price is in force for what was asked
    CONFLICTING_REPEAT = "conflicting_repeat"  # the same identity came with other content
    FORBIDDEN_TRANSITION = "forbidden_transition"  # the lifecycle does not allow the change of state
    CATALOG_INVALID = "catalog_invalid"  # a catalog file breaks a rule
    SETTING_INVALID = "setting_invalid"
    CLOCK_REFUSED = "clock_refused"  # the test clock and real facts must not meet
    BUSY = "busy"  # queues are full or a race was lost: send it again
    DATABASE_AWAY = "database_away"  # nothing was kept: send it again
    SHUTTING_DOWN = "shutting_down"
    BROKEN = "broken"  # an invariant failed


class BillingError(Exception):
    """The root of the hierarchy: a result code, one readable sentence, and the names and ids concerned."""

    code: ResultCode = ResultCode.BROKEN

    def __init__(
        self, message: str, *, code: ResultCode | None = None, field: str | None = None, **ids: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else type(self).code
        self.field = field
        self.ids = ids


class Refused(BillingError):
    """The caller's parameters break a rule; sending them again will not help."""

    code = ResultCode.OUT_OF_RANGE


class MissingField(Refused):
    """A required field is absent, null or blank."""

    code = ResultCode.MISSING_FIELD


class WrongValue(Refused):
    """A field holds a value of the wrong kind."""

    code = ResultCode.WRONG_TYPE


class OutOfRange(Refused):
    """A value is outside what its rule allows."""

    code = ResultCode.OUT_OF_RANGE


class Unknown(Refused):
    """An id names nothing that the center knows; the code says which kind of thing."""

    code = ResultCode.UNKNOWN_ORDER


class NoPrice(Refused):
    """No price is in force for this product, plan, day, currency and features."""

    code = ResultCode.NO_PRICE


class ConflictingRepeat(Refused):
    """The same identity came again with other content."""

    code = ResultCode.CONFLICTING_REPEAT


class ForbiddenTransition(Refused):
    """The lifecycle does not allow this change of state."""

    code = ResultCode.FORBIDDEN_TRANSITION


class CatalogInvalid(Refused):
    """A catalog file breaks a rule; the message names the line and the field."""

    code = ResultCode.CATALOG_INVALID


class SettingInvalid(Refused):
    """A setting's value is not allowed; the message names the setting and where it came from."""

    code = ResultCode.SETTING_INVALID


class ClockRefused(Refused):
    """The test clock was asked for on a database with real-clock facts, or the other way round."""

    code = ResultCode.CLOCK_REFUSED


class Unauthorised(BillingError):
    """Who asks is unknown, or may not do this."""

    code = ResultCode.NOT_AUTHORISED


class Busy(BillingError):
    """Not now: nothing of it was kept, and the caller may send it again."""

    code = ResultCode.BUSY


class DatabaseAway(Busy):
    """The database cannot be reached."""

    code = ResultCode.DATABASE_AWAY


class ShuttingDown(Busy):
    """The process is going down and takes no new work."""

    code = ResultCode.SHUTTING_DOWN


class Broken(BillingError):
    """An invariant failed. It is a bug, it is reported with an incident id, and it is never dressed up."""

    code = ResultCode.BROKEN
