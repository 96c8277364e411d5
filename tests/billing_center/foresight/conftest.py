"""A story for looking ahead: products, and a clock that stands where the story put it."""

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from tests.billing_center.foresight.sold import PRODUCTS
from tests.scenarios.story import Story


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Story:
    """An empty story that sells mail, sms and calls."""
    told = Story(center, clock)
    told.sell(PRODUCTS)
    return told
