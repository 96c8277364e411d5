"""Random numbers that depend on nothing but a seed and a name: splitmix64, so any part can be made by itself."""

from hashlib import blake2b

_MASK = (1 << 64) - 1


class Dice:
    """A stream of random numbers for one named thing of one company."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, name: str) -> None:
        self._state = int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest())

    def below(self, limit: int) -> int:
        """0 to limit - 1, each as likely (but for a bias below 10^-9)."""
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((state ^ (state >> 31)) * limit) >> 64

    def happens(self, per_mille: int) -> bool:
        """Whether something happens that does so `per_mille` times in a thousand."""
        return self.below(1000) < per_mille

    def skewed(self, limit: int) -> int:
        """0 to limit - 1, low numbers far more often: an eighth of all numbers gets half of the throws."""
        third = self.below(1 << 20)
        return third * third * third * limit >> 60
