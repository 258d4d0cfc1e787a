"""WHERE: the bytes and the record. This floor imports no Scrapy: a consumer needs the group `reader` of pyproject.toml alone.

The archive is a bucket or a folder, and everything that matters lies in it:

    <ARCHIVE_URI>                                             file:///…/collection or s3://bucket/prefix
      warc/outlet=<o>/date=<yyyy-mm-dd>/<segment>.warc.gz          what the outlet sent
      cdxj/outlet=<o>/date=<yyyy-mm-dd>/<segment>.cdxj.gz          one line per capture, sorted
      wet/outlet=<o>/date=<yyyy-mm-dd>/<segment>.warc.wet.gz       the extracted text, as conversion records
      articles/outlet=<o>/date=<yyyy-mm-dd>/<segment>.jsonl.gz     what we understood of it, one article a line
      stories/outlet=<o>/date=<yyyy-mm-dd>/<segment>.jsonl.gz      what later articles taught about earlier ones
      events/outlet=<o>/date=<yyyy-mm-dd>/<segment>.jsonl.gz       what became of announced pages, second looks, asked days
      manifests/outlet=<o>/date=<yyyy-mm-dd>/<segment>.json        written last: what it lists, and nothing else, is published
      reports/outlet=<o>/date=<yyyy-mm-dd>/<crawl>.json         one per crawl: counts, coverage, reasons, finish
      index/…                                                   where each article and capture lies; makes nothing true
      redactions/<id>.json                                      what was taken down, when, by whom and why
      pointers/<o>.json                                         the heads of the outlet's chain of manifests
      leases/<o>.json                                           who crawls the outlet now
    <segment> = <collection>-<outlet>-<17-digit UTC time>-<serial>-<token>          date = crawl date, UTC

Only pointers, leases and the index's head ever move; everything else is created once. What stands for earlier objects, after a
compaction or a second reading, says so in its manifest (`archive.manifests.manifest`); only an erasure, after a take-down, rewrites any. A run
that dies leaves its segments in the spool, on
its own disk, and at most some objects in the bucket that no manifest lists and no reader sees.

    from archive import open_archive
    for article in open_archive("s3://bucket/prefix").articles(outlet="aljazeera", since="2026-11-01"): …
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.article import Article

if TYPE_CHECKING:
    from archive.reader.archive import open_archive

__all__ = ["Article", "open_archive"]

EXTRAS = {
    "matplotlib": "pictures",
    "jinja2": "site",
    "lxml": "site",
    "waitress": "site",
    "werkzeug": "site",
    "regex": "site",
    "duckdb": "sql",
    "apprise": "notify",
    "pyarrow": "export",
    "bagit": "export",
    "cryptography": "sign",
    "xlsxwriter": "export",
    "datatrove": "cluster",
    "ray": "cluster",
}
"""Library → the extra of `warraq` and `warraq-reader` that brings it; a crawl and a reader start without them."""


def extra_missing(error: ImportError) -> str | None:
    """Return one sentence that names the extra for want of which an import failed; None where none would help."""
    library = (error.name or "").partition(".")[0]
    if (extra := EXTRAS.get(library)) is None:
        return None
    return f"This needs {library}, which comes with the extra {extra}: pip install '{_distribution()}[{extra}]'"


def _distribution() -> str:
    """Return what of the two is installed: the crawl would be more than whoever has the reader alone asked for."""
    from importlib.metadata import distributions  # noqa: PLC0415  only for a sentence that is seldom said

    is_reader = any(distributions(name="warraq-reader")) and not any(distributions(name="warraq"))
    return "warraq-reader" if is_reader else "warraq"


def __getattr__(name: str) -> Any:
    """Import the reader when it is first asked for: the command line's help needs no WARC library."""
    if name == "open_archive":
        from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

        return open_archive
    raise AttributeError(f"module 'archive' has no attribute {name!r}")
