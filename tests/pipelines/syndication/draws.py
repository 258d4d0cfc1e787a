"""Draws of labelled articles from a pile of base articles: what newsrooms do with a wire, and what only looks like it.

    base articles ──Draw(seed)──▶ articles in the order of publication, each with its story and its class

    one story     light · medium · edited · stress · heavy · update · exact
    not one       background · template · digest · single

Every text also goes through a house style (dateline, credit, read-also line) and orthographic noise. The classes are those of
docs/syndication.md; the numbers are chosen harsher than what was measured on real copies.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

OUTLETS = ("alaraby", "aljazeera", "albawaba", "albawabhnews", "skynewsarabia")
AGENCIES = ("رويترز", "أ ف ب", "الأناضول", "د ب أ", "وكالات")
CITIES = ("القاهرة", "الدوحة", "بيروت", "عمّان", "تونس", "الرباط")
SYNONYMS = {
    "قال": "ذكر", "أعلن": "كشف", "أكد": "شدد على", "أوضح": "بيّن", "أضاف": "تابع", "خلال": "أثناء", "الحالي": "الجاري",
    "بعد": "عقب", "بسبب": "نتيجة", "حيث": "إذ", "قبل": "قُبيل", "كبيرة": "واسعة", "نحو": "قرابة", "جديد": "حديث",
    "وقال": "وأفاد", "وأضاف": "وتابع", "وأكد": "وشدد على", "وأوضح": "وبيّن", "وأشار": "ولفت", "عدد": "جملة", "يتم": "يجري",
}  # fmt: skip
SLOPPY = (
    ("أ", "ا"), ("إ", "ا"), ("ى", "ي"), ("ة", "ه"), ("ي ", "ى "), ("ك", "ک"), ("،", " ,"), ('"', "»"), (" ", "\u00a0"), ("لا", "ﻻ"),
)  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """An article of a draw; ``story`` is the truth, ``kind`` its class."""

    id: str
    outlet: str
    headline: str
    text: str
    published: datetime
    url: str
    story: str
    kind: str

    def line(self) -> dict[str, str]:
        """Return what recluster is given."""
        moment = self.published.isoformat().replace("+00:00", "Z")
        return {
            "id": self.id, "outlet": self.outlet, "headline": self.headline, "text": self.text, "published": moment, "url": self.url,
        }  # fmt: skip


@dataclass
class Draw:
    """A draw from ``bases`` (headline, text); the same seed draws the same."""

    bases: list[tuple[str, str]]
    seed: int
    wires: int = 60
    noise: float = 0.5
    articles: list[Labelled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"draw:{self.seed}")
        self.pool = self.rng.sample(self.bases, len(self.bases))
        reserve = [
            self.pool.pop() for _ in range(len(self.pool) // 4)
        ]  # others' paragraphs; never an article of the draw
        self.paragraphs = [s for _, text in reserve for s in _sentences(text) if 18 <= len(s.split()) <= 60]
        for serial in range(min(self.wires, len(self.pool) // 2)):
            self._wire(f"w{serial}", *self.pool.pop())
        for serial in range(max(2, self.wires // 8)):
            self._background(
                f"b{serial}", [self.pool.pop() for _ in range(min(4, len(self.pool) // 4))], 1 + serial % 2
            )
            self._bulletin(f"t{serial}", *self.pool.pop())
            self._digest(f"d{serial}")
        for serial, (headline, text) in enumerate(self.pool):
            self._file(f"s{serial}", "single", self._moment(), headline, text)
        self.articles.sort(key=lambda each: (each.published, each.id))

    def pairs(self) -> dict[str, tuple[int, int]]:
        """Return class → how many pairs there are within one story; a pair is named after its harder class."""
        rank = {
            kind: place
            for place, kind in enumerate(("light", "exact", "update", "edited", "medium", "stress", "heavy"))
        }
        found: dict[str, list[tuple[str, str]]] = {}
        for place, one in enumerate(self.articles):
            for other in self.articles[:place]:
                if one.story == other.story:
                    kind = max(one.kind, other.kind, key=lambda name: rank.get(name, 0))
                    kind = "heavy-heavy" if one.kind == other.kind == "heavy" else kind
                    found.setdefault(kind, []).append((one.id, other.id))
        return found

    def _moment(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.rng.randrange(20 * 86400))

    def _file(  # noqa: PLR0917  an article has as many parts
        self, story: str, kind: str, at: datetime, headline: str, text: str, outlet: str = ""
    ) -> Labelled:
        number = len(self.articles)
        outlet = outlet or self.rng.choice(OUTLETS)
        styled = self._house(text) if kind != "exact" else text
        article = Labelled(
            f"{outlet}:{number}", outlet, headline, styled, at, f"https://{outlet}.example/{number}", story, kind
        )
        self.articles.append(article)
        return article

    def _wire(self, story: str, headline: str, text: str) -> None:
        at, files = self._moment(), []
        kinds = [
            self.rng.choice(("light", "light", "medium", "edited", "stress", "heavy"))
            for _ in range(self.rng.randint(2, 5))
        ]
        outlets = self.rng.sample(OUTLETS, len(kinds))
        for kind, outlet in zip(kinds, outlets, strict=True):
            files.append(
                self._file(story, kind, at, self._reworded_headline(headline), getattr(self, f"_{kind}")(text), outlet)
            )
            at += timedelta(hours=self.rng.expovariate(1 / 8))
        again = self.rng.choice(files)
        if self.rng.random() < 0.3:
            late = again.published + timedelta(hours=self.rng.uniform(5, 200))
            self.articles.append(replace(again, id=f"{again.id}-again", kind="exact", published=late))
        if self.rng.random() < 0.3:
            late = again.published + timedelta(hours=self.rng.uniform(1, 20))
            text = self._house(self._edited(again.text) + "\n" + self.rng.choice(self.paragraphs))
            self.articles.append(replace(again, id=f"{again.id}-update", kind="update", published=late, text=text))

    def _background(self, story: str, bases: list[tuple[str, str]], many: int) -> None:
        shared, at = self.rng.sample(self.paragraphs, many), self._moment()
        for serial, (headline, text) in enumerate(bases):
            lines = text.split("\n")
            cut = max(1, len(lines) - self.rng.randint(0, 2))
            self._file(f"{story}-{serial}", f"bg{many}", at, headline, "\n".join([*lines[:cut], *shared, *lines[cut:]]))
            at += timedelta(hours=self.rng.uniform(2, 40))

    def _bulletin(self, story: str, headline: str, text: str) -> None:
        at, outlet = self._moment(), self.rng.choice(OUTLETS)
        vocabulary = " ".join(self.paragraphs[:200]).split()
        for serial in range(4):
            words = re.split(r"(\s+)", text)
            issue = "".join(self._slot(word, vocabulary, 0.18 if serial else 0) for word in words)
            self._file(f"{story}-{serial}", "template", at + timedelta(hours=24 * serial), headline, issue, outlet)

    def _digest(self, story: str) -> None:
        wires = [each for each in self.articles if each.kind in ("light", "medium")]
        picked = self.rng.sample(wires, min(5, len(wires)))
        leads = "\n".join(
            " ".join(each.text.split("\n")[-1 if len(each.text) < 300 else 0].split()[:45]) for each in picked
        )
        self._file(story, "digest", max(each.published for each in picked), "موجز الأخبار", leads)

    def _slot(self, word: str, vocabulary: list[str], share: float) -> str:
        if word.strip() and share:
            if any(c.isdigit() for c in word):
                return str(self.rng.randint(10, 99))
            if self.rng.random() < share:
                return self.rng.choice(vocabulary)
        return word

    def _own(self) -> str:
        return self.rng.choice(self.paragraphs)

    def _light(self, text: str) -> str:
        return text

    def _medium(self, text: str) -> str:
        sentences = _sentences(text)
        kept = sentences[: max(2, round(0.7 * len(sentences)))]
        for _ in range(2):
            kept.insert(self.rng.randint(0, len(kept)), self._own())
        return "\n".join(kept)

    def _edited(self, text: str) -> str:
        return "\n".join(self._rework(s) if place % 2 else s for place, s in enumerate(_sentences(text)))

    def _stress(self, text: str) -> str:
        sentences = _sentences(text)
        kept = sentences[: max(2, round(0.5 * len(sentences)))]
        kept = [
            " ".join(w if self.rng.random() > 0.05 else self.rng.choice(self._own().split()) for w in s.split())
            for s in kept
        ]
        for _ in range(3):
            kept.insert(self.rng.randint(0, len(kept)), self._own())
        return "\n".join(kept)

    def _heavy(self, text: str) -> str:
        sentences = _sentences(text)
        start = self.rng.choice((0, 0, 0, 1))
        kept = sentences[start : start + max(2, round(0.5 * len(sentences)))]
        size, own = sum(len(s.split()) for s in kept), []
        while sum(len(p.split()) for p in own) < 0.8 * size and len(own) < 8:
            own.append(self._own())
        head = own[:1] if self.rng.random() < 0.4 else []
        return "\n".join([*head, *self._mixed(kept, own[len(head) :])])

    def _mixed(self, kept: list[str], own: list[str]) -> list[str]:
        mixed = list(kept)
        for paragraph in own:
            mixed.insert(self.rng.randint(1, len(mixed)), paragraph)
        return mixed

    def _rework(self, sentence: str) -> str:
        words = [SYNONYMS.get(word, word) for word in sentence.split() if self.rng.random() > 0.06]
        if len(words) > 12:
            cut = self.rng.randint(4, len(words) - 6)
            words = words[:cut] + words[cut + 2 : cut + 4] + words[cut : cut + 2] + words[cut + 4 :]
        return " ".join(words)

    def _reworded_headline(self, headline: str) -> str:
        words = headline.split()
        self.rng.shuffle(words)
        return " ".join(words[: max(3, len(words) - 1)]) if self.rng.random() < 0.6 else headline

    def _house(self, text: str) -> str:
        rng = self.rng
        lines = text.split("\n")
        if rng.random() < 0.4:
            lines[0] = f"{rng.choice(CITIES)} - {rng.choice(AGENCIES)}\n{lines[0]}"
        if rng.random() < 0.4:
            lines.insert(rng.randint(1, len(lines)), f"اقرأ أيضا: {' '.join(self._own().split()[:7])}")
        if rng.random() < 0.3:
            lines.append(f"المصدر: {rng.choice(AGENCIES)}")
        styled = "\n".join(lines)
        for plain, sloppy in SLOPPY:
            if rng.random() < self.noise / 3:
                styled = styled.replace(plain, sloppy)
        return self._marks(styled) if rng.random() < self.noise else styled

    def _marks(self, text: str) -> str:
        signs = "\u064b\u064e\u064f\u0650\u0651\u0652ـ\u200f"
        return "".join(c + (self.rng.choice(signs) if c.isalpha() and self.rng.random() < 0.03 else "") for c in text)


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.؟!])\s+|\n", text) if part.strip()]


def judge(draw: Draw, stories: dict[str, str]) -> dict[str, float]:
    """Return precision, recall, f1, recall by class, and wrong pairs by class (``wrong:…``) of an answer."""
    figures: dict[str, float] = {}
    hits = total = 0
    for kind, pairs in draw.pairs().items():
        found = sum(stories[a] == stories[b] for a, b in pairs)
        figures[kind], hits, total = found / len(pairs), hits + found, total + len(pairs)
    groups: dict[str, list[Labelled]] = {}
    for each in draw.articles:
        groups.setdefault(stories[each.id], []).append(each)
    wrong = [
        (a, b)
        for group in groups.values()
        for place, a in enumerate(group)
        for b in group[:place]
        if a.story != b.story
    ]
    for a, b in wrong:
        name = f"wrong:{a.kind if a.kind == b.kind else '+'.join(sorted((a.kind, b.kind)))}"
        figures[name] = figures.get(name, 0) + 1
    precision, recall = hits / max(1, hits + len(wrong)), hits / total
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall), **figures}
