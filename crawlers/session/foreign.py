"""What other archives hold of our outlets: their WARC, ARC and WACZ files taken into this one, without a request.

    file, s3://…, WACZ ─▶ responses ─▶ an outlet's article? ─▶ capture in a segment of today, with its own date and bytes
                                          └─ not there yet       └─▶ read by the rules of its time ─▶ version, story ─▶ line

Each capture says where it comes from: ``imported-from``, ``imported-record-id``. Said again, an import takes what is not there yet.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import SEEK_END
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeAlias
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec
from protego import Protego

from archive.article import Article, Entry, format_time
from archive.catalog.tables import Seen
from archive.files import Unreadable, give_memory_back
from archive.manifests.manifest import import_id
from archive.manifests.placement import published_version
from archive.reader.jsonl import lines_of_object
from archive.reader.scan import Table
from archive.store import open_store
from archive.text import fold_label
from archive.warc.cdxj import read_entry
from archive.warc.message import Exchange, read_kept
from archive.warc.payload import SWIFT, Undecodable, decode_all
from archive.warc.reading import Broken, NoResponse, Response, few_responses, lenient_responses
from archive.warc.writer import named
from crawlers.addresses import Announcement, ascii_host, write_announcement
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from crawlers.frontier.any_outlet import spider_of_any
from crawlers.reextract import spider_of
from crawlers.session.provenance import software
from crawlers.session.session import LocalArchive
from pipelines.cleaning import digest, tidy
from pipelines.store import heeded, reserved
from pipelines.validation import Invalid
from pipelines.versions import Earlier, changes, is_number_of_another, is_numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from scrapy.settings import BaseSettings

    from archive.store import Store
    from archive.warc.message import ResponseMessage, Truncation
    from crawlers.configuration import Destination
    from crawlers.outlet import OutletSpider
    from pipelines.syndication import SqliteStoryIndex, Stories

# --- The files: alone, in a bucket, packed in a WACZ -----------------------------------------------------------------

_ZIP = b"PK\x03\x04"
_IN_PACKAGE = re.compile(r"archive/.*[^/]|.*\.(?:wacz|w?arc(?:\.gz|\.zst)?)")  # a collection is a package of packages
_OK = 200
_Reading: TypeAlias = "Callable[[str, IO[bytes], Callable[[str], bool]], Iterator[Response | NoResponse | Broken]]"
_AS_IT_IS = "".join(map(chr, range(33, 127)))  # ASCII of an address, whatever it means


def responses(name: str, wanted: Callable[[str], bool]) -> Iterator[Response | NoResponse | Broken]:
    """Yield a file's responses and revisits whose addresses are wanted, and a `Broken` for each record that cannot be read.

    Args:
        name: a path, ``file:///…`` or ``s3://bucket/key``.
        wanted: says of an address whether its record is; of others the block is skipped.

    Raises:
        OSError: the file cannot be opened.
        StoreError: the bucket does not give it.
    """
    with _opened(name) as stream:
        yield from _responses(name, stream, wanted)


def _responses(
    name: str, stream: IO[bytes], wanted: Callable[[str], bool], read: _Reading = lenient_responses
) -> Iterator[Response | NoResponse | Broken]:
    stream.seek(0)
    magic = stream.read(4)
    stream.seek(0)
    if magic == _ZIP:
        yield from _packed(name, stream, wanted)
    else:
        yield from read(name.rpartition("/")[2], stream, wanted)


def _is_robots(url: str) -> bool:
    return url.endswith("/robots.txt")


def place_of(name: str) -> Path | tuple[Store, str]:
    """Return where a file lies: on this disk, or in which store under which key. Raises ``ValueError`` where it is neither."""
    if name.startswith("file://"):
        return Path(unquote(name.removeprefix("file://").removeprefix("localhost")))
    if "://" not in name:
        return Path(name)
    folder, _, key = name.rpartition("/")
    if not (key and folder.removeprefix("s3:/").startswith("/") and folder != "s3://"):
        raise ValueError(f"{name} is neither a file nor s3://bucket/key; what lies on the web is to be fetched first")
    return open_store(folder), key


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """Open a file that can be read again from its beginning: what a bucket gives is copied into one that vanishes."""
    place = place_of(name)
    if isinstance(place, Path):
        with place.open("rb") as stream:
            yield stream
        return
    store, key = place
    with store.open(key) as source, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        yield copy


def _packed(name: str, stream: IO[bytes], wanted: Callable[[str], bool]) -> Iterator[Response | NoResponse | Broken]:
    try:
        with zipfile.ZipFile(stream) as package:
            entries = [entry for entry in package.namelist() if _IN_PACKAGE.fullmatch(entry)]
            for entry in entries:
                with package.open(entry) as member:
                    yield from _responses(entry, member, wanted)
            if not entries:
                yield Broken(f"{name}: no WARC lies in it")
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        yield Broken(f"{name}: {error}")


# --- From another archive's record to ours ---------------------------------------------------------------------------


def exchange_of(response: Response, announcement: Announcement) -> Exchange:
    """Return a record as an exchange. Raises `ValueError` where it is no HTTP response.

    Its bytes are unchanged, but for names of headers that are untrue, and the version of HTTP/2 and 3, which other readers of WARCs refuse.
    """
    message = read_kept(response.block)
    return Exchange(
        url=_address(response.url),
        started=response.date.astimezone(UTC),
        duration_ms=0,
        head=message.head,
        body=message.body,
        framing=message.framing,
        truncated=_truncation(response.truncated, message),
        capture="reconstructed",
        metadata={
            "announcement": write_announcement(announcement),
            "imported-from": response.file,
            **({"imported-record-id": response.record_id} if response.record_id else {}),
        },
    )


def _truncation(stated: str | None, message: ResponseMessage) -> Truncation | None:
    if stated:
        return stated if stated in {"length", "time", "disconnect"} else "unspecified"  # type: ignore[return-value]
    return None if message.complete else "unspecified"


def _address(url: str) -> str:
    """Return an address as a record has it: in ASCII, without fragment and credentials. Raises ``ValueError`` where it is none."""
    parts = urlsplit(url)
    _ = parts.port  # an index knows no address whose port is no number
    is_plain = url.isascii() and url.startswith(parts.scheme)  # a scheme in capitals is none to other readers
    if is_plain and not (parts.fragment or parts.username is not None or parts.password is not None):
        return url
    place = parts.netloc.rpartition("@")[2]
    path, query = (quote(part, safe=_AS_IT_IS) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, ascii_host(place), path, query, ""))


def page_of(exchange: Exchange, announcement: Announcement) -> Page:
    """Return what is to be read of an exchange. Raises `Undecodable`."""
    content = decode_all(exchange.header("Content-Encoding") or "", b"".join(exchange.payload_pieces()))
    names = ("content-type", "x-robots-tag", "tdm-reservation", "link", "last-modified")
    headers = {name: value for name in names if (value := exchange.header(name)) is not None}
    return Page(
        url=exchange.url,
        captured=exchange.started,
        body=content,
        content_type=headers.get("content-type"),
        status=exchange.status or 0,
        headers=headers,
        announcement=announcement,
    )


_Found: TypeAlias = "tuple[type[OutletSpider] | None, bool]"  # and whether it is declared


@dataclass(slots=True)
class Imported:
    """What an import did, counted: ``captures``, ``articles``, ``versions``, ``there`` …, and a sentence for each broken record."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


