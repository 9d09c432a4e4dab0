"""Asks witnesses to cosign a checkpoint (c2sp.org/tlog-witness): all at once, each in a thread with a deadline.

A witness that lags or was unreachable says which size it holds, and gets the consistency proof from there. What it
answers is verified before it is passed on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from ledger.errors import LedgerError
from ledger.log._text import parse_decimal
from ledger.log.checkpoint import VerifierKey, merge_signatures, open_checkpoint, parse_checkpoint, parse_note
from ledger.log.note import format_signature_line, parse_signature_lines
from ledger.log.policy import Policy
from ledger.log.witness import SIZE_TYPE, format_add_checkpoint

ANSWER_BYTES_MAX: Final = 64 * 1024
ATTEMPTS_MAX: Final = 3
"""First try, the try from the size it named, and one more in case another client was faster in between."""

ConsistencyReader = Callable[[int, int], list[bytes]]
"""Gives `merkle.consistency_path` from an old to a new size; it is called from several threads."""


@dataclass(frozen=True, slots=True)
class WitnessTarget:
    """A witness: the prefix of its `add-checkpoint` address, and its key."""

    url: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Collected:
    """Verified cosignature lines, in the order of the targets, and why the others gave none: key name to reason.

    Reasons: `unreachable`, `answer-too-large`, `answer-invalid`, `ahead` (it holds a longer log than ours: find out why
    before anything more is signed), `conflict`, `refused-<HTTP status>`.
    """

    lines: tuple[bytes, ...]
    failures: Mapping[str, str]


class _NoCosignatureError(Exception):
    """A witness gave no cosignature; the first argument is the reason."""


def targets_of(policy: Policy) -> tuple[WitnessTarget, ...]:
    """The witnesses of a policy that have an address."""
    return tuple(WitnessTarget(witness.url, witness.key) for witness in policy.witnesses if witness.url is not None)


class WitnessClient:
    """Keeps connections to some witnesses and the size that each holds. One thread at a time may call `collect`."""

    def __init__(
        self, targets: Iterable[WitnessTarget], *, consistency: ConsistencyReader, wait_seconds_max: float = 5.0
    ) -> None:
        """Connect lazily.

        targets           whom to ask
        consistency       reads proofs of this log
        wait_seconds_max  longest time for one attempt at one witness
        """
        self._targets = tuple(targets)
        self._consistency = consistency
        self._wait_seconds_max = wait_seconds_max
        self._sizes: dict[VerifierKey, int] = {}
        # No compression: a small answer could otherwise become a large one before it is measured.
        self._http = httpx.Client(
            timeout=wait_seconds_max, follow_redirects=False, headers={"Accept-Encoding": "identity"}
        )
        self._threads = ThreadPoolExecutor(max(1, len(self._targets)), thread_name_prefix="witness")

    def close(self) -> None:
        """Close connections and threads."""
        self._threads.shutdown()
        self._http.close()

    def collect(self, checkpoint: bytes) -> Collected:
        """Ask every witness to cosign.

        checkpoint  signed checkpoint, whole, not smaller than the one asked about before
        returns     what they gave; no witness can make this fail
        raises      MalformedCheckpoint for the checkpoint; what `consistency` raises
        """
        size = parse_checkpoint(parse_note(checkpoint).text).size
        answers = [self._threads.submit(self._cosignatures, target, checkpoint, size) for target in self._targets]
        lines: list[bytes] = []
        failures: dict[str, str] = {}
        for target, answer in zip(self._targets, answers, strict=True):
            try:
                lines += answer.result()
            except _NoCosignatureError as error:
                failures[target.key.name] = str(error)
        return Collected(tuple(lines), failures)

    def _cosignatures(self, target: WitnessTarget, checkpoint: bytes, size: int) -> list[bytes]:
        """The verified lines of one witness, after at most three attempts; raises _NoCosignatureError."""
        for _ in range(ATTEMPTS_MAX):
            old_size = self._sizes.get(target.key, 0)
            if old_size > size:
                del self._sizes[target.key]
                raise _NoCosignatureError("ahead")
            path = self._consistency(old_size, size) if 0 < old_size < size else []
            status, media_type, answer = self._post(
                target, format_add_checkpoint(old_size=old_size, path=path, checkpoint=checkpoint)
            )
            if status == HTTPStatus.OK:
                lines = _verified_lines(answer, checkpoint, target.key)
                self._sizes[target.key] = size
                return lines
            if status != HTTPStatus.CONFLICT or media_type != SIZE_TYPE:
                raise _NoCosignatureError(f"refused-{status}")
            self._sizes[target.key] = _parse_size(answer)
        raise _NoCosignatureError("conflict")

    def _post(self, target: WitnessTarget, body: bytes) -> tuple[int, str, bytes]:
        """Status, media type and capped body of one request; raises _NoCosignatureError."""
        answer = bytearray()
        deadline = time.monotonic() + self._wait_seconds_max
        try:
            with self._http.stream("POST", target.url.rstrip("/") + "/add-checkpoint", content=body) as response:
                for chunk in response.iter_raw():
                    answer += chunk
                    if len(answer) > ANSWER_BYTES_MAX:
                        raise _NoCosignatureError("answer-too-large")
                    # The library bounds each read; a witness that drips would hold up the others' result for ever.
                    if time.monotonic() > deadline:
                        raise _NoCosignatureError("unreachable")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _NoCosignatureError("unreachable") from error
        return response.status_code, response.headers.get("content-type", ""), bytes(answer)


def _verified_lines(answer: bytes, checkpoint: bytes, key: VerifierKey) -> list[bytes]:
    """The lines of this key, after verifying them; lines of other keys are left out. Raises _NoCosignatureError."""
    try:
        lines = [
            format_signature_line(line)
            for line in parse_signature_lines(answer)
            if (line.name, line.key_id) == (key.name, key.key_id)
        ]
        times = open_checkpoint(merge_signatures(checkpoint, lines), keys=[key]).signatures
    except LedgerError as error:
        raise _NoCosignatureError("answer-invalid") from error
    if not times.get(key):
        raise _NoCosignatureError("answer-invalid")
    return lines[-1:]


def _parse_size(answer: bytes) -> int:
    """The size in a 409 answer, a decimal and a newline; raises _NoCosignatureError."""
    try:
        if not answer.endswith(b"\n"):
            raise _NoCosignatureError("answer-invalid")
        return parse_decimal(answer[:-1].decode("utf-8", "replace"))
    except LedgerError as error:
        raise _NoCosignatureError("answer-invalid") from error
