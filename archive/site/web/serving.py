"""The server around the application: waitress, and a thread that catches up with the archive.

It answers on loopback unless told otherwise and belongs behind a reverse proxy, which brings TLS, compression and limits. A connection
on which nothing is said is closed after some seconds, so that those who hold many of them shut nobody out for long.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Self

from archive.reader.scan import BROKEN
from archive.site.web.app import App
from archive.site.web.routes import Routes
from archive.store import StoreError

if TYPE_CHECKING:
    from archive.reader.archive import Archive
    from archive.site.index import Index
    from archive.site.pages import Pages

_PASSING = (StoreError, sqlite3.Error, *BROKEN)  # another writer of the index, a full disk, a manifest that is broken
IDLE_SECONDS = (
    10  # a browser opens another one; waitress alone would keep a hundred for two minutes and answer nobody else
)
CONNECTIONS = 1000
log = logging.getLogger("archive.site")


class Follower(threading.Thread):
    """Catches up with the archive every so many seconds; what keeps it from that is logged, and tried again later."""

    def __init__(self, index: Index, archive: Archive, seconds: float) -> None:
        super().__init__(name="follow the archive", daemon=True)
        self._index, self._archive, self._seconds = index, archive, seconds
        self._end = threading.Event()

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._end.wait(self._seconds):
            try:
                if count := self._index.catch_up(self._archive):
                    log.info("%d articles are new or changed", count)
            except _PASSING as error:
                log.warning("the archive could not be followed: %s", error)

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._end.set()
        self.join()


class Server:
    """The site on a port; ``with`` runs it in a thread, `serve_forever` in this one.

    Args:
        pages: make the pages.
        host: address to listen on.
        port: 0 takes a free one.
        threads: requests that are answered at once.
        follow_seconds: how often the archive is asked for news; 0: never.
        idle_seconds: how long a connection may stand on which nothing is said; whole ones.
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
        app = App(Routes(pages), lambda: pages.index.generation)
        app.prepare(*pages.first_asked())
        self._sockets: dict[int, Any] = {}  # waitress's own objects, each with a socket
        try:
            self._server = create_server(
                app,
                self._sockets,
                host=host,
                port=port,
                threads=threads,
                ident=None,
                clear_untrusted_proxy_headers=True,
                channel_timeout=idle_seconds,
                cleanup_interval=max(1, idle_seconds // 5),
                connection_limit=connections,
                asyncore_use_poll=True,  # select knows no more than 1024 files
            )
        except OSError:  # somebody listens there already, or may not
            self._close()
            raise
        self.port: int = getattr(self._server, "effective_port", port)  # of several sockets each has its own
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        self._follower = Follower(pages.index, pages.archive, follow_seconds) if follow_seconds else None
        self._thread = threading.Thread(target=self._server.run, name="serve", daemon=True)

    def serve_forever(self) -> None:
        """Answer until interrupted."""
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
