"""A `World`: a real ledger on a real engine, with an authority, institutions that hold keys and accreditations, and people.

Goal: a test says only what is special about it. Method: a template store is begun once per session and engine through
the same code as `skill-ledger init`, then copied for each test; keys, people and times come from the run's seed.

    def test_something(world):
        receipt = world.submit(world.sign("skill-certificate", person=1, serial=7))
        world.check_everything()
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keys.algorithms import algorithm
from keys.custody import Signer, create_key_file, passphrase_for, signer_from_private
from keys.possession import prove_possession
from keys.pseudonym import Pseudonyms, load_pseudonyms
from keys.sealing import KeyEncryptionKeys, load_keks
from ledger.audit import AuditReport, audit_store
from ledger.clock import FixedClock
from ledger.errors import LedgerError
from ledger.log.checkpoint import format_vkey
from ledger.log.merkle import check_inclusion, leaf_hash
from ledger.log.receipt import parse_receipt
from ledger.opening import LATER_ALGORITHM, LOG_ALGORITHM, Authority, begin_log, open_ledger, places_of
from ledger.receipts import Receipt
from ledger.records import KINDS, build_record, kind_class
from ledger.service import Ledger
from projections import ddl
from tests.support.postgres import Cluster, Database

ORIGIN = "ledger.example.cn/skills"
START_SECONDS = 1_779_933_600
"""2026-05-28T02:00:00Z: a few working days after the dates of the kinds' examples."""

SCRYPT_N_TEST = 2**14
SAMPLE_RECORDS = 40


@dataclass(frozen=True)
class Party:
    """A body that signs: the authority or an institution."""

    name: str
    uscc: str
    issuer: str
    signer: Signer
    type: str = "evaluation-body"
    region: str = "320102"


def seeded_signer(seed: str, alg: str = "Ed25519") -> Signer:
    """A signer whose key follows from a text; for tests only."""
    private = algorithm(alg).load_private(hashlib.sha256(f"test key {seed}".encode()).digest())
    return signer_from_private(alg, private)


AUTHORITY = Party(
    name="示例省人力资源和社会保障厅",
    uscc="11320000MB0000000D",
    issuer="https://ledger.example.cn/issuers/11320000MB0000000D",
    signer=seeded_signer("authority"),
)
INSTITUTIONS: Mapping[str, Party] = {
    "centre": Party(
        "示例市职业技能鉴定中心",
        "52320102MJ000000XG",
        "https://osta.example.cn/issuers/3201",
        seeded_signer("centre"),
    ),
    "school": Party(
        "示例市技师学院",
        "12320102MB0000000C",
        "https://school.example.cn/issuers/1",
        seeded_signer("school"),
        type="technical-school",
    ),
}


@dataclass
class Home:
    """Where one world lives: its URL as the service sees it, its folder of secrets and the environment that names them."""

    url: str
    folder: Path
    owner_url: str
    app_role: str
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        secrets = self.folder / "secrets"
        self.environ = {
            "SKILL_LEDGER_KEK_FILE": str(secrets / "kek.json"),
            "SKILL_LEDGER_PSEUDONYM_KEY_FILE": str(secrets / "pseudonym.json"),
            "SKILL_LEDGER_LOG_KEY_FILE": str(secrets / "log.key"),
            "SKILL_LEDGER_MARK_FILE": str(secrets / "mark"),
        }


