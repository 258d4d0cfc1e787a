"""`scrapy report stories` over an archive of three crawls."""

import json

import pytest

from tests.crawling import run
from tests.pipelines.syndication.publishing import EDIT, Machine
from tests.pipelines.syndication.writing import ARTICLES

DAM, MUSEUM = (ARTICLES[name][1] for name in ("dam", "museum"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    machine = Machine(folder / "bucket", folder / "machine")
    machine.crawl("alaraby", (1, DAM, 5, {"agencies": ["reuters"]}), (2, MUSEUM, 60, {}))
    machine.crawl("aljazeera", (7, "\n".join(DAM.split("\n")[:4]), 1, {"agencies": ["reuters"]}))
    machine.crawl("aljazeera", (7, DAM, 1, EDIT))
    machine.crawl("albawaba", (9, f"المنامة\n{DAM}", 29, {}))
    return {"ARCHIVE_URI": str(folder / "bucket"), "SPOOL_DIR": str(folder / "spool")}


def test_figures_are_settled_and_pictures_are_drawn(archive, tmp_path):
    done = run("scrapy", "report", "stories", "--json", "--pictures", tmp_path / "pictures", **archive)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert (figures["articles"], figures["stories_with_copies"]) == (4, 1)
    (story,) = figures["stories"]
    assert (story["story"], story["origin"], story["articles"]) == ("aljazeera:7", "aljazeera:7", 3)
    assert (story["first"]["id"], story["last"]["id"], story["agencies"]) == ("aljazeera:7", "albawaba:9", ["reuters"])
    assert story["lags_hours"] == [4.0, 28.0]
    assert figures["copies"] == {"aljazeera": {"alaraby": 1, "albawaba": 1}}
    assert figures["agencies"]["alaraby"] == {"reuters": 0.5}
    assert figures["edits"]["aljazeera"] == {"articles": 1, "edited": 1, "versions": 1, "silent": 1, "headlines": 0}
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {
        "copies.svg",
        "agencies.svg",
        "lags.svg",
        "edits.svg",
    }


def test_a_span_of_days_as_tables(archive):
    done = run("scrapy", "report", "stories", "--since", "2026-03-11", COLUMNS="160", **archive)
    assert done.returncode == 0
    assert "2 articles, 0 stories with copies" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["stories", "--since", "gestern"], "'gestern' is no date"),
        (["outlets"], "There is one report: scrapy report stories."),
    ],
)
def test_what_is_wrong_is_one_sentence(archive, arguments, sentence):
    done = run("scrapy", "report", *arguments, **archive)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
