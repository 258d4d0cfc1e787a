"""Lists, sums and searches on the archive's command line: in which order, in which form, for whom, and where nothing fits."""

import io
import json
import re
import sys
import unicodedata
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.article import Story
from archive.catalog import Catalog
from archive.cli import COMMANDS, main
from archive.manifests.publisher import Publisher
from archive.reader.archive import with_scheme
from archive.reader.query import end_of, start_of
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import article_of, exchange_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BIDI = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONG = "\u2067رئيس\u2069 الوزراء يبحث مع وزير الدفاع في بغداد آخر المستجدات الأمنية والعسكرية على الحدود المشتركة بين البلدين"
ROWS = [  # outlet, number, hours ago published, hours ago captured, what else
    ("aljazeera", 1, 30, 1, {"headline": "مسؤول يقول", "text": "قال المسؤول إن مجلس الأمن اجتمع"}),
    ("aljazeera", 2, 3, 2, {"headline": LONG, "section": "سياسة", "tags": ["غزة", "الأمم المتحدة"], "agencies": ["afp"]}),
    ("alaraby", 3, 2, 2.5, {"headline": "الأمن في المجلس", "text": "\u200fقال المتحدث باسم الحكومة في بيان طويل صدر عن مكتبه مساء أمس والمجلس للأمن يعقد جلسة طارئة في نيويورك غدا", "kind": "video", "tags": ["غزة"]}),
    ("alaraby", 4, 26, 3, {"headline": "قديم", "standfirst": "عن وزارة الدفاع", "section": "سياسة", "agencies": ["afp", "reuters"]}),
    ("alaraby", 5, 24 * 40, 4, {"headline": "من تشرين", "text": "مسئول كبير"}),
    ("albawaba", 6, None, 5, {"headline": "بلا تاريخ", "url": "https://www.albawaba.com/old/6"}),
]  # fmt: skip
IN_STORY = {2: ("first", 1.0), 3: ("copy", 0.9), 4: ("copy", 0.8)}


def hours(number):
    return None if number is None else NOW - timedelta(hours=number)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    for outlet in ("aljazeera", "alaraby", "albawaba"):
        writer = SegmentWriter(
            folder / "spool", collection="warraq", outlet=outlet, crawl="c1", warcinfo={}, clock=lambda: NOW
        )
        for name, number, published, captured, other in ROWS:
            if name == outlet:
                pointer = writer.write_exchange(replace(exchange_of(number, size=0), started=hours(captured)))
                if number in IN_STORY:
                    role, overlap = IN_STORY[number]
                    other = other | {"story": Story(id="aljazeera:2", role=role, origin="aljazeera:2", overlap=overlap)}  # noqa: PLW2901
                about = {"published": hours(published), "captured": hours(captured)} | other
                writer.write_article(article_of(number, pointer, outlet=outlet, **about))
        if outlet == "albawaba":  # an old address led on, and the article moved since
            moved = b"HTTP/1.1 301 Moved\r\nLocation: /old/6\r\nContent-Length: 0\r\n\r\n"
            url = "https://www.albawaba.com/short"
            writer.write_exchange(replace(exchange_of(60, size=0), url=url, head=moved, body=b"", started=hours(6)))
            about = {"published": None, "captured": hours(4.5), "url": "https://www.albawaba.com/new/6"}
            pointer = writer.write_exchange(replace(exchange_of(6, size=0), url=about["url"], started=hours(4.5)))
            writer.write_article(
                article_of(
                    6, pointer, outlet=outlet, version=2, headline="بلا تاريخ", canonical_url=about["url"], **about
                )
            )
        writer.close()
    uri = (folder / "collection").as_uri()
    with closing(Catalog(folder / "catalog")) as catalog:
        assert not Publisher(open_store(uri), folder / "spool", catalog).publish_sealed().waiting
    return uri


@pytest.fixture
def run(where, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("ARCHIVE_URI", where)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*words):
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def numbers(out):
    return [int(re.search(r"(?:aljazeera|alaraby|albawaba):(\d+)", line)[1]) for line in out.splitlines()]


def test_alone_it_lists_the_commands(run):
    code, out, err = run()
    assert (code, err) == (0, "")
    assert all(re.search(rf"^ +{name} ", out, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ("articles", "--limit", "1", "--json"),
        ("--limit", "1", "--json", "articles"),
        ("--limit=1", "articles", "--json"),
        ("--json", "--lim", "1", "articles"),
    ],
)
def test_options_stand_before_or_behind_the_command(run, words):
    code, out, _ = run(*words)
    assert (code, [json.loads(line)["id"] for line in out.splitlines()]) == (0, ["alaraby:3"])