_MOST_TOLD = 100  # broken records that are named; all are counted
PUBLISH_EVERY = 2000  # captures: what waits is held in memory, and a kill loses no more than its lines
_PLACE_EVERY = 64  # articles in one transaction; a kill leaves them without lines, and recovery reads their records
_MOST_HOSTS = 50_000  # that are remembered
_RECENT = 6000  # versions of an outlet whose words are kept at hand; when more are published, all are let go of
_Words = tuple[str, list[Entry]]
_FIRST_DAY = datetime(1970, 1, 2, tzinfo=UTC)
_CLOCKS_DIFFER = timedelta(days=1)


class Importer:
    """Takes other archives' files in; a context manager.

    Args:
        destination: the archive, the spool in front of it, the local caches.
        settings: COLLECTION, CONTACT, USER_AGENT, RESPECT_RESERVATIONS and the bounds of segments.
        hosts: further hosts, whose outlets nobody declared.
        zone: IANA zone of these outlets' times that name none.
    """

    def __init__(
        self, destination: Destination, settings: BaseSettings, hosts: Iterable[str] = (), zone: str = "UTC"
    ) -> None:
        self._destination, self._settings = destination, settings
        self._others = tuple(map(_host, hosts))
        for host in self._others:
            spider_of_any(f"https://{host}/", zone)
        self._zone, self._heeded = zone, heeded(settings)
        began = datetime.now(UTC)
        self._latest = began + _CLOCKS_DIFFER
        self._crawl = import_id(began)
        self._outlets: dict[str, _Outlet] = {}
        self._found: dict[str, _Found] = {}  # by scheme and host
        self._index: SqliteStoryIndex | None = None  # one for all: each would have to read what the others write
        self._stories: Stories | None = None
        self._unplaced: list[tuple[_Outlet, Article]] = []  # numbered; their lines come when they are placed
        self._robots: dict[str, dict[datetime, Protego]] = {}  # by host, then by capture
        self.result = Imported()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        is_whole = False
        try:
            if error[0] is None:
                self._place()
                is_whole = True
        finally:
            for outlet in self._outlets.values():
                outlet.close(is_whole=is_whole)
            if self._index is not None:
                self._index.close()

    @property
    def waiting(self) -> int:
        """Return how many segments wait in the spool for the store."""
        return sum(outlet.waiting for outlet in self._outlets.values())

    def take(self, name: str, tell: Callable[[Counter[str]], object] = lambda _: None) -> None:
        """Take a file in, read twice: a robots.txt may stand behind its pages. Raises what `responses` and `LocalArchive.open` raise."""
        with _opened(name) as stream:
            for response in _responses(name, stream, _is_robots, few_responses):
                if isinstance(response, Response):
                    with suppress(ValueError):  # it is named when its turn comes
                        self._take(response)
            for response in _responses(name, stream, self._is_wanted):
                if isinstance(response, Broken):
                    self._note_broken(response.what)
                elif isinstance(response, NoResponse):
                    self.result.counts[f"{response.kind}s"] += 1  # revisits, resources, conversions
                else:
                    try:
                        self._take(response)
                    except ValueError as error:
                        self._note_broken(f"{response.file}: {response.record_id or response.url}: {error}")
                tell(self.result.counts)

    def _spider(self, url: str) -> _Found:
        """Return whose address this is; each host is looked up once."""
        scheme, _, rest = url.partition("?")[0].partition("#")[0].partition("://")
        place = f"{scheme}://{rest.partition('/')[0]}"
        if (found := self._found.get(place)) is None:
            if len(self._found) >= _MOST_HOSTS:
                self._found.clear()
            found = self._found[place] = self._look_up(f"{place}/")
        return found

    def _look_up(self, url: str) -> _Found:
        if (spider := spider_of(url)) is not None:
            return spider, True
        try:
            host = _host(url)
            is_named = any(host == name or host.endswith(f".{name}") for name in self._others)
            return spider_of_any(f"https://{host}/", self._zone) if is_named else None, False
        except ValueError:
            return None, False

    def _is_wanted(self, url: str) -> bool:
        self.result.counts["records"] += 1
        spider, _ = self._spider(url)
        if spider is None:
            return False
        if _is_robots(url) or spider.addresses.classify(url) is not None:
            return True
        self.result.counts["no-article-address"] += 1
        return False

    def _take(self, response: Response) -> None:
        """Take a response in. Raises ``ValueError`` where it is none, or has no address or a date that is to come."""
        if response.date > self._latest:
            raise ValueError(f"it says that it was captured on {response.date:%Y-%m-%d}, which is to come")
        spider, is_declared = self._spider(response.url)
        announcement = Announcement(
            kind="argument", source=response.url, url=response.url, zone=None if is_declared else self._zone
        )
        exchange = exchange_of(response, announcement)
        if _is_robots(response.url):
            self._learn_robots(page_of(exchange, announcement))
        elif self._is_refused(exchange):
            self.result.counts["refused-by-robots"] += 1
        else:
            assert spider is not None
            self._keep(spider, exchange, announcement)

    def _learn_robots(self, page: Page) -> None:
        if page.status == _OK:
            rules = Protego.parse(page.body.decode("utf-8-sig", errors="replace"))
            self._robots.setdefault(urlsplit(page.url).netloc, {})[page.captured] = rules

    def _is_refused(self, exchange: Exchange) -> bool:
        """Ask the rules that held when a page was captured: the last before it, or, where none is known, the first after it."""
        rules = self._robots.get(urlsplit(exchange.url).netloc)
        if not rules:
            return False
        held = max((date for date in rules if date <= exchange.started), default=min(rules))
        return not rules[held].can_fetch(exchange.url, str(self._settings["USER_AGENT"]))

    def _keep(self, spider: type[OutletSpider], exchange: Exchange, announcement: Announcement) -> None:
        outlet, counts = self._outlet(spider), self.result.counts
        if outlet.local.taken_down.hides_url(exchange.url):
            counts["taken-down"] += 1
            return
        mark = _mark(exchange.url, format_time(exchange.started), exchange.payload_digest)
        if mark in outlet.there:
            counts["there"] += 1
            return
        pointer = outlet.local.write_exchange(exchange)
        outlet.there.add(mark)
        outlet.captures += 1
        counts["captures"] += 1
        if exchange.truncated or exchange.status != _OK:
            counts["truncated" if exchange.truncated else "not-200"] += 1
        elif (article := self._read(spider, exchange, announcement)) is not None:
            article.warc, article.crawl = pointer, self._crawl
            if outlet.holds_another(article) and (address := spider.addresses.classify(article.canonical_url)):
                counts["ids-of-another"] += 1
                article.id = address.id
            self._publish_line(outlet, article)
        if outlet.captures >= PUBLISH_EVERY:
            self._place()
            outlet.publish()

    def _read(self, spider: type[OutletSpider], exchange: Exchange, announcement: Announcement) -> Article | None:
        """Read by the rules of the capture's time; what is no article is counted by the reason."""
        counts = self.result.counts
        try:
            article = read_and_judge(
                page_of(exchange, announcement), reading=spider.reading, addresses=spider.addresses
            )
        except (ExtractionError, Invalid) as error:
            counts[f"no-article/{error.reason}"] += 1
        except Undecodable:
            counts["no-article/undecodable"] += 1
        except Exception as error:  # noqa: BLE001  whatever breaks on one page, the others are read
            counts[f"faults/{type(error).__name__}"] += 1
        else:
            if not reserved(article.policy, self._heeded):
                return article
            counts["reserved"] += 1
        return None

    def _publish_line(self, outlet: _Outlet, article: Article) -> None:
        counts = self.result.counts
        if article.id in outlet.local.taken_down.ids:
            counts["taken-down"] += 1
        elif not outlet.number(article):
            counts["unchanged"] += 1
        else:
            outlet.note(article)
            self._unplaced.append((outlet, article))
            counts["articles"] += 1
            counts["versions"] += article.version > 1
            if len(self._unplaced) >= _PLACE_EVERY:
                self._place()

    def _place(self) -> None:
        """Place what waits among the stories, in the order in which it came, and write its lines and what they teach."""
        if self._stories is None or not self._unplaced:
            return
        from pipelines.syndication import Piece, story_line  # noqa: PLC0415  numpy, which a list of commands needs not load

        placed_together = self._stories.place_together([Piece.of(article) for _, article in self._unplaced])
        for (outlet, article), placed in zip(self._unplaced, placed_together, strict=True):
            article.story, article.related, article.formulas = placed.story, placed.related, placed.formulas
            for placement in placed.taught:
                outlet.local.writer.write_story(story_line(placement, placed.told))
            outlet.local.writer.write_article(article)
        self._unplaced.clear()
        give_memory_back()  # pages that come and go leave holes between the articles that are held

    def _note_broken(self, sentence: str) -> None:
        self.result.counts["broken"] += 1
        if len(self.result.broken) < _MOST_TOLD:
            self.result.broken.append(sentence)

    def _outlet(self, spider: type[OutletSpider]) -> _Outlet:
        name = spider.addresses.outlet
        if name not in self._outlets:
            import pipelines.syndication as stories  # noqa: PLC0415  numpy, which a list of commands needs not load

            if self._index is None:
                self._index = stories.SqliteStoryIndex(self._destination.stories)
                self._stories = stories.Stories(self._index)
            self._outlets[name] = _Outlet.opened(self._destination, name, self._settings, self._crawl, self._index)
        return self._outlets[name]


