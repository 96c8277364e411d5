"""Who may ask: by HTTP Basic, a caller with the operation "rest" or "console"; everyone at an open door.

Where it stands in the walk: before every path under /api and /console. /health and / ask for nobody.
"""

from collections.abc import Callable
from time import monotonic

import structlog
from fastapi import Request

from billing_center.access.basic_auth import read_basic
from billing_center.access.caller import REST, Caller, everyone
from billing_center.access.check_caller import CallerCheck
from billing_center.access.open_door import from_here
from billing_center.access.refused_access import RefusedAccess, RefusedWindow, keep_refused_access
from billing_center.center import Center
from billing_center.errors import BillingError, Unauthorised

log = structlog.get_logger()

CALLER = "billing_caller"
"""Where the admitted caller's id stands in the request's scope, for the log."""


Admit = Callable[[Request], Caller]
"""Gives a request its caller."""


def admission(center: Center, checks: CallerCheck, operation: str = REST) -> Admit:
    """What gives each request its caller. It raises Unauthorised, after an audit row was kept, and Busy.

    A browser that asks for the console without saying who it is is only about to be asked: that leaves no row.
    Rows are bounded by the minute; the row after a minute of too many tells how many have none.
    """
    window = RefusedWindow()

    def admit(request: Request) -> Caller:
        peer = request.client.host if request.client else "-"
        try:
            caller = _admitted(request, center, checks, operation)
        except Unauthorised as error:
            if operation == REST or request.headers.get("authorization"):
                left_out = window.take(monotonic())
                told = (str(error.ids.get("caller", "-")), operation, error.message, peer, left_out or 0)
                _keep(center, RefusedAccess(*told), row=left_out is not None)
            raise
        request.scope[CALLER] = caller.caller_id
        return caller

    return admit


def _admitted(request: Request, center: Center, checks: CallerCheck, operation: str) -> Caller:
    said = read_basic(request.headers.get("authorization", ""))
    if center.settings.open_door:
        if not from_here(request.headers.get("host", ""), request.headers.get("origin", "")):
            raise Unauthorised("an open door is for programs on this machine only", may_not=True)
        return everyone(said[0][:64] if said is not None else "open")
    if said is None:
        raise Unauthorised("a caller must say who it is")
    caller = checks.check(*said)
    if not caller.may_call(operation):
        message = f"the caller may not use the operation {operation!r}"
        raise Unauthorised(message, may_not=True, caller=caller.caller_id)
    return caller


def _keep(center: Center, refused: RefusedAccess, *, row: bool) -> None:
    told = {"caller": refused.caller, "operation": refused.operation, "peer": refused.peer}
    log.warning("access_refused", **told, reason=refused.reason)
    if not row:
        return
    try:
        center.transact(refused.caller[:64], lambda work: keep_refused_access(work, refused))
    except BillingError as failure:
        log.warning("access_refused_unkept", error=type(failure).__name__)
