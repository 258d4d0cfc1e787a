"""A held article is told as vanished where two witnesses say so, or one on two days; what stands again is told as such."""

import pytest

from tests.crawling import lines_of, run
from tests.little_outlet import HOST, MAP, LittleOutlet, events, page, path, sitemap
from tests.replica.wire.message import Response, html, redirect

WINDOW = ("-a", "since=2026-05-19")
AGES = ("-s", "RELOOK_AGES=1 h,6 h")
SLUGS = ("bare", "words", "front", "missing", "section", "moved", "canonical", "number", "cookies", "other")
OWN = [
    "بدأت فرق الصيانة تركيب المنارة الثالثة على الرصيف الشرقي بعد وصول قطعها من المصنع في الخريف.",
    "وتقول الهيئة إن المنارة ترى من ثلاثين كيلومترا، وإن حارسها القديم سيشعلها أول مرة بيده.",
    "ويذكر سكان الحي أن المنارة الأولى بنيت قبل قرن من حجارة الجبل القريب وظلت تعمل بالزيت.",
]
NOT_FOUND = "<title>عذراً، الصفحة غير موجودة | الجزيرة نت</title><h1>الصفحة غير موجودة</h1><p>عد إلى الصفحة الرئيسية، أو ابحث في الموقع.</p>"
CARDS = "".join(
    f'<article><a href="{path(f"other-{n}")}"><h3>عنوان خبر آخر في الصفحة الأولى رقم {n}</h3></a>'
    f"<p>ملخص الخبر رقم {n} في سطر طويل يقول ما جرى في المدينة صباح اليوم وما قاله المسؤولون عنه بعد ذلك.</p></article>"
    for n in range(12)
)
FRONT = f'<head><title>الجزيرة نت</title><link rel="canonical" href="https://{HOST}/"></head><main>{CARDS}</main>'


class Told:
    """Three crawls: the articles; two hours later, when most pages have become something else; a day later."""

    def __init__(self, folder):
        with LittleOutlet() as outlet:
            outlet.pages = {path(slug): page(slug, f"افتتاح الميناء الجديد {slug}") for slug in SLUGS}
            outlet.pages[path("number")] = page("number", "404 شهداء في غارات على المدينة منذ الفجر")
            outlet.pages[path("cookies")] = page("cookies", "غوغل تلغي ملفات تعريف الارتباط")
            outlet.pages[path("moved")] = page("moved", "افتتاح الميناء الجديد moved", *OWN)
            outlet.pages[path("other")] = page("other", "خبر آخر لم يعد له مكان", published="2026-05-20T09:20:00Z")
            outlet.pages[MAP] = sitemap(*SLUGS)
            whole = dict(outlet.pages)
            codes = [outlet.crawl(folder, *WINDOW, at="2026-05-20T10:00:00+00:00").returncode]
            outlet.pages |= {
                path("bare"): Response(b"", status=404, validators=False),
                path("words"): html(NOT_FOUND),
                path("front"): html(FRONT),
                path("missing"): html(NOT_FOUND, status=404),
                path("section"): redirect("/politics/", 302),
                "/politics/": html(f"<head><title>سياسة</title></head><h1>سياسة</h1>{CARDS}"),
                path("moved"): redirect(path("moved-on"), 301),
                path("moved-on"): page("moved-on", "افتتاح الميناء الجديد moved", *OWN),
                path("other"): redirect(path("number"), 301),
                path("canonical"): page(
                    "canonical",
                    "افتتاح الميناء الجديد canonical",
                    head=f'<link rel="canonical" href="https://{HOST}/">',
                ),
            }
            codes.append(outlet.crawl(folder, *AGES, at="2026-05-20T12:00:00+00:00").returncode)
            outlet.pages |= {slug: whole[slug] for slug in (path("words"), path("missing"))}
            outlet.pages[MAP] = sitemap("moved-on", "number")  # announced under its new address alone
            codes.append(outlet.crawl(folder, *AGES, at="2026-05-21T12:00:00+00:00").returncode)
            self.environment = {
                **outlet.env,
                "ARCHIVE_URI": str(folder / "collection"),
                "SPOOL_DIR": str(folder / "spool"),
            }
        self.codes, self.folder = codes, folder
        first = [line for line in lines_of(folder / "collection") if line["version"] == 1]
        self.slug = {line["id"]: line["url"].rpartition("/")[2] for line in first}

    def of(self, kind, day=""):
        return {self.slug[line["id"]]: line for line in events(self.folder, kind) if line["at"].startswith(day)}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("standing"))


def test_every_article_is_held(told):
    assert told.codes[0] == 0
    assert set(told.slug.values()) == set(SLUGS)
    lines = lines_of(told.folder / "collection")
    flags = {line["url"].rpartition("/")[2]: line["flags"] for line in lines}
    assert "canonical-home" not in flags["canonical"]


def test_one_witness_says_missing_two_say_vanished_and_an_article_that_stands_is_unchanged(told):
    assert {slug: line["outcome"] for slug, line in told.of("look", "2026-05-20").items()} == {
        "bare": "missing",
        "words": "missing",
        "front": "missing",
        "missing": "vanished",
        "section": "vanished",
        "moved": "moved",
        "canonical": "unchanged",
        "number": "unchanged",
        "cookies": "unchanged",
        "other": "moved",
    }
    vanished = told.of("vanished", "2026-05-20")
    assert {slug: line["reason"] for slug, line in vanished.items()} == {"missing": "404", "section": "redirect-away"}
    assert vanished["section"]["to"] == f"https://{HOST}/politics/"
    assert told.of("look", "2026-05-20")["moved"]["to"] == f"https://{HOST}{path('moved-on')}"


def test_the_same_witness_on_another_day_is_enough(told):
    vanished = told.of("vanished", "2026-05-21")
    assert {slug: line["reason"] for slug, line in vanished.items()} == {"bare": "404", "front": "home-page"}


def test_what_stands_again_is_told_as_such(told):
    assert told.of("returned").keys() == {"missing"}
    assert told.of("look", "2026-05-21")["words"]["outcome"] == "unchanged"


def test_the_archive_is_sound(told):
    answer = run("archive", "verify", "--deep", **told.environment)
    assert answer.returncode == 0, answer.stdout


def test_an_article_that_moved_keeps_its_id_and_both_addresses_find_it(told):
    moved = told.of("moved")
    assert {slug: line["to"] for slug, line in moved.items()} == {
        "moved": f"https://{HOST}{path('moved-on')}",
        "other": f"https://{HOST}{path('number')}",
    }
    lines = sorted(lines_of(told.folder / "collection"), key=lambda line: line["version"])
    (number,) = [key for key, slug in told.slug.items() if slug == "moved"]
    versions = [line for line in lines if line["id"] == number]
    assert [line["version"] for line in versions] == [
        1,
        2,
    ]  # looked at again there, and announced there: the same article
    assert [line["canonical_url"].rpartition("/")[2] for line in versions] == ["moved", "moved-on"]
    assert versions[1]["flags"] == [*versions[0]["flags"], "moved"]
    assert versions[1]["story"]["id"] == versions[0]["story"]["id"]
    assert len({line["id"] for line in lines}) == len(SLUGS)
    for slug in ("moved", "moved-on"):
        found = run("archive", "get", f"https://{HOST}{path(slug)}", "--json", **told.environment)
        assert found.returncode == 0, found.stderr
        assert number in found.stdout
    assert {line["outcome"] for line in events(told.folder, "look") if line["id"] == number} == {"moved", "unchanged"}
