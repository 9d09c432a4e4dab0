"""A log in memory, built of real envelopes: what a kind's own rule is tested against, without a store.

past = Past()
contest = past.log(build("contest-registered"), stream=INSTITUTION)
assert past.code("contest-result", {"contest": contest}) is None
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from ledger.errors import Refused
from ledger.history import History
from ledger.logged import LoggedRecord
from ledger.records import build_record, kind_class, parse_record
from ledger.records._base import Record
from ledger.registry import Institution, Registry
from ledger.wire.envelope import Envelope

ISSUER, OTHER = "https://osta.example.cn/issuers/3201", "https://college.example.cn/issuers/12"
AUTHORITY = "https://authority.example.cn/issuers/1"
ORIGIN = "ledger.example.cn/skills"
ED25519 = algorithm("Ed25519")
SIGNER = signer_from_private("Ed25519", ED25519.load_private(bytes(range(32))))
WORKER, SECOND, INSTITUTION = UUID(int=1), UUID(int=2), UUID(int=3)
NOW_SECONDS, TODAY = 1790000000, date(2026, 9, 21)


def build(
    kind: str,
    claims: Mapping[str, Any] | None = None,
    disclosed: Mapping[str, Any] | None = None,
    issuer: str = ISSUER,
    signer: Signer = SIGNER,
) -> Envelope:
    """A kind's `EXAMPLE`, signed, with other claims and disclosed values."""
    example = kind_class(kind).EXAMPLE
    return build_record(
        kind,
        {**example["claims"], **(claims or {})},
        {**example["disclosed"], **(disclosed or {})},
        issuer=issuer,
        signer=signer,
        clock_seconds=NOW_SECONDS,
        base_url="https://ledger.example.cn",
    )


def record_of(
    kind: str, claims: Mapping[str, Any] | None = None, disclosed: Mapping[str, Any] | None = None, issuer: str = ISSUER
) -> Record:
    """What `build` signs, as its model."""
    return parse_record(build(kind, claims, disclosed, issuer))


def begun_registry() -> Registry:
    """An authority and two institutions without keys."""
    root = Institution("11320000MB0000000D", AUTHORITY, "示例省人力资源和社会保障厅", "authority", "", -1)
    registry = Registry().with_root(origin=ORIGIN, body=root)
    for issuer, uscc in ((ISSUER, "52320102MJ000000XG"), (OTHER, "12320102MB0000000C")):
        registry = registry.with_institution(Institution(uscc, issuer, issuer, "college", "320102", 0))
    return registry


class Past:
    """Records so far, and what a rule sees of them."""

    def __init__(self) -> None:
        self.held: list[LoggedRecord] = []
        self.registry = begun_registry()

    def log(self, envelope: Envelope, stream: UUID = WORKER) -> str:
        """Take a record up without asking its rule; gives its record id."""
        record = parse_record(envelope)
        self.registry = self.registry.apply(record, index=len(self.held))
        self.held.append(LoggedRecord(len(self.held), stream, 1, record.kind, envelope.leaf, b""))
        return envelope.record_id

    def history(
        self,
        *,
        issuer: str = ISSUER,
        is_authority: bool = False,
        stream: UUID = WORKER,
        group: Sequence[Record] = (),
    ) -> History:
        """The past as a record of this issuer that goes to this stream sees it."""
        return History(
            issuer=AUTHORITY if is_authority else issuer,
            index=len(self.held),
            today=TODAY,
            registry=self.registry,
            group=group,
            stream=stream,
            find=lambda record_id: next((one for one in self.held if one.record_id == record_id), None),
            read_stream=lambda wanted: [one for one in self.held if one.stream == wanted],
            read_acts=lambda wanted: [one for one in self.held if one.stream == wanted],
        )

    def act(self, kind: str, **claims: Any) -> None:
        """Check and log a record that acts on another one of the worker's."""
        envelope = build(kind, claims)
        parse_record(envelope).check(self.history())
        self.log(envelope)

    def code(
        self,
        kind: str,
        claims: Mapping[str, Any] | None = None,
        disclosed: Mapping[str, Any] | None = None,
        **seen: Any,
    ) -> str | None:
        """The code with which a record is refused, by its form or by its rule; None when it is accepted.

        seen  as for `history`
        """
        try:
            record = record_of(kind, claims, disclosed, seen.get("issuer", ISSUER))
            record.check(self.history(**{"group": (record,), **seen}))
        except Refused as refused:
            return refused.code
        return None
