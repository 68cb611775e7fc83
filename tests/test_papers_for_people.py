"""The papers keep their word: commands exist, settings are told, links lead somewhere.

Checkers are functions from text to findings; the last tests feed them bad texts.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.test_architecture import PACKAGES, ROOT

PAPERS = (
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
    ROOT / "villages" / "data" / "README.md",
)
#: Of the compose file alone; the portal never sees them.
OF_COMPOSE = {"POSTGRES_PASSWORD", "DATABASE_PASSWORD", "PORTAL_PORT"}
SECRETS = {
    *("POSTGRES_PASSWORD", "DATABASE_PASSWORD"),
    *("LAWADVISOR_SECRET_KEY", "LAWADVISOR_DATA_KEYS"),
}
PICTURE_BYTES = 200 * 1024


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def code_files() -> Iterator[Path]:
    """Everything of ours that may cite a reading or read a variable."""
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".toml", ".html"} and path.parent.name != "migrations":
                yield path
    yield from (ROOT / "bin" / "setup", ROOT / "tests" / "services.py")


def code_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in code_files())


def commands_in(text: str) -> set[str]:
    """The make targets that a paper tells people to run, in code blocks and in line."""
    code = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
    return set(re.findall(r"\bmake ([a-z][a-z-]*)", "\n".join(a or b for a, b in code)))


def targets_in(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def variables_in(text: str) -> set[str]:
    return set(re.findall(r"\b(?:LAWADVISOR_[A-Z_]*[A-Z]|DATABASE_URL|REDIS_URL)\b(?!_)", text))


def first_cells(text: str) -> set[str]:
    """What stands in back quotes in the first column of any table."""
    rows = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def citations_in(text: str) -> set[str]:
    """Readings and demands that a comment cites; cells such as A1:A9 and paper A4 are others."""
    readings = {
        number
        for remark in re.findall(r"\(([^()]*)\)", text)
        for number in re.findall(r"(?<![\w:!'\"])A\d{1,2}(?![\w:'\"]| landscape)", remark)
    }
    return readings | set(re.findall(r"\b(?:ZX|CZ|SH|DG|JC)-\d{2}\b", text))


def links_in(text: str) -> list[str]:
    """Relative targets of links and pictures, without what stands in code blocks."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors_in(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w一-鿿 -]", "", title.lower()).replace(" ", "-") for title in titles}


def dead_links(path: Path) -> list[str]:
    dead = []
    for link in links_in(path.read_text(encoding="utf-8")):
        place, _, anchor = unquote(link).partition("#")
        target = (path.parent / place).resolve() if place else path
        known = not anchor or anchor in anchors_in(target.read_text(encoding="utf-8"))
        if not target.exists() or not known:
            dead.append(f"{path.relative_to(ROOT)}: {link}")
    return dead


def services_in(compose: str) -> dict[str, str]:
    """Each service's own lines, by its name: the blocks two blanks deep below ``services:``."""
    block = re.search(r"^services:\n(.*?)(?=^\S)", compose, re.MULTILINE | re.DOTALL)
    assert block is not None
    parts = re.split(r"^  ([a-z]+):\n", block[1], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def literal_secrets(text: str) -> list[str]:
    """Lines that give a password or a key in plain text instead of asking for a variable."""
    named = re.compile(
        r"^\s*-?\s*\w*(?:PASSWORD|SECRET|TOKEN|_KEY)\w*\s*[:=]\s*(\S.*)$", re.IGNORECASE
    )
    address = re.compile(r"://[^/\s:@]*:(?!\$\{)[^/\s@]+@")
    return [
        line.strip()
        for line in text.splitlines()
        if ((found := named.match(line)) and not found[1].strip("\"'").startswith("${"))
        or address.search(line)
    ]


# ── what the papers say is so ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_commands_exist(name: str):
    told = commands_in(read(name))

    assert {"run", "test"} <= told
    assert told <= targets_in(read("Makefile"))


def test_the_table_of_settings_names_all_that_is_read_and_nothing_else():
    told = variables_in("\n".join(f"`{cell}`" for cell in first_cells(read("README.md"))))

    assert told == variables_in(code_text())


def test_the_chinese_table_names_only_what_there_is():
    assert variables_in(read("README.zh-CN.md")) <= variables_in(read("README.md"))


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path):
    assert dead_links(path) == []


def test_every_cited_reading_is_explained():
    row = r"^\| ((?:A|(?:ZX|CZ|SH|DG|JC)-)\d+) \|"
    told = set(re.findall(row, read("docs", "readings.md"), re.MULTILINE))

    assert citations_in(code_text()) - told == set()


