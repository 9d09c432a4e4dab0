"""Goal: the outcome function is right for every one of the 6,912 combinations of the seven checks.

Method: enumerate them all; compare with a table written a second way (wildcard rows, as the page for people has them);
hold three properties (exactly one `valid`, no content leak, monotone); then show that each plausible wrong draft is
caught by at least one of these.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from api.client.errors import CheckValueUnknown
from api.client.outcome import (
    PARTLY_CHECKED,
    TEXTS,
    TONES,
    VALUES,
    Check,
    Checks,
    missing_checks,
    outcome,
    shows_content,
    text_for,
)

Combination = dict[str, str]
Decision = tuple[str, bool]

NAMES = ("format", "integrity", "issuer_key", "inclusion", "accreditation", "status", "period")

# Transcribed from the table for people, not from the code: a row matches where each cell is `*` or holds the value.
TABLE = """
fail  *            *             *            *            *           *            not_genuine     none
*     fail         *             *            *            *           *            not_genuine     none
*     *            fail          *            *            *           *            not_genuine     none
*     *            *             fail         *            *           *            not_genuine     none
*     not_checked  *             *            *            *           *            cannot_tell     none
*     *            not_checked   *            *            *           *            cannot_tell     none
*     *            *             *            *            erased      *            erased          none
*     *            *             *            fail         *           *            not_accredited  shown
*     *            *             *            *            revoked     *            revoked         shown
*     *            *             *            *            superseded  *            superseded      shown
*     *            *             *            *            suspended   *            suspended       shown
*     *            under_review  *            *            *           *            suspended       shown
*     *            *             *            not_checked  *           *            cannot_tell     shown
*     *            *             *            *            not_checked *            cannot_tell     shown
*     *            *             not_checked  *            *           *            cannot_tell     shown
*     *            *             *            *            *           not_checked  cannot_tell     shown
*     *            *             *            *            *           expired      expired         shown
*     *            *             *            *            *           not_yet      not_yet_valid   shown
*     *            *             pending      *            *           *            valid_pending   shown
pass  pass         pass          pass         pass         pass        pass         valid           shown
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]

# From best to worst. An open question and a date that does not fit yet or any more are equally short of an answer.
SEVERITY = {
    ("valid", True): 0,
    ("valid_pending", True): 1,
    ("not_yet_valid", True): 2,
    ("expired", True): 2,
    ("cannot_tell", True): 2,
    ("suspended", True): 3,
    ("superseded", True): 4,
    ("revoked", True): 5,
    ("not_accredited", True): 6,
    ("erased", False): 7,
    ("cannot_tell", False): 8,
    ("not_genuine", False): 9,
}


def combinations() -> Iterator[Combination]:
    for values in itertools.product(*(VALUES[name] for name in NAMES)):
        yield dict(zip(NAMES, values, strict=True))


def by_table(combination: Combination) -> Decision:
    for *cells, word, content in ROWS:
        if all(cell in {"*", combination[name]} for cell, name in zip(cells, NAMES, strict=True)):
            return word, content == "shown"
    raise AssertionError(combination)


def by_code(combination: Combination) -> Decision:
    checks = Checks.of(combination)
    return outcome(checks), shows_content(checks)


def findings(decide: Callable[[Combination], Decision]) -> dict[str, int]:
    """How many combinations break each property under `decide`."""
    decided = {tuple(c.values()): decide(c) for c in combinations()}
    found = {"not_exactly_one_valid": 0, "content_leak": 0, "not_monotone": 0, "differs_from_table": 0}
    found["not_exactly_one_valid"] = abs(1 - sum(word == "valid" for word, _ in decided.values()))
    for c in combinations():
        word, shown = decided[tuple(c.values())]
        trusted = c["format"] == c["integrity"] == "pass" and c["issuer_key"] in {"pass", "under_review"}
        found["content_leak"] += shown and not (trusted and c["inclusion"] != "fail" and c["status"] != "erased")
        found["differs_from_table"] += (word, shown) != by_table(c)
        for name in NAMES:
            for worse in VALUES[name][VALUES[name].index(c[name]) + 1 :]:
                after = decided[tuple({**c, name: worse}.values())]
                found["not_monotone"] += SEVERITY.get(after, 99) < SEVERITY.get((word, shown), 99)
    return found


def test_enumerates_6912_combinations():
    assert sum(1 for _ in combinations()) == 6_912
    assert tuple(VALUES) == NAMES


def test_every_combination():
    assert findings(by_code) == {
        "not_exactly_one_valid": 0,
        "content_leak": 0,
        "not_monotone": 0,
        "differs_from_table": 0,
    }


def test_the_one_valid_combination_has_every_check_passed():
    valid = [c for c in combinations() if by_code(c)[0] == "valid"]
    assert valid == [dict.fromkeys(NAMES, "pass")]


def without_inclusion_failure(c: Combination) -> Decision:
    """A failed inclusion proof falls through to the rules that never look at it."""
    return by_code({**c, "inclusion": "pass"} if c["inclusion"] == "fail" else c)


def absent_is_green(c: Combination) -> Decision:
    """A check that was not made counts as passed (`?? true`)."""
    return by_code({name: "pass" if value == "not_checked" else value for name, value in c.items()})


def only_the_status_is_green_when_absent(c: Combination) -> Decision:
    """A status list that could not be fetched counts as not revoked."""
    return by_code({**c, "status": "pass"} if c["status"] == "not_checked" else c)


