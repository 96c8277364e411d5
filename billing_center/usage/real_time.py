"""The signal between the door that commits a use and the thread that rates real-time products at once."""

import threading


class RealTimeSignal:
    """Wakes the rating of real-time products when such a use has been committed in this process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self) -> None:
        """A real-time use has been committed."""
        self._event.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next one; returns whether there was one."""
        return self._event.wait(timeout)

    def clear(self) -> None:
        """Forget what has been seen; call it before looking into the queue, not after."""
        self._event.clear()
