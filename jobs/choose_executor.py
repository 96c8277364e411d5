"""Which executor the settings ask for.

Where it stands in the walk: whoever starts jobs asks here, and hands the executor on in the `Context`.
"""

from billing_center.errors import SettingInvalid
from billing_center.settings import Settings
from jobs.executor import InProcesses, InThisProcess
from jobs.job import Executor


def executor_for(settings: Settings) -> Executor:
    """The executor that the settings ask for. Raises: SettingInvalid for a broker without the extra `workers`."""
    if settings.broker_url.get_secret_value():
        return _behind_broker(settings)
    return InThisProcess() if settings.workers == 1 else InProcesses(settings)


def _behind_broker(settings: Settings) -> Executor:
    try:
        from jobs.broker import BehindBroker  # an extra: sites without a broker install nothing for it
    except ImportError as error:
        message = f"broker_url needs {error.name}: install billing-center[workers]"
        raise SettingInvalid(message, field="broker_url") from None
    return BehindBroker(settings)
