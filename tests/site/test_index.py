"""The index: what it learns from an archive, step by step, and what the same manifests give in the end."""

import gzip
import io
import json
import random
from datetime import timedelta
from unittest.mock import Mock

import pytest
from PIL import Image as Picture

from archive import open_archive
from archive.article import Changes, Image
from archive.cli import main
from archive.files import Unreadable
from archive.manifests.publisher import Publisher
from archive.reader.archive import Archive
from archive.reader.redactions import ReadFilter
from archive.site import database
from archive.site.database import SiteDatabase
from archive.site.lists import changed_pages, outlet_shelf, sections, shelf_page, touched
from archive.site.pages import Pages
from archive.site.queries import Kept, cards, entry_of, folded, picture_of, related, story_cards, whole
from archive.site.search import Query, search
from archive.site.statistics import neighbours
from archive.site.templating import Looks
from archive.site.web.routes import Routes
from archive.spool.segment import SegmentWriter
from archive.store import StoreUnavailable, open_store
from tests.archive.samples import publish_anew
from tests.site.newsstand import NOW, exchange_of, publish
from tests.site.writing import article, shelf


@pytest.fixture
def shelved(tmp_path):
    archive, index = shelf(tmp_path, [article(n, hours=n) for n in range(5)])
    yield archive, index, tmp_path
    index.close()


def second_version(**said):
    changes = Changes(previous="<urn:uuid:1>", headline=False, words_added=2, words_removed=0, silent=True)
    return article(3, text="نص الخبر رقم 3 وزيادة لاحقة", version=2, changes=changes, **said)


def test_the_newest_first_and_nothing_twice(shelved):
    archive, index, _ = shelved
    assert [card.id for card in cards(index.reader, "1")] == [f"aljazeera:{n}" for n in (4, 3, 2, 1, 0)]
    assert (index.generation, index.catch_up(archive), index.generation) == (1, 0, 1)


def test_what_does_not_fit_on_the_disk_is_not_begun_and_what_takes_long_is_told(tmp_path, monkeypatch, caplog):
    archive, index = shelf(tmp_path, [article(n, hours=n) for n in range(5)])
    index.close()
    other = SiteDatabase(tmp_path / "other.sqlite")
    monkeypatch.setattr(database.shutil, "disk_usage", lambda _: Mock(free=50_000))
    with pytest.raises(
        StoreUnavailable, match=r"5 lines are new .* has 0.0 GB left; name a file on another with --index"
    ):
        other.catch_up(archive)
    monkeypatch.setattr(database.shutil, "disk_usage", lambda _: Mock(free=60_000))
    monkeypatch.setattr(database, "_MANY", 5)
    assert (other.catch_up(archive), "5 lines are new" in caplog.text) == (5, True)
    other.close()


