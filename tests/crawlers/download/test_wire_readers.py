"""Readers that we did not write read what we wrote, and complain of nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

from cdxj_indexer.main import CDXJIndexer
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from archive.warc.capture import captures
from archive.warc.cdxj import index, sorted_lines

THEIRS = ("url", "mime", "status", "digest", "length", "offset", "filename")
FAST = WarcRecordType.response | WarcRecordType.request | WarcRecordType.metadata | WarcRecordType.warcinfo


def test_warcio_reads_every_record(crawled):
    digests = False if crawled.keep else "raise"  # warcio takes kept chunk framing for payload
    with crawled.path.open("rb") as stream:
        found = []
        for record in ArchiveIterator(stream, check_digests=digests):
            record.raw_stream.read()
            found.append((record.rec_type, record.rec_headers["WARC-Record-ID"]))
    assert found == [(record["WARC-Type"], record["WARC-Record-ID"]) for record in crawled.all]


def test_warcio_check_complains_of_kept_framing_alone(crawled):
    # warcio 1.8 opens br bodies with an attribute that brotli 1.2 no longer has; without brotli it leaves them closed
    script = "import sys; sys.modules['brotli'] = None; from warcio.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, "check", str(crawled.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    if crawled.keep:  # it takes the chunk framing for payload; `archive.warc.verify` is the checker of such files
        assert done.returncode == 1
        assert "block digest failed" not in done.stdout
    else:
        assert (done.returncode, done.stdout) == (0, "")


def test_fastwarc_verifies_every_digest(crawled):
    checked = 0
    with crawled.path.open("rb") as stream:
        for record in FastIterator(stream, record_types=FAST, parse_http=False):
            assert record.verify_block_digest()
            has_crlf = not record.headers.get("WARC-Target-URI", "").endswith(
                "/bare-lf"
            )  # FastWARC finds no end of such a head
            if "WARC-Payload-Digest" in record.headers and has_crlf and not crawled.keep:
                record.parse_http()
                assert record.verify_payload_digest(), record.headers["WARC-Target-URI"]
            checked += 1
    assert checked == len(crawled.all)


def test_our_index_is_that_of_cdxj_indexer_and_more(crawled):
    out = StringIO()
    CDXJIndexer(out, [str(crawled.path)], sort=True).process_all()
    theirs = [line.split(" ", 2) for line in out.getvalue().splitlines()]
    ours = [line.split(" ", 2) for line in sorted_lines(index(crawled.path))]
    assert [(key, time) for key, time, _ in sorted(ours)] == [(key, time) for key, time, _ in sorted(theirs)]
    by_offset = {json.loads(said)["offset"]: json.loads(said) for _, _, said in ours}
    for _, _, said in theirs:
        expected = {
            "mime": "unk",
            **json.loads(said),
        }  # where there is no Content-Type, pywb says so and cdxj-indexer nothing
        mine = by_offset[expected["offset"]]
        assert {name: mine.get(name) for name in THEIRS} == {name: expected.get(name) for name in THEIRS}


def test_our_reader_finds_the_status_and_the_payload_of_every_digest(crawled):
    with crawled.path.open("rb") as stream:
        found = list(captures(stream, crawled.path.name))
    for capture in found:
        capture.check()
    assert {capture.url.rpartition("/")[2] for capture in found} >= {"bare-lf", "plain"}
    entries = {entry.values["record_id"]: entry.values for entry in index(crawled.path)}
    assert {capture.pointer.record_id: str(capture.status) for capture in found} == {
        record_id: said["status"] for record_id, said in entries.items()
    }
