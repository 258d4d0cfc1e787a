"""One scenario each: a process is killed, the next start recovers, everything is proved."""

from __future__ import annotations

import random
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import StoreUnavailable, open_store
from tests.archive.durability.faulty import Fault, FaultyProxy
from tests.archive.durability.proof import prove, rehearse, summary
from tests.archive.durability.rehearsal import mend
from tests.archive.samples import OUTLET, article_of, exchange_of

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

NOISE = -1_000_000  # bytes that nothing compresses
LARGE = 60_000  # bytes of a body that does not fit the writer's buffer, so that half of it may be on disk


def assert_killed(process: subprocess.Popen[str], point: str) -> None:
    """Wait for a rehearsal that dies at a point; stderr goes where stdout goes."""
    code, output = summary(process)
    assert code == -signal.SIGKILL, f"{point} was not reached: the process ended with {code} and said {output!r}"


def killed_at(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl at a point of writing, sealing or publishing."""
    size = LARGE if "MemberWriter.flush" in point else 900
    assert_killed(rehearse(folder, uri, kill_at=point, size=size), point)
    mend(folder, uri)
    return prove(folder, uri)


def killed_in_recovery(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl in the midst of writing, then the recovery of it, then recover again."""
    writing = "archive.spool.segment:write_exchange:return:15"
    assert_killed(rehearse(folder, uri, kill_at=writing), writing)
    assert_killed(rehearse(folder, uri, kill_at=point, count=0), point)
    mend(folder, uri)
    return prove(folder, uri)


def killed_with_bucket(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl that publishes into a bucket; with multipart uploads where the point is in one."""
    large = "_send_part" in point
    count, size, environment = (12, NOISE, {"REHEARSAL_PARTS": "1"}) if large else (40, 900, {})
    assert_killed(rehearse(folder, uri, kill_at=point, count=count, size=size, **environment), point)
    mend(folder, uri)
    return prove(folder, uri)


def killed_at_random(folder: Path, uri: str, seed: int, *, crawls: int = 1) -> str:
    """Kill one crawl after another at moments that nobody chose, each recovering what the last one left."""
    chance = random.Random(seed)
    for crawl in range(crawls):
        process = rehearse(folder, uri, first=crawl * 10_000, count=2_000, size=chance.choice([300, 3_000, LARGE]))
        while not (folder / "notes").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        code, output = summary(process)
        assert code in {-signal.SIGKILL, 0}, output
    mend(folder, uri)
    return prove(folder, uri)


def write(folder: Path, *, count: int = 12, size: int = 900, max_bytes: int = 8_000) -> None:
    """Write a crawl into the spool."""
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet=OUTLET, crawl="c0", warcinfo={}, max_bytes=max_bytes
    )
    with (folder / "notes").open("a") as notes:
        for number in range(count):
            pointer = writer.write_exchange(exchange_of(number, size=size))
            notes.write(f"{number} {pointer.record_id}\n")
            writer.write_article(article_of(number, pointer))
    writer.close()


def publisher_of(folder: Path, uri: str, address: str, **options: object) -> Publisher:
    """Return a publisher whose client tries each request once, so that every fault reaches the publisher."""
    fast = {"attempts": 1, "connect_timeout": 2, "read_timeout": 2}
    store = open_store(uri, options={"endpoint_url": address} | fast | options)
    return Publisher(store, folder / "spool", Catalog(folder / "catalog"))


def fault_met(folder: Path, uri: str, proxy: FaultyProxy, kind: str, place: str) -> str:
    """Publish through a proxy that goes wrong once, and again."""
    write(folder)
    publisher = publisher_of(folder, uri, proxy.address)
    proxy.faults.append(Fault(kind, part=place))
    rounds = 1
    while publisher.publish_sealed().waiting:
        rounds += 1
        assert rounds < 4
    with suppress(StoreUnavailable):
        publisher.write_report({"outlet": OUTLET, "crawl": "c0", "started": "2026-11-23T10:00:00Z"})
    rounds += bool(publisher.waiting())
    assert publisher.publish_sealed().waiting == 0
    assert proxy.faults[0].met == 1
    return f"{prove(folder, uri)}, {rounds} rounds"
