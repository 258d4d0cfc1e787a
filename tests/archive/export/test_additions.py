"""What an export adds to a line: texts in one spelling, and a split that no story crosses."""

import json
import random
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise

import duckdb
import pytest

from archive import open_archive
from archive.article import Related, Story
from archive.cli import main
from archive.export.state import Split, shares_of
from archive.text import normalise, words
from pipelines.cleaning import digest
from pipelines.cleaning import words as counted
from tests.archive.export.test_export import documents_in
from tests.archive.samples import OUTLET, article_of, fill
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES
from tests.site.newsstand import newsstand

SPELLED = {"headline": "الإِمـارات: ٢٥٪ لِلمدينة", "text": "قال علىّ إنّ المدرسة أُغلقت.\nسماء"}
READ = {
    "jsonl": lambda out: import_module("polars").read_ndjson(out / "articles.jsonl").to_dicts(),
    "csv": lambda out: import_module("pandas").read_csv(out / "articles.csv").to_dict("records"),
    "parquet": lambda out: duckdb.sql(f"FROM read_parquet('{out}/**/*.parquet')").pl().to_dicts(),
    "hf": lambda out: duckdb.sql(f"FROM read_parquet('{out}/data/*.parquet')").pl().to_dicts(),
    "datatrove": lambda out: [{"id": one["id"], **one["metadata"]} for one in documents_in(out)],
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    """Ten days of the replica's five outlets, with the near-copies that they print of one another."""
    folder = tmp_path_factory.mktemp("stand")
    newsstand((folder / "collection").as_uri(), folder)
    return (folder / "collection").as_uri()


@pytest.mark.parametrize("format_", READ)
def test_every_format_with_fields_takes_them(tmp_path, format_):
    uri = (tmp_path / "collection").as_uri()
    fill(uri, tmp_path, range(3), **SPELLED)
    out = tmp_path / "out"
    call = ["export", "--archive", uri, "--format", format_, "--normalised", "--split", "train=0.5,test=0.5", str(out)]
    assert main(call) == 0
    rows = READ[format_](out)
    assert len(rows) == 3
    for row in rows:
        assert row["headline_normalised"] == "الامارات: 25٪ للمدينه"
        assert row["text_normalised"] == "قال علي ان المدرسه اغلقت.\nسما"
        assert format_ == "hf" or row["split"] in {"train", "test"}
    if format_ != "datatrove":
        assert rows[0]["headline"] == SPELLED["headline"], "the outlet's own spelling stays beside it"


@pytest.mark.parametrize("format_", ["wet", "wacz"])
def test_a_format_without_fields_says_so(filled, tmp_path, capsys, format_):
    out = tmp_path / "out"
    assert main(["export", "--archive", filled, "--format", format_, "--normalised", str(out)]) == 2
    assert f"{format_} has no fields" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_has_one_spelling_and_one_split(filled, tmp_path, capsys):
    call = ["export", "--archive", filled, "--format", "jsonl", str(tmp_path / "out")]
    assert main([*call, "--split", "train=0.9,test=0.1"]) == 0
    for other in ([], ["--split", "train=0.9,test=0.1", "--seed", "1"], ["--split", "train=0.8,test=0.2"]):
        assert main([*call, *other]) == 2
        assert "another selection" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["train", "train=1", "train=0.9", "train=0.9,train=0.1", "a b=0.5,c=0.5", "x=nan,y=0.5", ""]
)
def test_a_split_that_is_none_is_refused(filled, tmp_path, capsys, text):
    if not text:
        with pytest.raises(ValueError, match="is written"):
            shares_of(text)
        return
    out = tmp_path / "out"
    assert main(["export", "--archive", filled, "--format", "jsonl", "--split", text, str(out)]) == 2
    assert "split" in capsys.readouterr().err
    assert not out.exists()


