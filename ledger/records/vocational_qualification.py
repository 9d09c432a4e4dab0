"""职业资格证书: a qualification of the national catalogue. It outlives its entry there, and is marked (S-026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import History
from ledger.records._certificate import LevelCertificate, level_achievement
from ledger.records._credential import RESULT, credential_shape
from ledger.records._fields import AS_MIDNIGHT, Text, claim
from ledger.records._listed import Catalogued, rule_shape
from ledger.records._outcome import PROGRAMME, InProgramme
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.rules import qualification_catalogue
from ledger.rules._entries import EntryId
from ledger.rules.ladder import TOP_CERTIFICATE
from ledger.wire.canonical import Json

TITLE: Final = "职业资格证书"


class VocationalQualification(Catalogued, InProgramme, LevelCertificate):
    """A level in an occupation by the old system of qualifications; a view marks those whose entry is withdrawn."""

    KIND: ClassVar[str] = "vocational-qualification"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": TITLE, "en": "vocational qualification certificate"}
    NUMBERED_WITH: ClassVar[str | None] = "skill-certificate"
    NUMBER_KINDS: ClassVar[tuple[str, ...]] = ("qualification_cert_no",)
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": level_achievement(
                title=TITLE,
                criteria={"narrative": Derived(lambda record: record.standard or TITLE)},
                standard=Slot("standard"),
            ),
            "programme": PROGRAMME,
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
        catalogue=Maybe({"rule": rule_shape("catalogue"), "entry": Slot("catalogue_entry")}),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "level_order": 4,
            "catalogue_entry": "Q-2021-61",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "2610000234300001",
            "scores": {"theory": "86", "practice": "91.5"},
        },
    }

    level_order: Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)] = claim("等级序号", "order of the level, 2 to 6")
    standard: Text | None = claim("职业标准", "standard it was assessed by", None)
    catalogue_entry: EntryId | None = claim("资格目录条目", "entry of the catalogue", None)

    @model_validator(mode="after")
    def _check_entry(self) -> Self:
        if self.catalogue_rule is not None and self.catalogue_entry is None:
            raise PydanticCustomError("catalogue", "a cited catalogue needs catalogue_entry")
        return self

    def check(self, history: History) -> None:
        """A cited catalogue was in force on the day of issue, with this entry.

        raises  RuleNotInForce, RuleBroken (Refused)
        """
        entry_id = self.catalogue_entry or ""
        self.catalogue_table(history, qualification_catalogue, entry_id=entry_id, region=self.region, on=self.issued_on)
