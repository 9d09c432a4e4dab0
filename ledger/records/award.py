"""表彰奖励: an honour or a prize, with the contest that led to it where there was one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.records._base import Scope, UniqueClaim
from ledger.records._credential import Credential, credential_shape, midnight_seconds
from ledger.records._fields import (
    AS_MIDNIGHT,
    CertificateText,
    CivilDate,
    OccupationCode,
    Text,
    UpperCode,
    claim,
    disclosed,
)
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.wire.canonical import Json

Small = Annotated[int, Field(ge=1, le=10_000)]


class Award(Credential):
    """An award to one person; the members of a team get one record each, in one group."""

    KIND: ClassVar[str] = "award"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "表彰奖励", "en": "award"}
    SHAPE: ClassVar[Shape] = credential_shape(
        name=Derived(lambda record: record.award_name),
        valid_from=Slot("decided_on", AS_MIDNIGHT),
        awardedDate=Derived(lambda record: AS_MIDNIGHT.write(record.decided_on)),
        subject={
            "achievement": {
                "id": Derived(lambda record: f"{record.issuer}/awards/{record.award_code}"),
                "type": ["Achievement"],
                "achievementType": "Award",
                "name": Slot("award_name"),
                "description": Derived(lambda record: f"{record.award_name}（{record.document}）"),
                "criteria": {"narrative": Slot("document")},
                "inLanguage": "zh-CN",
                "awardCode": Slot("award_code"),
                "tier": Slot("tier"),
                "edition": Slot("edition"),
            },
            "contest": Maybe(
                {
                    "name": Slot("contest_name"),
                    "class": Slot("contest_class"),
                    "event": Slot("contest_event"),
                    "occupation": Slot("occupation_code"),
                    "group": Slot("contest_group"),
                    "rank": Slot("contest_rank"),
                    "teamSize": Slot("team_size"),
                }
            ),
            "licenseNumber": Hide(Slot("certificate_number")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例省人力资源和社会保障厅",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320000",
            "award_code": "AW-CN-02",
            "award_name": "全国技术能手",
            "tier": "STATE",
            "document": "示例人社发〔2026〕9号",
            "decided_on": "2026-06-18",
            "contest_name": "示例省职业技能大赛",
            "contest_class": "provincial-1",
            "contest_event": "电工",
            "contest_group": "workers",
            "contest_rank": 1,
            "team_size": 1,
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "RY-2026-0009",
        },
    }

    award_code: UpperCode = claim("奖项编码", "award code")
    award_name: Text = claim("奖项名称", "award name")
    tier: Literal["STATE", "INDUSTRY", "SOCIAL"] = claim("奖项层级", "tier")
    document: Text = claim("表彰文件", "decision document")
    edition: Text | None = claim("届次", "edition or year", None)
    decided_on: CivilDate = claim("表彰日期", "date of the decision")
    contest_name: Text | None = claim("竞赛名称", "contest", None)
    contest_class: (
        Literal["national", "national-1", "national-2", "provincial-1", "provincial-2", "municipal", "world"] | None
    ) = claim("竞赛类别", "class of the contest", None)
    contest_event: Text | None = claim("竞赛项目", "event", None)
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code", None)
    contest_group: Literal["workers", "students"] | None = claim("组别", "group", None)
    contest_rank: Small | None = claim("名次", "rank", None)
    team_size: Small | None = claim("参赛人数", "size of the team", None)
    certificate_number: CertificateText | None = disclosed("荣誉证书编号", "certificate number")

    def occurred_on(self) -> date:
        """The date of the decision."""
        return self.decided_on

    def scope(self) -> Scope:
        """Kind and region; the occupation where a contest names one."""
        return Scope(self.KIND, self.occupation_code, None, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The certificate number, where there is one."""
        if self.certificate_number is None:
            return ()
        return (UniqueClaim("certificate", (self.issuer, self.KIND, self.certificate_number)),)

    def period(self) -> tuple[int | None, int | None]:
        """From the date of the decision, without end."""
        return midnight_seconds(self.decided_on), None
