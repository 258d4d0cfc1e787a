"""Scrapy's ways to run a crawl, and what it may be run with: processes, runners, a running loop, a cache, a job's folder, no network."""

import os
import signal
import subprocess
import sys
import time

import pytest

from archive.reader.archive import open_archive
from tests.crawlers.test_scrapy_commands import PLAIN, root  # noqa: F401  a fixture
from tests.crawling import QUICK, ROOT, places, run

pytestmark = pytest.mark.slow  # each test is a process of somebody else's

PROCESS = """
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

process = AsyncCrawlerProcess(get_project_settings())
process.crawl("plain")
process.start()
"""
IN_A_LOOP = """
import asyncio

async def cell():
    exec(compile(PROGRAM, "cell", "exec"), {})

asyncio.run(cell())
"""
RUNNER = """
import asyncio

async def cell():
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    await AsyncCrawlerRunner(get_project_settings()).crawl("plain")
    print("and the loop goes on")

asyncio.run(cell())
"""


@pytest.fixture
def desk(tmp_path, root):  # noqa: F811
    """A folder with a plain spider of its own, and a local file that names it."""
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "__init__.py").write_text("", encoding="utf-8")
    urls = [f"{root}/{number}" for number in range(6)]
    (tmp_path / "desk" / "plain.py").write_text(
        PLAIN.replace("name =", f"start_urls = {urls}\n    name ="), encoding="utf-8"
    )
    (tmp_path / "warraq.toml").write_text(
        'SPIDER_MODULES = ["spiders", "desk"]\nCONNECT_PRIVATE = ["127.0.0.0/8"]\nCONTACT = "desk@example.org"\n'
        'DOWNLOAD_DELAY = 0.0\nAUTOTHROTTLE_ENABLED = false\nARCHIVE_URI = "collection"\n',
        encoding="utf-8",
    )
    return tmp_path


def begin(folder, *words):
    hidden = {"ARCHIVE_URI", "SPOOL_DIR", "CONTACT", "CONNECT_TO"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"SCRAPY_SETTINGS_MODULE": "crawlers.settings", "PYTHONPATH": f"{ROOT}:{folder}"}
    return subprocess.Popen(
        [sys.executable, *words], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def python(folder, *words, code=0):
    process = begin(folder, *words)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out, err


def kept(folder):
    return sorted(article.url.rpartition("/")[2] for article in open_archive(folder / "collection").articles())


def test_a_process_of_a_script(desk):
    python(desk, "-c", PROCESS)
    assert kept(desk) == list("012345")


def test_a_runner_in_a_loop_that_runs_as_in_a_notebook(desk):
    out, err = python(desk, "-c", RUNNER)
    assert out == "and the loop goes on\n"
    assert "Traceback" not in err
    assert kept(desk) == list("012345")


def test_a_process_in_a_loop_that_runs_is_refused_in_one_sentence(desk):
    _, err = python(desk, "-c", IN_A_LOOP.replace("PROGRAM", repr(PROCESS)), code=2)
    assert err.count("\n") == 1
    assert "await AsyncCrawlerRunner(settings).crawl(…)" in err
    assert not (desk / "collection").exists()


def test_a_job_that_was_stopped_goes_on_where_it_was(desk):
    words = ("-m", "scrapy", "crawl", "plain", "-s", "JOBDIR=job", "-s", "DOWNLOAD_DELAY=0.7")
    first = begin(desk, *words)
    deadline = time.monotonic() + 60
    while not list((desk / "spool").glob("**/*.warc.gz")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)
    first.send_signal(signal.SIGTERM)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 7, err
    assert "Traceback" not in err
    before = kept(desk)
    assert 0 < len(before) < 6
    _, err = python(desk, *words)
    assert "Traceback" not in err
    assert kept(desk) == list("012345")


def test_a_cache_of_answers_may_stand_before_the_archive(desk):
    for _ in range(2):
        _, err = python(desk, "-m", "scrapy", "crawl", "plain", "-s", "HTTPCACHE_ENABLED=1")
        assert "Traceback" not in err
    assert kept(desk) == list("012345")


@pytest.mark.parametrize("command", ["fetch", "parse", "crawl"])
def test_without_a_network_the_first_sentence_says_so(tmp_path, command):
    """A name that no resolver knows, as none does without a network; of a crawl, the reason of its exit says it too."""
    url = "https://www.aljazeera.invalid/news/2026/11/2/x"
    words = [command, "-s", "RETRY_TIMES=0", "-s", "LOG_LEVEL=WARNING", *QUICK]
    words += (
        ["aljazeera", "-a", "limit=1", "-s", "CONNECT_TO=www.aljazeera.net::www.aljazeera.invalid:443"]
        if command == "crawl"
        else []
    )
    words += ["--spider", "aljazeera", url] if command != "crawl" else []
    answer = run("scrapy", *words, **places(tmp_path))
    assert "no network, it seems: www.aljazeera." in answer.stderr.splitlines()[0]
    if command == "crawl":
        assert answer.returncode == 3
        assert "exit 3 (suspect: there was no network, it seems)" in answer.stderr.splitlines()[-1]
