"""The registry as a pack proves it: logged records, replayed in the order of their proofs.

Every record must be in the log under the trusted keys, signed by a key that was registered before it, and of a kind its
signer may write. Record 0 carries the authority's root key; a pinned authority must be that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.client.errors import PackInvalid
from api.client.pack import LoggedFile
from api.client.trust import Trust
from keys.algorithms import algorithm
from keys.errors import Refused
from keys.ids import parse_kid
from keys.keyring import Key
from ledger.errors import QuorumMissing
from ledger.log.receipt import Inclusion, check_logged
from ledger.records import REGISTRY_KINDS, parse_record
from ledger.records._base import Record
from ledger.registry import Registry
from ledger.wire.envelope import Envelope, parse_envelope


@dataclass(frozen=True, slots=True)
class Proved:
    """A registry and whether every one of its records is under a checkpoint that a quorum of witnesses has signed."""

    registry: Registry
    cosigned: bool


@dataclass(frozen=True, slots=True)
class _Logged:
    index: int
    envelope: Envelope
    record: Record
    cosigned: bool


def replay(files: Iterable[LoggedFile], *, trust: Trust) -> Proved:
    """The registry that the pack's records build.

    A pack holds the records that matter for one issuer, not all of them: what is absent was not necessarily never said,
    which is why the service's fresh statement is needed beside it.

    raises  PackInvalid naming the file, when a record is not in the log, not signed by a key that may speak, or out of
            place; when record 0 is missing or is not the pinned authority's
    """
    logged = sorted((_open(file, trust) for file in files), key=lambda one: one.index)
    if not logged or logged[0].index != 0 or logged[0].record.KIND != "authority-root":
        raise PackInvalid("registry: expected record 0, the authority's root, found none")
    root = logged[0]
    if trust.authority_thumbprint not in {None, parse_kid(root.envelope.header.kid)[1]}:
        raise PackInvalid("registry: record 0 does not carry the pinned authority's key")
    registry = Registry()
    for one in logged:
        try:
            registry = _add(registry, one)
        except Refused as error:
            raise PackInvalid(f"registry: record at index {one.index}: {error}") from error
    if registry.origin != trust.origin:
        raise PackInvalid("registry: record 0 names another log than the trusted one")
    return Proved(registry, cosigned=all(one.cosigned for one in logged))


def is_cosigned(inclusion: Inclusion, trust: Trust) -> bool:
    """Whether the policy's quorum has signed the checkpoint of a proof."""
    try:
        trust.policy.check_quorum(inclusion.signatures)
    except QuorumMissing:
        return False
    return True


def _open(file: LoggedFile, trust: Trust) -> _Logged:
    """One record with its place in the log. Raises PackInvalid."""
    try:
        envelope = parse_envelope(file.envelope)
        inclusion = check_logged(file.proof, entry=envelope.leaf, log_vkeys=trust.log_vkeys, policy=trust.policy)
        return _Logged(inclusion.index, envelope, parse_record(envelope), is_cosigned(inclusion, trust))
    except Refused as error:
        raise PackInvalid(f"registry/{file.name}: {error}") from error


def _add(registry: Registry, one: _Logged) -> Registry:
    """The registry after one more record, whose signature and right to speak are checked first. Raises Refused."""
    header, record = one.envelope.header, one.record
    if record.kind not in REGISTRY_KINDS:
        raise PackInvalid(f"expected a registry record, found {record.kind}")
    applied = registry.apply(record, index=one.index)
    source = applied if one.index == 0 else registry
    key = source.keyring.find(header.kid)
    if key is None or key.alg != header.alg:
        raise PackInvalid("signed by a key that the records before it did not register")
    source.keyring.check_may_speak(header.kid, issuer=record.issuer, index=one.index)
    _check_may_sign(source, one, key)
    algorithm(key.alg).check_signature(
        public=key.public, message=one.envelope.signing_input, signature=one.envelope.signature
    )
    return applied


def _check_may_sign(registry: Registry, one: _Logged, key: Key) -> None:
    """Accept a record of a kind that its signer may write, by its own right or the authority's leave.

    raises  Refused
    """
    record = one.record
    registry.check_role(record, key, index=one.index)
    if registry.role(record.issuer, key) != "institution":
        return
    registry.check_standing(record.issuer, kind=record.KIND, index=one.index)
    by_own_right = "institution" in record.SIGNERS and record.PLACE == "institution"
    own = registry.uscc_by_issuer[record.issuer]
    if by_own_right and (
        record.about(registry.uscc_by_issuer) != own or _speaks_of(record) not in (None, record.issuer)
    ):
        raise PackInvalid("an institution speaks of itself and its own keys only")


def _speaks_of(record: Record) -> str | None:
    """The issuer whose key a registry record changes; None where it changes something else."""
    kid = record.field("kid")
    return None if kid is None else parse_kid(kid)[0]
