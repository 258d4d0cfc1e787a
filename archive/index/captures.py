"""All captures of an archive in one sorted file of this machine, and what a CDX server is asked of it.

    manifests ─▶ cdxj/…cdxj.gz ─▶ merged ─▶ <folder>/index.cdxj      what a pywb reads, and `warraq serve` bisects
                                            <folder>/state.json      which objects are in it

    CaptureIndex.catch_up(archive)    what is new is merged in; what is gone, replaced or taken down makes all anew
    CdxQuery.of(arguments)            pywb's parameters: url, matchType, from, to, limit, filter, sort, closest, page …

The file is a cache: it may be deleted at any time, and is learned again.
"""

from __future__ import annotations

import heapq
import json
import os
import re
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from archive.files import Unreadable, one_at_a_time, read_cached, write_text, write_whole
from archive.reader.jsonl import lines_of_object
from archive.warc.cdxj import key_of, merged, read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive

# --- The merged index: one file, sorted bytewise, replaced whole -----------------------------------------------------

AT_ONCE = 100  # open streams; a busy month of one outlet has several hundred segments
BLOCK = 1 << 17  # bytes of lines, about 250 of them: what a page is counted in


class CaptureIndex:
    """The index lines of all captures of an archive that a reader may see.

    Args:
        folder: where it stands; made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "index.cdxj"
        self._state = folder / "state.json"

    def claim(self, archive: Archive) -> None:
        """Make the folder. Raises `ValueError` where it holds the index of another archive."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._known(archive.store.uri)

    def catch_up(self, archive: Archive) -> int:
        """Learn what was published since; return how many objects were read.

        Raises:
            Unreadable: an object is no index; the file stays as it was.
            ValueError: the folder holds the index of another archive.
        """
        with one_at_a_time(self.path):
            items = {item.key: item for item in _items(archive)}
            known, hidden = self._known(archive.store.uri), archive.taken_down.mark
            is_whole = self.path.exists() and known["hidden"] == hidden and known["parts"].keys() <= items.keys()
            parts = known["parts"] if is_whole else {}
            if any(items[key].sha256 != mark for key, mark in parts.items()):
                parts = {}
            fresh = [item for key, item in items.items() if key not in parts]
            if fresh or not is_whole or not parts:
                self._merge(archive, fresh, is_anew=not parts)
                marks = {key: item.sha256 for key, item in items.items()}
                write_whole(self._state, {"archive": archive.store.uri, "hidden": hidden, "parts": marks})
        return len(fresh)

    def lines(self, start: str, end: str, page: int | None = None, blocks: int = 1) -> Iterator[bytes]:
        """Yield the lines, without their ends, whose keys lie from ``start`` to before ``end``; of a page, those that begin in it."""
        with self.path.open("rb") as stream:
            first, last = _offset(stream, start.encode()), _offset(stream, end.encode())
            if page is not None:
                size = BLOCK * blocks
                begin = first + page * size
                first, last = _line_from(stream, begin, first), min(last, _line_from(stream, begin + size, first))
            stream.seek(first)
            while first < last and (line := stream.readline()):
                first += len(line)
                yield line.rstrip(b"\n")

    def blocks(self, start: str, end: str) -> int:
        """Return how many blocks the lines of a range take."""
        with self.path.open("rb") as stream:
            return -(-(_offset(stream, end.encode()) - _offset(stream, start.encode())) // BLOCK)

    def _known(self, uri: str) -> dict[str, Any]:
        state = read_cached(self._state)
        parts = state.get("parts")
        if not isinstance(parts, dict):
            return {"hidden": "", "parts": {}}
        if state.get("archive") != uri:
            raise ValueError(f"{self.path.parent} holds the index of {state.get('archive')}, not of {uri}")
        return {"hidden": state.get("hidden"), "parts": parts}

    def _merge(self, archive: Archive, fresh: Sequence[Item], *, is_anew: bool) -> None:
        """Put lines into the file; said twice, after a kill, they stand there once."""
        part = self.path.with_name(self.path.name + ".part")
        with ExitStack() as stack:
            runs: list[Iterable[bytes]] = list(_runs(archive, fresh, stack))
            if not is_anew:
                runs.append(stack.enter_context(self.path.open("rb")))
            last = b""
            try:
                with part.open("wb") as out:
                    for line in merged(runs):
                        if line != last:
                            out.write(line)
                            last = line
                    out.flush()
                    os.fsync(out.fileno())
                part.replace(self.path)
            finally:
                part.unlink(missing_ok=True)  # of a full disk


def _items(archive: Archive) -> Iterator[Item]:
    return (manifest.by_kind["cdxj"] for manifest in archive.manifests() if "cdxj" in manifest.by_kind)


def _runs(archive: Archive, items: Iterable[Item], stack: ExitStack) -> Iterator[IO[bytes]]:
    """Yield sorted files that hold the lines of the objects, a hundred of them in each."""
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        run = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  closed with the stack
        run.writelines(merged(_shown(archive, lines_of_object(archive.store, item)) for item in some))
        run.seek(0)
        yield run


def _shown(archive: Archive, lines: Iterable[bytes]) -> Iterator[bytes]:
    taken = archive.taken_down
    for line in lines:
        if not taken or not taken.hides_entry(read_entry(line)):
            yield line if line.endswith(b"\n") else line + b"\n"


def _offset(stream: IO[bytes], key: bytes) -> int:
    """Return where the first line stands that is not before ``key``, by bisection."""
    low, high = 0, stream.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        at = _line_from(stream, middle, 0)
        stream.seek(at)
        line = stream.readline()
        if line and line < key:
            low = at + len(line)
        else:
            high = middle
    return low


def _line_from(stream: IO[bytes], offset: int, first: int) -> int:
    """Return where the first line begins at an offset or behind it; ``first`` is where one does."""
    if offset <= first:
        return first
    stream.seek(offset - 1)
    stream.readline()
    return stream.tell()


# --- What a CDX server is asked, in the words of pywb's --------------------------------------------------------------
#     exact    com,example)/a␠ … com,example)/a!          prefix   com,example)/a … com,example)/b
#     host     com,example)/   … com,example*             domain   com,example)   … com,example-    subdomains too

MATCHES = ("exact", "prefix", "host", "domain")
OUTPUTS = {"cdxj": "text/x-cdxj", "json": "text/x-ndjson", "text": "text/plain"}
ALTERNATIVES = {"statuscode": "status", "original": "url", "mimetype": "mime"}  # the Internet Archive's names
MOST_LINES = 100_000  # of one answer, as pywb's
PAGE_BLOCKS = 10
EXPRESSION_SECONDS = 0.1  # for one line; an ordinary expression takes a microsecond
EXPRESSION_SECONDS_IN_ALL = 5.0  # for all lines of one question, a thread of the server
_DIGITS = re.compile(r"[0-9]{4,14}")
_PORT = re.compile(r"[^/?#:]+:[0-9]{1,5}(?:[/?#]|\Z)")
_PADDING = {"from": "0000" + "0101000000", "to": "9999" + "1231235959"}

Capture = dict[str, Any]
"""What a line says: ``urlkey``, ``timestamp``, and the fields of its JSON."""


def capture_of(line: bytes) -> Capture:
    """Return what a line of the index says."""
    key, timestamp, _ = line.split(b" ", 2)
    return {"urlkey": key.decode(errors="replace"), "timestamp": timestamp.decode(errors="replace"), **read_entry(line)}


def moment_of(timestamp: str) -> datetime:
    """Return the time of fourteen digits; a `ValueError` where they are none."""
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"there is no time {timestamp}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxQuery:
    """A question for a CDX server; `of` reads it from a request's arguments."""

    start: str
    end: str
    since: str = ""
    until: str = ""
    closest: str = ""
    reverse: bool = False
    is_last: bool = False  # a negative limit, as the Internet Archive's: the last ones, in order
    limit: int = MOST_LINES
    filters: tuple[Callable[[Capture], bool], ...] = ()
    fields: tuple[str, ...] = ()
    output: str = "cdxj"
    page: int | None = None
    page_blocks: int = PAGE_BLOCKS
    counts_pages: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, Sequence[str]]) -> CdxQuery:
        """Read the arguments of a request, each with its values. Raises `ValueError` in one sentence."""
        one = {name: values[-1] for name, values in asked.items() if values}
        start, end = _range(one.get("url", ""), one.get("matchType", ""))
        output = one.get("output", "cdxj")
        if output not in OUTPUTS:
            raise ValueError(f"output is {', '.join(OUTPUTS)}, not {output!r}")
        fields = one.get("fields") or one.get("fl") or ""
        return cls(
            start=start,
            end=end,
            since=_time("from", one.get("from") or one.get("from_ts") or ""),
            until=_time("to", one.get("to", "")),
            closest=_time("closest", one.get("closest", "")),
            reverse=one.get("sort") == "reverse" or _is_true(one.get("reverse")),
            is_last=one.get("limit", "").startswith("-"),
            limit=_number({"limit": re.sub(r"\A-(?=.)", "", one.get("limit", ""))}, "limit", MOST_LINES, 1, MOST_LINES),
            filters=tuple(map(filter_of, asked.get("filter", ()))),
            fields=tuple(ALTERNATIVES.get(name, name) for name in map(str.strip, fields.split(",")) if name),
            output=output,
            page=_number(one, "page", 0, 0, 10**9) if "page" in one else None,
            page_blocks=_number(one, "pageSize", PAGE_BLOCKS, 1, 1000),
            counts_pages=_is_true(one.get("showNumPages")),
        )

    def pages(self, index: CaptureIndex) -> int:
        """Return how many pages the range has."""
        return -(-index.blocks(self.start, self.end) // self.page_blocks)

    def captures(self, index: CaptureIndex) -> Iterator[Capture]:
        """Yield what fits, in the order that is asked for."""
        captures = (capture_of(line) for line in index.lines(self.start, self.end, self.page, self.page_blocks))
        fitting = (one for one in captures if self._fits(one))
        if self.closest:
            moment = moment_of(self.closest)
            distance = lambda one: abs(moment_of(one["timestamp"]) - moment)  # noqa: E731  the key of one sort
            return iter(heapq.nsmallest(self.limit, fitting, key=distance))
        if self.reverse or self.is_last:
            last = deque(fitting, maxlen=self.limit)
            return reversed(last) if self.reverse else iter(last)
        return islice(fitting, self.limit)

    def line(self, capture: Capture) -> str:
        """Return a capture as a line of the answer: the index's own, JSON alone, or the fields in a row; of all fields or the chosen ones."""
        if self.output == "text":
            return " ".join(str(capture.get(name, "-")) for name in self.fields or capture)
        chosen = {name: capture[name] for name in self.fields or capture if name in capture}
        if self.output == "json":
            return json.dumps(chosen, ensure_ascii=False)
        fields = {name: value for name, value in chosen.items() if name not in {"urlkey", "timestamp"}}
        return f"{capture['urlkey']} {capture['timestamp']} {json.dumps(fields, ensure_ascii=False)}"

    def _fits(self, capture: Capture) -> bool:
        timestamp = capture["timestamp"]
        return self.since <= timestamp and (not self.until or timestamp <= self.until) and all(
            test(capture) for test in self.filters
        )  # fmt: skip


def filter_of(text: str) -> Callable[[Capture], bool]:
    """Return the test that a filter names: ``[!][=|~]field:text``, contained, equal or a regular expression from the beginning."""
    is_not, rest = text.startswith("!"), text.removeprefix("!")
    kind = rest[:1] if rest[:1] in {"=", "~"} else ""
    name, colon, wanted = rest.removeprefix(kind).partition(":")
    if not colon:
        raise ValueError(f"a filter is written field:text, =field:text or ~field:expression, not {text!r}")
    name = ALTERNATIVES.get(name, name)
    if kind == "~":
        return _matching(name, wanted, is_not=is_not)
    if kind == "=":
        return lambda capture: (str(capture.get(name, "")) == wanted) != is_not
    return lambda capture: (wanted in str(capture.get(name, ""))) != is_not


def _matching(name: str, wanted: str, *, is_not: bool) -> Callable[[Capture], bool]:
    import regex  # noqa: PLC0415  unlike the standard library's it can be told when to give up: an expression may take for ever

    try:
        expression = regex.compile(wanted)
    except regex.error as error:
        raise ValueError(f"{wanted!r} is no regular expression: {error}") from None

    left = EXPRESSION_SECONDS_IN_ALL

    def test(capture: Capture) -> bool:
        nonlocal left
        begun = time.monotonic()
        try:
            found = expression.match(str(capture.get(name, "")), timeout=EXPRESSION_SECONDS)
        except TimeoutError:
            left = 0
        else:
            left -= time.monotonic() - begun
        if left <= 0:
            raise ValueError(f"{wanted!r} takes too long")
        return (found is not None) != is_not

    return test


def _range(url: str, match: str) -> tuple[str, str]:
    """Return the first key, and the one behind the last, of an address and the way in which it is to match."""
    if not match and url.startswith("*."):
        url, match = url[2:], "domain"
    elif not match and url.endswith("*"):
        url, match = url[:-1], "prefix"
    match = match or "exact"
    if match not in MATCHES:
        raise ValueError(f"matchType is one of {', '.join(MATCHES)}, not {match!r}")
    if not url:
        raise ValueError("url says which captures are wanted")
    if _PORT.match(url):  # what stands before the colon would be taken for a scheme
        url = f"http://{url}"
    try:
        key = key_of(url)
    except Unreadable as error:
        raise ValueError(str(error)) from None
    host = key.partition(")")[0]
    if match == "exact":
        return f"{key} ", f"{key}!"
    if match == "domain":
        return f"{host})", f"{host}-"  # «)» and «,» stand before «-»
    if match == "host":
        return f"{host})/", f"{host}*"
    last = url[-1:] if url.endswith(("/", "?")) and not key.endswith(url[-1]) else ""  # which surt takes off
    start = key + last
    return start, start[:-1] + chr(ord(start[-1]) + 1)


def _time(name: str, text: str) -> str:
    """Return up to fourteen digits made whole: the earliest time that they can mean, or for ``to`` the latest."""
    if not text:
        return ""
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"{name} is a time of 4 to 14 digits, as 20261123, not {text!r}")
    padding = _PADDING["to" if name == "to" else "from"]
    whole = text + padding[len(text) :]
    if name == "closest":
        moment_of(whole)
    return whole


