"""Receipts.

Method: the golden vectors hold each refusal; here stand what a receipt says when it is good, and who may have signed it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import BadSignature
from ledger.errors import LedgerError, MalformedCheckpoint, QuorumMissing
from ledger.log.checkpoint import log_key, merge_signatures, open_checkpoint, sign_note
from ledger.log.policy import parse_policy
from ledger.log.receipt import check_logged, check_receipt, format_receipt, parse_receipt
from tests.support.small_log import NOW, ORIGIN, SmallLog, entry_of, fixed_signer

LOG = SmallLog(13)


@given(st.integers(1, 13), st.data())
def test_every_entry_of_every_tree(size, data):
    index = data.draw(st.integers(0, size - 1))
    receipt = LOG.receipt(index, size, witnesses=("w1", "w2", "w3"))
    found = check_receipt(receipt, entry=entry_of(index), policy=LOG.policy())
    assert (found.origin, found.index, found.size) == (ORIGIN, index, size)
    assert (found.cosigned_by, found.fresh_at) == (NOW + 1, NOW + 1)
    with pytest.raises(LedgerError):
        check_receipt(receipt, entry=entry_of(index) + b" ", policy=LOG.policy())


def test_a_receipt_without_quorum_is_logged_and_no_more():
    receipt = LOG.receipt(4, witnesses=("w2",))
    with pytest.raises(QuorumMissing):
        check_receipt(receipt, entry=entry_of(4), policy=LOG.policy())
    found = check_logged(receipt, entry=entry_of(4), policy=LOG.policy())
    assert (found.index, found.cosigned_by, found.fresh_at) == (4, None, None)


def test_given_log_keys_replace_those_of_the_policy():
    receipt, policy = LOG.receipt(4, witnesses=("w1", "w2")), LOG.policy()
    check_receipt(receipt, entry=entry_of(4), log_vkeys=[LOG.key], policy=policy)
    for keys in ([], [log_key(ORIGIN, fixed_signer("another"))], [log_key("other.example", LOG.signer)]):
        with pytest.raises(BadSignature):
            check_receipt(receipt, entry=entry_of(4), log_vkeys=keys, policy=policy)


def test_a_log_cannot_speak_for_anothers_origin():
    # Both logs are accepted; each only under its own name.
    other = SmallLog(13, origin="other.example/log", label="other")
    note = LOG.checkpoint(witnesses=("w1", "w2"))
    text, own_line = note.partition(b"\n\n")[0] + b"\n", note.partition(b"\n\n")[2].split(b"\n")[0] + b"\n"
    forged = note.replace(own_line, sign_note(text, "other.example/log", other.signer))
    assert other.key in open_checkpoint(forged, keys=[other.key]).signatures
    receipt = format_receipt(index=4, path=LOG.edge.path(4), checkpoint=forged)
    with pytest.raises(BadSignature):
        check_receipt(receipt, entry=entry_of(4), log_vkeys=[LOG.key, other.key], policy=LOG.policy())


def test_a_policy_without_witnesses_is_satisfied_by_the_log():
    policy = parse_policy(b"quorum none\n")
    found = check_receipt(LOG.receipt(4), entry=entry_of(4), log_vkeys=[LOG.key], policy=policy)
    assert (found.index, found.cosigned_by) == (4, None)


def test_a_receipt_comes_back_as_it_was():
    receipt = LOG.receipt(4, witnesses=("w1",))
    parsed = parse_receipt(receipt)
    assert format_receipt(index=parsed.index, path=parsed.path, checkpoint=parsed.checkpoint) == receipt
    later = merge_signatures(parsed.checkpoint, [LOG.cosignature("w2", LOG.text())])
    check_receipt(format_receipt(index=4, path=parsed.path, checkpoint=later), entry=entry_of(4), policy=LOG.policy())


def test_a_tree_of_one_leaf_has_an_empty_path():
    receipt = LOG.receipt(0, 1, witnesses=("w1", "w2"))
    assert receipt.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + ORIGIN.encode())
    assert check_receipt(receipt, entry=entry_of(0), policy=LOG.policy()).size == 1


@pytest.mark.parametrize("arguments", [(-1, []), (2**53 - 1, []), (0, [bytes(31)]), (0, [bytes(32)] * 64)])
def test_refuses_to_format_what_it_would_not_read(arguments):
    index, path = arguments
    with pytest.raises(MalformedCheckpoint):
        format_receipt(index=index, path=path, checkpoint=LOG.checkpoint())


@given(st.data())
def test_one_changed_byte_proves_nothing_new(data):
    valid = LOG.receipt(4, witnesses=("w1", "w2"))
    at, value = data.draw(st.integers(0, len(valid) - 1)), data.draw(st.integers(0, 255))
    changed = valid[:at] + bytes([value]) + valid[at + 1 :]
    try:
        found = check_receipt(changed, entry=entry_of(4), policy=LOG.policy())
    except LedgerError:
        return
    assert found == check_receipt(valid, entry=entry_of(4), policy=LOG.policy())
