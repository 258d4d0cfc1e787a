"""The memory of one long crawl, page after page: `make bench-memory`, not part of `make bench`, since it takes half an hour.

    python -m tests.bench.bench_memory [PAGES]

fast_outlet ─▶ scrapy crawl aljazeera, every feature on, one process ─▶ its resident memory each two seconds, by pages kept
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bench_line import ROOT, outlet
from tests.bench.plots import curves

PAGES = 100_000
EVERY = 2.0  # seconds
PAGE = os.sysconf("SC_PAGE_SIZE")


def crawl(environment: dict[str, str], folder: Path) -> list[tuple[int, float]]:
    """Crawl everything; return pages kept and megabytes resident, as they grew."""
    progress, found = folder / "progress.json", list[tuple[int, float]]()
    places = {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool")}
    command = [sys.executable, "-m", "tests.bench.line_ours", environment["SINCE"], "-s", f"PROGRESS_FILE={progress}"]
    base = {**os.environ, **environment, **places, "CONTACT": "mailto:bench@example.org"}
    stopwatch = {"STOPWATCH": str(folder / "stopwatch.json")}
    with subprocess.Popen(command, cwd=ROOT, env={**base, **stopwatch}, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(EVERY)
            if progress.exists() and (resident := resident_of(process.pid)):
                found.append((json.loads(progress.read_bytes())["kept"], resident))
    if process.returncode:
        raise SystemExit(f"the crawl ended with {process.returncode}")
    return found


def resident_of(process: int) -> float:
    """Return a process's resident megabytes, 0 where it is no more."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE / 1e6
    except (OSError, IndexError):
        return 0.0


def main(pages: int) -> None:
    """Print the median of each tenth of the pages."""
    with tempfile.TemporaryDirectory() as name, outlet(pages, Path(name)) as environment:
        began = time.monotonic()
        found = crawl(environment, Path(name))
        took = time.monotonic() - began
    tenths: list[tuple[int, float]] = []
    for tenth in range(1, 11):
        span = [size for kept, size in found if pages * (tenth - 1) < kept * 10 <= pages * tenth]
        if span:
            tenths.append((pages * tenth // 10, statistics.median(span)))
    curves("memory", "pages", "MB resident", {"a crawl": tenths})
    out = sys.stdout
    for kept, size in tenths:
        out.write(f"up to {kept:>8,} pages {size:>6.0f} MB\n")
    out.write(f"{pages:,} pages in {took:,.0f} s; at most {max(size for _, size in found):.0f} MB\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else PAGES)
