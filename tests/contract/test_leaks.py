"""Goal: a stolen database and all logs name nobody.

Method: records about invented people go in through the real service and views; then every row, every database file and
every log line is searched for names, numbers and certificate numbers, raw and after undoing hex, base64url and
compression. With sealing switched off the same search must find them, or it proves nothing.
"""

from __future__ import annotations

import base64
import gzip
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

import ledger.deciding
from projections import VIEWS
from projections._runner import Runner
from tests.support.leaks import found_in
from tests.support.world import World

PEOPLE = 12


def fill(world: World) -> list[str]:
    """Logs certificates, trainings and a revocation with a note; gives every personal value of them."""
    values = []
    for n in range(PEOPLE):
        person = world.person(n)
        values += [*person.values(), f"S000032010001263{n + 1:06d}", f"考核记录{n}"]
        receipt = world.submit(world.sign(person=n, serial=n + 1))
        world.submit(world.sign("training-completion", person=n, leave_out=("certificate_number",)))
        if n % 4 == 0:
            world.submit(world.sign("revocation", target_record=receipt.record_id, note=f"考核记录{n}"))
    Runner(world.ledger, world.ledger.views(), VIEWS).catch_up()
    world.ledger.publish()
    return values


def dump(world: World) -> Iterator[bytes]:
    """Everything that a thief of the database would hold: every row of every table, every file."""
    parts = urlsplit(world.url)
    if parts.scheme == "sqlite":
        for path in Path(world.home.folder).glob("ledger*"):
            yield path.read_bytes()
        return
    with psycopg.connect(world.home.owner_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():
                yield b"\x00".join(v if isinstance(v, bytes) else str(v).encode() for v in row)


def search(world: World, logs: Callable[[], str]) -> tuple[set[str], list[str]]:
    """What is found in the database and in what was logged meanwhile, and what was searched for."""
    values = fill(world)
    data = b"\x00\x00".join([*dump(world), logs().encode()])
    return found_in(data, values), values


def test_a_stolen_database_names_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """No name, number, certificate number or note, in no encoding."""
    caplog.set_level(logging.DEBUG)
    found, _ = search(world, lambda: caplog.text)
    assert not found


def test_control_without_sealing_all_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With sealing switched off, the same search finds every value: it can see what it looks for."""
    monkeypatch.setattr(ledger.deciding, "seal", lambda plain, **_: b"\x01" + plain)
    found, values = search(world, str)
    noted = {value for value in values if value.startswith("考核记录")}
    assert set(values) - noted <= found
    assert "考核记录0" in found


@pytest.mark.parametrize(
    "hide",
    [
        lambda value: value.encode(),
        lambda value: value.encode().hex().encode(),
        lambda value: base64.urlsafe_b64encode(b"xy" + value.encode()),
        lambda value: gzip.compress(value.encode() * 3),
        lambda value: base64.b64encode(gzip.compress(value.encode() * 3)),
        lambda value: value.encode("utf-16-le"),
    ],
)
def test_the_search_undoes_encodings(hide: object) -> None:
    """Each encoding alone, in the middle of other bytes."""
    hidden = b"\x01\x02 abc " + hide("320106190001020029") + b"!rest"  # type: ignore[operator]
    assert found_in(hidden, ["320106190001020029", "张三"]) == {"320106190001020029"}
