"""The one word a verification ends in: a pure function of seven checks.

Page, API, batch, CLI and offline verifier all call it. Every check is always present; one that was not made says
`not_checked` and can never count as passed. The rules are numbered and stand in the order in which they are tried: the
first that matches gives the word.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from api.client.errors import CheckValueUnknown
from ledger.clock import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VALUES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "format": ("pass", "fail"),
        "integrity": ("pass", "not_checked", "fail"),
        "issuer_key": ("pass", "under_review", "not_checked", "fail"),
        "inclusion": ("pass", "pending", "not_checked", "fail"),
        "accreditation": ("pass", "not_checked", "fail"),
        "status": ("pass", "not_checked", "suspended", "superseded", "revoked", "erased"),
        "period": ("pass", "not_checked", "not_yet", "expired"),
    }
)
"""The values that each check can take, best first. The order of the checks is the order in which they are shown."""

EXIT_YES: Final = 0
EXIT_NO: Final = 1
EXIT_CANNOT_TELL: Final = 3


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    value  one of `VALUES[name]`
    as_of  the instant whose state it reflects, in seconds since 1970; None when there is nothing to date
    note   one plain sentence on what was compared or what is missing; never a personal value
    """

    value: str
    as_of: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """The seven checks of one verification. The constructor refuses a value that its check cannot take."""

    format: Check
    integrity: Check
    issuer_key: Check
    inclusion: Check
    accreditation: Check
    status: Check
    period: Check

    def __post_init__(self) -> None:
        for name, permitted in VALUES.items():
            value = getattr(self, name).value
            if value not in permitted:
                raise CheckValueUnknown(f"check {name}: expected one of {', '.join(permitted)}")

    @classmethod
    def of(cls, values: Mapping[str, str], *, as_of: int | None = None) -> Checks:
        """Seven checks from their bare values.

        values  exactly the seven names of `VALUES`, each with one of its values
        as_of   the instant given to all of them, in seconds since 1970
        raises  CheckValueUnknown (Refused)
        """
        if set(values) != set(VALUES) or not all(isinstance(value, str) for value in values.values()):
            raise CheckValueUnknown(f"expected exactly the seven checks {', '.join(VALUES)}, each with a word")
        return cls(**{name: Check(values[name], as_of) for name in VALUES})

    @classmethod
    def not_made(cls, *, format_value: str, as_of: int, note: str = "") -> Checks:
        """The checks of a verification that could not go beyond reading the bytes.

        format_value  "pass" or "fail"
        as_of         the instant of the attempt, in seconds since 1970
        """
        rest = {name: Check("not_checked", None, note) for name in VALUES if name != "format"}
        return cls(format=Check(format_value, as_of, note), **rest)

    def with_check(self, name: str, value: str, *, as_of: int | None = None, note: str = "") -> Checks:
        """The same checks with one of them replaced.

        raises  CheckValueUnknown (Refused)
        """
        if name not in VALUES:
            raise CheckValueUnknown(f"expected one of the checks {', '.join(VALUES)}")
        return replace(self, **{name: Check(value, as_of, note)})

    def values(self) -> dict[str, str]:
        """The bare values by name, in the order of `VALUES`."""
        return {field.name: getattr(self, field.name).value for field in fields(self)}

    def to_json(self) -> dict[str, dict[str, str | None]]:
        """`{name: {value, as_of, note?}}` as in the answer of `POST /v1/verifications`; `as_of` is RFC 3339 or null."""
        answer: dict[str, dict[str, str | None]] = {}
        for name in VALUES:
            check: Check = getattr(self, name)
            as_of = None if check.as_of is None else format_instant(check.as_of)
            answer[name] = {"value": check.value, "as_of": as_of}
            if check.note:
                answer[name]["note"] = check.note
        return answer


_Rule = tuple[str, "Callable[[Checks], bool]"]

_RULES: Final[tuple[_Rule, ...]] = (
    # (1) something contradicts the record's own claim to be genuine
    (
        "not_genuine",
        lambda c: "fail" in {c.format.value, c.integrity.value, c.issuer_key.value, c.inclusion.value},
    ),
    # (2) nobody knows who said it
    ("cannot_tell", lambda c: "not_checked" in {c.integrity.value, c.issuer_key.value}),
    # (3) to (7) known negatives, the gravest first
    ("erased", lambda c: c.status.value == "erased"),
    ("not_accredited", lambda c: c.accreditation.value == "fail"),
    ("revoked", lambda c: c.status.value == "revoked"),
    ("superseded", lambda c: c.status.value == "superseded"),
    ("suspended", lambda c: c.status.value == "suspended" or c.issuer_key.value == "under_review"),
    # (8) an open question outweighs the dates
    (
        "cannot_tell",
        lambda c: "not_checked" in {c.accreditation.value, c.status.value, c.inclusion.value, c.period.value},
    ),
    # (9) to (11) genuine, in good standing, but
    ("expired", lambda c: c.period.value == "expired"),
    ("not_yet_valid", lambda c: c.period.value == "not_yet"),
    ("valid_pending", lambda c: c.inclusion.value == "pending"),
    # (12) nothing is left to object
    ("valid", lambda c: all(value == "pass" for value in c.values().values())),
)

