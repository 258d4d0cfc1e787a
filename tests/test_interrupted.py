"""Crawls that are stopped, killed, or started twice: nothing captured is lost, nothing is there twice."""

import json
import os
import signal
import sys
import time
from collections import Counter

import pytest

from tests import processes
from tests.crawling import QUICK, ROOT, lines_of, places, run
from tests.replica import Replica

OUTLET = "albawabhnews"  # its robots.txt asks for a pause between two pages, so that there is time to interfere


@pytest.fixture
def scene(tmp_path):
    with Replica(seed=3, days=3) as replica:
        window = ("-a", f"since={min(p['published'] for p in replica.truth if p['expect'] == 'article')[:10]}")
        yield tmp_path, {**places(tmp_path), **replica.env}, ("crawl", OUTLET, *window, *QUICK)


def start(environment, command, folder):
    progress = folder / "progress.json"
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = [sys.executable, "-m", "scrapy", *command, "-s", f"PROGRESS_FILE={progress}"]
    with (folder / "log").open("wb") as log:
        process = processes.Popen(words, cwd=ROOT, env={**base, **environment}, stderr=log)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if progress.exists() and json.loads(progress.read_bytes())["kept"] >= 5:
            return process
        time.sleep(0.1)
    process.kill()
    pytest.fail((folder / "log").read_text(errors="replace"))


def ids(folder):
    return Counter(line["id"] for line in lines_of(folder / "collection"))


def verified(environment):
    answer = run("archive", "verify", "--deep", **environment)
    return answer.returncode == 0 or answer.stdout + answer.stderr


def test_a_killed_crawl_is_mended_by_the_next_start(scene):
    folder, environment, command = scene
    process = start(environment, command, folder)
    process.kill()
    process.wait()
    assert not ids(folder)
    answer = run("scrapy", *command, **environment)
    assert answer.returncode == 0, answer.stderr
    assert "had died; 1 open segments closed" in answer.stderr
    assert set(ids(folder).values()) == {1}
    manifests = [path.name for path in (folder / "collection").glob("manifests/**/*.json")]
    assert len(manifests) == 3
    assert sum("-meta-" in name for name in manifests) == 1  # the crawl that was killed wrote no papers
    assert verified(environment) is True
    assert run("scrapy", *command, **environment).stderr.count("0 articles kept") == 1


def test_lines_that_did_not_make_it_are_read_from_the_records_though_a_recovery_came_between(scene):
    folder, environment, command = scene
    process = start(environment, command, folder)
    process.kill()
    process.wait()
    (path,) = (folder / "spool").glob("*/*/open/*/articles.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))  # as if the kill had come before their lines
    lost = [json.loads(line) for line in lines[-2:]]

    said = run("archive", "recover", "--json", **environment)
    (recovered,) = json.loads(said.stdout)["recovered"]
    assert (said.returncode, recovered["reread"], len(recovered["segments"])) == (0, None, 1), said.stderr
    assert not ids(folder).keys() & {line["id"] for line in lost}
    again = run("archive", "recover", **environment)
    assert again.stdout.startswith("0 segments published, 0 still waiting"), again.stdout

    crawl = run("scrapy", "crawl", OUTLET, "-a", f"url={json.loads(lines[0])['url']}", *QUICK, **environment)
    assert crawl.returncode == 0, crawl.stderr
    assert "articles read again from their records" in crawl.stderr
    found = {line["id"]: line for line in lines_of(folder / "collection")}
    for line in lost:
        assert found[line["id"]]["warc"] == line["warc"]
        assert found[line["id"]]["text"] == line["text"]
    assert set(ids(folder).values()) == {1}
    assert verified(environment) is True


def test_a_stopped_crawl_publishes_what_it_has(scene):
    folder, environment, command = scene
    process = start(environment, command, folder)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 7, (folder / "log").read_text(errors="replace")
    assert len(ids(folder)) >= 5
    assert verified(environment) is True


def test_a_second_crawl_of_the_same_outlet_does_not_begin(scene):
    folder, environment, command = scene
    process = start(environment, command, folder)
    process.send_signal(signal.SIGSTOP)  # it must not be over before the others have tried, however slow the machine
    try:
        here = run("scrapy", *command, **environment)
        elsewhere = run("scrapy", *command, **{**environment, "SPOOL_DIR": str(folder / "other-spool")})
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert [here.returncode, elsewhere.returncode] == [6, 6], here.stderr + elsewhere.stderr
    assert "is being crawled by" in elsewhere.stderr
    assert set(ids(folder).values()) == {1}


@pytest.mark.parametrize("name", ["crawl.json", "facts.json"])
def test_a_spoiled_note_of_the_spool_is_named_and_set_aside(scene, name):
    """What a bad disk left shuts no outlet, and nothing that was captured is lost with it."""
    folder, environment, command = scene
    process = start(environment, command, folder)
    process.kill()
    process.wait()
    (note,) = (folder / "spool").rglob(name)
    note.write_bytes(note.read_bytes()[:20])
    answer = run("scrapy", *command, **environment)
    assert answer.returncode == 0, answer.stderr
    assert f"{note} is spoiled" in answer.stderr
    assert set(ids(folder).values()) == {1}
    assert verified(environment) is True
