"""Status lists.

Method: bits against a naive reading of the standard, text against Python's own gzip, and every way to cheat the decoder.
"""

from __future__ import annotations

import base64
import gzip
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import StatusListInvalid
from ledger.log.statuslist import decode, encode, get_bit, set_bit

SMALL = bytes(16 * 1024)
LARGEST = 8 * 1024 * 1024


def multibase(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_the_first_entry_is_the_leftmost_bit():
    bits = bytearray(SMALL)
    set_bit(bits, 0, value=True)
    set_bit(bits, 9, value=True)
    set_bit(bits, 131_071, value=True)
    assert (bits[0], bits[1], bits[-1]) == (0x80, 0x40, 0x01)
    assert [index for index in range(131_072) if get_bit(bits, index)] == [0, 9, 131_071]
    set_bit(bits, 9, value=False)
    assert bits[1] == 0


@given(st.sets(st.integers(0, 131_071), max_size=200))
def test_bits_come_back(indexes):
    bits = bytearray(SMALL)
    for index in indexes:
        set_bit(bits, index, value=True)
    back = decode(encode(bytes(bits)))
    naive = "".join(f"{byte:08b}" for byte in back)
    assert {index for index, bit in enumerate(naive) if bit == "1"} == indexes


@pytest.mark.parametrize("index", [-1, 131_072, 2**63])
def test_entries_outside_are_refused(index):
    bits = bytearray(SMALL)
    with pytest.raises(StatusListInvalid):
        get_bit(bits, index)
    with pytest.raises(StatusListInvalid):
        set_bit(bits, index, value=True)
    assert bits == SMALL


def test_the_same_bits_give_the_same_text_without_time_or_name():
    text = encode(SMALL)
    assert text == encode(bytes(16 * 1024))
    packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    assert packed[:10] == bytes.fromhex("1f8b08000000000002ff")
    assert gzip.decompress(packed) == SMALL


def test_the_standards_example_decodes():
    # W3C Bitstring Status List 1.0, the example credential of section 2.2: 16 KiB of zeros, written by another library.
    text = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert decode(text) == SMALL


def test_lists_up_to_eight_mebibytes():
    assert decode(encode(bytes(LARGEST))) == bytes(LARGEST)
    for length in (0, 16 * 1024 - 1, LARGEST + 1):
        with pytest.raises(StatusListInvalid):
            encode(bytes(length))


REFUSED = [  # in the order of the checks
    ("empty", ""),
    ("no multibase letter", encode(SMALL)[1:]),
    ("multibase z", "z" + encode(SMALL)[1:]),
    ("too long a text", "u" + "A" * (LARGEST * 3 // 2)),
    ("padding", encode(SMALL) + "="),
    ("newline", encode(SMALL) + "\n"),
    ("standard alphabet", encode(SMALL).replace("_", "/").replace("-", "+") + "+"),
    ("not ASCII", encode(SMALL) + "\u00e9"),
    ("nothing packed", "u"),
    ("not gzip", multibase(SMALL)),
    ("zlib for gzip", multibase(zlib.compress(SMALL))),
    ("raw deflate", multibase(zlib.compress(SMALL, wbits=-15))),
    ("cut by a byte", multibase(gzip.compress(SMALL)[:-1])),
    ("cut before the check sum", multibase(gzip.compress(SMALL)[:-8])),
    ("check sum wrong", multibase(gzip.compress(SMALL)[:-8] + bytes(8))),
    ("bytes behind it", multibase(gzip.compress(SMALL) + b"\0")),
    ("two members", multibase(gzip.compress(SMALL) + gzip.compress(SMALL))),
    ("a byte too short", multibase(gzip.compress(SMALL[:-1]))),
    ("a byte too long", multibase(gzip.compress(bytes(LARGEST + 1)))),
]


@pytest.mark.parametrize(("why", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses(why, text):
    with pytest.raises(StatusListInvalid):
        decode(text)


@pytest.mark.serial
def test_a_bomb_is_refused_within_a_tenth_of_a_second():
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    bomb = multibase(b"".join(deflate.compress(block) for _ in range(64)) + deflate.flush())  # 64 MiB in 87 KB
    fastest = min(timed_refusal(bomb) for _ in range(5))
    assert fastest < 0.1


def timed_refusal(text: str) -> float:
    start = time.perf_counter()
    with pytest.raises(StatusListInvalid):
        decode(text)
    return time.perf_counter() - start
