"""Sites as widespread systems make them: WordPress, Drupal, Joomla, Next.js, ASP. Small, whole, answered without a socket or over one.

Site.answer(path with query) ──▶ (status, content type, body)         Site.truth ──▶ path ▸ fields of its article
"""

import gzip
import json
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote, unquote

TOPICS = {
    "economy": ("اقتصاد", "الميناء", "السفن", "التجار"),
    "sport": ("رياضة", "الملعب", "اللاعبون", "الجمهور"),
    "culture": ("ثقافة", "المتحف", "اللوحات", "الزوار"),
}
AUTHORS = ("سلمى الخطيب", "عمر النجار", "هالة درويش")
A_PAGE = 10
XML = '<?xml version="1.0" encoding="UTF-8"?>'


class Piece:
    """One article; ``number`` makes it."""

    def __init__(self, number, now):
        slug, (section, place, first, second) = list(TOPICS.items())[number % 3][0], list(TOPICS.values())[number % 3]
        self.number, self.slug, self.section = number, slug, section
        self.headline = f"{place} يستقبل {first} للمرة {number} منذ بداية العام"
        self.standfirst = f"{second} يقولون إن الموسم رقم {number} أفضل من الذي سبقه بكثير."
        self.text = [
            f"قال مدير {place} في حديثه رقم {number} إن {first} سيعودون في الخريف المقبل بأعداد لم يعرفها المكان من قبل.",
            f"وأضاف أن {second} ينتظرون منذ {number} يوما قرارا بتوسيع المدخل الشرقي الذي أغلق في الشتاء الماضي.",
            f"ويذكر أن {place} بني قبل {number + 40} عاما على أرض تبرع بها أهل الحي حين كانت المدينة قرية صغيرة.",
        ]
        self.byline = [AUTHORS[number % 3]]
        self.tags = [place, section, f"{first} {number % 5}"]
        self.published = now - timedelta(hours=5 * number + 1, minutes=7 * number % 60)


class Site:
    """A made site of ``count`` articles, newest first."""

    host, zone, name, charset = "", timedelta(hours=3), "", "utf-8"
    lacks = ()  # fields that its pages do not tell

    def __init__(self, count=45, scheme="https"):
        self.scheme = scheme
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        self.pieces = [Piece(number, now) for number in range(1, count + 1)]
        self.truth = {self.path(piece): piece for piece in self.pieces}
        self.pages = {}
        self.build()

    def answer(self, target):
        names = (target, quote(target, safe="/?&=%"), unquote(target))
        found = next((self.pages[name] for name in names if name in self.pages), None)
        return (200, *found) if found else (404, "text/html; charset=utf-8", b"<h1>404</h1>")

    def add(self, target, body, content_type=None):
        packed = body if isinstance(body, bytes) else body.encode(self.charset, "xmlcharrefreplace")
        self.pages[target] = content_type or f"text/html; charset={self.charset}", packed

    def local(self, piece):
        return piece.published + self.zone

    def url(self, piece):
        return f"{self.scheme}://{self.host}{quote(self.path(piece))}"

    def listing(self, base, pieces, frame, page, pager):
        pages = [pieces[at : at + A_PAGE] for at in range(0, len(pieces), A_PAGE)]
        for number, here in enumerate(pages):
            more = pager(base, number + 1) if number + 1 < len(pages) else ""
            self.add(page(base, number), frame("".join(map(self.teaser, here)) + more))

    def sitemap(self):
        rows = "".join(
            f"<url><loc>{self.url(p)}</loc><lastmod>{p.published:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
            for p in self.pieces
        )
        return f'{XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'

    def feed(self):
        items = "".join(
            f"<item><title>{p.headline}</title><link>{self.url(p)}</link><dc:creator><![CDATA[{p.byline[0]}]]></dc:creator>"
            f"<pubDate>{p.published:%a, %d %b %Y %H:%M:%S} +0000</pubDate><category><![CDATA[{p.section}]]></category>"
            f"<description><![CDATA[{p.text[0][:60]} [&#8230;]]]></description></item>"
            for p in self.pieces[:A_PAGE]
        )
        return (
            f'{XML}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{self.name}</title>'
            f"<link>{self.scheme}://{self.host}</link><language>ar</language>{items}</channel></rss>"
        )


