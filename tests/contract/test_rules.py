"""Goal: rules live in streams of their own, and both engines hold them to order, right and the day.

Method: a real ledger on each engine; the authority and an accredited institution publish, supersede and withdraw.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger import errors
from ledger.clock import civil_date
from ledger.deciding import book_stream
from ledger.records._rule import content_hash
from tests.support.world import INSTITUTIONS, World

RULE, BOOK = "CONTEST-NATIONAL", "contest-promotion"
GROUP = "urn:uuid:0a7c1b52-3f64-4d8e-9a01-5b6c7d8e9f10"
FROM = "2026-01-01"


def on(world: World, days: int) -> str:
    """A date so many days after the ledger's today."""
    return (civil_date(world.clock.now_seconds()) + timedelta(days=days)).isoformat()


def publish(world: World, by: str = "authority", **claims: Any) -> bytes:
    return world.sign("rule-published", by=by, **{"effective_from": FROM, **claims})


def accredit(world: World, *kinds: str) -> None:
    centre = INSTITUTIONS["centre"].uscc
    world.submit(world.sign("accreditation-granted", by="authority", uscc=centre, kinds=list(kinds)))


def in_force(world: World, days: int = 0) -> list[tuple[str, int]]:
    rules = world.ledger.registry().rules
    day = civil_date(world.clock.now_seconds()) + timedelta(days=days)
    return [(one.rule, one.version) for one in rules.in_force(BOOK, on=day)]


def test_a_rule_lives_in_its_own_stream(world: World) -> None:
    first = world.submit(publish(world))
    world.submit(publish(world, rule="CONTEST-OTHER"))
    draft = world.submit(world.sign("rule-drafted", by="authority", version=2))
    found = [one.record_id for one in world.ledger.stream(book_stream(RULE))]
    assert found == [first.record_id, draft.record_id]
    assert in_force(world) == [(RULE, 1), ("CONTEST-OTHER", 1)]
    world.check_everything()


def test_what_is_cited_is_found_by_number_version_and_hash(world: World) -> None:
    world.submit(publish(world))
    published = world.ledger.registry().rules.of(RULE)[0]
    today = civil_date(world.clock.now_seconds())
    cited = world.ledger.registry().rules.cited(RULE, 1, content_hash(published.content), book=BOOK, on=today)
    assert cited == published
    assert cited.publisher == world.ledger.registry().authority


def test_an_institution_publishes_only_what_it_is_accredited_for(world: World) -> None:
    with pytest.raises(errors.NotAccredited):
        world.submit(publish(world, "centre"))
    accredit(world, "rule-drafted")
    world.submit(world.sign("rule-drafted", by="centre"))
    with pytest.raises(errors.NotAccredited):
        world.submit(publish(world, "centre"))
    accredit(world, "rule-published")
    world.submit(publish(world, "centre"))
    with pytest.raises(errors.NotAccredited):
        world.submit(publish(world, "school", rule="CONTEST-SCHOOL"))
    world.check_everything()


def test_only_the_publisher_or_the_authority_ends_a_rule(world: World) -> None:
    accredit(world, "rule-published")
    world.submit(publish(world, "centre"))
    until = on(world, 30)
    with pytest.raises(errors.TargetForeign):
        world.submit(world.sign("rule-withdrawn", by="school", effective_until=until))
    world.submit(world.sign("rule-withdrawn", by="authority", effective_until=until))
    world.submit(world.sign("rule-withdrawn", by="centre", effective_until=on(world, 20)))
    assert in_force(world, 19) == [(RULE, 1)]
    assert in_force(world, 20) == []
    world.check_everything()


def superseding(world: World, days: int, *, by: str = "authority") -> tuple[bytes, bytes]:
    """The two records of a supersession: the old version's end, and the new version."""
    both = {"effective_from": on(world, days), "group": GROUP}
    return world.sign("rule-superseded", by=by, **both), publish(world, by, version=2, **both)


def test_superseding_is_all_or_nothing(world: World) -> None:
    world.submit(publish(world))
    end, new = superseding(world, 10)
    with pytest.raises(errors.GroupIncomplete):
        world.submit(end)
    with pytest.raises(errors.RuleOverlaps):
        world.submit(new)
    with pytest.raises(errors.RuleOverlaps):
        world.ledger.submit_group([new, end])
    assert in_force(world, 10) == [(RULE, 1)]
    world.check_everything()
    world.submit_group([end, new])
    assert [in_force(world, days) for days in (9, 10)] == [[(RULE, 1)], [(RULE, 2)]]
    world.check_everything()


def test_two_versions_never_both_win(world: World) -> None:
    """Two publishers of version 2 in one batch: the second is refused by what the first one left."""
    world.submit(publish(world, effective_until=on(world, 10)))
    rivals = [publish(world, version=2, effective_from=on(world, days)) for days in (10, 20)]
    found = world.ledger.submit_many(rivals)
    assert [type(one).__name__ for one in found] == ["Receipt", "RuleBroken"]
    assert in_force(world, 30) == [(RULE, 2)]


def test_nothing_ends_today(world: World) -> None:
    world.submit(publish(world))
    with pytest.raises(errors.RuleBroken):
        world.submit(world.sign("rule-withdrawn", by="authority", effective_until=on(world, 0)))
    world.submit(world.sign("rule-withdrawn", by="authority", effective_until=on(world, 1)))
    world.clock.seconds += 86_400
    assert in_force(world) == []
    with pytest.raises(errors.RuleNotInForce):
        world.submit(world.sign("rule-withdrawn", by="authority", effective_until=on(world, 1)))
    world.check_everything()


def test_an_unknown_book_is_refused(world: World) -> None:
    envelope = publish(world)
    with pytest.raises(errors.SchemaInvalid, match="no such rule book"):
        publish(world, book="no-such-book")
    world.submit(envelope)


def test_the_registry_read_again_has_the_same_rules(world: World) -> None:
    """What a restarted server folds from the log is what the first one held."""
    world.submit(publish(world))
    world.submit_group(list(superseding(world, 10)))
    world.submit(world.sign("rule-withdrawn", by="authority", version=2, effective_until=on(world, 30)))
    before = world.ledger.registry().rules
    world.reopen()
    after = world.ledger.registry().rules
    assert after.of(RULE) == before.of(RULE)
    assert [(one.version, one.status) for one in after.of(RULE)] == [(1, "SUPERSEDED"), (2, "WITHDRAWN")]
    assert [in_force(world, days) for days in (9, 10, 29, 30)] == [[(RULE, 1)], [(RULE, 2)], [(RULE, 2)], []]
