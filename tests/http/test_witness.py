"""The witness over HTTP, and the client that asks it.

Method: the status table in the order of the standard; the request script of another witness; races between threads and
between processes; kills before and after the store; a real server on a real socket for the client.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from api.client.witness_client import Collected, WitnessClient, WitnessTarget, targets_of
from api.witness import Witness, WitnessStore, open_witness, witness_app, witness_of_policy
from keys.custody import create_key_file
from keys.errors import KeyFileUnreadable, KeyNotAuthorised
from ledger.clock import FixedClock
from ledger.errors import MalformedCheckpoint, StoreDamaged, StoreUnavailable
from ledger.log.checkpoint import cosigner_key, merge_signatures, open_checkpoint, parse_vkey
from ledger.log.note import VerifierKey, parse_signature_lines
from ledger.log.policy import Policy, PolicyLog, PolicyWitness, format_policy
from ledger.log.witness import REQUEST_BYTES_MAX, Rejection, format_add_checkpoint
from tests.conftest import LONG, ROOT, SEED
from tests.support.small_log import NOW, ORIGIN, SmallLog, fixed_signer

VECTORS = ROOT / "tests" / "vectors" / "log"
REQUESTS = json.loads((VECTORS / "requests.json").read_text(encoding="utf-8"))
FOREIGN = json.loads((VECTORS / "torchwood_witness.json").read_text(encoding="utf-8"))
LOG = SmallLog(40)
FORK = SmallLog(40, fork_at=3)
ORIGIN_HASH = sha256(ORIGIN.encode()).hexdigest()
PASSPHRASE = b"correct horse battery"
KILLS = 300 if LONG else 3


class Direct:
    """Requests to an application, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def request(self, method: str, path: str, content: bytes = b"") -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://witness.example") as client:
                return await client.request(method, path, content=content)

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, content: bytes = b"") -> httpx.Response:
        return self.request("POST", path, content)


def witness_at(
    folder: Path, *, log_keys: tuple[VerifierKey, ...] = (LOG.key,), store: WitnessStore | None = None
) -> Witness:
    return Witness(
        signer=fixed_signer("w1"), key=LOG.witness_key("w1"), log_keys=log_keys, store=store or WitnessStore(folder),
        clock=FixedClock(NOW),
    )  # fmt: skip


def request_to(old_size: int, new_size: int, log: SmallLog = LOG) -> bytes:
    path = log.consistency(old_size, new_size)
    return format_add_checkpoint(old_size=old_size, path=path, checkpoint=log.checkpoint(new_size))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return witness_at(tmp_path / "store")


@pytest.fixture
def http(witness: Witness) -> Direct:
    return Direct(witness_app(witness))


# The status table


@pytest.mark.parametrize("case", REQUESTS["cases"], ids=[case["why"] for case in REQUESTS["cases"]])
def test_the_status_table(case, http, witness):
    small = SmallLog(13)
    if case["held"]:
        assert (
            http.post(
                "/add-checkpoint",
                content=format_add_checkpoint(old_size=0, path=[], checkpoint=small.checkpoint(case["held"])),
            ).status_code
            == 200
        )
    before = witness.held(ORIGIN)
    answer = http.post("/add-checkpoint", content=case["text"].encode())
    assert answer.status_code == case["expect"]
    if case["expect"] == 200:
        lines = parse_signature_lines(answer.content)
        assert [(line.name, line.key_id) for line in lines] == [(witness.key.name, witness.key.key_id)]
        note = case["text"].encode().partition(b"\n\n")[2]
        assert open_checkpoint(merge_signatures(note, [answer.content]), keys=[witness.key]).signatures == {
            witness.key: NOW
        }
    else:
        assert witness.held(ORIGIN) == before
    if case["expect"] == 409:
        assert (answer.headers["content-type"], answer.text) == ("text/x.tlog.size", f"{case['held']}\n")


def test_the_script_of_another_witness(tmp_path):
    http = Direct(witness_app(witness_at(tmp_path, log_keys=(parse_vkey(FOREIGN["vkey"]),))))
    answers = [http.post("/add-checkpoint", content=case["text"].encode()) for case in FOREIGN["cases"]]
    assert [answer.status_code for answer in answers] == [case["expect"] for case in FOREIGN["cases"]]
    assert [answer.text for answer in answers if answer.status_code == 409] == ["3\n", "5\n"]


def test_other_methods_paths_and_sizes(http):
    assert http.get("/add-checkpoint").status_code == 405
    assert http.request("PUT", "/add-checkpoint").status_code == 405
    assert http.post("/").status_code == 404
    too_long = request_to(0, 5) + b"x" * REQUEST_BYTES_MAX
    assert http.post("/add-checkpoint", content=too_long).status_code == 413


