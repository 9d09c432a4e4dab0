"""An institution joins: its credit code, issuer id, name, type and region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import IssuerUrl, Pattern, RegionCode, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.registry import Institution
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "employer": {"zh": "用人单位", "en": "employer"},
    "evaluation-body": {"zh": "社会培训评价组织", "en": "social training and evaluation organisation"},
    "appraisal-centre": {"zh": "职业技能鉴定机构", "en": "vocational skill appraisal centre"},
    "training-provider": {"zh": "职业培训机构", "en": "training provider"},
    "technical-school": {"zh": "技工院校", "en": "technical school"},
    "college": {"zh": "职业院校", "en": "vocational school or college"},
    "contest-organiser": {"zh": "竞赛组织机构", "en": "contest organiser"},
    "credit-bank": {"zh": "学分银行", "en": "credit bank"},
    "government-body": {"zh": "政府部门", "en": "government body"},
    "association": {"zh": "行业协会", "en": "industry association"},
}
"""Types of institution with their labels; codes are permanent."""


class InstitutionRegistered(InstitutionEvent):
    """Registers a legal body under its credit code and one issuer id."""

    KIND: ClassVar[str] = "institution-registered"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "机构备案", "en": "institution registered"}
    SHAPE: ClassVar[Shape] = event_shape(
        institution={
            "uscc": Slot("uscc"),
            "issuer": Slot("institution_issuer"),
            "name": Slot("name"),
            "type": Slot("type"),
            "region": Slot("region"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "institution_issuer": "https://osta.example.cn/issuers/3201",
            "name": "示例市职业技能鉴定中心",
            "type": "evaluation-body",
            "region": "320102",
        },
        "disclosed": {},
    }

    institution_issuer: IssuerUrl = claim("机构签发标识", "issuer id of the institution")
    name: Text = claim("机构名称", "name")
    type: Annotated[str, Pattern("|".join(TYPES))] = claim("机构类型", "type")
    region: RegionCode = claim("行政区划代码", "region code")

    def concerns(self, registry: Registry) -> tuple[str, ...]:  # noqa: ARG002  it is the first to say where it is
        """The institution's own region."""
        return (self.region,)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """One more institution."""
        return registry.with_institution(
            Institution(self.uscc, self.institution_issuer, self.name, self.type, self.region, index)
        )