class WordPress(Site):
    """Posts below their day, a sitemap that robots.txt names, a feed in every head, categories with ``page-numbers``."""

    host, name = "www.al-mina.example", "جريدة الميناء"

    def path(self, piece):
        day = self.local(piece)
        return f"/{day:%Y/%m/%d}/{'-'.join(piece.headline.split())}"

    def frame(self, main, head="", title=None):
        menu = "".join(
            f'<li class="menu-item"><a href="/category/{slug}/">{words[0]}</a></li>' for slug, words in TOPICS.items()
        )
        return (
            f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title or ""} - {self.name}</title>{head}'
            f'<link rel="alternate" type="application/rss+xml" href="{self.scheme}://{self.host}/feed/"><link rel="alternate" hreflang="en" href="//[en/"><meta name="generator" content="WordPress 6.5"></head>'
            f'<body class="rtl"><header class="site-header"><nav><ul class="menu">{menu}<li><a href="/about/">من نحن</a></li><li><a href="http://[">خارج</a></li></ul></nav></header>'
            f'<div id="content"><main>{main}</main><aside class="widget-area"><h3>أحدث المقالات</h3></aside></div><footer>جميع الحقوق محفوظة</footer></body></html>'
        )

    def teaser(self, piece):
        return f'<article class="post"><h2 class="entry-title"><a href="{quote(self.path(piece))}/">{piece.headline}</a></h2><p>{piece.standfirst}</p></article>'

    def build(self):
        self.add(
            "/robots.txt",
            f"User-agent: *\nDisallow: /wp-admin/\nSitemap: {self.scheme}://{self.host}/wp-sitemap.xml\n",
            "text/plain",
        )
        index = f"<sitemap><loc>{self.scheme}://{self.host}/wp-sitemap-posts-post-1.xml</loc></sitemap><sitemap><loc>{self.scheme}://{self.host}/wp-sitemap-users-1.xml</loc></sitemap>"
        self.add(
            "/wp-sitemap.xml",
            f'{XML}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{index}</sitemapindex>',
            "application/xml",
        )
        self.add("/wp-sitemap-posts-post-1.xml", self.sitemap(), "application/xml")
        self.add("/feed/", self.feed(), "application/rss+xml")

        def page(base, number):
            return base if not number else f"{base}page/{number + 1}/"

        def pager(base, number):
            return f'<nav class="pagination"><a class="next page-numbers" href="{page(base, number)}">التالي</a></nav>'

        self.listing("/", self.pieces, self.frame, page, pager)
        for slug in TOPICS:
            self.listing(f"/category/{slug}/", [p for p in self.pieces if p.slug == slug], self.frame, page, pager)
        for piece in self.pieces:
            self.add(quote(self.path(piece)) + "/", self.article(piece))
            self.add(quote(self.path(piece)), self.article(piece))

    def article(self, piece):
        day = self.local(piece)
        head = (
            f'<link rel="canonical" href="{self.url(piece)}/"><meta property="og:site_name" content="{self.name}"><meta property="og:type" content="article">'
            f'<meta property="og:title" content="{escape(piece.headline)}"><meta property="article:published_time" content="{piece.published:%Y-%m-%dT%H:%M:%S}+00:00">'
            f'<meta name="author" content="{piece.byline[0]}"><meta name="description" content="{piece.standfirst}">'
        )
        tags = "".join(f'<a href="/tag/{quote(tag)}/" rel="tag">{tag}</a>' for tag in piece.tags)
        text = "".join(f"<p>{line}</p>" for line in piece.text)
        return self.frame(
            f'<article id="post-{piece.number}" class="post-{piece.number} post type-post"><header class="entry-header"><h1 class="entry-title">{piece.headline}</h1>'
            f'<p class="entry-summary">{piece.standfirst}</p><div class="entry-meta"><time class="entry-date" datetime="">{day:%d/%m/%Y} {day:%H:%M}</time>'
            f'<span class="byline"><a class="url fn" href="/author/{piece.number % 3}/">{piece.byline[0]}</a></span>'
            f'<a rel="category tag" class="cat-link" href="/category/{piece.slug}/">{piece.section}</a></div></header>'
            f'<div class="entry-content">{text}</div><footer class="entry-footer">{tags}</footer></article>',
            head,
            piece.headline,
        )


