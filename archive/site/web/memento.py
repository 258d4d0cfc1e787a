"""What other web archives' tools ask a server: a CDX server, and Memento (RFC 7089) over captures as they were recorded.

    /web/cdx?url=…                     the index, in pywb's parameters          archive.index.captures
    /web/<address>                     TimeGate: Accept-Datetime ─▶ 302 to the capture nearest to it
    /web/timemap/link/<address>        TimeMap: all captures of the address, application/link-format
    /web/<14 digits>id_/<address>      the capture: status, headers (as X-Archive-Orig-*) and body as recorded, Memento-Datetime
    /web/<digits>…/<address>           302 to the capture nearest to that time

A capture may hold any script: it is sent with a policy that takes every right from it, so it is for programs. People read it in a
replay that rewrites pages, such as pywb or ReplayWeb.page.
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote_to_bytes, urljoin, urlsplit

from werkzeug import Request, Response
from werkzeug.http import http_date, parse_date
from werkzeug.urls import iri_to_uri

from archive.article import RecordPointer
from archive.files import Unreadable
from archive.index.captures import MOST_LINES, OUTPUTS, CdxQuery, moment_of
from archive.manifests.manifest import SUFFIXES, outlet_in
from archive.reader.archive import original_of
from archive.site.web.routes import HARMLESS, as_json
from archive.store import Missing, StoreError
from archive.warc.capture import CaptureFault
from archive.warc.cdxj import REDIRECTS, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from archive.index.captures import Capture as Entry
    from archive.index.captures import CaptureIndex
    from archive.reader.archive import Archive
    from archive.warc.capture import Capture

PREFIX = "web/"
FRESH = 60.0  # seconds for which the index is taken as it is
_LONGEST = 24_000  # letters of an address as it is sent, six for one of Arabic, its query among them
_AT = re.compile(r"(\d{4,14})([a-z]{2}_)?/(.+)", re.DOTALL)
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_CAGE = [("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"), *HARMLESS]
_IN_MEMORY, _PIECE = 4 << 20, 1 << 16


class _Reply(Response):
    default_mimetype = None  # a capture that has no type is given none


class Wayback:
    """Answers what stands under `PREFIX`.

    Args:
        archive: what is read.
        index: its captures; caught up with when it is asked and what it knows is older than `FRESH`.
        address: the site's own, ending in a stroke; without one, what the client calls it.
        clock: seconds.
    """

    def __init__(
        self, archive: Archive, index: CaptureIndex, address: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._archive, self._index, self._address, self._clock = archive, index, address, clock
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request whose path begins with `PREFIX`."""
        try:
            reply = self._reply(environ)
        except CaptureFault as error:
            reply = _refused(500, str(error))
        except (ValueError, OverflowError) as error:
            reply = _refused(400, str(error))
        except (Missing, LookupError) as error:
            reply = _refused(404, str(error))
        except StoreError:
            reply = _refused(503, "the archive does not answer now")
        return reply(environ, start_response)

    def _reply(self, environ: dict[str, Any]) -> _Reply:
        path, query = _sent(environ).removeprefix(PREFIX), environ.get("QUERY_STRING", "")
        if len(path) + len(query) > _LONGEST:
            raise ValueError(f"the address is longer than {_LONGEST} letters")
        self._catch_up()
        if path in {"cdx", "cdx/"}:
            asked = parse_qs(query, max_num_fields=50, errors="surrogateescape")
            return self._cdx({name: list(map(_spelled, values)) for name, values in asked.items()})
        url = path + (f"?{query}" if query else "")
        root = self._root(environ)
        if url.startswith("timemap/link/"):
            return self._timemap(root, _whole(url.removeprefix("timemap/link/")))
        if match := _AT.fullmatch(url):
            return self._at(root, match[1], match[2], _whole(match[3]))
        return self._timegate(root, _whole(url), environ.get("HTTP_ACCEPT_DATETIME", ""))

    def _catch_up(self) -> None:
        with self._lock:
            if self._clock() - self._looked >= FRESH:
                try:
                    self._index.catch_up(self._archive)
                except (StoreError, Unreadable):
                    if not self._index.path.exists():
                        raise
                self._looked = self._clock()

    def _root(self, environ: dict[str, Any]) -> str:
        if self._address:
            return f"{self._address.rstrip('/')}/{PREFIX}"
        try:
            root = iri_to_uri(Request(environ).root_url)  # as it will stand in a Location
        except ValueError:
            root = ""
        if not urlsplit(root).netloc:
            raise ValueError("the request's Host is none")
        return root + PREFIX

    # --- the CDX server

    def _cdx(self, asked: dict[str, list[str]]) -> _Reply:
        query = CdxQuery.of(asked)
        if query.counts_pages:
            pages = query.pages(self._index)
            return _as_json({"pages": pages, "pageSize": query.page_blocks, "blocks": pages})
        if query.page and query.page >= query.pages(self._index):
            raise ValueError(f"there is no page {query.page}")
        entries = self._shown(query.captures(self._index))
        first = next(entries, None)
        if first is None:
            raise LookupError(f"No Captures found for: {asked['url'][-1]}")
        lines = (f"{query.line(entry)}\n".encode() for entry in chain([first], entries))
        size, body = _kept(
            lines
        )  # before the first byte is sent: a fault is a sentence then, and no answer that breaks off
        headers = [
            ("Content-Type", f"{OUTPUTS[query.output]}; charset=utf-8"),
            ("Content-Length", str(size)),
            *_CAGE,
            _OPEN,
        ]
        return _Reply(body, 200, headers)

    def _shown(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Leave out what was taken down since the index was made."""
        return (entry for entry in entries if not self._archive.taken_down.hides_entry(entry))

    # --- Memento

    def _mementos(self, url: str) -> dict[str, Entry]:
        """Return the captures of an address by their fourteen digits, the oldest first. Raises `LookupError` where there is none.

        One key stands for several addresses (http and https, with and without www.): of those of one second the very address that is
        asked for comes first, then what is no redirect.
        """
        query = CdxQuery.of({"url": [url], "matchType": ["exact"], "limit": [str(MOST_LINES)]})
        entries: dict[str, Entry] = {}
        for entry in self._shown(query.captures(self._index)):
            other = entries.get(entry["timestamp"])
            if other is None or _rank(entry, url) >= _rank(other, url):
                entries[entry["timestamp"]] = entry
        if not entries:
            raise LookupError(f"the archive holds no capture of {url}")
        return entries

    def _timegate(self, root: str, url: str, wanted: str) -> _Reply:
        entries = self._mementos(url)
        moment = _http_date(wanted) if wanted else moment_of(max(entries))
        nearest = _nearest(entries, moment)
        headers = [("Location", _memento(root, nearest, url)), ("Vary", "accept-datetime"), *_CAGE, _OPEN]
        return _Reply(status=302, headers=[*headers, ("Link", _links(root, url, list(entries), nearest))])

    def _timemap(self, root: str, url: str) -> _Reply:
        moments = list(self._mementos(url))
        first, last = _http(moments[0]), _http(moments[-1])
        lines = [
            f'<{_quoted(url)}>; rel="original"',
            f'<{root}timemap/link/{_quoted(url)}>; rel="self"; type="application/link-format"; from="{first}"; until="{last}"',
            f'<{root}{_quoted(url)}>; rel="timegate"',
            *(f'<{_memento(root, m, url)}>; rel="{_rel(m, moments)}"; datetime="{_http(m)}"' for m in moments),
        ]
        body = ",\n".join(lines).encode() + b"\n"
        return _Reply(body, 200, [("Content-Type", "application/link-format"), *_CAGE, _OPEN])

    def _at(self, root: str, digits: str, modifier: str | None, url: str) -> _Reply:
        entries = self._mementos(url)
        if modifier == "id_" and digits in entries:
            return self._replayed(root, entries[digits], url, list(entries))
        nearest = _nearest(entries, moment_of(digits + "00000101000000"[len(digits) :]))
        return _Reply(status=302, headers=[("Location", _memento(root, nearest, url)), *_CAGE, _OPEN])

    def _replayed(self, root: str, entry: Entry, url: str, moments: list[str]) -> _Reply:
        capture = self._capture(entry)
        told = (
            capture.original if capture.original is not None and capture.status == HTTPStatus.NOT_MODIFIED else capture
        )
        status = told.status
        if status < HTTPStatus.OK:
            raise CaptureFault("the record has no status that could be sent again")
        headers = [
            ("Memento-Datetime", _http(entry["timestamp"])),
            ("Link", _links(root, url, moments, entry["timestamp"])),
            ("Cache-Control", "public, max-age=60"),
            *_CAGE,
            _OPEN,
        ]
        if (sent := told.header("Location")) is not None and (place := self._location(root, entry, sent)) is not None:
            headers.append(("Location", place))
        return _Reply(capture.body, status, [*headers, *_headers(told)])

    def _location(self, root: str, entry: Entry, sent: str) -> str | None:
        """Return where in the archive a redirect leads; None where it is no address, or its own and nothing else was captured there.

        From one name of a page to another (http and https have one key) it leads to the nearest capture that does not lead back.
        """
        try:
            target = _spelled(urljoin(entry["url"], sent.encode("latin-1").decode(errors="surrogateescape")))
            is_same = key_of(target) == entry["urlkey"]
        except ValueError:
            return None
        if not target.startswith(("http://", "https://")):
            return None
        if not is_same:
            return _memento(root, entry["timestamp"], target)
        is_renamed = _quoted(target) != _quoted(entry["url"])
        others = [
            at
            for at, other in self._mementos(target).items()
            if other["status"] not in REDIRECTS or (is_renamed and _quoted(other["url"]) == _quoted(target))
        ]
        return _memento(root, _nearest(others, moment_of(entry["timestamp"])), target) if others else None

    def _capture(self, entry: Entry) -> Capture:
        file = entry["filename"]
        outlet = outlet_in(file.removesuffix(SUFFIXES["warc"]))
        pointer = RecordPointer(
            file=file,
            offset=int(entry["offset"]),
            length=int(entry["length"]),
            record_id=entry["record_id"],
            payload_digest=entry.get("digest"),
        )
        capture = self._archive.capture_at(outlet, pointer)
        if capture.kind == "revisit":
            capture.take_body(original_of(self._archive, capture, outlet))
        return capture


_OPEN = ("Access-Control-Allow-Origin", "*")


def _refused(status: int, sentence: str) -> _Reply:
    reply = _as_json({"message": sentence}, status)
    reply.headers["Vary"] = "accept-datetime"  # a cache on the way must not give it to who asks for another time
    return reply


def _as_json(value: Any, status: int = 200) -> _Reply:
    answer = as_json(value, status)
    return _Reply(answer.body, status, answer.headers)


def _kept(pieces: Iterable[bytes]) -> tuple[int, Iterator[bytes]]:
    """Return the length of all pieces, and what gives them again: they wait in memory, or where there are many in a file."""
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed when it was sent
    try:
        kept.writelines(pieces)
    except BaseException:
        kept.close()
        raise
    size = kept.tell()
    kept.seek(0)

    def again() -> Iterator[bytes]:
        with kept:
            yield from iter(lambda: kept.read(_PIECE), b"")

    return size, again()


def _sent(environ: dict[str, Any]) -> str:
    """Return the path as it was sent, without its first stroke.

    Decoded it would no longer say which «?» and «#» are the address's own, and what is no UTF-8 (``%C7``) would be lost.
    """
    sent = re.sub(r"\Ahttps?://[^/]*", "", environ.get("REQUEST_URI", "").partition("?")[0], count=1)
    sent = sent.removeprefix(environ.get("SCRIPT_NAME", "")).lstrip("/")
    path = sent if sent.startswith(PREFIX) else environ.get("PATH_INFO", "/").lstrip("/")
    return quote(path, safe=_SAFE, encoding="latin-1")


def _spelled(text: str) -> str:
    """Return a text whose bytes were no UTF-8 with all of it percent-encoded, as such addresses are captured."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return quote(text.encode(errors="surrogateescape"), safe=_SAFE)
    return text


def _whole(url: str) -> str:
    """Return an address with its scheme; a server before us may have taken one of its strokes, a client have sent it as one word."""
    if re.match(r"https?%3a", url, re.IGNORECASE):
        url = quote(unquote_to_bytes(url), safe=_SAFE)
    url = re.sub(r"^(https?):/+", r"\1://", url)
    return url if re.match(r"https?://", url) else f"http://{url}"


def _quoted(url: str) -> str:
    return quote(url, safe=_SAFE)


def _rank(entry: Entry, url: str) -> tuple[bool, bool]:
    return _quoted(entry["url"]) == _quoted(url), entry["status"] not in REDIRECTS


def _memento(root: str, digits: str, url: str) -> str:
    return f"{root}{digits}id_/{_quoted(url)}"


def _http(digits: str) -> str:
    return http_date(moment_of(digits))


def _http_date(text: str) -> datetime:
    moment = parse_date(text)
    if moment is None:
        raise ValueError(f"Accept-Datetime is a date as Thu, 26 Nov 2026 10:00:00 GMT, not {text[:80]!r}")
    return moment


def _nearest(moments: Iterable[str], wanted: datetime) -> str:
    return min(moments, key=lambda digits: abs(moment_of(digits) - wanted))


def _rel(digits: str, moments: list[str]) -> str:
    parts = ["first"] if digits == moments[0] else []
    return " ".join([*parts, *(["last"] if digits == moments[-1] else []), "memento"])


def _links(root: str, url: str, moments: list[str], at: str) -> str:
    """Return the Link header: original, TimeGate, TimeMap, and the first, last and neighbouring captures."""
    place = moments.index(at)
    named = {at: [], moments[0]: ["first"]}
    for name, number in (("last", len(moments) - 1), ("prev", place - 1), ("next", place + 1)):
        if 0 <= number < len(moments):
            named.setdefault(moments[number], []).append(name)
    return ", ".join(
        [
            f'<{_quoted(url)}>; rel="original"',
            f'<{root}{_quoted(url)}>; rel="timegate"',
            f'<{root}timemap/link/{_quoted(url)}>; rel="timemap"; type="application/link-format"',
            *(
                f'<{_memento(root, digits, url)}>; rel="{" ".join([*names, "memento"])}"; datetime="{_http(digits)}"'
                for digits, names in sorted(named.items())
            ),
        ]
    )


def _headers(capture: Capture) -> Iterator[tuple[str, str]]:
    """Yield a record's headers: those that the body needs by their names, all set aside as X-Archive-Orig-*."""
    for name, value in capture.headers:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            continue
        if name.lower() in {"content-type", "content-encoding"}:
            yield name, value
        yield f"X-Archive-Orig-{name}", value
