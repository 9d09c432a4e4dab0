"""培养载体登记: a base, studio, college or park that trains skilled people, and the institutions that own it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import NumberUsed, RuleBroken
from ledger.records._base import History, UniqueClaim
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CertificateText,
    CivilDate,
    Listed,
    Pattern,
    RegionCode,
    Text,
    Uscc,
    claim,
    disclosed,
)
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry

CARRIER_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "talent-service-park": {"zh": "技能人才服务产业园", "en": "service park for skilled talent"},
    "craftsman-college": {"zh": "工匠学院", "en": "craftsman college"},
    "digital-craftsman-college": {"zh": "数字工匠学院", "en": "digital craftsman college"},
    "enterprise-training-centre": {"zh": "企业培训中心", "en": "enterprise training centre"},
    "integration-base": {"zh": "产教融合实训基地", "en": "industry-education training base"},
    "high-skill-base": {"zh": "高技能人才培训基地", "en": "training base for high-skilled talent"},
    "public-base": {"zh": "公共实训基地", "en": "public training base"},
    "skill-master-studio": {"zh": "技能大师工作室", "en": "skill master's studio"},
    "innovation-studio": {"zh": "劳模和工匠人才创新工作室", "en": "innovation studio of model workers and craftsmen"},
    "online-platform": {"zh": "网络学习平台", "en": "online learning platform"},
    "rural-craft-station": {"zh": "乡村工匠工作站", "en": "rural craftsmen's station"},
    "famous-teacher-studio": {"zh": "名师工作室", "en": "famous teacher's studio"},
    "master-workshop": {"zh": "大师传习所", "en": "master's workshop"},
    "craftsman-park": {"zh": "工匠园区", "en": "craftsman park"},
    "contest-base": {"zh": "竞赛集训基地", "en": "contest training base"},
    "startup-base": {"zh": "创业孵化基地", "en": "start-up base"},
    "labour-brand": {"zh": "劳务品牌", "en": "labour brand"},
    "studio-alliance": {"zh": "劳模和工匠人才创新工作室联盟", "en": "alliance of innovation studios"},
    "industry-community": {"zh": "行业产教融合共同体", "en": "industry-education community of a trade"},
    "city-consortium": {"zh": "市域产教联合体", "en": "industry-education consortium of a city"},
}
"""Types of carrier with their labels; codes are permanent."""

ALLIANCES: Final = frozenset({"studio-alliance", "industry-community", "city-consortium"})
"""Types that several institutions own by their nature."""

CarrierType = Annotated[str, Pattern("|".join(CARRIER_TYPES))]


def check_body(history: History) -> None:
    """Accept the authority or a government body as issuer.

    raises  RuleBroken (Refused)
    """
    body = history.registry.issuer(history.issuer)
    if not history.is_authority and (body is None or body.type != "government-body"):
        raise RuleBroken("carriers are registered, graded and ended by the authority or a government body")


class CarrierRegistered(InstitutionEvent):
    """A carrier of the institution `uscc`, built alone (自建) or together with others (联建)."""

    KIND: ClassVar[str] = "carrier-registered"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培养载体登记", "en": "carrier registered"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority", "institution"})
    SHAPE: ClassVar[Shape] = event_shape(
        carrier={
            "number": Slot("number"),
            "type": Slot("type"),
            "name": Slot("name"),
            "fullName": Hide(Slot("full_name")),
            "owner": Slot("uscc"),
            "partners": Slot("partners", AS_LIST),
            "region": Slot("region"),
            "founded": Slot("founded_on", AS_DATE),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "number": "JNDS-320102-2026-001",
            "type": "skill-master-studio",
            "name": "焊接技能大师工作室",
            "partners": ["12320102MB0000000C"],
            "region": "320102",
            "founded_on": "2026-03-01",
            "document": "示例人社函〔2026〕8号",
        },
        "disclosed": {"full_name": "王小明焊接技能大师工作室"},
    }

    number: CertificateText = claim("载体编号", "number of the carrier")
    type: CarrierType = claim("载体类型", "type of carrier")
    name: Text = claim("载体名称（不含人名）", "name, without any person's")
    full_name: Text | None = disclosed("载体全称", "full name, which may be called after a person")
    partners: Annotated[tuple[Uscc, ...], Listed()] | None = claim("共建单位", "further owners, by credit code", None)
    region: RegionCode = claim("行政区划代码", "region code")
    founded_on: CivilDate = claim("设立日期", "date of foundation")
    document: Text | None = claim("文件号", "decision document", None)

    @model_validator(mode="after")
    def _check_owners(self) -> Self:
        if self.uscc in (self.partners or ()):
            raise PydanticCustomError("owners", "the owner is not one of its own partners")
        if self.type in ALLIANCES and self.partners is None:
            raise PydanticCustomError("owners", "an alliance has partners")
        return self

    def occurred_on(self) -> date:
        """The date of foundation."""
        return self.founded_on

    def owners(self) -> tuple[str, ...]:
        """Credit codes of all owners, the first one in front."""
        return (self.uscc, *(self.partners or ()))

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The carrier's number."""
        return (UniqueClaim("carrier", (self.number,), NumberUsed),)

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """Where the owner is, and where the carrier is."""
        return (*super().concerns(registry), self.region)

    def check(self, history: History) -> None:
        """A government body registers it, and every owner is a registered institution.

        raises  RuleBroken (Refused)
        """
        check_body(history)
        for uscc in self.owners():
            history.registry.institution(uscc)
