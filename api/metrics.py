"""What the server counts about itself, for `/metrics` (Prometheus text). Labels hold no personal value."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from starlette.types import Scope

from ledger.log.checkpoint import parse_checkpoint
from ledger.log.note import parse_note
from ledger.service import Ledger

_AREAS: Final = (
    ("/v1/records", "records"),
    ("/v1/verifications", "verifications"),
    ("/v1/me", "me"),
    ("/log/", "log"),
    ("/status/", "status"),
    ("/v1/", "register"),
    ("/.well-known/", "well-known"),
)


class Metrics:
    """One registry for each application, so that two in one process never share a counter."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "skill_ledger_http_answers_total",
            "Answers by area, method and status",
            ("area", "method", "status"),
            registry=self.registry,
        )
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._outcomes = Counter(
            "skill_ledger_verifications_total", "Verifications by outcome", ("outcome",), registry=self.registry
        )
        self._size = Gauge("skill_ledger_log_size", "Leaves in the log", registry=self.registry)
        self._lag = Gauge("skill_ledger_checkpoint_lag_records", "Records not yet published", registry=self.registry)

    def answered(self, scope: Scope, status: int) -> None:
        """Counts one answer; status 0 stands for a client that went away."""
        path: str = scope["path"]
        area = next((name for prefix, name in _AREAS if path.startswith(prefix)), "other")
        method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD") else "other"
        counted = self._counted.get((area, method, status))
        if counted is None:
            counted = self._counted[area, method, status] = self._answers.labels(area, method, str(status))
        counted.inc()

    def verified(self, outcome: str) -> None:
        """Counts one verification."""
        self._outcomes.labels(outcome).inc()

    def text(self, ledger: Ledger) -> bytes:
        """The exposition text, with gauges read from the ledger now."""
        size = ledger.size()
        self._size.set(size)
        self._lag.set(size - parse_checkpoint(parse_note(ledger.checkpoint()).text).size)
        return generate_latest(self.registry)
