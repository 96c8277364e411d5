"""Strings on the wire: UTF-16 units, each written as one to three bytes.

    string-data ::= unit*                 the length before it counts units, not bytes
    unit        ::= [x00-x7f]
                ::= [xc0-xdf] [x80-xbf]
                ::= [xe0-xef] [x80-xbf] [x80-xbf]

A character beyond U+FFFF is two units, a high and a low surrogate of three bytes each. Java cuts
texts where it likes, so half a pair may stand alone; it is kept as it is. Peers that know nothing
of this write such a character as four bytes and count it once; that is read too.
"""

_CONTINUATION = bytes(range(0x80, 0xC0))
LARGEST_CHUNK = 0x8000


def find_end(body: bytes, start: int, units: int) -> int:
    """Where `units` units end that begin at `start`; past the end of `body` when it is cut.

    Every step takes as many bytes as there are units missing. No unit is shorter than a byte, so
    the steps end exactly on the first byte of the last unit, which tells how many more belong to
    it: looking for bytes that could continue it would run on into the next tag. No character has
    more than three bytes after its first, so a fourth step without a new one is not UTF-8.
    """
    end = start
    missing = units
    fruitless = 0
    while missing > 0:
        piece = body[end : end + missing]
        begun = len(piece.translate(None, _CONTINUATION))
        fruitless = 0 if begun else fruitless + 1
        if not piece or fruitless > 3:
            return len(body) + 1
        end += len(piece)
        missing -= begun
    return end + _bytes_after(body[end - 1]) if units else start


def _bytes_after(first: int) -> int:
    """How many bytes follow the first of a character."""
    if first < 0xC0:
        return 0
    if first < 0xE0:
        return 1
    return 2 if first < 0xF0 else 3


def decode_units(raw: bytes) -> str:
    """Decode whole units, lone surrogates included; pairs are not yet joined.

    Raises: UnicodeDecodeError.
    """
    return raw.decode("utf-8", "surrogatepass")


def join_pairs(text: str) -> str:
    """Make one character of each high surrogate that is followed by a low one."""
    joined = text.encode("utf-16-le", "surrogatepass")
    return joined.decode("utf-16-le", "surrogatepass")


def split_pairs(text: str) -> str:
    """The same text with one Python character for each UTF-16 unit."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(high << 8 | low) for high, low in zip(data[::2], data[1::2], strict=True))


def chunks_of(text: str) -> list[tuple[int, bytes]]:
    """Cut a text into pieces of at most 32768 units; at least one piece, which may be empty.

    Each piece is its number of units and its bytes. A pair of surrogates is never cut apart.
    """
    if text.isascii() and len(text) <= LARGEST_CHUNK:
        return [(len(text), text.encode("ascii"))]
    units = split_pairs(text)
    chunks: list[tuple[int, bytes]] = []
    start = 0
    while len(units) - start > LARGEST_CHUNK:
        end = start + LARGEST_CHUNK
        if 0xD800 <= ord(units[end - 1]) <= 0xDBFF:  # a high surrogate: its low one comes next
            end -= 1
        chunks.append((end - start, units[start:end].encode("utf-8", "surrogatepass")))
        start = end
    chunks.append((len(units) - start, units[start:].encode("utf-8", "surrogatepass")))
    return chunks
