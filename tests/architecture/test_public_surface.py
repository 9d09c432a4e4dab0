"""Names that outside programs rely on: they may be added to, never renamed or taken away.

Method: the lists below are written by hand from what the design's public surface has so far; whoever builds the next
part of it adds its names here first.
"""

from __future__ import annotations

import importlib
import inspect

import pytest

from api.app import create_app
from api.settings import Settings
from tests.support.surface import commands, routes
from tests.support.world import World

COMMANDS = {
    "init", "serve", "demo", "keys new", "keys show", "keys register", "keys revoke", "template", "sign", "submit",
    "verify", "outcome", "pack", "audit", "rebuild", "witness", "check-id",
}  # fmt: skip
ROUTES = {
    "POST /v1/records", "POST /v1/records/batch", "POST /v1/records/group", "GET /v1/records/{}",
    "GET /v1/records/{}/receipt", "GET /v1/records/{}/pack", "GET /v1/kinds", "GET /v1/kinds/{}",
    "POST /v1/verifications", "GET /v1/me/archive", "GET /v1/me/credits", "GET /v1/institutions",
    "GET /v1/me/next-level", "GET /v1/indicators", "GET /v1/indicators/records", "GET /v1/carriers", "GET /v1/rules",
    "GET /v1/rules/{}", "GET /v1/institutions/{}/extract", "GET /v1/institutions/{}/quality",
    "GET /v1/me/talent-proof", "GET /v1/talent-register", "GET /v1/honours", "GET /v1/nomination-pool",
    "GET /v1/institutions/{}/keys",
    "GET /v1/institutions/{}", "GET /issuers/{}", "GET /log/checkpoint",
    "GET /log/tile/{}", "GET /status/{}/{}/{}", "GET /.well-known/jwks.json", "GET /.well-known/jwt-vc-issuer",
    "GET /.well-known/jwt-vc-issuer/issuers/{}", "GET /.well-known/skill-ledger", "GET /.well-known/security.txt",
    "GET /livez", "GET /readyz", "GET /metrics", "POST /demo/token", "GET /demo/session",
}  # fmt: skip
CALLS = [
    ("ledger.service:Ledger.open", ["url"], []),
    ("ledger.service:Ledger.submit", ["self", "envelope"], []),
    ("ledger.service:Ledger.submit_many", ["self", "envelopes"], []),
    ("ledger.service:Ledger.record", ["self", "record_id"], []),
    ("ledger.service:Ledger.stream", ["self", "subject"], []),
    ("ledger.service:Ledger.checkpoint", ["self"], []),
    ("ledger.service:Ledger.receipt", ["self", "record_id"], []),
    ("ledger.log.merkle:check_inclusion", [], ["leaf_hash", "leaf_index", "tree_size", "path", "root"]),
    ("ledger.log.merkle:check_consistency", [], ["old_size", "new_size", "path", "old_root", "new_root"]),
    ("ledger.audit:audit_store", ["url"], ["mark", "policy", "keks", "pseudonyms", "first_index"]),
]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_is_there(command: str) -> None:
    assert command in commands()


def test_routes_are_there(sqlite_world: World) -> None:
    found = routes(create_app(sqlite_world.ledger, Settings(demo=True)))
    assert not sorted(ROUTES - found)


@pytest.mark.parametrize(("name", "positional", "keyword_only"), CALLS, ids=[call[0] for call in CALLS])
def test_call_keeps_its_arguments(name: str, positional: list[str], keyword_only: list[str]) -> None:
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    parameters = inspect.signature(found).parameters.values()
    by_position = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    by_name = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert (by_position[: len(positional)], by_name[: len(keyword_only)]) == (positional, keyword_only)


@pytest.mark.parametrize("name", ["LedgerClient", "AsyncLedgerClient", "verify"])
def test_client_exports(name: str) -> None:
    assert hasattr(importlib.import_module("api.client"), name)
