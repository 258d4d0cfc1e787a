"""Nothing heavy is imported before it is used: a list of modules, exact on any machine."""

import os
import subprocess
import sys

import pytest

from tests.crawling import OUTLETS, ROOT

HEAVY = {
    "apscheduler",
    "boto3",
    "botocore",
    "datatrove",
    "jinja2",
    "jsonschema",
    "matplotlib",
    "numpy",
    "prometheus_client",
    "pyarrow",
    "rapidfuzz",
    "ray",
    "requests",
    "rich",
    "sqlite3",
    "surt",
    "trafilatura",
    "warcio",
}
SCRAPY = "import sys; sys.argv = ['scrapy', {words}]; from scrapy.cmdline import execute"
ARCHIVE = "import runpy, sys; sys.argv = ['archive', {words}]"


USED = {"numpy", "rapidfuzz", "sqlite3", "warcio"}  # the archive is opened before the first request
CRAWL = """
import os, sys
from scrapy import signals
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

class First:
    @classmethod
    def from_crawler(cls, crawler):
        crawler.signals.connect(tell, signal=signals.request_reached_downloader)
        return cls()

def tell():
    print("asked", "MODULES", *sorted({name.partition(".")[0] for name in sys.modules}), flush=True)
    os._exit(0)

settings = get_project_settings()
settings["EXTENSIONS"][First] = 0
execute(["scrapy", "crawl", "aljazeera"], settings)
"""


def imported(setup, call, *words):
    program = f"""
{setup.format(words=", ".join(map(repr, words)))}
try:
    {call}
except SystemExit as ending:
    code = ending.code
print("MODULES", *sorted({{name.partition(".")[0] for name in sys.modules}}))
sys.exit(code)
"""
    return run(program)


def run(program, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said, _, modules = done.stdout.partition("MODULES")
    return said, set(modules.split())


def test_the_list_of_spiders_imports_nothing_heavy():
    said, modules = imported(SCRAPY, "execute()", "list")
    assert said.split() == OUTLETS
    assert not modules & HEAVY


def test_a_crawl_asks_before_it_imports_what_reads_pages_or_shows_them(tmp_path):
    places = {"ARCHIVE_URI": f"{tmp_path / 'collection'}", "SPOOL_DIR": f"{tmp_path / 'spool'}"}
    said, modules = run(CRAWL, CONTACT="mailto:test@example.org", CONNECT_TO=":443:127.0.0.1:1", **places)
    assert said.split() == ["asked"]
    assert not modules & (HEAVY - USED)


@pytest.mark.parametrize("words", [("--help",), ("articles", "--help")])
def test_the_archive_s_help_imports_nothing_heavy(words):
    said, modules = imported(ARCHIVE, "runpy.run_module('archive', run_name='__main__')", *words)
    assert "--archive" in said or "articles" in said
    assert not modules & (HEAVY | {"scrapy", "twisted", "lxml", "brotli", "zstandard"})
