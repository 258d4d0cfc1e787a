"""Block pages under status 200, as only reading recognises them, end a crawl; articles that speak of them do not."""

from tests.crawling import lines_of
from tests.little_outlet import MAP, LittleOutlet, page, path, reports, sitemap
from tests.replica.wire.message import html

SLUGS = [f"port-{n}" for n in range(12)]
WINDOW = ("-a", "since=2026-05-19", "-s", "BREAKER_LIMIT=4")
NOON = "2026-05-20T12:00:00+00:00"
WALL = (
    '<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>الجزيرة نت</title></head><body>'
    "<p>يُرجى التأكّد من أنّك لستَ روبوتًا للمتابعة.</p></body></html>"
)


def test_arabic_block_pages_open_the_breaker(tmp_path):
    with LittleOutlet() as outlet:
        outlet.pages = {path(slug): html(WALL) for slug in SLUGS} | {MAP: sitemap(*SLUGS)}
        answer = outlet.crawl(tmp_path, *WINDOW, at=NOON)
        asked = [entry.path for entry in outlet.log if entry.path.startswith("/news/2026")]
    assert answer.returncode == 5, answer.stderr
    (report,) = reports(tmp_path)
    assert report["finish_reason"] == "blocked"
    assert report["blocks"]["answers"]["block-page"] == report["articles"]["unreadable"]["block-page"] == len(asked)
    assert 4 <= len(asked) < len(SLUGS)


def test_articles_that_speak_of_block_pages_do_not(tmp_path):
    words = ("ظهرت للزوار عبارة Access Denied ثم 403 Forbidden قبل أن يعود الموقع إلى العمل مساء أمس.",)
    with LittleOutlet() as outlet:
        outlet.pages = {path(s): page(s, f"403 Forbidden: حجب المواقع {s}", *words * 2) for s in SLUGS[:6]}
        outlet.pages[MAP] = sitemap(*SLUGS[:6])
        answer = outlet.crawl(tmp_path, *WINDOW, at=NOON)
    assert answer.returncode == 0, answer.stderr
    assert len(lines_of(tmp_path / "collection")) == 6
    (report,) = reports(tmp_path)
    assert report["blocks"]["answers"] == {}