@dataclass(slots=True)
class _Outlet:
    """One outlet's side of the archive during an import, and what of it is not published yet; ``there``: marks of its captures, 24 to 48 bytes each.

    ``words``: where in ``texts`` stands what was written last, by id and version: of an article that comes again no line need be looked for.
    """

    local: LocalArchive
    there: Table
    pending: dict[str, list[Seen]] = field(default_factory=dict)
    words: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    texts: IO[bytes] = field(default_factory=tempfile.TemporaryFile)  # in memory they would be a kilobyte each
    asked: tuple[str, Sequence[Seen]] = ("", ())  # the article asked for last, and what the catalog knows of it
    captures: int = 0
    waiting: int = 0

    @classmethod
    def opened(
        cls, destination: Destination, name: str, settings: BaseSettings, crawl: str, index: SqliteStoryIndex
    ) -> _Outlet:
        whole = datetime.now(UTC) - _FIRST_DAY
        local = LocalArchive(destination, name, window=whole, stories_window=whole, checkpoint_every=0, index=index)
        try:
            local.open(
                crawl=crawl,
                collection=settings["COLLECTION"],
                warcinfo=_warcinfo(settings, name, crawl),
                max_bytes=settings.getint("SEGMENT_MAX_BYTES"),
                max_age=timedelta(days=1).total_seconds(),
                level=SWIFT,
            )
            return cls(local, _marks(local))
        except BaseException:
            local.let_go()
            raise

    def holds_another(self, article: Article) -> bool:
        """Say whether the number that a page states is of another article; see `is_number_of_another`."""
        held = self._held(article.id) if is_numbered(article) else []
        headline = fold_label(article.headline) if held else ""
        if any(one.canonical_url == article.canonical_url or fold_label(one.headline) == headline for one in held):
            return False
        return bool(held) and is_number_of_another(article, self._read(max(held, key=lambda one: one.captured)))

    def _held(self, article: str) -> list[Seen]:
        """Return the versions of an article by the time of their captures, those too that are not published yet."""
        if self.asked[0] != article:
            self.asked = article, self.local.catalog.versions(article)
        return sorted([*self.pending.get(article, ()), *self.asked[1]], key=lambda one: one.captured)

    def number(self, article: Article) -> bool:
        """Number a version by the time of its capture; False where its neighbours in time say the same.

        A capture that is older than what the archive holds becomes the next version all the same: numbers are never given anew,
        and what came when is said by `captured`.
        """
        held = self._held(article.id)
        if not held:
            return True
        before = [one for one in held if one.captured <= article.captured][-1:]
        near = [*before, *[one for one in held if one.captured > article.captured][:1]]
        if article.entries:  # of a live blog, which only its lines tell
            if not all(changes(article, self._read(one)) for one in near):
                return False
        elif any(_is_same(article, one) for one in near):
            return False
        article.version, article.changes = 1 + max(one.version for one in held), changes(article, self._read(near[0]))
        return True

    def _read(self, other: Seen) -> Earlier:
        """Return a version with its words; one that cannot be read any more has none."""
        if (known := self.words.get((other.id, other.version))) is not None:
            self.texts.seek(known[0])
            return _earlier(other, *msgspec.json.decode(self.texts.read(known[1]), type=_Words))
        published = published_version(self.local.reader, self.local.outlet, other)
        return _earlier(other) if published is None else Earlier.of(published)

    def note(self, article: Article) -> None:
        """Remember a numbered version until it is published, and its words for what comes after it."""
        self.pending.setdefault(article.id, []).append(Seen.of(article))
        body = msgspec.json.encode((article.text, article.entries))
        self.words[article.id, article.version] = self.texts.seek(0, SEEK_END), len(body)
        self.texts.write(body)

    def publish(self) -> None:
        """Publish what was captured, and forget what the catalog knows from now on."""
        self.local.writer.roll()
        self.local.publish()
        self.captures, self.asked = 0, ("", ())
        self.pending.clear()
        if len(self.words) > _RECENT:
            self.words.clear()
            self.texts.truncate(0)

    def close(self, *, is_whole: bool) -> None:
        """Publish the rest; after an error it waits in the spool, for whoever comes next."""
        try:
            if is_whole:
                self.waiting = self.local.close()
                self.local.lease.release()
        finally:
            self.local.let_go()
            self.texts.close()


