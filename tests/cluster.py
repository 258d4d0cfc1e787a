"""A Ray cluster of two workers over an S3 store, one of them killed in mid-run: `make prove-cluster` (docs/scaling.md).

    archive in S3 (moto, over HTTP) ──▶ scrapy distribute recluster --executor ray ──▶ stories.jsonl.gz in S3
                                          worker 1 ████████░░░ killed with a task in hand
                                          worker 2 ████████████████████ does that one, too
    the same articles ──▶ scrapy recluster ──▶ compared byte for byte

Not among the tests: Ray alone takes more than half a minute to start on two cores.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ray.cluster_utils import Cluster

from archive.manifest import Item, Manifest, object_key
from archive.store import open_store
from tests.crawling import ROOT, moto, run
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import BASES

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = range(24)
TASKS = 4
WATCHED = "compare"  # the pass in which the worker is killed
STARTS = 6  # tries
GIVEN_UP = 600  # seconds


def main() -> int:
    """Run the proof; return 0 where it holds."""
    articles = [draw_line(seed, each) for seed in SEEDS for each in Draw(BASES, seed, wires=25).articles]
    with moto() as environment, tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment)
        publish("s3://news/archive", articles)
        say(f"published {len(articles):,} articles in {len(SEEDS)} segments")
        expected = on_one_machine(Path(folder) / "in.jsonl", articles)
        say("scrapy recluster has its answer")
        printed = on_the_cluster()
        found = gzip.decompress(open_store("s3://news/work").read("stories.jsonl.gz"))
    lost = "RayActorError" in printed
    same = found == expected
    say("the killed worker's task was lost and done again" if lost else "no task was lost: the kill fell between two")
    say(f"{len(found):,} bytes, {'the same' if same else 'NOT the same'} as on one machine")
    return 0 if same and lost else 1


def on_the_cluster() -> str:
    """Run the job on two workers and kill one; return what the job said."""
    cluster = patiently(
        lambda: Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    )
    try:
        doomed, _ = (patiently(lambda: cluster.add_node(num_cpus=1)) for _ in range(2))
        say(f"a Ray cluster of two workers at {cluster.address}")
        with tempfile.TemporaryFile("w+") as output:
            command = [
                "scrapy",
                "distribute",
                "recluster",
                "--executor",
                "ray",
                "--memory",
                "0.5",
                "--work",
                "s3://news/work",
            ]
            arguments = ["--address", cluster.address, "--tasks", str(TASKS), "--workers", "2"]
            began = time.monotonic()
            job = subprocess.Popen(
                [sys.executable, "-m", *command, *arguments],
                cwd=ROOT,
                env={**os.environ, "ARCHIVE_URI": "s3://news/archive"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            wait_for_marks(job)
            cluster.remove_node(doomed, allow_graceful=False)
            say(f"killed one worker in pass {WATCHED}, {time.monotonic() - began:.0f} s after the start")
            code = job.wait(GIVEN_UP)
            say(f"the job ended with exit code {code} after {time.monotonic() - began:.0f} s")
            output.seek(0)
            printed = output.read()
    finally:
        cluster.shutdown()
    if code:
        say(printed[-8000:])
    for line in printed.splitlines():
        if "RayActorError" in line or line.partition(":")[0] in PASSES or line.startswith("s3:"):
            say(f"  {line[:200]}")
    return printed


def patiently(start: Callable[[], Any]) -> Any:
    """Start something of Ray's, which gives a node thirty seconds to come up, however busy the machine."""
    for attempt in range(STARTS):
        try:
            return start()
        except Exception as error:  # Ray raises no narrower one here
            if attempt == STARTS - 1:
                raise
            say(f"Ray did not come up in time, trying again ({error})")
    return None


PASSES = ("read", "twins", "compare", "join", "deal", "assign", "gather")


def wait_for_marks(job: subprocess.Popen[bytes]) -> None:
    """Wait until the first tasks of the watched pass are done."""
    store, end = open_store("s3://news/work"), time.monotonic() + GIVEN_UP
    while len(list(store.listing(f"shelf/{WATCHED}/completions/"))) < 1 and job.poll() is None:
        if time.monotonic() > end:
            raise TimeoutError("the job does not get on")
        time.sleep(0.2)


def on_one_machine(path: Path, articles: list[dict[str, str]]) -> bytes:
    """Return what `scrapy recluster` says."""
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles), encoding="utf-8")
    done = run("scrapy", "recluster", path)
    assert done.returncode == 0, done.stderr
    return done.stdout.encode()


def draw_line(seed: int, each: object) -> dict[str, str]:
    """Return an article of a draw, in a month of its own."""
    line = each.line()  # type: ignore[attr-defined]
    published = line["published"].replace("2026-03", f"{2025 + seed // 12}-{1 + seed % 12:02}")
    return {
        **line,
        "id": f"{line['id']}/{seed}",
        "url": f"{line['url']}/{seed}",
        "published": published,
        "captured": published,
    }


def publish(uri: str, articles: list[dict[str, str]]) -> None:
    """Publish articles as segments of article lines."""
    store = open_store(uri)
    for number in range(len(SEEDS)):
        lines = [json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in articles[number :: len(SEEDS)]]
        body, stem = gzip.compress(b"".join(lines), mtime=0), f"warraq-all-20260401000000000-{number:05}-00000000"
        key = object_key("articles", "all", stem)
        store.create(key, body)
        item = Item(kind="articles", key=key, bytes=len(body), sha256="", records={"article": len(lines)})
        manifest = Manifest(
            collection="warraq",
            outlet="all",
            crawl="c",
            segment=stem,
            date="2026-04-01",
            created="2026-04-01T00:00:00Z",
            software={},
            objects=[item],
        )
        store.create(manifest.key, manifest.to_bytes())


def say(sentence: str) -> None:
    """Tell it at once."""
    print(sentence, flush=True)  # noqa: T201  it is a program


if __name__ == "__main__":
    sys.exit(main())