def period_before_integrity(c: Combination) -> Decision:
    """A forged and expired record is called expired."""
    return ("expired", True) if c["period"] == "expired" else by_code(c)


def content_whenever_format_passes(c: Combination) -> Decision:
    """A bad signature still displays the person's data."""
    return by_code(c)[0], c["format"] == "pass" and by_code(c)[0] != "erased"


def content_by_word_alone(c: Combination) -> Decision:
    """`cannot_tell` shows content without asking why it cannot tell."""
    word, shown = by_code(c)
    return word, shown or word == "cannot_tell"


def erased_still_shown(c: Combination) -> Decision:
    word, shown = by_code(c)
    return word, shown or word == "erased"


def key_under_review_is_fine(c: Combination) -> Decision:
    return by_code({**c, "issuer_key": "pass"} if c["issuer_key"] == "under_review" else c)


def pending_is_valid(c: Combination) -> Decision:
    word, shown = by_code(c)
    return ("valid" if word == "valid_pending" else word), shown


def expired_before_the_open_questions(c: Combination) -> Decision:
    word, shown = by_code(c)
    return ("expired", True) if word == "cannot_tell" and shown and c["period"] == "expired" else (word, shown)


PLANTED = [
    (without_inclusion_failure, "not_exactly_one_valid", 1),
    (without_inclusion_failure, "content_leak", 1),
    (absent_is_green, "not_exactly_one_valid", 1),
    (absent_is_green, "content_leak", 1),
    (only_the_status_is_green_when_absent, "not_exactly_one_valid", 1),
    (period_before_integrity, "content_leak", 1),
    (period_before_integrity, "not_monotone", 1),
    (content_whenever_format_passes, "content_leak", 1),
    (content_by_word_alone, "content_leak", 1),
    (erased_still_shown, "content_leak", 1),
    (key_under_review_is_fine, "not_exactly_one_valid", 1),
    (pending_is_valid, "not_exactly_one_valid", 1),
    (expired_before_the_open_questions, "differs_from_table", 1),
]


@pytest.mark.parametrize(("draft", "finding", "at_least"), PLANTED, ids=[f"{d.__name__}-{f}" for d, f, _ in PLANTED])
def test_planted_drafts_are_caught(draft, finding, at_least):
    assert findings(draft)[finding] >= at_least


def test_every_outcome_has_texts_in_both_languages_icon_advice_and_exit_code():
    reachable = {by_code(c)[0] for c in combinations()} | {"not_found"}
    assert set(TEXTS) == reachable
    for text in (*TEXTS.values(), PARTLY_CHECKED):
        assert all((text.zh, text.en, text.advice_zh, text.advice_en, text.icon))
        assert any("\u4e00" <= character <= "\u9fff" for character in text.zh)
        assert text.tone in TONES
        assert text.exit_code in {0, 1, 3}
    assert {word for word, text in TEXTS.items() if text.exit_code == 0} == {"valid", "valid_pending"}
    assert {word for word, text in TEXTS.items() if text.exit_code == 3} == {"cannot_tell", "not_found"}
    assert {word for word, text in TEXTS.items() if text.tone == "good"} == {"valid", "valid_pending"}


def test_partly_checked_stands_in_only_where_content_is_shown():
    all_pass = dict.fromkeys(NAMES, "pass")
    partly = Checks.of({**all_pass, "status": "not_checked", "period": "not_checked"})
    assert text_for(partly) is PARTLY_CHECKED
    assert missing_checks(partly) == ["status", "period"]
    assert text_for(Checks.of({**all_pass, "issuer_key": "not_checked"})) is TEXTS["cannot_tell"]
    assert text_for(Checks.of(all_pass)) is TEXTS["valid"]


REFUSED = [
    ("a check is missing", {name: "pass" for name in NAMES if name != "status"}),
    ("a name too many", {**dict.fromkeys(NAMES, "pass"), "mood": "pass"}),
    ("an unknown value", {**dict.fromkeys(NAMES, "pass"), "period": "maybe"}),
    ("a value of another check", {**dict.fromkeys(NAMES, "pass"), "integrity": "pending"}),
    ("format is never unchecked", {**dict.fromkeys(NAMES, "pass"), "format": "not_checked"}),
    ("not a word", {**dict.fromkeys(NAMES, "pass"), "status": True}),
    ("upper case", {**dict.fromkeys(NAMES, "pass"), "status": "PASS"}),
]


@pytest.mark.parametrize(("why", "values"), REFUSED, ids=[why for why, _ in REFUSED])
def test_refuses_values_outside_the_table(why, values):
    with pytest.raises(CheckValueUnknown):
        Checks.of(values)


def test_json_has_every_check_with_value_and_time():
    checks = Checks.of(dict.fromkeys(NAMES, "pass"), as_of=1_790_000_000).with_check(
        "status", "not_checked", note="no list"
    )
    answer = checks.to_json()
    assert list(answer) == list(NAMES)
    assert answer["format"] == {"value": "pass", "as_of": "2026-09-21T14:13:20Z"}
    assert answer["status"] == {"value": "not_checked", "as_of": None, "note": "no list"}


def test_checks_not_made_never_pass():
    checks = Checks.not_made(format_value="pass", as_of=1)
    assert outcome(checks) == "cannot_tell"
    assert not shows_content(checks)
    assert checks.integrity == Check("not_checked")
