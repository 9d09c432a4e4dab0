"""Whom a verifier trusts: logs, witnesses and the quorum of witnesses that must have signed (c2sp.org/tlog-policy)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.errors import MalformedCheckpoint, QuorumMissing
from ledger.log._text import parse_decimal
from ledger.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    VerifierKey,
    format_vkey,
    parse_vkey,
)

NO_QUORUM: Final = "none"
"""The predefined quorum that demands no cosignature."""

POLICY_BYTES_MAX: Final = 1024 * 1024
MEMBERS_MAX: Final = 256
"""Logs, witnesses and groups, each; the standard recommends at least 32."""

_LOG_KINDS: Final = (ED25519, COSIGNATURE_MLDSA44)
_WITNESS_KINDS: Final = (COSIGNATURE_ED25519, COSIGNATURE_MLDSA44)


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """An accepted log: its key (named like its origin) and, if given, a URL."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A known witness: its name within the policy, its key and, if given, its submission URL."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """At least `threshold` of the members (witnesses or earlier groups) must have signed."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy. Groups stand in the order of the file, which is an order of evaluation."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str

    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all accepted logs."""
        return tuple(log.key for log in self.logs)

    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all known witnesses, also of those that the quorum does not name."""
        return tuple(witness.key for witness in self.witnesses)

    def check_quorum(self, signatures: Mapping[VerifierKey, int]) -> None:
        """Accept if the cosignatures reach the quorum.

        signatures  verified keys with POSIX seconds; time 0 is no witness's statement and does not count
        raises      QuorumMissing
        """
        times = self._times(signatures)
        if not self._is_reached(times):
            raise QuorumMissing(f"{len(times)} of {len(self.witnesses)} witnesses signed: quorum not reached")

    def cosigned_by(self, signatures: Mapping[VerifierKey, int]) -> int | None:
        """The earliest POSIX second by which a quorum had signed: what the checkpoint holds was logged by then.

        None without a quorum, and where the policy demands none.
        """
        times = self._times(signatures)
        earliest_first = sorted(set(times.values()))
        return self._first_reached(earliest_first, lambda bound: [n for n, at in times.items() if at <= bound])

    def fresh_at(self, signatures: Mapping[VerifierKey, int]) -> int | None:
        """The latest POSIX second for which a quorum says that it knew no longer log: from here a view ages.

        None without a quorum, and where the policy demands none.
        """
        times = self._times(signatures)
        latest_first = sorted(set(times.values()), reverse=True)
        return self._first_reached(latest_first, lambda bound: [n for n, at in times.items() if at >= bound])

    def _times(self, signatures: Mapping[VerifierKey, int]) -> dict[str, int]:
        return {known.name: signatures[known.key] for known in self.witnesses if signatures.get(known.key, 0) > 0}

    def _first_reached(self, bounds: list[int], signed_within: Callable[[int], list[str]]) -> int | None:
        if self.quorum == NO_QUORUM:
            return None
        return next((bound for bound in bounds if self._is_reached(signed_within(bound))), None)

    def _is_reached(self, signed: Iterable[str]) -> bool:
        reached = {NO_QUORUM, *signed}
        for group in self.groups:
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(group.name)
        return self.quorum in reached


def format_policy(policy: Policy) -> bytes:
    """The policy as a file: logs, witnesses, groups, quorum; one space between items, no comments."""
    lines = [["log", format_vkey(log.key), log.url] for log in policy.logs]
    lines += [["witness", witness.name, format_vkey(witness.key), witness.url] for witness in policy.witnesses]
    lines += [["group", group.name, _format_threshold(group), *group.members] for group in policy.groups]
    lines.append(["quorum", policy.quorum])
    text = "".join(" ".join(item for item in line if item is not None) + "\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def _format_threshold(group: PolicyGroup) -> str:
    if group.threshold == len(group.members):
        return "all"
    return "any" if group.threshold == 1 else str(group.threshold)


def parse_policy(data: bytes) -> Policy:
    """Read a policy file.

    data    at most 1 MiB of lines, each ended by a newline; names are opaque octets
    raises  MalformedCheckpoint, naming the line; BadKey
    """
    if len(data) > POLICY_BYTES_MAX or (data and not data.endswith(b"\n")):
        raise MalformedCheckpoint(f"policy: at most {POLICY_BYTES_MAX} bytes, and the last line ends in a newline")
    if any((octet < 0x20 and octet not in b"\t\n") or octet == 0x7F for octet in data):
        raise MalformedCheckpoint("policy: a control character other than tab and newline")
    reader = _PolicyReader()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), start=1):
        items = [item for item in line.replace("\t", " ").split(" ") if item]
        if items and not items[0].startswith("#"):
            try:
                reader.read(items)
            except MalformedCheckpoint as error:
                raise MalformedCheckpoint(f"policy line {number}: {error}") from error
    return reader.policy()


class _PolicyReader:
    """Takes up a policy line by line; every name must be defined before it is used."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[PolicyGroup] = []
        self.quorum: str | None = None
        self.names: set[str] = set()
        self.grouped: set[str] = set()

    def policy(self) -> Policy:
        if self.quorum is None:
            raise MalformedCheckpoint("policy: expected exactly one quorum line")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MEMBERS_MAX:
            raise MalformedCheckpoint(f"policy: at most {MEMBERS_MAX} logs, witnesses and groups each")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def read(self, items: list[str]) -> None:
        match items:
            case ["log", vkey, *url] if len(url) <= 1:
                key = self._key(vkey, _LOG_KINDS, [log.key for log in self.logs])
                self.logs.append(PolicyLog(key, *url))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                key = self._key(vkey, _WITNESS_KINDS, [witness.key for witness in self.witnesses])
                self._define(name)
                self.witnesses.append(PolicyWitness(name, key, *url))
            case ["group", name, threshold, *members] if members:
                self._read_group(name, threshold, members)
            case ["quorum", name]:
                if self.quorum is not None or name not in self.names | {NO_QUORUM}:
                    raise MalformedCheckpoint("expected one quorum line that names a witness or group defined above it")
                self.quorum = name
            case _:
                raise MalformedCheckpoint("expected log, witness, group or quorum with their items")

    def _key(self, vkey: str, kinds: tuple[int, ...], held: list[VerifierKey]) -> VerifierKey:
        key = parse_vkey(vkey)
        if key.kind not in kinds:
            raise MalformedCheckpoint(f"key of type {key.kind:#04x}: not for this line")
        if any(other.public == key.public for other in held):
            raise MalformedCheckpoint("the same public key stands in another line")
        return key

    def _define(self, name: str) -> None:
        if name in self.names or name == NO_QUORUM:
            raise MalformedCheckpoint("the name is defined already")
        self.names.add(name)

    def _read_group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self.names or member in self.grouped:
                raise MalformedCheckpoint("a member must be defined above and belong to one group, once")
            self.grouped.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold) or parse_decimal(threshold, largest=len(members))
        if count < 1:
            raise MalformedCheckpoint("a threshold is at least 1")
        self._define(name)
        self.groups.append(PolicyGroup(name, count, tuple(members)))
