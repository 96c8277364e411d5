"""A large file of uses in pieces that several processes import: ranges of bytes that begin and end between lines.

A piece has a digest of its own, so that its import is one like that of a file and goes on where it was broken off.
The same file always falls into the same pieces. Where it stands in the walk: `usage import` plans with it.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 4 << 20
"""Bytes of a piece, up to the next end of a line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file, and how many lines come before them."""

    digest: str
    begin: int
    end: int
    lines_before: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What tells the content of a file apart, and its pieces; none for a file that is imported as a whole."""

    digest: str
    pieces: tuple[Piece, ...]


def plan_of(file: Path, *, quoted_lines: bool, piece: int = PIECE) -> Plan:
    """Read the file once. With `quoted_lines` a quoted cell may hold ends of lines: quotes then allow none."""
    whole, found = hashlib.sha256(), list[tuple[int, int, int]]()
    begin = lines = 0
    divisible = True
    with file.open("rb") as content:
        while some := content.read(piece):
            some += content.readline()
            whole.update(some)
            found.append((begin, begin + len(some), lines))
            begin, lines = begin + len(some), lines + some.count(b"\n")
            alone = some.count(b"\r") != some.count(b"\r\n")  # they end lines as well
            divisible = divisible and not alone and not (quoted_lines and b'"' in some)
    digest = whole.hexdigest()
    if not divisible or len(found) < 2:
        return Plan(digest, ())
    return Plan(digest, tuple(Piece(_digest(digest, begin, end), begin, end, n) for begin, end, n in found))


def lines_in(file: Path, piece: Piece, encoding: str, errors: str) -> Iterator[str]:
    """The lines of a piece, their ends as they are."""
    with file.open("rb") as content:
        content.seek(piece.begin)
        some = content.read(piece.end - piece.begin)
    return iter(io.TextIOWrapper(io.BytesIO(some), encoding, errors, newline=""))


def _digest(whole: str, begin: int, end: int) -> str:
    return hashlib.sha256(f"{whole} {begin}-{end}".encode()).hexdigest()
