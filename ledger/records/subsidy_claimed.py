"""职业培训补贴申领: a subsidy is claimed for one training or certificate; each gets one at most (S-091)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from ledger.errors import EvidenceMissing, NumberUsed, SubsidyTaken
from ledger.records._base import History, Record, UniqueClaim
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import CertificateText, RecordId, RegionCode, claim, disclosed
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json

QUALIFYING: Final = frozenset(
    {"training-completion", "skill-certificate", "vocational-qualification", "special-ability-certificate"}
)
"""Kinds, without version, for which a subsidy may be claimed."""

GRANTED: Final = "granted"


class SubsidyClaimed(PersonEvent):
    """A claim under one entry of the catalogue of subsidised training."""

    KIND: ClassVar[str] = "subsidy-claimed"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "职业培训补贴申领", "en": "subsidy claimed"}
    SHAPE: ClassVar[Shape] = person_shape(
        name="职业培训补贴申领",
        region=Slot("region"),
        subsidy={
            "for": {"record": Slot("qualifying_record")},
            "catalogue": Slot("catalogue_id"),
            "claimNumber": Hide(Slot("claim_number")),
            "voucher": Hide(Slot("voucher_number")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-25",
            "region": "320102",
            "qualifying_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0f01",
            "catalogue_id": "JS-2026-0114",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "claim_number": "BT-2026-000017",
            "voucher_number": "PXQ-2026-000456",
        },
    }

    region: RegionCode = claim("行政区划代码", "region code of the body it is claimed from")
    qualifying_record: RecordId = claim("补贴依据记录", "record id of the training or certificate")
    catalogue_id: CertificateText = claim("补贴目录编号", "entry of the catalogue of subsidised training")
    claim_number: CertificateText | None = disclosed("申领编号", "number of the claim", required=True)
    voucher_number: CertificateText | None = disclosed("电子培训券编号", "number of the training voucher")

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The number of the claim, once for an issuer."""
        if self.claim_number is None:
            return ()
        return (UniqueClaim("subsidy-claim", (self.issuer, self.claim_number), NumberUsed),)

    def reads(self) -> tuple[str, ...]:
        """What it is claimed for."""
        return (self.qualifying_record,)

    def check(self, history: History) -> None:
        """What it is claimed for is this person's achievement, and no claim for it is open or granted.

        raises  EvidenceMissing, SubsidyTaken (Refused)
        """
        check_qualifying(history, self.qualifying_record)
        same = _with_predecessors(history, self.qualifying_record)
        decisions = {one.payload["decides"]["record"]: one for one in history.in_stream("subsidy-decided")}
        for one in decisions.values():
            subsidy = one.payload["subsidy"]
            if subsidy["decision"] == GRANTED and subsidy["for"]["record"] in same:
                raise SubsidyTaken("a subsidy was granted for this achievement already")
        for one in history.in_stream(self.KIND, suspended=True):
            if one.payload["subsidy"]["for"]["record"] in same and one.record_id not in decisions:
                raise SubsidyTaken("a claim for this achievement is open; wait for its decision, or revoke it")


def check_qualifying(history: History, record_id: str) -> None:
    """Accept a record in force that a subsidy may be claimed for.

    raises  EvidenceMissing (Refused)
    """
    found = cited(history, record_id, Record)
    if found.KIND not in QUALIFYING:
        raise EvidenceMissing(f"a cited record is of kind {found.KIND}, expected {' or '.join(sorted(QUALIFYING))}")
    if found.field("result") == "NOT_COMPLETED":
        raise EvidenceMissing("the cited training was not completed")


def _with_predecessors(history: History, record_id: str) -> set[str]:
    """A record and those that it took the place of: a corrected achievement is still one achievement."""
    replaced = {
        one.payload["replacement"]["record"]: one.payload["target"]["record"]
        for one in history.stream_records()
        if "replacement" in one.payload
    }
    same = {record_id}
    while (record_id := replaced.get(record_id, "")) and record_id not in same:
        same.add(record_id)
    return same