def test_monitors_fetch_the_cosigned_checkpoint(http, witness):
    path = f"/{ORIGIN_HASH}/checkpoint"
    assert http.get(path).status_code == 404
    stranger = b"\xe2\x80\x94 stranger.example AAAAAAA=\n"
    http.post("/add-checkpoint", content=request_to(0, 5) + stranger)
    answer = http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    signed = open_checkpoint(answer.content, keys=[LOG.key, witness.key])
    assert (signed.checkpoint.size, signed.signatures) == (5, {LOG.key: 0, witness.key: NOW})
    assert b"stranger" not in answer.content


@pytest.mark.parametrize(
    "name", ["lock", "..", "../lock", "%2e%2e%2flock", ORIGIN_HASH.upper(), ORIGIN_HASH + ".new", "0" * 63]
)
def test_no_other_file_is_served(name, http):
    http.post("/add-checkpoint", content=request_to(0, 5))
    assert http.get(f"/{name}/checkpoint").status_code == 404


# The store


def test_what_was_cosigned_survives_a_restart(tmp_path):
    first = witness_at(tmp_path)
    first.add_checkpoint(request_to(0, 5))
    again = witness_at(tmp_path)
    assert again.held(ORIGIN).size == 5
    with pytest.raises(Rejection) as refused:
        again.add_checkpoint(request_to(0, 7, FORK))
    assert refused.value.status == 409


DAMAGES = [
    ("a bit of the root", lambda note: note.replace(LOG.text(5).split(b"\n")[2], LOG.text(6).split(b"\n")[2])),
    ("the size", lambda note: note.replace(b"\n5\n", b"\n4\n")),
    ("cut", lambda note: note[:-20]),
    ("empty", lambda _: b""),
    ("cosignature removed", lambda _: LOG.checkpoint(5)),
    ("another witness's", lambda _: LOG.checkpoint(5, witnesses=("w2",))),
    ("another origin's", lambda _: other_origin_note()),
]


def other_origin_note() -> bytes:
    return SmallLog(5, origin="other.example/log").checkpoint(witnesses=("w1",))


