"""The clock over REST: what time it is for the center, and under the test clock the hands to move it.

Where it stands in the walk: the demo and integrators' acceptance tests play months of business through it.
What moves the clock is given by whoever puts the program together, since it runs jobs. Design: architecture,
"The test clock".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from billing_center.center import Center
from billing_center.clock import civil_day
from billing_center.errors import ClockRefused, MissingField
from billing_center.test_clock import parse_instant


@dataclass(frozen=True, slots=True)
class ClockHands:
    """Moves the test clock. `put` only sets it; `advance` also runs what falls due, in order, before it returns.

    Both take and return aware instants.
    """

    put: Callable[[datetime], datetime]
    advance: Callable[[datetime], datetime]


class NewTime(BaseModel):
    """An ISO instant with its offset, or a distance from now."""

    model_config = ConfigDict(extra="forbid")

    to: str | None = Field(None, description="ISO instant, such as 2026-03-05T00:00:00+08:00")
    days: int = Field(0, ge=0, le=3660)
    hours: int = Field(0, ge=0, le=24 * 366)
    minutes: int = Field(0, ge=0, le=60 * 24 * 366)


def clock_routes(center: Center, hands: ClockHands | None) -> APIRouter:
    """/clock, /clock/set and /clock/advance; the last two are refused without hands."""
    routes = APIRouter(prefix="/clock", tags=["clock"])

    @routes.get("")
    def show() -> Response:
        """The center's present instant and civil day."""
        return JSONResponse(_shown(center, center.clock.now(), hands))

    @routes.post("/set")
    def put(time: NewTime) -> Response:
        """Set the test clock forward, without running anything."""
        moved = _hands(hands).put(_meant(center, time))
        return JSONResponse(_shown(center, moved, hands))

    @routes.post("/advance")
    def advance(time: NewTime) -> Response:
        """Advance the test clock and run the jobs that fall due on the way, in order."""
        moved = _hands(hands).advance(_meant(center, time))
        return JSONResponse(_shown(center, moved, hands))

    return routes


def _hands(hands: ClockHands | None) -> ClockHands:
    if hands is None:
        raise ClockRefused("the system runs on the real clock, which nobody moves: set BILLING_TEST_CLOCK")
    return hands


def _meant(center: Center, time: NewTime) -> datetime:
    if time.to is not None:
        return parse_instant(time.to)
    distance = timedelta(days=time.days, hours=time.hours, minutes=time.minutes)
    if not distance:
        raise MissingField("an instant (to) or a distance (days, hours, minutes) is needed", field="to")
    return center.clock.now() + distance


def _shown(center: Center, at: datetime, hands: ClockHands | None) -> dict[str, Any]:
    zone = center.settings.zone
    return {
        "now": at.astimezone(zone).isoformat(),
        "day": civil_day(at, zone).isoformat(),
        "timezone": center.settings.timezone,
        "test": hands is not None,
    }