def test_the_archive_may_be_named_first(run, where, monkeypatch):
    monkeypatch.delenv("ARCHIVE_URI")
    assert numbers(run("--archive", where, "articles", "--outlet", "aljazeera")[1]) == [2, 1]


def test_the_newest_stand_first_over_all_outlets(run):
    assert numbers(run("articles")[1]) == [3, 2, 6, 4, 1, 5]  # of 6 the capture counts
    assert numbers(run("articles", "--oldest-first")[1]) == [5, 1, 4, 6, 2, 3]
    assert numbers(run("articles", "--sort", "captured")[1]) == [1, 2, 3, 4, 5, 6]
    assert numbers(run("articles", "--sort", "captured", "--oldest-first", "--limit", "2")[1]) == [6, 5]


def test_an_empty_word_or_split_is_asked_about(run, tmp_path):
    for words in (
        ["count", "--by", "day", "--text", ""],
        ["export", "--format", "hf", "--split", "", str(tmp_path / "out")],
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, ""), words
        assert err.count("\n") == 1, err
    code, out, err = run("export", "--format", "jsonl", "--until", "1990-01-01", str(tmp_path / "out"))
    assert (code, out, err) == (1, "", "no article fits; nothing was written\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("words", "order"), [((), [3, 2, 6, 4, 1, 5]), (("--sort", "captured"), [1, 2, 3, 4, 5, 6])])
def test_so_do_exports(run, tmp_path, words, order):
    assert run("export", "--format", "jsonl", *words, str(tmp_path / "out"))[0] == 0
    (path,) = (tmp_path / "out").glob("*.jsonl")
    assert numbers(path.read_text(encoding="utf-8")) == order
    assert run("export", "--format", "jsonl", *words, str(tmp_path / "out"))[1].startswith("0 articles added")


SEARCHES = {
    "مجلس الأمن": [1, 3],  # both words, with «و» and «ال» or without
    '"مجلس الأمن"': [1],
    "«مجلس الامن»": [1],
    "مسئول": [1, 5],
    "المسؤول": [1],
    "وزارة الدفاع": [4],  # in the standfirst
    "الدفاع": [2, 4],
    "دفاع": [2, 4],
    "مؤول": [],  # no part of a word
    "سياسة": [],  # a section is no text
}


@pytest.mark.parametrize("typed", SEARCHES)
def test_all_these_words_or_a_phrase_found_as_the_site_finds_them(run, typed):
    assert sorted(numbers(run("articles", "--text", typed)[1])) == SEARCHES[typed]
    code, out, _ = run("search", typed, "--json")
    assert (code, sorted(numbers(out))) == (0, SEARCHES[typed])


def test_a_search_is_narrowed_cut_and_marked(run):
    code, out, err = run("search", "الدفاع", "--newest", "--limit", "1", "--json")
    (hit,) = map(json.loads, out.splitlines())
    assert (code, hit["id"], hit["headline"], err) == (0, "aljazeera:2", LONG, "1 of 2\n")
    assert numbers(run("search", "الدفاع", "--outlet", "alaraby")[1]) == [4]
    assert numbers(run("search", "الدفاع", "--since", "2026-11-23")[1]) == [2]
    assert "الأمن" in json.loads(run("search", '"مجلس الأمن"', "--json")[1])["passage"]
    assert run("search", "؟!") == (2, "", "no word stands in '؟!'\n")


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("day", {"2026-11-23": 3, "2026-11-22": 2, "2026-10-14": 1}),
        ("month", {"2026-11": 5, "2026-10": 1}),
        ("outlet", {"alaraby": 3, "aljazeera": 2, "albawaba": 1}),
        ("section", {None: 4, "سياسة": 2}),
        ("agency", {None: 4, "afp": 2, "reuters": 1}),
        ("tag", {None: 4, "غزة": 2, "الأمم المتحدة": 1}),
        ("kind", {"article": 5, "video": 1}),
    ],
)
def test_articles_are_counted(run, by, rows):
    out = run("count", "--by", by, "--json")[1]
    assert {row[by]: row["articles"] for row in map(json.loads, out.splitlines())} == rows
    lines = run("count", "--by", by)[1].splitlines()
    assert lines == [f"{count}\t{name or ''}" for name, count in rows.items()]