_LAST_RULE_WITHOUT_CONTENT: Final = 3


def _decide(checks: Checks) -> tuple[int, str]:
    """Number of the first rule that matches, and its word."""
    return next((number, word) for number, (word, matches) in enumerate(_RULES, start=1) if matches(checks))


def outcome(checks: Checks) -> str:
    """The word that seven checks end in; one of the keys of `TEXTS` except `not_found`."""
    return _decide(checks)[1]


def shows_content(checks: Checks) -> bool:
    """Whether the record's content may be shown.

    Only when format and integrity pass, the key passes or is under review, nothing contradicts the log, and the record
    was not erased.
    """
    return _decide(checks)[0] > _LAST_RULE_WITHOUT_CONTENT


@dataclass(frozen=True, slots=True)
class Text:
    """What people read for an outcome.

    tone       one of good, caution, bad, unknown: colour and word, never colour alone
    exit_code  of the command line: 0 yes, 1 no, 3 cannot tell
    """

    zh: str
    en: str
    advice_zh: str
    advice_en: str
    icon: str
    tone: str
    exit_code: int


TONES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "good": ("有效", "Valid"),
        "caution": ("注意", "Attention"),
        "bad": ("不可信", "Do not rely on it"),
        "unknown": ("核不了", "Cannot be checked"),
    }
)
"""The four words, zh and en, that stand beside the four colours."""

TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "not_genuine": Text(
            "不能证明这份证书是真的",
            "Cannot be proved genuine",
            "请本人从档案重新分享,或联系机构",
            "Ask the holder to share it again from their archive, or call the institution",
            "✕",
            "bad",
            EXIT_NO,
        ),
        "cannot_tell": Text(
            "暂时核不了",
            "Could not be checked",
            "稍后再核",
            "Check again later",
            "?",
            "unknown",
            EXIT_CANNOT_TELL,
        ),
        "erased": Text(
            "本人已依法删除此记录",
            "Erased at holder's request",
            "向本人索取",
            "Ask the holder for it",
            "∅",
            "unknown",
            EXIT_NO,
        ),
        "not_accredited": Text(
            "签发机构当时没有这项资质",
            "Issuer was not accredited for this",
            "不能作为资质依据;可举报",
            "Do not accept it as a qualification; you can report it",
            "✕",
            "bad",
            EXIT_NO,
        ),
        "revoked": Text(
            "证书已撤销",
            "Revoked",
            "请勿凭此录用/上岗",
            "Do not employ or admit to work on the strength of it",
            "✕",
            "bad",
            EXIT_NO,
        ),
        "superseded": Text(
            "已有更正版",
            "Corrected version exists",
            "以新版为准",
            "The new version counts",
            "!",
            "caution",
            EXIT_NO,
        ),
        "suspended": Text(
            "暂停使用,机构复核中",
            "On hold",
            "先联系机构",
            "Call the institution first",
            "!",
            "caution",
            EXIT_NO,
        ),
        "expired": Text(
            "证书已过期",
            "Expired",
            "看岗位是否要求在有效期内",
            "See whether the post demands a current certificate",
            "!",
            "caution",
            EXIT_NO,
        ),
        "not_yet_valid": Text(
            "还没到生效日",
            "Not valid yet",
            "生效日后再核",
            "Check again once it takes effect",
            "!",
            "caution",
            EXIT_NO,
        ),
        "valid_pending": Text(
            "有效,公示登记中(≤1 分钟)",
            "Valid, being logged",
            "请核对本人身份证姓名;一分钟后可再核一次",
            "Compare the name with the holder's identity card; check again in a minute",
            "✓",
            "good",
            EXIT_YES,
        ),
        "valid": Text(
            "证书有效",
            "Valid",
            "请核对本人身份证姓名",
            "Compare the name with the holder's identity card",
            "✓",
            "good",
            EXIT_YES,
        ),
        "not_found": Text(
            "没有查到",
            "Not found",
            "三种原因:输错 / 机构未上传 / 不在本库范围",
            "Three possible causes: mistyped / not uploaded by the institution / not covered by this ledger",
            "?",
            "unknown",
            EXIT_CANNOT_TELL,
        ),
    }
)
"""Banner, advice, icon, tone and exit code of every outcome.

`not_found` is an answer about a code or a number and name, never about an envelope.
"""

PARTLY_CHECKED: Final = Text(
    "暂时只核到一半",
    "Only partly checked",
    "稍后再核;先作初步判断",
    "Check again later; until then this is a first impression only",
    "?",
    "unknown",
    EXIT_CANNOT_TELL,
)
"""Stands in for `TEXTS["cannot_tell"]` when the signature and key were good and a later check was not made."""


def text_for(checks: Checks) -> Text:
    """What people read for these checks: `TEXTS[outcome(checks)]`, or `PARTLY_CHECKED` where content is shown."""
    word = outcome(checks)
    if word == "cannot_tell" and shows_content(checks):
        return PARTLY_CHECKED
    return TEXTS[word]


def missing_checks(checks: Checks) -> list[str]:
    """Names of the checks that were not made, in the order of `VALUES`: a partly checked record must name them."""
    return [name for name, value in checks.values().items() if value == "not_checked"]
