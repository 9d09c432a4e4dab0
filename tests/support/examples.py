"""A log of kinds' examples, signed by the real code and not asked by any rule: what folds are tested with.

log = Log()
held = log.add("skill-certificate", ANN, issued_on="2026-01-05")
log.add("revocation", ANN, target_record=held.record_id)
engine = log.fold(indicators)
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ledger.logged import LoggedRecord
from ledger.records import build_record, kind_class
from projections import parked
from projections._base import View
from projections._runner import Runner
from tests.support.past import ISSUER, SIGNER
from tests.support.view_engine import ListSource, MemoryViews, rows_of

ANN, BEN, EVE, BODY = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=9)
NOW = 1_790_000_000
"""2026-09-21 in Shanghai."""


class Log:
    """Records in the order they were added."""

    def __init__(self) -> None:
        self.records: list[LoggedRecord] = []

    def add(
        self, kind: str, stream: UUID = ANN, *, issuer: str = ISSUER, signed: int = NOW, **changes: Any
    ) -> LoggedRecord:
        """One more record: a kind's example in which `changes` replace fields by name; None leaves a field out.

        kind    with or without version
        signed  `iat`, seconds since 1970
        """
        model = kind_class(kind)
        fields = {**model.EXAMPLE["claims"], **model.EXAMPLE["disclosed"], **changes}
        present = {name: value for name, value in fields.items() if value is not None}
        envelope = build_record(
            model.kind_name(),
            {name: value for name, value in present.items() if name not in model.DISCLOSED},
            {name: value for name, value in present.items() if name in model.DISCLOSED},
            issuer=issuer,
            signer=SIGNER,
            clock_seconds=signed,
            base_url="https://ledger.example.cn",
        )
        made = LoggedRecord(len(self.records), stream, 1, model.kind_name(), envelope.leaf, b"")
        self.records.append(made)
        return made

    def level(self, stream: UUID, order: int, **changes: Any) -> str:
        """A certificate of a level, 2 to 6; gives its record id."""
        number = f"S00003201000126{7 - order}{len(self.records) + 1:06}"
        return self.add(
            "skill-certificate/2", stream, **{"level_order": order, "certificate_number": number, **changes}
        ).record_id

    def fold(self, *views: View) -> MemoryViews:
        """Views of the log, folded in batches of three; nothing is parked, and a rebuild gives the same rows."""
        engine = MemoryViews(views)
        runner = Runner(ListSource(self.records), engine, views, batch_records_max=3)
        runner.catch_up()
        before = rows_of(engine, views)
        for view in views:
            assert parked(engine, view.NAME) == []
            runner.rebuild(view.NAME)
        assert rows_of(engine, views) == before
        return engine


def alone(stream: UUID) -> tuple[UUID, ...]:
    """Who is who where nobody was merged."""
    return (stream,)
