"""A store that takes a file and does not answer: the crawl waits for it neither while it goes on, nor for long when it is to stop."""

import json
import os
import signal
import sys
import time

import pytest

from archive.reader.archive import open_archive
from archive.store import open_store
from tests import processes
from tests.archive.durability.faulty import Fault, faulty_proxy
from tests.crawling import QUICK, ROOT, moto, run
from tests.replica import Replica

LIMIT = 8
SMALL = ("-s", "SEGMENT_MAX_BYTES=60000", "-s", "PUBLISH_EVERY=0.2", "-s", "STOP_SECONDS=1")


def wait_until(condition, process, log):
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline or process.poll() is not None:
            process.kill()
            pytest.fail(log.read_text(errors="replace"))
        time.sleep(0.1)


def test_the_crawl_never_waits_for_an_upload(tmp_path, monkeypatch):
    log, progress = tmp_path / "log", tmp_path / "progress.json"
    with Replica(seed=4, days=3) as replica, moto() as server, faulty_proxy(server["AWS_ENDPOINT_URL"]) as proxy:
        for name, value in server.items():
            monkeypatch.setenv(name, value)
        bucket = {
            "ARCHIVE_URI": "s3://news/archive",
            "SPOOL_DIR": str(tmp_path / "spool"),
            "AWS_ENDPOINT_URL": proxy.address,
        }
        environment = {**server, **replica.env, **bucket}
        window = ("-a", f"since={min(p['published'] for p in replica.truth if p['expect'] == 'article')[:10]}")
        words = [
            "scrapy",
            "crawl",
            "aljazeera",
            *window,
            "-a",
            f"limit={LIMIT}",
            *QUICK,
            *SMALL,
            "-s",
            f"PROGRESS_FILE={progress}",
        ]
        base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        proxy.faults = [Fault("hold", "PUT", "/warc/", times=10**6)]
        with log.open("wb") as stream:
            process = processes.Popen(
                [sys.executable, "-m", *words], cwd=ROOT, env={**base, **environment}, stderr=stream
            )
        try:
            wait_until(
                lambda: progress.exists() and json.loads(progress.read_bytes()).get("kept", 0) >= LIMIT, process, log
            )
            wait_until(lambda: proxy.faults[0].met, process, log)  # the last segment's, if the machine is quick
            assert not list(open_store("s3://news/archive").listing("manifests/"))
            process.send_signal(signal.SIGTERM)
            told = time.monotonic()
            code = process.wait(100)
            assert (
                time.monotonic() - told < 60
            )  # a second for publishing, the rest is the machine's; the store holds for 150
            assert code == 4, log.read_text(errors="replace")
        finally:
            process.kill()
            process.wait()
            proxy.released.set()
        assert "no time is left to publish" in log.read_text(errors="replace")
        recovered = run("archive", "recover", "--json", **environment)
        assert json.loads(recovered.stdout)["waiting"] == 0, recovered.stderr
        assert len({article.id for article in open_archive("s3://news/archive").articles()}) == LIMIT
