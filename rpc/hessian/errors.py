"""What can go wrong between bytes and values.

Messages say what the grammar expected and where. They never show decoded text: printing what a
stranger sent has been a hole of its own (CVE-2021-43297).
"""


class HessianError(Exception):
    """The root of everything that this package raises on purpose."""


class CodecError(HessianError):
    """Bytes that are not Hessian, or a value that Hessian cannot carry.

    `offset` is the place in the body where reading stopped; None when there is no body.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message if offset is None else f"{message} (at byte {offset})")
        self.offset = offset


class LimitExceeded(CodecError):
    """A body asks for more than `Limits` allows; `limit` is the name of the member."""

    def __init__(self, limit: str, allowed: int, offset: int | None = None) -> None:
        super().__init__(f"more than the allowed {allowed} {limit.replace('_', ' ')}", offset)
        self.limit = limit
        self.allowed = allowed


class WrongType(CodecError):
    """A decoded value is of another kind than the operation's parameter."""


class LostDecimal(WrongType):
    """A BigDecimal whose digits the caller's own jar left out: it must never be read as 0."""


class FaultReply(HessianError):
    """The called service answered with a fault.

    `code` is the fault's short name ("ServiceException"), `message` its text, `detail` the decoded
    exception object or None.
    """

    def __init__(self, code: str, message: str, detail: object = None) -> None:
        super().__init__(f"the service answered with a fault: {code}")
        self.code = code
        self.message = message
        self.detail = detail
