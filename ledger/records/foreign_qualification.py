"""境外职业资格认可: a qualification from abroad, compared with a national level by an entry of a list (S-050)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from pydantic import Field

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._certificate import OCCUPATION, Certificate, achievement
from ledger.records._codes import LEVELS, OCCUPATION_SCHEME
from ledger.records._credential import credential_shape
from ledger.records._fields import (
    AS_MIDNIGHT,
    CertificateText,
    CivilDate,
    OccupationCode,
    Pattern,
    RecordId,
    Text,
    UpperCode,
    claim,
    disclosed,
)
from ledger.records._listed import Version, rule_shape, table_entry
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.rules import foreign_list
from ledger.rules._entries import EntryId
from ledger.rules.ladder import TOP_CERTIFICATE
from ledger.wire.canonical import Json

TITLE: Final = "境外职业资格认可证明"


class ForeignQualification(Certificate):
    """What a foreign body certified, and the national level it compares with; the level itself takes a certificate."""

    KIND: ClassVar[str] = "foreign-qualification"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "境外职业资格认可", "en": "recognised foreign qualification"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": achievement(
                path=lambda record: f"foreign/{record.list_entry}",
                kind="License",
                name=lambda record: f"{record.qualification}（比照{LEVELS[record.level_order].national_zh}）",
                title=TITLE,
                criteria={"narrative": Derived(lambda record: f"境外职业资格认可清单 {record.list_entry}")},
                occupation=OCCUPATION,
                levelOrder=Slot("level_order"),
                foreign={
                    "country": Slot("country"),
                    "body": Slot("foreign_body"),
                    "qualification": Slot("qualification"),
                    "level": Slot("foreign_level"),
                    "obtained": Slot("obtained_on", AS_MIDNIGHT),
                    "number": Hide(Slot("foreign_number")),
                },
            ),
            "licenseNumber": Hide(Slot("certificate_number")),
        },
        list={"rule": rule_shape("list"), "entry": Slot("list_entry")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320500",
            "country": "DEU",
            "foreign_body": "IHK",
            "qualification": "Mechatroniker/-in",
            "occupation_code": "6-31-01-01",
            "occupation_name": "设备点检员",
            "level_order": 4,
            "list_rule": "FOREIGN-3205",
            "list_version": 1,
            "list_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "list_entry": "SZ-DEU-001",
            "obtained_on": "2019-07-01",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "JW-320500-2026-0003",
            "foreign_number": "IM-2019-55512",
        },
    }

    country: Annotated[str, Pattern("[A-Z]{3}")] = claim("颁发国家（地区）", "country of the foreign body, ISO 3166-1")
    foreign_body: Text = claim("境外颁发机构", "foreign body")
    qualification: Text = claim("境外资格名称", "foreign qualification")
    foreign_level: Text | None = claim("境外资格等级", "its level in its own system", None)
    obtained_on: CivilDate | None = claim("境外取得日期", "date on which it was obtained", None)
    foreign_number: CertificateText | None = disclosed("境外证书编号", "number of the foreign certificate")
    occupation_scheme: Text = claim("职业分类版本", "occupation scheme and version", OCCUPATION_SCHEME)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation it compares with")
    trade: Text | None = claim("工种", "trade", None)
    level_order: Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)] = claim(
        "比照等级序号", "order of the national level it compares with"
    )
    list_rule: UpperCode = claim("认可清单规则编号", "rule of the recognition list")
    list_version: Version = claim("认可清单版本", "version of the list")
    list_hash: RecordId = claim("认可清单摘要", "SHA-256 of the list, hex")
    list_entry: EntryId = claim("认可清单条目", "entry of the list")

    def check(self, history: History) -> None:
        """The authority's list for this region is in force, and its entry is about this country, occupation and level.

        raises  RuleNotInForce, RuleBroken (Refused)
        """
        _, entry = table_entry(
            history,
            foreign_list,
            rule=self.list_rule,
            version=self.list_version,
            digest=self.list_hash,
            entry_id=self.list_entry,
            region=self.region,
            on=self.issued_on,
        )
        if entry.country != self.country:
            raise RuleBroken(f"the entry is of country {entry.country}, not {self.country}")
        if entry.occupation not in (None, self.occupation_code):
            raise RuleBroken(f"the entry is about occupation {entry.occupation}, not {self.occupation_code}")
        if entry.level_order != self.level_order:
            raise RuleBroken(f"the entry compares with level {entry.level_order}, not {self.level_order}")
