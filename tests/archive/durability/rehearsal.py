"""A crawl's keeping, in a process of its own that may be killed: `python -m tests.archive.durability.rehearsal`.

    write exchange ▸ note it ▸ write article        … with a publisher in a second thread, as in a crawl

Environment:
    REHEARSAL_URI, REHEARSAL_DIR    the archive; the folder of spool, catalog and notes
    REHEARSAL_FIRST                 number of the first article
    REHEARSAL_COUNT                 how many are written
    REHEARSAL_SIZE                  bytes of a body; negative: of noise
    REHEARSAL_PARTS                 upload in parts of 5 MiB, one large segment
    KILL_AT                         the moment at which the process kills itself, as `tests.archive.durability.points` writes it
"""

from __future__ import annotations

import linecache
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.recovery import recover
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import OUTLET, article_of, exchange_of, number_of

if TYPE_CHECKING:
    from types import FrameType

    from archive.warc.capture import Capture

PARTS = {"multipart_threshold": 1 << 20, "part_size": 5 << 20}  # bytes; S3 wants parts of 5 MiB at least


def reread(capture: Capture):
    """Read a capture again, as the crawl did: every page of these is an article."""
    return [article_of(number_of(capture.url), capture.pointer)]


def main() -> None:
    folder, uri = Path(os.environ["REHEARSAL_DIR"]), os.environ["REHEARSAL_URI"]
    first, count = int(os.environ["REHEARSAL_FIRST"]), int(os.environ["REHEARSAL_COUNT"])
    arm(os.environ.get("KILL_AT"))
    publisher = mend(folder, uri)
    if count:
        write(folder, publisher, range(first, first + count))
    publisher.publish_sealed()
    publisher.write_report({"outlet": OUTLET, "crawl": f"c{first}", "started": "2026-11-23T10:00:00Z"})


def mend(folder: Path, uri: str) -> Publisher:
    """Recover and publish, as a crawl does before it begins."""
    store = open_store(uri, options=PARTS if os.environ.get("REHEARSAL_PARTS") else None)
    publisher = Publisher(store, folder / "spool", Catalog(folder / "catalog"), software={"warraq": "rehearsal"})
    recover(folder / "spool", store, reread=reread)
    publisher.publish_sealed()
    return publisher


def write(folder: Path, publisher: Publisher, numbers: range) -> None:
    writer = SegmentWriter(
        folder / "spool",
        collection="warraq",
        outlet=OUTLET,
        crawl=f"c{numbers.start}",
        warcinfo={"software": "rehearsal"},
        max_bytes=1 << 30 if os.environ.get("REHEARSAL_PARTS") else 20_000,
    )
    done = threading.Event()
    thread = threading.Thread(target=publish_until, args=(publisher, done), daemon=True)
    thread.start()
    with (folder / "notes").open("ab", buffering=0) as notes:
        previous = None
        for number in numbers:
            pointer = writer.write_exchange(exchange_of(number, size=int(os.environ.get("REHEARSAL_SIZE", "900"))))
            notes.write(f"{number} {pointer.record_id}\n".encode())
            if previous is not None:  # a line comes later than its record, and lands in the next segment now and then
                writer.write_article(article_of(*previous))
            previous = (number, pointer)
        writer.write_article(article_of(*previous))
    writer.close()
    done.set()
    thread.join()


def publish_until(publisher: Publisher, done: threading.Event) -> None:
    while not done.wait(0.005):
        publisher.publish_sealed()


def arm(kill_at: str | None) -> None:
    """Watch for the moment, in all threads."""
    if not kill_at:
        return
    module, function, event, times = kill_at.split(":")
    left = [int(times)]
    file = module.replace(".", "/") + ".py"
    text = event.removeprefix("at ") if event.startswith("at ") else None
    wanted = event if text is None else "line"

    def trace(frame: FrameType, what: str, _: Any):
        code = frame.f_code
        if function not in {code.co_name, code.co_qualname} or not code.co_filename.endswith(file):
            return None if what == "call" else trace
        if what == wanted and (text is None or text in linecache.getline(code.co_filename, frame.f_lineno)):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


if __name__ == "__main__":
    main()
