"""Goal: the client works where no server library is installed.

Method: a fresh interpreter whose importer refuses everything but the standard library, the client's own libraries and
the project's pure parts, then imports the client and the commands that promise to work with it. A planted import shows
that the importer refuses.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

ALLOWED = {
    # httpx and what it stands on
    "httpx", "httpcore", "anyio", "h11", "certifi", "idna", "sniffio", "socksio", "brotli", "brotlicffi", "zstandard", "h2",
    # JSON, models, signatures
    "orjson", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection",
    "cryptography", "_cffi_backend", "cffi", "stdnum", "importlib_resources", "pkg_resources", "dotenv", "email_validator",
}  # fmt: skip
CLI = {"typer", "click", "rich", "pygments", "markdown_it", "mdurl", "shellingham", "annotated_doc", "colorama"}
PROJECT = (
    "api", "api.client", "keys", "ledger", "ledger.wire", "ledger.records", "ledger.log", "ledger.registry", "ledger.rulebook", "ledger.errors",
    "ledger.limits", "ledger.clock", "ledger.calendar", "ledger.history", "ledger.logged", "ledger.rules",
)  # fmt: skip

BLOCKER = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in {"api", "ledger", "projections", "tests"}:
            ok = any(name == one or (one.count(".") == 1 and name.startswith(one + ".")) for one in PROJECT)
            ok = ok or name.startswith(CLI_PACKAGE) if CLI_PACKAGE else ok
        else:
            ok = top == "keys" or top in sys.stdlib_module_names or top in ALLOWED or top.startswith("_sysconfigdata")
        if not ok:
            raise ModuleNotFoundError("refused " + name, name=name)
        return None
sys.meta_path.insert(0, Refuse())
"""


def run(code: str, *, cli: bool = False) -> subprocess.CompletedProcess[str]:
    allowed = ALLOWED | CLI if cli else ALLOWED
    package = "api.cli" if cli else ""
    prelude = f"ALLOWED = {allowed!r}\nPROJECT = {PROJECT!r}\nCLI_PACKAGE = {package!r}\n{BLOCKER}\n"
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, text=True, check=False)


def test_the_client_imports_no_server_library():
    done = run("from api.client import LedgerClient, AsyncLedgerClient, verify\nimport api.client.outcome\nprint('ok')")
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


@pytest.mark.parametrize(
    "name", ["fastapi", "starlette", "eventsourcing", "psycopg", "jinja2", "ledger.service", "api.app"]
)
def test_the_importer_refuses(name):
    done = run(f"import {name}")
    assert done.returncode != 0
    assert f"refused {name}" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["template", "skill-certificate"],
        ["check-id", "uscc", "52320102MJ000000XG"],
        ["outcome", "-"],
        ["verify", "--help"],
        ["submit", "--help"],
        ["keys", "show", "--help"],
    ],
    ids=" ".join,
)
def test_commands_that_need_no_server_library(command):
    done = run(
        f"import sys\nsys.argv = ['skill-ledger', *{command!r}]\nfrom api.cli.main import main\nmain()", cli=True
    )
    assert done.returncode == 0, done.stderr


def test_a_command_of_the_server_says_which_library_is_missing():
    line = "['skill-ledger', 'serve', '--store', 'sqlite:////nowhere/x.db']"
    done = run(f"import sys\nsys.argv = {line}\nfrom api.cli.main import main\nmain()", cli=True)
    assert done.returncode == 4
    assert "library-missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_public_names():
    import api.client

    assert api.client.__all__ == ["AsyncLedgerClient", "LedgerClient", "verify"]
    assert callable(api.client.verify)