class Plain(WordPress):
    """WordPress without a word in its addresses (``/?p=12``) and without sitemap and feed: what it has is its API, and the front page."""

    host, name = "www.al-wadi.example", "جريدة الوادي"

    def path(self, piece):
        return f"/?p={piece.number}"

    def url(self, piece):
        return f"{self.scheme}://{self.host}{self.path(piece)}"

    def frame(self, main, head="", title=None):
        menu = "".join(
            f'<li class="menu-item"><a href="/?cat={number}">{words[0]}</a></li>'
            for number, words in enumerate(TOPICS.values(), 1)
        )
        api = f'<link rel="https://api.w.org/" href="{self.scheme}://{self.host}/wp-json/">'
        return (
            f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title or ""} - {self.name}</title>{head}{api}</head>'
            f'<body class="rtl"><header class="site-header"><nav><ul class="menu">{menu}</ul></nav></header><div id="content"><main>{main}</main></div></body></html>'
        )

    def teaser(self, piece):
        return f'<article class="post"><h2 class="entry-title"><a href="{self.path(piece)}">{piece.headline}</a></h2></article>'

    def build(self):
        self.add("/robots.txt", "User-agent: *\nDisallow: /wp-admin/\n", "text/plain")
        self.add("/", self.frame("".join(map(self.teaser, self.pieces[:A_PAGE]))))
        for number, slug in enumerate(TOPICS, 1):
            pieces = [piece for piece in self.pieces if piece.slug == slug][:A_PAGE]
            self.add(f"/?cat={number}", self.frame("".join(map(self.teaser, pieces))))
        for piece in self.pieces:
            self.add(self.path(piece), self.article(piece))
        for number, at in enumerate(range(0, len(self.pieces), 20)):
            entries = [
                {
                    "id": p.number,
                    "link": self.url(p),
                    "date": f"{self.local(p):%Y-%m-%dT%H:%M:%S}",
                    "title": {"rendered": p.headline},
                }
                for p in self.pieces[at : at + 20]
            ]
            page = f"&page={number + 1}" if number else ""
            self.add(
                f"/wp-json/wp/v2/posts?per_page=20&_fields=id,link,date,title{page}",
                json.dumps(entries),
                "application/json",
            )


class Drupal(Site):
    """Addresses of section and slug, no sitemap; a feed that the front page links; sections with Drupal's pager."""

    host, name, zone = "www.aldar.example.eg", "صحيفة الدار", timedelta(hours=2)

    def path(self, piece):
        return f"/{piece.slug}/{'-'.join(piece.headline.split())}-{piece.number + 15000}"

    def frame(self, main, head="", title=None):
        menu = "".join(f'<li><a href="/{slug}">{words[0]}</a></li>' for slug, words in TOPICS.items())
        return (
            f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title or "الرئيسية"} | {self.name}</title>{head}'
            f'<link rel="alternate" type="application/rss+xml" href="/rss.xml"><meta name="Generator" content="Drupal 10"></head><body>'
            f'<div class="region-primary-menu"><ul class="menu">{menu}<li><a href="/contact">اتصل بنا</a></li></ul></div>'
            f'<main role="main">{main}</main><footer class="site-footer">جميع الحقوق محفوظة</footer></body></html>'
        )

    def teaser(self, piece):
        return f'<div class="views-row"><h3 class="field-content"><a href="{quote(self.path(piece))}">{piece.headline}</a></h3></div>'

    def build(self):
        self.add("/robots.txt", "User-agent: *\nDisallow: /admin/\nDisallow: /user/\n", "text/plain")
        self.add("/rss.xml", self.feed(), "application/rss+xml")

        def page(base, number):
            return base if not number else f"{base}?page={number}"

        def pager(base, number):
            return f'<ul class="pager__items"><li class="pager__item pager__item--next"><a href="?page={number}">التالي</a></li></ul>'

        self.listing("/", self.pieces[:A_PAGE], self.frame, page, pager)
        for slug in TOPICS:
            self.listing(f"/{slug}", [p for p in self.pieces if p.slug == slug], self.frame, page, pager)
        for piece in self.pieces:
            self.add(quote(self.path(piece)), self.article(piece))

    def article(self, piece):
        day = self.local(piece)
        head = (
            f'<meta property="og:site_name" content="{self.name}"><meta name="keywords" content="{", ".join(piece.tags)}">'
            f'<meta name="description" content="{piece.standfirst}"><meta property="og:title" content="{escape(piece.headline)}">'
            f'<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "{piece.headline}", '
            f'"datePublished": "{day:%Y-%m-%dT%H:%M:%S}+0200", "author": {{"@type": "Person", "name": "{piece.byline[0]}"}}}}</script>'
        )
        text = "".join(f"<p>{line}</p>" for line in piece.text)
        return self.frame(
            f'<ol class="breadcrumb"><li><a href="/">الرئيسية</a></li><li><a href="/{piece.slug}">{piece.section}</a></li></ol>'
            f'<article class="node node--type-article" data-history-node-id="{piece.number + 15000}"><h1 class="page-title">{piece.headline}</h1>'
            f'<div class="field--name-field-standfirst">{piece.standfirst}</div><div class="node__submitted">{day:%d/%m/%Y - %H:%M}</div>'
            f'<div class="field--name-field-author"><a href="/writers/{piece.number % 3}">{piece.byline[0]}</a></div>'
            f'<div class="field--name-body">{text}</div></article>',
            head,
            piece.headline,
        )


