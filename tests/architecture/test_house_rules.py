"""The tree keeps its house rules. A failure prints the rule and every place that breaks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.house_rules import RULES, Rule
from tests.support.source_tree import SourceTree

TREE = SourceTree(Path(__file__).resolve().parents[2])
SERVER_LIBRARIES = (
    "fastapi", "starlette", "uvicorn", "jinja2", "babel", "joserfc", "eventsourcing", "psycopg",
    "prometheus_client", "structlog", "segno", "pydantic_settings", "multipart",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_house_rule(rule: Rule) -> None:
    broken = sorted(rule(TREE))
    assert not broken, f"{rule.__doc__}\n  " + "\n  ".join(broken)


def test_the_tree_is_seen() -> None:
    """The rules hold over the real files, not over an empty list."""
    assert len(TREE.product) > 20
    assert {"pyproject.toml", "Makefile", "requirements.lock"} <= set(TREE.files)


def test_client_loads_no_server_library() -> None:
    """A verifier on a small machine imports api.client: neither web server nor database comes with it."""
    script = f"import sys, api.client; print(*sorted(set({SERVER_LIBRARIES!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=TREE.root)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_top_level_is_the_fixed_list() -> None:
    """pyproject.toml ledger/ projections/ api/ keys/ tests/ README.md, and what tools need there."""
    fixed = {"pyproject.toml", "ledger", "projections", "api", "keys", "tests", "README.md"}
    tools = {"Makefile", "requirements.lock", "LICENSE"}
    found = {name.split("/", 1)[0] for name in TREE.files}
    assert {name for name in found if not name.startswith(".")} == fixed | tools


def test_every_requirement_is_pinned_by_hash() -> None:
    lock = (TREE.root / "requirements.lock").read_text()
    entries = lock.replace("\\\n", " ").splitlines()
    loose = [e for e in entries if e.strip() and ("==" not in e or "--hash=sha256:" not in e)]
    assert not loose
