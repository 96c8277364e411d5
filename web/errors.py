"""The one table from error to HTTP status, and the form of every error: problem+json (RFC 9457).

Where it stands in the walk: the last step of a request that did not end well. As at the Hessian door, a
failure of ours tells an incident id and no inner text.
"""

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing_center import errors

log = structlog.get_logger()

STATUSES: dict[type[Exception], int] = {
    errors.Refused: 400,
    errors.MissingField: 400,
    errors.WrongValue: 400,
    errors.OutOfRange: 400,
    errors.Unknown: 404,
    errors.NoPrice: 409,
    errors.ConflictingRepeat: 409,
    errors.ForbiddenTransition: 409,
    errors.CatalogInvalid: 400,
    errors.SettingInvalid: 500,
    errors.ClockRefused: 409,
    errors.Unauthorised: 401,
    errors.Busy: 503,
    errors.DatabaseAway: 503,
    errors.ShuttingDown: 503,
    errors.Broken: 500,
}

FORBIDDEN = 403
"""For a caller who is known and may not: `Unauthorised` with the id `may_not`."""


def status_of(error: BaseException) -> int:
    """The status of the error's own class, else of its nearest ancestor; 500 when nobody foresaw it."""
    if isinstance(error, errors.Unauthorised) and error.ids.get("may_not"):
        return FORBIDDEN
    for known in type(error).__mro__:
        if known in STATUSES:
            return STATUSES[known]
    return 500


def answer_billing_error(request: Request, error: Exception) -> Response:
    """The problem that a domain error is."""
    assert isinstance(error, errors.BillingError)
    status = status_of(error)
    if status == 500:
        return answer_failure(request, error)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="billing-center", charset="UTF-8"'
    if status == 503:
        headers["Retry-After"] = "1"
    return problem(status, error.message, headers, code=error.code.value, field=error.field)


def answer_failure(request: Request, error: Exception) -> Response:
    """A failure of ours: logged whole, told by its incident id."""
    incident = secrets.token_hex(8)
    log.error("request_failed", incident=incident, exc_info=error)
    return problem(500, f"the request could not be carried out; incident {incident}", incident=incident)


def answer_wrong_shape(request: Request, error: Exception) -> Response:
    """A query or body of the wrong shape; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    return problem(400, str(first["msg"]), code=errors.ResultCode.WRONG_TYPE.value, field=field)


def answer_http_error(request: Request, error: Exception) -> Response:
    """No such path, no such method."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), error.headers)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **members: str | None) -> Response:
    """A problem+json answer; members that are None are left out."""
    content: dict[str, object] = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    content.update({name: value for name, value in members.items() if value is not None})
    body = json.dumps(content, ensure_ascii=False)
    return Response(body, status, dict(headers or {}), media_type="application/problem+json")
