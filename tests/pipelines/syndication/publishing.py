"""A crawl's way from an article to the bucket, without a crawler."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from archive.article import Changes
from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Spool
from archive.store import open_store
from pipelines.syndication import Piece, SqliteStoryIndex, Stories, story_line
from pipelines.syndication.stories import catch_up
from tests.archive.samples import article_of, exchange_of
from tests.pipelines.syndication.writing import START


class Machine:
    """A machine with a spool and an index of its own, in front of a bucket that others share."""

    def __init__(self, uri, folder):
        self.store, self.spool = open_store(str(uri)), folder / "spool"
        self.index = SqliteStoryIndex(folder / "stories")
        self.stories = Stories(self.index)
        self.catalog = Catalog(folder / "catalog")
        self.publisher = Publisher(self.store, self.spool, self.catalog, software={"warraq": "0.1"})

    def catch_up(self, outlet=None):
        return catch_up(self.store, Spool(self.spool), self.index, self.stories, outlet=outlet)

    def place(self, outlet, number, text, hours, **more):
        article = article_of(
            number, None, id=f"{outlet}:{number}", outlet=outlet, text=text, published=START + timedelta(hours=hours), words=len(text.split()),
            url=f"https://{outlet}/{number}", canonical_url=f"https://{outlet}/{number}", **more,
        )  # fmt: skip
        return article, self.stories.place(Piece.of(article))

    def crawl(self, outlet, *runs, publish=True):
        placed = ((run[0], self.place(outlet, *run[:3], **run[3])) for run in runs)
        self._write(outlet, placed, publish=publish)

    def write(self, outlet, articles):
        self._write(outlet, ((number, (each, self.stories.place(Piece.of(each)))) for number, each in articles))

    def _write(self, outlet, found, *, publish=True):
        writer = SegmentWriter(self.spool, collection="warraq", outlet=outlet, crawl="c1", warcinfo={"software": "t"})
        for number, (article, placed) in found:
            article.warc = writer.write_exchange(exchange_of(number))
            article.story, article.related, article.formulas = placed.story, placed.related, placed.formulas
            writer.write_article(article)
            for placement in placed.taught:
                writer.write_story(story_line(placement, told()))
        for placement in self.stories.untold()[0]:
            writer.write_story(story_line(placement, told()))
        writer.close()
        if publish:
            assert not self.publisher.publish_sealed([outlet]).waiting


def told():
    return TOLD + timedelta(seconds=next(SECONDS))


TOLD, SECONDS = datetime(2026, 12, 1, tzinfo=UTC), count()  # after every sample was captured
EDIT = {
    "version": 2,
    "changes": Changes(previous="<urn:uuid:1>", headline=False, words_added=2, words_removed=1, silent=True),
}
