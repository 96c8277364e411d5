"""`billing-center worker`: processes that work on the tasks of runs which the broker brings."""

import sys
from typing import Annotated

import typer

from billing_center.cli.context import loaded_settings, open_context
from billing_center.errors import SettingInvalid
from billing_center.logs import set_up_logs
from jobs.choose_executor import executor_for


def worker(
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="processes; the setting workers if left out")
    ] = None,
) -> None:
    """Work on tasks that RabbitMQ brings, until SIGTERM; the chunks under way are finished first."""
    settings = loaded_settings().settings
    if not settings.broker_url.get_secret_value():
        raise SettingInvalid("a worker needs broker_url: amqp://user:password@host:5672/vhost", field="broker_url")
    if sys.platform == "win32":
        raise SettingInvalid("workers need a system that can fork processes", field="broker_url")
    executor_for(settings).close()  # says what is missing where the extra is not installed
    with open_context():
        pass  # an old schema or a wrong clock is told here, and no connection lives on into the processes
    set_up_logs(settings)
    from jobs.worker import run_worker

    raise typer.Exit(run_worker(settings, concurrency or settings.workers))
