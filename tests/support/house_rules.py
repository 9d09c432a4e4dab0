"""The house rules as code: import directions, library fences, sizes, docstrings, forbidden words.

Each rule is a function from a `SourceTree` to violations, and its docstring is the rule's text, which the failing test
prints. To add a rule, write such a function, add it to `RULES` and plant its violation in
`tests/architecture/test_planted_violations.py`.
"""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch

from tests.support.source_tree import PACKAGES, Function, SourceTree

Rule = Callable[[SourceTree], Iterable[str]]

FILE_LINES_MAX, FILE_LINES_MEDIAN = 500, 180
FUNCTION_LINES_MAX, FUNCTION_LINES_P90 = 70, 35

SERVER = ("api/*",)
FENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # library: (where it may be imported, exceptions to that)
    "cryptography": (("keys/*",), ()),
    "eventsourcing": (("ledger/store/*", "projections/_runner.py"), ()),
    "psycopg": (("ledger/store/postgres*.py", "ledger/store/_postgres*.py"), ()),
    "psycopg_pool": (("ledger/store/postgres*.py", "ledger/store/_postgres*.py"), ()),
    "sqlite3": (("ledger/store/*",), ()),
    "fastapi": (SERVER, ("api/client/*", "api/cli/*")),
    "starlette": (SERVER, ("api/client/*", "api/cli/*")),
    "jinja2": (SERVER, ("api/client/*", "api/cli/*")),
    "joserfc": (SERVER, ("api/client/*", "api/cli/*")),
    "uvicorn": (SERVER, ("api/client/*",)),
    "httpx": (("api/client/*",), ()),
}
PURE = (
    "keys/ids.py", "keys/keyring.py", "keys/algorithms/*", "ledger/records/*", "ledger/wire/*", "ledger/log/*",
    "ledger/rules/*", "ledger/registry.py", "ledger/history.py", "ledger/acceptance.py", "projections/_base.py",
)  # fmt: skip
SIDE_EFFECTS = {
    "asyncio",
    "multiprocessing",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
}
ANSWERS_PEOPLE = ("api/routes/*", "api/cli/*", "api/web/*")
AUDIT_MAY_IMPORT = ("keys", "ledger.errors", "ledger.store.open_store")
AUDIT_KINDS_MAY_IMPORT = (*AUDIT_MAY_IMPORT, "ledger.records", "ledger.wire.envelope.parse_envelope")

WALL_CLOCK = {
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
}  # fmt: skip
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
REGISTRY = re.compile(
    r"(?:https?|file)://[^\s\"'<>]*(?:py"
    r"pi\.|pythonhosted|npm"
    r"js\.|registry\.|deb\.debian|/simple\b)"
    r"|--(?:extra-)?index"
    r"-url|--find"
    r"-links",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:wo" r"rk|ro" r"ot|ho" r"me/[a-z]\w*|Us" r"ers/\w+)/[\w.]")


def imports_follow_the_direction(tree: SourceTree) -> Iterator[str]:
    """keys <- ledger <- projections <- api: a package imports itself and those to its left; nothing imports tests."""
    for module in tree.product:
        allowed = PACKAGES[: PACKAGES.index(module.package) + 1]
        for line, name in module.imports():
            top = name.split(".", 1)[0]
            if top in {*PACKAGES, "tests"} and top not in allowed:
                yield f"{module.path}:{line}: {module.package} imports {name}"


def libraries_stay_behind_their_fences(tree: SourceTree) -> Iterator[str]:
    """A library is imported only where its fence allows, so that it can be replaced in one place."""
    for module in tree.product:
        for line, name in module.imports():
            fence = FENCES.get(name.split(".", 1)[0])
            if fence is None:
                continue
            inside, outside = fence
            if not _matches(module.path, inside) or _matches(module.path, outside):
                yield f"{module.path}:{line}: imports {name}, allowed in {', '.join(inside)} except {outside or 'nowhere'}"


def pure_modules_touch_nothing(tree: SourceTree) -> Iterator[str]:
    """Modules marked P in the design take bytes and give values: they import no clock, network, process or thread."""
    for module in tree.product:
        if _matches(module.path, PURE):
            for line, name in module.imports():
                if any(name == bad or name.startswith(bad + ".") for bad in SIDE_EFFECTS):
                    yield f"{module.path}:{line}: imports {name}"


