"""This machine's side of the archive during one crawl: destination, catalog, stories, segment, publisher."""

from __future__ import annotations

import logging
import os
import re
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.article import Article, RecordPointer, format_time
from archive.catalog import Catalog, checkpoint_if_due
from archive.files import one_at_a_time, set_file_aside, write_text
from archive.manifests.chain import highest_token
from archive.manifests.lease import Lease
from archive.manifests.manifest import time_of
from archive.manifests.placement import published_version
from archive.manifests.publisher import Publisher, open_copies
from archive.reader.archive import Archive
from archive.reader.redactions import TakenDown
from archive.spool.recovery import recover_locked
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Lock, Spool, claim, spool_of
from archive.store import Store, StoreError, StoreUnavailable, open_store
from archive.warc.exchange import Exchange, Original
from archive.warc.writer import IDENTICAL_PAYLOAD, NOT_MODIFIED, ResourceRecord, profile_of, published_resource
from crawlers.reextract import read_again
from crawlers.session.provenance import software

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scrapy.settings import BaseSettings

    from archive.warc.capture import Capture

# --- Where a crawl's output goes: the archive, the spool in front of it, the catalog of what it holds ----------------
# ARCHIVE_URI                      the archive
# ARCHIVE_COPIES                   further stores that get everything too, each with its own state
# SPOOL_DIR/<archive>/             what is not in that archive yet; one folder an archive, so that nothing lands in another
# SPOOL_DIR/<archive>.holder       the name by which this spool's crawls hold leases
# SPOOL_DIR/<archive>.archive      whose folder that is, should two archives' names differ in nothing but signs
# SPOOL_DIR/<archive>.catalog      what it holds, as a crawl needs to know it
# SPOOL_DIR/<archive>.stories      fingerprints of its recent stories
# SPOOL_DIR/<archive>.<outlet>.sources   which sources need not be read again until they change

logger = logging.getLogger(__name__)

_HOLDER = re.compile(r"[0-9a-f]{16}")


class ConfigurationError(ValueError):
    """A setting is wrong; the message is the sentence for the operator and names the setting."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The archive of a crawl, its copies, and the local files in front of them."""

    store: Store
    copies: tuple[Store, ...]
    spool: Path
    catalog: Path
    stories: Path

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Destination:
        """Read ARCHIVE_URI, AWS_ENDPOINT_URL, ARCHIVE_COPIES and SPOOL_DIR.

        Raises:
            ConfigurationError: one of them cannot be.
        """
        options = {"endpoint_url": settings["AWS_ENDPOINT_URL"]} if settings["AWS_ENDPOINT_URL"] else {}
        uri = str(settings["ARCHIVE_URI"])
        try:
            store = open_store(uri, options=options)
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_URI: {error}") from None
        try:
            copies = tuple(open_copies(settings.getlist("ARCHIVE_COPIES"), store))
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_COPIES: {error}") from None
        try:
            spool = spool_of(Path(settings["SPOOL_DIR"]), store.uri)
        except OSError as error:
            raise ConfigurationError(f"SPOOL_DIR: {settings['SPOOL_DIR']} cannot be read ({error.strerror})") from None
        return cls(
            store, copies, spool, spool.with_name(f"{spool.name}.catalog"), spool.with_name(f"{spool.name}.stories")
        )

    @property
    def holder(self) -> str:
        """Return this spool's name, drawn once and kept beside it: a restarted crawl has the same one, no other spool has."""
        path = self.spool.with_name(f"{self.spool.name}.holder")
        try:
            with one_at_a_time(path):
                found = path.read_bytes().decode(errors="replace") if path.exists() else None
                if found is not None and _HOLDER.fullmatch(found):
                    return found
                if found is not None:
                    logger.warning("%s is spoiled and drawn anew; it stands at %s", path, set_file_aside(path))
                name = os.urandom(8).hex()
                write_text(path, name)
        except OSError as error:  # a full disk: this crawl's leases are nobody's after it, and run out
            logger.warning("%s cannot be kept (%s)", path, error.strerror)
            return os.urandom(8).hex()
        return name

    def check(self) -> None:
        """Say whether the archive will have us and the spool can be written, before the first request.

        Raises:
            ConfigurationError: one sentence that names the setting.
            StoreUnavailable: the archive does not answer; the same call may succeed later.
        """
        try:
            self.store.check()
        except StoreUnavailable as error:
            raise StoreUnavailable(f"ARCHIVE_URI: {error}") from None
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_URI: {error}") from None
        for copy in self.copies:
            try:
                with suppress(StoreUnavailable):  # it gets everything later
                    copy.check()
            except StoreError as error:
                raise ConfigurationError(f"ARCHIVE_COPIES: {error}") from None
        try:
            claim(self.spool.parent, self.store.uri)
            self.spool.mkdir(parents=True, exist_ok=True)
            probe = self.spool.parent / ".probe"
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)  # another outlet's crawl may begin at the same moment
        except OSError as error:
            raise ConfigurationError(f"SPOOL_DIR: {self.spool.parent} cannot be written ({error.strerror})") from None
        if spool_of(self.spool.parent, self.store.uri) != self.spool:
            raise ConfigurationError(f"SPOOL_DIR: a crawl into another archive took {self.spool}; begin again")


