"""Naive transcriptions of RFC 8032 §6 and of ECDSA over P-256, to compare with; slow, and checks can be left out."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]  # affine; the identity is (0, 1)


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def multiply(scalar: int, point: Point) -> Point:
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def recover_x(y: int, sign: int) -> int | None:
    squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(squared, (P + 3) // 8, P)
    if (x * x - squared) % P:
        x = x * SQRT_M1 % P
    if (x * x - squared) % P:
        return None
    return P - x if x and x & 1 != sign else x


def decode_point(data: bytes) -> Point | None:
    """Lax on purpose: y is reduced, and x = 0 may be written as negative."""
    number = int.from_bytes(data, "little")
    y = (number & ((1 << 255) - 1)) % P
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y)


def encode_point(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_accepts(public: bytes, message: bytes, signature: bytes, *, check_s: bool = True) -> bool:
    """RFC 8032 §5.1.7 without cofactor: encode(S·B - k·A) = R. `check_s` may be left out to plant the bug."""
    point = decode_point(public)
    if point is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if check_s and s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    negative = (-point[0] % P, point[1])
    return encode_point(add(multiply(s, BASE), multiply(k, negative))) == signature[:32]


P256 = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G256 = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add256(one: Point | None, other: Point | None) -> Point | None:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P256 == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P256) if one == other else (y2 - y1) * pow(x2 - x1, -1, P256)
    x = (slope * slope - x1 - x2) % P256
    return x, (slope * (x1 - x) - y1) % P256


def multiply256(scalar: int, point: Point | None) -> Point | None:
    result = None
    while scalar:
        if scalar & 1:
            result = add256(result, point)
        point, scalar = add256(point, point), scalar >> 1
    return result


def es256_accepts(public: bytes, message: bytes, signature: bytes, *, check_range: bool = True) -> bool:
    """FIPS 186-5 §6.4.2. Without the range check, (0, 0) verifies for every message (CVE-2022-21449)."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if check_range and not (0 < r < N256 and 0 < s < N256):
        return False
    point = (int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big"))
    inverse = pow(s, N256 - 2, N256)
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    total = add256(multiply256(e * inverse % N256, G256), multiply256(r * inverse % N256, point))
    return (0 if total is None else total[0] % N256) == r % N256