def inits_of_client_path_are_empty(tree: SourceTree) -> Iterator[str]:
    """ledger/__init__.py and api/__init__.py import nothing, so that the client never loads a server library."""
    for module in tree.product:
        if module.path in {"ledger/__init__.py", "api/__init__.py"}:
            yield from (f"{module.path}:{line}: imports {name}" for line, name in module.imports())


def audit_is_independent(tree: SourceTree) -> Iterator[str]:
    """ledger/audit.py and ledger/_audit*.py share no code with what they check: of the project they import keys, errors and
    the read connection; _audit_kinds.py alone also asks the kinds of records what a payload means.
    """
    for module in tree.product:
        if not fnmatch(module.path, "ledger/audit*.py") and not fnmatch(module.path, "ledger/_audit*.py"):
            continue
        may_import = AUDIT_KINDS_MAY_IMPORT if module.path == "ledger/_audit_kinds.py" else AUDIT_MAY_IMPORT
        for line, name in module.imports():
            mine = name.split(".", 1)[0] in PACKAGES
            own = name.startswith(("ledger._audit", "ledger.audit"))
            if mine and not own and not any(name == may or name.startswith(may + ".") for may in may_import):
                yield f"{module.path}:{line}: imports {name}"


def wall_clock_is_read_in_one_place(tree: SourceTree) -> Iterator[str]:
    """Only ledger/clock.py reads the wall clock; everything else is given a Clock or an instant. Tests never read it."""
    for module in tree.modules:
        if module.path == "ledger/clock.py" or module.path.startswith("tests/bench/"):
            continue
        plain = {name.rsplit(".", 1)[-1] for _, name in module.imports() if name in {"time.time", "time.time_ns"}}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and (ast.unparse(node.func) in WALL_CLOCK or ast.unparse(node.func) in plain):
                yield f"{module.path}:{node.lineno}: {ast.unparse(node.func)}()"


def files_and_functions_stay_small(tree: SourceTree) -> Iterator[str]:
    """A file has at most 500 lines and a function at most 70: what is longer tells two stories."""
    for module in tree.modules:
        if module.lines > FILE_LINES_MAX:
            yield f"{module.path}: {module.lines} lines"
        for name, node, _ in module.functions():
            if _length(node) > FUNCTION_LINES_MAX:
                yield f"{module.path}:{node.lineno}: {name} has {_length(node)} lines"


def sizes_keep_the_ratchet(tree: SourceTree) -> Iterator[str]:
    """Half of the product's files have at most 180 lines, nine functions in ten at most 35. The ratchet never loosens."""
    files = [m.lines for m in tree.product if not m.path.endswith("__init__.py")]
    functions = sorted(_length(node) for m in tree.product for _, node, _ in m.functions())
    if files and (median := statistics.median(files)) > FILE_LINES_MEDIAN:
        yield f"median file: {median} lines"
    if functions and (p90 := functions[int(len(functions) * 0.9)]) > FUNCTION_LINES_P90:
        yield f"90th percentile of functions: {p90} lines"


def every_module_says_what_it_is_for(tree: SourceTree) -> Iterator[str]:
    """Every module opens with a docstring; in the four packages every public class and function has one too."""
    for module in tree.modules:
        if module.tree.body and not ast.get_docstring(module.tree):
            yield f"{module.path}: no module docstring"
    for module in tree.product:
        for node in module.classes():
            if not node.name.startswith("_") and not ast.get_docstring(node):
                yield f"{module.path}:{node.lineno}: class {node.name} has no docstring"
        for name, node, public in module.functions():
            if public and not ast.get_docstring(node) and not _is_overload(node):
                yield f"{module.path}:{node.lineno}: {name} has no docstring"


def raised_errors_are_documented(tree: SourceTree) -> Iterator[str]:
    """A public function's docstring (or its class's) names each error the function raises itself, or an ancestor of it
    below the three families, or points with "See `…`" to the protocol that does. Not for endpoints and commands, whose
    docstrings people read: their errors stand in the OpenAPI description and among the exit codes.
    """
    bases = {c.name: [ast.unparse(b).rsplit(".", 1)[-1] for b in c.bases] for m in tree.product for c in m.classes()}
    for module in tree.product:
        of_class = {node.name: ast.get_docstring(node) or "" for node in module.classes()}
        for name, node, public in module.functions():
            told = (ast.get_docstring(node) or "") + of_class.get(name.split(".", 1)[0], "")
            if not public or "See `" in told or _matches(module.path, ANSWERS_PEOPLE):
                continue
            for line, error in _raised(node):
                if not any(known in told for known in _lineage(error, bases)):
                    yield f"{module.path}:{line}: {name} raises {error}"


