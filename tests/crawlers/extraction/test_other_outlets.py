"""The quality floor of the generic reading: real pages of outlets that have no rules here, where they are at hand."""

import json
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from statistics import mean

import pytest
import trafilatura

from crawlers.addresses import AddressRules
from crawlers.extraction import ExtractionError, ExtractionRules, Page, read
from crawlers.extraction.article import word_f1

PAGES = Path("../shared/pages/other")
TRUTH = json.loads((PAGES / "truth.json").read_text(encoding="utf-8")) if PAGES.exists() else {}
WITH_TEXT = sorted(name for name, truth in TRUTH.items() if truth["text"])
CANONICAL = re.compile(rb"<link[^>]*rel=.canonical.[^>]*>")
LEAST, LEAST_MEAN = 0.93, 0.98

pytestmark = pytest.mark.skipif(not TRUTH, reason="the real pages are not here")


def read_other(name):
    truth = TRUTH[name]
    body = CANONICAL.sub(b"", (PAGES / name).read_bytes())  # whom it refuses is told in test_gate
    page = Page(url=truth["url"], captured=datetime.fromisoformat(truth["captured"]), body=body)
    addresses = AddressRules(outlet="other", hosts=(truth["host"],), kinds={"article": "."})
    reading = ExtractionRules(number=1, zone=truth["zone"], names=tuple(truth["names"]), body=())
    return read(page, reading=reading, addresses=addresses)


@lru_cache
def article_of(name):
    return read_other(name)


@pytest.mark.parametrize("name", WITH_TEXT)
def test_fields(name):
    article, truth = article_of(name), TRUTH[name]
    assert article.headline == truth["headline"]
    assert word_f1(article.text, truth["text"]) >= LEAST
    assert article.byline == truth["byline"]
    if "T" in truth["published"]:
        assert article.published.strftime("%Y-%m-%dT%H:%M") == truth["published"][:16]
    else:
        assert article.published_raw == truth["published"]
    assert len(article.images) <= truth["images"]
    assert truth["lead_image"] in article.images[0].url


def test_pages_without_text_are_empty():
    for name in TRUTH.keys() - set(WITH_TEXT):
        with pytest.raises(ExtractionError) as refusal:
            read_other(name)
        assert refusal.value.reason == "empty"


def test_the_mean_is_ahead_of_trafilatura():
    def theirs(name):
        markup = (PAGES / name).read_bytes().decode(errors="replace")
        return trafilatura.extract(markup, include_comments=False, deduplicate=False) or ""

    ours = mean(word_f1(article_of(name).text, TRUTH[name]["text"]) for name in WITH_TEXT)
    assert ours >= LEAST_MEAN
    assert ours > mean(word_f1(theirs(name), TRUTH[name]["text"]) for name in WITH_TEXT)
