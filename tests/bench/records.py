"""A real ledger for benches, and as many signed records of about 1 KB as one wants."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from keys.possession import prove_possession
from ledger.opening import Authority, begin_log, open_ledger
from ledger.records import KINDS, build_record
from ledger.service import Ledger
from projections import ddl
from tests.support.postgres import Cluster, running_postgres

ORIGIN = "bench.example.cn/skills"
BASE = "https://bench.example.cn"
USCC = "91320102MA0000007T"
ISSUER = f"{BASE}/issuers/{USCC}"
RECORDS_PER_PERSON = 10
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def document_number(number: int) -> str:
    """A well-formed synthetic number of a person born in 1900, different for each `number` below 26 million."""
    day, sequence = divmod(number, 999)
    region = 320101 + day // 336
    month, date = divmod(day % 336, 28)
    body = f"{region:06d}1900{month + 1:02d}{date + 1:02d}{sequence + 1:03d}"
    return body + "10X98765432"[sum(int(char) * weight for char, weight in zip(body, WEIGHTS, strict=True)) % 11]


@dataclass
class BenchLedger:
    """A ledger with one accredited institution."""

    ledger: Ledger
    signer: Signer
    cluster: Cluster | None
    url: str
    environ: dict[str, str]
    made: int = 0

    def envelopes(self, count: int) -> list[bytes]:
        """Fresh signed awards (about 3.3 KB, disclosures included); ten for each person, as in a working life."""
        first = self.made
        self.made += count
        now = int(time.time())
        claims = {
            **KINDS["award/1"].EXAMPLE["claims"],
            "institution_uscc": USCC,
            "decided_on": time.strftime("%Y-%m-%d", time.gmtime(now)),
        }
        return [
            build_record(
                "award",
                {
                    **claims,
                    "status": {"base": BASE, "uscc": USCC, "list": 1 + number // 100_000, "index": number % 100_000},
                },
                {"holder_name": "测试", "document_number": document_number(number // RECORDS_PER_PERSON)},
                issuer=ISSUER,
                signer=self.signer,
                clock_seconds=now,
                base_url=BASE,
            ).to_bytes()
            for number in range(first, first + count)
        ]

    def suspensions(self, targets: Sequence[str]) -> list[bytes]:
        """Signed records of just under 1 KB: one for each target, which the ledger holds."""
        return [
            build_record(
                "revocation",
                {"target_record": target, "action": "suspend", "reason": "under-review"},
                {"note": "复核中"},
                issuer=ISSUER,
                signer=self.signer,
                clock_seconds=int(time.time()),
                base_url=BASE,
            ).to_bytes()
            for target in targets
        ]


@contextmanager
def bench_ledger(engine: str) -> Iterator[BenchLedger]:
    """A fresh ledger on `sqlite` or `postgresql`, with real keys, mark and secrets."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = None
        owner = url = f"sqlite:///{folder}/ledger.db"
        role = ""
        if engine == "postgresql":
            cluster = stack.enter_context(running_postgres())
            database = stack.enter_context(cluster.fresh_database())
            owner, url, role = database.owner_url, database.app_url, database.app_role
        environ = {
            "SKILL_LEDGER_KEK_FILE": str(folder / "kek.json"),
            "SKILL_LEDGER_PSEUDONYM_KEY_FILE": str(folder / "pseudonym.json"),
            "SKILL_LEDGER_LOG_KEY_FILE": str(folder / "log.key"),
            "SKILL_LEDGER_MARK_FILE": str(folder / "mark"),
        }
        implementation = algorithm("Ed25519")
        authority = signer_from_private("Ed25519", implementation.generate())
        body = Authority("113200000140000016", "示例省厅", f"{BASE}/issuers/113200000140000016")
        begin_log(
            owner,
            authority_signer=authority,
            authority=body,
            origin=ORIGIN,
            service_role=role,
            view_tables=ddl(),
            environ=environ,
        )
        ledger = open_ledger(url, environ=environ)
        stack.callback(ledger.close)
        signer = signer_from_private("Ed25519", implementation.generate())
        for kind, claims in _registration(signer):
            ledger.submit(
                build_record(
                    kind,
                    claims,
                    {},
                    issuer=body.issuer,
                    signer=authority,
                    clock_seconds=int(time.time()),
                    base_url=BASE,
                ).to_bytes()
            )
        yield BenchLedger(ledger, signer, cluster, url, environ)


def _registration(signer: Signer) -> list[tuple[str, dict[str, Any]]]:
    nonce = secrets.token_urlsafe(16)
    proof = prove_possession(signer, origin=ORIGIN, issuer=ISSUER, nonce=nonce)
    return [
        (
            "institution-registered",
            {
                "uscc": USCC,
                "institution_issuer": ISSUER,
                "name": "测试竞赛组委会",
                "type": "contest-organiser",
                "region": "320100",
            },
        ),
        (
            "key-registered",
            {
                "key_issuer": ISSUER,
                "jwk": signer.jwk,
                "use": "records",
                "nonce": nonce,
                "possession": proof,
                "log": ORIGIN,
            },
        ),
        (
            "accreditation-granted",
            {
                "uscc": USCC,
                "kinds": ["award"],
                "occupations": ["*"],
                "levels": [1, 2, 3, 4, 5, 6, 7, 8],
                "regions": ["*"],
                "period_from": "2020-01-01",
                "document": "测试〔2020〕1号",
            },
        ),
    ]
