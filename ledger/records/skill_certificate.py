"""职业技能等级证书 and its kin: a certificate of a level in an occupation. The model of all credential kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import TargetUnknown
from ledger.records._base import History, Scope, UniqueClaim
from ledger.records._codes import LEVEL_OF_CODE, LEVELS, OCCUPATION_SCHEME
from ledger.records._credential import RESULT, Scored, credential_shape, midnight_seconds
from ledger.records._fields import (
    AS_MIDNIGHT,
    AS_REFERENCES,
    CertificateText,
    CivilDate,
    IssuerUrl,
    LevelOrder,
    Listed,
    OccupationCode,
    RecordId,
    Text,
    claim,
    disclosed,
)
from ledger.records._identifiers import IDENTIFIER_KINDS, check_identifier
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.records.errors import IdentifierRefused
from ledger.wire.canonical import Json

TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "SKILL_LEVEL": {"zh": "职业技能等级证书", "en": "vocational skill level certificate"},
    "QUALIFICATION": {"zh": "职业资格证书", "en": "vocational qualification certificate"},
    "SPECIAL_ABILITY": {"zh": "专项职业能力证书", "en": "special vocational ability certificate"},
}
NUMBER_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "SKILL_LEVEL": ("skill_cert_no", "special_grade_cert_no", "legacy_cert_no"),
    "QUALIFICATION": ("qualification_cert_no",),
    "SPECIAL_ABILITY": (),
}
"""Numbering rules of each kind of certificate; none: set by the province, any text."""

Basis = Literal[
    "EXAM",
    "DIRECT_NEW",
    "DIRECT_OUTSTANDING",
    "EXCEPTIONAL_TECH_PROBLEM",
    "EXCEPTIONAL_INNOVATION",
    "EXCEPTIONAL_MENTORING",
    "CONTEST",
    "EQUIVALENCE_FOREIGN",
    "APPOINTED",
]


def level_code(order: int) -> str:
    """The code of a level as certificates print it, `L` and the order where the level has none."""
    return LEVELS[order].code or f"L{order}"


def _title(record: SkillCertificate) -> str:
    return TITLES[record.certificate_kind]["zh"]


def _name(record: SkillCertificate) -> str:
    return f"{record.occupation_name}（{LEVELS[record.level_order].national_zh}）"


class SkillCertificate(Scored):
    """A level in an occupation, certified by an accredited institution."""

    KIND: ClassVar[str] = "skill-certificate"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "职业技能证书", "en": "skill certificate"}
    SHAPE: ClassVar[Shape] = credential_shape(
        name=Derived(_title),
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": {
                "id": Derived(
                    lambda record: (
                        f"{record.issuer}/occupations/{record.occupation_code}/levels/{level_code(record.level_order)}"
                    )
                ),
                "type": ["Achievement"],
                "achievementType": "Certification",
                "humanCode": Derived(lambda record: f"{record.occupation_code}/{level_code(record.level_order)}"),
                "name": Derived(_name),
                "description": Derived(lambda record: f"{_title(record)}：{_name(record)}"),
                "criteria": {"id": Slot("standard_id")},
                "inLanguage": "zh-CN",
                "certificateKind": Slot("certificate_kind"),
                "levelOrder": Slot("level_order"),
                "occupation": {
                    "scheme": Slot("occupation_scheme"),
                    "code": Slot("occupation_code"),
                    "name": Slot("occupation_name"),
                    "trade": Slot("trade"),
                },
            },
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
        basis=Maybe({"code": Slot("basis"), "records": Slot("evidence", AS_REFERENCES)}),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "certificate_kind": "SKILL_LEVEL",
            "occupation_code": "6-31-01-03",
            "occupation_name": "电工",
            "level_order": 4,
            "standard_id": "https://osta.example.cn/standards/6-31-01-03/2018",
            "basis": "EXAM",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "S000032010001263000123",
            "scores": {"theory": "86", "practice": "91.5"},
        },
    }

    certificate_kind: Literal["SKILL_LEVEL", "QUALIFICATION", "SPECIAL_ABILITY"] = claim(
        "证书类别", "kind of certificate"
    )
    occupation_scheme: Text = claim("职业分类版本", "occupation scheme and version", OCCUPATION_SCHEME)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation at issue")
    trade: Text | None = claim("工种", "trade", None)
    level_order: LevelOrder = claim("等级序号", "order of the level, 1 to 8")
    standard_id: IssuerUrl = claim("评价标准", "standard it was assessed by, a URL")
    basis: Basis | None = claim("取得方式", "basis of the certificate", None)
    evidence: Annotated[tuple[RecordId, ...], Listed()] | None = claim("依据记录", "records it rests on", None)
    issued_on: CivilDate = claim("发证日期", "date of issue")
    valid_until: CivilDate | None = claim("失效日期", "first day on which it no longer holds", None)
    certificate_number: CertificateText | None = disclosed("证书编号", "certificate number", required=True)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.issued_on:
            raise PydanticCustomError("period", "valid_until is not after issued_on")
        return self

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        """The number follows its rule, and its year and level are those of the certificate (DOMAIN §2.6)."""
        kinds = NUMBER_KINDS[self.certificate_kind]
        if self.certificate_number is None or not kinds or (self.level_order == 1):
            return self
        try:
            self._check_number_as(kinds, self.certificate_number)
        except IdentifierRefused as error:
            raise PydanticCustomError(
                "identifier-malformed", "certificate_number: {reason}", {"reason": error.reason}
            ) from None
        return self

    def _check_number_as(self, kinds: tuple[str, ...], number: str) -> None:
        kind = next((kind for kind in kinds if IDENTIFIER_KINDS[kind][0].fullmatch(number)), kinds[0])
        check_identifier(kind, number, on=date.max)
        match = IDENTIFIER_KINDS[kind][0].fullmatch(number)
        if match is None or int(match["year"]) != self.issued_on.year % 100:
            raise IdentifierRefused(kind, "year-differs")
        level = LEVEL_OF_CODE[match["level"]].order if "level" in match.re.groupindex else None
        if level != self.level_order if level is not None else self.level_order < 7:
            raise IdentifierRefused(kind, "level-differs")

    def occurred_on(self) -> date:
        """The date of issue."""
        return self.issued_on

    def scope(self) -> Scope:
        """Occupation, level and region."""
        return Scope(self.KIND, self.occupation_code, self.level_order, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The certificate number, once for an issuer and kind."""
        if self.certificate_number is None:
            return ()
        return (UniqueClaim("certificate", (self.issuer, self.KIND, self.certificate_number)),)

    def reads(self) -> tuple[str, ...]:
        """The records it rests on."""
        return self.evidence or ()

    def period(self) -> tuple[int | None, int | None]:
        """From the date of issue until `valid_until`."""
        until = None if self.valid_until is None else midnight_seconds(self.valid_until)
        return midnight_seconds(self.issued_on), until

    def check(self, history: History) -> None:
        """Every record it rests on is held.

        raises  TargetUnknown (Refused)
        """
        if any(history.record(record_id) is None for record_id in self.reads()):
            raise TargetUnknown("a record that the certificate rests on is not in this log")
