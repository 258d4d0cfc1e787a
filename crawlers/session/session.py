"""This machine's side of the archive during one crawl: destination, catalog, stories, segment, publisher."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from archive.article import Article, RecordPointer, format_time
from archive.catalog import Catalog, checkpoint_if_due
from archive.files import make_folder
from archive.manifests.chain import highest_token
from archive.manifests.lease import Lease
from archive.manifests.manifest import outlet_part, time_of
from archive.manifests.placement import published_version
from archive.manifests.publisher import Publisher
from archive.reader.archive import Archive
from archive.reader.redactions import TakenDown
from archive.spool.recovery import recover_locked
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Lock, Spool
from archive.store import StoreError
from archive.warc.message import Exchange, Original
from archive.warc.writer import IDENTICAL_PAYLOAD, NOT_MODIFIED, ResourceRecord, named, profile_of, published_resource
from crawlers.reextract import read_again, spider_of
from crawlers.session.provenance import software

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scrapy.settings import BaseSettings

    from archive.store import Store
    from archive.warc.capture import Capture
    from crawlers.configuration import Destination
    from pipelines.syndication import SqliteStoryIndex

logger = logging.getLogger(__name__)

# --- Which published response an exchange repeats, so that a revisit record is enough --------------------------------


def published_original(catalog: Catalog, exchange: Exchange) -> Original | None:
    """Return the response with the same payload or, for a 304, the one that it confirms; None where none is published."""
    profile = profile_of(exchange)
    if profile == IDENTICAL_PAYLOAD:
        return catalog.original(exchange.payload_digest)
    if profile == NOT_MODIFIED and (known := catalog.validators(exchange.url)):
        return Original(
            record_id=known.record_id,
            uri=known.url,
            date=format_time(known.date),
            payload_digest=known.payload_digest,
        )
    return None


# --- This machine's side of the archive during one crawl: catalog, stories, segment, publisher -----------------------
# open    recover the spool ▸ publish what waited ▸ catch the catalog and the stories up
# write   exchange, article, story line, event ──▶ segment
# close   close the segment ▸ write the crawl's resources ▸ publish
#
# No Scrapy here; `crawlers.session.extension` says when. `open`, `publish` and `close` may run in a thread, one at a time.


def _are_two(one: str, other: str) -> bool:
    """Say whether two ids are numbers of the outlet's own: at one address then stand two articles, one after the other."""
    return all(article_id.rpartition(":")[2].isdecimal() for article_id in (one, other))


