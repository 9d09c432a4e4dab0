"""Policies: which witnesses suffice, and since when.

Method: every subset of six witnesses against the standard's own example, decided a second time by hand.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from ledger.errors import MalformedCheckpoint, QuorumMissing
from ledger.log.checkpoint import cosigner_key
from ledger.log.note import format_vkey
from ledger.log.policy import MEMBERS_MAX, POLICY_BYTES_MAX, Policy, format_policy, parse_policy
from tests.support.small_log import NOW, SmallLog, fixed_signer

LOG = SmallLog(3)
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {name: cosigner_key(f"{name}.example", fixed_signer(name)) for name in NAMES}
EXAMPLE = parse_policy(
    f"""
log {format_vkey(LOG.key)}

{"".join(f"witness {name} {format_vkey(key)}{chr(10)}" for name, key in KEYS.items())}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()
)


def reached(policy: Policy, signatures) -> bool:
    try:
        policy.check_quorum(signatures)
    except QuorumMissing:
        return False
    return True


@pytest.mark.parametrize("count", range(7))
def test_the_standards_example_for_every_subset(count):
    for names in combinations(NAMES, count):
        expected = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
        signatures = {KEYS[name]: NOW for name in names}
        assert reached(EXAMPLE, signatures) == expected
        assert (EXAMPLE.cosigned_by(signatures) is not None) == expected
        assert (EXAMPLE.fresh_at(signatures) is not None) == expected


def test_strangers_logs_and_time_zero_do_not_count():
    stranger = cosigner_key("stranger.example", fixed_signer("stranger"))
    signatures = {KEYS["X1"]: NOW, KEYS["Y1"]: NOW, stranger: NOW, LOG.key: 0}
    assert not reached(EXAMPLE, signatures)
    assert not reached(EXAMPLE, {**signatures, KEYS["X2"]: 0})
    assert reached(EXAMPLE, {**signatures, KEYS["X2"]: 1})


def test_since_when_a_quorum_had_signed_and_until_when_it_knew_nothing_newer():
    signatures = {
        KEYS["X1"]: NOW + 50,
        KEYS["X2"]: NOW + 10,
        KEYS["X3"]: NOW + 30,
        KEYS["Y1"]: NOW,
        KEYS["Y2"]: NOW + 90,
    }
    assert EXAMPLE.cosigned_by(signatures) == NOW + 30
    assert EXAMPLE.fresh_at(signatures) == NOW + 30
    del signatures[KEYS["X3"]]
    assert EXAMPLE.cosigned_by(signatures) == NOW + 50
    assert EXAMPLE.fresh_at(signatures) == NOW + 10


def test_no_quorum_is_reached_by_nobody_and_has_no_time():
    policy = parse_policy(b"quorum none\n")
    policy.check_quorum({})
    assert policy.cosigned_by({}) is None
    assert policy.fresh_at({}) is None


def test_a_quorum_of_one_witness():
    policy = parse_policy(f"witness w {format_vkey(KEYS['X1'])} https://w.example/\nquorum w\n".encode())
    assert reached(policy, {KEYS["X1"]: NOW})
    assert not reached(policy, {KEYS["X2"]: NOW})
    assert policy.witnesses[0].url == "https://w.example/"


def test_names_that_are_not_utf_8_come_back_as_they_were():
    data = b"witness \xff\xfe " + format_vkey(KEYS["X1"]).encode() + b"\nquorum \xff\xfe\n"
    assert format_policy(parse_policy(data)) == data


def test_format_writes_the_shortest_threshold():
    text = format_policy(EXAMPLE).decode()
    assert (
        "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\n"
        in text
    )
    assert parse_policy(text.encode()) == EXAMPLE


def test_a_policy_has_bounds():
    names = [f"w{number}" for number in range(MEMBERS_MAX + 1)]
    lines = [f"witness {name} {format_vkey(cosigner_key(name, fixed_signer(name)))}\n" for name in names]
    parse_policy("".join([*lines[:-1], "quorum w0\n"]).encode())
    with pytest.raises(MalformedCheckpoint):
        parse_policy("".join([*lines, "quorum w0\n"]).encode())
    with pytest.raises(MalformedCheckpoint):
        parse_policy(b"#" * POLICY_BYTES_MAX + b"\nquorum none\n")
