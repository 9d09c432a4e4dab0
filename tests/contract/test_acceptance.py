"""Goal: a record is refused by the first of the twelve steps it fails, and a refusal leaves nothing behind.

Method: a table in the order of the steps. Each row damages one valid certificate in exactly one thing, plus everything
that later rows test is left right; so the table also proves precedence. Both engines run it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from keys.errors import BadKeyId, BadSignature
from ledger import errors
from ledger.limits import ENVELOPE_BYTES_MAX
from tests.support.world import AUTHORITY, INSTITUTIONS, World, seeded_signer

Damage = Callable[[World], bytes]
CENTRE = INSTITUTIONS["centre"]


def _part(envelope: bytes, number: int, change: Callable[[Any], Any]) -> bytes:
    """The envelope with the JSON of its header (0) or payload (1) changed, the signature left as it was."""
    leaf, rest = envelope.split(b"~", 1)
    parts = leaf.split(b".")
    value = orjson.loads(base64.urlsafe_b64decode(parts[number] + b"=="))
    encoded = orjson.dumps(change(value), option=orjson.OPT_SORT_KEYS)
    parts[number] = base64.urlsafe_b64encode(encoded).rstrip(b"=")
    return b".".join(parts) + b"~" + rest


def _signature(envelope: bytes, change: Callable[[bytes], bytes]) -> bytes:
    leaf, rest = envelope.split(b"~", 1)
    head, signature = leaf.rsplit(b".", 1)
    raw = change(base64.urlsafe_b64decode(signature + b"=="))
    return head + b"." + base64.urlsafe_b64encode(raw).rstrip(b"=") + b"~" + rest


def _valid(world: World) -> bytes:
    return world.sign(person=1, serial=1)


def _twice_with_other_disclosures(world: World) -> bytes:
    envelope = world.sign(person=1, serial=1)
    world.submit(envelope)
    parts = envelope.split(b"~")
    return b"~".join([parts[0], *reversed(parts[1:-1]), b""])


def _same_id_again(world: World) -> bytes:
    uid = "urn:uuid:7d7b5e30-56b6-4b0e-8c2d-1b1f0a3f6a01"
    world.submit(world.sign(person=1, serial=1, uid=uid))
    return world.sign(person=1, serial=2, uid=uid)


def _after_revocation(world: World) -> bytes:
    kid = world.ledger.registry().keyring.of_issuer(CENTRE.issuer)[0].kid
    world.submit(world.sign("key-revoked", by="authority", kid=kid, reason="superseded", suspect_since=None))
    return world.sign(person=1, serial=1)


def _while_suspended(world: World) -> bytes:
    world.submit(
        world.sign("institution-standing", by="authority", uscc=CENTRE.uscc, standing="suspended", reason="inspection")
    )
    return world.sign(person=1, serial=1)


def _other_name(world: World) -> bytes:
    world.submit(world.sign(person=1, serial=1))
    return world.sign(person=1, serial=2, holder_name="别人")


def _number_taken(world: World) -> bytes:
    world.submit(world.sign(person=1, serial=1))
    return world.sign(person=2, serial=1)


def _status_taken(world: World) -> bytes:
    place = {"base": world.ledger.base_url, "uscc": CENTRE.uscc, "list": 1, "index": 5}
    world.submit(world.sign(person=1, serial=1, status=place))
    return world.sign(person=2, serial=2, status=place)


def _status_elsewhere(world: World) -> bytes:
    place = {"base": "https://elsewhere.example.cn", "uscc": CENTRE.uscc, "list": 1, "index": 5}
    return world.sign(person=2, serial=2, status=place)


def _foreign_target(world: World) -> bytes:
    target = world.submit(world.sign(person=1, serial=1))
    return world.sign("revocation", by="school", target_record=target.record_id)


REFUSALS: list[tuple[str, Damage, type[Exception]]] = [
    # (1) size
    ("longer than an envelope may be", lambda w: _valid(w) + b"A" * ENVELOPE_BYTES_MAX, errors.RecordTooLarge),
    # (2) strict parse and canonical form
    ("no tilde at the end", lambda w: _valid(w)[:-1], errors.Malformed),
    ("a space in the payload", lambda w: _spaced(_valid(w)), errors.NotCanonical),
    ("a disclosure twice", lambda w: _valid(w) + _valid(w).split(b"~")[1] + b"~", errors.DisclosureInvalid),
    # (3) header profile
    ("a fourth header member", lambda w: _part(_valid(w), 0, lambda h: {**h, "crit": ["b64"]}), errors.HeaderInvalid),
    ("alg none", lambda w: _part(_valid(w), 0, lambda h: {**h, "alg": "none"}), errors.HeaderInvalid),
    ("kid is a path", lambda w: _part(_valid(w), 0, lambda h: {**h, "kid": "../../etc/passwd"}), BadKeyId),
    # (4) kind and schema
    ("unknown kind", lambda w: _part(_valid(w), 1, lambda p: {**p, "vct": p["vct"] + "0"}), errors.UnknownKind),
    ("a member too many", lambda w: _part(_valid(w), 1, lambda p: {**p, "extra": 1}), errors.SchemaInvalid),
    # (5) algorithm accepted
    (
        "an algorithm that is present, not accepted",
        lambda w: w.sign(person=1, serial=1, signer=seeded_signer("x", "ML-DSA-44")),
        errors.AlgorithmNotAccepted,
    ),
    # (6) signature under the registered key
    (
        "a key nobody registered",
        lambda w: w.sign(person=1, serial=1, signer=seeded_signer("stranger")),
        errors.KeyUnknown,
    ),
    ("signature bit 0", lambda w: _signature(_valid(w), lambda s: bytes([s[0] ^ 1]) + s[1:]), BadSignature),
    ("payload changed", lambda w: _part(_valid(w), 1, lambda p: {**p, "iat": p["iat"] - 1}), BadSignature),
    # (7) already held
    ("held with disclosures in another order", _twice_with_other_disclosures, errors.ExistsDiffers),
    ("id used in another record", _same_id_again, errors.IdAlreadyUsed),
    # (8) key may speak
    ("key revoked before", _after_revocation, errors.KeyNotAuthorised),
    (
        "an institution where the authority signs",
        lambda w: w.sign("institution-standing", uscc=CENTRE.uscc, standing="withdrawn", reason="inspection"),
        errors.KeyNotAuthorised,
    ),
    # (9) standing and accreditation
    ("institution suspended", _while_suspended, errors.IssuerSuspended),
    (
        "payload names another institution",
        lambda w: w.sign(person=1, serial=1, institution_uscc=INSTITUTIONS["school"].uscc),
        errors.IssuerDiffers,
    ),
    (
        "achieved before the scope began",
        lambda w: w.sign(person=1, serial=1, issued_on="1979-12-31", certificate_number="S000032010001793000123"),
        errors.NotAccredited,
    ),
    # (10) dates
    (
        "signed in the future",
        lambda w: w.sign(person=1, serial=1, issued_at=w.clock.now_seconds() + 301),
        errors.DatedInFuture,
    ),
    ("dated tomorrow", lambda w: w.sign(person=1, serial=1, issued_on="2026-05-29"), errors.DatedInFuture),
    (
        "three weeks old without a reason",
        lambda w: w.sign(person=1, serial=1, issued_on="2026-04-30"),
        errors.LateWithoutReason,
    ),
    # (11) disclosures and identity
    ("a disclosure withheld", lambda w: _without_disclosure(_valid(w)), errors.DisclosuresIncomplete),
    ("known number, other name", _other_name, errors.NameDiffers),
    # (12) the kind's own rule, and what may be used once
    ("another institution revokes it", _foreign_target, errors.TargetForeign),
    (
        "target not in this log",
        lambda w: w.sign("revocation", target_record="0" * 64),
        errors.TargetUnknown,
    ),
    ("certificate number used", _number_taken, errors.CertificateNumberUsed),
    ("status entry taken", _status_taken, errors.StatusIndexTaken),
    ("status list of another ledger", _status_elsewhere, errors.StatusIndexTaken),
]


def _spaced(envelope: bytes) -> bytes:
    leaf, rest = envelope.split(b"~", 1)
    header, payload, signature = leaf.split(b".")
    text = base64.urlsafe_b64decode(payload + b"==").replace(b'":', b'": ', 1)
    return b".".join([header, base64.urlsafe_b64encode(text).rstrip(b"="), signature]) + b"~" + rest


def _without_disclosure(envelope: bytes) -> bytes:
    parts = envelope.split(b"~")
    return b"~".join([parts[0], *parts[2:]])


@pytest.mark.parametrize(("why", "damage", "error"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refuses(world: World, why: str, damage: Damage, error: type[Exception]) -> None:
    """The record is refused with the permanent code of its step, and nothing is stored."""
    envelope = damage(world)
    with pytest.raises(error) as refused:
        world.submit(envelope)
    assert type(refused.value).code == error.code, why  # type: ignore[attr-defined]
    world.check_everything()


def test_the_undamaged_record_is_accepted(world: World) -> None:
    """The control of the table: what all rows start from passes, and once more with the same answer."""
    envelope = _valid(world)
    first, again = world.submit(envelope), world.ledger.submit(envelope)
    assert (again.record_id, again.index, again.code) == (first.record_id, first.index, first.code)
    assert again.already_held
    world.check_everything()


def test_a_repeat_is_answered_even_after_the_key_is_revoked(world: World) -> None:
    """Step 7 stands before step 8: the first answer again, whatever has happened to the key since."""
    envelope = _valid(world)
    first = world.submit(envelope)
    refused = _after_revocation(world)
    with pytest.raises(errors.KeyNotAuthorised):
        world.submit(refused)
    assert world.ledger.submit(envelope).index == first.index


def test_no_refusal_echoes_a_personal_value(world: World) -> None:
    """Messages never hold the name, the number or the certificate number of the record they refuse."""
    for why, damage, _ in REFUSALS:
        if "bytes" in why or world.accepted:
            continue
        envelope = damage(world)
        with pytest.raises(errors.LedgerError) as refused:
            world.ledger.submit(envelope)
        person = world.person(1)
        for value in (*person.values(), "S0000320100012630"):
            assert value not in str(refused.value), why


def test_authority_may_revoke_what_an_institution_issued(world: World) -> None:
    """The authority acts on any record."""
    target = world.submit(_valid(world))
    world.submit(world.sign("revocation", by="authority", target_record=target.record_id))
    assert AUTHORITY.issuer == world.ledger.registry().authority
    world.check_everything()
