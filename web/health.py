"""Whether the process lives, and whether it is ready for calls. Where it stands in the walk: beside it.

A balancer asks /health/ready and takes the process out when it says 503: also from the moment on at which the
process was told to end, while it still answers calls (`drain_s`).
"""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from billing_center.center import Center
from billing_center.readiness import not_ready
from web.errors import problem

PATHS = frozenset(("/health", "/health/live", "/ready", "/health/ready"))


def health_routes(center: Center, is_ending: Callable[[], bool]) -> APIRouter:
    """/health/live and /health/ready (in short /health and /ready); neither asks who is asking."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health/live")
    @routes.get("/health")
    async def live() -> Response:
        """The process answers."""
        return JSONResponse({"status": "alive"})

    @routes.get("/health/ready")
    @routes.get("/ready")
    def ready() -> Response:
        """It takes calls, the database answers and its schema is this program's or newer; 503 otherwise."""
        reason = "the center is shutting down" if is_ending() else not_ready(center)
        if reason:
            return problem(503, reason, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    return routes
