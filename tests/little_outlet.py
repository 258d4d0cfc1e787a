"""An outlet of a few pages that a test writes itself: Al Jazeera's addresses, everything else is not there."""

import json
from operator import itemgetter

from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica
from tests.replica.wire.message import Response, html, xml

HOST = "www.aljazeera.net"
MAP = "/sitemap.xml"
LACKING = Response(b"", status=404, validators=False)
SENTENCE = (
    "قال مسؤول محلي إن العمل في الميناء الجديد سيبدأ خلال الأسبوع رقم {}، وإن السفن الأولى سترسو فيه قبل نهاية العام."
)


def path(slug, day="2026/5/20"):
    return f"/news/{day}/{slug}"


def page(slug, headline, *lines, head="", linked=True, published="2026-05-20T09:30:00Z"):
    """Return an article's page; without ``linked`` it has no JSON-LD."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": headline, "datePublished": published}
    node["url"] = f"https://{HOST}{path(slug)}"
    data = f'<script type="application/ld+json">{json.dumps(node, ensure_ascii=False)}</script>' if linked else ""
    texts = "".join(f"<p>{line}</p>" for line in lines or [SENTENCE.format(n) for n in range(1, 5)])
    return html(
        f'<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>{headline} | الجزيرة نت</title>{data}{head}</head>'
        f'<body><main><h1>{headline}</h1><div class="wysiwyg wysiwyg--all-content">{texts}</div></main></body></html>'
    )


def sitemap(*slugs, scheme="https"):
    urls = "".join(f"<url><loc>{scheme}://{HOST}{path(slug)}</loc></url>" for slug in slugs)
    return xml(f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')


class LittleOutlet(Replica):
    """Answers with ``pages`` (path → Response or a function of the request); ``plain``: it speaks http alone."""

    def __init__(self, *, plain=False, host=HOST):
        super().__init__(days=1)
        self.pages = {}
        self.host = host
        self.plain = plain

    @property
    def env(self):
        ports = [("443", self.tls_port), ("80", self.plain_port)]
        if self.plain:
            ports = [("443", 9), ("80", self.plain_port)]  # nobody listens on the discard port
        routes = [f"{self.host}:{port}:127.0.0.1:{there}" for port, there in ports]
        return {**super().env, "CONNECT_TO": ",".join(routes)}

    def _answer(self, request):
        found = self.pages.get(request.path, LACKING)
        return found(request) if callable(found) else found

    def crawl(self, folder, *words, at=None, outlet="aljazeera", timeout=170):
        """Crawl it, as if it were ``at`` where that is given; return the finished process."""
        module = ("tests.at", at) if at else ()
        command = (*module, "scrapy", "crawl", outlet, *QUICK, "-s", "RETRY_TIMES=0", *words)
        return run(*command, timeout=timeout, **places(folder), **self.env)


def events(folder, kind):
    return [line for line in lines_of(folder / "collection", "events") if line["event"] == kind]


def reports(folder):
    """Return the reports of all crawls, the oldest first."""
    found = [json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("collection/reports/**/*.json")]
    return sorted(found, key=itemgetter("started", "finished"))  # two may have begun in one second
