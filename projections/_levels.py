"""What level a record says somebody holds, from when and until when. Pure; works on the vocabulary of payloads.

Two scales make the national ladder: certificates up to 高级技师, and the posts 特级技师 and 首席技师 above, which an
employer gives for a term. Steps of an enterprise's own, X certificates and special abilities stand on neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.records._levels import certified_level
from ledger.rules.ladder import TOP_CERTIFICATE
from projections._kinds import kinds_named

CERTIFICATE, POST = "certificate", "post"
POST_KINDS: Final = kinds_named("post-appointed")
POST_END_KINDS: Final = kinds_named("post-ended")


class Holding(NamedTuple):
    """A level in an occupation.

    scale        "certificate" | "post"
    order        1 to 6 by certificate, 7 and 8 by post
    since, last  first and last civil date on which it holds; no last one where there is no end
    """

    scale: str
    occupation: str
    order: int
    since: str
    last: str | None


class Post(NamedTuple):
    """An appointment to a post for a term. `order` is its place on the ladder; None for an enterprise's own post."""

    code: str
    order: int | None
    since: str
    last: str | None


class End(NamedTuple):
    """A post ends: record id of the appointment, and the last civil date of it."""

    post: str
    last: str


def holding_of(payload: Mapping[str, Any]) -> Holding | None:
    """The national level that a record gives; None where it gives none.

    A certificate that states 特级技师 or 首席技师 certifies 高级技师: a post above is held for a term, by appointment.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    level = certified_level(payload)
    if level is not None:
        last = None if level.until is None else day_before(level.until.isoformat())
        return Holding(CERTIFICATE, level.occupation, min(level.order, TOP_CERTIFICATE), level.since.isoformat(), last)
    post = post_of(payload)
    if post is None or post.order is None:
        return None
    return Holding(POST, payload["occupation"]["code"], post.order, post.since, post.last)


def post_of(payload: Mapping[str, Any]) -> Post | None:
    """The appointment that a record is; None for any other."""
    post = payload.get("post")
    if type(post) is not dict or "from" not in post:
        return None
    return Post(post["type"], payload.get("levelOrder"), post["from"], post.get("until"))


def end_of_post(payload: Mapping[str, Any]) -> End | None:
    """The end of a post before its term is over; None for any other record. Its date is the first one without it."""
    appointment = payload.get("appointment")
    return None if type(appointment) is not dict else End(appointment["record"], day_before(payload["occurred"]))


def day_before(day: str) -> str:
    """The civil date before one that is written alone or as its midnight."""
    return date.fromordinal(date.fromisoformat(day[:10]).toordinal() - 1).isoformat()