class World:
    """One ledger under test. Attributes `ledger`, `clock`, `url` and `environ` are the real things."""

    def __init__(self, home: Home, *, seed: int = 1) -> None:
        self.home = home
        self.url = home.url
        self.environ = home.environ
        self.clock = FixedClock(START_SECONDS + 60)
        self.random = random.Random(seed)
        self.accepted: dict[str, tuple[bytes, int]] = {}
        self.ledger: Ledger = open_ledger(home.url, environ=home.environ, clock=self.clock)
        self.first_size = self.ledger.size()

    # -- people and signing --------------------------------------------------------------------------------------------

    def person(self, number: int) -> dict[str, str]:
        """Name and citizen number of one of a thousand invented people, born in 1900 so that nobody has the number."""
        body = f"320106{19000101 + number // 100 * 100:08d}{number % 100 + 900:03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        return {"holder_name": f"测试{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}", "document_number": body + check}

    def sign(
        self,
        kind: str = "skill-certificate",
        *,
        by: str | Party = "centre",
        person: int | None = None,
        serial: int | None = None,
        signer: Signer | None = None,
        leave_out: tuple[str, ...] = (),
        **changes: Any,
    ) -> bytes:
        """An envelope of any kind from its `EXAMPLE`, with changed fields.

        by       name of an institution, "authority", or a Party
        person   number of an invented person, where the kind is about one
        serial   makes the certificate number of the example another one
        changes  fields by name, claims and disclosures alike; None leaves a field out
        """
        party = by if isinstance(by, Party) else AUTHORITY if by == "authority" else INSTITUTIONS[by]
        model = kind_class(kind)
        fields: dict[str, Any] = {**model.EXAMPLE["claims"], **model.EXAMPLE["disclosed"]}
        if "institution_uscc" in fields:
            fields |= {"institution_uscc": party.uscc, "institution_name": party.name}
        if person is not None:
            fields |= self.person(person)
        if serial is not None and "certificate_number" in fields:
            fields["certificate_number"] = fields["certificate_number"][:-6] + f"{serial:06d}"
        fields |= changes
        for name in leave_out:
            fields.pop(name, None)
        envelope = build_record(
            model.kind_name(),
            {name: value for name, value in fields.items() if name not in model.DISCLOSED},
            {name: value for name, value in fields.items() if name in model.DISCLOSED},
            issuer=party.issuer,
            signer=signer or party.signer,
            clock_seconds=self.clock.now_seconds(),
            base_url=self.ledger.base_url,
            rng=self.random.randbytes,
        )
        return envelope.to_bytes()

    def key_registration(self, key_issuer: str, signer: Signer, *, use: str = "records") -> bytes:
        """The authority's registration of a key, with its proof of possession."""
        return _registration(self.random, key_issuer, signer, use=use, clock_seconds=self.clock.now_seconds())

    # -- submitting ----------------------------------------------------------------------------------------------------

    def submit(self, envelope: bytes) -> Receipt:
        """Append one record and remember it for `check_everything`. Raises as `Ledger.submit`."""
        receipt = self.ledger.submit(envelope)
        self.accepted[receipt.record_id] = (envelope, receipt.index)
        return receipt

    def submit_group(self, envelopes: list[bytes]) -> list[Receipt]:
        """Append a group and remember it. Raises as `Ledger.submit_group`."""
        receipts = self.ledger.submit_group(envelopes)
        for envelope, receipt in zip(envelopes, receipts, strict=True):
            self.accepted[receipt.record_id] = (envelope, receipt.index)
        return receipts

    # -- checking ------------------------------------------------------------------------------------------------------

    def check_everything(self) -> None:
        """Audit, counts, bytes, idempotence and proofs: what must hold after any step, also a refused or failed one."""
        assert self.ledger.size() == self.first_size + len(self.accepted), "records in the log"
        report = self.audit()
        assert not report.findings, report.findings
        sample = list(self.accepted.items())
        for record_id, (envelope, index) in self.random.sample(sample, min(len(sample), SAMPLE_RECORDS)):
            logged = self.ledger.record(record_id)
            assert (logged.index, self.ledger.envelope(logged)) == (index, envelope), record_id
            again = self.ledger.submit(envelope)
            assert (again.record_id, again.index, again.already_held) == (record_id, index, True), record_id
            self.check_proof(again)

    def check_proof(self, receipt: Receipt) -> None:
        """The receipt leads from the logged bytes to a root that the log signed."""
        proof = parse_receipt(receipt.proof)
        _, size, root = _signed_tree(proof.checkpoint)
        entry = self.ledger.record(receipt.record_id).leaf
        check_inclusion(
            leaf_hash=leaf_hash(entry), leaf_index=receipt.index, tree_size=size, path=proof.path, root=root
        )

    def audit(self, **settings: Any) -> AuditReport:
        """The audit with every key and file this world has."""
        given: dict[str, Any] = {
            "mark": self.mark_path.read_bytes(),
            "policy": self.policy(),
            "keks": self.keks,
            "pseudonyms": self.pseudonyms,
        }
        return audit_store(self.url, **{**given, **settings})

    def policy(self) -> bytes:
        """A tlog-policy that trusts this log and demands no witness."""
        keys = "".join(f"log {format_vkey(key)}\n" for key in self.ledger.log_vkeys)
        return keys.encode() + b"quorum none\n"

    @property
    def mark_path(self) -> Path:
        """The signer's mark file."""
        return Path(self.environ["SKILL_LEDGER_MARK_FILE"])

    @property
    def keks(self) -> KeyEncryptionKeys:
        """The key-encryption keys of this world."""
        return load_keks(Path(self.environ["SKILL_LEDGER_KEK_FILE"]))

    @property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonym keys of this world."""
        return load_pseudonyms(Path(self.environ["SKILL_LEDGER_PSEUDONYM_KEY_FILE"]))

    # -- life ----------------------------------------------------------------------------------------------------------

    def reopen(self) -> None:
        """Close the ledger and open it again, as a restart does."""
        self.close()
        self.reopen_closed()

    def reopen_closed(self) -> None:
        """Open the ledger after it was closed."""
        self.ledger = open_ledger(self.url, environ=self.environ, clock=self.clock)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def begin_home(home: Home) -> None:
    """Begin a log in an empty place and register the institutions: the template of all worlds of one engine."""
    clock = FixedClock(START_SECONDS)
    _create_cheap_keys(home)
    begin_log(
        home.owner_url,
        authority_signer=AUTHORITY.signer,
        authority=Authority(uscc=AUTHORITY.uscc, name=AUTHORITY.name, issuer=AUTHORITY.issuer),
        origin=ORIGIN,
        service_role=home.app_role,
        view_tables=ddl(),
        environ=home.environ,
        clock=clock,
    )
    ledger = open_ledger(home.url, environ=home.environ, clock=clock)
    try:
        for envelope in _registry_records(clock.now_seconds()):
            ledger.submit(envelope)
    finally:
        ledger.close()


def _create_cheap_keys(home: Home) -> None:
    """Key files whose passphrase is stretched little, so that a test opens them in milliseconds."""
    places = places_of(home.url, home.environ)
    places.log_key.parent.mkdir(parents=True)
    wanted = ((places.log_key, LOG_ALGORITHM), (places.later_key, LATER_ALGORITHM), (places.service_key, LOG_ALGORITHM))
    for path, alg in wanted:
        passphrase = passphrase_for(path, home.environ, create=True)
        create_key_file(path, alg=alg, passphrase=passphrase, scrypt_n=SCRYPT_N_TEST)


def _registry_records(clock_seconds: int) -> Iterator[bytes]:
    chance = random.Random(0)

    def signed(kind: str, **claims: Any) -> bytes:
        return build_record(
            kind,
            claims,
            {},
            issuer=AUTHORITY.issuer,
            signer=AUTHORITY.signer,
            clock_seconds=clock_seconds,
            base_url="https://" + ORIGIN.split("/", 1)[0],
            rng=chance.randbytes,
        ).to_bytes()

    scoped = sorted({kind.KIND for kind in KINDS.values() if "institution" in kind.SIGNERS and kind.PLACE == "subject"})
    for party in INSTITUTIONS.values():
        yield signed(
            "institution-registered",
            uscc=party.uscc,
            institution_issuer=party.issuer,
            name=party.name,
            type=party.type,
            region=party.region,
        )
        yield _registration(chance, party.issuer, party.signer, use="records", clock_seconds=clock_seconds)
        yield signed(
            "accreditation-granted",
            uscc=party.uscc,
            kinds=scoped,
            occupations=["*"],
            levels=list(range(1, 9)),
            regions=["*"],
            period_from="1980-01-01",
            document="示例人社函〔2020〕1号",
        )


def _registration(chance: random.Random, key_issuer: str, signer: Signer, *, use: str, clock_seconds: int) -> bytes:
    nonce = chance.randbytes(16).hex()
    claims = {
        "key_issuer": key_issuer,
        "jwk": signer.jwk,
        "use": use,
        "nonce": nonce,
        "log": ORIGIN,
        "possession": prove_possession(signer, origin=ORIGIN, issuer=key_issuer, nonce=nonce),
    }
    return build_record(
        "key-registered",
        claims,
        {},
        issuer=AUTHORITY.issuer,
        signer=AUTHORITY.signer,
        clock_seconds=clock_seconds,
        base_url="https://" + ORIGIN.split("/", 1)[0],
        rng=chance.randbytes,
    ).to_bytes()


def _signed_tree(checkpoint: bytes) -> tuple[str, int, bytes]:
    from ledger._audit_bytes import read_checkpoint

    read = read_checkpoint(checkpoint)
    return read.origin, read.size, read.root


class Template:
    """A begun log of one engine, copied for every world. Use `template_sqlite` or `template_postgres`."""

    def __init__(self, home: Home, cluster: Cluster | None, database: Database | None) -> None:
        self.home = home
        self._cluster = cluster
        self._database = database

    @contextmanager
    def world(self, folder: Path, *, seed: int = 1) -> Iterator[World]:
        """A world of its own in an empty folder; its ledger is closed at the end."""
        if self._cluster is None:
            with _opened(self._copy_files(folder, url=f"sqlite:///{folder / 'world' / 'ledger.db'}"), seed) as world:
                yield world
            return
        with self._cluster.fresh_database(copy_of=self._database) as copy:
            home = self._copy_files(folder, url=copy.app_url, owner_url=copy.owner_url)
            with _opened(home, seed) as world:
                yield world

    def _copy_files(self, folder: Path, *, url: str, owner_url: str = "") -> Home:
        shutil.copytree(self.home.folder, folder / "world")
        return Home(url=url, folder=folder / "world", owner_url=owner_url or url, app_role=self.home.app_role)


@contextmanager
def _opened(home: Home, seed: int) -> Iterator[World]:
    world = World(home, seed=seed)
    try:
        yield world
    finally:
        world.close()


def template_sqlite(folder: Path) -> Template:
    """Begin a log in an SQLite file below a folder."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    home = Home(url=url, folder=folder, owner_url=url, app_role="")
    begin_home(home)
    return Template(home, None, None)


@contextmanager
def template_postgres(folder: Path, cluster: Cluster) -> Iterator[Template]:
    """Begin a log in a database of a cluster; dropped at the end."""
    with cluster.fresh_database() as database:
        home = Home(url=database.app_url, folder=folder, owner_url=database.owner_url, app_role=database.app_role)
        begin_home(home)
        yield Template(home, cluster, database)


def refused_code(world: World, envelope: bytes) -> str | None:
    """The code with which a ledger refuses an envelope, or None where it takes it."""
    try:
        world.submit(envelope)
    except LedgerError as refused:
        return refused.code
    return None