class Joomla(Site):
    """Numbers at the head of slugs, pages of a section by ``?start=``, no sitemap, no feed; windows-1256."""

    host, name, charset, lacks = "www.al-nakhil.example.iq", "صحيفة النخيل", "windows-1256", ("standfirst",)

    def path(self, piece):
        return f"/index.php/{piece.slug}/{piece.number + 300}-article-{piece.number + 300}"

    def frame(self, main, head="", title=None):
        menu = "".join(f'<li><a href="/index.php/{slug}">{words[0]}</a></li>' for slug, words in TOPICS.items())
        return (
            f'<!DOCTYPE html><html lang="ar-aa" dir="rtl"><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1256">'
            f'<meta name="generator" content="Joomla!"><title>{title or self.name}</title>{head}</head><body><div id="menu">'
            f'<ul class="menu nav">{menu}</ul></div><div id="content">{main}</div><div id="footer">جميع الحقوق محفوظة</div></body></html>'
        )

    def teaser(self, piece):
        return f'<div class="items-row"><h2><a href="{self.path(piece)}">{piece.headline}</a></h2></div>'

    def build(self):
        def page(base, number):
            return base if not number else f"{base}?start={number * A_PAGE}"

        def pager(base, number):
            back = f'<li><a class="pagenav" href="{page(base, number - 2)}">السابق</a></li>' if number > 1 else ""
            return f'<ul>{back}<li class="pagination-next"><a class="pagenav" href="{page(base, number)}">التالي</a></li></ul>'

        self.add("/", self.frame("".join(map(self.teaser, self.pieces[:A_PAGE]))))
        for slug in TOPICS:
            pieces = [piece for piece in self.pieces if piece.slug == slug]
            self.listing(f"/index.php/{slug}", pieces, self.frame, page, pager)
        for piece in self.pieces:
            self.add(self.path(piece), self.article(piece))

    def article(self, piece):
        day, text = self.local(piece), "".join(f"<p>{line}</p>" for line in piece.text)
        return self.frame(
            f'<div class="item-page" itemscope itemtype="http://schema.org/Article"><h2 itemprop="name">{piece.headline}</h2><dl class="article-info">'
            f'<dd class="createdby" itemprop="author" itemscope itemtype="http://schema.org/Person">كتب بواسطة: <span itemprop="name">{piece.byline[0]}</span></dd>'
            f'<dd class="category-name">القسم: <a href="/index.php/{piece.slug}">{piece.section}</a></dd><dd class="published">'
            f'<time datetime="{day:%Y-%m-%dT%H:%M:%S}+03:00" itemprop="datePublished">نشر بتاريخ: {day:%d/%m/%Y}</time></dd></dl>'
            f'<div itemprop="articleBody">{text}</div></div>',
            f'<meta name="keywords" content="{", ".join(piece.tags)}">',
            piece.headline,
        )


