"""Whether the process lives, and whether it is ready for calls. Where it stands in the walk: beside it."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from billing_center.center import Center
from billing_center.readiness import not_ready
from web.errors import problem


def health_routes(center: Center) -> APIRouter:
    """/health and /ready; neither asks who is asking."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health")
    async def health() -> Response:
        """The process answers."""
        return JSONResponse({"status": "alive"})

    @routes.get("/ready")
    def ready() -> Response:
        """The database answers and its schema is this program's; 503 otherwise."""
        reason = not_ready(center)
        if reason:
            return problem(503, reason, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    return routes