def table_of(settings: BaseSettings, name: str) -> dict[str, Any]:
    """Return a setting that is a table, on the command line a JSON object. Raises `ConfigurationError`."""
    try:
        return dict(settings.getdict(name))
    except (TypeError, ValueError):
        raise ConfigurationError(f"{name} is a table, on the command line a JSON object") from None


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


class LocalArchive:
    """Where one crawl of one outlet writes.

    Args:
        destination: the archive, the spool in front of it, the local caches.
        outlet: the outlet.
        window: how far back, in crawl dates, the catalog is caught up.
        stories_window: and the stories.
        checkpoint_every: manifests after which the catalog is put into the archive; 0: never.
    """

    def __init__(
        self,
        destination: Destination,
        outlet: str,
        *,
        window: timedelta,
        stories_window: timedelta,
        checkpoint_every: int,
    ) -> None:
        from pipelines.syndication import SqliteStoryIndex, Stories  # noqa: PLC0415  numpy, which a list of spiders needs not load

        self.destination = destination
        self.outlet = outlet
        self.window, self.stories_window = window, stories_window
        self.checkpoint_every = checkpoint_every
        self.reader = Archive(destination.store)  # remembers the manifests that it has read
        self.catalog = Catalog(destination.catalog)
        try:
            self.index = SqliteStoryIndex(destination.stories)
        except BaseException:
            self.catalog.close()
            raise
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

    def open(self, *, crawl: str, collection: str, warcinfo: Mapping[str, str], max_bytes: int, max_age: float) -> None:
        """Mend what a crawl that died left behind, learn what was published, begin a segment.

        Raises:
            StoreError: the archive does not answer.
            SpoolBusy: another crawl of this outlet is running on this machine.
            LeaseHeld: another machine crawls this outlet.
        """
        from pipelines.syndication import story_line  # noqa: PLC0415  numpy, which a list of spiders needs not load
        from pipelines.syndication.sync import catch_up  # noqa: PLC0415  numpy, which a list of spiders needs not load

        store, spool = self.destination.store, self.destination.spool
        since = datetime.now(UTC) - self.stories_window
        house = Spool(spool)
        lock = house.lock(self.outlet)  # to the end: of two starts on this machine, one crawls
        try:
            dead = self.lease.acquire(above=highest_token(store, self.outlet))
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        if dead:
            logger.warning("the lease of %s was taken over from %s, which had not given it back", self.outlet, dead)
        self.catalog.catch_up(store, [self.outlet], self.window)
        catch_up(store, house, self.index, self.stories, since.date())
        for recovered in recover_locked(house, self.outlet, store, self._read_unseen):
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
            lock=self._lock,
        )
        untold, moment = self.stories.untold()  # what a crawl that died, or another machine's, could not say
        for placement in untold:
            self.writer.write_story(story_line(placement, moment))

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id, or has taken it down: then it is not fetched again."""
        return article_id in self.taken_down.ids or self.catalog.seen(article_id) is not None

    def identity(self, article_id: str, canonical_url: str) -> str:
        """Return the id under which the archive holds the article of this address: its own, or that of its first address."""
        if self.catalog.seen(article_id) is not None:
            return article_id
        known = self.catalog.seen_url(canonical_url)
        return article_id if known is None else known.id

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
        """Write what became of a page, where a segment can take it: a crawl that never began has none."""
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
        earlier = [key for key in self.catalog.manifests(self.outlet) if f"-meta-{self.outlet}-" in key]
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
            if self._lock is not None:
                self._lock.release()
            self.catalog.close()
            self.index.close()

    def _checkpoint(self) -> None:
        try:
            if key := checkpoint_if_due(self.catalog, self.destination.store, self.outlet, self.checkpoint_every):
                logger.info("the catalog stands in the archive: %s", key)
        except StoreError as error:
            logger.warning("no checkpoint was written, the next crawl tries again: %s", error)

    def _read_unseen(self, capture: Capture) -> Iterator[Article]:
        from pipelines.syndication import Piece  # noqa: PLC0415  numpy, which a list of spiders needs not load

        for article in read_again(capture):
            if not self.seen(article.id):
                placed = self.stories.place(Piece.of(article))
                article.story, article.related, article.formulas = placed.story, placed.related, placed.formulas
                yield article
