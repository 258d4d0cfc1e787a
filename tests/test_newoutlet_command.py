"""`scrapy newoutlet` as an operator runs it: over a socket, in a project; what it writes is crawled at once."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.crawling import QUICK, ROOT, lines_of, places, run
from tests.little_outlet import LittleOutlet
from tests.made_sites import WordPress
from tests.replica.wire.message import Response

pytestmark = pytest.mark.slow  # a whole outlet is sampled, its spider written and checked

CLOSED = "closed.example"


class Made(LittleOutlet):
    """A made site, and a host whose robots.txt says no."""

    def __init__(self):
        super().__init__()
        self.site = WordPress(scheme="http")

    @property
    def env(self):
        return {**super().env, "CONNECT_TO": f":80:127.0.0.1:{self.plain_port}"}

    def _answer(self, request):
        if request.host == CLOSED and request.path == "/robots.txt":
            return Response(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
        status, content_type, body = self.site.answer(request.target)
        return Response(body, status, content_type, validators=False)


def scrapy(*words, cwd, **environment):
    """Run a command in a process that has imported nothing yet: the project's floors are another folder's."""
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=cwd,
        env={**base, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project that has no outlet yet."""
    folder = tmp_path_factory.mktemp("project")
    for floor in ("archive", "pipelines", "crawlers"):
        (folder / floor).symlink_to(ROOT / floor)
    (folder / "spiders").mkdir()
    shutil.copy(ROOT / "spiders/__init__.py", folder / "spiders")
    shutil.copy(ROOT / "scrapy.cfg", folder)
    return folder


@pytest.fixture(scope="module")
def written(project):
    with Made() as made:
        environment = {**made.env, **places(project), "CONTACT": "https://example.org/us"}
        done = scrapy("newoutlet", "http://www.al-mina.example/", *QUICK, cwd=project, **environment)
        crawled = scrapy("crawl", "almina", *QUICK, cwd=project, **environment)
        closed = scrapy("newoutlet", f"http://{CLOSED}/", *QUICK, cwd=project, **environment)
        again = scrapy("newoutlet", "http://www.al-mina.example/", cwd=project, **environment)
        asked = [(entry.host, entry.path) for entry in made.log]
    return done, crawled, closed, again, asked, made.site


def test_the_spider_is_written_and_passes_the_check(project, written):
    done = written[0]
    assert done.returncode == 0, done.stdout + done.stderr
    text = (project / "spiders/almina.py").read_text(encoding="utf-8")
    assert text.count("\n") <= 60
    assert "checkall: 0 faults" in done.stdout
    assert 'zone="Asia/Riyadh",  # sure: ' in text
    cases = sorted((project / "tests/outlets/almina").glob("*.json"))
    assert len(cases) == 8
    assert all(json.loads(case.read_text(encoding="utf-8"))["expect"]["headline"] for case in cases)
    formatted = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "ruff", "check", "--isolated", "--select", "E9,F", project / "spiders"],
        check=False,
        capture_output=True,
    )
    assert formatted.returncode == 0, formatted.stdout


def test_it_crawls_at_once(project, written):
    crawled, site = written[1], written[5]
    assert crawled.returncode == 0, crawled.stderr
    lines = lines_of(project / "collection")
    found = {line["headline"] for line in lines}
    recent = [piece for piece in site.pieces if (site.pieces[0].published - piece.published).days < 1]
    assert found >= {piece.headline for piece in recent}
    assert {line["outlet"] for line in lines} == {"almina"}


def test_nothing_is_written_where_robots_says_no(project, written):
    closed, asked = written[2], written[4]
    assert closed.returncode == 1
    assert closed.stderr.splitlines()[-1].startswith(f"nothing is written: robots.txt refuses http://{CLOSED}/; ")
    assert sorted(path.name for path in (project / "spiders").glob("*.py")) == ["__init__.py", "almina.py"]
    assert {path for host, path in asked if host == CLOSED} == {"/robots.txt"}


def test_an_outlet_that_exists_is_not_written_over(written):
    again = written[3]
    assert again.returncode == 2
    assert "the outlet 'almina' exists" in again.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name a site"),
        (("ftp://x.example/",), "is not a web address"),
        (("https://x.example/", "A b"), "is named in small Latin letters"),
    ],
)
def test_wrong_words_are_refused_with_one_sentence(words, sentence):
    done = run("scrapy", "newoutlet", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
