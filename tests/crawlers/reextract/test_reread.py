"""Yesterday's records under today's extraction: a new generation of lines beside the old, and what changed."""

import argparse
import gc
import gzip
import json
import shutil
import subprocess
import sys
from concurrent.futures import Future
from functools import partial

import pytest
from scrapy.utils.project import get_project_settings

from archive.maintenance.compaction import compact
from archive.maintenance.generations import carried_over, to_bytes, turn
from archive.manifests.lease import LeaseLost
from archive.reader.archive import Archive
from archive.store import open_store
from archive.verify import verify
from archive.warc.message import Original
from crawlers import reextract
from crawlers.commands.reread import Command
from crawlers.reextract import Changes, Choice, ReadingPool, reread
from tests.archive.samples import article_of
from tests.crawlers.reextract.collection import OUTLET, cases, fill

SINCE = "2026-11-01"


@pytest.fixture
def uri(tmp_path):
    return (tmp_path / "collection").as_uri()


def again(uri, *, jobs=1, publish=True):
    changes = Changes()
    days = list(reread(uri, {}, OUTLET, Choice(since=SINCE, jobs=jobs, publish=publish), changes))
    assert days == ["2026-11-23"]
    return changes


def lines_of(uri):
    archive = Archive(open_store(uri))
    return {article.id: json.loads(article.to_line()) for article in archive.articles(versions="all", settle=False)}


def objects(uri):
    store = open_store(uri)
    return {found.key: store.read(found.key) for found in store.listing("") if "/outlet=" in found.key}


def test_the_same_extraction_gives_the_same_lines_bit_for_bit(uri, tmp_path):
    fill(uri, tmp_path, older=False)
    before = objects(uri)
    changes = again(uri)
    assert changes.lines == len(lines_of(uri)) > 5
    assert (changes.changed, changes.gained, changes.unread, changes.generations) == (0, 0, 0, [])
    assert objects(uri) == before


def test_a_new_generation_stands_beside_the_old(uri, tmp_path):
    fill(uri, tmp_path)
    before, old = objects(uri), lines_of(uri)
    changes = again(uri)
    after, new = objects(uri), lines_of(uri)
    assert {key: after[key] for key in before} == before
    assert changes.changed == len(old) == len(new)
    assert {line["extractor"] for line in old.values()} == {f"{OUTLET}/0"}
    assert {line["extractor"] for line in new.values()} == {f"{OUTLET}/1"}
    assert changes.fields["credit"]["gained"] > 0
    assert changes.fields["extractor"] == {"different": len(old)}
    assert all(new[article]["warc"] == line["warc"] and new[article]["crawl"] == "c1" for article, line in old.items())
    store = open_store(uri)
    found = [manifest for manifest in Archive(store).manifests() if manifest.generation]
    assert {manifest.key for manifest in found} == set(changes.generations)
    assert found[0].software["warraq"].startswith("0.2.0")
    assert list(verify(store, deep=True, chain=True)) == []
    assert again(uri).generations == [], "what was read again reads the same"


def test_what_is_published_is_what_a_crawl_of_today_would_have(uri, tmp_path):
    fill(uri, tmp_path)
    again(uri)
    fill((tmp_path / "fresh").as_uri(), tmp_path / "other", older=False)
    fresh = lines_of((tmp_path / "fresh").as_uri())
    read = lines_of(uri)
    assert {k: v | {"warc": 0} for k, v in read.items()} == {k: v | {"warc": 0} for k, v in fresh.items()}


def test_several_processes_give_the_same(uri, tmp_path, monkeypatch):
    monkeypatch.setattr("archive.maintenance.generations.SLICE", 1)
    fill(uri, tmp_path)
    one, two = again(uri, publish=False), again(uri, jobs=2)
    assert one.as_json() | {"generations": []} == two.as_json() | {"generations": []}
    assert one.generations == []
    assert len(two.generations) > 1


def test_an_article_that_had_no_line_is_gained(uri, tmp_path):
    missed = cases()[0]
    fill(uri, tmp_path, older=False, skip={missed.name})
    before = lines_of(uri)
    changes = again(uri)
    assert changes.gained == 1
    (gained,) = lines_of(uri).keys() - before.keys()
    archive = Archive(open_store(uri))
    assert archive.capture(archive.article(gained)).url == missed.record["url"]
    assert list(verify(archive.store, deep=True, chain=True)) == []
    assert again(uri).gained == 0


