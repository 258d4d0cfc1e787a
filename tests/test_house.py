"""The house holds its own rules: small declarative spiders, documented exit codes, an egg that is whole, the right floors."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from crawlers.session.provenance import PARTS
from crawlers.signals import ExitCode

ROOT = Path(__file__).parents[1]
SPIDERS = sorted(path for path in (ROOT / "spiders").glob("*.py") if path.name != "__init__.py")
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]


@pytest.mark.parametrize("path", SPIDERS, ids=lambda path: path.stem)
def test_an_outlet_is_one_short_declarative_file(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert not re.search(r"^\s*(def|if|for|while|try|lambda)\b", text, re.MULTILINE), (
        "a spider declares, it does not compute"
    )


def test_outlets_have_two_independent_channels_each():
    loader = SpiderLoader(get_project_settings())
    assert loader.list() == [path.stem for path in SPIDERS]
    assert {"alaraby", "albawaba", "albawabhnews", "aljazeera", "skynewsarabia"} <= set(loader.list())
    for name in loader.list():
        assert len({source.kind for source in loader.load(name).sources}) >= 2


def test_every_exit_code_is_documented():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^- (\d+) \*\*(\w+)\*\*: ", text, re.MULTILINE))
    assert rows == {str(code.value): code.name.lower() for code in ExitCode}


def test_a_stray_package_of_the_same_name_is_refused(tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "__init__.py").write_text("")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import crawlers"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "a stray package of that name is installed" in answer.stderr


def normal(distribution):
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported_by_the_product():
    names = set()
    for floor in ("archive", "pipelines", "crawlers", "spiders"):
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    return names


def test_what_is_required_and_what_is_named_as_software_is_used_by_the_product():
    by_distribution = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            by_distribution.setdefault(normal(distribution), set()).add(module)
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    required = {normal(re.match(r"[\w.-]+", line)[0]) for line in said}
    used = imported_by_the_product()
    assert [name for name in sorted(required | set(PARTS)) if not by_distribution[name] & used] == []


def test_the_package_list_is_complete():
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for floor in ("archive", "pipelines", "crawlers", "spiders")
        for path in (ROOT / floor).rglob("*.py")
    }
    assert set(PACKAGES) == found


def test_an_egg_for_scrapyd_holds_everything(tmp_path):
    build = "from setuptools import setup; setup()"
    tree = tmp_path / "tree"
    command = [
        "git",
        "ls-files",
        "-z",
        "archive",
        "pipelines",
        "crawlers",
        "spiders",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    ]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-c", build, "-q", "bdist_egg", "--dist-dir", str(tmp_path)],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    (egg,) = tmp_path.glob("*.egg")
    with zipfile.ZipFile(egg) as packed:
        names = set(packed.namelist())
        assert "crawlers.settings" in packed.read("EGG-INFO/entry_points.txt").decode()
    wanted = {name for name in files if name.startswith(("archive/", "pipelines/", "crawlers/", "spiders/"))}
    assert wanted <= names
