"""Secrets of callers: made here, shown once, kept only as a strong hash.

Where it stands in the walk: `callers` makes them, `check_caller` verifies them. scrypt with 16 MiB a guess;
the parameters stand in the hash, so that they can be raised without touching callers that exist.
"""

import hashlib
import hmac
import secrets

_N, _R, _P, _LENGTH = 1 << 14, 8, 1, 32


def new_secret() -> str:
    """A new secret of 192 random bits, in letters that a shell and a URL leave alone."""
    return secrets.token_urlsafe(24)


def hash_secret(secret: str) -> str:
    """`scrypt$n$r$p$salt$hash` of a secret, with a new random salt. Takes about a tenth of a second, by design."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(secret, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${digest.hex()}"


def secret_matches(secret: str, secret_hash: str) -> bool:
    """Whether the secret is the one that was hashed; compared in constant time."""
    scheme, n, r, p, salt, digest = secret_hash.split("$")
    if scheme != "scrypt":
        return False
    made = _scrypt(secret, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, bytes.fromhex(digest))


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    key = secret.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(key, salt=salt, n=n, r=r, p=p, maxmem=64 << 20, dklen=_LENGTH)
