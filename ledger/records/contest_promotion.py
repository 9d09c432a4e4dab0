"""竞赛晋升: a contest result promotes its holder to a level, as the rule of that contest's day says.

A decision, no certificate: the certificate of the new level is issued with basis `CONTEST` and cites this record. A
contest gives at most 高级技师, never a post.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from ledger.errors import EvidenceMissing, NumberUsed, RuleBroken, RuleNotInForce, ThresholdMissed
from ledger.records._base import History, UniqueClaim
from ledger.records._codes import LEVELS
from ledger.records._contest import CLASSES
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import OccupationCode, RecordId, RegionCode, Text, UpperCode, claim
from ledger.records._levels import highest_level
from ledger.records._shape import Derived, Shape, Slot
from ledger.records.contest_registered import ContestRegistered
from ledger.records.contest_result import ContestResult
from ledger.rules import contest as rules
from ledger.rules import standard
from ledger.wire.canonical import Json


class ContestPromotion(PersonEvent):
    """A promotion by one result; `happened_on` is the day of the decision."""

    KIND: ClassVar[str] = "contest-promotion"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "竞赛晋升等级", "en": "promotion by a contest"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"竞赛晋升：{record.occupation_name}（{LEVELS[record.level_order].national_zh}）"),
        region=Slot("region"),
        occupation={"code": Slot("occupation_code"), "name": Slot("occupation_name")},
        levelOrder=Slot("level_order"),
        contest={"record": Slot("contest_record")},
        result={"record": Slot("result_record")},
        rule={"id": Slot("rule_id"), "version": Slot("rule_version"), "hash": Slot("rule_hash")},
        document=Slot("document"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "region": "320000",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "level_order": 5,
            "contest_record": "5b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "result_record": "6b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "rule_id": "CONTEST-JS",
            "rule_version": 1,
            "rule_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "document": "示例人社竞〔2026〕5号",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    region: RegionCode = claim("行政区划代码", "region code of the deciding body")
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
    level_order: Annotated[int, Field(ge=2, le=rules.ORDER_MAX)] = claim("晋升后等级序号", "order of the new level")
    contest_record: RecordId = claim("竞赛备案记录", "record of the contest")
    result_record: RecordId = claim("竞赛成绩记录", "record of the result")
    rule_id: UpperCode = claim("规则编号", "rule")
    rule_version: Annotated[int, Field(ge=1, le=10_000)] = claim("规则版本", "version of the rule")
    rule_hash: RecordId = claim("规则摘要", "SHA-256 of the rule, hex")
    document: Text | None = claim("文件号", "decision document", None)

    def reads(self) -> tuple[str, ...]:
        """The contest and the result."""
        return self.contest_record, self.result_record

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """A result promotes once."""
        return (UniqueClaim("contest-promotion", (self.result_record,), NumberUsed),)

    def check(self, history: History) -> None:
        """The rule in force on the contest's last day gives this result exactly this level, above the present one.

        raises  EvidenceMissing, RuleBroken, RuleNotInForce, ThresholdMissed, LevelUnknown (Refused)
        """
        result = cited(history, self.result_record, ContestResult)
        contest = cited(history, self.contest_record, ContestRegistered, own=False)
        if result.contest_record != self.contest_record:
            raise EvidenceMissing("the cited result is of another contest than the cited one")
        if result.occupation_code != self.occupation_code:
            raise RuleBroken(f"the event is of occupation {result.occupation_code or '-'}, not {self.occupation_code}")
        if self.happened_on < result.happened_on:
            raise RuleBroken(f"decided on {self.happened_on}, before the result of {result.happened_on}")
        current = highest_level(history, occupation=self.occupation_code, before=self.happened_on)
        order = rules.promoted_order(
            self._rule(contest, history),
            contest_class=contest.contest_class,
            group=result.contest_group,
            team_size=result.team_size,
            rank=result.rank,
            participants=result.participants,
            current_order=current,
        )
        if order is None or order <= (current or 0):
            label = CLASSES[contest.contest_class]["en"]
            raise ThresholdMissed(f"the rule gives no level above {current or 'none'} for this result ({label})")
        if order != self.level_order:
            raise ThresholdMissed(f"the rule gives level {order} for this result, the record says {self.level_order}")
        standard.check_level(history.registry.rules, occupation=self.occupation_code, order=order, on=self.happened_on)

    def _rule(self, contest: ContestRegistered, history: History) -> rules.ContestRule:
        version = history.registry.rules.cited(
            self.rule_id, self.rule_version, self.rule_hash, book=rules.BOOK, on=contest.ends_on
        )
        if not history.registry.is_authority(version.publisher):
            raise RuleNotInForce(f"rule {self.rule_id} was not published by the authority, whose rules give levels")
        rule = rules.parse_content(version.content)
        if rule.series not in (None, contest.series, contest.name):
            raise RuleNotInForce(f"rule {self.rule_id} is for another series of contests")
        return rule
