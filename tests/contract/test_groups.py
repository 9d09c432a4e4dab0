"""Goal: a joint fact is stored whole or not at all, on a real engine. Method: groups of real envelopes of different persons; a
refused group leaves neither a record nor a person behind, and the same group made whole is appended.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger import errors
from ledger.wire.envelope import parse_envelope
from tests.support.world import INSTITUTIONS, World

CENTRE = INSTITUTIONS["centre"]


def group_id(number: int) -> str:
    return f"urn:uuid:55c0a3de-2f0b-4c7a-9d55-{number:012d}"


def agreement(world: World, *, group: int = 1, first: int = 1, **apprentice: Any) -> list[bytes]:
    """A mentoring of two: the records of mentor and apprentice, the apprentice's with changes."""
    both = {"programme": "mentoring", "school_uscc": None, "parties": 2, "group": group_id(group)}
    mentor = {**both, "role": "mentor", "mentor_side": "enterprise", "party": 1}
    return [
        world.sign("mentoring-agreed", person=first, **mentor),
        world.sign("mentoring-agreed", person=first + 1, **{**both, "party": 2, **apprentice}),
    ]


def contest(world: World, number: str = "JS-2026-007") -> str:
    """A contest of the centre, which is accredited for contests."""
    scope = {"kinds": ["contest-registered"], "occupations": ["*"], "levels": [1], "regions": ["*"]}
    world.submit(world.sign("accreditation-granted", by="authority", uscc=CENTRE.uscc, **scope))
    return world.submit(world.sign("contest-registered", contest_number=number)).record_id


def team(world: World, contest_record: str, people: tuple[int, ...], *, group: int = 7, **last: Any) -> list[bytes]:
    """The results of a team's members, the last one's with changes."""
    told = {
        "contest_record": contest_record,
        "event_code": "W02",
        "event_name": "机电一体化",
        "occupation_code": "6-31-01-03",
        "occupation_name": "电工",
        "team_size": 2,
        "group": group_id(group),
        "late": "approved",
    }
    changes = [told] * (len(people) - 1) + [{**told, **last}]
    return [world.sign("contest-result", person=who, **one) for who, one in zip(people, changes, strict=True)]


def test_a_mentoring_with_one_side_missing_is_refused(world: World) -> None:
    for side in agreement(world):
        with pytest.raises(errors.GroupIncomplete):
            world.submit(side)
    world.check_everything()
    world.submit_group(agreement(world))
    world.check_everything()


def test_a_mentoring_whose_sides_contradict_each_other_is_refused(world: World) -> None:
    for changes in ({"ends_on": "2028-06-30"}, {"goals": "别的目标"}, {"parties": 3}, {"party": 1}):
        with pytest.raises(errors.GroupIncomplete):
            world.submit_group(agreement(world, **changes))
    with pytest.raises(errors.GroupIncomplete):
        world.submit_group(
            [agreement(world)[0], *agreement(world, programme="modern-apprenticeship", school_uscc=CENTRE.uscc)]
        )
    world.check_everything()


def test_nobody_mentors_himself(world: World) -> None:
    alone = agreement(world, **world.person(1))
    with pytest.raises(errors.GroupIncomplete):
        world.submit_group(alone)
    world.check_everything()


def test_an_agreement_number_names_one_mentoring(world: World) -> None:
    world.submit_group(agreement(world))
    with pytest.raises(errors.NumberUsed):
        world.submit_group(agreement(world, group=2, first=3))
    with pytest.raises(errors.NumberUsed):
        world.submit_group(agreement(world, first=3))
    world.check_everything()


def test_a_mentoring_ends_for_all_sides(world: World) -> None:
    told = {"happened_on": "2026-05-28", "parties": 2, "group": group_id(3)}
    agreed = [one.record_id for one in world.submit_group(agreement(world))]
    roles = ("mentor", "apprentice")
    ends = [
        world.sign("mentoring-ended", person=n, role=role, party=n, agreement_record=agreed[n - 1], **told)
        for n, role in enumerate(roles, start=1)
    ]
    with pytest.raises(errors.GroupIncomplete):
        world.submit(ends[0])
    foreign = world.sign("mentoring-ended", person=2, role="apprentice", party=2, agreement_record=agreed[0], **told)
    with pytest.raises(errors.EvidenceMissing):
        world.submit_group([ends[0], foreign])
    world.submit_group(ends)
    world.check_everything()


def test_a_team_result_is_stored_for_all_members_or_for_none(world: World) -> None:
    held = contest(world)
    for people, changes in (
        ((1,), {}),
        ((1, 2, 3), {}),
        ((1, 1), {}),
        ((1, 2), {"rank": 4}),
        ((1, 2), {"medal": "gold"}),
    ):
        with pytest.raises(errors.GroupIncomplete):
            world.submit_group(team(world, held, people, **changes))
    world.check_everything()
    world.submit_group(team(world, held, (1, 2)))
    with pytest.raises(errors.RuleBroken):
        world.submit_group(team(world, held, (2, 3), group=8))
    world.check_everything()


def test_a_team_result_is_corrected_for_all_members(world: World) -> None:
    held = contest(world)
    old = [one.record_id for one in world.submit_group(team(world, held, (1, 2)))]
    new = team(world, held, (1, 2), group=8)
    with pytest.raises(errors.RuleBroken):
        world.submit_group(new)
    corrections = [
        world.sign(
            "correction", target_record=target, replacement_record=parse_envelope(one).record_id, group=group_id(8)
        )
        for target, one in zip(old, new, strict=True)
    ]
    world.submit_group([*new, *corrections])
    world.check_everything()


def test_a_contest_number_is_used_once_and_needs_accreditation(world: World) -> None:
    with pytest.raises(errors.NotAccredited):
        world.submit(world.sign("contest-registered"))
    contest(world)
    with pytest.raises(errors.NumberUsed):
        world.submit(world.sign("contest-registered", name="别的竞赛"))
    world.submit(world.sign("contest-registered", by="authority"))
    world.check_everything()


def test_completers_of_an_innovation_are_stored_together(world: World) -> None:
    told = {"completers": 2, "group": group_id(9), "late": "approved"}
    first = world.sign("innovation-recognised", person=1, completer_order=1, **told)
    with pytest.raises(errors.GroupIncomplete):
        world.submit(first)
    with pytest.raises(errors.GroupIncomplete):
        world.submit_group(
            [first, world.sign("innovation-recognised", person=2, completer_order=2, title="别的", **told)]
        )
    world.submit_group([first, world.sign("innovation-recognised", person=2, completer_order=2, **told)])
    world.check_everything()


def test_an_award_to_two_persons_is_stored_for_both(world: World) -> None:
    told = {"persons": 2, "group": group_id(10), "decided_on": "2026-05-20"}
    first = world.sign("award", person=1, serial=1, person_order=1, **told)
    with pytest.raises(errors.GroupIncomplete):
        world.submit(first)
    world.submit_group(
        [first, world.sign("award", person=2, person_order=2, certificate_number="RY-2026-0010", **told)]
    )
    world.check_everything()
