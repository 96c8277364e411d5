"""/metrics for Prometheus. Where it stands in the walk: beside it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from billing_center.access.open_door import from_here, is_loopback
from billing_center.metrics.scrape import CONTENT_TYPE, Scrape
from billing_center.settings import Settings
from web.admission import Admit

PATH = "/metrics"


def metrics_routes(settings: Settings, scrape: Scrape, admit: Admit) -> APIRouter:
    """/metrics asks for a caller with the operation "metrics"; with `metrics_open` other machines alone."""
    routes = APIRouter(tags=["health"])

    @routes.get(PATH)
    def metrics(request: Request) -> Response:
        """Every figure in Prometheus' text format."""
        if not (settings.metrics_open and _from_this_machine(request)):
            admit(request)
        return Response(scrape.text(), media_type=CONTENT_TYPE)

    return routes


def _from_this_machine(request: Request) -> bool:
    peer = request.client.host if request.client else ""
    return is_loopback(peer) and from_here(request.headers.get("host", ""), request.headers.get("origin", ""))
