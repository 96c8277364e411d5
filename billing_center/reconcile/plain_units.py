"""Units of use once more: how many seconds, KB or pieces one is. A word that stands nowhere is its own kind."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from billing_center.reconcile.plain_price import half_up

_WORDS: Mapping[tuple[str, int], str] = {
    ("time", 1): "s sec secs second seconds 秒 秒钟",
    ("time", 60): "min mins minute minutes 分 分钟",
    ("time", 60 * 60): "h hr hrs hour hours 时 小时 钟头",
    ("time", 24 * 60 * 60): "day days 天 日",
    ("volume", 1): "k kb kbyte kilobyte kilobytes 千字节",
    ("volume", 1024): "mb mbyte megabyte megabytes 兆 兆字节",
    ("volume", 1024 * 1024): "g gb gbyte gigabyte gigabytes 吉字节",
    ("volume", 1024 * 1024 * 1024): "t tb tbyte terabyte terabytes 太字节",
    ("pieces", 1): "count counts piece pieces pcs times use uses 次 个 件 条",
}
KINDS = {word: unit for unit, words in _WORDS.items() for word in words.split()}


@lru_cache(maxsize=1000)
def kind_and_size(word: str) -> tuple[str, int]:
    """(kind, base units in one). Blank means pieces."""
    folded = word.strip().casefold() or "count"
    return KINDS.get(folded, (folded, 1))


@lru_cache(maxsize=1000)
def size_beside(unit: str, plan_unit: str) -> int | None:
    """Base units in one `unit`; None when it is of another kind than the plan's. A blank unit is the plan's."""
    kind, size = kind_and_size(unit if unit.strip() else plan_unit)
    return size if kind == kind_and_size(plan_unit)[0] else None


def base_units(quantity: Decimal, unit: str, plan_unit: str) -> Decimal | None:
    """A quantity in base units of the plan's kind; None when it is of another kind."""
    size = size_beside(unit, plan_unit)
    return quantity * size if size is not None else None


def shown_in(base: Decimal, plan_unit: str) -> Decimal:
    """Base units in the plan's unit, six decimals."""
    size = kind_and_size(plan_unit)[1]
    if size == 1:
        return base
    scaled = base.scaleb(6)
    whole = int(scaled)
    if whole < 0 or whole != scaled:
        return half_up(Fraction(base) / size, 6)
    return Decimal(shown_whole(whole, size)).scaleb(-6)


def shown_whole(base: int, size: int) -> int:
    """The same of millionths, nothing or more of them, in millionths; a half goes up."""
    return shown_all([base], size)[0]


def shown_all(bases: Sequence[int], size: int) -> list[int]:
    """The same of many."""
    twice = 2 * size
    return [(2 * base + size) // twice for base in bases]