class NextShell(Site):
    """Next.js: the page shows a headline, its state has the text; addresses without a word; a summary that no page shows."""

    host, name, zone, lacks = "www.al-saha.example.ae", "الساحة", timedelta(hours=4), ("standfirst", "section", "tags")

    def path(self, piece):
        return f"/articles/{piece.number * 7919:08x}-{piece.number:04x}"

    def frame(self, main, title=None, props=None):
        menu = "".join(f'<a href="/section/{slug}">{words[0]}</a>' for slug, words in TOPICS.items())
        state = json.dumps({"props": {"pageProps": props or {}}, "page": "/x", "buildId": "b1"}, ensure_ascii=False)
        return (
            f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title or "الرئيسية"} | {self.name}</title></head>'
            f'<body><div id="__next"><header><nav>{menu}</nav></header><main>{main}</main></div>'
            f'<script id="__NEXT_DATA__" type="application/json">{state}</script></body></html>'
        )

    def teaser(self, piece):
        return f'<a class="Card_card__x1" href="{self.path(piece)}"><h3>{piece.headline}</h3></a>'

    def build(self):
        def page(base, number):
            return base if not number else f"{base}?page={number + 1}"

        def pager(base, number):
            return f'<a rel="next" href="{page(base, number)}">المزيد</a>'

        self.add("/", self.frame("".join(map(self.teaser, self.pieces[:A_PAGE]))))
        for slug in TOPICS:
            self.listing(f"/section/{slug}", [p for p in self.pieces if p.slug == slug], self.frame, page, pager)
        for piece in self.pieces:
            said = {
                "id": piece.number,
                "title": piece.headline,
                "summary": piece.standfirst,
                "body": "".join(f"<p>{line}</p>" for line in piece.text),
                "publishedAt": f"{piece.published:%Y-%m-%dT%H:%M:%SZ}",
                "author": {"name": piece.byline[0]},
            }
            self.add(
                self.path(piece),
                self.frame(f'<h1 class="Art_t__1">{piece.headline}</h1>', piece.headline, {"article": said}),
            )


class Asp(Site):
    """Addresses of a number alone, sections by ``?cat=``, an index of packed sitemaps, tables, words run together in classes."""

    host, name, charset = "www.al-jabal.example.sa", "جريدة الجبل", "windows-1256"
    lacks = ("standfirst", "section", "tags")

    def path(self, piece):
        return f"/{piece.number + 250000}"

    def frame(self, main, title=None):
        menu = "".join(
            f'<td><a href="/default.aspx?cat={number}">{words[0]}</a></td>'
            for number, words in enumerate(TOPICS.values(), 1)
        )
        return (
            f'<html dir="rtl"><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1256"><title>{self.name}{f" - {title}" if title else ""}</title></head>'
            f'<body><table class="menu"><tr>{menu}</tr></table><table width="100%"><tr><td class="content">{main}</td></tr></table></body></html>'
        )

    def teaser(self, piece):
        return f'<div class="newsrow"><a class="newstitle" href="{self.path(piece)}">{piece.headline}</a></div>'

    def build(self):
        root = f"{self.scheme}://{self.host}"
        self.add("/robots.txt", f"User-agent: *\nDisallow: /cp/\nSitemap: {root}/sitemap_index.xml\n", "text/plain")
        index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{root}/maps/1.xml.gz</loc></sitemap></sitemapindex>'
        self.add("/sitemap_index.xml", f"{XML}{index}", "text/xml")
        self.add("/maps/1.xml.gz", gzip.compress(self.sitemap().encode()), "application/x-gzip")

        def page(base, number):
            return base if not number else f"{base}&page={number + 1}"

        def pager(base, number):
            return f'<div class="pager"><a href="{page(base, number)}">التالي »</a></div>'

        self.add("/", self.frame("".join(map(self.teaser, self.pieces[:A_PAGE]))))
        for number, slug in enumerate(TOPICS, 1):
            pieces = [piece for piece in self.pieces if piece.slug == slug]
            self.listing(f"/default.aspx?cat={number}", pieces, self.frame, page, pager)
        for piece in self.pieces:
            day, text = self.local(piece), "".join(f"<p>{line}</p>" for line in piece.text)
            info = f'<span class="newsdate">{day:%d/%m/%Y} الساعة {day:%H:%M}</span> <span class="newsauthor">{piece.byline[0]}</span>'
            main = f'<div class="newshead"><h1>{piece.headline}</h1><div class="newsinfo">{info}</div></div><div class="newstext">{text}</div>'
            self.add(self.path(piece), self.frame(main, piece.headline))
