"""The component, driven by a crawl."""

import json
import sys
from datetime import datetime

from tests import processes
from tests.pipelines.syndication.writing import ARTICLES, line

STORY = ARTICLES["museum"][1]


def crawl(tmp_path, lines, *extensions):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.json"
    source.write_text("\n".join(json.dumps({"url": f"https://a/{each['id']}", **each}) for each in lines), "utf-8")
    command = [sys.executable, "-m", "tests.pipelines.syndication.crawl", source, out, *extensions]
    processes.run(command, check=True, timeout=120)
    done = json.loads(out.read_text("utf-8"))
    told = [json.loads(each) for each in done["told"]]
    moments = [datetime.fromisoformat(each["told"]) for each in told]
    assert moments == [datetime.fromisoformat(each) for each in done["found"]]  # not when it was written
    return [json.loads(each) for each in done["articles"]], told, done["stats"]


def test_articles_are_labelled_and_none_is_dropped(tmp_path):
    digest = "\n".join(ARTICLES[name][1].split("\n")[0] for name in ("dam", "museum", "strike", "vaccine"))
    articles, told, stats = crawl(
        tmp_path,
        [
            line("late:1", STORY, 5, agencies=["reuters"]),
            line("early:1", STORY, 1, agencies=["afp"]),
            line("digest:1", digest, 6, agencies=[]),
        ],
        "keeper",
    )
    assert [each["id"] for each in articles] == ["late:1", "early:1", "digest:1"]
    first, second = articles[0]["story"], articles[1]["story"]
    assert (first["id"], first["role"], first["agencies"]) == ("late:1", "first", {"reuters": {"late:1": "credit"}})
    union = {"afp": {"early:1": "credit"}, "reuters": {"late:1": "credit"}}
    assert second == {"id": "early:1", "role": "first", "origin": "early:1", "overlap": 1.0, "agencies": union}
    assert all(each.pop("told") for each in told)
    early, late, *backwards = told
    assert late == {
        "id": "late:1", "story": "early:1", "role": "copy", "origin": "early:1", "overlap": 1.0, "related": [], "agencies": None,
    }  # fmt: skip
    assert (early["id"], early["agencies"]) == ("early:1", union)
    related = {each["id"]: each for each in articles[2]["related"]}
    assert related.keys() == {each["id"] for each in backwards} == {"late:1", "early:1"}
    for each in backwards:
        (relation,) = each["related"]
        assert (relation["id"], relation["relation"]) == ("digest:1", "contained-in")
        assert relation["overlap"] == related[each["id"]]["overlap"]
    assert stats == {
        "syndication/first": 3, "syndication/taught": 4, "syndication/related": 2, "syndication/agencies-disagree": 1,
    }  # fmt: skip


def test_without_a_keeper_the_component_steps_aside(tmp_path):
    articles, _, stats = crawl(tmp_path, [line("a:1", STORY, agencies=[])])
    assert articles[0]["story"] is None
    assert stats == {}
