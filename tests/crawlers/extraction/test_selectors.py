"""The selectors over the index mean what CSS means."""

import pytest
from cssselect.parser import SelectorSyntaxError
from lxml import html

from crawlers.extraction import ExtractionRules, rules
from crawlers.extraction.article import context_of
from crawlers.extraction.html import Document
from crawlers.extraction.selectors import names_in
from tests.outlets.cases import all_cases, spider_of

MARKUP = """<html><body><main id="top" class="page wide"><h1 class="title">A</h1><div class="lead">B</div>
<article class="story wide"><p class="first">C</p><section><p>D</p><a rel="tag author" href="/author/x">E</a></section>
<figure><img src="/i.jpg" data-x="1"></figure></article></main><p class="first">F</p></body></html>"""


@pytest.mark.parametrize(
    "selector",
    [
        "p", "*", ".wide", "p.first", "#top", "main#top.page", "article p", "article > p", "main p.first", "h1 + div",
        "a[rel~=tag]", "a[href^='/author']", "a[href$=x]", "a[href*='thor']", "img[data-x]", "[rel]", "p:not(.first)",
        "article section > a[rel~=author]", "h1, .lead", "main .missing", "section + figure img", "div.wide",
    ],
)  # fmt: skip
def test_agrees_with_cssselect(selector):
    ours = {element.text for element in Document(MARKUP.encode()).all(selector)}
    theirs = {element.text for element in html.document_fromstring(MARKUP).cssselect(selector)}
    assert ours == theirs


@pytest.mark.parametrize("selector", ["p::text", "p:nth-child(2)", "a ~ b", "p["])
def test_what_is_not_understood_is_refused_when_the_outlet_is_loaded(selector):
    with pytest.raises(SelectorSyntaxError):
        ExtractionRules(number=1, zone="UTC", names=(), body=(selector,))


def test_attribute_of_a_selector():
    assert list(Document(MARKUP.encode()).texts("img@src")) == ["/i.jpg"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("p", {"p"}), (".tags a", {"tags"}), ("div.wide .lead", {"wide"}), ("h1, .lead", {"h1", "lead"}), ("a:not(.x)", {"a"}),
        ("[rel]", {"*"}), ("#top", {"*"}), (".page #top", {"page"}), ("#top p", {"p"}),
    ],
)  # fmt: skip
def test_what_a_page_has_at_least_where_a_selector_means_anything(selector, names):
    assert names_in(selector) == names


def test_no_source_that_is_passed_over_would_have_said_anything():
    passed = 0
    for case in all_cases():
        spider = spider_of(case.outlet)
        if not case.body:
            continue
        context = context_of(case.page(), reading=spider.reading, addresses=spider.addresses)
        own = [
            getattr(context.reading, name)
            for name in ("headline", "standfirst", "section", "byline", "published", "tags")
        ]
        common = (
            rules.HEADING,
            rules.SECTION,
            rules.BREADCRUMBS,
            rules.TAGS,
            rules.PUBLISHED,
            rules.MODIFIED,
            rules.BYLINE,
        )
        sources = {source for hints in (*own, *common) for source in hints}
        silent = sources.difference(context.speaking(sources))
        passed += len(silent)
        assert not any(map(context.ask, silent))
    assert passed > 1000
