"""Uses as they are reported: one of them, and a batch of them as columns, which is judged and kept field by field.

What many uses say alike is then looked at once. Where it stands in the walk: doors make `RecordUsage`s, files
`UseColumns`, and `keep_uses` keeps them. Design: contract, insertServiceOp.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import TypeVar

from billing_center.rating.whole_numbers import millionths

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordUsage:
    """One act of use as its product reports it; '' and None where the caller said nothing. Instants are UTC."""

    caller: str
    guid: str
    user_id: str
    user_name: str
    payer_id: str
    product_id: str
    product_name: str
    started_at: datetime
    ended_at: datetime
    amount: Decimal | None
    quantity: Decimal | None
    unit: str


_NAMES = tuple(field.name for field in fields(RecordUsage))
_values_of = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class UseColumns:
    """Reported uses, field by field: the columns are of one length, and mean what `RecordUsage` says."""

    caller: Sequence[str]
    guid: Sequence[str]
    user_id: Sequence[str]
    user_name: Sequence[str]
    payer_id: Sequence[str]
    product_id: Sequence[str]
    product_name: Sequence[str]
    started_at: Sequence[datetime]
    ended_at: Sequence[datetime]
    amount: Sequence[Decimal | None]
    quantity: Sequence[Decimal | None]
    unit: Sequence[str]

    def __len__(self) -> int:
        """How many uses there are."""
        return len(self.caller)

    def use(self, place: int) -> RecordUsage:
        """One of them."""
        return RecordUsage(*(getattr(self, name)[place] for name in _NAMES))

    def at(self, places: Sequence[int]) -> "UseColumns":
        """Those at certain places."""
        return UseColumns(*(chosen(getattr(self, name), places) for name in _NAMES))


def columns_of(uses: Iterable[RecordUsage]) -> UseColumns:
    """The uses as columns."""
    return UseColumns(*(list(zip(*map(_values_of, uses), strict=True)) or [()] * len(_NAMES)))


def chosen(values: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    """The values at the places."""
    return itemgetter(*places)(values) if len(places) > 1 else tuple(values[place] for place in places)


def microseconds(instants: Sequence[datetime]) -> list[int]:
    """The instants as whole microseconds since 1970."""
    return [(instant - _EPOCH) // _MICROSECOND for instant in instants]


def whole_millionths(numbers: Sequence[Decimal | None]) -> Sequence[int | None]:
    """The numbers as whole millionths. Raises: ValueError when one has more than six decimals."""
    distinct = {number: None if number is None else millionths(number) for number in set(numbers)}
    return [distinct[number] for number in numbers]


@dataclass(frozen=True, slots=True)
class WholeFields:
    """The numbers of a batch in whole millionths: of a second since 1970, of a unit of quantity or money."""

    started_at: Sequence[int]
    ended_at: Sequence[int]
    amount: Sequence[int | None]
    quantity: Sequence[int | None]


def whole_fields(uses: UseColumns) -> WholeFields:
    """The numbers of uses that are sound."""
    return WholeFields(
        microseconds(uses.started_at),
        microseconds(uses.ended_at),
        whole_millionths(uses.amount),
        whole_millionths(uses.quantity),
    )


def content_hashes(uses: UseColumns, whole: WholeFields) -> list[str]:
    """What tells equal records: all fields, numbers by value (1.5 and 1.50 are the same use)."""
    texts = zip(
        uses.caller, uses.guid, uses.user_id, uses.user_name, uses.payer_id, uses.product_id, uses.product_name,
        map(str, whole.started_at), map(str, whole.ended_at), map(str, whole.amount), map(str, whole.quantity),
        uses.unit, strict=True,
    )  # fmt: skip
    return digests(map("\x1f".join, texts))


def guid_identities(callers: Iterable[str], guids: Iterable[str]) -> list[str]:
    """What tells the uses apart that these callers reported under these guids."""
    names = map("\x1f".join, zip(callers, guids, strict=True))
    return ["g-" + digest for digest in digests(names)]


def digests(texts: Iterable[str]) -> list[str]:
    """What tells the texts apart: 32 hexadecimal digits each."""
    return [_hash(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() for text in texts]


_hash = hashlib.blake2b
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
