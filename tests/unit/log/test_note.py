"""Signed notes, checkpoints and cosignatures.

Method: reproduce byte for byte what the standard and the Go reference publish; compare the cosigned messages with ones
put together by hand; then damage every part.
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from keys.errors import AlgorithmUnknown, BadKey, BadSignature
from ledger.errors import MalformedCheckpoint
from ledger.log.checkpoint import (
    Checkpoint,
    check_signature_line,
    cosign,
    cosigner_key,
    format_checkpoint,
    log_key,
    merge_signatures,
    open_checkpoint,
    parse_checkpoint,
    sign_note,
    signing_time,
)
from ledger.log.note import (
    NOTE_BYTES_MAX,
    SignatureLine,
    format_note,
    format_signature_line,
    format_vkey,
    parse_note,
    parse_signature_lines,
    parse_vkey,
)
from tests.support.small_log import NOW, ORIGIN, SmallLog, fixed_signer

LOG = SmallLog(13)
MLDSA = signer_from_private("ML-DSA-44", algorithm("ML-DSA-44").generate())

# golang.org/x/mod/sumdb/note, note_test.go: key, text and signature. Ed25519 is deterministic, so we must write the same.
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

# c2sp.org/signed-note, section Example.
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()


@pytest.mark.parametrize(("vkey", "data"), [(GO_VKEY, GO_NOTE), (C2SP_VKEY, C2SP_NOTE)], ids=["Go", "C2SP"])
def test_published_notes_verify(vkey, data):
    key, note = parse_vkey(vkey), parse_note(data)
    check_signature_line(note.text, note.signatures[0], key)
    with pytest.raises(BadSignature):
        check_signature_line(note.text.replace(b"i", b"j", 1), note.signatures[0], key)


def test_we_write_the_note_that_go_writes():
    signer = signer_from_private("Ed25519", algorithm("Ed25519").load_private(GO_SEED))
    text = GO_NOTE.partition(b"\n\n")[0] + b"\n"
    assert format_vkey(log_key("PeterNeumann", signer)) == GO_VKEY
    assert format_note(text, [sign_note(text, "PeterNeumann", signer)]) == GO_NOTE


def test_every_slice_and_every_changed_character_of_a_vkey_is_refused():
    for start in range(len(GO_VKEY)):
        for end in range(start, len(GO_VKEY) + 1):
            if GO_VKEY[start:end] != GO_VKEY:
                with pytest.raises((MalformedCheckpoint, BadKey)):
                    parse_vkey(GO_VKEY[start:end])
    for at, char in enumerate(GO_VKEY):
        # The changed key may no longer be a point at all: that is found first.
        with pytest.raises((MalformedCheckpoint, BadKey)):
            parse_vkey(GO_VKEY[:at] + chr(ord(char) + 1) + GO_VKEY[at + 1 :])


def test_what_a_cosignature_covers():
    # Both messages are put together here from c2sp.org/tlog-cosignature, not by the code under test.
    witness, text = fixed_signer("w1"), LOG.text()
    line = parse_signature_lines(cosign(text, "w.example", witness, timestamp=NOW))[0]
    assert line.signature[:8] == NOW.to_bytes(8, "big")
    assert line.signature[8:] == witness.sign(b"cosignature/v1\ntime " + str(NOW).encode() + b"\n" + text)

    line = parse_signature_lines(cosign(text, "w.example", MLDSA, timestamp=NOW))[0]
    root = base64.b64decode(text.split(b"\n")[2])
    message = (
        b"subtree/v1\n\x00" + b"\x09w.example" + NOW.to_bytes(8, "big") + bytes([len(ORIGIN)]) + ORIGIN.encode()
        + bytes(8) + (13).to_bytes(8, "big") + root
    )  # fmt: skip
    assert len(line.signature) == 8 + 2420
    algorithm("ML-DSA-44").check_signature(public=MLDSA.public, message=message, signature=line.signature[8:])


@pytest.mark.parametrize("signer", [fixed_signer("w1"), MLDSA], ids=["Ed25519", "ML-DSA-44"])
def test_a_damaged_cosignature_is_refused(signer):
    text, key = LOG.text(), cosigner_key("w.example", signer)
    line = parse_signature_lines(cosign(text, "w.example", signer, timestamp=NOW))[0]
    check_signature_line(text, line, key)
    assert signing_time(line, key) == NOW
    later = (NOW + 1).to_bytes(8, "big")
    damaged = [
        SignatureLine(line.name, line.key_id, later + line.signature[8:]),
        SignatureLine(line.name, line.key_id, line.signature[:-1]),
        SignatureLine(line.name, line.key_id, line.signature[:8]),
        SignatureLine(line.name, line.key_id, line.signature[:3]),
        SignatureLine(line.name, line.key_id, line.signature + b"\0"),
        SignatureLine("other", line.key_id, line.signature),
        SignatureLine(line.name, b"\0\0\0\0", line.signature),
    ]
    for bad in damaged:
        with pytest.raises(BadSignature):
            check_signature_line(text, bad, key)
    for other in (LOG.text(12), text.replace(ORIGIN.encode(), b"other.example")):
        with pytest.raises(BadSignature):
            check_signature_line(other, line, key)


def test_a_time_beyond_the_bound_is_refused():
    key = LOG.witness_key("w1")
    line = SignatureLine(key.name, key.key_id, (2**63).to_bytes(8, "big") + bytes(64))
    with pytest.raises(MalformedCheckpoint):
        check_signature_line(LOG.text(), line, key)
    for timestamp in (0, -1, 2**63):
        with pytest.raises(MalformedCheckpoint):
            cosign(LOG.text(), "w.example", fixed_signer("w1"), timestamp=timestamp)


def test_the_mldsa_message_names_the_cosigner_and_the_ed25519_one_does_not():
    # The standard warns of the second; the key id in the line binds the name where a verifier looks lines up.
    text = LOG.text()
    ed = parse_signature_lines(cosign(text, "a.example", fixed_signer("w1"), timestamp=NOW))[0]
    pq = parse_signature_lines(cosign(text, "a.example", MLDSA, timestamp=NOW))[0]
    renamed = cosigner_key("b.example", fixed_signer("w1"))
    check_signature_line(text, SignatureLine("b.example", renamed.key_id, ed.signature), renamed)
    renamed = cosigner_key("b.example", MLDSA)
    with pytest.raises(BadSignature):
        check_signature_line(text, SignatureLine("b.example", renamed.key_id, pq.signature), renamed)


def test_a_log_signs_with_both_algorithms():
    text = LOG.text()
    own, late = log_key(ORIGIN, LOG.signer), log_key(ORIGIN, MLDSA)
    note = format_note(text, [sign_note(text, ORIGIN, LOG.signer), cosign(text, ORIGIN, MLDSA, timestamp=NOW)])
    assert open_checkpoint(note, keys=[own, late]).signatures == {own: 0, late: NOW}
    assert (own.kind, late.kind) == (0x01, 0x06)
    assert parse_vkey(format_vkey(late)) == late
    with pytest.raises(AlgorithmUnknown):
        sign_note(text, ORIGIN, MLDSA)
    es256 = signer_from_private("ES256", algorithm("ES256").generate())
    with pytest.raises(AlgorithmUnknown):
        cosign(text, ORIGIN, es256, timestamp=NOW)


def test_a_known_keys_false_line_spoils_the_note_even_beside_a_good_one():
    key = LOG.witness_key("w1")
    note = LOG.checkpoint(witnesses=("w1",)) + LOG.cosignature("w1", LOG.text(12))
    with pytest.raises(BadSignature):
        open_checkpoint(note, keys=[LOG.key, key])
    assert open_checkpoint(note, keys=[LOG.key]).signatures == {LOG.key: 0}


def test_the_latest_of_several_times_counts():
    key, text = LOG.witness_key("w1"), LOG.text()
    lines = [LOG.cosignature("w1", text, timestamp=NOW + at) for at in (5, 9, 7)]
    assert open_checkpoint(format_note(text, lines), keys=[key]).signatures == {key: NOW + 9}


def test_merging_replaces_the_line_of_the_same_key_and_keeps_the_others():
    text = LOG.text()
    first = LOG.checkpoint(witnesses=("w1", "w2"))
    newer = LOG.cosignature("w1", text, timestamp=NOW + 60)
    merged = merge_signatures(first, [newer, LOG.cosignature("w3", text)])
    signed = open_checkpoint(merged, keys=[LOG.key, *(LOG.witness_key(name) for name in LOG.witnesses)])
    assert list(signed.signatures.values()) == [0, NOW + 60, NOW + 1, NOW]
    assert merge_signatures(first, []) == first
    with pytest.raises(MalformedCheckpoint):
        merge_signatures(first, [b"not a line\n"])


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_come_back(size, root):
    assert parse_checkpoint(format_checkpoint(ORIGIN, size, root)) == Checkpoint(ORIGIN, size, root)


def test_extension_lines_are_kept_and_cosigned_but_never_written():
    text = LOG.text() + b"extension\n"
    assert parse_checkpoint(text).extensions == ("extension",)
    line = LOG.cosignature("w1", text)
    signed = open_checkpoint(format_note(text, [line]), keys=[LOG.witness_key("w1")])
    assert (signed.text, list(signed.signatures.values())) == (text, [NOW])


@pytest.mark.parametrize("arguments", [("", 1, bytes(32)), ("a b", 1, bytes(32)), ("a\nb", 1, bytes(32)), ("a+b", 1, bytes(32)), ("a", -1, bytes(32)), ("a", 2**53, bytes(32)), ("a", 1, bytes(31))])  # fmt: skip
def test_refuses_to_format_what_it_would_not_read(arguments):
    with pytest.raises(MalformedCheckpoint):
        format_checkpoint(*arguments)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(data):
    for parse in (parse_note, parse_checkpoint, parse_signature_lines):
        try:
            parse(data)
        except MalformedCheckpoint:
            continue


@given(st.data())
def test_one_changed_byte_never_opens(data):
    valid = LOG.checkpoint(witnesses=("w1",))
    keys = [LOG.key, LOG.witness_key("w1")]
    at, value = data.draw(st.integers(0, len(valid) - 1)), data.draw(st.integers(0, 255))
    changed = valid[:at] + bytes([value]) + valid[at + 1 :]
    try:
        signed = open_checkpoint(changed, keys=keys)
    except (MalformedCheckpoint, BadSignature):
        return
    assert changed == valid or len(signed.signatures) < 2


def test_a_line_formats_back():
    line = SignatureLine("x", b"abcd", b"e")
    assert parse_signature_lines(format_signature_line(line)) == (line,)


@pytest.mark.parametrize("text", ["x AAAAAAA=", "- x AAAAAAA=", "—x AAAAAAA=", "— x  AAAAAAA=", "— x AAAAAAA= "])
def test_a_witnesss_answer_is_read_as_strictly_as_a_note(text):
    with pytest.raises(MalformedCheckpoint):
        parse_signature_lines(text.encode() + b"\n")


def test_the_last_empty_line_ends_the_text():
    # c2sp.org/signed-note, the first example.
    data = (
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
        "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
    ).encode()
    note = parse_note(data)
    assert note.text.decode().count("\n") == 4
    assert [line.name for line in note.signatures] == ["quasimodo.example/salvatore"]


def test_a_note_is_no_longer_than_its_bound():
    line = SignatureLine("x", b"abcd", bytes(NOTE_BYTES_MAX * 3 // 4))
    with pytest.raises(MalformedCheckpoint):
        parse_note(format_note(LOG.text(), [format_signature_line(line)]))
    short = SignatureLine("x", b"abcd", bytes(NOTE_BYTES_MAX // 2))
    parse_note(format_note(LOG.text(), [format_signature_line(short)]))
