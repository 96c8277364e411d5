"""Every story ends with its books in balance, whatever else its test looked at."""

from collections.abc import Iterator

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from tests.scenarios.story import Story


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Iterator[Story]:
    """A story that begins at the first moment of 1 March 2026 in Shanghai."""
    told = Story(center, clock)
    yield told
    told.check_the_books()
