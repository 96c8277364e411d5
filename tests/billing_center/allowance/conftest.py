"""Balances are told in stories, as in `tests/scenarios`."""

from tests.scenarios.conftest import story as story
