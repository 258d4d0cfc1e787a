"""What a read_filter hides or replaces, no way of reading shows."""

import pytest

from archive import open_archive
from archive.reader.archive import Archive
from archive.reader.redactions import Place, ReadFilter
from archive.store import Missing
from tests.archive.samples import OUTLET, fill

TAKEN = f"{OUTLET}:7"


class Hiding(ReadFilter):
    def hides(self, article):
        return article.id == TAKEN

    def hides_capture(self, outlet, capture):
        return outlet == OUTLET and capture.url.endswith("/7")


class Replacing(ReadFilter):
    """Leaves out the oldest segment, and says that its records lie elsewhere."""

    def __init__(self, elsewhere):
        self.elsewhere = elsewhere

    def keys(self, outlet, keys):
        return [key for key in keys if "-00000-" not in key]

    def place(self, outlet, pointer):
        return Place(self.elsewhere, 0, pointer.length) if pointer.offset == self.of else None


def test_what_is_hidden_is_nowhere(filled):
    whole = open_archive(filled)
    archive = Archive(whole.store, [ReadFilter(), Hiding()])
    article = whole.article(TAKEN)
    assert len(list(archive.articles(versions="all"))) == 29
    assert archive.article(TAKEN) is None
    assert archive.versions(TAKEN) == []
    with pytest.raises(Missing, match="was taken down"):
        archive.capture(article)
    assert archive.capture(archive.article(f"{OUTLET}:8")).status == 200


def test_what_is_replaced_is_read_in_its_new_place(filled):
    whole = open_archive(filled)
    article = whole.article(f"{OUTLET}:0")
    read_filter = Replacing("warc/moved")
    read_filter.of = article.warc.offset
    member = whole.store.read_range(*whole.filters.place(OUTLET, article.warc))
    whole.store.create("warc/moved", member)
    archive = Archive(whole.store, [read_filter])
    assert archive.article(article.id) is None
    assert 0 < len(list(archive.articles())) < 30
    assert archive.capture(article).url == article.url


def test_a_lens_may_ask_for_earlier_days(filled, tmp_path):
    class Month(ReadFilter):
        def first_date(self, outlet, date):
            return date[:8] + "01"

    fill(filled, tmp_path, range(2), crawl="c2")
    store = open_archive(filled).store
    assert not list(Archive(store).manifests(since="2026-11-29"))
    assert list(Archive(store, [Month()]).manifests(since="2026-11-29"))