@pytest.mark.parametrize(("why", "damage"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_a_damaged_store_is_never_a_fresh_start(why, damage, tmp_path):
    witness = witness_at(tmp_path)
    witness.add_checkpoint(request_to(0, 5))
    file = tmp_path / ORIGIN_HASH
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(StoreDamaged):
        witness.add_checkpoint(request_to(0, 7, FORK))
    assert Direct(witness_app(witness)).post("/add-checkpoint", content=request_to(5, 7)).status_code == 500


class FailingStore(WitnessStore):
    """Fails before, or after, it kept the note: a caller cannot tell which."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        super().__init__(folder)
        self.keep = keep

    def put(self, origin_hash: str, note: bytes) -> None:
        if self.keep:
            super().put(origin_hash, note)
        raise StoreUnavailable("witness store: planted failure")


@pytest.mark.parametrize("keep", [False, True])
def test_no_signature_leaves_unless_the_store_confirmed(keep, tmp_path):
    http = Direct(witness_app(witness_at(tmp_path, store=FailingStore(tmp_path, keep=keep))))
    answer = http.post("/add-checkpoint", content=request_to(0, 5))
    assert (answer.status_code, "—" in answer.text) == (503, False)
    assert witness_at(tmp_path).held(ORIGIN).size == (5 if keep else 0)


def test_an_unwritable_store_is_unavailable(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        WitnessStore(tmp_path / "file")
    witness = witness_at(tmp_path / "store")
    (tmp_path / "store" / f"{ORIGIN_HASH}.new").mkdir()
    with pytest.raises(StoreUnavailable):
        witness.add_checkpoint(request_to(0, 5))
    assert witness.held(ORIGIN).size == 0


# Races


@pytest.mark.parametrize("shared", [True, False], ids=["threads of one witness", "two witnesses on one folder"])
def test_of_two_conflicting_checkpoints_one_wins(shared, tmp_path):
    for round_ in range(10):
        folder = tmp_path / str(round_)
        witness = witness_at(folder)
        witness.add_checkpoint(request_to(0, 3))
        contenders = [(witness, LOG), (witness if shared else witness_at(folder), FORK)] * 3
        gate = threading.Barrier(len(contenders))

        def submit(contender: tuple[Witness, SmallLog], gate: threading.Barrier = gate) -> bytes | int:
            gate.wait()
            try:
                contender[0].add_checkpoint(request_to(3, 9, contender[1]))
            except Rejection as rejection:
                return int(rejection.status)
            return contender[1].text(9)

        with ThreadPoolExecutor(len(contenders)) as threads:
            answers = list(threads.map(submit, contenders))
        won = [answer for answer in answers if isinstance(answer, bytes)]
        assert len(won) == 1
        assert sorted(answer for answer in answers if isinstance(answer, int)) == [409] * 5
        assert (folder / ORIGIN_HASH).read_bytes().startswith(won[0])


CHILD = """
import os, sys
from pathlib import Path
from api.witness import Witness, WitnessStore
from ledger.clock import FixedClock
from tests.support.small_log import NOW, SmallLog, fixed_signer

class Dying(WitnessStore):
    def put(self, origin_hash, note):
        if sys.argv[2] == "before": os._exit(9)
        super().put(origin_hash, note)
        if sys.argv[2] == "after": os._exit(9)

log, store = SmallLog(5), Dying(Path(sys.argv[1]))
witness = Witness(signer=fixed_signer("w1"), key=log.witness_key("w1"), log_keys=(log.key,), store=store, clock=FixedClock(NOW))
os.write(1, witness.add_checkpoint(sys.stdin.buffer.read()))
"""


@pytest.mark.parametrize(("moment", "size"), [("before", 0), ("after", 5), ("never", 5)])
def test_a_kill_at_the_store_releases_nothing_that_is_not_kept(moment, size, tmp_path):
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), moment], cwd=ROOT, input=request_to(0, 5), capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert bool(child.stdout) == (moment == "never"), child.stderr
    witness = witness_at(tmp_path)
    assert witness.held(ORIGIN).size == size
    witness.add_checkpoint(request_to(size, 9))


# A real server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app) -> Iterator[str]:
    """The address of an application on a real socket."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=free_port(), log_level="error"))
    ready = threading.Event()
    startup = server.startup

    async def announced(*arguments, **named) -> None:
        await startup(*arguments, **named)
        ready.set()

    server.startup = announced
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield f"http://127.0.0.1:{server.config.port}"
    finally:
        server.should_exit = True
        thread.join(20)


def client_of(url: str, key: VerifierKey | None = None, **options) -> WitnessClient:
    return WitnessClient([WitnessTarget(url, key or LOG.witness_key("w1"))], consistency=LOG.consistency, **options)


def accepted(collected: Collected, size: int) -> bool:
    signed = open_checkpoint(merge_signatures(LOG.checkpoint(size), collected.lines), keys=[LOG.witness_key("w1")])
    return list(signed.signatures.values()) == [NOW]


def test_the_client_grows_with_the_log_and_finds_its_way_after_a_restart(witness):
    with served(witness_app(witness)) as url:
        client = client_of(url)
        for size in (1, 1, 5, 40):
            collected = client.collect(LOG.checkpoint(size))
            assert accepted(collected, size)
            assert collected.failures == {}
        client.close()
        fresh = client_of(url)  # knows no size: asks from 0, is told 40
        assert accepted(fresh.collect(LOG.checkpoint(40)), 40)
        assert fresh.collect(LOG.checkpoint(30)) == Collected((), {"w1.example/witness": "ahead"})
        assert accepted(fresh.collect(LOG.checkpoint(40)), 40)
        fresh.close()


def test_one_witness_down_does_not_hold_up_the_others(witness):
    with served(witness_app(witness)) as url:
        targets = [
            WitnessTarget(f"http://127.0.0.1:{free_port()}", LOG.witness_key("w2")),
            WitnessTarget(url, LOG.witness_key("w1")),
            WitnessTarget("not a url", LOG.witness_key("w3")),
        ]
        client = WitnessClient(targets, consistency=LOG.consistency)
        collected = client.collect(LOG.checkpoint(5))
        client.close()
    assert accepted(collected, 5)
    assert collected.failures == {"w2.example/witness": "unreachable", "w3.example/witness": "unreachable"}


def answering(status: int, body: bytes, media_type: str = "text/plain"):
    """An application that gives one answer to everything."""

    async def app(scope, receive, send) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", media_type.encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


SIZE_TYPE = "text/x.tlog.size"
HOSTILE = [
    ("a cosignature over another tree", 200, LOG.cosignature("w1", FORK.text(5)), "", "answer-invalid"),
    ("a cosignature by another witness", 200, LOG.cosignature("w2", LOG.text(5)), "", "answer-invalid"),
    ("no signature line", 200, b"thank you\n", "", "answer-invalid"),
    ("nothing", 200, b"", "", "answer-invalid"),
    ("an endless answer", 200, b"x" * 1_000_000, "", "answer-too-large"),
    ("a redirect", 302, b"", "", "refused-302"),
    ("refused", 403, b"no\n", "", "refused-403"),
    ("a conflict without the size type", 409, b"3\n", "text/plain", "refused-409"),
    ("a conflict without newline", 409, b"39", SIZE_TYPE, "answer-invalid"),
    ("a conflict with 03", 409, b"03\n", SIZE_TYPE, "answer-invalid"),
    ("a conflict with -1", 409, b"-1\n", SIZE_TYPE, "answer-invalid"),
    ("a conflict that repeats", 409, b"3\n", SIZE_TYPE, "conflict"),
    ("a size beyond ours", 409, b"6\n", SIZE_TYPE, "ahead"),
]


@pytest.mark.parametrize(("why", "status", "body", "media_type", "reason"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_witness_gives_nothing(why, status, body, media_type, reason):
    with served(answering(status, body, media_type)) as url:
        client = client_of(url)
        assert client.collect(LOG.checkpoint(5)) == Collected((), {"w1.example/witness": reason})
        client.close()


def test_a_strangers_line_beside_the_witnesss_own_is_left_out():
    own = LOG.cosignature("w1", LOG.text(5))
    with served(answering(200, LOG.cosignature("w2", LOG.text(5)) + own + LOG.cosignature("w3", LOG.text(5)))) as url:
        client = client_of(url)
        assert client.collect(LOG.checkpoint(5)) == Collected((own,), {})
        client.close()


def test_a_malformed_checkpoint_is_the_callers_error():
    client = client_of("http://127.0.0.1:1")
    with pytest.raises(MalformedCheckpoint):
        client.collect(b"not a checkpoint")
    client.close()


# From files


def files(folder: Path, port: int = 0) -> tuple[Path, Path]:
    """A key file, and a policy that lists it."""
    signer = create_key_file(folder / "w.key", alg="Ed25519", passphrase=PASSPHRASE, scrypt_n=2**14)
    key = cosigner_key("w1.example/witness", signer)
    policy = Policy((PolicyLog(LOG.key),), (PolicyWitness("w", key, f"http://127.0.0.1:{port}"),), (), "w")
    (folder / "policy").write_bytes(format_policy(policy))
    return folder / "w.key", folder / "policy"


def test_opens_from_files_and_only_as_a_witness_of_the_policy(tmp_path):
    key_path, policy_path = files(tmp_path)
    options = {
        "key_path": key_path,
        "policy_path": policy_path,
        "store_path": tmp_path / "store",
        "clock": FixedClock(NOW),
    }
    witness = open_witness(**options, passphrase=PASSPHRASE)
    assert witness.add_checkpoint(request_to(0, 5)).startswith("— w1.example/witness ".encode())
    with pytest.raises(KeyFileUnreadable):
        open_witness(**options, passphrase=b"another passphrase")
    with pytest.raises(KeyNotAuthorised):
        witness_of_policy(fixed_signer("stranger"), LOG.policy())


@pytest.mark.serial
def test_kills_of_the_served_process_never_roll_a_witness_back(tmp_path):
    port, random = free_port(), Random(SEED)
    key_path, policy_path = files(tmp_path, port)
    code = (
        "from pathlib import Path; from api.witness import serve_witness; "
        f"serve_witness(key_path=Path({str(key_path)!r}), policy_path=Path({str(policy_path)!r}), "
        f"store_path=Path({str(tmp_path / 'store')!r}), port={port}, passphrase={PASSPHRASE!r})"
    )
    answered, log = 0, SmallLog(100 * KILLS)
    url = f"http://127.0.0.1:{port}/add-checkpoint"
    for _ in range(KILLS):
        server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        with httpx.Client(timeout=30) as http:
            size = size_held(http, url, log)
            assert size >= answered, "an answered checkpoint was forgotten"
            killer = threading.Timer(random.uniform(0.001, 0.1), os.kill, (server.pid, signal.SIGKILL))
            killer.start()
            try:
                while size < log.size:
                    assert http.post(url, content=request_to(size, size + 1, log)).status_code == 200
                    size = answered = size + 1
            except httpx.TransportError:
                killer.join()
        server.wait()
    assert answered > 0


def size_held(http: httpx.Client, url: str, log: SmallLog) -> int:
    """What a witness says it holds, as soon as it serves; at least 1, because asking from 0 may be the first growth."""
    while True:
        try:
            answer = http.post(url, content=request_to(0, 1, log))
        except httpx.TransportError:
            continue
        return 1 if answer.status_code == 200 else int(answer.text)


def test_targets_are_the_witnesses_with_an_address(tmp_path):
    assert targets_of(LOG.policy()) == ()
    key = LOG.witness_key("w1")
    policy = Policy((), (PolicyWitness("w", key, "https://w.example/"),), (), "w")
    assert targets_of(policy) == (WitnessTarget("https://w.example/", key),)
