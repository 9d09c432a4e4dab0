"""Goal: the process that keeps the views up follows, is missed when it ends, and ends with the one that started it.

Method: the real process on a real PostgreSQL; it is killed, and so is the process that started it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.follower import Follower
from api.settings import Settings
from projections import VIEWS
from projections._live import reflects
from tests.support.polling import until
from tests.support.world import World

STARTER = """
import sys
from api.follower import Follower
follower = Follower(sys.argv[1])
follower.start()
print(follower._process.pid, flush=True)
sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def positions(world: World) -> set[int]:
    """Sizes that the views reflect."""
    return {reflects(world.ledger.views(), view.NAME) for view in VIEWS}


def asked(app: FastAPI, path: str) -> httpx.Response:
    """The answer of an application in this process."""

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(path)

    return asyncio.run(get())


@pytest.fixture
def follower(postgres_world: World) -> Iterator[Follower]:
    running = Follower(postgres_world.url)
    running.start()
    yield running
    running.close()


def test_views_reach_what_was_committed(postgres_world: World, follower: Follower) -> None:
    until(lambda: positions(postgres_world) == {postgres_world.first_size})
    for number in range(3):
        postgres_world.submit(postgres_world.sign(person=number, serial=number + 1))
    until(lambda: positions(postgres_world) == {postgres_world.first_size + 3})
    assert follower.failure is None


def test_a_server_whose_views_stopped_is_not_ready(postgres_world: World, follower: Follower) -> None:
    app = create_app(postgres_world.ledger, Settings())
    app.state.keeper = follower
    postgres_world.ledger.publish()
    until(lambda: positions(postgres_world) == {postgres_world.first_size})
    assert asked(app, "/readyz").status_code == 200
    assert follower._process is not None
    follower._process.kill()
    until(lambda: follower.failure is not None)
    answer = asked(app, "/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")


def test_it_ends_with_the_process_that_started_it(postgres_world: World) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, postgres_world.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    assert is_running(pid)
    starter.kill()
    starter.communicate()
    until(lambda: not is_running(pid))


def test_control_c_reaches_the_server_alone(follower: Follower, postgres_world: World) -> None:
    until(lambda: positions(postgres_world) == {postgres_world.first_size})
    assert follower._process is not None
    os.kill(follower._process.pid, signal.SIGINT)
    postgres_world.submit(postgres_world.sign(person=1, serial=1))
    until(lambda: positions(postgres_world) == {postgres_world.first_size + 1})
