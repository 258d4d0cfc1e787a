"""The documents name only commands that exist, with arguments and options that their parsers take."""

import argparse
import re
import shlex
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from archive.cli import COMMANDS, make_parser
from tests.cli_reference import reference

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TOOL = r"(?:scrapy|python -m) "
LINE = re.compile(rf"^ *(?:\$ )?(?:[A-Z_]+=\S+ )*({TOOL}.+)$", re.MULTILINE)
INLINE = re.compile(rf"`({TOOL}[^`\n]+)`")
COMMENT = re.compile(r"\s+#.*|\s{2,}(?!-).*")  # what stands behind the command, two blanks away
OWN = {path.stem for path in (ROOT / "crawlers" / "commands").glob("*.py")} - {"__init__"}


def named(text):
    """Return the commands that a page names, each as its words."""
    found = [match for pattern in (LINE, INLINE) for match in pattern.findall(text)]
    return [shlex.split(re.sub(r"[\[\]]", "", COMMENT.sub("", line))) for line in found]


CALLS = [(page, words) for page in PAGES for words in named(page.read_text(encoding="utf-8"))]


def calls(*tool):
    return [
        pytest.param(words[len(tool) :], id=f"{page.name} {' '.join(words)}")
        for page, words in CALLS
        if tuple(words[: len(tool)]) == tool
    ]


def test_the_pages_are_understood():
    text = "```console\n$ A=1 scrapy crawl x [-a limit=N]  -s B=2   # why\n```\nand `python -m archive get ID`, but no scrapy here\n"
    assert named(text) == [
        ["scrapy", "crawl", "x", "-a", "limit=N", "-s", "B=2"],
        ["python", "-m", "archive", "get", "ID"],
    ]
    assert len(CALLS) > 30


@pytest.mark.parametrize("words", calls("python", "-m", "archive"))
def test_the_archive_s_commands_are_as_documented(words, capsys):
    if "·" in words:  # a list of names
        assert {word for word in words if word not in {"·", "…"}} <= set(COMMANDS)
        return
    try:
        assert make_parser().parse_args(words)
    except SystemExit:
        # A bare name in a sentence stands for the command, whatever else it takes.
        assert len(words) == 1, capsys.readouterr().err
        assert words[0] in COMMANDS


@pytest.mark.parametrize("words", calls("scrapy"))
def test_scrapy_s_commands_are_as_documented(words):
    name, *rest = words
    if name not in OWN and find_spec(f"scrapy.commands.{name}"):
        return  # Scrapy's own
    assert name in OWN
    command = import_module(f"crawlers.commands.{name}").Command()
    command.settings = get_project_settings()
    parser = argparse.ArgumentParser(prog=f"scrapy {name}", conflict_handler="resolve")
    command.add_options(parser)
    options, others = parser.parse_known_args(rest)
    assert not [word for word in others if word.startswith("-") and word != "-"]
    known = {"url", "urls", "zone"} if "any" in others else {"since", "until", "url", "limit"}
    assert {word.partition("=")[0] for word in getattr(options, "spargs", None) or []} <= known


@pytest.mark.parametrize("module", sorted({words[2] for _, words in CALLS if words[0] == "python"}))
def test_the_modules_are_there(module):
    assert find_spec(module) is not None


def test_every_command_of_the_archive_is_documented():
    assert {words[3] for _, words in CALLS if words[:3] == ["python", "-m", "archive"]} >= set(COMMANDS)


def test_the_reference_is_what_the_parsers_say():
    page = ROOT / "docs" / "archive.md"
    assert page.read_text(encoding="utf-8") == reference(), "write it anew: python -m tests.cli_reference"


WRITTEN = [*ROOT.glob("*.md"), *ROOT.glob("reader/*.md"), *(ROOT / "docs").rglob("*.md")]
FLOORS = ("archive", "crawlers", "pipelines", "spiders", "tests")
MODULES = [path.as_posix() for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(page):
    """Return what GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text(encoding="utf-8"))):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def test_the_map_leads_to_every_page():
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and f"({page.name}" not in text
    ] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_names_is_there(page):
    if page.name != "CHANGELOG.md":  # which speaks of its time
        named = set(re.findall(r"`([\w./]+\.py)`", page.read_text(encoding="utf-8")))
        assert [name for name in named if not any(module.endswith(f"/{name}") for module in MODULES)] == []


def test_the_readme_begins_with_five_lines_and_two_commands_and_says_what_is_weak():
    title, first, block, *rest = (ROOT / "README.md").read_text(encoding="utf-8").split("\n\n")
    assert title.startswith("# ")
    assert len(first.splitlines()) <= 5
    assert [line.split("#")[0].strip() for line in block.splitlines()[1:-1]] == ["make demo", "make test"]
    assert any(part == "## Where it is weak" for part in rest)
