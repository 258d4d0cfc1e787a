"""The site of a month of five outlets: indexing, searching, writing, and serving 200 requests a second.

pieces of the replica, mixed anew ─▶ 10,500 articles in an archive ─▶ index ─▶ searches · static pages · server under load

The server runs in a process of its own, as `python -m archive serve` starts it; the load comes from here, at an even pace that
does not wait for answers, so that a slow one is counted as long as a reader would wait.
"""

from __future__ import annotations

import http.client
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import quote, urlsplit

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.search import Query, search
from archive.site.static_site import Plan, build
from archive.site.templating import Looks
from tests.bench.plots import bars
from tests.replica.newsroom import Newsroom
from tests.site.newsstand import NOW, UNTIL, article_of, publish

DAYS, A_DAY = 30, 350
RATE, SECONDS, READERS = 200, 20, 24
ROOT = Path(__file__).parents[2]
QUERIES = ("وزير", "وزارة الصحه", "«مجلس الوزراء»", "الانتخابات المحلية", "قطر", "ارتفاع اسعار النفط", "سامر الخطيب")


def month() -> list:
    """Return a month of articles: the replica's, with their paragraphs mixed anew."""
    rng = random.Random("month")
    pieces = [p for seed in range(3) for mine in Newsroom(seed, UNTIL, 10).pieces.values() for p in mine]
    pool = [article_of(piece, {}) for piece in pieces]
    made = []
    for number in range(DAYS * A_DAY):
        one, others = deepcopy(rng.choice(pool)), rng.sample(pool, 3)
        paragraphs = [line for each in (one, *others) for line in each.text.split("\n")[:4]]
        one.id, one.url = f"{one.outlet}:{number}", f"{one.url}?{number}"
        one.published = NOW - timedelta(days=DAYS * (1 - number / (DAYS * A_DAY)))
        one.captured, one.modified = one.published + timedelta(minutes=9), None
        one.text = "\n".join([paragraphs[0], *rng.sample(paragraphs[1:], k=len(paragraphs) - 1)])
        is_copy = bool(made) and rng.random() < 0.15
        assert one.story is not None
        origin = rng.choice(made[-200:]).id if is_copy else one.id
        one.story = replace(one.story, id=origin, origin=origin, role="copy" if is_copy else "first")
        made.append(one)
    return made


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def searching(index: SiteDatabase) -> list[float]:
    """Print how long searches take, and return the milliseconds."""
    took = []
    for _ in range(5):
        for text in QUERIES:
            for order in ("best", "newest"):
                begun = time.perf_counter()
                search(index.reader, Query(text=text, order=order))
                took.append(1000 * (time.perf_counter() - begun))
    say(
        f"search: median {statistics.median(took):.1f} ms, slowest {max(took):.1f} ms of {len(took)} (wanted: under 50)"
    )
    return took


def paths(index: SiteDatabase) -> list[str]:
    """Return what readers ask for: mostly articles and tags, some searches, the front page often."""
    rng = random.Random("readers")
    ids = [row["id"] for row in index.reader.execute("SELECT id FROM article ORDER BY at DESC LIMIT 1500")]
    slugs = [
        row["slug"]
        for row in index.reader.execute("SELECT slug FROM entry WHERE many > 1 ORDER BY many DESC LIMIT 300")
    ]
    chosen = []
    for _ in range(RATE * SECONDS):
        kind = rng.choices(("front", "article", "tag", "search", "newsroom", "api"), (20, 45, 20, 8, 2, 5))[0]
        chosen.append(
            {
                "front": "/",
                "article": f"/articles/{rng.choice(ids).replace(':', '/')}.html",
                "tag": f"/tags/{quote(slugs[int(rng.paretovariate(1.1)) % len(slugs)])}.html",
                "search": f"/search.html?q={quote(rng.choice(QUERIES))}",
                "newsroom": "/newsroom.html",
                "api": f"/api/articles?page={rng.randint(1, 5)}",
            }[kind]
        )
    return chosen


def load(port: int, asked: list[str]) -> list[float]:
    """Send the requests at an even pace and return the milliseconds from the moment each was due."""
    due: SimpleQueue = SimpleQueue()
    took: list[float] = []

    def reader() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (next_one := due.get()) is not None:
            moment, path = next_one
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (answer.status, path)
            took.append(1000 * (time.perf_counter() - moment))
        connection.close()

    readers = [threading.Thread(target=reader) for _ in range(READERS)]
    for each in readers:
        each.start()
    begun = time.perf_counter()
    for number, path in enumerate(asked):
        moment = begun + number / RATE
        time.sleep(max(0.0, moment - time.perf_counter()))
        due.put((moment, path))
    for _ in readers:
        due.put(None)
    for each in readers:
        each.join()
    return took


def serving(uri: str, index: SiteDatabase) -> dict[str, list[float]]:
    """Print how the server bears the load, and return the milliseconds; the slowest hundredth left out."""
    drawn = {}
    place = ["--archive", uri, "--index", str(index.path), "--port", "0", "--follow", "0"]
    command = [sys.executable, "-m", "archive", "serve", *place]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = urlsplit(server.stdout.readline().strip()).port
        assert port is not None
        asked = paths(index)
        for name in ("cold", "again"):
            took = sorted(load(port, asked))
            drawn[f"Warraq, served {name}"] = took[: int(len(took) * 0.99)]
            late = [took[int(len(took) * share)] for share in (0.5, 0.95, 0.99)]
            say(
                f"serve, {name}: {RATE} requests/s for {SECONDS} s: median {late[0]:.1f}, p95 {late[1]:.1f}, p99 {late[2]:.1f} ms (wanted: p99 under 100)"
            )
        server.terminate()
    return drawn


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        uri = (folder / "collection").as_uri()
        publish(uri, folder, month())
        archive, index = open_archive(uri), SiteDatabase(folder / "site.sqlite")
        begun = time.perf_counter()
        many = index.catch_up(archive)
        say(f"index: {many} articles in {time.perf_counter() - begun:.0f} s, {index.path.stat().st_size / 1e6:.0f} MB")
        drawn = {"Warraq, a search": searching(index)}
        for name, replays in (("without replays", False), ("with replays", True)):
            begun = time.perf_counter()
            written = build(Plan(uri, index.path, str(folder / name), Looks(), replays))
            say(
                f"static, {name}: {sum(written.counts.values())} files in {time.perf_counter() - begun:.0f} s on {os.cpu_count()} cores"
            )
        bars("site", "ms, median and up to 99 of a hundred", drawn | serving(uri, index))
        index.close()
    say(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
