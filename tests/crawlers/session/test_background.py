"""What goes on beside a crawl: an upload that takes its time keeps nothing else waiting, and a last thing has an end."""

import asyncio
import math
import threading
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from archive.files import DamagedState
from archive.manifests.lease import Lease, LeaseLost
from archive.store import StoreUnavailable
from crawlers.configuration import Destination
from crawlers.session.background import Background, Deadline, DiskFullGuard, last
from crawlers.session.extension import ArchiveExtension
from crawlers.session.session import LocalArchive
from pipelines.syndication import Piece, SqliteStoryIndex, Stories
from tests.archive.samples import article_of


class Archive:
    """An archive whose upload does not end before it is told to."""

    def __init__(self):
        self.writer = SimpleNamespace(roll_if_due=lambda: None)
        self.release, self.renewed = threading.Event(), threading.Event()
        self.uploads = self.renewals = 0

    def publish(self):
        self.uploads += 1
        self.release.wait(60)

    def renew(self):
        self.renewals += 1
        if self.renewals == 5:
            self.renewed.set()


def test_the_lease_is_kept_while_an_upload_takes_its_time():
    archive, failures = Archive(), []

    async def crawl():
        background = Background(archive, 0.01, failures.append)
        background.start()
        assert await asyncio.to_thread(archive.renewed.wait, 60)
        assert archive.uploads == 1
        await background.stop()

    try:
        asyncio.run(asyncio.wait_for(crawl(), 60))
    finally:
        archive.release.set()
    assert failures == []


def test_an_index_of_stories_that_spoils_stops_the_crawl_and_is_thrown_away_once(tmp_path):
    async def close(reason):
        closed.append(reason)

    closed, path = [], tmp_path / "stories"
    index, article = SqliteStoryIndex(path), article_of(1, None, text=" ".join(map(str, range(60))))
    index.close()
    index = SqliteStoryIndex(path)
    engine = SimpleNamespace(close_spider_async=close)
    extension = ArchiveExtension.__new__(ArchiveExtension)  # no crawl is needed for this part of one
    extension.failure, extension.crawler = None, SimpleNamespace(engine=engine, crawling=True)
    extension.disk_guard = DiskFullGuard(extension.crawler, 1, 1)
    extension.archive = SimpleNamespace(stories=Stories(index))

    async def place():
        with pytest.raises(DamagedState, match=f"{path} is damaged"):
            await extension.place(Piece.of(article))

    async def crawl():
        spoil(path)
        await place()
        assert not path.exists()
        path.write_text("another process's new one")
        await place()
        await asyncio.sleep(0)

    asyncio.run(crawl())
    index.close()
    assert closed == ["archive-error"]
    assert isinstance(extension.failure, DamagedState)
    assert path.read_text() == "another process's new one"


def spoil(path):
    """Overwrite every page behind the first."""
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\x5a" * (len(body) - 4096))


def test_a_fault_that_is_not_the_store_s_stops_the_crawl():
    archive, failures = Archive(), []
    archive.renew = lambda: 1 / 0
    archive.release.set()

    async def crawl():
        failed = asyncio.Event()
        background = Background(archive, 0.01, lambda error: (failures.append(error), failed.set()))
        background.start()
        await failed.wait()
        await background.stop()

    asyncio.run(asyncio.wait_for(crawl(), 60))
    assert isinstance(failures[0], ZeroDivisionError)


def test_the_last_things_may_take_long_until_a_signal_comes(caplog):
    crawler, hanging = SimpleNamespace(crawling=True, get_extension=lambda _: None), threading.Event()

    def away():
        raise StoreUnavailable("away")

    async def end():
        patience = Deadline(crawler, 0.3)
        done = await last(lambda: 3, patience)
        waiting = await last(away, patience)
        asyncio.get_running_loop().call_later(0.3, setattr, crawler, "crawling", False)
        cut = await last(lambda: hanging.wait(60), patience)
        return done, waiting, cut

    try:
        done, waiting, cut = asyncio.run(asyncio.wait_for(end(), 60))
    finally:
        hanging.set()
    assert (done, waiting, cut) == ((3, None), (None, None), (None, None))
    assert "waits in the spool: away" in caplog.text
    assert "no time is left to publish" in caplog.text


def test_what_was_under_way_takes_of_the_time_that_a_signal_leaves():
    shutdown = SimpleNamespace(since=None)
    crawler = SimpleNamespace(crawling=True, get_extension=lambda _: shutdown)
    deadline = Deadline(crawler, 20.0)
    assert deadline.left == math.inf
    crawler.crawling, shutdown.since = False, monotonic() - 10
    assert 9 < deadline.left <= 10


def test_an_outage_of_the_store_is_no_loss_of_the_lease(tmp_path, monkeypatch, caplog):
    settings = Settings({"ARCHIVE_URI": str(tmp_path / "news"), "SPOOL_DIR": str(tmp_path / "spool")})
    destination, week = Destination.from_settings(settings), timedelta(days=7)
    destination.check()
    archive = LocalArchive(destination, "alaraby", window=week, stories_window=week, checkpoint_every=0)
    try:
        archive.lease.acquire()
        with monkeypatch.context() as away:
            away.setattr(type(destination.store), "replace", refuse)
            archive.renew()
        assert "it will be tried again" in caplog.text
        archive.renew()
        later = datetime.now(UTC) + timedelta(hours=1)
        Lease(destination.store, "alaraby", holder="another", clock=lambda: later).acquire()
        with pytest.raises(LeaseLost, match="another"):
            archive.renew()
    finally:
        archive.catalog.close()
        archive.index.close()


def refuse(*_args, **_named):
    raise StoreUnavailable("it is away")
