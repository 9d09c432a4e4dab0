"""One sample of every state that a page can show: made-up people, made-up institutions, plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from api.client.outcome import Checks
from api.web.views import ArchiveView, Content, Item, Level, Line, OutcomeView, RecordView, Step
from api.web.words import Words
from ledger.code import ALPHABET, parse_code
from ledger.errors import CodeMalformed

NOW: Final = 1_795_224_660
"""2026-11-21 09:31 in Shanghai."""

ISSUER: Final = "示例市职业技能鉴定中心"
HOLDER: Final = "张三丰"
CERTIFICATE: Final = Words("职业技能等级证书", "Skill level certificate")
TRAINING: Final = Words("培训结业", "Training completion")

PASSED: Final = {
    "format": "pass",
    "integrity": "pass",
    "issuer_key": "pass",
    "inclusion": "pass",
    "accreditation": "pass",
    "status": "pass",
    "period": "pass",
}


def line(zh: str, en: str, value: str | Words) -> Line:
    return Line(label=Words(zh, en), value=value)


CONTENT: Final = Content(
    title=Words("电工 三级/高级工", "Electrician, level 3 (senior)"),
    kind=CERTIFICATE,
    lines=(
        line("姓名", "Name", "张*丰"),
        line("签发机构", "Issued by", ISSUER),
        line("证件号", "Document number", "1101**********002X"),
        line("职业(工种)", "Occupation", Words("电工", "Electrician")),
        line("等级", "Level", Words("三级/高级工", "Level 3 (senior)")),
        line("发证日期", "Issued on", "2026-05-12"),
    ),
)


def outcome_of(**changed: str) -> OutcomeView:
    checks = Checks.of({**PASSED, **changed}, as_of=NOW)
    return OutcomeView(checks=checks, as_of=NOW, content=CONTENT)


OUTCOMES: Final[dict[str, OutcomeView]] = {
    "not_genuine": outcome_of(integrity="fail", issuer_key="not_checked", status="not_checked"),
    "cannot_tell": outcome_of(issuer_key="not_checked", inclusion="not_checked", accreditation="not_checked"),
    "erased": outcome_of(status="erased"),
    "not_accredited": outcome_of(accreditation="fail"),
    "revoked": replace(outcome_of(status="revoked"), since=date(2026, 8, 3), reason="score-corrected"),
    "superseded": outcome_of(status="superseded"),
    "suspended": replace(
        outcome_of(status="suspended"), since=date(2026, 11, 2), reason="under-review", answer_due=date(2026, 12, 1)
    ),
    "partly": outcome_of(status="not_checked", accreditation="not_checked"),
    "expired": replace(outcome_of(period="expired"), since=date(2026, 5, 11)),
    "not_yet_valid": replace(outcome_of(period="not_yet"), since=date(2027, 1, 1)),
    "valid_pending": outcome_of(inclusion="pending"),
    "valid": outcome_of(),
    "not_found": OutcomeView(checks=None, as_of=NOW),
}
"""The thirteen outcomes; `cannot_tell` stands twice, as nothing checked and as partly checked."""


def code_of(body: str) -> str:
    """Fifteen characters and the one check character that fits them."""
    for letter in ALPHABET:
        try:
            return parse_code(body + letter)
        except CodeMalformed:
            continue
    raise AssertionError("one of thirty-two must fit")


CODES: Final = {name: code_of(f"7Q4K9XWM2B3C4{number:02}") for number, name in enumerate(OUTCOMES)}

for _name in [each for each in OUTCOMES if each != "not_found"]:
    OUTCOMES[_name] = replace(OUTCOMES[_name], code=CODES[_name])
OUTCOMES["superseded"] = replace(OUTCOMES["superseded"], newer_code=CODES["valid"], since=date(2026, 9, 9))


def record_id(number: int) -> str:
    return f"{number:064x}"


RECORD: Final = RecordView(
    record_id=record_id(1),
    kind="skill-certificate/1",
    kind_label=CERTIFICATE,
    title=Words("电工 三级/高级工", "Electrician, level 3 (senior)"),
    holder=HOLDER,
    issuer=ISSUER,
    day=date(2026, 5, 12),
    state="valid",
    lines=(
        line("姓名", "Name", HOLDER),
        line("证件号", "Document number", "11010519491231002X"),
        line("证书编号", "Certificate number", "Y000044010126300000001"),
        line("职业(工种)", "Occupation", Words("电工(6-31-01-03)", "Electrician (6-31-01-03)")),
        line("等级", "Level", Words("三级/高级工", "Level 3 (senior)")),
        line("发证日期", "Issued on", "2026-05-12"),
    ),
    signed_at=NOW - 86_400 * 190,
    index=18_204_311,
    steps=(Step(what="issued", day=date(2026, 5, 12), by=ISSUER),),
    as_of=NOW,
    code=CODES["valid"],
    until=date(2029, 5, 11),
)

RECORDS: Final[dict[str, RecordView]] = {
    "valid": RECORD,
    "no_end": replace(RECORD, until=None),
    "expiring": replace(RECORD, until=date(2026, 12, 20)),
    "expired": replace(RECORD, state="expired", until=date(2026, 3, 1)),
    "not_yet_valid": replace(RECORD, state="not_yet_valid"),
    "suspended": replace(
        RECORD,
        state="suspended",
        since=date(2026, 11, 2),
        reason="under-review",
        answer_due=date(2026, 12, 1),
        steps=(*RECORD.steps, Step(what="suspended", day=date(2026, 11, 2), by=ISSUER, reason="under-review")),
    ),
    "revoked": replace(
        RECORD,
        state="revoked",
        since=date(2026, 8, 3),
        reason="score-corrected",
        appeal_until=date(2026, 10, 2),
        steps=(*RECORD.steps, Step(what="revoked", day=date(2026, 8, 3), by=ISSUER, reason="score-corrected")),
    ),
    "superseded": replace(
        RECORD,
        state="superseded",
        newer_record_id=record_id(1),
        steps=(*RECORD.steps, Step(what="corrected", day=date(2026, 9, 9), by=ISSUER, reason="data-error")),
    ),
    "erased": replace(RECORD, state="erased", lines=()),
    "recorded": replace(
        RECORD,
        kind="training-completion/1",
        kind_label=TRAINING,
        title="低压电工安全技术培训",
        state="recorded",
        until=None,
        code=None,
    ),
}
RECORDS.update({name: replace(view, record_id=record_id(n)) for n, (name, view) in enumerate(RECORDS.items(), 1)})


def item(number: int, **changed: object) -> Item:
    states = ("valid", "recorded", "expiring", "expired", "superseded", "revoked", "suspended")
    training = number % 2 == 1
    plain = Item(
        record_id=record_id(number % len(RECORDS) + 1),
        kind="training-completion/1" if training else "skill-certificate/1",
        kind_label=TRAINING if training else CERTIFICATE,
        title=f"低压电工安全技术培训(第 {number} 期)" if training else RECORD.title,
        issuer=ISSUER,
        day=date(2026, 11, 2) - timedelta(days=97 * number),
        state="recorded" if training else states[number // 2 % 7],
        minutes=24 * 60 + 30 if training else None,
        certificate=not training,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


ARCHIVE: Final = ArchiveView(
    items=tuple(item(number) for number in range(60)),
    levels=(
        Level(
            occupation=Words("电工", "Electrician"),
            level=Words("三级/高级工", "Level 3 (senior)"),
            day=date(2026, 5, 12),
        ),
        Level(
            occupation=Words("焊工", "Welder"),
            level=Words("四级/中级工", "Level 4 (intermediate)"),
            day=date(2019, 7, 1),
        ),
    ),
    minutes=30 * (24 * 60 + 30),
    as_of=NOW,
)
EMPTY: Final = ArchiveView(items=(), levels=(), minutes=0, as_of=NOW)

ATTACKS: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}",
    "{% raw %}${7*7}",
    "{holder.__class__}",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    '" autofocus onfocus=alert(1) x="',
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
)
"""Names that try to become markup, templates or addresses (threats T44 and T45)."""


def attacked_content(text: str) -> Content:
    return Content(title=text, kind=CERTIFICATE, lines=tuple(line("姓名", "Name", text) for _ in range(2)))


def attacked_outcome(text: str) -> OutcomeView:
    view = OUTCOMES["revoked"]
    return replace(view, content=attacked_content(text), reason=text)


def attacked_record(text: str) -> RecordView:
    view = RECORDS["revoked"]
    steps = (Step(what=text, day=view.day, by=text, reason=text),)
    return replace(
        view, title=text, holder=text, issuer=text, reason=text, steps=steps, lines=(line("姓名", "Name", text),)
    )


def attacked_archive() -> ArchiveView:
    items = tuple(item(number, title=text, issuer=text) for number, text in enumerate(ATTACKS))
    levels = tuple(Level(occupation=text, level=text, day=date(2026, 1, 1)) for text in ATTACKS[:3])
    return replace(ARCHIVE, items=items, levels=levels)
