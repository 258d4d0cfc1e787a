"""Pages that are shells: the article stands in the state that a script hands to the browser."""

import base64
import json
from datetime import UTC, datetime

import pytest

from crawlers.extraction import ExtractionError, Page, read
from crawlers.frontier.any_outlet import spider_of_any
from tests.crawlers.extraction.test_generic import LINES, TEXT, TITLE
from tests.stopwatch import takes_under

MOST_SECONDS = 2  # the bound of any page
URL = "https://nahr.example/news/77123/slug"
HTML = "".join(f"<p>{line}</p>" for line in LINES)
ARTICLE = {
    "id": 77123,
    "title": TITLE,
    "content": HTML,
    "publishedAt": "2024-07-19T09:23:00Z",
    "updated_at": "2024-07-19T10:00:00Z",
    "author": {"name": "سميرة توفيق"},
    "category": {"name": "اقتصاد"},
    "tags": [{"name": "الوزارة"}, {"name": "المحافظات"}],
}
OTHER = {"id": 5, "title": "خبر آخر عن مدينة بعيدة في الشمال", "content": HTML.replace("المشروع", "المصنع") * 3}
STATE = {"props": {"pageProps": {"related": [OTHER], "article": ARTICLE, "menu": [{"title": "الرئيسية"}]}}}


def shell(script, head=f'<meta property="og:title" content="{TITLE}">', body='<div id="root"></div>'):
    return f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{TITLE} - النهر</title>{head}</head><body>{body}{script}</body></html>'


def read_shell(markup, url=URL):
    spider = spider_of_any(url, "Asia/Riyadh")
    page = Page(url=url, captured=datetime(2024, 7, 20, tzinfo=UTC), body=markup.encode())
    return read(page, reading=spider.reading, addresses=spider.addresses)


def flat(value):
    """Return a value as Nuxt writes it: a list of values, in which numbers are places."""
    values = []

    def place(inner):
        number = len(values)
        values.append(None)
        if isinstance(inner, dict):
            values[number] = {key: place(part) for key, part in inner.items()}
        else:
            values[number] = [place(part) for part in inner] if isinstance(inner, list) else inner
        return number

    place(value)
    return values


def dumped(value):
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    "script",
    [
        f'<script id="__NEXT_DATA__" type="application/json">{dumped(STATE)}</script>',
        f'<script type="application/json" data-nuxt-data="nuxt-app" id="__NUXT_DATA__">{dumped(flat(STATE))}</script>',
        f"<script>window.__INITIAL_STATE__ = {dumped(STATE)};window.x=1</script>",
        f"<script>window['__PRELOADED_STATE__']={dumped(STATE)}</script>",
        f"<script>window.__STATE__=JSON.parse({dumped(dumped(STATE))})</script>",
        f'<script>self.__APP_STATE__="{base64.b64encode(dumped(STATE).encode()).decode()}"</script>',
        f"<script>window.__BROKEN__={{a:1}};window.__DATA__={dumped(STATE)}</script>",
    ],
    ids=["next", "nuxt", "redux", "brackets", "parse", "base64", "behind another"],
)
def test_the_article_of_a_state_is_read(script):
    article = read_shell(shell(script))
    assert (article.headline, article.text, article.provenance["text"]) == (TITLE, TEXT, "embedded-json")
    assert article.published == datetime(2024, 7, 19, 9, 23, tzinfo=UTC)
    assert article.modified == datetime(2024, 7, 19, 10, tzinfo=UTC)
    assert (article.byline, article.section) == (["سميرة توفيق"], "اقتصاد")
    assert "generic-extraction" in article.flags


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\n", "\n\n"),
        LINES,
        [{"type": "paragraph", "text": line} for line in LINES],
        [{"type": "paragraph", "data": {"text": line}} for line in LINES],
        {"blocks": [{"type": "paragraph", "data": {"text": line}} for line in LINES]},
        [{"type": "image", "text": "وصف صورة"}, *({"type": "html", "content": f"<p>{line}</p>"} for line in LINES)],
        [{"_type": "block", "children": [{"text": line[:20]}, {"text": line[20:]}]} for line in LINES],
        {"rendered": HTML},
        {"processed": HTML, "value": "x"},
    ],
    ids=["plain", "lines", "texts", "data", "editor", "kinds", "spans", "rendered", "processed"],
)
def test_a_text_as_systems_keep_it(content):
    state = {"data": {**ARTICLE, "content": content}}
    assert read_shell(shell(f"<script>window.__DATA__={dumped(state)}</script>")).text == TEXT


def test_the_object_of_the_address_is_the_page_s():
    state = {"list": [OTHER, {**ARTICLE, "title": "عنوان تغير بعد النشر كثيراً"}]}
    article = read_shell(shell(f"<script>window.__DATA__={dumped(state)}</script>", head=""))
    assert article.text == TEXT


@pytest.mark.parametrize(
    "state", [{"a": OTHER}, {"a": {**ARTICLE, "content": "قصير"}}, {"a": {"title": TITLE}}, [1, "x", None], "x"]
)
def test_a_state_without_the_page_s_article_says_nothing(state):
    with pytest.raises(ExtractionError) as refusal:
        read_shell(shell(f"<script>window.__DATA__={dumped(state)}</script>"))
    assert refusal.value.reason == "empty"


