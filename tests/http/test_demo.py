"""Goal: `skill-ledger demo` leaves a ledger that answers as `demo.json` says, proves it offline, and nothing behind.

Method: the command runs as its own process, as a newcomer starts it, with four lives: these show every state. The tests
of this file share it; the last one stops it, starts it again and kills it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import LedgerClient, verify
from api.client.errors import ServerRefused
from api.demo.filling import Place, Signers, submit_lives
from api.demo.institutions import INSTITUTIONS, SUPERVISED
from api.demo.layout import ORIGIN, open_key
from api.demo.lives import CORRECT, REFUSED, life
from api.demo.processes import free_ports
from ledger.clock import SystemClock
from ledger.opening import base_url_of

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

SEED, WORKERS = 5, 4
STATES = ("valid", "revoked", "suspended", "superseded", "expired", "not_yet_valid")


class Demo:
    """One running command."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        # A real ledger's settings on the same machine must not reach the demonstration.
        environ = {
            **os.environ,
            "SKILL_LEDGER_STORE": "sqlite:////nowhere/real.db",
            "SKILL_LEDGER_MARK_FILE": "/nowhere/mark",
        }
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "api.cli.main",
                "demo",
                "--dir",
                str(folder),
                "--seed",
                str(SEED),
                "--workers",
                str(WORKERS),
                *options,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            text=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith('{"ready"'):
                break
        else:
            raise AssertionError("\n".join(self.lines + [log.read_text() for log in folder.glob("logs/*")]))
        self.children = children_of(self.process.pid)
        self.result = json.loads((folder / "demo.json").read_bytes())

    def ended(self) -> bool:
        """Whether every child is gone, waiting for it if need be."""
        return all(has_ended(child) for child in self.children)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def outcome_of(self, **asked: str) -> str:
        with LedgerClient(self.result["url"]) as client:
            return client.verification(**asked)["outcome"]