class LocalArchive:
    """Where one crawl of one outlet writes.

    Args:
        destination: the archive, the spool in front of it, the local caches.
        outlet: the outlet.
        window: how far back, in crawl dates, the catalog is caught up.
        stories_window: and the stories.
        checkpoint_every: manifests after which the catalog is put into the archive; 0: never.
        index: the stories' index, where several outlets share one in this process; whoever opened it closes it.
    """

    def __init__(  # noqa: PLR0913  each is a fact of its own
        self,
        destination: Destination,
        outlet: str,
        *,
        window: timedelta,
        stories_window: timedelta,
        checkpoint_every: int,
        index: SqliteStoryIndex | None = None,
    ) -> None:
        from pipelines.syndication import SqliteStoryIndex, Stories  # noqa: PLC0415  numpy, which a list of spiders needs not load

        self.destination = destination
        self.outlet = outlet
        self.window, self.stories_window = window, stories_window
        self.checkpoint_every = checkpoint_every
        self.reader = Archive(destination.store)  # remembers the manifests that it has read
        self.catalog = Catalog(destination.catalog)
        try:
            self.index = index or SqliteStoryIndex(destination.stories)
        except BaseException:
            self.catalog.close()
            raise
        self._is_shared = index is not None
        self.stories = Stories(self.index)
        stores = [destination.store, *destination.copies]
        self.taken_down = TakenDown(destination.store)
        self.publisher = Publisher(stores, destination.spool, self.catalog, software=software())
        self.lease = Lease(destination.store, outlet, holder=destination.holder)
        self._writer: SegmentWriter | None = None
        self._lock: Lock | None = None

    @property
    def writer(self) -> SegmentWriter:
        """Return the open segment."""
        assert self._writer is not None
        return self._writer

    def open(  # noqa: PLR0913  each is a fact of its own
        self,
        *,
        crawl: str,
        collection: str,
        warcinfo: Mapping[str, str],
        max_bytes: int,
        max_age: float,
        level: int | None = None,
    ) -> int:
        """Mend what a crawl that died left behind, learn what was published, begin a segment.

        Args:
            crawl: id of the crawl.
            collection: first part of every file name.
            warcinfo: fields for the warcinfo record of every WARC.
            max_bytes: a WARC of this size is closed and the next one begun.
            max_age: so is one that is this old, in seconds.
            level: how hard records are packed, where it is not as usual.

        Returns:
            How many articles stand elsewhere among the stories than was published: lines of their own are written.

        Raises:
            StoreError: the archive does not answer.
            SpoolBusy: another crawl of this outlet is running on this machine.
            LeaseHeld: another machine crawls this outlet.
        """
        from pipelines.syndication.stories import catch_up  # noqa: PLC0415  numpy, which a list of spiders needs not load

        store, spool = self.destination.store, self.destination.spool
        since = datetime.now(UTC) - self.stories_window
        house = Spool(spool)
        self._take_over(store, house)
        self.catalog.catch_up(store, [self.outlet], self.window)
        catch_up(store, house, self.index, self.stories, since=since.date(), outlet=self.outlet)
        for recovered in recover_locked(house, self.outlet, store, self._read_unwritten):
            logger.warning("%s", recovered)
        self.publish()
        self._writer = SegmentWriter(
            spool,
            collection=collection,
            outlet=self.outlet,
            crawl=crawl,
            warcinfo=warcinfo,
            max_bytes=max_bytes,
            max_age_seconds=max_age,
            token=self.lease.token,
            level=level,
            lock=self._lock,
        )
        return self._write_untold()

    def _take_over(self, store: Store, house: Spool) -> None:
        """Hold the outlet, on this machine and among all."""
        lock = house.lock(self.outlet)  # to the end: of two starts on this machine, one crawls
        try:
            dead = self.lease.acquire(above=highest_token(store, self.outlet))
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        if dead:
            logger.warning("the lease of %s was taken over from %s, which had not given it back", self.outlet, dead)

    def _write_untold(self) -> int:
        """Write the stories that a crawl that died, or another machine's, could not tell."""
        from pipelines.syndication import story_line  # noqa: PLC0415  numpy, which a list of spiders needs not load

        untold, moment = self.stories.untold()
        for placement in untold:
            self.writer.write_story(story_line(placement, moment))
        return len(untold)

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id, or has taken it down: then it is not fetched again."""
        return article_id in self.taken_down.ids or self.catalog.is_seen(article_id)

    def identity(self, article_id: str, canonical_url: str) -> str:
        """Return the id under which the archive holds the article of this address: its own, or that of its first address."""
        if self.catalog.is_seen(article_id):
            return article_id
        known = self.catalog.seen_url(canonical_url)
        return article_id if known is None or _are_two(article_id, known.id) else known.id

    def newest(self, article_id: str) -> Article | None:
        """Return the newest version of an article that the archive holds, read from the day on which it was captured."""
        seen = self.catalog.seen(article_id)
        if seen is None:
            return None
        return published_version(self.reader, self.outlet, seen)

    def last_version(self, article_id: str) -> int:
        """Return the highest number of a version that the archive holds of an article; 0 where it holds none."""
        return max((seen.version for seen in self.catalog.versions(article_id)), default=0)

    def write_exchange(self, exchange: Exchange) -> RecordPointer:
        """Write an exchange, as a revisit where the same payload, or what a 304 confirms, is published already."""
        return self.writer.write_exchange(exchange, published_original(self.catalog, exchange))

    def write_event(self, line: str) -> None:
        """Write what became of a page, or of some, a line each, where a segment can take it: a crawl that never began has none."""
        if self._writer is not None:
            self._writer.write_event(line)

    def renew(self) -> None:
        """Keep the lease. An outage of the store is no reason to stop: publishing does not depend on the lease.

        Raises:
            LeaseLost: another machine took it over.
        """
        try:
            self.lease.renew()
        except StoreError as error:
            logger.warning("the lease could not be renewed, it will be tried again: %s", error)

    def publish(self) -> int:
        """Publish what is sealed; say what failed and return how much still waits."""
        published = self.publisher.publish_sealed([self.outlet])
        for failure in published.failures:
            logger.warning("not published yet, it waits in the spool: %s", failure)
        return published.waiting

    def close(self, resources: Iterable[ResourceRecord] = ()) -> int:
        """Close the segment, write the crawl's resources, publish; return how much still waits."""
        try:
            if self._writer is not None:
                with closing(self._writer) as writer:
                    writer.write_resource_records(resources, self._published_resource)
        finally:
            waiting = self.publish()
        return waiting

    def _published_resource(self, resource: ResourceRecord) -> Original | None:
        """Return what holds a lasting resource already, by the resources of the crawl before; None where it is to be written."""
        earlier = [key for key in self.catalog.manifests(self.outlet) if f"-meta-{outlet_part(self.outlet)}-" in key]
        if not earlier or not resource.is_lasting:
            return None
        try:
            newest = max(earlier, key=lambda key: time_of(key.rpartition("/")[2].removesuffix(".json")))
            return published_resource(resource, self.destination.store, newest)
        except (StoreError, ValueError, LookupError) as error:
            logger.info("%s is written once more: %s", resource.name, error)
            return None

    def release(self, report: dict[str, Any]) -> None:
        """Publish the report, put the catalog into the archive where that is due, and close the caches.

        Raises:
            StoreError: the report waits in the spool.
        """
        try:
            self.publisher.write_report(report)
            if self._writer is not None:
                self._checkpoint()
            self.lease.release()
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Let the spool go, and close the caches."""
        if self._lock is not None:
            self._lock.release()
        self.catalog.close()
        if not self._is_shared:
            self.index.close()

    def _checkpoint(self) -> None:
        try:
            if key := checkpoint_if_due(self.catalog, self.destination.store, self.outlet, self.checkpoint_every):
                logger.info("the catalog stands in the archive: %s", key)
        except StoreError as error:
            logger.warning("no checkpoint was written, the next crawl tries again: %s", error)

    def _read_unwritten(self, capture: Capture) -> Iterator[Article]:
        """Yield what a dead crawl's record says and no published line: new articles, further versions of those that are there."""
        from pipelines.syndication import Piece  # noqa: PLC0415  numpy, which a list of spiders needs not load

        for article in read_again(capture):
            article.id = self._own_id(article)
            if not self._is_published(article, capture.pointer.record_id):
                placed = self.stories.place(Piece.of(article))
                article.story, article.related, article.formulas = placed.story, placed.related, placed.formulas
                yield article

    def _own_id(self, article: Article) -> str:
        """Return the id of what was read again: as the archive holds it, or by its address where its number is another article's."""
        from pipelines.versions import Earlier, is_number_of_another, is_numbered  # noqa: PLC0415  as above

        known = self.identity(article.id, article.canonical_url)
        held = self.newest(known) if is_numbered(article) and known == article.id else None
        if held is None or not is_number_of_another(article, Earlier.of(held)):
            return known
        spider = spider_of(article.canonical_url)
        address = spider.addresses.classify(article.canonical_url) if spider is not None else None
        return known if address is None else self.identity(address.id, article.canonical_url)

    def _is_published(self, article: Article, record_id: str) -> bool:
        """Say whether the archive has a line of this record or with the same words, or has the article taken down; number it where not."""
        from pipelines.versions import number_after  # noqa: PLC0415  as above

        if article.id in self.taken_down.ids:
            return True
        if any(version.record_id == record_id for version in self.catalog.versions(article.id)):
            return True
        return not number_after(article, self.newest(article.id), self.last_version(article.id))


