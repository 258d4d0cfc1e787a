"""`count --picture`: a time series of what was chosen, gaps as none; the picture read as XML and by matplotlib itself."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from importlib import import_module

import pytest

from archive.cli import main
from archive.coverage import draw_series
from archive.site.templating import outlet_name
from tests.archive.samples import OUTLET, fill


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    place = (folder / "collection").as_uri()
    for number, day in enumerate((20, 20, 23)):
        moment = datetime(2026, 11, day, 10, tzinfo=UTC)
        fill(place, folder, range(number, number + 1), crawl=f"c{number}", published=moment, text="الحكومةُ تقول")
    fill(place, folder, range(9, 10), crawl="c9", text="شيء آخر", published=datetime(2026, 11, 22, tzinfo=UTC))
    return place


def test_a_picture_of_the_articles_in_which_a_word_stands(uri, tmp_path, capsys):
    picture = tmp_path / "series.svg"
    call = ["count", "--archive", uri, "--by", "day", "--text", "الحكومة", "--oldest-first", "--json"]
    assert main([*call, "--picture", str(picture)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["day"], row["articles"]) for row in rows] == [("2026-11-20", 2), ("2026-11-23", 1)]
    drawn = picture.read_text(encoding="utf-8")
    assert ET.fromstring(drawn).tag.endswith("svg")
    days = [f"2026-11-{day}" for day in (20, 21, 22, 23)]
    assert [day in drawn for day in days] == [True] * 4, "a day without articles stands there too"
    assert outlet_name(OUTLET) in drawn
    assert main([*call, "--picture", str(tmp_path / "series.png")]) == 0
    assert import_module("matplotlib.image").imread(tmp_path / "series.png").shape[2] == 4


def test_months_go_over_the_year(tmp_path):
    draw_series({("a", "2025-11"): 3, ("b", "2026-02"): 1}, tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert all(month in drawn for month in ("2025-11", "2025-12", "2026-01", "2026-02"))


def test_pictures_run_from_right_to_left_in_joined_letters(tmp_path):
    draw_series({("aljazeera", "2026-10"): 3, ("alaraby", "2026-11"): 1}, tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    right, left = (
        float(re.search(rf"<!-- {month} -->\s+<g [^>]*translate\(([\d.]+) ", drawn)[1])
        for month in ("2026-10", "2026-11")
    )
    assert right > left
    assert {"الجزيرة نت", "العربي الجديد", "عدد المواد"} <= set(re.findall("<!-- (.+) -->", drawn))
    path = import_module("matplotlib.textpath").TextPath
    one, three = (path((0, 0), text).get_extents().width for text in ("ب", "ببب"))
    assert three < 2 * one, "letters that stand alone take three times the room"


def test_what_is_no_series_draws_nothing(uri, tmp_path, capsys):
    picture = tmp_path / "a.svg"
    assert main(["count", "--archive", uri, "--by", "outlet", "--picture", str(picture)]) == 2
    assert "--by day or --by month" in capsys.readouterr().err
    assert main(["count", "--archive", uri, "--by", "day", "--picture", str(tmp_path / "a.nothing")]) == 2
    assert "a.nothing" not in {path.name for path in tmp_path.iterdir()}
    main(["count", "--archive", uri, "--by", "day", "--tag", "x", "--picture", str(picture)])
    assert not picture.exists()