def checks_never_answer_yes_or_no(tree: SourceTree) -> Iterator[str]:
    """A check_* function raises; it never returns a bool that a caller may forget to look at."""
    for module in tree.product:
        for name, node, _ in module.functions():
            if node.name.startswith("check_") and node.returns is not None and ast.unparse(node.returns) == "bool":
                yield f"{module.path}:{node.lineno}: {name} returns a bool"


def no_error_is_swallowed(tree: SourceTree) -> Iterator[str]:
    """No `except:` or `except Exception:` whose body only passes, continues or returns nothing."""
    for module in tree.product:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and all(map(_does_nothing, node.body)):
                yield f"{module.path}:{node.lineno}: swallows {ast.unparse(node.type) if node.type else 'everything'}"


def tests_use_real_things(tree: SourceTree) -> Iterator[str]:
    """Tests neither mock nor sleep: they drive the real code, with an injected clock."""
    for module in tree.tests:
        for line, name in module.imports():
            if name.split(".")[:2] == ["unittest", "mock"] or name.split(".", 1)[0] in {"mock", "pytest_mock"}:
                yield f"{module.path}:{line}: imports {name}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"}:
                yield f"{module.path}:{node.lineno}: {ast.unparse(node.func)}()"


def nothing_is_left_unfinished(tree: SourceTree) -> Iterator[str]:
    """No file holds a note of unfinished work: finish it, or write down in the docs what is missing."""
    yield from _text_hits(tree, UNFINISHED)


def no_registry_address(tree: SourceTree) -> Iterator[str]:
    """No file names a package registry: where packages come from is the machine's setting; hashes say what they are."""
    yield from _text_hits(tree, REGISTRY)


def no_machine_path(tree: SourceTree) -> Iterator[str]:
    """No file names a path of one machine."""
    yield from _text_hits(tree, MACHINE_PATH)


RULES: tuple[Rule, ...] = (
    imports_follow_the_direction,
    libraries_stay_behind_their_fences,
    pure_modules_touch_nothing,
    inits_of_client_path_are_empty,
    audit_is_independent,
    wall_clock_is_read_in_one_place,
    files_and_functions_stay_small,
    sizes_keep_the_ratchet,
    every_module_says_what_it_is_for,
    raised_errors_are_documented,
    checks_never_answer_yes_or_no,
    no_error_is_swallowed,
    tests_use_real_things,
    nothing_is_left_unfinished,
    no_registry_address,
    no_machine_path,
)


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _lineage(error: str, bases: dict[str, list[str]]) -> set[str]:
    """An error and its ancestors, the families left out: naming a family documents nothing."""
    above = (_lineage(base, bases) for base in bases.get(error, []))
    return set().union({error}, *above) - {"Refused", "Unavailable", "Corrupt", "LedgerError", "Exception"}


def _is_overload(node: Function) -> bool:
    return any(ast.unparse(d).endswith(("overload", ".setter")) for d in node.decorator_list)


def _raised(node: Function) -> Iterator[tuple[int, str]]:
    """Line and name of each class raised in the function itself, not in functions inside it."""
    todo: list[ast.AST] = list(node.body)
    while todo:
        inner = todo.pop()
        if isinstance(inner, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            named = inner.exc.func if isinstance(inner.exc, ast.Call) else inner.exc
            name = ast.unparse(named).rsplit(".", 1)[-1]
            if re.fullmatch(r"[A-Z][A-Za-z]+", name) and name not in {
                "AssertionError",
                "NotImplementedError",
                "SystemExit",
            }:
                yield inner.lineno, name
        todo.extend(ast.iter_child_nodes(inner))


def _catches_everything(node: ast.ExceptHandler) -> bool:
    return node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}


def _does_nothing(node: ast.stmt) -> bool:
    empty_return = isinstance(node, ast.Return) and (
        node.value is None or (isinstance(node.value, ast.Constant) and not node.value.value)
    )
    return empty_return or isinstance(node, ast.Pass | ast.Continue)


def _text_hits(tree: SourceTree, pattern: re.Pattern[str]) -> Iterator[str]:
    for name, text in tree.texts():
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                yield f"{name}:{number}: {line.strip()[:80]}"