def test_every_record_of_a_decision_has_its_four_parts():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert "Status: " in text, path.name
        for part in ("## Context", "## Decision", "## Consequences"):
            assert part in text, path.name


def test_every_package_is_argued():
    """What is pinned for running stands in the record on dependencies."""
    argued = read("docs", "adr", "0006-dependencies.md").lower()
    given = {"django", "djangorestframework", "celery", "redis", "psycopg2-binary"}
    pinned = re.findall(r"^([\w-]+)==", read("requirements.txt"), re.MULTILINE)
    for_tests = re.findall(r"^([\w-]+)==", read("requirements-dev.txt"), re.MULTILINE)

    missing = [name for name in [*pinned, *for_tests] if f"`{name}`" not in argued]
    assert set(missing) <= given | {"openpyxl", "weasyprint"}


def test_the_changelog_begins_with_what_is_unreleased():
    headings = re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)

    assert headings[0] == "Unreleased"


def test_pictures_are_light_and_wide_enough():
    pictures = sorted((ROOT / "docs" / "images").glob("*"))

    assert pictures
    for picture in pictures:
        head = picture.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n", picture.name
        width, _height = struct.unpack(">II", head[16:24])
        assert picture.stat().st_size <= PICTURE_BYTES, picture.name
        assert width >= 1000, picture.name


def test_the_licence_is_whole_and_named():
    text = read("LICENSE")

    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in read("pyproject.toml")


# ── deployment ──────────────────────────────────────────────────────────────────────────────────


def test_every_service_has_a_health_check():
    services = services_in(read("docker-compose.yml"))

    assert {"db", "redis", "migrate", "web", "worker", "beat", "proxy"} <= set(services)
    for name, lines in services.items():
        assert "healthcheck:" in lines, name
        if "disable: true" in lines:  # a one-shot has ended before anybody asks
            assert 'restart: "no"' in lines, name


def test_secrets_come_from_outside():
    compose = read("docker-compose.yml")

    assert literal_secrets(compose) == []
    assert literal_secrets(read("Dockerfile")) == []
    for name in SECRETS:
        assert f"${{{name}:?" in compose
        assert f"\n{name}=change-me\n" in read(".env.example")


def test_the_example_names_what_compose_asks_for():
    compose = read("docker-compose.yml")
    asked = set(re.findall(r"\$\{(\w+)", compose))
    needed = set(re.findall(r"\$\{(\w+):\?", compose))
    offered = set(re.findall(r"^(\w+)=", read(".env.example"), re.MULTILINE))

    assert needed <= offered <= asked
    assert asked - OF_COMPOSE <= first_cells(read("README.md"))


def test_only_the_proxy_is_reachable():
    services = services_in(read("docker-compose.yml"))

    assert [name for name, lines in services.items() if "ports:" in lines] == ["proxy"]


def test_the_image_brings_the_libraries_and_fonts_of_set_up():
    setup = read("bin", "setup")
    wanted = re.findall(r'\.so\.0": "([\w.-]+)"', setup) + re.findall(r'"(fonts-[\w-]+)"', setup)
    image = read("Dockerfile")

    assert len(wanted) >= 5
    assert [package for package in wanted if package not in image] == []


def test_everything_mounted_or_copied_is_there():
    mounted = re.findall(r"- \./([\w./-]+):", read("docker-compose.yml"))

    assert mounted
    assert [path for path in mounted if not (ROOT / path).exists()] == []


# ── the checkers see what they look for ─────────────────────────────────────────────────────────


def test_checkers_report():
    assert commands_in("```sh\nmake fly\n```\nthey make bread, `make run`") == {"fly", "run"}
    assert variables_in("LAWADVISOR_X, f'LAWADVISOR_TEST_{n}'") == {"LAWADVISOR_X"}
    assert citations_in("(A9, ZX-24) (=SUM(A1:A3)) A4 landscape (A12)") == {"A9", "A12", "ZX-24"}
    assert links_in("[a](b.md) ![c](d.png) [e](https://f.example)") == ["b.md", "d.png"]
    assert list(services_in("services:\n  db:\n    image: x\n  web:\n    a: b\nvolumes:\n")) == [
        "db",
        "web",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "      POSTGRES_PASSWORD: hunter2",
        '  LAWADVISOR_SECRET_KEY: "abc"',
        "  - DATABASE_PASSWORD=abc",
        "    DATABASE_URL: postgres://me:abc@db/x",
    ],
)
def test_secret_checker_reports(line: str):
    assert literal_secrets(line) == [line.strip()]
    assert literal_secrets(re.sub(r"hunter2|\"?abc\"?", "${IT:?}", line)) == []