def test_a_line_whose_record_gives_no_article_any_more_stays(uri, tmp_path, monkeypatch):
    fill(uri, tmp_path)
    old = lines_of(uri)
    monkeypatch.setattr("crawlers.reextract.read_again", lambda capture: [])
    changes = again(uri)
    assert (changes.unread, changes.generations) == (len(old), [])
    assert lines_of(uri) == old


def test_a_compacted_month_is_read_again(uri, tmp_path):
    fill(uri, tmp_path)
    store = open_store(uri)
    (made,) = compact(store, OUTLET, "2026-11")
    changes = again(uri)
    assert changes.changed == len(lines_of(uri))
    assert len(changes.generations) == 1
    assert [manifest.generation for manifest in compact(store, OUTLET, "2026-11")] == [1]
    assert {line["extractor"] for line in lines_of(uri).values()} == {f"{OUTLET}/1"}
    assert list(verify(store, deep=True, chain=True)) == []
    assert made.key not in {manifest.key for manifest in Archive(store).manifests()}


def test_a_line_that_was_read_from_a_revisit_is_read_from_its_original(uri, tmp_path):
    fill(uri, tmp_path, older=False)
    archive = Archive(open_store(uri))
    held = {archive.capture(article).url: article for article in archive.articles()}

    def original(case):
        article = held.get(case.record["url"])
        return article and Original(
            record_id=article.warc.record_id,
            uri=case.record["url"],
            date=article.to_line().split('"captured":"')[1].split('"')[0],
            payload_digest=article.warc.payload_digest,
        )

    fill(uri, tmp_path, crawl="c2", original=original)
    kinds = [
        archive.capture_at(OUTLET, a.warc).kind
        for a in Archive(archive.store).articles(versions="all")
        if a.crawl == "c2"
    ]
    assert set(kinds) == {"revisit"}
    changes = again(uri)
    assert (changes.unread, changes.changed) == (0, len(held))


def command(uri, *words):
    """Run the command in this process; return its exit code."""
    told = Command()
    told.settings = get_project_settings()
    told.settings.set("ARCHIVE_URI", uri)
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    told.add_options(parser)
    options, rest = parser.parse_known_args(words)
    told.run(rest, options)
    return told.exitcode


