"""专项职业能力证书: one ability, assessed by a project of a regional catalogue. It has no level (S-039)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._certificate import Certificate, achievement
from ledger.records._credential import RESULT, Scored, credential_shape
from ledger.records._fields import AS_MIDNIGHT, Text, claim
from ledger.records._listed import Catalogued, rule_shape
from ledger.records._outcome import PROGRAMME, InProgramme
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.rules import training_catalogue
from ledger.rules._entries import EntryId
from ledger.wire.canonical import Json

TITLE: Final = "专项职业能力证书"
PURPOSE: Final = "special-ability"
"""What the catalogue of projects is for, as its rule book says it."""


class SpecialAbilityCertificate(Catalogued, InProgramme, Certificate, Scored):
    """An ability by the assessment specification of a project; numbers are set by the province, any text."""

    KIND: ClassVar[str] = "special-ability-certificate"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": TITLE, "en": "special vocational ability certificate"}
    NUMBERED_WITH: ClassVar[str | None] = "skill-certificate"
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": achievement(
                path=lambda record: f"projects/{record.project_id}",
                kind="Certificate",
                name=lambda record: record.project_name,
                title=TITLE,
                criteria={
                    "narrative": Derived(
                        lambda record: f"专项职业能力考核规范 {record.specification}（{record.specification_version}）"
                    )
                },
                project={
                    "id": Slot("project_id"),
                    "name": Slot("project_name"),
                    "field": Slot("project_field"),
                    "specification": {"id": Slot("specification"), "version": Slot("specification_version")},
                },
            ),
            "programme": PROGRAMME,
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
        catalogue=rule_shape("catalogue"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "project_id": "JS-ZX-2024-017",
            "project_name": "盐水鸭制作",
            "project_field": "local-industry",
            "specification": "JS-ZX-2024-017",
            "specification_version": "2024",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "ZX-320102-2026-0007",
            "scores": {"total": "88"},
        },
    }

    project_id: EntryId = claim("考核项目编号", "project, as the regional catalogue numbers it")
    project_name: Text = claim("考核项目名称", "name of the project")
    project_field: Literal["new-business", "labour-brand", "local-industry", "heritage"] | None = claim(
        "考核项目领域", "what the project serves", None
    )
    specification: Text = claim("考核规范编号", "specification it was assessed by")
    specification_version: Text = claim("考核规范版本", "version of the specification")

    def check(self, history: History) -> None:
        """A cited catalogue of the region lists the project on the day of issue.

        raises  RuleNotInForce, RuleBroken (Refused)
        """
        table = self.catalogue_table(
            history, training_catalogue, entry_id=self.project_id, region=self.region, on=self.issued_on
        )
        if table is not None and table.purpose != PURPOSE:
            raise RuleBroken(f"rule {self.catalogue_rule} is a catalogue for {table.purpose}, expected {PURPOSE}")
