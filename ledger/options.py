"""How a ledger runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keys.custody import Signer
from ledger.acceptance import ACCEPTED_ALGORITHMS
from ledger.clock import Clock
from ledger.log.policy import Policy
from ledger.publisher import Cosigner


@dataclass(frozen=True)
class Options:
    """How a ledger runs. `cosigner` asks witnesses; without one, checkpoints carry the log's own signatures alone.

    erased_list  file beside the mark that names destroyed data keys
    erases       whether the store was opened with a role that may erase
    """

    base_url: str
    clock: Clock
    policy: Policy | None = None
    cosigner: Cosigner | None = None
    accepted_algorithms: frozenset[str] = ACCEPTED_ALGORITHMS
    service_signer: Signer | None = None
    service_issuer: str = ""
    erased_list: Path = Path("erased")
    erases: bool = False
