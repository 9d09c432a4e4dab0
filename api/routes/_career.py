"""What a timeline adds up to, as JSON: ladders, training by year, mentorings, awards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ledger.clock import format_instant
from ledger.rules.continuing_education import ContinuingEducation
from projections._career import Ladder, Mentoring, Term, awards, ladders, mentorings, training_years
from projections._links import Cited
from projections.archive import Archive, Item
from projections.talent_register import Membership, Passage


def career_json(
    found: Archive,
    *,
    requirement: Callable[[int], ContinuingEducation | None],
    won: Mapping[str, Sequence[Cited]],
) -> dict[str, Any]:
    """The parts that stand beside the timeline.

    requirement  year -> what continuing education asks of it
    won          agreement of a mentor -> what apprentices won
    """
    return {
        "ladders": [_ladder(one) for one in ladders(found)],
        "training_years": [
            {
                "year": one.year,
                "minutes": one.minutes,
                "required_minutes": one.required,
                "carried_minutes": one.carried,
                "missing_minutes": one.missing,
            }
            for one in training_years(found, requirement)
        ],
        "mentorings": [_mentoring(one, won.get(one.agreed.record_id, ())) for one in mentorings(found)],
        "awards": [
            {**_at(item), "award_code": item.award_code, "title": item.title, "role": item.details.role}
            for item in awards(found)
        ],
    }


def cited_json(cited: Iterable[Cited]) -> list[dict[str, str | None]]:
    """Records at the other end of a link, of whomever they are: id and kind alone."""
    return [{"record_id": one.record_id, "kind": one.kind} for one in cited]


def _at(item: Item) -> dict[str, Any]:
    return {"record_id": item.record_id, "achieved_on": item.achieved_on, "state": item.state}


def _ladder(found: Ladder) -> dict[str, Any]:
    return {
        "occupation": found.occupation,
        "highest": found.highest,
        "levels": [
            {
                "level_order": rung.order,
                "reached_on": rung.reached_on,
                "is_held": rung.is_held,
                "certificates": [_at(item) for item in rung.certificates],
            }
            for rung in found.rungs
        ],
        "posts": [_term(term) for term in found.terms],
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "record_id": term.appointment.record_id,
        "post": term.post,
        "level_order": term.order,
        "title": term.appointment.title,
        "since": term.since,
        "last": term.last,
        "ended_by": term.ended_by,
        "runs": term.runs,
    }


def _mentoring(found: Mentoring, won: Sequence[Cited]) -> dict[str, Any]:
    details = found.agreed.details
    return {
        "record_id": found.agreed.record_id,
        "role": details.role,
        "programme": details.programme,
        "occupation": found.agreed.occupation,
        "since": details.since,
        "last": details.last,
        "state": found.state,
        "assessed_by": None if found.assessed is None else found.assessed.record_id,
        "result": None if found.assessed is None else found.assessed.details.result,
        "ended_by": None if found.ended is None else found.ended.record_id,
        "end_reason": None if found.ended is None else found.ended.details.result,
        "won_by_apprentices": cited_json(won),
    }


def talent_json(found: Membership, passed: Iterable[Passage]) -> dict[str, Any]:
    """What the register of high-skilled talent says of a worker, now and from the first day on."""
    return {
        "is_member": found.is_member,
        "entries": [
            {
                "record_id": one.record_id,
                "occupation": one.occupation,
                "level_order": one.level_order,
                "by": one.scale,
                "since": one.since,
                "last": one.last,
            }
            for one in found.entries
        ],
        "passages": [
            {"at": format_instant(one.at_seconds), "entered": one.entered, "record_id": one.entry.record_id}
            for one in passed
        ],
    }
