"""岗位聘任: an employer appoints a worker to a post for a term: 特级技师, 首席技师, 技能专家 or a step of its ladder.

A post is no certificate: it ends with its term or the employment, and the certificate it rests on stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, RuleBroken, TargetForeign
from ledger.records._base import History, Record
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import (
    AS_DATE,
    CertificateText,
    CivilDate,
    OccupationCode,
    Pattern,
    RecordId,
    RegionCode,
    Text,
    Uscc,
    claim,
)
from ledger.records._levels import certified_level
from ledger.records._post import EXPERT, LEVEL_OF_POST, POSTS, STEP, has_ended
from ledger.records._shape import Derived, Maybe, Shape, Slot
from ledger.records.enterprise_ladder import EnterpriseLadder
from ledger.rules import standard
from ledger.wire.canonical import Json


class PostAppointed(PersonEvent):
    """An appointment by the employer that signs; `happened_on` is the day of the decision."""

    KIND: ClassVar[str] = "post-appointed"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "岗位聘任", "en": "post appointed"}
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"{POSTS[record.post]['zh']}：{record.post_name or record.occupation_name}"),
        region=Slot("region"),
        employer={"name": Slot("institution_name"), "uscc": Slot("institution_uscc")},
        occupation={"code": Slot("occupation_code"), "name": Slot("occupation_name")},
        levelOrder=Slot("level_order"),
        post={
            "type": Slot("post"),
            "name": Slot("post_name"),
            "from": Slot("starts_on", AS_DATE),
            "until": Slot("ends_on", AS_DATE),
            "document": Slot("document"),
        },
        ladder=Maybe({"record": Slot("ladder_record"), "step": Slot("ladder_step")}),
        basis=Maybe({"record": Slot("basis_record")}),
        previous=Maybe({"record": Slot("previous_record")}),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "region": "320102",
            "institution_name": "示例重型装备集团有限公司",
            "institution_uscc": "52320102MJ000000XG",
            "post": "special-technician",
            "level_order": 7,
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "basis_record": "8b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "starts_on": "2026-06-01",
            "ends_on": "2029-05-31",
            "document": "示例集团人〔2026〕31号",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    region: RegionCode = claim("行政区划代码", "region code of the post")
    institution_name: Text = claim("用人单位名称", "employer")
    institution_uscc: Uscc = claim("用人单位统一社会信用代码", "credit code of the employer, who signs")
    post: Annotated[str, Pattern("|".join(POSTS))] = claim("岗位类别", "post")
    post_name: Text | None = claim("岗位名称", "what the enterprise calls the post", None)
    level_order: Annotated[int, Field(ge=7, le=8)] | None = claim(
        "等级序号", "order of 特级技师 or 首席技师; other posts have none", None
    )
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
    basis_record: RecordId | None = claim("依据记录", "certificate or post it rests on", None)
    ladder_record: RecordId | None = claim("企业岗位等级序列记录", "record of the employer's ladder", None)
    ladder_step: CertificateText | None = claim("岗位等级代码", "code of the step", None)
    previous_record: RecordId | None = claim("上一聘期记录", "earlier term in the same post", None)
    starts_on: CivilDate = claim("聘期开始日期", "first day of the term")
    ends_on: CivilDate | None = claim("聘期届满日期", "last day of the term; left out where none is fixed", None)
    document: Text = claim("聘任文件", "decision number")

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise PydanticCustomError("period", "ends_on lies before starts_on")
        if self.level_order != LEVEL_OF_POST.get(self.post):
            raise PydanticCustomError("level", "level_order is 7 for 特级技师, 8 for 首席技师, and left out otherwise")
        if self.level_order is not None and self.basis_record is None:
            raise PydanticCustomError("basis", "the post rests on a certificate or a post: basis_record is needed")
        if self.post in (EXPERT, STEP) and self.post_name is None:
            raise PydanticCustomError("post", "a post of the enterprise's own needs post_name")
        if {self.ladder_record is not None, self.ladder_step is not None} != {self.post == STEP}:
            raise PydanticCustomError(
                "ladder", "ladder_record and ladder_step are for a step of a ladder, which has both"
            )
        return self

    def reads(self) -> tuple[str, ...]:
        """Basis, ladder and earlier term."""
        return tuple(one for one in (self.basis_record, self.ladder_record, self.previous_record) if one is not None)

    def check(self, history: History) -> None:
        """The basis is what the post demands, in an occupation that has it; ladder and earlier term are the employer's.

        raises  EvidenceMissing, LevelUnknown, TargetForeign, RuleBroken (Refused)
        """
        if self.basis_record is not None:
            self._check_basis(self.basis_record, history)
        if self.level_order is not None:
            standard.check_level(
                history.registry.rules, occupation=self.occupation_code, order=self.level_order, on=self.happened_on
            )
        if self.ladder_record is not None:
            self._check_ladder(cited(history, self.ladder_record, EnterpriseLadder, own=False), history)
        if self.previous_record is not None:
            self._check_earlier(cited(history, self.previous_record, PostAppointed), history)

    def _check_basis(self, record_id: str, history: History) -> None:
        """特级技师 rests on 高级技师, 首席技师 on 特级技师, as post or certificate; other posts on any level."""
        basis, on = cited(history, record_id, Record), self.happened_on
        order, occupation = None, None
        if isinstance(basis, PostAppointed):
            runs = basis.starts_on <= on and (basis.ends_on is None or on <= basis.ends_on)
            order = basis.level_order if runs and not has_ended(history, record_id, by=on) else None
            occupation = basis.occupation_code
        else:
            logged = history.record(record_id)
            level = None if logged is None else certified_level(logged.payload)
            if level is not None and level.holds_on(on):
                order, occupation = level.order, level.occupation
        needed = LEVEL_OF_POST.get(self.post)
        fits = order is not None if needed is None else order == needed - 1
        if not fits or occupation != self.occupation_code:
            wanted = "a level" if needed is None else f"level {needed - 1}"
            raise EvidenceMissing(f"the basis does not give {wanted} in occupation {self.occupation_code} on {on}")

    def _check_ladder(self, ladder: EnterpriseLadder, history: History) -> None:
        self._check_employer(ladder, history)
        step = ladder.step(self.ladder_step or "")
        if step is None or step["name"] != self.post_name:
            raise RuleBroken("the cited ladder has no step of this code and name")
        if self.starts_on < ladder.happened_on:
            raise RuleBroken(
                f"the term begins on {self.starts_on}, the cited ladder applies from {ladder.happened_on} on"
            )

    def _check_earlier(self, earlier: PostAppointed, history: History) -> None:
        self._check_employer(earlier, history)
        if (earlier.post, earlier.occupation_code) != (self.post, self.occupation_code):
            raise RuleBroken("the cited earlier term is in another post or occupation")
        if earlier.starts_on >= self.starts_on:
            raise RuleBroken(f"the term begins on {self.starts_on}, not after the earlier one on {earlier.starts_on}")

    def _check_employer(self, named: EnterpriseLadder | PostAppointed, history: History) -> None:
        if not history.registry.acts_for(self.issuer, named.issuer):
            raise TargetForeign(f"the cited {named.KIND} is another employer's")
