"""Goal: training, contest, promotion and certificate follow from one another on a real engine, and a result promotes once.

Method: one worker's chain, each record citing the one before, with a published rule; then the same step again.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger import errors
from ledger.records._rule import content_hash
from tests.support.world import World

WELDER = {"occupation_code": "6-18-02-04", "occupation_name": "焊工"}
CONTENT = {
    "provenance": "sample",
    "rows": [
        {
            "contest_class": "provincial-1",
            "group": "workers",
            "rank_from": 1,
            "rank_to": 3,
            "promote_to_order": 5,
            "if_already_then_plus": 1,
        }
    ],
}


@pytest.fixture
def chain(world: World) -> dict[str, Any]:
    """What a promotion cites: a contest, the worker's result after a training, and the rule."""
    text = {"rule": "CONTEST-JS", "content": CONTENT, "effective_from": "2026-01-01"}
    world.submit(world.sign("rule-published", by="authority", **text))
    training = world.submit(world.sign("training-completion/1", person=1, serial=1, ended_on="2026-05-15"))
    contest = world.submit(world.sign("contest-registered", by="authority")).record_id
    told = {"contest_record": contest, "evidence": [training.record_id]}
    result = world.submit(world.sign("contest-result", by="authority", person=1, **told)).record_id
    return {
        "contest_record": contest,
        "result_record": result,
        "rule_id": "CONTEST-JS",
        "rule_hash": content_hash(CONTENT),
        **WELDER,
    }


def certificate(world: World, promotion: str, *, order: int, person: int = 1) -> bytes:
    """A certificate of a level on the basis of a promotion."""
    number = f"S00003201000126{7 - order}000123"
    told = {"basis": "CONTEST", "evidence": [promotion], "level_order": order, "certificate_number": number, **WELDER}
    return world.sign("skill-certificate", person=person, issued_on="2026-05-28", **told)


def test_training_contest_promotion_and_certificate_follow_from_one_another(
    world: World, chain: dict[str, Any]
) -> None:
    """S-052, S-053: the level comes of the rule, and the certificate of the promotion."""
    for order in (4, 6):
        with pytest.raises(errors.ThresholdMissed):
            world.submit(world.sign("contest-promotion", person=1, level_order=order, **chain))
    promotion = world.submit(world.sign("contest-promotion", person=1, **chain)).record_id
    with pytest.raises(errors.EvidenceMissing):
        world.submit(certificate(world, promotion, order=5, person=2))
    world.submit(certificate(world, promotion, order=5))
    world.check_everything()


def test_a_result_promotes_once(world: World, chain: dict[str, Any]) -> None:
    """After the certificate the rule would give one step more for the same result; it is used up."""
    promotion = world.submit(world.sign("contest-promotion", person=1, **chain)).record_id
    world.submit(certificate(world, promotion, order=5))
    world.clock.seconds += 86_400
    with pytest.raises(errors.NumberUsed):
        world.submit(world.sign("contest-promotion", person=1, level_order=6, happened_on="2026-05-29", **chain))
    world.check_everything()


def test_a_promotion_is_ones_own(world: World, chain: dict[str, Any]) -> None:
    with pytest.raises(errors.EvidenceMissing):
        world.submit(world.sign("contest-promotion", person=2, **chain))
    with pytest.raises(errors.RuleNotInForce):
        world.submit(world.sign("contest-promotion", person=1, **{**chain, "rule_hash": "0" * 64}))
    world.check_everything()
