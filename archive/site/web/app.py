"""The WSGI application: methods, ETag, answers made once, and the server with the thread that catches up with the archive."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from archive.files import Unreadable, give_memory_back
from archive.index.captures import CaptureIndex
from archive.reader.archive import open_archive
from archive.reader.scan import BROKEN
from archive.site.database import SiteDatabase
from archive.site.templating import prepare
from archive.site.web.memento import PREFIX, Wayback
from archive.site.web.routes import Answer, Routes, as_json
from archive.store import NotAsPublished, StoreError, StoreUnavailable, default_options, default_uri, open_store
from archive.text import mask_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from waitress.channel import HTTPChannel

    from archive.reader.archive import Archive
    from archive.site.pages import Pages

# --- The memory of a server -------------------------------------------------------------------------------------------

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of malloc.h
_LARGE = 128 << 10  # bytes


def share_heap() -> None:
    """Let all threads take memory from one heap: glibc gives each its own, and keeps in it what the others could use.

    What is large, as a page that is being made, stays outside: answers that are kept would stand between the holes that it leaves.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)


# --- Answers that were made already: each for a minute at most, each made by one thread at a time --------------------
# fresh ─────────────────────▶ as it is
# old, is being made anew ───▶ as it is
# not there, is being made ──▶ what the other thread makes
# otherwise ─────────────────▶ made here
#
# Some live a quarter shorter than others: those that were made together would otherwise be made anew together, too, and all readers
# of that second wait.

_MINUTE, _SPREAD = 60, 15  # seconds
CACHED_BYTES = 8 << 20  # some 50 MB of pages


