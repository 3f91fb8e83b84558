"""What Prometheus reads: the requests of this process, and how the whole installation stands.

Figures of the installation come from the database, so one API process tells them for the workers too. They are counted
at most every ten seconds, however often they are asked for. No label names a person.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from models.house import House
from models.queries.figures import Figures, figures

log = logging.getLogger("clientrisk.api")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
KEPT_SECONDS = 10.0
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The metrics of one API process."""

    def __init__(self, house: House) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "clientrisk_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "clientrisk_http_request_seconds",
            "How long requests took, in seconds.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._limited = Counter(
            "clientrisk_http_rate_limited", "Requests refused because there were too many.", registry=self._registry
        )
        ProcessCollector(namespace="clientrisk_api", registry=self._registry)
        self._registry.register(_House(house))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is the template of its address: addresses themselves may hold secrets."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if status == 429:
            self._limited.inc()

    def families(self) -> Iterable[Metric]:
        """Every metric there is, by name, with what it means."""
        return self._registry.collect()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _House(Collector):
    """The figures of the installation."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._known: tuple[float, Figures | None] | None = None

    def collect(self) -> Iterable[Metric]:
        found = self._figures()
        yield InfoMetricFamily(
            "clientrisk_build",
            "The version that runs, and on which database.",
            {"version": version("clientrisk"), "database": self._house.engine.dialect.name},
        )
        yield GaugeMetricFamily("clientrisk_database_up", "1 if the database answers.", float(found is not None))
        if found is not None:
            yield from families(found)

    def _figures(self) -> Figures | None:
        with self._lock:
            now = time.monotonic()
            if self._known is None or now - self._known[0] >= KEPT_SECONDS:
                self._known = (now, self._count())
            return self._known[1]

    def _count(self) -> Figures | None:
        try:
            with self._house.read() as session:
                return figures(session, self._house.engine, self._house.clock())
        except SQLAlchemyError as error:
            log.warning("the figures could not be counted: %s", type(error).__name__)
            return None


def families(found: Figures) -> Iterable[Metric]:
    """``found`` as metrics."""
    cases = GaugeMetricFamily("clientrisk_cases", "Cases on record.", labels=("process", "state"))
    for (process, state), number in sorted(found.cases.items()):
        cases.add_metric((process, state), number)
    yield cases
    yield GaugeMetricFamily("clientrisk_cases_late", "Cases that should have moved on a minute ago.", found.cases_late)
    yield GaugeMetricFamily("clientrisk_steps_open", "Steps that are open.", found.steps_open)
    yield GaugeMetricFamily("clientrisk_steps_overdue", "Open steps past their deadline.", found.steps_overdue)
    yield GaugeMetricFamily("clientrisk_places_asked", "Places on routes that wait for somebody.", found.places_asked)
    yield _by_state("clientrisk_outbox_messages", "Messages of the outbox that are not done with.", found.messages)
    yield _age(
        "clientrisk_outbox_oldest_due_seconds", "Since when the oldest unsent message is due.", found.message_age
    )
    yield _by_state("clientrisk_webhook_deliveries", "Notices to webhooks, not done with.", found.deliveries)
    yield _by_state(
        "clientrisk_webhooks", "Webhooks.", {"active": found.webhooks_active, "paused": found.webhooks_paused}
    )
    yield GaugeMetricFamily(
        "clientrisk_webhook_lag_events",
        "Audit events that the slowest webhook has not followed yet.",
        found.webhook_lag,
    )
    yield GaugeMetricFamily("clientrisk_workers", "Workers heard of within a minute.", found.workers)
    yield _age("clientrisk_worker_heartbeat_age_seconds", "Since a worker was last heard of.", found.heartbeat_age)
    yield _age("clientrisk_backup_age_seconds", "Since the last backup was taken.", found.backup_age)
    yield CounterMetricFamily("clientrisk_audit_events", "Events of the audit trail.", found.audit_events)
    yield GaugeMetricFamily("clientrisk_database_bytes", "Size of the database.", found.database_bytes)


def _by_state(name: str, told: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=("state",))
    for state, number in counts.items():
        family.add_metric((state,), number)
    return family


def _age(name: str, told: str, seconds: float | None) -> Metric:
    """Without an age there is no sample: an alert on its absence says more than a zero."""
    family = GaugeMetricFamily(name, told)
    if seconds is not None:
        family.add_metric((), seconds)
    return family
