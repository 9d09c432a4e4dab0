"""What supervision shares: who may not judge, what may be found, and whose record a case is about.

A case is a finding, a complaint or an appeal; it names the institution concerned, and one decision answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final

from ledger.errors import EvidenceMissing, RuleBroken
from ledger.records._base import History, Logged
from ledger.records._fields import Pattern

if TYPE_CHECKING:
    from ledger.registry import Institution

FINDINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "forged-record": {"zh": "弄虚作假", "en": "forged record"},
    "record-missing": {"zh": "应报未报", "en": "record not submitted"},
    "late-upload": {"zh": "未按时上报", "en": "late upload"},
    "identity-not-checked": {"zh": "未落实实名核验", "en": "identity not checked"},
    "attendance-false": {"zh": "考勤不实", "en": "attendance false"},
    "assessment-irregular": {"zh": "评价考核不规范", "en": "assessment irregular"},
    "assessor-unqualified": {"zh": "考评人员不具备资格", "en": "assessor not qualified"},
    "outside-scope": {"zh": "超范围培训评价", "en": "outside its accreditation"},
    "fee-violation": {"zh": "违规收费", "en": "fee violation"},
    "facility-insufficient": {"zh": "场地设备不达标", "en": "facilities insufficient"},
    "publicity-misleading": {"zh": "虚假宣传", "en": "misleading publicity"},
    "self-discipline-missing": {"zh": "内部质量管理缺失", "en": "no quality management of its own"},
    "other": {"zh": "其他", "en": "other"},
}
"""What may be found or complained of, with labels; codes are permanent."""

Finding = Annotated[str, Pattern("|".join(FINDINGS))]
EvidenceHash = Annotated[str, Pattern("[0-9a-f]{64}")]
"""SHA-256 of a document that stays outside the ledger, lowercase hex."""


def check_not_own(history: History, uscc: str) -> Institution:
    """The registered institution that is judged; a body to which the authority delegated does not judge itself.

    raises  RuleBroken (Refused)
    """
    body = history.registry.institution(uscc)
    if body.issuer == history.issuer and not history.is_authority:
        raise RuleBroken("no institution judges itself")
    return body


def held(history: History, record_id: str) -> Logged:
    """A record that a case is about, whatever its kind and standing.

    raises  EvidenceMissing (Refused)
    """
    found = history.record(record_id)
    if found is None:
        raise EvidenceMissing("a cited record is not in this log; check its record id")
    return found


def check_issued_by(history: History, record_id: str, uscc: str) -> None:
    """Accept a cited record that the institution issued itself, or took over as a successor.

    raises  EvidenceMissing, RuleBroken (Refused)
    """
    actor = history.registry.institution(uscc).issuer
    owner = str(held(history, record_id).payload["iss"])
    took_over = history.registry.acts_for(actor, owner) and not history.registry.is_authority(actor)
    if actor != owner and not took_over:
        raise RuleBroken(f"a cited record does not come from institution {uscc}")
