"""The five houses: hosts, sections, credit styles, bylines; everything of an outlet that is not a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.replica.clock import DOHA

if TYPE_CHECKING:
    from datetime import datetime

AGENCY_WORDS = {  # agency code → how each house writes it
    "reuters": {"*": "رويترز"},
    "afp": {"alaraby": "فرانس برس", "aljazeera": "الفرنسية", "albawaba": "أ ف ب", "albawabhnews": "أ ف ب"},
    "anadolu": {"*": "الأناضول"},
    "ap": {"alaraby": "أسوشييتد برس", "aljazeera": "أسوشيتد برس", "albawaba": "أسوشيتد برس", "albawabhnews": "أ ب"},
    "dpa": {"alaraby": "د ب أ", "aljazeera": "الألمانية", "albawaba": "د ب أ", "albawabhnews": "د ب أ"},
    "mena": {"*": "أ ش أ"},
    "sana": {"*": "سانا"},
}


@dataclass(frozen=True, slots=True)
class House:
    """An outlet: ``sections`` maps a topic (or a kind) to (slug in addresses, words on the page)."""

    name: str
    hosts: tuple[str, ...]  # the first is canonical
    sections: dict[str, tuple[str, str]]
    first_number: int
    step: int
    looks: dict[str, int]  # template → weight
    channels: tuple[str, ...]
    writers: tuple[str, ...] = ()
    whole_minutes: frozenset[str] = field(default_factory=frozenset)  # looks whose pages show no seconds

    def agency(self, code: str) -> str:
        words = AGENCY_WORDS[code]
        return words.get(self.name) or words["*"]


def address(house: House, slug: str, words: str, *, number: int, published: datetime, kind: str) -> str:
    """Return the decoded canonical path of an article."""
    if house.name == "alaraby":
        return f"/{slug}/{words}"
    if house.name == "aljazeera":
        day = published.astimezone(DOHA)
        live = "/liveblog" if kind == "live" else ""
        return f"/{slug}{live}/{day.year}/{day.month}/{day.day}/{words}"
    if house.name == "albawaba":
        return f"/ar/{slug}/{words}-{number}"
    if house.name == "albawabhnews":
        return f"/{number}"
    return f"/{slug}/{number}-{words}"


HOUSES = {
    house.name: house
    for house in (
        House(
            "alaraby",
            ("www.alaraby.co.uk",),
            {
                "politics": ("politics", "أخبار"),
                "economy": ("economy", "اقتصاد"),
                "sport": ("sport", "رياضة"),
                "health": ("society", "مجتمع"),
                "technology": ("medianews", "ميديا"),
                "culture": ("culture", "ثقافة"),
                "science": ("news", "أخبار"),
                "society": ("society", "مجتمع"),
                "opinion": ("opinion", "آراء"),
                "live": ("liveblog", "أخبار"),
            },
            14405285,
            37,
            {"meta": 6, "visible": 2},
            ("section-feed", "site-feed", "section"),
            ("عدنان الحلو", "فخر الزبيدي", "ريم الكاتب", "لينا أبو حمد", "صالح الجعفري"),
            frozenset({"visible"}),
        ),
        House(
            "aljazeera",
            ("www.aljazeera.net", "www.ajnet.me"),
            {
                "politics": ("politics", "سياسة"),
                "economy": ("ebusiness", "اقتصاد"),
                "sport": ("sport", "رياضة"),
                "health": ("health", "صحة"),
                "technology": ("tech", "تكنولوجيا"),
                "culture": ("culture", "ثقافة"),
                "science": ("science", "علوم"),
                "society": ("news", "أخبار"),
                "opinion": ("opinions", "آراء"),
                "explainer": ("encyclopedia", "موسوعة"),
                "video": ("videos", "فيديو"),
                "gallery": ("gallery", "صور"),
            },
            9578078,
            53,
            {"aja": 6, "dynamic": 2, "bare": 1},
            ("sitemap", "feed", "section", "graphql"),
            ("أحمد العبسي", "هبة الطاهر", "محمد السنوسي", "سلمى يونس", "ياسر الحكيم"),
            frozenset({"dynamic"}),
        ),
        House(
            "albawaba",
            ("www.albawaba.com", "article.albawaba.net"),
            {
                "politics": ("أخبار", "أخبار"),
                "economy": ("أعمال", "أعمال"),
                "sport": ("رياضة", "رياضة"),
                "health": ("صحتكِ-وجمالكِ", "صحتكِ وجمالكِ"),
                "technology": ("إختيار-المحرر", "إختيار المحرر"),
                "culture": ("أدب-وثقافة", "أدب وثقافة"),
                "science": ("إختيار-المحرر", "إختيار المحرر"),
                "society": ("أخبار", "أخبار"),
                "video": ("فيديو", "فيديو"),
                "gallery": ("أحداث-في-صور", "أحداث في صور"),
            },
            1578896,
            11,
            {"abn2024": 6, "abn2019": 2},
            ("section", "feed", "news-sitemap"),
        ),
        House(
            "albawabhnews",
            ("www.albawabhnews.com",),
            {
                "politics": ("72", "سياسة"),
                "economy": ("18", "اقتصاد"),
                "sport": ("6", "رياضة"),
                "health": ("97", "صحة ومرأة"),
                "technology": ("41", "تكنولوجيا"),
                "culture": ("24", "ثقافة"),
                "science": ("41", "تكنولوجيا"),
                "society": ("3", "حوادث"),
                "digest": ("2", "أخبار"),
            },
            5107148,
            29,
            {"cms2022": 5, "cms2018": 2},
            ("feed", "category", "home"),
            ("محمد عبد العليم", "نورهان سمير", "كريم أبو زيد", "هدى فتحي"),
            frozenset({"cms2022", "cms2018"}),
        ),
        House(
            "skynewsarabia",
            ("www.skynewsarabia.com", "api.skynewsarabia.com"),
            {
                "politics": ("middle-east", "الشرق الأوسط"),
                "economy": ("business", "اقتصاد"),
                "sport": ("sport", "رياضة"),
                "health": ("varieties", "منوعات"),
                "technology": ("technology", "تكنولوجيا"),
                "culture": ("culture", "ثقافة"),
                "science": ("technology", "تكنولوجيا"),
                "society": ("world", "عالم"),
                "live": ("live-story", "عالم"),
                "video": ("video", "فيديو"),
                "gallery": ("image_gallery", "صور"),
            },
            1879607,
            17,
            {"init": 6, "plain": 2},
            ("section", "api", "sitemap"),
        ),
    )
}
