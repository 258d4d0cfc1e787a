"""Reading in an environment of its own, in which Scrapy and the crawl's other libraries are not installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive.samples import OUTLET

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
PROGRAM = f"""
import importlib.util, sys
assert not [name for name in ("scrapy", "twisted", "trafilatura", "lxml", "numpy") if importlib.util.find_spec(name)]
from archive import open_archive
archive = open_archive(sys.argv[1])
article = archive.article("{OUTLET}:7")
print(len(list(archive.articles())), archive.capture(article).status, article.headline)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An environment with the group `reader` of pyproject.toml, from the lock; returns its interpreter."""
    folder = tmp_path_factory.mktemp("alone") / "venv"
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}
    environment.pop("VIRTUAL_ENV", None)
    command = [UV, "sync", "--quiet", "--locked", "--only-group", "reader", "--python", sys.executable]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
    return folder / "bin" / "python"


def test_an_archive_is_read_and_proved_without_scrapy(python, filled):
    def run(*words):
        answer = subprocess.run([python, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    assert run("-c", PROGRAM, filled).split() == ["30", "200", "عنوان", "7"]
    for words in (["ls"], ["articles"], ["cite", f"{OUTLET}:7", "--check"], ["verify", "--deep", "--chain"], ["index"]):
        assert run("-m", "archive", *words, "--archive", filled)