def test_an_older_capture_that_an_import_took_in_later_is_not_the_newest_text(shelved):
    archive, index, folder = shelved
    older = second_version(headline="عنوان قديم", captured=article(3).captured - timedelta(days=900))
    publish(archive.store.uri, folder, [older], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    assert [one.version for one in database.versions_of(index.reader, older.id)] == [2, 1]
    assert database.newest_of(index.reader, [older.id])[older.id].version == 1
    (card,) = [card for card in cards(index.reader, "1") if card.id == older.id]
    assert card.headline == article(3).headline == open_archive(archive.store.uri).article(older.id).headline


def test_full_pages_of_a_list_stay_and_the_newest_holds_what_is_left(shelved):
    archive, index, folder = shelved
    shelf = outlet_shelf("aljazeera")

    def pages():
        found = (shelf_page(index.reader, shelf, 2, number) for number in range(6))
        return {page.number: [card.n - 1 for card in page.cards] for page in found if page is not None}

    assert pages() == {1: [1, 0], 2: [4, 3, 2]}
    assert shelf_page(index.reader, shelf, 2).number == 2
    publish(archive.store.uri, folder, [article(5, hours=5)], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    assert pages() == {1: [1, 0], 2: [3, 2], 3: [5, 4]}
    assert changed_pages(index.reader, shelf, 2, min(place.at for place in touched(index.reader, 1))) == (3, 3)


def test_a_picture_that_the_archive_holds_is_made_small_once(tmp_path, monkeypatch):
    made = io.BytesIO()
    Picture.new("RGB", (1600, 900), "#8c1d18").save(made, "JPEG")
    bodies = {1: made.getvalue(), 2: b"<svg/>", 3: None}
    articles = [article(n, images=[Image(url=f"https://x.example/{n}.jpg", caption="صورة")]) for n in bodies]
    writer = SegmentWriter(
        tmp_path / "spool", collection="warraq", outlet="aljazeera", crawl="c0", warcinfo={}, clock=lambda: NOW
    )
    for each, body in zip(articles, bodies.values(), strict=True):
        if body is not None:
            each.images[0].warc = writer.write_exchange(exchange_of(each, body))
    writer.close()
    archive, index = shelf(tmp_path, articles)
    shown = {card.id: (card.wide, card.high) for card in cards(index.reader, "1")}
    assert shown == {"aljazeera:1": (640, 360), "aljazeera:2": (0, 0), "aljazeera:3": (0, 0)}
    small = picture_of(index.reader, "aljazeera:1")
    assert Picture.open(io.BytesIO(small)).format == "WEBP"
    assert picture_of(index.reader, "aljazeera:2") is None
    monkeypatch.setattr("archive.site.database.smaller", lambda _: pytest.fail("it is made already"))
    publish(archive.store.uri, tmp_path, [article(9)], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    page = Pages(index, archive, Looks()).article("aljazeera:1")
    assert '<img src="../../pictures/aljazeera/1.webp" width="640" height="360" alt="صورة"' in page
    assert Routes(Pages(index, archive, Looks())).find("pictures/aljazeera/1.webp", {}).body == small
    index.close()


def test_an_article_that_changes_its_section_is_missed_in_the_old_one(shelved):
    archive, index, folder = shelved
    publish(archive.store.uri, folder, [second_version(section="رياضة")], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    assert {place.section for place in touched(index.reader, 1)} == {"سياسة", "رياضة"}
    assert [(section.name, section.many) for section in sections(index.reader)] == [("سياسة", 4), ("رياضة", 1)]


def test_what_stands_beside_a_name_is_not_won_by_rarity(tmp_path):
    rare = [article(n, tags=["عمروف", "نادر"]) for n in range(2)]
    often = [article(10 + n, tags=["عمروف", "هدنة"]) for n in range(9)] + [article(20, tags=["هدنة"])]
    other = [article(30 + n, tags=["طقس"]) for n in range(12)] + [article(50, tags=["عمروف", "طقس"])]
    _, index = shelf(tmp_path, rare + often + other)
    near = neighbours(index.reader, entry_of(index.reader, "عمروف").e)
    assert [entry["name"] for entry in near] == ["هدنة", "نادر"]
    index.close()


def test_the_surest_beside_a_name_are_found_without_scoring_all(tmp_path):
    doubt = random.Random(7)
    names = [f"وسم{chr(0x627 + n)}" for n in range(30)]
    _, index = shelf(tmp_path, [article(n, tags=doubt.sample(names, doubt.randint(1, 9))) for n in range(120)])
    for name in names[:6]:
        e = entry_of(index.reader, name).e
        few, all_of_them = neighbours(index.reader, e, 5), neighbours(index.reader, e, 1000)
        assert few == all_of_them[:5]
        assert len(all_of_them) > 5
    index.close()


def test_a_story_of_many_copies_is_no_nearer_for_their_number(tmp_path):
    mine, near = article(1, tags=["هدنة", "أسرى", "وفد"]), article(2, tags=["هدنة", "أسرى", "وفد"])
    copies = [article(10 + n, tags=["هدنة"], origin="aljazeera:10", text="نص واحد") for n in range(9)]
    _, index = shelf(tmp_path, [mine, near, *copies])
    first, second = related(index.reader, whole(index.reader, "aljazeera:1").card)
    assert (first.id, second.story) == ("aljazeera:2", "aljazeera:10")
    kept = Kept(lambda: index.reader)
    ids = ["aljazeera:1", "aljazeera:2"]
    assert [whole(index.reader, each, kept) for each in ids] == [whole(index.reader, each) for each in ids]
    assert kept.naming.cache_info().hits > 0  # what both name is read once
    index.close()


def test_a_new_version_is_learned_and_said(shelved):
    archive, index, folder = shelved
    publish(archive.store.uri, folder, [second_version()], crawl="c2")
    assert index.catch_up(open_archive(archive.store.uri)) == 1
    found = whole(index.reader, "aljazeera:3")
    assert [version.version for version in found.versions] == [1, 2]
    assert (found.card.versions, found.card.silent, found.article.text) == (2, 1, "نص الخبر رقم 3 وزيادة لاحقة")
    assert search(index.reader, Query(text="زيادة")).total == 1
    changed = [row["id"] for row in index.reader.execute("SELECT id FROM article WHERE changed > 1")]
    assert changed == ["aljazeera:3"]


def test_the_words_of_all_articles_of_a_run_are_written_out_at_once(shelved):
    archive, index, folder = shelved
    segments = "SELECT count(DISTINCT segid) FROM fulltext_idx"
    assert index.reader.execute(segments).fetchone()[0] == 1
    publish(archive.store.uri, folder, [article(n, hours=n) for n in range(10, 15)], crawl="c2")
    assert index.catch_up(open_archive(archive.store.uri)) == 5
    assert index.reader.execute(segments).fetchone()[0] == 2
    assert [row["n"] for row in index.reader.execute("SELECT n FROM article ORDER BY n")] == [*range(1, 11)]


def test_a_word_that_many_articles_spell_is_held_once_while_they_are_read(tmp_path, monkeypatch):
    held, name = {}, database._name_topics

    def seen(connection, numbers, words, generation):
        held.update({number: list(parts) for number, parts in words.items()})
        name(connection, numbers, words, generation)

    monkeypatch.setattr(database, "_name_topics", seen)
    _, index = shelf(tmp_path, [article(n, hours=n, text="وصل الوفدُ إلى الميناءِ") for n in range(20)])
    index.close()
    spelled = [word for parts in held.values() for _, words in parts for word in words]
    assert (len(held), spelled.count("الميناءِ")) == (20, 20)
    assert len(set(map(id, spelled))) == len(set(spelled))


def tell(shelved, **said):
    archive, index, folder = shelved
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet="aljazeera", crawl="c9", warcinfo={}, clock=lambda: NOW
    )
    writer.write_story(json.dumps(said | {"told": "2026-11-23T12:00:00Z"}))
    writer.close()
    Publisher(open_store(archive.store.uri), folder / "spool").publish_sealed()
    index.catch_up(open_archive(archive.store.uri))
    return index


def test_what_later_articles_taught_of_a_story_is_applied(shelved):
    said = {"story": "aljazeera:1", "role": "copy", "origin": "aljazeera:1", "overlap": 0.8}
    index = tell(shelved, id="aljazeera:3", **said)
    heads = folded(cards(index.reader, "1"))
    assert [(head.id, [copy.id for copy in head.copies]) for head in heads if head.copies] == [
        ("aljazeera:1", ["aljazeera:3"])
    ]
    assert [card.id for card in story_cards(index.reader, "aljazeera:3")] == ["aljazeera:1", "aljazeera:3"]


def test_a_later_article_that_contains_an_earlier_one_stands_beside_it(shelved):
    said = {"story": "aljazeera:3", "role": "first", "origin": "aljazeera:3", "overlap": 1.0}
    container = {"id": "aljazeera:1", "relation": "contained-in", "overlap": 0.4}
    index = tell(shelved, id="aljazeera:3", **said, related=[container])
    assert [card.id for card in whole(index.reader, "aljazeera:3").related] == ["aljazeera:1"]


def test_behind_a_story_of_more_copies_than_are_looked_at_first_stand_the_others(tmp_path):
    mine = article(1, tags=["هدنة", "أسرى"])
    copies = [article(10 + n, tags=["هدنة", "أسرى"], origin="aljazeera:10", text="نص واحد") for n in range(40)]
    others = [article(60 + n, tags=["هدنة"], text=f"نص آخر {n}") for n in range(9)]
    _, index = shelf(tmp_path, [mine, *copies, *others])
    found = related(index.reader, whole(index.reader, "aljazeera:1").card)
    assert [one.story for one in found] == ["aljazeera:10", *(f"aljazeera:{number}" for number in range(68, 63, -1))]
    index.close()


def test_of_many_equally_near_those_read_last_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.site.queries._NEAREST", 4)
    _, index = shelf(tmp_path, [article(n, tags=["هدنة"], text=f"نص {n}") for n in range(1, 13)])
    card = whole(index.reader, "aljazeera:5").card
    newest = [
        row["n"] for row in index.reader.execute("SELECT n FROM article WHERE n <> ? ORDER BY n DESC LIMIT 4", [card.n])
    ]
    assert sorted((one.n for one in related(index.reader, card)), reverse=True) == newest
    index.close()


def test_it_can_always_be_made_again(shelved):
    archive, index, folder = shelved
    publish(archive.store.uri, folder, [second_version(), article(9, "alaraby")], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    anew = SiteDatabase(folder / "anew.sqlite")
    anew.catch_up(open_archive(archive.store.uri))
    for table in ("version", "told"):
        rows = [{tuple(row) for row in each.reader.execute(f"SELECT * FROM {table}")} for each in (index, anew)]
        assert rows[0] == rows[1]
    lists = [[card.id for card in cards(each.reader, "1")] for each in (index, anew)]
    assert lists[0] == lists[1]
    anew.close()


def test_what_a_lens_hides_never_comes_in(shelved):
    archive, _, folder = shelved

    class Hidden(ReadFilter):
        def hides(self, article):
            return article.id == "aljazeera:2"

    index = SiteDatabase(folder / "hidden.sqlite")
    index.catch_up(Archive(archive.store, [Hidden()]))
    assert whole(index.reader, "aljazeera:2") is None
    assert len(cards(index.reader, "1")) == 4
    index.close()


def test_what_is_gone_from_the_archive_goes_from_the_index(shelved):
    archive, index, folder = shelved
    publish(archive.store.uri, folder, [article(9, "alaraby")], crawl="c2")
    index.catch_up(open_archive(archive.store.uri))
    for manifest in (folder / "collection" / "manifests" / "outlet=alaraby").rglob("*.json"):
        manifest.unlink()
    index.catch_up(open_archive(archive.store.uri))
    assert [card.outlet for card in cards(index.reader, "1")] == ["aljazeera"] * 5
    assert index.fact("rebuilt") == str(index.generation)


def test_an_index_of_another_release_is_made_anew_and_that_is_said(shelved, caplog):
    archive, index, _ = shelved
    path = index.path
    index._writer.execute("PRAGMA user_version = 999")
    index.close()
    again = SiteDatabase(path)
    said = f"the index {path} is of version 999, this program's of {database.VERSION}: it is made anew from the archive"
    assert [record.getMessage() for record in caplog.records] == [said]
    assert (again.generation, again.catch_up(archive)) == (0, 5)
    again.close()


def test_a_date_in_the_future_is_not_believed(tmp_path):
    late = article(1, hours=24 * 400, captured=article(2).captured)
    _, index = shelf(tmp_path, [late, article(3)])
    assert [card.id for card in cards(index.reader, "1")] == ["aljazeera:3", "aljazeera:1"]
    index.close()


def test_a_take_down_empties_the_pages_at_once(shelved):
    archive, index, _ = shelved
    where = ["--archive", archive.store.uri]
    why = ["--who", "the editor", "--basis", "right of reply", "--reason", "a wrong name"]
    assert main(["redact", "--id", "aljazeera:2", *why, *where]) == 0
    index.catch_up(open_archive(archive.store.uri))
    assert whole(index.reader, "aljazeera:2") is None
    assert search(index.reader, Query(text="رقم 2")).total == 0
    assert (index.fact("rebuilt"), index.catch_up(open_archive(archive.store.uri))) == ("2", 0)


def test_a_broken_line_is_left_out_and_named(shelved, caplog):
    archive, _, folder = shelved
    (path,) = (folder / "collection" / "articles").rglob("*.gz")
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    publish_anew(path, gzip.compress(b"".join([lines[0], b'{"id": 1}\n', *lines[2:]])))
    index = SiteDatabase(folder / "broken.sqlite")
    assert index.catch_up(open_archive(archive.store.uri)) == 4
    assert "1 lines of " in caplog.text
    publish_anew(path, path.read_bytes()[:-20])
    with pytest.raises(Unreadable, match="does not unpack: it ends before its end"):
        SiteDatabase(folder / "damaged.sqlite").catch_up(open_archive(archive.store.uri))
    index.close()
