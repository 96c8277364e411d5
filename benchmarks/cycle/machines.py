"""Workers behind RabbitMQ, as other machines would run them: `billing-center worker` in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

from kombu.connection import Connection

from billing_center.settings import Settings
from jobs.broker import queue_of


@contextmanager
def brokered(settings: Settings) -> Iterator[None]:
    """So many workers as the settings say, ready; they and their queue go at the end. Nothing without a broker."""
    broker = settings.broker_url.get_secret_value()
    if not broker:
        yield
        return
    differing = settings.model_dump(exclude_unset=True) | {"broker_url": broker}
    values = {f"BILLING_{name.upper()}": str(value) for name, value in differing.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "billing_center", "worker", "--concurrency", str(settings.workers)],
        env={**os.environ, **values}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    name = queue_of(settings)
    with Connection(broker) as connection:
        try:
            while not _consumers(connection, name):
                assert process.poll() is None, "the worker ended"
                sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait()
            with connection.channel() as channel:
                channel.queue_delete(name)
                channel.exchange_delete(name)


def _consumers(connection: Connection, name: str) -> int:
    try:
        with connection.channel() as channel:
            return int(channel.queue_declare(name, passive=True).consumer_count)
    except connection.channel_errors:
        return 0  # it is not there yet
