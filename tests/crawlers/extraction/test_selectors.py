"""The selectors over the index mean what CSS means."""

import pytest
from cssselect.parser import SelectorSyntaxError
from lxml import html

from crawlers.extraction import ExtractionRules
from crawlers.extraction.html import Document

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