def test_what_is_counted_may_be_chosen(run):
    assert run("count", "--by", "outlet", "--text", "مسئول")[1] == "1\talaraby\n1\taljazeera\n"
    assert run("count", "--by", "tag", "--limit", "1", "--kind", "video")[1] == "1\tغزة\n"


def test_stories_are_listed_with_who_carries_them(run):
    (story,) = map(json.loads, run("stories", "--json")[1].splitlines())
    assert story == {
        "id": "aljazeera:2",
        "first": "2026-11-23T09:00:00Z",
        "articles": 3,
        "outlets": ["alaraby", "aljazeera"],
        "agencies": ["afp", "reuters"],
        "headline": LONG,
    }
    assert run("stories", "--since", "2026-11-23")[1].split("\t")[1] == "2"
    assert run("stories", "--least", "4")[1] == ""


@pytest.mark.parametrize(
    "asked",
    [
        "albawaba:6", "6", "https://www.albawaba.com/new/6", "http://albawaba.com/new/6/", "www.albawaba.com/new/6",
        "https://www.albawaba.com/old/6?utm_source=x#top", "https://www.albawaba.com/short",
        "albawaba.com:443/new/6", "//www.albawaba.com/new/6", "WWW.Albawaba.com/new/6?utm_source=x",
    ],
)  # fmt: skip
def test_an_article_is_found_by_any_address_it_ever_had(run, asked):
    article = json.loads(run("get", asked, "--json")[1])
    assert (article["id"], article["version"]) == ("albawaba:6", 2)
    assert len(run("versions", asked)[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("127.0.0.1:18907/a", "https://127.0.0.1:18907/a"),
        ("localhost:8000/a?b", "https://localhost:8000/a?b"),
        ("[::1]:8000/a", "https://[::1]:8000/a"),
        ("موقع.شبكة/خبر", "https://موقع.شبكة/خبر"),
        ("xn--4gbrim.xn--ngbc5azd/a", "https://xn--4gbrim.xn--ngbc5azd/a"),
        ("albawaba:6", "albawaba:6"),
        ("example.com:urn/6", "example.com:urn/6"),
        ("127.0.0.1:18907", "127.0.0.1:18907"),
        ("6", "6"),
    ],
)
def test_an_address_is_one_without_its_scheme(asked, name):
    assert with_scheme(asked) == name


def test_an_address_with_a_port_that_is_not_there_is_no_id_of_an_outlet(run):
    assert "no outlet" not in run("get", "127.0.0.1:18907/a")[2]
    assert "it has no outlet 'alarab'; did you mean alaraby?" in run("get", "alarab:6")[2]


@pytest.mark.parametrize(
    "words",
    [
        ("articles", "--since", "2030"),
        ("articles", "--text", "مستحيل", "--json"),
        ("text", "--since", "2030"),
        ("search", "مستحيل"),
        ("kwic", "مستحيل"),
        ("count", "--by", "tag", "--since", "2030"),
        ("stories", "--since", "2030"),
        ("tail", "--once"),
        ("wacz", "--since", "2030", "x.wacz"),
        ("cdxj", "alaraby", "2030-01"),
        ("coverage", "--since", "2030-01-01", "--until", "2030-01-02"),
        ("redact", "--list"),
    ],
    ids=lambda words: words[0],
)
def test_nothing_is_said_to_be_nothing(run, words):
    _, out, err = run(*words)
    assert (out, err.count("\n")) == ("", 1)


# --- On a terminal, and in a pipe -------------------------------------------------------------------------------------

TABLES = [
    ("articles",), ("ls",), ("versions", "6"), ("story", "2"), ("stories",), ("search", "الدفاع"),
    ("count", "--by", "tag"), ("coverage", "--since", "2026-11-20", "--until", "2026-11-23"), ("tail", "--from-start", "--once"),
    ("kwic", "المجلس", "--width", "40"),
]  # fmt: skip


def columns_of(line):
    return sum(unicodedata.category(letter) not in {"Mn", "Me", "Cf"} for letter in line)


@pytest.mark.parametrize("words", TABLES, ids=lambda words: words[0])
def test_a_table_fits_a_terminal_and_is_tsv_in_a_pipe(run, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    code, piped, _ = run(*words)
    rows = [line.split("\t") for line in piped.splitlines()]
    assert code == 0
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) > 1
    assert not BIDI & set(piped)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = run(*words)[1].splitlines()
    assert len(shown) >= len(rows)
    assert max(map(columns_of, shown)) <= 80


