"""Each house rule is seen to fail: a violation planted in a clean tree is reported by its rule, with its place.

Method: a temporary tree that every rule accepts, plus one file that differs in exactly one thing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.house_rules import RULES
from tests.support.source_tree import SourceTree

CLEAN = {
    "keys/__init__.py": '"""Keys."""\n',
    "keys/ids.py": '"""Ids."""\n\nfrom keys import errors\n',
    "ledger/__init__.py": "",
    "ledger/clock.py": '"""Clock."""\n\nimport time\n\nNOW = time.time()\n',
    "ledger/audit.py": '"""Audit."""\n\nfrom keys.algorithms import algorithm\nfrom ledger.errors import Corrupt\n',
    "ledger/store/postgres.py": '"""Engine."""\n\nimport psycopg\nfrom ledger.errors import Corrupt\n',
    "projections/_base.py": '"""Base."""\n',
    "api/__init__.py": "",
    "api/app.py": '"""App."""\n\nimport fastapi\n\n\ndef build():\n    """Gives the app.\n\n    raises  Bad\n    """\n    raise Bad\n',
    "api/client/core.py": '"""Client."""\n\nimport httpx\n',
    "tests/unit/test_it.py": '"""Tests."""\n',
    "Makefile": "test:\n",
}
D = '"""Doc."""\n\n'
LONG_BODY = "".join(f"    x = {n}\n" for n in range(70))

PLANTED = [
    ("imports_follow_the_direction", "keys/bad.py", D + "from ledger import errors\n"),
    ("imports_follow_the_direction", "ledger/bad.py", D + "import projections.archive\n"),
    ("imports_follow_the_direction", "ledger/store/bad.py", D + "from ...api import app\n"),
    ("imports_follow_the_direction", "projections/bad.py", D + "def _f():\n    from api.wiring import x\n"),
    ("imports_follow_the_direction", "api/bad.py", D + "from tests.support import world\n"),
    ("libraries_stay_behind_their_fences", "ledger/bad.py", D + "from cryptography.hazmat import x\n"),
    ("libraries_stay_behind_their_fences", "ledger/service.py", D + "import eventsourcing.application\n"),
    ("libraries_stay_behind_their_fences", "projections/bad.py", D + "import eventsourcing\n"),
    ("libraries_stay_behind_their_fences", "ledger/store/sqlite.py", D + "import psycopg\n"),
    ("libraries_stay_behind_their_fences", "ledger/service.py", D + "import sqlite3\n"),
    ("libraries_stay_behind_their_fences", "api/client/bad.py", D + "from fastapi import FastAPI\n"),
    ("libraries_stay_behind_their_fences", "api/cli/bad.py", D + "import starlette.responses\n"),
    ("libraries_stay_behind_their_fences", "api/routes/bad.py", D + "import httpx\n"),
    ("pure_modules_touch_nothing", "ledger/acceptance.py", D + "import time\n"),
    ("pure_modules_touch_nothing", "ledger/records/bad.py", D + "import urllib.request\n"),
    ("inits_of_client_path_are_empty", "ledger/__init__.py", D + "from ledger.service import Ledger\n"),
    ("audit_is_independent", "ledger/audit.py", D + "from ledger.log.merkle import leaf_hash\n"),
    ("audit_is_independent", "ledger/_audit_tree.py", D + "from ledger.store._mapper import split_state\n"),
    ("audit_is_independent", "ledger/audit.py", D + "from ledger.records import parse_record\n"),
    ("audit_is_independent", "ledger/_audit_kinds.py", D + "from ledger.registry import Registry\n"),
    ("wall_clock_is_read_in_one_place", "api/bad.py", D + "import time\n\nX = time.time()\n"),
    ("wall_clock_is_read_in_one_place", "api/bad.py", D + "from time import time\n\nX = time()\n"),
    ("wall_clock_is_read_in_one_place", "keys/bad.py", D + "from datetime import datetime\n\nX = datetime.now()\n"),
    ("wall_clock_is_read_in_one_place", "tests/unit/test_bad.py", D + "import datetime\n\nX = datetime.date.today()\n"),
    ("files_and_functions_stay_small", "tests/unit/test_bad.py", D + "X = 1\n" * 499),
    ("files_and_functions_stay_small", "keys/bad.py", D + "def _f():\n" + LONG_BODY),
    ("files_and_functions_stay_small", "keys/bad.py", D + "class A:\n    " + ("def _f(self):\n" + LONG_BODY).replace("\n", "\n    ") + "\n"),
    ("every_module_says_what_it_is_for", "tests/unit/test_bad.py", "X = 1\n"),
    ("every_module_says_what_it_is_for", "keys/bad.py", D + "def f():\n    return 1\n"),
    ("every_module_says_what_it_is_for", "keys/bad.py", D + "class A:\n    x = 1\n"),
    ("every_module_says_what_it_is_for", "keys/bad.py", D + 'class A:\n    """Doc."""\n\n    def f(self):\n        return 1\n'),
    ("raised_errors_are_documented", "keys/bad.py", D + 'def f():\n    """Doc."""\n    if 1:\n        raise BadKey("x")\n'),
    ("raised_errors_are_documented", "keys/bad.py", D + 'def f():\n    """Doc."""\n    raise errors.BadKey\n'),
    ("raised_errors_are_documented", "keys/bad.py", D + 'class Low(Refused):\n    """Doc."""\n\n\ndef f():\n    """Refused."""\n    raise Low\n'),
    ("checks_never_answer_yes_or_no", "keys/bad.py", D + "def check_it(x) -> bool:\n" + '    """Doc."""\n    return True\n'),
    ("no_error_is_swallowed", "api/bad.py", D + "try:\n    X = 1\nexcept Exception:\n    pass\n"),
    ("no_error_is_swallowed", "api/bad.py", D + "def _f():\n    try:\n        return 1\n    except:\n        return None\n"),
    ("tests_use_real_things", "tests/unit/test_bad.py", D + "from unittest.mock import MagicMock\n"),
    ("tests_use_real_things", "tests/unit/test_bad.py", D + "import time\n\ntime.sleep(1)\n"),
    ("nothing_is_left_unfinished", "ledger/docs/BAD.md", "# Title\n\nTO" + "DO: write\n"),
    ("nothing_is_left_unfinished", "keys/bad.py", D + "# FIX" + "ME later\n"),
    ("no_registry_address", "requirements.lock", "--index" + "-url https://example.org/x\n"),
    ("no_registry_address", "README.md", "see https://py" + "pi.org/project/x\n"),
    ("no_registry_address", "Makefile", "x:\n\tpip install -i file:///opt/mirror/" + "simple x\n"),
    ("no_machine_path", "README.md", "cd /ho" + "me/alice/ledger\n"),
    ("no_machine_path", "keys/bad.py", D + 'X = "/ro' + 'ot/keys/k.json"\n'),
]  # fmt: skip


def plant(root: Path, files: dict[str, str]) -> SourceTree:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return SourceTree(root)


def test_a_clean_tree_keeps_every_rule(tmp_path: Path) -> None:
    tree = plant(tmp_path, CLEAN)
    assert {rule.__name__: list(rule(tree)) for rule in RULES} == {rule.__name__: [] for rule in RULES}


@pytest.mark.parametrize(
    ("rule_name", "path", "text"), PLANTED, ids=[f"{name}-{path}-{n}" for n, (name, path, _) in enumerate(PLANTED)]
)
def test_a_planted_violation_is_reported(tmp_path: Path, rule_name: str, path: str, text: str) -> None:
    tree = plant(tmp_path, CLEAN | {path: text})
    (rule,) = [r for r in RULES if r.__name__ == rule_name]
    assert any(path in place for place in rule(tree))


def test_a_loosened_ratchet_is_reported(tmp_path: Path) -> None:
    long = {f"keys/long_{n}.py": D + "X = 1\n" * 200 for n in range(20)}
    wide = {f"ledger/wide_{n}.py": D + "def _f():\n" + LONG_BODY[: 14 * 40] for n in range(20)}
    (rule,) = [r for r in RULES if r.__name__ == "sizes_keep_the_ratchet"]
    told = " ".join(rule(plant(tmp_path, CLEAN | long | wide)))
    assert "median" in told or "percentile" in told
    assert "percentile" in " ".join(rule(plant(tmp_path / "b", CLEAN | wide)))


def test_every_rule_has_a_planted_violation() -> None:
    planted = {name for name, _, _ in PLANTED} | {"sizes_keep_the_ratchet"}
    assert planted == {rule.__name__ for rule in RULES}
