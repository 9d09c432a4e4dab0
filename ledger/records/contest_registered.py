"""竞赛备案: a contest with its class, groups and events, before its results come in. Results and promotions cite it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, NotRequired, Self

from pydantic import Field, model_validator, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from ledger.errors import NumberUsed
from ledger.records._base import Scope, UniqueClaim
from ledger.records._contest import ContestClass, ContestGroup, Format, TeamSize, Tier
from ledger.records._entries import ENTRY, Entries
from ledger.records._event import Event, event_shape
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CertificateText,
    CivilDate,
    Code,
    Listed,
    OccupationCode,
    RegionCode,
    Text,
    Uscc,
    claim,
)
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

EVENTS_MAX = 128


@with_config(ENTRY)
class ContestEvent(TypedDict):
    """One event of a contest; `team` is how many persons compete together."""

    code: CertificateText
    name: Text
    occupation: NotRequired[OccupationCode]
    team: TeamSize


class ContestRegistered(Event):
    """A contest, in the stream of who registers it: its organiser, or the authority for organisers that it names."""

    KIND: ClassVar[str] = "contest-registered"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "竞赛备案", "en": "contest registered"}
    PLACE: ClassVar[str] = "institution"
    SHAPE: ClassVar[Shape] = event_shape(
        region=Slot("region"),
        contest={
            "number": Slot("contest_number"),
            "name": Slot("name"),
            "series": Slot("series"),
            "edition": Slot("edition"),
            "year": Slot("year"),
            "tier": Slot("tier"),
            "class": Slot("contest_class"),
            "groups": Slot("groups", AS_LIST),
            "events": Slot("events", AS_LIST),
            "from": Slot("starts_on", AS_DATE),
            "until": Slot("ends_on", AS_DATE),
            "formats": Slot("formats", AS_LIST),
            "organisers": Slot("organisers", AS_LIST),
            "document": Slot("document"),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "region": "320000",
            "contest_number": "JS-2026-007",
            "name": "2026年示例省焊接行业职业技能竞赛",
            "series": "jiangsu-workers",
            "edition": "第八届",
            "year": 2026,
            "tier": "provincial",
            "contest_class": "provincial-1",
            "groups": ["workers", "students"],
            "events": [
                {"code": "W01", "name": "焊接", "occupation": "6-18-02-04", "team": 1},
                {"code": "W02", "name": "机电一体化", "occupation": "6-31-01-03", "team": 2},
            ],
            "starts_on": "2026-05-11",
            "ends_on": "2026-05-15",
            "formats": ["contest", "exhibition"],
            "document": "示例竞组〔2026〕2号",
        },
        "disclosed": {},
    }

    region: RegionCode = claim("行政区划代码", "region code of the contest")
    contest_number: CertificateText = claim("竞赛编号", "number of the contest, unique in the institution")
    name: Text = claim("竞赛名称", "name")
    series: Code | None = claim("竞赛系列代码", "code of the series", None)
    edition: Text | None = claim("届次", "edition", None)
    year: Annotated[int, Field(ge=1949, le=9999)] = claim("年度", "year")
    tier: Tier = claim("竞赛层级", "tier of the contest system")
    contest_class: ContestClass = claim("竞赛类别", "class that promotion rules go by")
    groups: Annotated[tuple[ContestGroup, ...], Listed()] = claim("组别", "groups")
    events: Annotated[tuple[ContestEvent, ...], Entries("code", EVENTS_MAX)] = claim("竞赛项目", "events")
    starts_on: CivilDate = claim("开始日期", "first day")
    ends_on: CivilDate = claim("结束日期", "last day")
    formats: Annotated[tuple[Format, ...], Listed()] | None = claim(
        "办赛形式（赛展演会）", "what it is held with", None
    )
    organisers: Annotated[tuple[Uscc, ...], Listed()] | None = claim(
        "可登记成绩的承办机构", "further institutions that may record its results, by credit code", None
    )
    document: Text | None = claim("文件号", "document that announces it", None)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.ends_on < self.starts_on:
            raise PydanticCustomError("period", "ends_on lies before starts_on")
        return self

    def scope(self) -> Scope:
        """Kind and region: who may register contests says which results can promote."""
        return Scope(self.KIND, None, None, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The contest's number, once in an institution."""
        return (UniqueClaim("contest", (self.issuer, self.contest_number), NumberUsed),)

    def event(self, code: str) -> ContestEvent | None:
        """An event by its code."""
        return next((one for one in self.events if one["code"] == code), None)
