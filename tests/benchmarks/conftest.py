"""The door, for what the benchmarks send to it."""

from tests.door import door as door
