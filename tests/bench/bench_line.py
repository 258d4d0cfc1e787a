"""The whole line beside a crawl that only fetches, and beside what one would assemble today, on the same pages in one run.

    python -m tests.bench.bench_line [PAGES]

fetch + capture + read + judge + keep + publish   (``scrapy crawl aljazeera``, every feature on, no delay)
fetch                                             (Scrapy alone, the same concurrency)
fetch + WACZ + trafilatura + feed                 (Scrapy 2.11 and scrapy-webarchive, in an environment of their own; and on our Scrapy,
                                                   which scrapy-webarchive does not allow, and runs with)

Pages of 150 to 300 KB, gzip-coded, over TLS, from `fast_outlet` in another process. Processor seconds are the crawl's own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.plots import bars

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGES, ROUNDS = 1000, 3
FEWER = 2  # today's assembly takes as long for half of the pages as the others do for all; its rate is the same
ASSEMBLY = ("scrapy-webarchive==0.5.*", "trafilatura")
OLDER = ("scrapy==2.11.*", "twisted<24", "w3lib<2.3")  # what it allows
QUICK = {
    "DOWNLOAD_DELAY": "0",
    "CONCURRENT_REQUESTS": "8",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "LOG_LEVEL": "ERROR",
}


@contextmanager
def outlet(pages: int, folder: Path) -> Iterator[dict[str, str]]:
    """Serve the pages; yield the environment in which they are reached by their own names."""
    command = [sys.executable, "-m", "tests.bench.fast_outlet", str(pages), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        there = f":443:127.0.0.1:{said['port']}"
        try:
            yield {"CONNECT_TO": there, "SSL_CERT_FILE": said["ca"], "SINCE": said["since"], "PORT": str(said["port"])}
        finally:
            process.terminate()


def assembly_python(place: Path, *besides: str) -> Path:
    """Make an environment of today's assembly with these versions of what it needs; return its interpreter."""
    uv, override = Path(sys.executable).with_name("uv"), place.with_suffix(".txt")
    override.write_text("\n".join(besides), encoding="utf-8")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    environment = {**os.environ, "VIRTUAL_ENV": str(place)}
    subprocess.run([uv, "pip", "install", "--quiet", "--override", override, *ASSEMBLY], check=True, env=environment)
    return place / "bin" / "python"


def timed(command: list[object], environment: dict[str, str], folder: Path) -> dict[str, float]:
    """Run a crawl; return its stopwatch."""
    watch = folder / "stopwatch.json"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment, "STOPWATCH": str(watch)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(watch.read_text(encoding="utf-8"))
    return found


def ours(environment: dict[str, str]) -> dict[str, float]:
    """Crawl with everything on, into a fresh folder; all pages must have become lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool")}
        command = [sys.executable, "-m", "tests.bench.line_ours", environment["SINCE"]]
        return timed(command, {**environment, **places, "CONTACT": "mailto:bench@example.org"}, folder)


def others(python: Path | str, which: str, environment: dict[str, str], urls: Path) -> dict[str, float]:
    """Crawl with another assembly, which reaches the outlet by its port."""
    with tempfile.TemporaryDirectory() as name:
        return timed([python, HERE / "line_crawls.py", which, urls, name], environment, Path(name))


def main(pages: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name, outlet(pages, Path(name)) as environment:
        local = Path(name) / "local-urls.txt"
        there = f"https://127.0.0.1:{environment['PORT']}"
        text = (Path(name) / "urls.txt").read_text(encoding="utf-8")
        local.write_text(text.replace("https://www.aljazeera.net", there), encoding="utf-8")
        half = Path(name) / "half-urls.txt"
        half.write_text("\n".join(local.read_text(encoding="utf-8").splitlines()[: pages // FEWER]), encoding="utf-8")
        today = assembly_python(Path(name) / "assembly", *OLDER)
        ours_too = assembly_python(Path(name) / "on-ours", f"scrapy=={version('scrapy')}")
        crawls = {
            "fetch only": lambda: others(sys.executable, "bare", environment, local) | {"pages": pages},
            "Warraq, the whole line": lambda: ours(environment) | {"pages": pages},
            "today's assembly": lambda: others(today, "assembly", environment, half) | {"pages": pages // FEWER},
            "the same on our Scrapy": lambda: (
                others(ours_too, "assembly", environment, half) | {"pages": pages // FEWER}
            ),
        }
        found: dict[str, list[dict[str, float]]] = {title: [] for title in crawls}
        for _ in range(ROUNDS):
            for title, crawl in crawls.items():
                found[title].append(crawl())
    show(found)


def show(found: dict[str, list[dict[str, float]]]) -> None:
    """Print medians, spread and ratios to the bare crawl."""
    out = sys.stdout
    out.write(f"{'':<26}{'pages/s':>9}{'min–max':>14}{'CPU ms':>9}{'peak MB':>9}{'of fetch only':>15}\n")
    rates = {title: sorted(run["pages"] / run["wall"] for run in runs) for title, runs in found.items()}
    base, line, today, on_ours = map(statistics.median, rates.values())
    bars("line", "pages a second", rates)
    for title, runs in found.items():
        cpu = statistics.median(run["cpu"] / run["pages"] * 1000 for run in runs)
        peak = max(run["peak_mb"] for run in runs)
        rate, spread = statistics.median(rates[title]), f"{rates[title][0]:.0f}–{rates[title][-1]:.0f}"
        out.write(f"{title:<26}{rate:>9.1f}{spread:>14}{cpu:>9.2f}{peak:>9.0f}{rate / base:>15.2f}\n")
    least = {title: min(run["cpu"] / run["pages"] for run in runs) * 1000 for title, runs in found.items()}
    beyond = least["Warraq, the whole line"] - least["fetch only"]
    out.write(
        f"the line reaches {line / base:.2f} of the bare crawl and {line / today:.1f} times today's assembly, {line / on_ours:.1f} on "
        f"our Scrapy; {beyond:.1f} ms of processor beyond the bare crawl's {least['fetch only']:.1f} a page, at the least\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else PAGES)
