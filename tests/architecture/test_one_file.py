"""Goal: a new kind of record, and a new view, is one new file and nothing else.

Method: a copy of the source tree gets one file more. A fresh interpreter in the copy then finds the kind in the
published schemas, in the command line, in acceptance and in the archive; and the view in the list of views, filled by
the runner and named by `rebuild`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

KIND = '''"""行会会员: a worker belongs to a guild of the trade. Lives only in this test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import OccupationCode, Text, claim
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json


class GuildMembership(PersonEvent):
    """One worker, one guild."""

    KIND: ClassVar[str] = "guild-membership"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "行会会员", "en": "guild membership"}
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: record.guild),
        guild=Slot("guild"),
        occupation={"code": Slot("occupation_code"), "name": Slot("occupation_name")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "guild": "示例焊工行会",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    guild: Text = claim("行会", "guild")
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
'''

VIEW = '''"""How many records each kind has. Lives only in this test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from projections._base import Add, Logged, RowChange, Table

NAME: Final = "kind_counts"
VERSION: Final = 1
KINDS: frozenset[str] | None = None
TABLES: tuple[Table, ...] = (Table("kind_counts", {"kind": "TEXT", "records": "BIGINT"}, ("kind",)),)


def apply(record: Logged, /) -> Iterator[RowChange]:
    """One more of its kind."""
    yield Add("kind_counts", (record.kind,), {"records": 1})
'''

LOOK = """
import json, sys
from uuid import UUID
from ledger.logged import LoggedRecord
from ledger.records import KINDS, parse_record
from projections import VIEWS
from projections._runner import Runner
from projections.archive import archive
from tests.support.past import Past, build
from tests.support.view_engine import ListSource, MemoryViews, rows_of

name = "guild-membership/1"
envelope = build(name)
logged = LoggedRecord(0, UUID(int=1), 1, name, envelope.leaf, b"")
engine = MemoryViews(VIEWS)
Runner(ListSource([logged]), engine, VIEWS).catch_up()
(item,) = archive(engine, UUID(int=1), as_of_seconds=1_800_000_000).items
print(json.dumps({
    "schema": KINDS[name].json_schema()["x-disclosures"],
    "scope": parse_record(envelope).scope().kind,
    "refused": Past().code(name, {"occupation_code": "9"}),
    "archive": [item.kind, item.title, item.occupation],
    "views": [view.NAME for view in VIEWS],
    "rows": sorted(map(list, rows_of(engine, VIEWS).get("kind_counts", []))),
}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with two files more."""
    copy = tmp_path_factory.mktemp("one-file") / "project"
    ignored = shutil.ignore_patterns("__pycache__", "*.png")
    for part in ("api", "keys", "ledger", "projections", "tests/support"):
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    (copy / "tests/__init__.py").touch()
    (copy / "ledger/records/guild_membership.py").write_text(KIND, "utf-8")
    (copy / "projections/kind_counts.py").write_text(VIEW, "utf-8")
    return copy


def run(tree: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_kind_and_a_view_are_one_file_each(tree: Path) -> None:
    found = json.loads(run(tree, "-c", LOOK))
    assert found["schema"] == ["holder_name", "document_number"]
    assert found["scope"] == "guild-membership"
    assert found["refused"] == "identifier-malformed"
    assert found["archive"] == ["guild-membership/1", "示例焊工行会", "6-18-02-04"]
    assert "kind_counts" in found["views"]
    assert [row[:2] for row in found["rows"]] == [["guild-membership/1", 1]]


def test_the_command_line_knows_both(tree: Path) -> None:
    template = json.loads(run(tree, "-m", "api.cli.main", "template", "guild-membership"))
    assert template["claims"]["guild"] == "示例焊工行会"
    help_text = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "rebuild", "nothing", "--store", "sqlite:///none.db"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert help_text.returncode == 2
    assert "kind_counts" in help_text.stderr + help_text.stdout
