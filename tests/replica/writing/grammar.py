"""From a sentence with slots and choices to a sentence: ``[بدأ|انطلق]`` chooses, ``{city}`` is filled from the cast."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.replica.clock import DAYS
from tests.replica.writing.material import Topic, lines, places

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

CHOICE = re.compile(r"\[([^\[\]]*)\]")
PERIODS = ("ثلاثة أشهر", "أربعة أشهر", "خمسة أشهر", "سبعة أشهر", "ثمانية أشهر", "عام كامل", "عام ونصف العام", "عامين")
DISTANCES = ("100 متر", "200 متر", "400 متر حواجز", "800 متر", "1500 متر", "5000 متر", "10 آلاف متر", "نصف الماراثون")
ROUNDS = ("السابعة", "الثامنة", "التاسعة", "العاشرة", "الحادية عشرة", "الثانية عشرة", "الثالثة عشرة")

PORTS = [
    "العقبة",
    "صيدا",
    "طرابلس",
    "اللاذقية",
    "البصرة",
    "جدة",
    "الدمام",
    "مسقط",
    "صلالة",
    "عدن",
    "المكلا",
    "بورسعيد",
    "بنغازي",
    "صفاقس",
    "وهران",
    "طنجة",
]
TODAY = "\ue000"  # the day of the week on which the piece appears, known only when it is published
CENTURIES = ("الثالث الميلادي", "السادس الميلادي", "التاسع الميلادي", "الثاني عشر", "الرابع عشر")


class Cast:
    """Who, where and what of one article (fixed), and its numbers (fresh at every use)."""

    def __init__(self, rng: random.Random, topic: Topic) -> None:
        self._rng = rng
        self._agreed: dict[str, str] | None = None
        self._kept: dict[str, str] = {}
        people = rng.sample(lines("people"), 3)
        (city, land), (city2, land2) = rng.sample(places(), 2)
        while land2 == land:
            city2, land2 = rng.choice(places())
        org, org2 = rng.sample(topic.orgs, 2)
        role, role2 = rng.sample(topic.roles, 2)
        self.fixed = {
            "who": people[0],
            "who2": people[1],
            "star": people[2],
            "role": role,
            "role2": role2,
            "org": org,
            "org2": org2,
            "city": city,
            "land": land,
            "city2": city2,
            "land2": land2,
            "near": rng.choice([c for c, other in places() if other == land and c != city] or ["الضاحية"]),
            "port": rng.choice([c for c in PORTS if (c, land) in places()] or PORTS),
            "day": TODAY,
        }

    @contextmanager
    def agreeing(self) -> Iterator[None]:
        """Within this block a number stays what it was: headline, standfirst and lead tell one story."""
        self._agreed = self._kept
        try:
            yield
        finally:
            self._agreed = None

    def __getitem__(self, name: str) -> str:
        if name == "say":
            return realise(self._rng.choice(lines("sayings")), self._rng, self)
        if name in self.fixed:
            return self.fixed[name]
        if self._agreed is None:
            return self._number(name)
        return self._agreed.setdefault(name, self._number(name))

    def _number(self, name: str) -> str:
        rng = self._rng
        ranges = {"n": (112, 987), "n2": (104, 476), "n30": (11, 38), "min": (51, 89), "age": (19, 34), "small": (3, 9)}
        ranges["hot"] = (43, 51)
        if name in ranges:
            return str(rng.randint(*ranges[name]))
        if name in ("pct", "bn"):
            return f"{rng.randint(1, 9)}.{rng.randint(1, 9)}"
        if name in ("year", "next", "pct2"):
            low, high = {"year": (2009, 2024), "next": (2028, 2032), "pct2": (12, 68)}[name]
            return str(rng.randint(low, high))
        words = {"months": PERIODS, "dist": DISTANCES, "round": ROUNDS, "cent": CENTURIES, "some": DAYS}
        if name == "k":
            return f"{rng.randint(11, 96)} ألف"
        return rng.choice(words[name])


def realise(template: str, rng: random.Random, cast: Cast) -> str:
    """Choose and fill until no choice is left; deterministic for a given ``rng`` state."""
    text = template
    while CHOICE.search(text):
        text = CHOICE.sub(lambda m: rng.choice(m[1].split("|")), text, count=1)
    text = re.sub(r"\{(\w+)\}", lambda m: cast[m[1]], text)
    return text.replace(" لال", " لل").replace("بـال", "بال")
