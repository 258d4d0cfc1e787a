"""The bucket is read by tools that know nothing of us."""

import duckdb
from fastwarc import ArchiveIterator, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.reader.archive import Archive
from archive.store import open_store
from tests.archive.samples import OUTLET


def test_duckdb_reads_the_lines_as_they_lie(filled, tmp_path):
    rows = duckdb.sql(
        f"""SELECT outlet, date, count(*), min(headline), sum(words)
            FROM read_json('{tmp_path}/collection/articles/**/*.jsonl.gz', hive_partitioning = true)
            GROUP BY ALL"""
    ).fetchall()
    ((outlet, _, count, headline, words),) = rows
    assert (outlet, count, headline, words) == (OUTLET, 30, "عنوان 0", 120)


def test_other_readers_agree_on_the_text(filled):
    store = open_store(filled)
    texts = {article.warc.record_id: f"{article.headline}\n{article.text}\n" for article in Archive(store).articles()}
    found = {}
    for manifest in Archive(store).manifests():
        with store.open(manifest.by_kind["wet"].key) as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.conversion, verify_digests=True):
                found[record.headers["WARC-Refers-To"]] = record.reader.read().decode()
    assert found == texts


def test_warcio_finds_every_digest_right(filled):
    store = open_store(filled)
    for manifest in Archive(store).manifests():
        for kind in ("warc", "wet"):
            with store.open(manifest.by_kind[kind].key) as stream:
                for record in WarcioIterator(stream, check_digests="raise"):
                    record.content_stream().read()
