from __future__ import annotations

import io

from fastwarc.warc import ArchiveIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.article import RecordPointer
from archive.warc.writer import write_wet
from tests.archive.warc.samples import STARTED, article

POINTER = RecordPointer(file="a.warc.gz", offset=0, length=9, record_id="<urn:uuid:1>", payload_digest="sha1:X")


def wet(*articles):
    out = io.BytesIO()
    said = {"software": "warraq/0.1.0", "extracted-by": "warraq"}
    count = write_wet(out, articles, filename="a.warc.wet.gz", warcinfo=said, opened=STARTED)
    return count, out.getvalue()


def test_a_reader_of_common_crawls_wet_reads_ours():
    count, body = wet(article(POINTER), article(None))
    assert count == 1
    info, conversion = WarcioIterator(io.BytesIO(body), check_digests="raise")
    assert info.rec_type == "warcinfo"
    assert conversion.rec_type == "conversion"


def test_a_conversion_refers_to_its_response_and_to_nothing_else():
    _, body = wet(article(POINTER))
    records = ArchiveIterator(io.BytesIO(body))
    next(records)
    conversion = next(records)
    said = dict(conversion.headers.items())
    assert said["WARC-Type"] == "conversion"
    assert said["WARC-Refers-To"] == "<urn:uuid:1>"
    assert said["WARC-Target-URI"] == "http://wire.example/a"
    assert said["Content-Type"] == "text/plain"
    assert said["WARC-Identified-Content-Language"] == "ara"
    assert said["X-Warraq-Extractor"] == "outlet/1"
    assert not {"WARC-Concurrent-To", "WARC-IP-Address", "WARC-Refers-To-Date", "WARC-Refers-To-Target-URI"} & set(said)
    assert conversion.reader.read().decode() == "الورّاق\nنسخ الورّاق الكتاب.\nثم باعه.\n"


def test_the_same_articles_give_the_same_bytes():
    assert wet(article(POINTER)) == wet(article(POINTER))
