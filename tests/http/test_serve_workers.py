"""Goal: several serving processes on one PostgreSQL are one server, and one process keeps the views up for all.

Method: the real command with two workers; records come in over many connections at once; then it is told to stop.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.demo.processes import free_ports
from tests.support.polling import until
from tests.support.world import World

pytestmark = pytest.mark.slow

SECONDS_MAX = 60
RECORDS = 60


def children(pid: int) -> list[int]:
    """Process ids of all that descend from a process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            child = int(status.parent.name)
            found += [child, *children(child)]
    return found


def is_ready(address: str) -> bool:
    """Whether a server answers there and is ready."""
    try:
        return httpx.get(address + "/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def served(postgres_world: World) -> Iterator[tuple[World, str, subprocess.Popen[bytes]]]:
    port = free_ports(1)[0]
    command = ["serve", "--store", postgres_world.url, "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", *command], env={**os.environ, **postgres_world.environ}
    )
    address = f"http://127.0.0.1:{port}"
    until(lambda: is_ready(address))
    yield postgres_world, address, process
    if process.poll() is None:
        process.kill()
        process.wait()


def test_two_workers_are_one_server(served: tuple[World, str, subprocess.Popen[bytes]]) -> None:
    world, address, process = served
    envelopes = [world.sign(person=n, serial=n + 1, late="paper-backlog") for n in range(RECORDS)]

    def send(envelope: bytes) -> tuple[int, int]:
        answer = httpx.post(
            address + "/v1/records",
            content=envelope,
            headers={"content-type": "application/sd-jwt"},
            timeout=SECONDS_MAX,
        )
        return answer.status_code, answer.json().get("index", -1)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, envelopes))
        again = list(pool.map(send, envelopes))
    assert {status for status, _ in answers} == {201}
    assert sorted(index for _, index in answers) == list(range(world.first_size, world.first_size + RECORDS))
    assert again == [(200, index) for _, index in answers]

    until(lambda: set(httpx.get(address + "/readyz").json()["views"].values()) == {world.first_size + RECORDS})

    running = children(process.pid)
    followers = [pid for pid in running if b"api.follower" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(followers) == 1
    process.send_signal(signal.SIGTERM)
    process.wait(SECONDS_MAX)
    until(lambda: not [pid for pid in running if Path(f"/proc/{pid}").exists()])
    assert not world.audit().findings
