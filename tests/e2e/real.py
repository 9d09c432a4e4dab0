"""The real application over a real ledger with a few lives, served to a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from api.app import create_app
from api.settings import Settings
from ledger.clock import civil_date
from ledger.wire.envelope import parse_envelope
from projections import VIEWS
from projections._runner import Runner
from tests.e2e.site import serving

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from tests.support.world import Template, World

HOSTILE = "<script>alert(1)</script>"
GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"


@dataclass
class RealSite:
    """One served ledger: its world, its address, and what it holds by a readable name."""

    world: World
    url: str
    folder: Path
    records: dict[str, str]
    codes: dict[str, str]
    people: dict[str, dict[str, str]]


@contextmanager
def real_site(template: Template, folder: Path) -> Iterator[RealSite]:
    """A ledger with one life in every state, a second person, and a hostile institution's words."""
    with template.world(folder) as world:
        demo_file = folder / "demo.json"
        records, codes, people = _fill(world)
        logins = [
            {"login": login, "subject": str(world.ledger.find_subject(person["document_number"]))}
            for login, person in people.items()
        ]
        demo_file.write_text(json.dumps({"workers": logins}), encoding="utf-8")
        with Runner(world.ledger, world.ledger.views(), VIEWS) as runner:
            runner.catch_up()

            def make(url: str) -> ASGIApp:
                return create_app(world.ledger, Settings(demo=True, demo_file=demo_file, public_url=url))

            with serving(make) as url:
                yield RealSite(world, url, folder, records, codes, people)


def id_of(envelope: bytes) -> str:
    """The record id of an envelope."""
    return parse_envelope(envelope).record_id


def _fill(world: World) -> tuple[dict[str, str], dict[str, str], dict[str, dict[str, str]]]:
    today = civil_date(world.clock.now_seconds())
    people = {"wang": world.person(1), "li": world.person(2)}
    records: dict[str, str] = {}
    codes: dict[str, str] = {}

    def add(name: str, person: int, serial: int, **changes: object) -> str:
        receipt = world.submit(world.sign(person=person, serial=serial, **changes))
        records[name] = receipt.record_id
        if receipt.code:
            codes[name] = receipt.code
        return receipt.record_id

    add("valid", 1, 1)
    add("expiring", 1, 2, valid_until=(today + timedelta(days=30)).isoformat())
    add("expired", 1, 3, valid_until=(today - timedelta(days=1)).isoformat())
    for serial, action, state in ((4, "revoke", "revoked"), (5, "suspend", "suspended")):
        claims = {"target_record": add(state, 1, serial), "action": action, "reason": "issued-in-error"}
        world.submit(world.sign("revocation", effective_on=today.isoformat(), **claims))
    old = add("superseded", 1, 8)
    new = world.sign(person=1, serial=8, group=GROUP, occupation_name="电工（更正）")
    correction = world.sign("correction", target_record=old, replacement_record=id_of(new), group=GROUP)
    receipt = world.submit_group([new, correction])[0]
    records["corrected"] = receipt.record_id
    add("training", 1, 6, kind="training-completion", programme_name=HOSTILE)
    add("other person", 2, 7)
    return records, codes, people
