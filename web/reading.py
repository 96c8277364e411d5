"""Read-only JSON over what the center knows: invoices, payers, parked uses, refused calls, runs of jobs.

Where it stands in the walk: beside it, for operators and modern products. Decimals are text, days and instants
ISO text.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Query
from pydantic import AwareDatetime
from starlette.responses import JSONResponse, Response

from billing_center.access.refused_calls import list_refused
from billing_center.alert.spend_alert import list_alerts, list_notices
from billing_center.allowance.balances_json import balances_as_plain
from billing_center.allowance.show_balances import balances
from billing_center.center import Center, UnitOfWork
from billing_center.errors import NoPrice, ResultCode, Unknown
from billing_center.foresight.forecast import forecast
from billing_center.foresight.preview_payer import preview_payer
from billing_center.invoice.as_json import as_plain
from billing_center.invoice.explain_invoice import explain_invoice, explain_line
from billing_center.invoice.explain_json import invoice_as_plain, lines_as_plain
from billing_center.invoice.explain_language import Language, language_of
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.invoice.show_invoice import list_invoices, show_invoice
from billing_center.payer.store import payers
from billing_center.runs.show_runs import recent_runs, run_report
from billing_center.settlement.arrears import in_arrears
from billing_center.usage.park import parked_uses

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=1000, description="rows at most")]
OfPayer = Annotated[str | None, Query(max_length=64, description="only this payer's")]
After = Annotated[str, Query(max_length=100, description="go on after this id")]


Question = Callable[[UnitOfWork], Any]
Answering = Callable[[Question], Response]


def reading_routes(center: Center) -> APIRouter:
    """Everything under /api/v1 that only reads."""
    routes = APIRouter()

    def answer(question: Question) -> Response:
        with center.reading("rest") as work:
            return JSONResponse(as_plain(question(work)))

    _invoices(routes, answer)
    _payers(routes, answer)
    _operations(routes, answer)
    return routes


def _invoices(routes: APIRouter, answer: Answering) -> None:
    @routes.get("/invoices/{id_or_number}", tags=["invoices"])
    def invoice(id_or_number: str) -> Response:
        """An invoice with its lines, totals, deduction and every callback."""
        return answer(lambda work: show_invoice(work.connection, id_or_number))

    @routes.get("/invoices/{id_or_number}/explain", tags=["invoices"])
    def explain(
        id_or_number: str,
        lang: Annotated[Language | None, Query(description="zh or en; else Accept-Language decides")] = None,
        accept_language: Annotated[str, Header(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="charges of a line at most")] = 100,
        line: Annotated[int | None, Query(ge=1, description="only this line")] = None,
        skip: Annotated[int, Query(ge=0, description="pass over so many charges (with line)")] = 0,
    ) -> Response:
        """Every line down to its charges and raw facts: the numbers, and sentences in Chinese or English."""
        language = lang or language_of(accept_language)
        if line is None:
            told = answer(
                lambda work: invoice_as_plain(work, explain_invoice(work, id_or_number, limit=limit), language)
            )
        else:
            told = answer(
                lambda work: lines_as_plain(
                    work, [explain_line(work, id_or_number, line, limit=limit, skip=skip)], language
                )[0]
            )
        told.headers["Content-Language"] = language.value
        told.headers["Vary"] = "Accept-Language"
        return told


def _payers(routes: APIRouter, answer: Answering) -> None:
    @routes.get("/payers/{payer_id}", tags=["payers"])
    def payer(payer_id: str) -> Response:
        """A payer, whether it is in arrears, its newest invoices, and what the open periods come to so far."""
        return answer(lambda work: _payer(work, payer_id))

    @routes.get("/payers/{payer_id}/preview", tags=["payers"])
    def preview(payer_id: str) -> Response:
        """What the payer would be invoiced now, from running sums; apart from it, what is not rated yet."""
        return answer(lambda work: preview_payer(work, payer_id))

    @routes.get("/payers/{payer_id}/balances", tags=["payers"])
    def balances_of(
        payer_id: str,
        at: Annotated[AwareDatetime | None, Query(description="a past moment with its offset; else now")] = None,
    ) -> Response:
        """Grants, packages and included units: what was granted, taken and is left, now or at a past moment."""
        return answer(lambda work: balances_as_plain(*balances(work, payer_id, at or work.at)))

    @routes.get("/payers/{payer_id}/forecast", tags=["payers"])
    def forecast_of(payer_id: str) -> Response:
        """What the running period will come to at its end."""
        return answer(lambda work: forecast(work, payer_id))

    @routes.get("/alerts", tags=["alerts"])
    def alerts(limit: Limit = 100, after: After = "", payer: OfPayer = None) -> Response:
        """Spend thresholds beside what the running periods have come to."""
        return answer(lambda work: list_alerts(work, payer_id=payer, after=after, limit=limit))

    @routes.get("/alert-notices", tags=["alerts"])
    def notices(limit: Limit = 100, payer: OfPayer = None) -> Response:
        """Spend thresholds that were crossed, the newest first."""
        return answer(lambda work: list_notices(work, payer_id=payer, limit=limit))


def _operations(routes: APIRouter, answer: Answering) -> None:
    @routes.get("/usage/parked", tags=["usage"])
    def parked(limit: Limit = 100, after: After = "") -> Response:
        """Uses that wait to be rated, with their reasons."""
        return answer(lambda work: parked_uses(work, limit=limit, after=after))

    @routes.get("/refused-calls", tags=["callers"])
    def refused(
        limit: Limit = 100,
        caller: Annotated[str | None, Query(max_length=64)] = None,
        operation: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        """Calls that were answered "-1", the newest first."""
        return answer(lambda work: _refused(work, limit, caller, operation))

    @routes.get("/job-runs", tags=["jobs"])
    def runs(limit: Limit = 20, job: Annotated[str | None, Query(max_length=40)] = None) -> Response:
        """The newest runs of jobs."""
        return answer(lambda work: recent_runs(work, job=job, limit=limit))

    @routes.get("/job-runs/{run_id}", tags=["jobs"])
    def run(run_id: str) -> Response:
        """A run with its tasks and failures."""
        return answer(lambda work: run_report(work, run_id))


def _payer(work: UnitOfWork, payer_id: str) -> dict[str, Any]:
    row = payers(work.connection, [payer_id]).get(payer_id)
    if row is None:
        message = f"payerMemId {payer_id!r} is no payer that is known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payerMemId", payer_id=payer_id)
    try:
        preview = as_plain(preview_invoice(work, payer_id))
    except NoPrice as error:  # an exchange rate is missing: the rest of the page is still worth having
        preview = {"unavailable": error.message}
    return {
        **as_plain(row),
        "in_arrears": in_arrears(work, payer_id),
        "invoices": as_plain(list_invoices(work.connection, payer_id=payer_id)),
        "preview": preview,
    }


def _refused(work: UnitOfWork, limit: int, caller: str | None, operation: str | None) -> list[dict[str, Any]]:
    return [
        {
            "refused_id": entry.refused_id,
            "at": entry.at.isoformat(),
            "caller": entry.call.caller,
            "operation": entry.call.operation,
            "code": entry.call.code,
            "field": entry.call.field,
            "message": entry.call.message,
            "arguments": json.loads(entry.call.arguments),
        }
        for entry in list_refused(work, limit=limit, caller=caller, operation=operation)
    ]
