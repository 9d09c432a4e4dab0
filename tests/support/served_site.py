"""One real ledger behind one real server: SQLite, three witnesses in this process, an authority, two institutions."""

from __future__ import annotations

import itertools
import json
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.settings import Settings
from keys.algorithms import algorithm
from keys.custody import Signer, create_key_file, open_signer, passphrase_for, signer_from_private
from keys.possession import prove_possession
from ledger.clock import FixedClock, civil_date
from ledger.log.checkpoint import cosign, cosigner_key, log_key
from ledger.log.note import parse_note
from ledger.log.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness
from ledger.opening import Authority, begin_log, open_ledger, places_of
from ledger.records import build_record, kind_class
from ledger.service import Ledger
from ledger.wire.envelope import Envelope
from projections import VIEWS, ddl
from projections._runner import Runner

ORIGIN = "ledger.example.cn/skills"
NOW = 1_795_224_600
"""2026-11-21T01:30:00Z."""

AUTHORITY = Authority(
    uscc="11320000MB0000000D", name="示例省人力资源和社会保障厅", issuer="https://ledger.example.cn/issuers/authority"
)
INSTITUTIONS = {
    "52320102MJ000000XG": "https://osta.example.cn/issuers/3201",
    "52320102MJ0000018G": "https://college.example.cn/issuers/12",
}


def fresh_signer() -> Signer:
    """A fresh Ed25519 signer in memory."""
    return signer_from_private("Ed25519", algorithm("Ed25519").generate())


class LocalWitnesses:
    """Three witnesses in this process. `awake` says how many answer."""

    def __init__(self, clock: FixedClock) -> None:
        self.signers = {name: fresh_signer() for name in ("w1", "w2", "w3")}
        self.clock = clock
        self.awake = 3

    def cosign(self, note: bytes, *, size: int, consistency: Callable[[int], Sequence[bytes]]) -> list[bytes]:  # noqa: ARG002
        """One line from each witness that is awake."""
        text = parse_note(note).text
        chosen = itertools.islice(self.signers.items(), self.awake)
        return [cosign(text, name, signer, timestamp=self.clock.now_seconds()) for name, signer in chosen]

    def policy(self, log_signers: Sequence[Signer]) -> Policy:
        """Two of the three."""
        logs = tuple(PolicyLog(log_key(ORIGIN, signer)) for signer in log_signers)
        witnesses = tuple(PolicyWitness(name, cosigner_key(name, signer)) for name, signer in self.signers.items())
        return Policy(logs, witnesses, (PolicyGroup("two", 2, ("w1", "w2", "w3")),), "two")


