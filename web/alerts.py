"""Spend alerts over REST: thresholds set, changed and taken away, notices acknowledged.

Where it stands in the walk: beside it, for modern products and portals. Every act may be sent again, and leaves
one audit row. Lists are in `reading`.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from billing_center.access.caller import Caller
from billing_center.alert.spend_alert import SetAlert, acknowledge, change_alert, drop_alert, is_set, set_alert
from billing_center.center import Center, UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.ids import NONE
from billing_center.invoice.as_json import as_plain
from web.admission import Admit

AlertId = Annotated[str, Path(max_length=26)]


class Threshold(BaseModel):
    """What an alert watches."""

    model_config = ConfigDict(extra="forbid")

    payer: str = Field(max_length=64)
    threshold: str = Field(max_length=40, description="a decimal as text, above 0, six decimals at most")
    currency: str = Field("CNY", max_length=3)
    product: str = Field("", max_length=64, description="empty: everything that the payer is charged")


def alert_routes(center: Center, admit: Admit) -> APIRouter:
    """What changes alerts, under /api/v1; who asks is the actor of the audit."""
    routes = APIRouter(tags=["alerts"])

    @routes.post("/alerts", status_code=201)
    def create(asked: Threshold, caller: Annotated[Caller, Depends(admit)]) -> Response:
        """Set a threshold: 201 with its id; 200 with the same id when it is set already."""

        def act(work: UnitOfWork) -> tuple[str, bool]:
            command = _command(asked)
            known = is_set(work, command)
            return set_alert(work, command), known

        alert_id, known = center.transact(caller.caller_id, act)
        return JSONResponse({"alert_id": alert_id}, 200 if known else 201)

    @routes.put("/alerts/{alert_id}")
    def change(alert_id: AlertId, asked: Threshold, caller: Annotated[Caller, Depends(admit)]) -> Response:
        """Put this threshold in the place of another. It has an id of its own, and is told anew in the period."""
        changed = center.transact(caller.caller_id, lambda work: change_alert(work, alert_id, _command(asked)))
        return JSONResponse({"alert_id": changed})

    @routes.delete("/alerts/{alert_id}", status_code=204)
    def remove(alert_id: AlertId, caller: Annotated[Caller, Depends(admit)]) -> Response:
        """Take a threshold away; 204 as well when it is gone. What it told stays."""
        center.transact(caller.caller_id, lambda work: drop_alert(work, alert_id))
        return Response(status_code=204)

    @routes.post("/alert-notices/{alert_id}/{period_start}/acknowledge")
    def seen(alert_id: AlertId, period_start: date, caller: Annotated[Caller, Depends(admit)]) -> Response:
        """Note that somebody has seen a notice; who was first stays."""
        found = center.transact(caller.caller_id, lambda work: acknowledge(work, alert_id, period_start))
        return JSONResponse(as_plain(found))

    return routes


def _command(asked: Threshold) -> SetAlert:
    try:
        threshold = Decimal(asked.threshold)
    except InvalidOperation:
        raise OutOfRange("a threshold is a decimal", field="threshold") from None
    if not threshold.is_finite():
        raise OutOfRange("a threshold is a decimal", field="threshold")
    return SetAlert(asked.payer, threshold, asked.currency, asked.product or NONE)