# --- Stories told anew: an archive that was labelled by earlier rules ------------------------------------------------
#     all article and story lines ──▶ an index of its own ──▶ where articles stand by today's rules ──▶ lines under stories/

_FIRST_DAY = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Relabelled:
    """How many articles the archive's stories were told of anew, and how many segments wait in the spool for the store."""

    articles: int
    waiting: int


def relabel(destination: Destination, outlet: str, settings: BaseSettings) -> Relabelled:
    """Work out the stories of a whole archive by today's rules, and publish a line for each article that stands elsewhere now.

    Args:
        destination: the archive and the spool in front of it.
        outlet: whose turn it is to publish: one of the archive's outlets that nobody crawls meanwhile.
        settings: COLLECTION, CONTACT and the bounds of segments.

    Raises:
        StoreError: the archive does not answer.
        SpoolBusy: this machine crawls the outlet.
        LeaseHeld: another one does.
    """
    now = datetime.now(UTC)
    crawl = f"{now:%Y%m%dT%H%M%S}-stories"
    make_folder(destination.spool.parent)
    with TemporaryDirectory(prefix="stories-", dir=destination.spool.parent) as folder:
        own, whole = replace(destination, stories=Path(folder) / "stories"), now - _FIRST_DAY
        archive = LocalArchive(own, outlet, window=timedelta(0), stories_window=whole, checkpoint_every=0)
        try:
            told = archive.open(
                crawl=crawl,
                collection=settings["COLLECTION"],
                warcinfo={
                    "software": named(software()),
                    "isPartOf": f"{settings['COLLECTION']}-{outlet}",
                    "description": f"stories told anew by {crawl}; no page was requested",
                    "operator": settings["CONTACT"] or "not given",
                },
                max_bytes=settings.getint("SEGMENT_MAX_BYTES"),
                max_age=settings.getfloat("SEGMENT_MAX_SECONDS"),
            )
            waiting = archive.close()
            archive.lease.release()
        finally:
            archive.let_go()
    return Relabelled(told, waiting)