def children_of(pid: int) -> list[int]:
    """Handles of the processes that a process started: they stay theirs, whoever gets the number next."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [os.pidfd_open(int(child)) for listed in found for child in listed.read_text().split()]


def has_ended(handle: int) -> bool:
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(30_000))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo") / "data", "--port", str(free_ports(1)[0]))
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGTERM)


def test_the_last_line_says_where_it_answers(demo):
    assert json.loads(demo.lines[-1]) == {"ready": demo.result["url"]}
    assert len(demo.children) == 4


def test_what_it_prints_leads_on(demo):
    printed = "\n".join(demo.lines)
    shown = demo.result["shown"]
    assert f" verify {demo.result['pack']} --trust {demo.result['trust']} --offline" in printed
    assert f"{demo.result['url']}/c/{shown['code']}" in printed
    assert "login worker-1" in printed
    assert "1 refused" in printed


def test_it_holds_what_the_seed_says(demo):
    today = date.fromisoformat(demo.result["filled_on"])
    planned = [one for place in range(WORKERS) for one in life(SEED, place, today=today).records]
    numbers = [record["number"] for record in demo.result["records"]]
    assert sorted({*numbers}) == sorted({one.number for one in planned})
    assert [one["login"] for one in demo.result["workers"]] == [
        *(f"worker-{place + 1}" for place in range(WORKERS)),
        *STORIES,
    ]


@pytest.mark.parametrize("state", STATES)
def test_every_code_verifies_as_demo_json_says(demo, state):
    codes = [record["code"] for record in demo.result["records"] if record["state"] == state]
    assert codes
    assert {demo.outcome_of(code=code) for code in codes} == {state}


def test_a_refused_record_is_not_there(demo):
    people = {worker["login"]: worker["name"] for worker in demo.result["workers"]}
    refused = [record for record in demo.result["records"] if record["state"] == REFUSED]
    assert refused
    with LedgerClient(demo.result["url"]) as client:
        for record in refused:
            assert (record["code"], record["reason"]) == (None, "not-accredited")
            name = people[record["worker"]]
            assert demo.outcome_of(certificate_number=record["number"], name=name) == "not_found"
            with pytest.raises(ServerRefused) as refusal:
                client.record(record["id"])
            assert refusal.value.code == "not-found"


def test_a_worker_sees_every_record_of_their_own(demo):
    worker = demo.result["workers"][0]
    with LedgerClient(demo.result["url"]) as client:
        token = client.demo_token(login=worker["login"], role="worker")
    with LedgerClient(demo.result["url"], token=token) as client:
        seen = {item["record_id"] for item in client.archive()["items"]}
    own = {one["id"] for one in demo.result["records"] if one["worker"] == worker["login"] and one["state"] != REFUSED}
    assert own <= seen
    assert len(seen) == len(own) + 4, "two transfers of two sides"


def test_the_pages_answer(demo):
    with httpx.Client(base_url=demo.result["url"]) as client:
        for path in ("/", "/verify", "/signin", f"/c/{demo.result['shown']['code']}"):
            assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path


STORIES = {
    "welder": {
        "enrolment", "training-completion", "employment-attested", "skill-certificate", "subsidy-claimed",
        "subsidy-decided", "contest-result", "contest-promotion", "post-appointed",
    },
    "voided": {"enrolment", "training-completion", "skill-certificate"},
    "mentor": {"skill-certificate", "mentoring-agreed", "mentoring-assessed"},
    "apprentice-1": {"mentoring-agreed", "mentoring-assessed", "skill-certificate", "award"},
    "apprentice-2": {"mentoring-agreed", "mentoring-assessed"},
    "mother": {"employment-attested", "skill-certificate", "protected-interruption"},
    "foreigner": {"skill-certificate", "subject-alias-bound", "subject-alias-retired"},
    "candidate-1": {"skill-certificate"},
    "candidate-2": {"skill-certificate"},
    "candidate-3": {"skill-certificate"},
}  # fmt: skip
"""The told workers, and the kinds of record that their archives show."""


def archive_of(demo: Demo, login: str) -> list[dict[str, Any]]:
    with LedgerClient(demo.result["url"]) as client:
        token = client.demo_token(login=login, role="worker")
    with LedgerClient(demo.result["url"], token=token) as client:
        return client.archive()["items"]


@pytest.mark.parametrize("login", STORIES)
def test_a_told_life_shows_what_it_tells(demo, login):
    items = archive_of(demo, login)
    assert {item["kind"].partition("/")[0] for item in items} == STORIES[login]


def test_what_follows_from_what(demo):
    """Promotion and post of the welder; the revoked training; both numbers of the foreigner; the two who came too late."""
    levels = [
        item["level_order"] for item in archive_of(demo, "welder") if item["kind"].startswith("skill-certificate")
    ]
    assert sorted(levels) == [5, 6]
    voided = {item["kind"].partition("/")[0]: item["state"] for item in archive_of(demo, "voided")}
    assert (voided["training-completion"], voided["skill-certificate"]) == ("revoked", "valid")
    certificates = [item for item in archive_of(demo, "foreigner") if item["kind"].startswith("skill-certificate")]
    assert sorted(item["level_order"] for item in certificates) == [4, 5]
    with LedgerClient(demo.result["url"]) as client:
        standings = {one["name"]: one["standing"] for one in client.institutions()["institutions"]}
    assert standings[INSTITUTIONS[SUPERVISED].name] == "suspended"
    assert sorted(set(standings.values())) == ["active", "suspended"]


def test_seven_institutions_are_registered_and_their_keys_open(demo):
    with LedgerClient(demo.result["url"]) as client:
        registered = {one["uscc"]: one for one in client.institutions()["institutions"]}
    assert [one["uscc"] for one in demo.result["institutions"]] == [one.uscc for one in INSTITUTIONS.values()]
    for one in demo.result["institutions"]:
        assert registered[one["uscc"]]["issuer"] == one["issuer"]
        open_key(Path(one["key"]))
    open_key(Path(demo.result["authority_key"]))


def test_a_taken_status_place_is_drawn_again(demo):
    """A life whose first record, and whose corrected version, want places that others hold by now."""
    today = date.fromisoformat(demo.result["filled_on"])
    held = {one.signer: one.place for one in life(SEED, 0, today=today).records}
    fresh = life(SEED, 800, today=today)
    records = [replace(one, place=held.get(one.signer, one.place)) for one in fresh.records]
    known = next(n for n, one in enumerate(records) if one.fate == CORRECT)
    records[known] = replace(records[known], correction=(records[known].correction[0], held[records[known].signer]))
    filled = submit_lives(
        demo.result["url"], signers_of(demo), [replace(fresh, records=tuple(records))], advance=lambda _: None
    )
    assert [one.state for one in filled.held] == [*(one.state for one in records), "valid"]
    codes = [one.code for one in filled.held if one.state == "superseded"]
    assert [demo.outcome_of(code=code) for code in codes] == ["superseded"]


def signers_of(demo: Demo) -> Signers:
    base_url = base_url_of(ORIGIN)
    roles = {body.uscc: role for role, body in INSTITUTIONS.items()}
    keys = {roles[one["uscc"]]: open_key(Path(one["key"])) for one in demo.result["institutions"]}
    authority = open_key(Path(demo.result["authority_key"]))
    place = Place(ORIGIN, base_url, f"{base_url}/issuers/authority")
    return Signers(place, authority=authority, institutions=keys, clock=SystemClock())


def test_a_second_one_leaves_the_first_alone(demo):
    taken = subprocess.run(
        [
            sys.executable,
            "-m",
            "api.cli.main",
            "demo",
            "--dir",
            str(demo.folder),
            "--port",
            demo.result["url"].rpartition(":")[2],
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == 2
    assert "--port" in taken.stderr


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (("secrets/log.key",), "never finished"),
        (("holiday.jpg",), "expected a new or an empty folder"),
    ],
    ids=["a filling was interrupted", "somebody's own files"],
)
def test_it_touches_no_folder_that_is_not_its_own(tmp_path, files, told):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"mine")
    before = sorted(tmp_path.rglob("*"))
    ran = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "demo", "--dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert told in ran.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_it_stops_proves_offline_serves_again_and_dies_without_orphans(demo):
    assert demo.stop(signal.SIGINT) == 0
    assert demo.ended()
    shown = demo.result["shown"]
    found = verify(Path(demo.result["pack"]), trust=Path(demo.result["trust"]))
    assert (found.outcome, found.record_id, found.trust) == ("valid", shown["id"], "pinned")

    again = Demo(demo.folder)
    try:
        assert again.result["records"] == demo.result["records"]
        assert again.result["workers"] == demo.result["workers"]
        assert again.outcome_of(code=shown["code"]) == "valid"
        assert verify(Path(again.result["pack"]), trust=Path(again.result["trust"])).outcome == "valid"
    finally:
        again.stop(signal.SIGKILL)
    assert again.ended(), "children end with their parent, however it ends"