def test_a_long_headline_is_cut_where_a_row_ends_and_whole_in_a_pipe(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert "البلدين" in run("articles")[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    head, *rows = run("articles")[1].splitlines()
    assert head.split() == ["published", "id", "v", "headline"]
    assert any(row.endswith("…\u2069") for row in rows)
    assert len({row.index("\u2068") for row in rows} | {head.index("headline")}) == 1


def test_every_command_answers_in_json(run, tmp_path, monkeypatch):
    """Whatever is printed for machines is JSON, a line each; of what serves for ever, that it begins."""
    calls = [
        *(words for words in TABLES), ("get", "6"), ("text", "6"), ("kwic", "الأمن"), ("diff", "6"), ("cite", "6"), ("cite", "6", "--check"),
        ("capture", "6"), ("cdxj", "alaraby", "2026-11"), ("verify",), ("index",), ("index", "--check"), ("sql",), ("schema",),
        ("compact", "--month", "2026-11", "--dry-run"), ("recover", "--spool", str(tmp_path / "spool")),
        ("catalog", "rebuild", "--catalog", str(tmp_path / "new")), ("export", "--format", "csv", str(tmp_path / "csv")),
        ("wacz", str(tmp_path / "a.wacz")), ("redact", "--id", "6", "--dry-run"), ("site", str(tmp_path / "site")),
        ("pywb", str(tmp_path / "pywb")),
    ]  # fmt: skip
    for words in calls:
        _, out, err = run(*words, "--json")
        said = out.splitlines() if words[0] != "schema" else [out]
        assert [json.loads(line) for line in said] or err, words
    assert {words[0] for words in calls} == set(COMMANDS) - {"serve"}


def test_a_follower_s_lines_are_rows_too(run):
    assert numbers(run("tail", "--from-start", "--once")[1]) == [3, 4, 5, 6, 6, 1, 2]


# --- Dates as people write them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", "2026-11-01T00:00:00", "2026-11-30T23:59:59.999999"),
        ("2024-02", "2024-02-01T00:00:00", "2024-02-29T23:59:59.999999"),
        ("2026", "2026-01-01T00:00:00", "2026-12-31T23:59:59.999999"),
        ("today", "2026-11-23T00:00:00", "2026-11-23T23:59:59.999999"),
        ("yesterday", "2026-11-22T00:00:00", "2026-11-22T23:59:59.999999"),
        ("7d", "2026-11-16T12:00:00", "2026-11-16T12:00:00"),
        ("36 h", "2026-11-22T00:00:00", "2026-11-22T00:00:00"),
        ("2w", "2026-11-09T12:00:00", "2026-11-09T12:00:00"),
        ("2026-11-23T10:00+03:00", "2026-11-23T07:00:00", "2026-11-23T07:00:00"),
    ],
)
def test_dates_as_people_write_them(time_machine_at, text, first, last):
    assert (start_of(text), end_of(text)) == tuple(
        datetime.fromisoformat(end).replace(tzinfo=UTC) for end in (first, last)
    )


@pytest.fixture
def time_machine_at():
    import time_machine  # noqa: PLC0415

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("text", ["2026-13", "0000", "7y", "999999w", "20", "yesterday!", "2026-11-31", ""])
def test_what_is_no_date_is_refused(text):
    if text:
        with pytest.raises(ValueError, match="is no date; write 2026-11-23, 2026-11, yesterday, 7d or"):
            start_of(text)


def test_they_are_understood_by_the_commands(run, time_machine_at):
    assert numbers(run("articles", "--since", "yesterday", "--until", "yesterday")[1]) == [4, 1]
    assert numbers(run("articles", "--since", "2026-10", "--until", "2026-10")[1]) == [5]
    assert numbers(run("articles", "--since", "7d", "--kind", "video")[1]) == [3]
    assert numbers(run("articles", "--as-of", "yesterday")[1]) == []
    assert run("coverage", "--since", "7d", "--until", "today")[0] == 0


def test_a_long_list_is_shown_while_it_is_read(monkeypatch):
    """Rows are measured a screenful at a time: a million need no memory, and the first ones stand there at once."""
    from archive.cli import common  # noqa: PLC0415

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(common, "_AT_ONCE", 2)
    seen = []

    def rows():
        for number in range(5):
            seen.append(shown.getvalue().count("\n"))
            yield f"{number}", "عنوان"

    assert common.write_table(("n", "headline"), rows()) == 5
    assert seen == [0, 0, 3, 3, 5]
