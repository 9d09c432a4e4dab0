"""1+X 证书: a certificate beside a diploma. Its 初级, 中级, 高级 are a scale of its own and no levels of the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from ledger.records._certificate import Certificate, achievement
from ledger.records._credential import RESULT, Scored, credential_shape
from ledger.records._fields import AS_MIDNIGHT, Pattern, Text, UpperCode, claim
from ledger.records._outcome import PROGRAMME, InProgramme
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.rules.ladder import X_SCALE
from ledger.wire.canonical import Json

TITLE: Final = "1+X职业技能等级证书"


def _name(record: XCertificate) -> str:
    return f"{record.x_name}（X证书{X_SCALE[record.x_step]['zh']}）"


class XCertificate(InProgramme, Certificate, Scored):
    """A step of an X certificate by the standard of its training and evaluation organisation (S-013)."""

    KIND: ClassVar[str] = "x-certificate"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": TITLE, "en": "1+X certificate"}
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": achievement(
                path=lambda record: f"x/{record.x_code}/{record.x_step}",
                kind="Certificate",
                name=_name,
                title=TITLE,
                criteria={
                    "narrative": Derived(
                        lambda record: f"职业技能等级标准 {record.standard_number}（{record.standard_version}）"
                    )
                },
                x={"code": Slot("x_code"), "name": Slot("x_name"), "step": Slot("x_step")},
                standard={"id": Slot("standard_number"), "version": Slot("standard_version")},
            ),
            "programme": PROGRAMME,
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职业技能鉴定中心",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "x_code": "X-2024-031",
            "x_name": "工业机器人操作与运维",
            "x_step": "x-intermediate",
            "standard_number": "X-2024-031",
            "standard_version": "2.0",
            "programme_school": "12320102MB0000000C",
            "programme_code": "460305",
            "programme_name": "工业机器人技术",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "X-2026-031-000123",
            "scores": {"theory": "86", "practice": "91.5"},
        },
    }

    x_code: UpperCode = claim("X证书编码", "code of the X certificate in its directory")
    x_name: Text = claim("X证书名称", "name of the X certificate")
    x_step: Annotated[str, Pattern("|".join(X_SCALE))] = claim("X证书等级", "step of its own scale")
    standard_number: Text = claim("职业技能等级标准编号", "standard it was assessed by")
    standard_version: Text = claim("职业技能等级标准版本", "version of the standard")
