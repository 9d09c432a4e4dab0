"""A served ledger for tests over HTTP. `site` is shared by a session: tests add records, never count them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest

from keys.custody import Signer
from ledger.clock import civil_date
from ledger.records import kind_class
from ledger.wire import base64url
from ledger.wire.disclosure import digest_of
from tests.support.served_site import NOW, Site, fresh_signer


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Makes sites of their own, for tests that change settings or break something."""
    made: list[Site] = []

    def make(**settings: Any) -> Site:
        made.append(Site(tmp_path_factory.mktemp("site"), **settings))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture(scope="session")
def site(make_site: Callable[..., Site]) -> Site:
    """The shared site, with one worker `zhang` who holds one certificate."""
    shared = make_site()
    shared.submit(shared.certificate())
    example = kind_class("skill-certificate").EXAMPLE["disclosed"]
    shared.add_worker("zhang", number=example["document_number"], name=example["holder_name"])
    return shared


@pytest.fixture
def new_signer() -> Callable[[], Signer]:
    """Makes signers."""
    return fresh_signer


@pytest.fixture
def unchecked_certificate(site: Site) -> Callable[..., bytes]:
    """Makes certificates as a hostile signer would: any value in any place, digests and signature right."""

    def make(**changes: Any) -> bytes:
        number = next(site.numbers)
        envelope = site.certificate(certificate_number=f"S000032010001263{number:06}")
        example = kind_class("skill-certificate").EXAMPLE
        old = {**example["claims"], **example["disclosed"], "certificate_number": f"S000032010001263{number:06}"}
        old |= {"issued_on": civil_date(NOW).isoformat()}
        swaps = [(_inner(old[name]), _inner(value)) for name, value in changes.items()]
        payload = orjson.dumps(envelope.payload).decode()
        shown = []
        for item in envelope.disclosures:
            text = base64url.decode(item.encoded).decode()
            changed = base64url.encode(_swapped(text, swaps).encode())
            payload = payload.replace(item.digest, digest_of(changed.encode()))
            shown.append(changed)
        head = envelope.leaf.split(b".")[0].decode()
        tree = orjson.loads(_swapped(payload, swaps))
        for node in (tree, tree["credentialSubject"]):
            if "_sd" in node:
                node["_sd"] = sorted(node["_sd"])
        body = base64url.encode(orjson.dumps(tree, option=orjson.OPT_SORT_KEYS))
        signature = site.signers["52320102MJ000000XG"].sign(f"{head}.{body}".encode())
        return "~".join([f"{head}.{body}.{base64url.encode(signature)}", *shown, ""]).encode()

    return make


def _inner(value: Any) -> str:
    """How a value stands in JSON, without its quotes."""
    text = orjson.dumps(value).decode()
    return text[1:-1] if isinstance(value, str) else text


def _swapped(text: str, swaps: list[tuple[str, str]]) -> str:
    for old, new in swaps:
        if old.isdigit():
            text = text.replace(f'"levelOrder":{old}', f'"levelOrder":{new}')
        text = text if old.isdigit() and len(old) < 6 else text.replace(old, new)
    return text


@pytest.fixture
def client(site: Site) -> httpx.Client:
    """A client of the shared site, over a real connection."""
    return site.http