def _is_same(article: Article, other: Seen) -> bool:
    return digest(article.text) == other.text_sha256 and tidy(article.headline) == tidy(other.headline)


def _earlier(seen: Seen, text: str = "", entries: Sequence[Entry] = ()) -> Earlier:
    return Earlier(
        version=seen.version,
        headline=seen.headline,
        text=text,
        modified=seen.modified,
        record_id=seen.record_id,
        canonical_url=seen.canonical_url,
        entries=list(entries),
    )


def _warcinfo(settings: BaseSettings, name: str, crawl: str) -> Mapping[str, str]:
    return {
        "software": named(software()),
        "isPartOf": f"{settings['COLLECTION']}-{name}",
        "description": f"{crawl}: records of other archives; no page was requested",
        "operator": settings["CONTACT"] or "not given",
    }


def _host(text: str) -> str:
    """Return the host of an address, or that stands alone, as it is asked for: in ASCII and lower case. Raises ``ValueError`` where there is none."""
    host = urlsplit(text if "//" in text else f"//{text}").hostname
    if not host:
        raise ValueError(f"{text!r} names no host, such as www.example.org")
    return ascii_host(host)


def _mark(url: str, date: str, digest: str) -> bytes:
    """Return what a capture of this address, second and payload is known by."""
    second = date.rstrip("Z").partition(".")[0]
    return f"{url} {second} {digest}".encode()


def _marks(local: LocalArchive) -> Table:
    """Return the marks of all captures that the archive holds of an outlet."""
    marks = Table()
    for manifest in local.reader.manifests(local.outlet):
        if (item := manifest.by_kind.get("cdxj")) is None:
            continue
        for line in lines_of_object(local.reader.store, item):
            with suppress(Unreadable):  # `archive.verify` names it
                entry = read_entry(line)
                marks.add(_mark(entry["url"], entry["date"], entry.get("digest", "")))
    return marks
