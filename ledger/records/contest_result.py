"""竞赛成绩: a person's result in one event of a contest. The members of a team get one record each, in one group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken, TargetForeign
from ledger.records._base import History, Record
from ledger.records._contest import ContestGroup, Medal, Participants, Rank, TeamSize
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import (
    AS_REFERENCES,
    CertificateText,
    Listed,
    OccupationCode,
    RecordId,
    RegionCode,
    Text,
    claim,
)
from ledger.records._joint import check_sides
from ledger.records._shape import Derived, Maybe, Shape, Slot
from ledger.records.contest_registered import ContestRegistered
from ledger.wire.canonical import Json

SHARED: Final = ("happened_on", "contest_record", "event_code", "contest_group", "rank", "participants", "medal")
"""What the members of a team have in common."""


class ContestResult(PersonEvent):
    """A rank in one event; `happened_on` is the day of the result."""

    KIND: ClassVar[str] = "contest-result"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "竞赛成绩", "en": "contest result"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"{record.contest_name}：{record.event_name}（第{record.rank}名）"),
        region=Slot("region"),
        occupation=Maybe({"code": Slot("occupation_code"), "name": Slot("occupation_name")}),
        contest={
            "record": Slot("contest_record"),
            "name": Slot("contest_name"),
            "event": {"code": Slot("event_code"), "name": Slot("event_name")},
            "group": Slot("contest_group"),
            "rank": Slot("rank"),
            "participants": Slot("participants"),
            "medal": Slot("medal"),
            "teamSize": Slot("team_size"),
        },
        evidence=Slot("evidence", AS_REFERENCES),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-15",
            "region": "320000",
            "contest_record": "5b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "contest_name": "2026年示例省焊接行业职业技能竞赛",
            "event_code": "W01",
            "event_name": "焊接",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "contest_group": "workers",
            "rank": 3,
            "participants": 48,
            "medal": "bronze",
            "team_size": 1,
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    region: RegionCode = claim("行政区划代码", "region code of the contest")
    contest_record: RecordId = claim("竞赛备案记录", "record of the contest")
    contest_name: Text = claim("竞赛名称", "contest")
    event_code: CertificateText = claim("竞赛项目编号", "code of the event")
    event_name: Text = claim("竞赛项目", "event")
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code of the event", None)
    occupation_name: Text | None = claim("职业名称", "occupation", None)
    contest_group: ContestGroup = claim("组别", "group")
    rank: Rank = claim("名次", "rank")
    participants: Participants | None = claim(
        "参赛选手（队）数", "persons or teams that took part in event and group", None
    )
    medal: Medal | None = claim("奖牌或奖项", "medal or prize", None)
    team_size: TeamSize = claim("每队人数", "persons in the team, 1 for a single event")
    evidence: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "培训练兵记录", "trainings and drills that led to it", None
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if self.participants is not None and self.rank > self.participants:
            raise PydanticCustomError("rank", "rank is beyond the number of participants")
        if (self.occupation_code is None) != (self.occupation_name is None):
            raise PydanticCustomError("occupation", "occupation_code and occupation_name go together")
        if self.team_size > 1 and self.group is None:
            raise PydanticCustomError("group", "a team result needs its group: one record for each member")
        return self

    def reads(self) -> tuple[str, ...]:
        """The contest, and what led to the result."""
        return (self.contest_record, *(self.evidence or ()))

    def check(self, history: History) -> None:
        """The contest has this event and group; the team is complete; the person has no other result in the event.

        raises  EvidenceMissing, TargetForeign, RuleBroken, GroupIncomplete (Refused)
        """
        contest = cited(history, self.contest_record, ContestRegistered, own=False)
        for record_id in self.evidence or ():
            cited(history, record_id, Record)
        self._check_recorder(contest, history)
        self._check_contest(contest)
        check_sides(self, history, count=self.team_size, same=SHARED)
        for held in history.in_stream(self.KIND, suspended=True):
            contest_of = held.payload["contest"]
            if (contest_of["record"], contest_of["event"]["code"]) == (self.contest_record, self.event_code):
                raise RuleBroken("the person has a result in this event of the contest; correct that one")

    def _check_recorder(self, contest: ContestRegistered, history: History) -> None:
        if history.registry.acts_for(self.issuer, contest.issuer):
            return
        if history.registry.uscc_by_issuer.get(self.issuer) not in (contest.organisers or ()):
            raise TargetForeign("only who registered the contest, an organiser it names or the authority may do this")

    def _check_contest(self, contest: ContestRegistered) -> None:
        event = contest.event(self.event_code)
        if event is None:
            raise RuleBroken("the contest has no event of this code")
        expected = (contest.name, event["name"], event.get("occupation"), event["team"])
        if (self.contest_name, self.event_name, self.occupation_code, self.team_size) != expected:
            raise RuleBroken("contest_name, event_name, occupation_code or team_size differs from the cited contest")
        if self.contest_group not in contest.groups:
            raise RuleBroken(f"the contest has groups {', '.join(contest.groups)}, not {self.contest_group}")
        if self.happened_on < contest.starts_on:
            raise RuleBroken(f"dated {self.happened_on}, before the contest begins on {contest.starts_on}")
