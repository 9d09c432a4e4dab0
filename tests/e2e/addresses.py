"""Every state of every page, by a readable name: what the page tests walk through."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.e2e import states


class Address(NamedTuple):
    """Where a state is seen, and who must be signed in."""

    name: str
    path: str
    login: str = ""


ADDRESSES: Final[tuple[Address, ...]] = (
    Address("home", "/"),
    Address("home, signed in", "/", "zhang"),
    Address("verify", "/verify"),
    Address("verify, code malformed", "/c/12"),
    Address(
        "verify, code mistyped", "/c/" + states.CODES["valid"][:-1] + ("0" if states.CODES["valid"][-1] != "0" else "1")
    ),
    *(Address(f"outcome {name}", f"/c/{code}") for name, code in states.CODES.items()),
    Address("archive", "/me", "zhang"),
    Address("archive, last page", "/me?page=5", "zhang"),
    Address("archive, filtered", "/me?q=%E7%94%B5%E5%B7%A5&year=2026&kind=skill-certificate%2F1", "zhang"),
    Address("archive, nothing matches", "/me?q=zzz", "zhang"),
    Address("archive, empty", "/me", "empty"),
    Address("archive, unavailable", "/me", "down"),
    *(Address(f"record {name}", f"/me/records/{view.record_id}", "zhang") for name, view in states.RECORDS.items()),
    Address("sign in", "/signin"),
    *(Address(f"error {status}", f"/error/{status}") for status in (400, 403, 404, 405, 413, 429, 500, 503)),
)