def test_what_nobody_foresaw_ends_in_a_sentence_below_its_traceback(uri, tmp_path, capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("nobody foresaw it")

    fill(uri, tmp_path)
    monkeypatch.setattr("crawlers.reextract.reread", broken)
    assert command(uri, "--since", SINCE) == 1
    said = capsys.readouterr().err
    assert said.count("Traceback") == 1
    assert said.splitlines()[-1] == "the reading broke off: ZeroDivisionError: nobody foresaw it."


def test_the_command(uri, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    fill(uri, tmp_path)
    assert command(uri, "--since", SINCE, "--outlet", OUTLET, "--dry-run", "--jobs", "1") == 0
    said = capsys.readouterr()
    assert "credit: gained" in said.out
    assert "nothing published" in said.err
    assert not [line for line in lines_of(uri).values() if line["extractor"] != f"{OUTLET}/0"]
    assert command(uri, "--since", SINCE, "--jobs", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["fields"]["credit"]["gained"] > 0
    with turn(open_store(uri), OUTLET):
        assert command(uri, "--since", SINCE, "--jobs", "1") == 6
    assert command(uri) == 2
    assert command(uri, "--since", SINCE, "--outlet", "nobody") == 2
    assert "holds nothing of nobody" in capsys.readouterr().err


def test_the_lines_of_each_generation_can_be_told_apart(uri, tmp_path):
    fill(uri, tmp_path)
    again(uri)
    found = {}
    for key, body in objects(uri).items():
        if key.startswith("articles/"):
            found.setdefault(json.loads(gzip.decompress(body).splitlines()[0])["extractor"], []).append(key)
    assert {name: len(keys) for name, keys in found.items()} == {
        f"{OUTLET}/0": len(found[f"{OUTLET}/1"]),
        f"{OUTLET}/1": len(found[f"{OUTLET}/1"]),
    }


def test_a_line_from_before_a_field_was_added_gains_nothing_but_what_is_read():
    image = {"url": "https://a.example/1.jpg", "caption": None, "credit": None, "warc": None}
    new = json.loads(article_of(1, None).to_line()) | {"images": [image]}
    bare = {name: value for name, value in image.items() if name != "warc"}
    old = {name: value for name, value in new.items() if name not in {"entries", "formulas", "zone"}} | {
        "images": [bare]
    }
    assert to_bytes(carried_over(old, new)) == to_bytes(old)
    entries = [{"id": "77001", "published": None, "text": "نص"}]
    assert carried_over(old, new | {"entries": entries})["entries"] == entries
    captured = {**image, "warc": {"file": "a.warc.gz"}}
    assert carried_over(new | {"images": [captured]}, new)["images"] == [captured]


class Unbegun(Future):
    """What a process that has not begun will have read."""

    def result(self, timeout=None):
        return 1, ["there"], []


class Beginning:
    """Processes that never begin."""

    def __init__(self, workers, mp_context):
        self.workers = workers

    def submit(self, *_):
        return Unbegun()

    def shutdown(self, *, cancel_futures):
        pass


def test_this_process_reads_while_the_others_begin_and_not_too_far_ahead(monkeypatch):
    monkeypatch.setattr(reextract, "ProcessPoolExecutor", Beginning)
    read = []
    monkeypatch.setattr(reextract, "read_slice", lambda _uri, _options, piece: read.append(piece) or (1, ["here"], []))
    with ReadingPool("file:///collection", {}, 2) as pool:
        assert pool._executor.workers == 1
        results = pool.read(iter(range(20)))
        piece, _ = next(results)
        assert (piece, read) == (0, [2, 3, 4, 5])
        assert [0, *(piece for piece, _ in results)] == list(range(20))
    assert len(read) >= 20 // 2


def test_a_slice_that_cannot_be_read_fails_in_its_turn(monkeypatch):
    monkeypatch.setattr(reextract, "ProcessPoolExecutor", Beginning)

    def broken(_uri, _options, piece):
        raise ValueError(piece)

    monkeypatch.setattr(reextract, "read_slice", broken)
    with ReadingPool("file:///collection", {}, 2) as pool:
        results = pool.read(iter(range(20)))
        assert [next(results)[0], next(results)[0]] == [0, 1]
        with pytest.raises(ValueError, match="2"):
            next(results)


class Later(Future):
    """What another process reads, and is never done with before it is asked for."""

    def __init__(self, read):
        super().__init__()
        self._read = read

    def result(self, timeout=None):
        return self._read()


class Elsewhere(Beginning):
    def submit(self, act, *arguments):
        return Later(partial(act, *arguments))


DATES = [f"2026-11-{day}" for day in range(23, 31)]


@pytest.fixture
def dated(tmp_path):
    """Return two archives of the same bytes: a page on each of eight crawl dates."""
    for number in range(len(DATES)):
        fill((tmp_path / "one").as_uri(), tmp_path, crawl=f"c{number}", day=number, part=slice(number, number + 1))
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    return (tmp_path / "one").as_uri(), (tmp_path / "other").as_uri()


def published(uri):
    return {key: body for key, body in objects(uri).items() if key.startswith(("articles/", "wet/"))}


def test_slices_flow_over_the_dates_and_each_date_is_published_in_its_turn(dated, monkeypatch):
    alone = Changes()
    assert list(reread(dated[0], {}, OUTLET, Choice(since=SINCE, jobs=1), alone)) == DATES
    assert len(alone.generations) == len(DATES)
    monkeypatch.setattr(reextract, "ProcessPoolExecutor", Elsewhere)
    begun, ahead, changes = [], [], Changes()
    of = reextract._Day.of
    monkeypatch.setattr(reextract._Day, "of", lambda *facts: begun.append(facts[2]) or of(*facts))
    for number, day in enumerate(reread(dated[1], {}, OUTLET, Choice(since=SINCE, jobs=2), changes), 1):
        assert (day, len(changes.generations)) == (DATES[number - 1], number)
        ahead.append(len(begun) - number)
    assert begun == DATES
    assert ahead[0] >= reextract.AHEAD, "no process waits for the end of a date"
    assert max(ahead) < 2 * reextract.HELD, "not the whole archive is held in memory"
    assert published(dated[1]) == published(dated[0])
    assert changes.as_json() | {"generations": []} == alone.as_json() | {"generations": []}


def test_a_date_without_records_keeps_its_lines_and_its_turn(dated, monkeypatch):
    cut, bare = reextract.slices, {DATES[0], DATES[3], DATES[-1]}
    monkeypatch.setattr(reextract, "slices", lambda *facts: iter(()) if facts[1].date in bare else cut(*facts))
    monkeypatch.setattr(reextract, "ProcessPoolExecutor", Elsewhere)
    changes = Changes()
    assert list(reread(dated[0], {}, OUTLET, Choice(since=SINCE, jobs=2), changes)) == DATES
    assert (changes.lines, changes.unread, len(changes.generations)) == (len(DATES), 3, len(DATES) - 3)


def test_one_process_begins_no_date_before_the_last_is_published(dated, monkeypatch):
    begun, of = [], reextract._Day.of
    monkeypatch.setattr(reextract._Day, "of", lambda *facts: begun.append(facts[2]) or of(*facts))
    for day in reread(dated[0], {}, OUTLET, Choice(since=SINCE, jobs=1), Changes()):
        assert begun[-1] == day


def test_what_broke_off_between_two_dates_is_read_again_to_the_same(dated, monkeypatch):
    monkeypatch.setattr(reextract, "ProcessPoolExecutor", Elsewhere)
    changes = Changes()
    days = reread(dated[1], {}, OUTLET, Choice(since=SINCE, jobs=2), changes)
    assert [next(days), next(days)] == DATES[:2]
    days.close()
    assert len(changes.generations) == 2
    for uri in dated:
        list(reread(uri, {}, OUTLET, Choice(since=SINCE, jobs=2), Changes()))
    assert published(dated[1]) == published(dated[0])
    assert list(verify(open_store(dated[1]), chain=True)) == list(verify(open_store(dated[0]), chain=True))


def test_a_lease_is_kept_while_dates_are_published_and_nothing_is_once_it_is_lost(dated):
    changes, lease = Changes(), f"leases/{OUTLET}.rewriting.json"
    store = open_store(dated[0])
    days = reread(dated[0], {}, OUTLET, Choice(since=SINCE, jobs=1), changes)
    held = set()
    for _ in range(2):
        next(days)
        held.add(json.loads(store.read(lease))["since"])
    assert len(held) == 2
    body, tag = store.read_tagged(lease)
    store.replace(lease, body.replace(json.loads(body)["holder"].encode(), b"another"), tag=tag)
    with pytest.raises(LeaseLost):
        next(days)
    assert len(changes.generations) == 2


def test_the_lines_of_an_outlet_are_gone_through_once_for_the_articles_that_are_known(uri, tmp_path, monkeypatch):
    names = [case.name for case in cases()]
    fill(uri, tmp_path, older=False, part=slice(3))
    for number in (1, 2, 3):
        fill(uri, tmp_path, older=False, crawl=f"c{number}", day=number, skip=names, part=slice(3))
    read, asked, lines = [], [], reextract.lines_of_object
    monkeypatch.setattr(reextract, "lines_of_object", lambda store, item: read.append(item.key) or lines(store, item))
    monkeypatch.setattr(reextract, "Archive", lambda store: asked.append(store) or Archive(store))
    changes = Changes()
    dates = list(reread(uri, {}, OUTLET, Choice(since=SINCE, jobs=1), changes))
    assert (len(dates), changes.gained) == (4, 0)
    assert len(read) == len(set(read)) > 0
    assert len(asked) <= 2 * len(dates)


def test_a_process_that_reads_loads_no_download_handler():
    code = "import sys, crawlers.reextract; print(*(name for name in sys.modules if 'download' in name or 'twisted' in name.split('.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "crawlers.download.handler" not in loaded
    assert "scrapy.core.downloader.handlers.http11" not in loaded


def test_each_line_is_parsed_once_for_its_place_and_once_to_be_compared(uri, tmp_path, monkeypatch):
    fill(uri, tmp_path, older=False)
    lines = len(lines_of(uri))
    parsed = []
    head, pairs = reextract._head, reextract.Segment.pairs
    monkeypatch.setattr(reextract, "_head", lambda line: parsed.append("place") or head(line))
    monkeypatch.setattr(
        reextract.Segment, "pairs", lambda self: (parsed.append("pair") or pair for pair in pairs(self))
    )
    again(uri)
    assert (parsed.count("place"), parsed.count("pair")) == (lines, lines)


def test_what_reading_begins_with_is_spared_by_the_collector():
    gc.unfreeze()
    reextract._spiders.cache_clear()
    reextract._spiders()
    assert gc.get_freeze_count() > 10_000