class Cache:
    """Keeps answers by path and query.

    Args:
        generation: says how often the archive had something new; answers of an earlier generation are forgotten, a minute old or not:
            what was taken down must not be shown again.
        cached_bytes: they are packed, and together at most so long; those that were asked for last stay.
        clock: seconds, for their age.
    """

    def __init__(
        self,
        generation: Callable[[], int],
        *,
        cached_bytes: int = CACHED_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._generation, self._clock, self._most = generation, clock, cached_bytes
        self._answers: OrderedDict[tuple[str, str], tuple[float, Answer]] = OrderedDict()
        self._makers: dict[tuple[int, str, str], Future[Answer]] = {}
        self._size, self._seen = 0, generation()
        self._lock = threading.Lock()

    def get(self, path: str, query: str, make: Callable[[], Answer]) -> Answer:
        """Return the answer; call ``make`` where there is none that is fresh and no other thread makes it."""
        with self._lock:
            self._forget_older()
            until, answer = self._answers.get((path, query), (0.0, None))
            if answer is not None and self._clock() < until:
                self._answers.move_to_end((path, query))
                return answer
            key = (self._seen, path, query)
            other = self._makers.get(key)
            if other is None:
                mine: Future[Answer] = Future()
                self._makers[key] = mine
            elif answer is not None:
                return answer
        return self._make(key, mine, make) if other is None else other.result()

    def _make(self, key: tuple[int, str, str], maker: Future[Answer], make: Callable[[], Answer]) -> Answer:
        generation, path, query = key
        now = self._clock()
        try:
            answer = make()
            is_kept = answer.status == HTTPStatus.OK
            kept = answer.pack() if is_kept else answer  # outside the lock: other threads go on meanwhile
        except BaseException as error:
            with self._lock:
                del self._makers[key]
            maker.set_exception(error)
            raise
        with self._lock:
            del self._makers[key]
            self._forget_older()
            if is_kept and generation == self._seen:
                self._keep((path, query), now, kept)
        maker.set_result(answer)
        return answer

    def _forget_older(self) -> None:
        if (generation := self._generation()) != self._seen:
            self._answers.clear()
            self._seen, self._size = generation, 0

    def _keep(self, name: tuple[str, str], now: float, answer: Answer) -> None:
        _, old = self._answers.pop(name, (0.0, None))
        self._size += len(answer.content) - (0 if old is None else len(old.content))
        self._answers[name] = (now + _MINUTE - zlib.crc32(repr(name).encode()) % _SPREAD, answer)
        while self._size > self._most:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._size -= len(oldest.content)


# --- The WSGI application: reading methods, ETag, and a cache of answers ---------------------------------------------
#     request ─▶ GET or HEAD? ─▶ cache (until the archive has something new, at most a minute) ─▶ routes ─▶ ETag ─▶ answer
#
# A page is made about once a minute, because relative times grow older; that alone lets two cores bear many readers.

_LONGEST_QUERY, _MOST_ARGUMENTS = 2000, 20
log = logging.getLogger("archive.site")


class App:
    """The site as a WSGI application.

    Args:
        routes: make the answers.
        generation: says how often the archive had something new; answers of an earlier generation are forgotten.
        wayback: answers what other web archives' tools ask, streamed and past the cache.
        health: says at ``/healthz`` whether all is well, and the figures for it; never cached.
        cached_bytes: the cache holds at most so much.
        clock: seconds, for the age of cached answers.
    """

    def __init__(  # noqa: PLR0913  each is a part of its own
        self,
        routes: Routes,
        generation: Callable[[], int],
        *,
        wayback: Wayback | None = None,
        health: Callable[[], tuple[bool, dict[str, Any]]] | None = None,
        cached_bytes: int = CACHED_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes, self._wayback, self._health = routes, wayback, health
        self._cache = Cache(generation, cached_bytes=cached_bytes, clock=clock)

    def prepare(self, *paths: str) -> None:
        """Make answers before anybody asks: the first readers would wait for templates, too."""
        for path in paths:
            self._cache.get(path, "", partial(self._make, path, ""))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "/")
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            answer = Answer(b"this archive is read only\n", "txt", 405, extra=[("Allow", "GET, HEAD")])
        elif self._wayback is not None and path.startswith(f"/{PREFIX}"):
            return self._wayback(environ, start_response)
        elif self._health is not None and path == "/healthz":
            is_well, figures = self._health()
            answer = replace(as_json(figures, 200 if is_well else 503), max_age=0)
        else:
            answer = self._answer(environ)
        return answer.response_to(environ)(environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        try:
            path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8").removeprefix("/")
        except UnicodeError:
            return self._routes.error("", 400, "the address is not UTF-8")
        query = environ.get("QUERY_STRING", "")
        if len(query) > _LONGEST_QUERY:
            return self._routes.error(path, 400, f"the query is longer than {_LONGEST_QUERY} characters")
        return self._cache.get(path, query, partial(self._make, path, query))

    def _make(self, path: str, query: str) -> Answer:
        try:
            asked = dict(parse_qsl(query, max_num_fields=_MOST_ARGUMENTS))
            return self._routes.find(path, asked)
        except ValueError as error:
            return self._routes.error(path, 400, str(error))
        except StoreError as error:
            log.warning("the archive did not answer: %s", error)
            return self._routes.error(path, 503, "the archive does not answer now")
        except Exception:
            log.exception("no answer could be made for /%s", path)
            return self._routes.error(path, 500, "no answer could be made; the server's log says why")


# --- What is new comes into the index in a process of its own ---------------------------------------------------------
#     server: is there news? ──▶ child: catches up, all of it or nothing, says how it went, ends ──▶ server: the next generation
#
# Learning makes millions of objects: in the server they would make those who ask wait for their turn, and leave a heap of holes.

_CHILD = "from archive.site.web.app import learn; learn()"
_POLITE = 10  # how far behind the server the child stands where both want the processor
_KINDS = {
    each.__name__: each for each in (StoreUnavailable, NotAsPublished, StoreError, Unreadable, sqlite3.DatabaseError)
}
_PASSING = (StoreError, sqlite3.Error, *BROKEN)  # another writer of the index, a full disk, a manifest that is broken


class Learner:
    """Brings an index up to date with its archive, in a process of its own.

    Args:
        index: where what is new comes in.
        archive: is opened by the process again, by its address; one with filters of its own, which that cannot have, is read here.
    """

    def __init__(self, index: SiteDatabase, archive: Archive) -> None:
        self._index, self._archive = index, archive
        self._child: subprocess.Popen[str] | None = None
        self._is_ended = False

    def __call__(self) -> int:
        """Learn what is new; return how many articles are new or changed.

        Raises:
            StoreUnavailable: the process died; what it had begun is undone.
            Exception: what `SiteDatabase.catch_up` raises.
        """
        if not self._index.is_behind(self._archive):
            return 0
        if self._archive.is_filtered:
            return self._index.catch_up(self._archive)
        words = [sys.executable, "-c", _CHILD, self._archive.store.uri, str(self._index.path)]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as self._child:  # noqa: S603  ours
            if self._is_ended:
                self._child.kill()
            said, _ = self._child.communicate()
        give_memory_back()
        try:
            count, kinds, sentence = json.loads(said)
        except ValueError:
            code = self._child.returncode
            raise StoreUnavailable(f"the process that learns what is new ended with code {code}") from None
        if kinds:
            raise next((_KINDS[kind] for kind in kinds if kind in _KINDS), StoreUnavailable)(sentence)
        return int(count)

    def end(self) -> None:
        """Kill the process, if there is one; nobody waits for what it was learning."""
        self._is_ended = True
        if self._child is not None:
            self._child.kill()


def learn() -> None:
    """Be that process: catch up with the archive at the first argument in the index at the second, and print how it went as JSON."""
    mask_logs()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # interrupted together with the server, it says nothing
    os.nice(_POLITE)
    uri, path = sys.argv[1:]
    is_default = open_store(default_uri(), options=default_options()).uri == uri  # whose options stand in warraq.toml
    try:
        with closing(SiteDatabase(Path(path))) as index:
            said: tuple[int, list[str], str] = (index.catch_up(open_archive(None if is_default else uri)), [], "")
    except _PASSING as error:
        said = (0, [kind.__name__ for kind in type(error).__mro__], str(error))
    sys.stdout.write(json.dumps(said))


# --- The server around the application: waitress, and a thread that follows the archive ----------------------
# It answers on loopback unless told otherwise and belongs behind a reverse proxy, which brings TLS, compression and limits. A connection
# on which no request comes whole is closed after some seconds, so that those who hold many of them shut nobody out for long.

IDLE_SECONDS = (
    10  # a browser opens another one; waitress alone would keep a hundred for two minutes and answer nobody else
)
CONNECTIONS = 1000
_ALWAYS: dict[str, Any] = {
    "ident": None,
    "clear_untrusted_proxy_headers": True,
    "asyncore_use_poll": True,  # select knows no more than 1024 files
}
_RED = 3  # looks in a row that failed: a store may stutter


class Follower(threading.Thread):
    """Learns what is new every so many seconds; what keeps it from that is logged, and tried again later."""

    def __init__(self, learner: Learner, seconds: float) -> None:
        super().__init__(name="follow the archive", daemon=True)
        self._learner, self._seconds = learner, seconds
        self._end = threading.Event()
        self.failures = 0  # in a row

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._end.wait(self._seconds):
            try:
                if count := self._learner():
                    log.info("%d articles are new or changed", count)
                self.failures = 0
            except _PASSING as error:
                if not self._end.is_set():
                    self.failures += 1
                    log.warning("the archive could not be followed: %s", error)
            give_memory_back()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._end.set()
        self._learner.end()
        self.join()


@cache
def _channel_class() -> type[HTTPChannel]:
    """Return waitress's connection, on which only whole requests count as being used: one that is dribbled byte by byte ends as an idle one."""
    from waitress.channel import HTTPChannel  # noqa: PLC0415  imported when it is needed: the command line stays fast

    class Channel(HTTPChannel):
        is_blank = False

        def handle_read(self) -> None:
            before = self.last_activity
            super().handle_read()
            if self.request is not None or self.is_blank:
                self.last_activity = before

        def received(self, data: bytes) -> bool:
            self.is_blank = (self.is_blank or self.request is None) and not data.strip(
                b"\r\n"
            )  # which may come before a request
            return bool(super().received(data))

    return Channel


def _note_whole_requests(sockets: dict[int, Any]) -> None:
    """Have the sockets that listen, one for each address of the host, make connections of ours."""
    for each in sockets.values():
        if hasattr(each, "channel_class"):
            each.channel_class = _channel_class()


class Server:
    """The site on a port; ``with`` runs it in a thread, `serve_forever` in this one.

    Args:
        pages: make the pages.
        host: address to listen on.
        port: 0 takes a free one.
        threads: requests that are answered at once.
        follow_seconds: how often the archive is asked for news; 0: never.
        idle_seconds: how long a connection may stand on which no whole request comes; whole ones.
        connections: that stand at once; above them, new ones wait.
    """

    def __init__(  # noqa: PLR0913  each is a choice of its own
        self,
        pages: Pages,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        threads: int = 8,
        follow_seconds: float = 60,
        idle_seconds: int = IDLE_SECONDS,
        connections: int = CONNECTIONS,
    ) -> None:
        from waitress.server import create_server  # noqa: PLC0415  imported when it is needed: the command line stays fast

        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would log each request that waits for a thread
        captures = CaptureIndex(pages.index.path.with_suffix(".captures"))
        wayback = Wayback(pages.archive, captures, pages.looks.address)
        self._index = pages.index
        self._follower = Follower(Learner(pages.index, pages.archive), follow_seconds) if follow_seconds else None
        self._app = app = App(Routes(pages), lambda: pages.index.generation, wayback=wayback, health=self.health)
        prepare()
        app.prepare(*pages.first_asked())
        self._sockets: dict[int, Any] = {}  # waitress's own objects, each with a socket
        try:
            self._server = create_server(
                app,
                self._sockets,
                host=host,
                port=port,
                threads=threads,
                channel_timeout=idle_seconds,
                cleanup_interval=max(1, idle_seconds // 5),
                connection_limit=connections,
                **_ALWAYS,
            )
        except OSError:  # somebody listens there already, or may not
            self._close()
            raise
        _note_whole_requests(self._sockets)
        self.port: int = getattr(self._server, "effective_port", port)  # of several sockets each has its own
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        self._thread = threading.Thread(target=self._server.run, name="serve", daemon=True)

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Say whether the archive is followed; how often that failed in a row, and how often the archive had something new."""
        failures = 0 if self._follower is None else self._follower.failures
        is_well = failures < _RED
        return is_well, {"well": is_well, "failures": failures, "generation": self._index.generation}

    def serve_forever(self) -> None:
        """Answer until interrupted."""
        gc.freeze()  # what stands ready is never looked through for garbage: readers would wait for that, too
        if self._follower is not None:
            self._follower.start()
        self._server.run()

    def __enter__(self) -> Self:
        if self._follower is not None:
            self._follower.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._follower is not None:
            self._follower.stop()
        self._server.task_dispatcher.shutdown()
        from waitress.trigger import trigger  # noqa: PLC0415  as above

        waker = next(each for each in self._sockets.values() if isinstance(each, trigger))
        # In the thread that waits for the sockets: closed by another, they would break it.
        waker.pull_trigger(self._close)  # type: ignore[arg-type]  # the stub asks for an argument that none gives
        self._thread.join()

    def _close(self) -> None:
        for each in list(self._sockets.values()):
            each.handle_close()
