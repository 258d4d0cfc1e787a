"""What every test shares: the catalogs and indexes that a test opens are closed when it ends."""

import sys
from functools import wraps
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.site.database import SiteDatabase
from pipelines.syndication import SqliteStoryIndex

TESTS = str(Path(__file__).parent)
_opened = []


def _note_opened_by_tests(kind):
    """Have a class tell which of its instances tests made; what the product opens it has to close itself."""
    begin = kind.__init__

    @wraps(begin)
    def init(self, *args, **named):
        begin(self, *args, **named)
        if sys._getframe(1).f_code.co_filename.startswith(TESTS):
            _opened.append(self)

    kind.__init__ = init


for _kind in (Catalog, SiteDatabase, SqliteStoryIndex):
    _note_opened_by_tests(_kind)


def _close_those_after(count):
    while len(_opened) > count:
        _opened.pop().close()


@pytest.fixture(autouse=True)
def _closed_at_the_end_of_a_test():
    before = len(_opened)  # those of a module's fixtures, which outlive the test
    yield
    _close_those_after(before)


@pytest.fixture(scope="session", autouse=True)
def _closed_at_the_end_of_all():
    yield
    _close_those_after(0)