def test_a_page_that_shows_a_part_is_read_whole_and_one_that_shows_all_from_the_page():
    script = f"<script>window.__DATA__={dumped({'a': ARTICLE})}</script>"
    part = read_shell(shell(script, body=f"<main><h1>{TITLE}</h1><p>{LINES[0]}</p><button>اقرأ المزيد</button></main>"))
    assert (part.text, part.provenance["text"]) == (TEXT, "embedded-json")
    whole = read_shell(shell(script, body=f"<main><h1>{TITLE}</h1>{HTML}</main>"))
    assert (whole.text, whole.provenance["text"]) == (TEXT, "selector")


def test_json_ld_alone_holds_a_text():
    node = {"@type": "NewsArticle", "headline": TITLE, "articleBody": TEXT, "datePublished": "2024-07-19T09:23:00Z"}
    article = read_shell(shell(f'<script type="application/ld+json">{dumped(node)}</script>'))
    assert (article.text, article.provenance["text"]) == (TEXT, "json-ld")
    assert article.published == datetime(2024, 7, 19, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "script",
    [
        f"<script>window.__DATA__={'[' * 500_000}</script>",
        f"<script>window.__DATA__={{'a':{dumped(STATE)}</script>",
        f'<script>window.__DATA__="{"QUFB" * 1_000_000}"</script>',
        f'<script type="application/json">{dumped([{"a": [1] * 9}] * 100_000)}</script>',
        f'<script type="application/json">{dumped([{"a": 0}, *range(100_000)])}</script>',
        "<script>" + "window.__A__={" * 100_000 + "</script>",
        "<script type='application/json'" * 100_000,
        f"<script>window.__DATA__={dumped({'title': TITLE, 'content': [[['x'] * 9] * 9] * 999})}</script>",
    ],
    ids=["deep", "no JSON", "letters", "many", "flat", "names", "tags", "nested"],
)
def test_a_hostile_state_costs_little(script):
    def act():
        with pytest.raises(ExtractionError) as refusal:
            read_shell(shell(script))
        assert refusal.value.reason == "empty"

    assert takes_under(MOST_SECONDS, act)


def streamed(*rows, size=150):
    """Return rows as Next.js streams them: strings cut anywhere."""
    stream = "".join(rows)
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    return "".join(f"<script>self.__next_f.push([1,{dumped(piece)}])</script>" for piece in pieces)


NUXT = 'window.__NUXT__=(function(a,b){return {data:[{article:{id:77123,title:a,"content":b,hot:!0,x:-.5,}}],e:void 0}}'
CACHE = {
    "ROOT_QUERY": {"post": {"__ref": "Post:77123"}},
    "Post:77123": {"__typename": "Post", "title": TITLE, "content": HTML, "author": {"__ref": "User:1"}},
    "User:1": {"__typename": "User", "name": "سميرة توفيق"},
}
BLOCKS = {
    "ROOT_QUERY": {},
    "Post:77123": {"title": TITLE, "content({})": {"__ref": "Body:1"}},
    "Body:1": {"html": HTML},
}
ROW = f'2:I["(app)/page.js",["1"],"default"]\n1:["$","$L5",null,{dumped({"article": ARTICLE, "related": [OTHER]})}]\n'
TEXT_ROW = f'7:T{len(HTML.encode()):x},{HTML}1:["$","$L5",null,{dumped({"article": {**ARTICLE, "content": "$7"}})}]\n'


@pytest.mark.parametrize(
    "script",
    [
        streamed(ROW, size=10**6),
        streamed(ROW),
        streamed(TEXT_ROW),
        streamed('1:["$","$L5",null,{"article":"$8"}]\n', f"8:{dumped(ARTICLE)}\n"),
        f"<script>{NUXT}({dumped(TITLE)},{dumped(HTML)}));</script>",
        f"<script>window.__NUXT__={{data:[{{title:'{TITLE}',content:`{HTML}`,when:new Date(17)}}]}}</script>",
        f"<script>window.__APOLLO_STATE__ =\n {dumped(CACHE)};</script>",
        f"<script>window.__APOLLO_STATE__={dumped(BLOCKS)}</script>",
    ],
    ids=["stream", "cut", "a row of text", "reference", "arguments", "plain object", "cache", "keys with arguments"],
)
def test_a_state_whose_values_stand_elsewhere_in_it_is_read(script):
    article = read_shell(shell(script))
    assert (article.headline, article.text) == (TITLE, TEXT)
    assert article.provenance["text"] == "embedded-json"


def test_apollo_s_author_is_the_entry_that_the_post_refers_to():
    assert read_shell(shell(f"<script>window.__APOLLO_STATE__={dumped(CACHE)}</script>")).byline == ["سميرة توفيق"]


def test_a_state_that_is_a_script_is_named_and_not_run():
    code = (
        f"window.__NUXT__=(function(a){{a.title={dumped(TITLE)};a.content={dumped(HTML)};return {{data:[a]}}}}({{}}));"
    )
    with pytest.raises(ExtractionError, match="its state cannot be read") as refusal:
        read_shell(shell(f"<script>{code}</script>"))
    assert refusal.value.reason == "empty"
    shown = read_shell(shell(f"<script>{code}</script>", body=f"<article><h1>{TITLE}</h1>{HTML}</article>"))
    assert shown.text == TEXT


@pytest.mark.parametrize(
    "script",
    ["[" * 10**5, "{a:" * 10**5, "[" + "1," * 10**6, "(function(a){return " + "a+" * 10**5, '"' + "\\" * 10**6],
)
def test_a_hostile_script_costs_little(script):
    def act():
        with pytest.raises(ExtractionError):
            read_shell(shell(f"<script>window.__NUXT__={script}</script>"))

    assert takes_under(MOST_SECONDS, act)
