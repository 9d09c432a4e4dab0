"""Evidence packs: what a stranger needs to check one record with other people's tools, offline (DESIGN §14).

Every proof in a pack is by the log, every statement by the service's registered key; the pack itself is not signed and
need not be trusted. `api.client.verify` reads what is written here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.client.pack import REGISTRY
from api.documents import controlled_identifier, key_set
from api.packreadme import format_readme
from api.statuslists import StatusLists
from api.tokens import sign_jwt
from keys.ids import format_kid
from keys.keyring import Key, Keyring
from ledger import limits
from ledger.deciding import institution_stream
from ledger.errors import IssuerUnknown, MalformedCheckpoint
from ledger.log.checkpoint import open_checkpoint, parse_checkpoint
from ledger.log.merkle import consistency_path
from ledger.log.note import format_vkey, parse_note
from ledger.log.policy import NO_QUORUM, Policy, PolicyLog, format_policy
from ledger.log.receipt import check_log_signed
from ledger.log.witness import format_add_checkpoint
from ledger.logged import LoggedRecord
from ledger.records import REGISTRY_KINDS, parse_record
from ledger.records._base import Record
from ledger.registry import Institution, Registry
from ledger.service import Ledger
from ledger.wire.envelope import parse_envelope

REGISTRY_TYP: Final = "vnd.skill-ledger.registry+jwt"
_JSON: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_ZIP_DATE: Final = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Subject:
    """The record a pack is about, and who issued it."""

    logged: LoggedRecord
    full: bytes
    record: Record
    issuer: Institution
    registry: Registry


def build_pack(ledger: Ledger, record_id: str, *, old_checkpoint: bytes | None = None) -> dict[str, bytes]:
    """The files of one record's evidence pack, by name (`registry/…` in a folder).

    Source: DESIGN §14, Evidence pack; formats as `api.client.pack` and `api.client.verify` read them.

    record_id       64 lowercase hex digits, of a record in the log
    old_checkpoint  one that the asker already holds: `consistency.txt` then proves that the log only grew since
    raises          NotFound, Erased, IssuerUnknown, ServiceKeyMissing, MalformedCheckpoint, BadSignature
    """
    subject = _subject(ledger, record_id)
    files = _record_files(ledger, subject)
    files |= _anchor_files(ledger)
    files |= _issuer_files(ledger, subject)
    files |= _registry_files(ledger, subject)
    files["registry.jwt"] = _registry_statement(ledger, subject)
    files |= _status_files(ledger, subject)
    files["consistency.txt"] = _consistency(ledger, files["checkpoint"], old_checkpoint)
    header = subject.logged.header
    files["README.txt"] = format_readme(
        record_id=record_id, index=subject.logged.index, origin=ledger.origin, kid=header["kid"], alg=header["alg"]
    ).encode()
    return files


def zip_pack(files: dict[str, bytes]) -> bytes:
    """A pack as a ZIP archive: the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), files[name], zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _subject(ledger: Ledger, record_id: str) -> _Subject:
    logged = ledger.record(record_id)
    full = ledger.envelope(logged)
    registry = ledger.registry()
    record = parse_record(parse_envelope(full))
    issuer = registry.issuer(record.issuer)
    if issuer is None:
        raise IssuerUnknown("the record's issuer is not registered; there is nothing to prove its key with")
    return _Subject(logged, full, record, issuer, registry)


def _record_files(ledger: Ledger, subject: _Subject) -> dict[str, bytes]:
    logged = subject.logged
    return {
        "record.sdjwt": subject.full,
        "record.erased.sdjwt": logged.leaf + b"~",
        "entry.bin": logged.leaf,
        "record.tlog-proof": ledger.receipt(logged.record_id).proof,
    }


def _anchor_files(ledger: Ledger) -> dict[str, bytes]:
    """Log keys, witness keys and policy as this server knows them; a verifier who has others goes by those."""
    policy = ledger.policy or Policy(tuple(PolicyLog(key) for key in ledger.log_vkeys), (), (), NO_QUORUM)
    files = {
        "checkpoint": ledger.checkpoint(),
        "log.vkey": "".join(format_vkey(key) + "\n" for key in ledger.log_vkeys).encode(),
        "policy": format_policy(policy),
    }
    for number, witness in enumerate(policy.witnesses, start=1):
        files[f"witness-{number}.vkey"] = (format_vkey(witness.key) + "\n").encode()
    return files


def _issuer_files(ledger: Ledger, subject: _Subject) -> dict[str, bytes]:
    keys = subject.registry.keyring.of_issuer(subject.record.issuer)
    kid = subject.logged.header["kid"]
    document = controlled_identifier(subject.record.issuer, keys, also=kid)
    service = ledger.options.service_issuer
    files = {"issuer.cid.json": _json(document), "issuer.jwks.json": _json(key_set(keys, also=kid))}
    if subject.record.STATUS:
        service_keys = subject.registry.keyring.of_issuer(service)
        files["status-issuer.cid.json"] = _json(controlled_identifier(service, service_keys))
    return files


def _registry_files(ledger: Ledger, subject: _Subject) -> dict[str, bytes]:
    """Every registry record that the record's worth rests on, each with its proof: record 0 comes first."""
    files: dict[str, bytes] = {}
    for logged in _chain(ledger, subject):
        name = f"{REGISTRY}/{logged.index:08}-{logged.kind.partition('/')[0]}"
        files[f"{name}.sdjwt"] = ledger.envelope(logged)
        files[f"{name}.tlog-proof"] = ledger.receipt(logged.record_id).proof
    return files


