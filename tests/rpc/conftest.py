"""Tests of the Hessian door speak to it over real HTTP; see tests/door.py."""

from tests.door import door as door
