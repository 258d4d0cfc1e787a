"""`scrapy` with a count of the work it does: ``python -m tests.work COUNTS.json crawl aljazeera …``.

Seconds on a shared machine say little; how often a page is parsed, a byte hashed or compressed is exact on any.
"""

import atexit
import hashlib
import json
import os
import sys
import zlib
from collections import Counter
from pathlib import Path

from lxml import etree
from scrapy.cmdline import execute
from zlib_ng import zlib_ng

from crawlers.extraction import page_context

counts = Counter()


def counted(function, name):
    def call(*args, **options):
        counts[name] += 1
        return function(*args, **options)

    return call


class CountedHash:
    """Counts the bytes that go through a hash."""

    def __init__(self, name, inner, first=b""):
        self._name, self._inner = name, inner
        counts[f"{name}/bytes"] += len(first)

    def update(self, piece):
        counts[f"{self._name}/bytes"] += len(piece)
        self._inner.update(piece)

    def __getattr__(self, name):
        return getattr(self._inner, name)


class CountedCompressor:
    """Counts the bytes that are compressed for their size's sake, and those that are only wrapped."""

    def __init__(self, level, inner):
        self._name = "squeezed/bytes" if level else "stored/bytes"
        self._inner = inner

    def compress(self, piece):
        counts[self._name] += len(piece)
        return self._inner.compress(piece)

    def flush(self, *mode):
        return self._inner.flush(*mode)


def install():
    for name in ("sha1", "sha256"):
        make = getattr(hashlib, name)
        setattr(
            hashlib,
            name,
            lambda first=b"", *, usedforsecurity=True, make=make, name=name: CountedHash(
                name, make(first, usedforsecurity=usedforsecurity), first
            ),
        )
    for library in (zlib, zlib_ng):  # what is written by lines, and by records
        library.compressobj = lambda level=-1, *others, compressor=library.compressobj, **options: CountedCompressor(
            level, compressor(level, *others, **options)
        )
    etree.HTMLParser = counted(etree.HTMLParser, "html/parsers")
    page_context.to_utf8 = counted(page_context.to_utf8, "decoded whole")
    os.fsync = counted(os.fsync, "fsync")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    install()
    atexit.register(lambda: target.write_text(json.dumps(counts), encoding="utf-8"))
    execute(["scrapy", *sys.argv[2:]])