def _chain(ledger: Ledger, subject: _Subject) -> list[LoggedRecord]:
    """Registry records about the issuer and the authority, and about whoever signed one of these, down to record 0.

    A delegate who registered the issuer must itself be shown to be registered, to have its key, and the delegation; and
    who succeeded one of them, to be registered.
    """
    registry = subject.registry
    found: dict[int, LoggedRecord] = {}
    waiting, asked = [registry.authority, subject.record.issuer], set[str]()
    while waiting:
        issuer = waiting.pop()
        body = registry.issuer(issuer)
        if body is None or issuer in asked:
            continue
        asked.add(issuer)
        about = [one for one in ledger.stream(institution_stream(body.uscc)) if one.kind in REGISTRY_KINDS]
        found |= {one.index: one for one in about}
        waiting += [one.issuer for one in about]
        if body.successor is not None:
            waiting.append(registry.institutions[body.successor].issuer)
    return [found[index] for index in sorted(_wanted(found, subject.logged.index))]


def _wanted(found: Mapping[int, LoggedRecord], subject_index: int) -> set[int]:
    """Indices without confirmations of records that are not in the pack: there may be one for each of thousands."""
    confirmed = {index: one.payload["target"]["index"] for index, one in found.items() if "target" in one.payload}
    wanted = found.keys() - confirmed.keys()
    more = set(wanted)
    while more:
        more = {index for index, target in confirmed.items() if target in {subject_index, *wanted}} - wanted
        wanted |= more
    return wanted


def _registry_statement(ledger: Ledger, subject: _Subject) -> bytes:
    """The service's dated word on the issuer's keys, standing and scopes at the newest checkpoint."""
    lists = StatusLists(ledger=ledger, clock=ledger.clock, seconds=limits.SNAPSHOT_AGE_HOURS_MAX * 3600)
    registry, uscc = subject.registry, subject.issuer.uscc
    now = ledger.clock.now_seconds()
    claims = {
        "iss": lists.issuer,
        "iat": now,
        "exp": now + limits.SNAPSHOT_AGE_HOURS_MAX * 3600,
        "issuer": subject.record.issuer,
        "institution": {"uscc": uscc, "name": subject.issuer.name, "standings": list(subject.issuer.standings)},
        "keys": [_key_claims(key, registry.keyring) for key in registry.keyring.of_issuer(subject.record.issuer)],
        "accreditations": [
            {"id": one.uid, "granted_at_index": one.granted_at, "ended_at_index": one.ended_at}
            for one in registry.accreditations.get(uscc, ())
        ],
        "log": {"origin": ledger.origin, "size": parse_checkpoint(parse_note(ledger.checkpoint()).text).size},
    }
    kid = format_kid(issuer=lists.issuer, jwk=lists.signer.jwk)
    return sign_jwt(lists.signer, claims, typ=REGISTRY_TYP, kid=kid).encode()


def _key_claims(key: Key, keyring: Keyring) -> dict[str, Any]:
    confirmed = [index for kid, index in keyring.confirmations if kid == key.kid]
    return {
        "kid": key.kid,
        "registered_at_index": key.registered_at,
        "revoked_at_index": key.revoked_at,
        "suspect_since_index": key.suspect_since,
        "confirmed_indices": sorted(
            index for index in confirmed if keyring.standing_of(key.kid, index=index) == "pass"
        ),
    }


def _status_files(ledger: Ledger, subject: _Subject) -> dict[str, bytes]:
    place = subject.record.status_place()
    if not subject.record.STATUS or place is None:
        return {}
    lists = StatusLists(ledger=ledger, clock=ledger.clock, seconds=limits.SNAPSHOT_AGE_HOURS_MAX * 3600)
    number, uscc = place.list_number, subject.issuer.uscc
    return {
        "status-list.jwt": lists.signed(uscc=uscc, number=number, purpose="revocation").jwt,
        "status-list-suspension.jwt": lists.signed(uscc=uscc, number=number, purpose="suspension").jwt,
    }


def _consistency(ledger: Ledger, checkpoint: bytes, old: bytes | None) -> bytes:
    """`old N`, the proof's hashes, a blank line, the checkpoint (as in C2SP tlog-witness); N is 0 without an old one.

    raises  MalformedCheckpoint for an old checkpoint of another log or larger than ours, BadSignature
    """
    if old is None:
        return format_add_checkpoint(old_size=0, path=[], checkpoint=checkpoint)
    opened = open_checkpoint(old, keys=ledger.log_vkeys)
    check_log_signed(opened.checkpoint, opened.signatures, ledger.log_vkeys)
    old_size, size = opened.checkpoint.size, parse_checkpoint(parse_note(checkpoint).text).size
    if old_size > size:
        raise MalformedCheckpoint("the old checkpoint is larger than the newest published one; ask again in a second")
    path = [] if old_size in (0, size) else consistency_path(old_size=old_size, new_size=size, nodes=ledger.nodes(size))
    return format_add_checkpoint(old_size=old_size, path=path, checkpoint=checkpoint)


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=_JSON)
