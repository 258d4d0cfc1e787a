"""One scenario each: a process is killed, the next start recovers, everything is proved."""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING

from tests.archive.durability.proof import prove, rehearse, summary
from tests.archive.durability.rehearsal import mend

if TYPE_CHECKING:
    from pathlib import Path

NOISE = -1_000_000  # bytes that nothing compresses
LARGE = 60_000  # bytes of a body that does not fit the writer's buffer, so that half of it may be on disk


def killed_at(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl at a point of writing, sealing or publishing."""
    size = LARGE if "write_member" in point else 900
    code, output = summary(rehearse(folder, uri, kill_at=point, size=size))
    assert code == -signal.SIGKILL, f"the point was not reached: {output}"
    mend(folder, uri)
    return prove(folder, uri)


def killed_in_recovery(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl in the midst of writing, then the recovery of it, then recover again."""
    code, output = summary(rehearse(folder, uri, kill_at="archive.segment:write_exchange:return:15"))
    assert code == -signal.SIGKILL, output
    code, output = summary(rehearse(folder, uri, kill_at=point, count=0))
    assert code == -signal.SIGKILL, f"the point was not reached: {output}"
    mend(folder, uri)
    return prove(folder, uri)


def killed_with_bucket(folder: Path, uri: str, point: str) -> str:
    """Kill a crawl that publishes into a bucket; with multipart uploads where the point is in one."""
    large = "_send_part" in point
    count, size, environment = (12, NOISE, {"REHEARSAL_PARTS": "1"}) if large else (40, 900, {})
    code, output = summary(rehearse(folder, uri, kill_at=point, count=count, size=size, **environment))
    assert code == -signal.SIGKILL, f"the point was not reached: {output}"
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
