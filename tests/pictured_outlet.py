"""A little outlet whose article has pictures, styles and a font: on its own host, and on one that serves pictures."""

import random
import struct
import zlib
from pathlib import Path

from tests.little_outlet import HOST, MAP, SENTENCE, LittleOutlet, path, sitemap
from tests.replica.wire.message import Response, html, redirect

CDN = "www.skynewsarabia.com"  # any host of which the replica has a certificate
FONT = Path(__file__).parents[1] / "archive/site/static/naskh-arabic.woff2"
PAGE = path("harbour-opens")
URL = f"https://{HOST}{PAGE}"
LEAD, SECOND = f"https://{HOST}/wp-content/uploads/harbour.png", f"https://{CDN}/pictures/ships.png"
GONE, CLOSED, FILM, HUGE = (
    f"https://{CDN}/{name}" for name in ("pictures/gone.png", "closed/a.png", "pictures/film.png", "pictures/huge.png")
)
MOVED = SECOND.replace("ships", "ships-2")
NEAR, FAR = "http://169.254.169.254/latest/meta-data.png", f"https://{HOST}/wp-content/uploads/wide.png"
STYLE = """@import "/more.css";
@font-face { font-family: Naskh; src: url(/fonts/naskh.woff2) format("woff2"), url(/fonts/naskh.ttf) format("truetype"); }
body { margin: 0; font: 24px Naskh, serif; background: #eef url("/img/paper.png"); }
/* url(/img/never.png) */
main { width: 900px; margin: 40px auto; background: #fff; padding: 20px; }
"""


def picture(width, height, colour):
    """Return a PNG of one colour (three bytes), or of a row of pixels."""
    colour = bytes(colour)
    row = b"\x00" + (colour * width if len(colour) == 3 else colour)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    )


GRAIN = random.Random(4).randbytes(3 * 900)


def png(*what):
    return Response(picture(*what), content_type="image/png")


def article_page(*more_lines):
    lines = [*(SENTENCE.format(n) for n in range(1, 5)), *more_lines]
    texts = "".join(f"<p>{line}</p>" for line in lines)
    more = "".join(
        f'<figure><img src="{url}" width="300" height="200"></figure>'
        for url in (SECOND, GONE, CLOSED, FILM, HUGE, NEAR)
    )
    return html(
        f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>افتتاح الميناء | الجزيرة نت</title>'
        f'<link rel="stylesheet" href="/site.css"><link rel="icon" href="data:,"><meta property="og:type" content="article">'
        f'<meta name="publishedDate" content="2026-05-20T09:30:00"></head><body><main><h1>افتتاح الميناء الجديد على الساحل الشرقي</h1>'
        f'<figure class="article-featured-image"><img src="{LEAD}"></figure>'
        f'<img class="wide" src="/img/fallback.png" srcset="{FAR} 1200w, /img/half.png 600w, /img/tiny.png 100w" sizes="(max-width: 700px) 100vw, 620px" width="620" height="90">'
        f'<video src="/films/a.mp4" poster="/img/poster.png" width="200"></video><audio src="/films/a.mp3"></audio>'
        f'<div class="wysiwyg wysiwyg--all-content">{texts}{more}</div></main></body></html>'
    )


class PicturedOutlet(LittleOutlet):
    """Keeps the requests in ``log`` as every replica does."""

    def __init__(self):
        super().__init__()
        self.cdn = {
            "/robots.txt": Response(b"User-agent: *\nDisallow: /closed/\n", content_type="text/plain"),
            "/pictures/ships.png": Response(
                b"<h1>302 Found</h1>", status=302, headers=[("Location", MOVED)], validators=False
            ),  # as servers redirect: with a page of HTML
            "/pictures/ships-2.png": png(300, 200, (0, 90, 160)),
            "/closed/a.png": Response(
                b"closed", content_type="image/png"
            ),  # broken, so that a page looks alike without it
            "/pictures/film.png": Response(random.Random(2).randbytes(4000), content_type="video/mp4"),
            "/pictures/huge.png": Response(random.Random(1).randbytes(300_000), content_type="image/png"),
        }
        self.pages = {
            MAP: sitemap("harbour-opens"),
            PAGE: article_page(),
            "/wp-content/uploads/harbour.png": png(900, 300, GRAIN),
            "/wp-content/uploads/wide.png": png(620, 90, (20, 120, 20)),
            "/img/half.png": png(600, 90, (120, 120, 20)),
            "/img/fallback.png": png(620, 90, (0, 0, 0)),
            "/img/paper.png": redirect("/img/paper-2.png?a=1&copy=2"),
            "/img/paper-2.png": png(8, 8, (230, 230, 255)),
            "/img/poster.png": png(200, 100, (90, 0, 90)),
            "/img/dots.png": Response(picture(8, 8, (200, 200, 200)), content_type="binary/octet-stream"),
            "/site.css": Response(STYLE.encode(), content_type="text/css"),
            "/more.css": Response(
                b"h1 { color: #a00; border-bottom: 6px solid; background: url(img/dots.png) }", content_type="text/css"
            ),
            "/fonts/naskh.woff2": Response(FONT.read_bytes(), content_type="font/woff2"),
        }

    @property
    def env(self):
        found = super().env
        return {**found, "CONNECT_TO": f"{found['CONNECT_TO']},{CDN}:443:127.0.0.1:{self.tls_port}"}

    @property
    def browser_arguments(self):
        """What leads a Chromium here by the hosts' own names, whatever it thinks of the certificate."""
        rules = ",".join(f"MAP {host}:443 127.0.0.1:{self.tls_port}" for host in (HOST, CDN))
        return (f"--host-resolver-rules={rules}", "--ignore-certificate-errors")

    def _answer(self, request):
        if request.host == CDN:
            return self.cdn.get(request.path, Response(b"", status=404, validators=False))
        return super()._answer(request)
