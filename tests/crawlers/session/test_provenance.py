from __future__ import annotations

import json
import subprocess
import sys

from scrapy import Spider
from scrapy.utils.test import get_crawler

from archive.warc import WarcFile, read_record, verify
from crawlers.session.provenance import resource_records_of
from tests.crawling import ROOT

SETTINGS = {
    "CONTACT": "عنوان",
    "MY_API_KEY": "hush",
    "WEBHOOK_URL": "https://hooks.example/hush",
    "MY_PROXY": "http://user:hush@proxy.example/",
    "REMOTE_CONTROL_ENABLED": False,
}


def test_the_papers_of_a_crawl_become_resources_without_secrets(tmp_path):
    log = tmp_path / "crawl.log"
    log.write_text("سطر http://user:hush@proxy.example/\n", encoding="utf-8")
    crawler = get_crawler(Spider, {**SETTINGS, "LOG_FILE": str(log)})
    crawler.stats.inc_value("archive/articles", 3)
    resources = {resource.uri.rpartition(":")[2]: resource for resource in resource_records_of(crawler, "c-1")}
    assert set(resources) == {"settings", "stats", "uv.lock", "log"}
    assert json.loads(resources["stats"].content)["archive/articles"] == 3
    assert json.loads(resources["settings"].content)["CONTACT"] == "عنوان"
    assert not [resource for resource in resources.values() if b"hush" in resource.content]
    file = WarcFile(tmp_path / "c-1-meta.warc.gz", filename="c-1-meta.warc.gz", warcinfo={})
    for resource in resources.values():
        pointer = file.write_resource(resource.uri, resource.content, resource.content_type)
    file.close()
    body = (tmp_path / "c-1-meta.warc.gz").read_bytes()
    record, block = read_record(body[pointer.offset : pointer.offset + pointer.length])
    assert (record.type, block) == ("resource", resources["log"].content)
    assert verify(tmp_path / "c-1-meta.warc.gz") == []


def test_code_that_was_sent_without_its_history_is_told_its_revision():
    said = subprocess.run(
        [sys.executable, "-c", "from archive.warc.writer import software; print(software()['warraq'])"],
        env={"PYTHONPATH": str(ROOT), "WARRAQ_REVISION": "0123456789ab"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip().endswith("+0123456789ab")
