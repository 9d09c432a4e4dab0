"""职称: a professional title, given by the body that may. No certificate of a level ever gives one (DOMAIN §4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from ledger.records._certificate import Certificate, achievement
from ledger.records._credential import credential_shape
from ledger.records._fields import AS_MIDNIGHT, Text, claim
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.wire.canonical import Json

TITLE: Final = "职称证书"


class ProfessionalTitle(Certificate):
    """A title in a series, such as 工程师 in 工程技术人员."""

    KIND: ClassVar[str] = "professional-title"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": TITLE, "en": "professional title"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": achievement(
                path=lambda record: f"titles/{record.rank}",
                kind="License",
                name=lambda record: f"{record.title_name}（{record.field_name}）",
                title=TITLE,
                criteria={"narrative": Derived(lambda record: record.document or record.series)},
                professionalTitle={
                    "name": Slot("title_name"),
                    "series": Slot("series"),
                    "rank": Slot("rank"),
                    "field": Slot("field_name"),
                    "document": Slot("document"),
                },
            ),
            "licenseNumber": Hide(Slot("certificate_number")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市职称评审委员会",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320100",
            "series": "工程技术人员",
            "rank": "intermediate",
            "title_name": "工程师",
            "field_name": "电气工程",
            "document": "示例职称〔2026〕3号",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "ZC-320100-2026-0042",
        },
    }

    series: Text = claim("职称系列", "series of titles")
    rank: Literal["junior", "intermediate", "associate-senior", "senior"] = claim(
        "职称级别", "rank of the title: 初级, 中级, 副高级, 正高级"
    )
    title_name: Text = claim("职称名称", "title")
    field_name: Text = claim("专业", "professional field")
    document: Text | None = claim("批准文号", "decision document", None)
