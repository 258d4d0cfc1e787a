"""`scrapy schedule` as an operator runs it: a real crawl of the replica, the endpoint, the overview, an orderly end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from prometheus_client.parser import text_string_to_metric_families

from tests.crawling import QUICK, ROOT, lines_of, places, run
from tests.replica import Replica

TABLE = json.dumps(
    {"skynewsarabia": {"every": "1h", "adapt": ["10m", "3h"], "jitter": "0s", "arguments": {"limit": "2"}}}
)
PATIENCE = 120  # seconds


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def figures(port):
    opener = build_opener(ProxyHandler({}))
    text = opener.open(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def wait_for(port, name):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            found = figures(port)
        except URLError:
            found = {}
        if name in found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"{name} never appeared")


def test_a_schedule_crawls_tells_and_ends_in_order(tmp_path):
    port = free_port()
    words = [
        sys.executable,
        "-m",
        "scrapy",
        "schedule",
        "-s",
        f"SCHEDULE={TABLE}",
        "-s",
        f"METRICS_PORT={port}",
        *QUICK,
    ]
    with Replica(seed=6, days=2) as replica:
        base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        contact = {"CONTACT": "https://archive.example/", "COLUMNS": "120"}
        environment = {**base, **replica.env, **places(tmp_path), **contact}
        with subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as schedule:
            found = wait_for(port, "warraq_crawl_exit_code")
            second = run("scrapy", "schedule", "-s", f"SCHEDULE={TABLE}", **environment)
            schedule.send_signal(signal.SIGTERM)
            said = schedule.communicate(timeout=PATIENCE)[1]
    assert schedule.returncode == 0, said
    assert found["warraq_crawl_exit_code"] == 0
    assert found["warraq_schedule_crawls_total"] == 1
    assert found["warraq_schedule_interval_seconds"] == 3600
    assert len(lines_of(tmp_path / "collection")) == 2
    assert "skynewsarabia begins" in said
    assert "2 articles kept" in said
    assert second.returncode == 2  # one schedule for an archive
    assert "another process" in second.stderr
    assert "every 60 min (10 min – 3.0 h)" in said  # the overview, once, where there is no terminal
