"""职业技能等级证书: a certificate of a level in an occupation. The model of all credential kinds.

Version 1 held 职业资格证书 and 专项职业能力证书 too, which now have kinds of their own; the three still share one
register of certificate numbers. Version 2 names its basis and cites what the basis rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, TargetUnknown
from ledger.records._base import History, Record, Scope, UniqueClaim
from ledger.records._certificate import (
    OCCUPATION,
    LevelCertificate,
    check_number,
    level_achievement,
    level_code,
    level_name,
    level_path,
)
from ledger.records._codes import OCCUPATION_SCHEME
from ledger.records._credential import RESULT, Scored, credential_shape, midnight_seconds
from ledger.records._event import cited
from ledger.records._evidence import check_basis, cited_certificate
from ledger.records._fields import (
    AS_LIST,
    AS_MIDNIGHT,
    AS_REFERENCES,
    CertificateText,
    CivilDate,
    IssuerUrl,
    LevelOrder,
    Listed,
    OccupationCode,
    Pattern,
    RecordId,
    Text,
    claim,
    disclosed,
)
from ledger.records._outcome import PROGRAMME, InProgramme
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.records.errors import IdentifierRefused
from ledger.rules import standard
from ledger.rules.ladder import POSTS
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


def _title(record: SkillCertificate) -> str:
    return TITLES[record.certificate_kind]["zh"]


class SkillCertificate(Scored):
    """A certificate of one of three families, as version 1 has it; `certificate_kind` says which."""

    KIND: ClassVar[str] = "skill-certificate"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "职业技能证书", "en": "skill certificate"}
    SHAPE: ClassVar[Shape] = credential_shape(
        name=Derived(_title),
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": {
                "id": Derived(lambda record: f"{record.issuer}/{level_path(record)}"),
                "type": ["Achievement"],
                "achievementType": "Certification",
                "humanCode": Derived(lambda record: f"{record.occupation_code}/{level_code(record.level_order)}"),
                "name": Derived(level_name),
                "description": Derived(lambda record: f"{_title(record)}：{level_name(record)}"),
                "criteria": {"id": Slot("standard_id")},
                "inLanguage": "zh-CN",
                "certificateKind": Slot("certificate_kind"),
                "levelOrder": Slot("level_order"),
                "occupation": OCCUPATION,
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
            check_number(self.certificate_number, kinds, issued_on=self.issued_on, level_order=self.level_order)
        except IdentifierRefused as error:
            raise PydanticCustomError(
                "identifier-malformed", "certificate_number: {reason}", {"reason": error.reason}
            ) from None
        return self

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


EVALUATION_MODES: Final[Mapping[str, Mapping[str, str]]] = {
    "exam-room": {"zh": "考场", "en": "examination room"},
    "workshop-and-exam-room": {"zh": "车间+考场", "en": "workshop and examination room"},
}
"""Where somebody was assessed (S-034)."""

STANDARD_KINDS: Final[Mapping[str, str]] = {
    "national": "国家职业标准",
    "industry": "行业企业评价规范",
    "enterprise": "企业评价规范",
    "provincial": "省级评价规范",
}
SKILL_LEVEL: Final = TITLES["SKILL_LEVEL"]


def _standard(record: SkillCertificate2) -> str:
    return f"{STANDARD_KINDS[record.standard_kind]} {record.standard_number}（{record.standard_version}）"


class SkillCertificate2(InProgramme, LevelCertificate):
    """A level in an occupation, certified by an accredited institution on a basis that can be followed.

    特级技师 and 首席技师 are posts: a certificate of one rests on the appointment.
    """

    KIND: ClassVar[str] = "skill-certificate"
    VERSION: ClassVar[int] = 2
    LABEL: ClassVar[Mapping[str, str]] = SKILL_LEVEL
    NUMBER_KINDS: ClassVar[tuple[str, ...]] = NUMBER_KINDS["SKILL_LEVEL"]
    SHAPE: ClassVar[Shape] = credential_shape(
        name=SKILL_LEVEL["zh"],
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": level_achievement(
                title=SKILL_LEVEL["zh"],
                criteria={"narrative": Derived(_standard)},
                standard={
                    "kind": Slot("standard_kind"),
                    "id": Slot("standard_number"),
                    "version": Slot("standard_version"),
                },
            ),
            "evaluation": Maybe(
                {
                    "assessed": Slot("assessed_on", AS_MIDNIGHT),
                    "mode": Slot("evaluation_mode"),
                    "activities": Slot("activities", AS_REFERENCES),
                    "workEvidence": Slot("work_evidence", AS_LIST),
                }
            ),
            "caseNumber": Hide(Slot("case_number")),
            "programme": PROGRAMME,
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
        evaluationBody=Slot("body_code"),
        basis={"code": Slot("basis"), "records": Slot("evidence", AS_REFERENCES)},
        previous=Maybe({"record": Slot("previous_certificate")}),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "occupation_code": "6-31-01-03",
            "occupation_name": "电工",
            "level_order": 4,
            "standard_kind": "national",
            "standard_number": "GZB 6-31-01-03",
            "standard_version": "2018年版",
            "basis": "EXAM",
            "evaluation_mode": "exam-room",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "S000032010001263000123",
            "scores": {"theory": "86", "practice": "91.5"},
        },
    }

    body_code: Annotated[str, Pattern("[YS][0-9]{12}")] | None = claim(
        "评价机构编码", "filing code of the evaluation body, the first 13 characters of its numbers", None
    )
    standard_kind: Literal["national", "industry", "enterprise", "provincial"] = claim(
        "评价标准类别", "kind of standard"
    )
    standard_number: Text = claim("评价标准编号", "standard it was assessed by")
    standard_version: Text = claim("评价标准版本", "version of the standard")
    basis: Basis = claim("取得方式", "basis of the certificate")
    evidence: Annotated[tuple[RecordId, ...], Listed()] | None = claim("依据记录", "records it rests on", None)
    assessed_on: CivilDate | None = claim("考核日期", "date of the assessment", None)
    evaluation_mode: Literal["exam-room", "workshop-and-exam-room"] | None = claim(
        "评价模式", "where it was assessed", None
    )
    activities: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "结合的活动", "records of drills, contests, apprenticeship or training that the assessment took in", None
    )
    work_evidence: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "生产现场材料摘要", "SHA-256 of papers from the workshop, which the issuer keeps", None
    )
    previous_certificate: RecordId | None = claim("上一证书", "record of the certificate it follows", None)
    case_number: CertificateText | None = disclosed("申报编号", "number of the application")

    @model_validator(mode="after")
    def _check_assessment(self) -> Self:
        if self.assessed_on is not None and self.assessed_on > self.issued_on:
            raise PydanticCustomError("period", "assessed_on is after issued_on")
        workshop = self.evaluation_mode == "workshop-and-exam-room"
        if workshop and not self.activities and not self.work_evidence:
            raise PydanticCustomError("workshop", "an assessment in the workshop needs activities or work_evidence")
        return self

    @model_validator(mode="after")
    def _check_post(self) -> Self:
        if (self.level_order in POSTS) != (self.basis == "APPOINTED"):
            raise PydanticCustomError("post", "levels 7 and 8 are posts: basis APPOINTED goes with them alone")
        return self

    @model_validator(mode="after")
    def _check_body(self) -> Self:
        number = self.certificate_number
        if number is not None and self.body_code is not None and not number.startswith(self.body_code):
            raise PydanticCustomError("identifier-malformed", "certificate_number: does not begin with body_code")
        return self

    def reads(self) -> tuple[str, ...]:
        """The records it rests on, what the assessment took in, and the certificate before."""
        previous = () if self.previous_certificate is None else (self.previous_certificate,)
        return (*(self.evidence or ()), *(self.activities or ()), *previous)

    def check(self, history: History) -> None:
        """The occupation has the level, the basis rests on the record it needs, and all that is cited is the person's.

        raises  LevelUnknown, EvidenceMissing (Refused)
        """
        standard.check_level(
            history.registry.rules, occupation=self.occupation_code, order=self.level_order, on=self.issued_on
        )
        check_basis(
            history,
            basis=self.basis,
            evidence=self.evidence or (),
            occupation_code=self.occupation_code,
            level_order=self.level_order,
            on=self.issued_on,
        )
        for record_id in self.activities or ():
            cited(history, record_id, Record)
        if self.previous_certificate is not None:
            previous = cited_certificate(history, self.previous_certificate)
            if previous.field("level_order") > self.level_order:
                raise EvidenceMissing(f"the certificate before is of a higher level than {self.level_order}")
