"""What an outlet's redesign may not cost: other class names on the body, no JSON-LD, no embedded JSON."""

import re
from dataclasses import replace

import pytest

from crawlers.extraction import read
from crawlers.extraction.article import word_f1
from tests.outlets.cases import all_cases, spider_of

LEAST = 0.95
BODIES = re.compile(
    r"wysiwyg[\w-]*|field--name-body|blocknodearticlebody|paragraph-list|show-parags|ni-content|article-body|articlebody|"
    r"firstBodyDiv|body-content|DynamicContentContainer"
)
LINKED = re.compile(r"<script[^>]*ld\+json.*?</script>", re.DOTALL)
EMBEDDED = re.compile(r" data-sna-init=('.*?'|\".*?\")", re.DOTALL)
CASES = [case for case in all_cases() if case.body]


def read_again(case, markup):
    spider = spider_of(case.outlet)
    page = replace(case.page(), body=markup.encode(), content_type="text/html; charset=utf-8")
    return read(page, reading=spider.reading, addresses=spider.addresses)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_other_class_names(case):
    markup = BODIES.sub("q7x", EMBEDDED.sub("", case.page().markup().decode()))
    article = read_again(case, markup)
    assert word_f1(article.text, case.record["expect"]["text"]) >= LEAST
    assert article.headline == case.record["expect"]["headline"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_without_json(case):
    article = read_again(case, LINKED.sub("", EMBEDDED.sub("", case.page().markup().decode())))
    assert word_f1(article.text, case.record["expect"]["text"]) >= LEAST
    assert article.headline == case.record["expect"]["headline"]