def _number(asked: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = asked.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(f"{name} is a number from {least} on, not {text!r}")
    return min(int(text), most)


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in {"1", "true", "yes", "on"}


# --- What a pywb needs to serve the whole archive --------------------------------------------------------------------
#     DIR/indexes/index.cdxj     all captures, merged and sorted
#     DIR/path-index.txt         each WARC's name, a tab, and where it lies
#     DIR/config.yaml            a collection ``warraq`` of these; written once, and then yours
#                                wayback -d DIR
#
# Said again, it takes in what is new. pywb opens both files for each question, so it sees the new ones without a restart.

CONFIG = """\
# Written by `warraq pywb`, which leaves it alone from now on. Paths are relative to this folder: wayback -d FOLDER
collections:
  warraq:
    index: indexes/index.cdxj
    archive_paths: path-index.txt
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What a pywb can serve now: WARCs in all, and indexes of segments that were taken in."""

    warcs: int
    fresh: int


def write_pywb(archive: Archive, folder: Path) -> Served:
    """Write, or bring up to date, what a pywb needs.

    Args:
        archive: folder or bucket; pywb opens its WARCs there, with the rights and the credentials of its own environment.
        folder: made where it is not there.

    Raises:
        ValueError: the folder is that of another archive.
    """
    index = CaptureIndex(folder / "indexes")
    index.claim(archive)
    places = {
        item.key.rpartition("/")[2]: place_of(archive.store.uri, item.key)
        for manifest in archive.manifests()
        if (item := manifest.by_kind.get("warc"))
    }
    lines = sorted(f"{name}\t{place}\n".encode() for name, place in places.items())
    write_text(folder / "path-index.txt", b"".join(lines).decode())  # before the index, which names the WARCs
    fresh = index.catch_up(archive)
    config = folder / "config.yaml"
    if not config.exists():
        write_text(config, CONFIG)
    return Served(len(places), fresh)


def place_of(uri: str, key: str) -> str:
    """Return where an object lies: a path on this machine, or the object's address."""
    parts = urlsplit(uri)
    return f"{unquote(parts.path)}/{key}" if parts.scheme == "file" else f"{uri}/{key}"
