"""Public facts of an achievement, read from the signed payload. Pure; tolerant of what a kind does not have.

Works on the payload's vocabulary (W3C VC 2.0 with Open Badges 3.0 for credentials, FORMATS for events), not on kinds: a
new kind that uses the vocabulary needs no change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ledger.clock import civil_date
from projections._base import Logged, Value
from projections._levels import end_of_post, post_of
from projections._standing import instant_seconds

REACHED: Final = frozenset({"Certification"})
"""Open Badges achievement types whose level the person holds; in a training the level is only what it aims at."""


def facts_of(record: Logged) -> dict[str, Value] | None:
    """Columns of an archive row besides its place; None when the record says nothing about a person.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    payload = record.payload
    subject = payload.get("credentialSubject")
    if subject is None:
        if "subject" not in payload:
            return None
        subject = payload  # an event has these members itself
    achievement = subject.get("achievement") or {}
    occupation = achievement.get("occupation") or subject.get("occupation")
    contest = subject.get("contest") or {}
    return {
        "title": achievement.get("name") or payload.get("name") or "",
        "issuer": payload["iss"],
        "occupation": occupation["code"] if occupation else contest.get("occupation"),
        "level_order": achievement.get("levelOrder") if achievement.get("achievementType") in REACHED else None,
        "achieved_on": _day(payload),
        "minutes": subject.get("minutes"),
        "credits_centi": _credits(payload),
        "award_code": achievement.get("awardCode"),
        "valid_from": _instant(payload, "validFrom"),
        "valid_until": _instant(payload, "validUntil"),
    }


def _day(payload: Any) -> str:
    """The civil date of the achievement: instants of civil dates are written with Shanghai's offset."""
    text = payload.get("awardedDate") or payload.get("validFrom") or payload.get("occurred")
    return str(text)[:10] if text else civil_date(payload["iat"]).isoformat()


def _credits(payload: Any) -> int | None:
    credit = payload.get("credit")
    if credit is None:
        return None
    amount: int = credit["amount_centi"]
    return -amount if credit.get("direction") == "out" else amount


def _instant(payload: Any, name: str) -> int | None:
    text = payload.get(name)
    return None if text is None else instant_seconds(text)


LEVELLESS: Final = frozenset({"SPECIAL_ABILITY"})
"""Families of certificates that state a level and have none."""

COMPLETED: Final = "COMPLETED"


class Details(NamedTuple):
    """What a record says beside the facts of every achievement; None for what it does not say.

    group_id    joins the sides of a joint fact
    role        as what the person took part
    activity    code of an activity that has no kind of its own
    completion  what came of a training that was not completed
    off_ladder  1 for a certificate of a family without levels
    post        of an appointment: what it is to; post_order its order on the ladder, where it has one
    agreement   of a mentoring: issuer and number; programme, and result of its assessment or reason of its end
    about       record id of the appointment or agreement that this one assesses or ends
    since       first civil date of a term; last the last one, of a term or by the record that ends it
    """

    group_id: str | None = None
    role: str | None = None
    activity: str | None = None
    completion: str | None = None
    off_ladder: int | None = None
    post: str | None = None
    post_order: int | None = None
    agreement: str | None = None
    programme: str | None = None
    result: str | None = None
    about: str | None = None
    since: str | None = None
    last: str | None = None


DETAILS: Final[Mapping[str, str]] = {
    name: "BIGINT" if name in {"off_ladder", "post_order"} else "TEXT" for name in Details._fields
}
"""Columns of what few records say, so that the others need no row."""


def details_of(record: Logged) -> dict[str, Value]:
    """Columns of `Details` by name; empty for most records.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    payload = record.payload
    found: dict[str, Value] = {}
    if (group := payload.get("group")) is not None:
        found["group_id"] = group
    subject = payload.get("credentialSubject")
    if subject is None:
        _add_event(record, found)
        return found
    if subject.get("completion", COMPLETED) != COMPLETED:
        found["completion"] = subject["completion"]
    if (subject.get("achievement") or {}).get("certificateKind") in LEVELLESS:
        found["off_ladder"] = 1
    if (recipient := payload.get("recipient")) is not None and "role" in recipient:
        found["role"] = recipient["role"]
    return found


def _add_event(record: Logged, found: dict[str, Value]) -> None:
    payload = record.payload
    for member in payload.values():
        if type(member) is dict and "role" in member:
            found["role"] = member["role"]
    if (activity := payload.get("activity")) is not None:
        found["activity"] = activity["code"]
    if (mentoring := payload.get("mentoring")) is not None:
        found["agreement"] = f"{payload['iss']}#{mentoring['number']}"
        found["programme"] = mentoring.get("programme")
        if "from" in mentoring:
            found["since"], found["last"] = mentoring["from"], mentoring["until"]
        else:
            found["about"] = payload["agreement"]["record"]
            found["result"] = mentoring.get("result") or payload.get("reason")
            if "result" not in mentoring:
                found["last"] = payload["occurred"][:10]
    if (post := post_of(payload)) is not None:
        found |= {"post": post.code, "post_order": post.order, "since": post.since, "last": post.last}
    if (end := end_of_post(payload)) is not None:
        found |= {"about": end.post, "last": end.last}