def rows_in(out):
    return [json.loads(line) for line in (out / "articles.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def shingles(text):
    spelled = words(text)
    return {tuple(spelled[at : at + 5]) for at in range(len(spelled) - 4)}


LEAST = 20  # 5-grams of an article: one sentence that two outlets have in common on other days is a formula, no copy


def leaks(sides):
    """Return how many test articles share half of their word 5-grams with one training article; counted without stories."""
    of_train = {}
    for number, (text, side) in enumerate(sides):
        if side == "train":
            for shingle in shingles(text):
                of_train.setdefault(shingle, set()).add(number)
    count = 0
    for text, side in sides:
        if side == "test":
            own = shingles(text)
            shared = [number for shingle in own for number in of_train.get(shingle, ())]
            most = max((shared.count(number) for number in set(shared)), default=0)
            count += len(own) >= LEAST and most * 2 > len(own)
    return count


def test_no_copy_leaks_where_a_random_split_leaks_many(stand, tmp_path):
    out = tmp_path / "out"
    call = ["export", "--archive", stand, "--format", "jsonl", "--split", "train=0.8,test=0.2", str(out)]
    assert main(call) == 0
    rows = rows_in(out)
    share = sum(row["split"] == "test" for row in rows) / len(rows)
    assert 0.1 < share < 0.3
    by_story = leaks([(row["text"], row["split"]) for row in rows])
    draw = random.Random(1)
    at_random = leaks([(row["text"], "test" if draw.random() < share else "train") for row in rows])
    assert by_story == 0
    assert at_random > 3


def test_what_belongs_together_stands_together():
    story = Story(id=f"{OUTLET}:1", role="copy", origin=f"{OUTLET}:1", overlap=1.0)
    chain = [
        article_of(1, None),
        article_of(2, None, story=story),
        article_of(3, None, related=[Related(id=f"{OUTLET}:2", relation="contains", overlap=0.9)]),
    ]
    others = [article_of(number, None) for number in range(10, 400)]
    for seed in range(10):
        split = Split(shares_of("train=0.5,test=0.5"), seed)
        split.learn([*chain[::-1], *others])
        assert len({split.side_of(article) for article in chain}) == 1
        share = sum(split.side_of(article) == "test" for article in others) / len(others)
        assert 0.4 < share < 0.6
    sides = [
        tuple(map(learned.side_of, others)) for learned in (Split(shares_of("a=0.5,b=0.5"), seed) for seed in (1, 1, 2))
    ]
    assert sides[0] == sides[1] != sides[2]


def test_one_text_is_on_one_side_however_far_apart_it_was_printed():
    text = " ".join(["كلمة"] * 30)
    column = [article_of(number, None, text=text, words=30, text_sha256=digest(text)) for number in (1, 2, 3)]
    videos = [article_of(number, None, text="شاهد", words=1, text_sha256=digest("شاهد")) for number in range(10, 30)]
    for seed in range(5):
        split = Split(shares_of("train=0.5,test=0.5"), seed)
        split.learn([*column, *videos])
        assert len(set(map(split.side_of, column))) == 1
        assert len(set(map(split.side_of, videos))) == 2


def test_a_split_of_one_outlet_knows_what_others_joined(tmp_path):
    """Four days apart its two articles are two stories, until another outlet's copy between them joins them."""
    machine = Machine((tmp_path / "collection").as_uri(), tmp_path)
    text = ARTICLES["dam"][1]
    machine.crawl("aljazeera", (1, text, 0, {}), (2, text + " زيادة في الختام", 80, {}))
    machine.crawl("alaraby", (3, text, 40, {}))
    for seed in range(6):
        out = tmp_path / f"out{seed}"
        call = ["export", "--archive", (tmp_path / "collection").as_uri(), "--format", "jsonl", "--outlet", "aljazeera"]
        assert main([*call, "--split", "train=0.5,test=0.5", "--seed", str(seed), str(out)]) == 0
        assert len({row["split"] for row in rows_in(out)}) == 1


def test_a_split_that_grows_is_made_anew(tmp_path, capsys):
    uri = (tmp_path / "collection").as_uri()
    fill(uri, tmp_path, range(20))
    out = tmp_path / "out"
    call = ["export", "--archive", uri, "--format", "jsonl", "--split", "train=0.5,test=0.5", str(out)]
    assert main(call) == 0
    before = {row["id"]: row["split"] for row in rows_in(out)}
    one, other = next(pair for pair in pairwise(sorted(before)) if before[pair[0]] != before[pair[1]])
    joins = [Related(id=one, relation="contains", overlap=0.9), Related(id=other, relation="contains", overlap=0.9)]
    fill(uri, tmp_path, range(100, 101), crawl="c2", related=joins)
    capsys.readouterr()
    assert main(call) == 0
    assert "whole stories" in capsys.readouterr().err
    after = {row["id"]: row["split"] for row in rows_in(out)}
    assert after[one] == after[other] == after[f"{OUTLET}:100"]
    assert len(after) == 21
    assert main(call) == 0
    assert "0 articles added" in capsys.readouterr().out


def test_datasets_knows_the_sides(stand, tmp_path):
    out = tmp_path / "out"
    assert (
        main(["export", "--archive", stand, "--format", "hf", "--split", "train=0.8,dev=0.1,test=0.1", str(out)]) == 0
    )
    program = f"""
from datasets import load_dataset
found = load_dataset({str(out)!r}, cache_dir={str(tmp_path / "cache")!r})
print(sorted(found), sum(len(found[side]) for side in found), "split" in found["train"].features)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count = sum(1 for _ in open_archive(stand).articles())
    assert done.stdout.strip() == f"['dev', 'test', 'train'] {count} False"


def test_datasets_reads_an_archive_too_small_for_every_side(tmp_path, capsys):
    uri, out = (tmp_path / "collection").as_uri(), tmp_path / "out"
    fill(uri, tmp_path, range(1))
    call = ["export", "--archive", uri, "--format", "hf", "--split"]
    assert main([*call, "train=0.9,all=0.1", str(out)]) == 2
    assert "is called 'all'" in capsys.readouterr().err
    assert not out.exists()
    assert main([*call, "train=0.5,dev=0.3,test=0.2", str(out)]) == 0
    (line,) = re.findall("- split: .*\n.*", (out / "README.md").read_text())
    (file,) = (out / "data").iterdir()
    side = file.name.partition("-")[0]
    assert line == f"- split: {side}\n    path: data/{side}-*.parquet"


def test_words_are_counted_as_pyarabic_counts_them(stand):
    """Its tokens without a letter or digit are punctuation; marks inside a word and tatweel part it neither here nor there."""
    from pyarabic.araby import tokenize  # noqa: PLC0415  as slow as it is large

    ours = theirs = 0
    for article in open_archive(stand).articles():
        ours += article.words
        theirs += sum(1 for token in tokenize(article.text) if re.search(r"\w", token))
    assert ours > 10_000
    marked = "قَالَ مُحَمَّدٌ إنَّ المُدُنَ الكُبْرَى تَتَغَيَّرُ جِدًّا"
    assert len(counted(marked)) == len(tokenize(marked)) == 7
    assert abs(ours - theirs) <= 0.01 * theirs


def test_normalising_again_changes_nothing():
    assert normalise(normalise(SPELLED["text"])) == normalise(SPELLED["text"])
