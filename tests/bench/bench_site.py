"""The site of a month of five outlets: indexing, searching, writing, serving 200 requests a second, and the server's memory.

    python -m tests.bench.bench_site [ARCHIVE INDEX]     with arguments the memory of a server of this archive alone

pieces of the replica, mixed anew ─▶ 10,500 articles in an archive ─▶ index ─▶ searches · static pages · server under load

The server runs in a process of its own, as `python -m archive serve` starts it; the load comes from here, at an even pace that
does not wait for answers, so that a slow one is counted as long as a reader would wait.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.search import Query, search
from archive.site.static_site import Plan, build
from archive.site.templating import Looks
from archive.site.web.app import CACHED_BYTES
from tests.bench.plots import bars
from tests.replica.newsroom import Newsroom
from tests.site.newsstand import NOW, UNTIL, article_of, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DAYS, A_DAY = 30, 350
RATE, SECONDS, READERS = 200, 20, 24
ROOT = Path(__file__).parents[2]
MIXED, TOGETHER = 500, 8  # requests of all kinds, and how many at once, as threads of the server
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


@contextmanager
def server_of(uri: str, index: Path, *, follow: int = 0) -> Iterator[tuple[int, int]]:
    """Run a server as the command line does; yield its process and port."""
    place = ["--archive", uri, "--index", str(index), "--port", "0", "--follow", str(follow)]
    command = [sys.executable, "-m", "archive", "serve", *place]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = urlsplit(server.stdout.readline().strip()).port
        assert port is not None
        yield server.pid, port
        server.terminate()


def serving(uri: str, index: SiteDatabase) -> dict[str, list[float]]:
    """Print how the server bears the load, and return the milliseconds; the slowest hundredth left out."""
    drawn = {}
    with server_of(uri, index.path) as (_, port):
        asked = paths(index)
        for name in ("cold", "again"):
            took = sorted(load(port, asked))
            drawn[f"Warraq, served {name}"] = took[: int(len(took) * 0.99)]
            late = [took[int(len(took) * share)] for share in (0.5, 0.95, 0.99)]
            say(
                f"serve, {name}: {RATE} requests/s for {SECONDS} s: median {late[0]:.1f}, p95 {late[1]:.1f}, p99 {late[2]:.1f} ms (wanted: p99 under 100)"
            )
    return drawn


# --- The memory of a server: after requests of all kinds, with its cache of answers full, while it learns a day --------


def mixed(index: SiteDatabase) -> Iterator[str]:
    """Yield one path after the other of all that a server answers, none twice: the names and words are drawn by lot."""
    rng = random.Random("mixed")
    ask = index.reader.execute
    articles = ask("SELECT id, headline FROM article ORDER BY at DESC LIMIT 5000").fetchall()
    slugs = [row["slug"] for row in ask("SELECT slug FROM entry WHERE live AND many > 2 ORDER BY many DESC LIMIT 2000")]
    outlets = [row["outlet"] for row in ask("SELECT DISTINCT outlet FROM article")]
    seen: set[str] = set()
    while True:
        article, slug = rng.choice(articles), quote(slugs[int(rng.paretovariate(0.5)) % len(slugs)])
        words = quote(" ".join(rng.choices(article["headline"].split() or QUERIES, k=1 + rng.randrange(2))))
        number, page, suffix = article["id"].replace(":", "/"), rng.randint(1, 4), rng.choice(("rss", "json"))
        kinds = {
            f"/articles/{number}.html": 25,
            f"/tags/{slug}.html": 20,
            f"/tags/{slug}.2.html": 3,
            f"/tags/{slug}.{suffix}": 7,
            f"/search.html?q={words}&page={page if page < 3 else 1}": 15,
            f"/search.{suffix}?q={words}&order=newest": 5,
            f"/api/search?q={words}&limit=200&facets=true": 6,
            f"/api/articles?tag={slug}&limit=200&page={page}": 5,
            f"/api/articles/{quote(article['id'])}": 4,
            f"/api/topics/{slug}": 4,
            f"/outlets/{rng.choice(outlets)}.{rng.choice(('html', 'rss', 'json'))}": 3,
            rng.choice(("/", "/newsroom.html", "/tags.html", "/days.html", "/stories.html", "/feed.rss", "/api/outlets")): 3,
        }  # fmt: skip
        (path,) = rng.choices(list(kinds), list(kinds.values()))
        if path not in seen:
            seen.add(path)
            yield path


def ask_all(port: int, paths: Iterable[str], most: int) -> int:
    """Ask for paths, several at once, until so many were answered or the answers, packed, have ``-most`` bytes; return how many were."""
    lock, source, done, size = threading.Lock(), iter(paths), 0, 0

    def reader() -> None:
        nonlocal done, size
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                if (done >= most if most > 0 else size >= -most) or (path := next(source, None)) is None:
                    break
                done += 1
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status in {200, 404}, (answer.status, path)  # a tag may have no second page
            with lock:
                size += len(body)
        connection.close()

    readers = [threading.Thread(target=reader) for _ in range(TOGETHER)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    return done


def memory_of(process: int) -> str:
    """Return what a process has of the machine's memory and, in brackets, what is resident, in MB: pages that others have too count in part, and whole."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {name: int(size.split()[0]) * 1024 / 1e6 for name, _, size in (line.partition(":") for line in lines)}
    return f"{sizes['Pss']:.0f} ({sizes['Rss']:.0f})"


def remembering(uri: str, index: SiteDatabase, learn: Callable[[], None] | None = None) -> None:
    """Print a server's memory; ``learn`` publishes what it learns meanwhile."""
    with server_of(uri, index.path, follow=1) as (process, port):
        asked = mixed(index)
        found = [f"ready {memory_of(process)}"]
        ask_all(port, asked, MIXED)
        found.append(f"after {MIXED} requests {memory_of(process)}")
        more = ask_all(port, asked, -CACHED_BYTES)
        found.append(f"after {MIXED + more} with full caches {memory_of(process)}")
        if learn is not None:
            before = generation_of(port)
            learn()
            while generation_of(port) == before:
                time.sleep(0.2)
            ask_all(port, asked, MIXED)
            found.append(f"a day learned {memory_of(process)}")
    say(f"serve, MB (resident): {', '.join(found)}")


def generation_of(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/healthz")
    return int(json.loads(connection.getresponse().read())["generation"])


def main() -> None:
    """Print the figures."""
    if sys.argv[1:]:
        uri, path = sys.argv[1:]
        index = SiteDatabase(Path(path))
        remembering(uri, index)
        index.close()
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder, made = Path(scratch), month()
        uri = (folder / "collection").as_uri()
        publish(uri, folder, made[:-A_DAY])
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
        remembering(uri, index, lambda: publish(uri, folder, made[-A_DAY:], crawl="c9"))
        index.close()
    say(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
