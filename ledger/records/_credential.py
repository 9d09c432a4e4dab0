"""What all credential kinds share: a W3C Verifiable Credential 2.0 in the vocabulary of Open Badges 3.0.

Source: W3C VC Data Model 2.0, VC-JOSE-COSE §3.2 (`vc+sd-jwt`), 1EdTech Open Badges 3.0 §B (data models), W3C Bitstring
Status List 1.0. Terms outside the two contexts live under the third, so that every reader can expand the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.clock import SHANGHAI
from ledger.records._base import KINDS_URL, Record
from ledger.records._fields import (
    STATUS_ENTRIES,
    DocumentText,
    PersonName,
    RegionCode,
    ScoreValue,
    Status,
    StatusPlace,
    Text,
    Uscc,
    claim,
    disclosed,
)
from ledger.records._identifiers import document_kind
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot, Woven
from ledger.wire.canonical import Json
from ledger.wire.envelope import TYP_CREDENTIAL

CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
)
TYPES: Final = ("VerifiableCredential", "OpenBadgeCredential")

SCORE_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "theory": {"zh": "理论", "en": "theory"},
    "practice": {"zh": "技能操作", "en": "practice"},
    "comprehensive": {"zh": "综合评审", "en": "comprehensive assessment"},
    "total": {"zh": "总成绩", "en": "total"},
}
"""Parts of an assessment in their order, with labels; codes are permanent."""


def credential_shape(*, name: Shape, subject: dict[str, Shape], valid_from: Shape, **extra: Shape) -> Shape:
    """The shape of a credential.

    name        what the document is called
    subject     members of `credentialSubject` besides holder and type
    valid_from  place of the date of issue
    extra       further members of the credential
    """
    return {
        "@context": list(CONTEXTS),
        "id": Slot("uid"),
        "type": list(TYPES),
        "vct": Derived(lambda record: KINDS_URL + record.kind),
        "iss": Slot("issuer"),
        "iat": Slot("issued_at"),
        "issuer": {
            "id": Derived(lambda record: record.issuer),
            "type": ["Profile"],
            "name": Slot("institution_name"),
            "otherIdentifier": [
                {"type": "IdentifierEntry", "identifierType": "ext:uscc", "identifier": Slot("institution_uscc")}
            ],
        },
        "name": name,
        "validFrom": valid_from,
        "credentialSubject": {"type": ["AchievementSubject"], "identifier": HOLDER, **subject},
        "credentialStatus": Slot("status", STATUS_ENTRIES),
        "region": Slot("region"),
        "late": Maybe({"reason": Slot("late")}),
        "group": Slot("group"),
        **extra,
    }


def identity_type(number: str) -> str:
    """The Open Badges identifier type of a personal number: the standard's own term where it has one."""
    kind = document_kind(number)
    return "nationalIdentityNumber" if kind in ("ric", "hmt_residence") else f"ext:{kind}"


def _identity(kind: Shape, value: Shape) -> Shape:
    return Hide({"type": "IdentityObject", "hashed": False, "identityType": kind, "identityHash": value})


HOLDER: Final[Shape] = [
    _identity("name", Slot("holder_name")),
    _identity(Derived(lambda record: identity_type(record.document_number)), Slot("document_number")),
]
"""Who holds the credential: name and number as Open Badges identity objects, each a disclosure."""


def _write_scores(record: Any) -> list[dict[str, Json]]:
    return [
        {"type": ["Result"], "resultDescription": f"{KINDS_URL}scores#{part}", "value": record.scores[part]}
        for part in SCORE_PARTS
        if part in record.scores
    ]


def _read_scores(results: Any) -> Any:
    scores: dict[str, Any] = {}
    for result in results if type(results) is list else ():
        if type(result) is dict and type(result.get("resultDescription")) is str:
            scores[result["resultDescription"].removeprefix(f"{KINDS_URL}scores#")] = result.get("value")
    return scores


RESULT: Final = Hide(
    Woven("scores", _write_scores, _read_scores, {"type": "array", "items": {"type": "object"}, "minItems": 1})
)
"""Scores as Open Badges results, all in one disclosure."""


class Credential(Record):
    """A record that a worker can present as a document of its own."""

    TYP: ClassVar[str] = TYP_CREDENTIAL
    PLACE: ClassVar[str] = "subject"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution"})
    STATUS: ClassVar[bool] = True
    CODE: ClassVar[bool] = True

    institution_name: Text = claim("机构名称", "name of the institution")
    institution_uscc: Uscc = claim("机构统一社会信用代码", "unified social credit code of the institution")
    region: RegionCode = claim("行政区划代码", "region code of the place")
    status: Status = claim("状态列表位置", "place in the issuer's status lists")
    holder_name: PersonName | None = disclosed("姓名", "holder's name", required=True)
    document_number: DocumentText | None = disclosed("证件号码", "card or document number", required=True)

    @model_validator(mode="after")
    def _check_own_list(self) -> Self:
        if self.status.uscc != self.institution_uscc:
            raise PydanticCustomError("status", "the status list is not the institution's own")
        return self

    def status_place(self) -> StatusPlace | None:
        """The record's place in its issuer's status lists."""
        return self.status


class Scored(Credential):
    """A credential that may disclose scores."""

    scores: dict[str, ScoreValue] | None = disclosed("成绩", "scores by part of the assessment")

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if self.scores is not None and (not self.scores or not SCORE_PARTS.keys() >= self.scores.keys()):
            raise PydanticCustomError("scores", "scores has a part that is none of {parts}", {"parts": [*SCORE_PARTS]})
        return self


def midnight_seconds(day: date) -> int:
    """The instant at which an Asia/Shanghai date begins, in seconds since 1970."""
    return int(datetime.combine(day, time(), SHANGHAI).timestamp())
