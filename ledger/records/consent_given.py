"""同意: a worker agrees to one use of personal data, told what it is for, to whom it goes and until when.

Source: 个人信息保护法 articles 13 to 17 (informed consent); 23, 25, 29, 39 (separate consent, 单独同意).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._fields import AS_DATE, AS_LIST, CivilDate, Listed, Pattern, Text, claim, disclosed
from ledger.records._service_event import ServiceEvent, service_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


@dataclass(frozen=True, slots=True)
class Purpose:
    """A use of personal data.

    separately  whether the consent is asked by itself, apart from all others
    passes_on   whether the data goes to somebody else, who is then named
    """

    zh: str
    en: str
    separately: bool = False
    passes_on: bool = False


PURPOSES: Final[Mapping[str, Purpose]] = {
    "service-notices": Purpose("培训与就业服务推送", "notices of training and employment"),
    "research": Purpose("统计研究", "statistics and research"),
    "employer-check": Purpose("向用人单位提供", "provision to an employer", separately=True, passes_on=True),
    "change-notices": Purpose(
        "向用人单位推送状态变更", "change notices to an employer", separately=True, passes_on=True
    ),
    "credit-bank": Purpose("向其他学分银行提供", "provision to another credit bank", separately=True, passes_on=True),
    "admission": Purpose("向招生院校提供", "provision to a school for admission", separately=True, passes_on=True),
    "abroad": Purpose("向境外提供", "provision abroad", separately=True, passes_on=True),
    "publication": Purpose("公开展示", "publication", separately=True),
    "face-check": Purpose("人脸核验", "face check", separately=True),
}
"""Uses that rest on consent; codes are permanent. What rests on a statutory duty is not asked for."""

DATA: Final[Mapping[str, Mapping[str, str]]] = {
    "name": {"zh": "姓名", "en": "name"},
    "document-number": {"zh": "证件号码", "en": "document number"},
    "contact": {"zh": "联系方式", "en": "contact"},
    "photo": {"zh": "照片", "en": "photograph"},
    "training": {"zh": "培训记录", "en": "training"},
    "certificates": {"zh": "证书", "en": "certificates"},
    "scores": {"zh": "成绩", "en": "scores"},
    "credits": {"zh": "学分", "en": "credits"},
    "awards": {"zh": "奖项荣誉", "en": "awards and honours"},
    "employment": {"zh": "从业经历", "en": "employment"},
}
"""Categories of data with their labels; codes are permanent."""

SENSITIVE: Final = frozenset({"document-number", "photo"})
"""Categories whose use is asked for separately, whatever the purpose (article 29)."""


class ConsentGiven(ServiceEvent):
    """It holds from its date until `until`, or until it is withdrawn."""

    KIND: ClassVar[str] = "consent-given"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "同意", "en": "consent given"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = service_shape(
        name="个人信息处理同意",
        consent={
            "purpose": Slot("purpose"),
            "data": Slot("data", AS_LIST),
            "recipient": Hide(Slot("recipient")),
            "separately": Slot("separately"),
            "notice": {"version": Slot("notice_version"), "hash": Slot("notice_hash")},
            "until": Slot("until", AS_DATE),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01",
            "authenticated_by": "oidc",
            "purpose": "employer-check",
            "data": ["name", "certificates"],
            "separately": True,
            "notice_version": "2026-01",
            "notice_hash": "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d",
            "until": "2026-11-20",
        },
        "disclosed": {"recipient": "示例重型装备集团有限公司"},
    }

    purpose: Annotated[str, Pattern("|".join(PURPOSES))] = claim("处理目的", "purpose")
    data: Annotated[tuple[Annotated[str, Pattern("|".join(DATA))], ...], Listed()] = claim(
        "个人信息种类", "categories of data"
    )
    recipient: Text | None = disclosed("接收方", "who gets the data")
    separately: bool = claim("是否单独同意", "whether it was asked by itself, apart from other consents")
    notice_version: Text = claim("告知书版本", "version of the notice that was shown")
    notice_hash: Annotated[str, Pattern("[0-9a-f]{64}")] = claim("告知书摘要值", "SHA-256 of that notice")
    until: CivilDate | None = claim("有效期至", "last day; left out where it holds until withdrawn", None)

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        needs_own = PURPOSES[self.purpose].separately or SENSITIVE.intersection(self.data)
        if needs_own and not self.separately:
            raise PydanticCustomError("consent", "a consent to this purpose or data is asked for separately")
        if self.until is not None and self.until < self.happened_on:
            raise PydanticCustomError("period", "ends before it begins")
        return self

    def check(self, history: History) -> None:  # noqa: ARG002  the record says it all
        """Where the data goes to somebody else, the record names them.

        raises  RuleBroken (Refused)
        """
        if PURPOSES[self.purpose].passes_on is not (self.recipient is not None):
            raise RuleBroken("a consent names the recipient exactly where the data goes to somebody else")
