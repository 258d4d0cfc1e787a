"""A real scrapyd takes the egg that deploy/scrapyd/deploy.sh builds, lists its spiders and crawls with it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.crawling import OUTLETS, ROOT, lines_of, places
from tests.replica import Replica

pytestmark = pytest.mark.slow  # a real scrapyd in an environment of its own

PATIENCE = 120  # seconds
OPENER = build_opener(ProxyHandler({}))


def ask(url, **form):
    data = urlencode(form).encode() if form else None
    return json.loads(OPENER.open(url, data, timeout=PATIENCE).read())


def wait_until(done):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if found := done():
                return found
        except URLError:
            pass  # it is starting
        time.sleep(0.5)
    raise AssertionError("it takes too long")


@pytest.mark.skipif(shutil.which("curl") is None, reason="deploy.sh uses curl")
def test_a_real_scrapyd_takes_the_egg_and_crawls_with_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    home, address = tmp_path / "scrapyd", f"http://127.0.0.1:{port}"
    home.mkdir()
    conf = (ROOT / "deploy/scrapyd/scrapyd.conf").read_text(encoding="utf-8")
    (home / "scrapyd.conf").write_text(
        conf.replace("6800", str(port)).replace("poll_interval = 5", "poll_interval = 1")
    )
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with Replica(seed=6, days=2) as replica, (tmp_path / "log").open("w") as log:
        environment = {**base, **replica.env, **places(tmp_path), "CONTACT": "https://archive.example/"}
        program = str(Path(sys.executable).with_name("scrapyd"))
        with subprocess.Popen([program], cwd=home, env=environment, stdout=log, stderr=log) as scrapyd:
            try:
                wait_until(lambda: ask(f"{address}/daemonstatus.json"))
                deploy = [str(ROOT / "deploy/scrapyd/deploy.sh"), address]
                answer = subprocess.run(
                    deploy, env={**base, "PYTHON": sys.executable}, capture_output=True, text=True, check=False
                )
                assert answer.returncode == 0, answer.stderr
                assert json.loads(answer.stdout)["spiders"] == len(OUTLETS)
                form = {"project": "warraq", "spider": "skynewsarabia", "limit": "2", "setting": "DOWNLOAD_DELAY=0"}
                assert ask(f"{address}/schedule.json", **form)["status"] == "ok"
                wait_until(lambda: ask(f"{address}/listjobs.json?project=warraq")["finished"])
            finally:
                scrapyd.terminate()
    (said,) = home.glob("logs/**/*.log")
    assert "exit 0 (published)" in (tmp_path / "log").read_text() + said.read_text(encoding="utf-8")
    assert len(lines_of(tmp_path / "collection")) == 2
