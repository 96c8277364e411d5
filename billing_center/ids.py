"""Where ids come from: a constructor argument. Ids are time-ordered, so that indexes grow at their end."""

import secrets
from datetime import datetime
from itertools import count
from typing import Protocol
from zlib import crc32

SHARDS = 256
"""Every row that belongs to a payer carries one of 256 shards, whatever database holds it."""

NONE = "-"
"""Stands for 'no id' in keys: Oracle reads an empty string as NULL, and a key must not be NULL."""


class IdSource(Protocol):
    """Anything that hands out ids that were never handed out before."""

    def new(self, at: datetime) -> str:
        """A new id that sorts after those of earlier instants."""
        ...

    def several(self, at: datetime, count: int) -> list[str]:
        """So many new ids, in their order: what is written with them grows an index at its end."""
        ...


class TimeOrderedIds:
    """26 characters: 12 hexadecimal digits of milliseconds, then 14 random ones (56 bits)."""

    def new(self, at: datetime) -> str:
        """A new id for the instant `at`."""
        return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(7)}"

    def several(self, at: datetime, count: int) -> list[str]:
        """See `IdSource`."""
        begin, digits = f"{int(at.timestamp() * 1000):012x}", secrets.token_hex(7 * count)
        return sorted([begin + digits[place : place + 14] for place in range(0, 14 * count, 14)])


class CountingIds:
    """Ids that count up, for tests."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, at: datetime) -> str:
        """The next number as 26 digits."""
        return f"{next(self._numbers):026d}"

    def several(self, at: datetime, count: int) -> list[str]:
        """The next numbers."""
        return [self.new(at) for _ in range(count)]


def shard_of(payer_id: str) -> int:
    """The fixed shard, 0 to 255, of a payer (or of a user whose payer is not known yet)."""
    return crc32(payer_id.encode("utf-8", "surrogatepass")) % SHARDS