class Site:
    """A served ledger with what tests need to fill it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'ledger.db'}"
        self.clock = FixedClock(NOW)
        self.authority_signer = fresh_signer()
        self.signers = {uscc: fresh_signer() for uscc in INSTITUTIONS}
        self.witnesses = LocalWitnesses(self.clock)
        self.demo_file = folder / "demo.json"
        self.numbers = itertools.count(1)
        self.ledger = self._open()
        self.runner = Runner(self.ledger, self.ledger.views(), VIEWS)
        self._register()
        self.workers: dict[str, dict[str, str]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        chosen: dict[str, Any] = {"demo": True, "demo_file": self.demo_file, "public_url": self.address}
        chosen |= {"rate_sign_in": "100000/minute", "rate_verify_by_number": "100000/minute", **settings}
        self.settings = Settings(**chosen)
        self.app = create_app(self.ledger, self.settings)
        self.write_demo_file()
        self.server = uvicorn.Server(uvicorn.Config(self.app, log_config=None, http="httptools", loop="uvloop"))
        self._thread = threading.Thread(target=self.server.run, args=([self._socket],), name="server")
        self._thread.start()
        self.http = httpx.Client(base_url=self.address, timeout=60)

    def _open(self) -> Ledger:
        places = places_of(self.url, {})
        places.log_key.parent.mkdir()
        for path, alg in (
            (places.log_key, "Ed25519"),
            (places.later_key, "ML-DSA-44"),
            (places.service_key, "Ed25519"),
        ):
            # The passphrase is random: the lowest cost of scrypt is as good as the highest, and saves seconds.
            create_key_file(path, alg=alg, passphrase=passphrase_for(path, {}, create=True), scrypt_n=2**14)
        begin_log(
            self.url,
            authority_signer=self.authority_signer,
            authority=AUTHORITY,
            origin=ORIGIN,
            service_role="service",
            view_tables=ddl(),
            environ={},
            clock=self.clock,
        )
        keys = [open_signer(path, passphrase=passphrase_for(path, {})) for path in (places.log_key, places.later_key)]
        policy = self.witnesses.policy(keys)
        return open_ledger(self.url, environ={}, policy=policy, cosigner=self.witnesses, clock=self.clock)

    def _register(self) -> None:
        for uscc, issuer in INSTITUTIONS.items():
            body = {"uscc": uscc, "institution_issuer": issuer, "name": f"示例机构{uscc[-4:]}"}
            body |= {"type": "evaluation-body", "region": "320102"}
            self.by_authority("institution-registered", body)
            self.by_authority("key-registered", self.key_claims(self.signers[uscc], issuer))
            self.by_authority(
                "accreditation-granted",
                {
                    "uscc": uscc,
                    "kinds": ["skill-certificate", "training-completion"],
                    "occupations": ["6-31", "6-18-01-01"],
                    "levels": [2, 3, 4, 5, 6],
                    "regions": ["32"],
                    "period_from": "2020-01-01",
                    "period_until": "2035-12-31",
                    "document": "示例人社函〔2020〕1号",
                },
            )
        self.settle()

    def key_claims(self, signer: Signer, issuer: str) -> dict[str, Any]:
        """Claims that register a key."""
        nonce = secrets.token_urlsafe(16)
        proof = prove_possession(signer, origin=ORIGIN, issuer=issuer, nonce=nonce)
        claims = {"key_issuer": issuer, "jwk": dict(signer.jwk), "use": "records", "nonce": nonce}
        return {**claims, "possession": proof, "log": ORIGIN}

    def by_authority(self, kind: str, claims: dict[str, Any], **disclosed: Any) -> str:
        """A record of the authority, logged; gives its record id."""
        return self.ledger.submit(self.authority_envelope(kind, claims, **disclosed).to_bytes()).record_id

    def authority_envelope(self, kind: str, claims: dict[str, Any], **disclosed: Any) -> Envelope:
        """A record of the authority that nobody submitted yet."""
        return build_record(
            kind,
            claims,
            disclosed,
            issuer=AUTHORITY.issuer,
            signer=self.authority_signer,
            clock_seconds=self.clock.now_seconds(),
            base_url=self.ledger.base_url,
        )

    def certificate(self, *, uscc: str = "52320102MJ000000XG", **changes: Any) -> Envelope:
        """A valid certificate that nobody submitted yet; `changes` replace claims or disclosed values by name."""
        example = kind_class("skill-certificate").EXAMPLE
        number = next(self.numbers)
        today = civil_date(self.clock.now_seconds())
        claims = {**example["claims"], "issued_on": today.isoformat(), "institution_uscc": uscc}
        claims["institution_name"] = f"示例机构{uscc[-4:]}"
        disclosed = {**example["disclosed"], "certificate_number": f"S000032010001{today:%y}3{number:06}"}
        for name, value in changes.items():
            (disclosed if name in disclosed else claims)[name] = value
        return build_record(
            "skill-certificate",
            claims,
            disclosed,
            issuer=INSTITUTIONS[uscc],
            signer=self.signers[uscc],
            clock_seconds=self.clock.now_seconds(),
            base_url=self.ledger.base_url,
        )

    def act(self, target: str, action: str, *, uscc: str = "52320102MJ000000XG") -> bytes:
        """A revocation, suspension or reinstatement of a record."""
        example = kind_class("revocation").EXAMPLE
        today = civil_date(self.clock.now_seconds()).isoformat()
        claims = {**example["claims"], "target_record": target, "action": action}
        claims |= {name: today for name in ("happened_on", "effective_on") if name in claims}
        return build_record(
            "revocation",
            claims,
            dict(example["disclosed"]),
            issuer=INSTITUTIONS[uscc],
            signer=self.signers[uscc],
            clock_seconds=self.clock.now_seconds(),
            base_url=self.ledger.base_url,
        ).to_bytes()

    def settle(self) -> None:
        """Publishes a cosigned checkpoint and brings the views to the head."""
        self.ledger.publish()
        self.runner.catch_up()

    def submit(self, envelope: Envelope) -> Any:
        """Logs an envelope; views and checkpoint follow."""
        receipt = self.ledger.submit(envelope.to_bytes())
        self.settle()
        return receipt

    def add_worker(self, login: str, *, number: str, name: str) -> str:
        """A login of the demonstration for whoever has this number; gives the subject."""
        subject = self.ledger.find_subject(number)
        assert subject is not None
        self.workers[login] = {"login": login, "name": name, "number": number, "subject": str(subject)}
        self.write_demo_file()
        return str(subject)

    def write_demo_file(self) -> None:
        """`demo.json` as `skill-ledger demo` writes it, as far as the server reads it."""
        self.demo_file.write_text(json.dumps({"workers": list(self.workers.values())}), encoding="utf-8")

    def token(self, login: str, role: str = "worker") -> dict[str, str]:
        """Headers that sign a login in."""
        answer = self.http.post("/demo/token", json={"login": login, "role": role})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def close(self) -> None:
        """Stops the server and gives the store back."""
        self.http.close()
        self.server.should_exit = True
        self._thread.join()
        self.app.state.services.pool.shutdown()
        self.ledger.close()
