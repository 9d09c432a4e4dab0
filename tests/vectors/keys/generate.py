"""Writes our own golden vectors of `keys/`; a test holds the files to it. Run: python -m tests.vectors.keys.generate.

The container, the wrapped key and the key file are built here from the standard library and AES-GCM alone, not by the code
that is under test. `rfc8032.json` and `rfc9964.json` are published vectors and are not written here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.unit.keys.reference_curves import G256, N256, P256, L, P, encode_point, multiply256, recover_x

HERE = Path(__file__).parent
OURS = "computed by tests/vectors/keys/generate.py"
SIGN = 1 << 255


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _little(number: int) -> str:
    return number.to_bytes(32, "little").hex()


def ed25519() -> dict[str, Any]:
    """Keys that must be refused, and damaged signatures of RFC 8032 TEST 2."""
    y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    torsion = [("order 1", 1), ("order 2", P - 1), ("order 4", 0), ("order 8 (y8)", y8), ("order 8 (-y8)", P - y8)]
    small = []
    for order, y in torsion:
        for sign in (0, SIGN):
            lone = sign and y in (1, P - 1)
            spelling = "x = 0 written as negative" if lone else f"canonical, sign {int(sign > 0)}"
            small.append({"why": f"{order}, {spelling}", "public": _little(y | sign)})
            if y + P < SIGN:
                small.append({"why": f"{order}, y + p, sign {int(sign > 0)}", "public": _little((y + P) | sign)})
    second = [
        {"why": f"y = p + {k}, sign {int(sign > 0)}: a second encoding", "public": _little((P + k) | sign)}
        for k in range(2, 19)
        for sign in (0, SIGN)
        if recover_x(k, 0) is not None
    ]
    off = [{"why": f"y = {y}: not on the curve", "public": _little(y)} for y in range(2, 30) if recover_x(y, 0) is None]
    private = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    good = private.sign(b"\x72")
    r, s = good[:32], int.from_bytes(good[32:], "little")
    damaged = [
        ("empty", b""),
        ("one byte short", good[:-1]),
        ("one byte long", good + b"\0"),
        ("S + L", r + (s + L).to_bytes(32, "little")),
        ("S = L", r + L.to_bytes(32, "little")),
        ("S = 2^256 - 1", r + b"\xff" * 32),
        ("S = 0", r + bytes(32)),
        ("-S", r + (L - s).to_bytes(32, "little")),
        ("R and S swapped", good[32:] + r),
        ("R = identity", encode_point((0, 1)) + good[32:]),
        ("R with y >= p", (P + 1).to_bytes(32, "little") + good[32:]),
        ("sign of R flipped", r[:31] + bytes([r[31] ^ 0x80]) + good[32:]),
        ("bit 0 of R", bytes([r[0] ^ 1]) + good[1:]),
        ("bit 0 of S", r + bytes([good[32] ^ 1]) + good[33:]),
        ("all zero", bytes(64)),
    ]
    return {
        "source": OURS + "; RFC 8032 sections 5.1.3 and 5.1.7, shapes after Wycheproof",
        "small_order_keys": small,
        "second_encodings": second,
        "off_curve_keys": off[:4],
        "public": private.public_key().public_bytes_raw().hex(),
        "message": "72",
        "signatures": [{"why": why, "signature": value.hex()} for why, value in damaged],
    }


def es256() -> dict[str, Any]:
    """RFC 6979 A.2.5, both valid s; keys and signatures that must be refused."""
    x = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    point = multiply256(x, G256)
    assert point is not None
    px, py = (value.to_bytes(32, "big") for value in point)
    r = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    rs = lambda a, b: (a.to_bytes(32, "big") + b.to_bytes(32, "big")).hex()  # noqa: E731
    der = "3046022100" + f"{r:064x}" + "022100" + f"{s:064x}"
    # x = 5 is on P-256; 5 + p still fits 32 bytes and names the same point a second time.
    y5 = pow(5**3 - 15 + 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B, (P256 + 1) // 4, P256)
    assert y5 * y5 % P256 == (5**3 - 15 + 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B) % P256
    keys = [
        ("empty", b""),
        ("infinity", b"\0"),
        ("compressed", bytes([2 + point[1] % 2]) + px),
        ("hybrid", bytes([6 + point[1] % 2]) + px + py),
        ("without the leading 04", px + py),
        ("one byte long", b"\x04" + px + py + b"\0"),
        ("off the curve", b"\x04" + px + (point[1] ^ 1).to_bytes(32, "big")),
        ("x and y swapped", b"\x04" + py + px),
        ("all zero", b"\x04" + bytes(64)),
        ("x + p", b"\x04" + (5 + P256).to_bytes(32, "big") + y5.to_bytes(32, "big")),
        ("x = p", b"\x04" + P256.to_bytes(32, "big") + py),
    ]
    signatures = [
        ("empty", ""),
        ("one byte short", rs(r, s)[:-2]),
        ("one byte long", rs(r, s) + "00"),
        ("DER", der),
        ("r = 0", rs(0, s)),
        ("s = 0", rs(r, 0)),
        ("r = s = 0", rs(0, 0)),
        ("r = n", rs(N256, s)),
        ("s = n", rs(r, N256)),
        ("r = n, s = n", rs(N256, N256)),
        ("r = 1, s = 1", rs(1, 1)),
        ("r = p - n, s = 1", rs(P256 - N256, 1)),
        ("all ones", "ff" * 64),
        ("r and s swapped", rs(s, r)),
        ("-r", rs(N256 - r, s)),
        ("bit 0 of r", rs(r ^ 1, s)),
        ("bit 0 of s", rs(r, s ^ 1)),
    ]
    return {
        "source": "key and signature: RFC 6979 section A.2.5; the rest " + OURS + ", shapes after Wycheproof",
        "private": f"{x:064x}",
        "public": (b"\x04" + px + py).hex(),
        "message": b"sample".hex(),
        "signature": rs(r, s),
        "other_valid_signature": rs(r, N256 - s),
        "keys": [{"why": why, "public": value.hex()} for why, value in keys],
        "signatures": [{"why": why, "signature": value} for why, value in signatures],
    }


def sealing() -> dict[str, Any]:
    """One container, one wrapped key, and their damages."""
    data_key, key_id, nonce = bytes(range(32)), bytes(range(0x40, 0x50)), bytes(range(0x80, 0x8C))
    associated, plain = _json({"record": "ab" * 32, "subject": "s-1"}), "张三".encode()
    head = b"\x01" + key_id
    container = head + nonce + AESGCM(data_key).encrypt(nonce, plain, head + associated)
    kek = hashlib.sha256(b"golden key-encryption key 7").digest()
    whead = b"\x01" + (7).to_bytes(4, "big")
    wrapped = whead + nonce + AESGCM(kek).encrypt(nonce, data_key, whead + associated)
    flip = lambda data, at: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]  # noqa: E731
    damages = [
        ("empty", b""),
        ("shorter than any container", container[:44]),
        ("version 0", b"\0" + container[1:]),
        ("version 2", b"\x02" + container[1:]),
        ("key id, first bit", flip(container, 1)),
        ("key id, last bit", flip(container, 16)),
        ("nonce", flip(container, 17)),
        ("ciphertext", flip(container, 29)),
        ("tag", flip(container, len(container) - 1)),
        ("one byte short", container[:-1]),
        ("one byte long", container + b"\0"),
        (
            "sealed without the head as associated data",
            head + nonce + AESGCM(data_key).encrypt(nonce, plain, associated),
        ),
    ]
    wrapped_damages = [
        ("empty", b""),
        ("version 2", b"\x02" + wrapped[1:]),
        ("nonce", flip(wrapped, 5)),
        ("ciphertext", flip(wrapped, 17)),
        ("tag", flip(wrapped, 64)),
        ("one byte short", wrapped[:-1]),
        ("one byte long", wrapped + b"\0"),
    ]
    return {
        "source": OURS + "; layout as in the docstring of keys/sealing.py",
        "data_key": data_key.hex(),
        "key_id": key_id.hex(),
        "nonce": nonce.hex(),
        "associated": associated.hex(),
        "plain": plain.hex(),
        "container": container.hex(),
        "damaged": [{"why": why, "container": value.hex()} for why, value in damages],
        "kek": kek.hex(),
        "kek_version": 7,
        "wrapped": wrapped.hex(),
        "wrapped_damaged": [{"why": why, "wrapped": value.hex()} for why, value in wrapped_damages],
    }


def pseudonym() -> dict[str, Any]:
    """Blind names under two versions."""
    keys = {
        1: hashlib.sha256(b"golden pseudonym key 1").digest(),
        2: hashlib.sha256(b"golden pseudonym key 2").digest(),
    }
    rows = []
    for purpose, parts in [
        ("alias", ["ric", "CN", "11010519491231002X"]),
        ("certificate-number", ["https://osta.example.cn/issuers/4401", "证书-1"]),
        ("empty", []),
    ]:
        for version, key in keys.items():
            digest = hmac.new(key, _json([purpose, version, *parts]), hashlib.sha256).hexdigest()
            rows.append({"purpose": purpose, "version": version, "parts": parts, "blind": digest})
    return {
        "source": OURS + "; the number is the example of GB 11643-1999",
        "keys": {str(version): key.hex() for version, key in keys.items()},
        "vectors": rows,
    }


def custody() -> dict[str, Any]:
    """A key file of version 1 that must open for ever."""
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    x = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    salt, nonce, passphrase = bytes(range(16)), bytes(range(12)), "golden passphrase 口令".encode()
    outside = {
        "alg": "Ed25519",
        "kdf": {"n": 2**14, "name": "scrypt", "p": 1, "r": 8, "salt": _b64(salt)},
        "nonce": _b64(nonce),
        "public": {"crv": "Ed25519", "kty": "OKP", "x": _b64(x)},
        "v": 1,
    }
    key = hashlib.scrypt(passphrase, salt=salt, n=2**14, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32)
    sealed = AESGCM(key).encrypt(nonce, private, _json(outside))
    return {
        "source": OURS + "; key pair: RFC 8032 TEST 1, thumbprint: RFC 8037 section A.3",
        "passphrase": passphrase.decode(),
        "thumbprint": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "file": {**outside, "ciphertext": _b64(sealed)},
    }


FILES = {
    "ed25519.json": ed25519,
    "es256.json": es256,
    "sealing.json": sealing,
    "pseudonym.json": pseudonym,
    "custody.json": custody,
}


def format_file(content: dict[str, Any]) -> str:
    """The text of one file."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, make in FILES.items():
        (HERE / name).write_text(format_file(make()), encoding="utf-8")
