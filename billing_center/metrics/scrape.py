"""All figures as Prometheus reads them.

Where it stands in the walk: beside it; `web/metrics.py` answers with it. When the database is away the figures of
the process are shown all the same, with `billing_database_up` 0.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from time import monotonic

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric as Family

from billing_center.center import Center
from billing_center.errors import BillingError
from billing_center.metrics import names
from billing_center.metrics.counted import Labels, Steps, counts, spreads
from billing_center.metrics.names import METRICS, Kind, Metric
from billing_center.metrics.standing import Invoiced, Reader, Sample, often, seldom

log = structlog.get_logger()

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OFTEN_S, SELDOM_S = 5.0, 60.0
"""Seconds for which figures of the database are shown again before it is asked anew."""


def _none() -> int:
    return 0


class Scrape:
    """The figures of one process and its database. Any thread may ask; one at a time reads the database.

    Without a center the process asks no database, and another one shows those figures.
    """

    def __init__(
        self,
        center: Center | None,
        *,
        calls_waiting: Callable[[], int] = _none,
        connections: Callable[[], int] = _none,
        often_s: float = OFTEN_S,
        seldom_s: float = SELDOM_S,
    ) -> None:
        self._center = center
        self._live = {names.CALLS_WAITING: calls_waiting, names.CONNECTIONS: connections}
        self._reading = threading.Lock()
        self._kept = [_Kept(often, often_s), _Kept(Invoiced().look, often_s), _Kept(seldom, seldom_s)]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def text(self) -> bytes:
        """Prometheus' text format, of `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    def describe(self) -> Iterable[Family]:
        """Nothing is asked of the database to register; a method of prometheus_client's collectors."""
        return ()

    def collect(self) -> Iterator[Family]:
        """Every metric there is, in order, if only by name; a method of prometheus_client's collectors."""
        families = {metric: _family(metric) for metric in METRICS}
        for sample in [*self._of_process(), *self._of_database()]:
            labels = dict(zip(sample.metric.labels, sample.labels, strict=True))
            families[sample.metric].add_sample(sample.metric.name, labels, float(sample.value))
        for metric, bounds, spread in spreads():
            _add_spread(families[metric], metric.labels, bounds, spread)
        yield from families.values()

    def _of_process(self) -> Iterator[Sample]:
        for metric, ask in self._live.items():
            yield Sample(metric, ask())
        for metric, counted in counts():
            for labels, number in counted.items():
                yield Sample(metric, number, labels)
        yield Sample(
            names.INFO, 1, (version("billing-center"), self._center.database.kind if self._center else "")
        )

    def _of_database(self) -> list[Sample]:
        if self._center is None:
            return []
        with self._reading:
            try:
                samples = [sample for kept in self._kept for sample in kept.samples(self._center)]
            except BillingError as error:
                log.warning("figures_unread", error=type(error).__name__)
                return [Sample(names.DATABASE_UP, 0)]
        return [*samples, Sample(names.DATABASE_UP, 1)]


class _Kept:
    """What one reader has read, for some seconds."""

    def __init__(self, read: Reader, seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._samples: list[Sample] = []
        self._until = 0.0

    def samples(self, center: Center) -> list[Sample]:
        """What it read. Raises: DatabaseAway, Busy."""
        if monotonic() >= self._until:
            with center.reading("metrics") as work:
                self._samples = list(self._read(work))
            self._until = monotonic() + self._seconds
        return self._samples


def _family(metric: Metric) -> Family:
    # The library takes a counter's name without the ending that it shows.
    name = metric.name.removesuffix("_total") if metric.kind is Kind.COUNTER else metric.name
    return Family(name, metric.says, metric.kind.value)


def _add_spread(
    family: Family, label_names: Sequence[str], bounds: Sequence[float], spread: Mapping[Labels, Steps]
) -> None:
    for values, (steps, total) in spread.items():
        labels = dict(zip(label_names, values, strict=True))
        below = 0
        for bound, number in zip((*map(str, bounds), "+Inf"), steps, strict=True):
            below += number
            family.add_sample(f"{family.name}_bucket", {**labels, "le": bound}, below)
        family.add_sample(f"{family.name}_count", labels, below)
        family.add_sample(f"{family.name}_sum", labels, total)
