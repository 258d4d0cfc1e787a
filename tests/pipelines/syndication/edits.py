"""What an editor does with a text: trims, rewords, wraps it in paragraphs of its own, and spells it as the house does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

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


class Editor:
    """An editor with a stock of paragraphs that belong to no article of the draw.

    Args:
        rng: decides everything.
        paragraphs: the stock.
        noise: share of texts with vowel signs strewn in; a third of it for each sloppy spelling.
    """

    def __init__(self, rng: random.Random, paragraphs: list[str], noise: float) -> None:
        self.rng, self.paragraphs, self.noise = rng, paragraphs, noise

    def slot(self, word: str, vocabulary: list[str], share: float) -> str:
        if word.strip() and share:
            if any(c.isdigit() for c in word):
                return str(self.rng.randint(10, 99))
            if self.rng.random() < share:
                return self.rng.choice(vocabulary)
        return word

    def own(self) -> str:
        return self.rng.choice(self.paragraphs)

    def light(self, text: str) -> str:
        return text

    def medium(self, text: str) -> str:
        parts = sentences(text)
        kept = parts[: max(2, round(0.7 * len(parts)))]
        for _ in range(2):
            kept.insert(self.rng.randint(0, len(kept)), self.own())
        return "\n".join(kept)

    def edited(self, text: str) -> str:
        return "\n".join(self._rework(s) if place % 2 else s for place, s in enumerate(sentences(text)))

    def stress(self, text: str) -> str:
        parts = sentences(text)
        kept = parts[: max(2, round(0.5 * len(parts)))]
        kept = [
            " ".join(w if self.rng.random() > 0.05 else self.rng.choice(self.own().split()) for w in s.split())
            for s in kept
        ]
        for _ in range(3):
            kept.insert(self.rng.randint(0, len(kept)), self.own())
        return "\n".join(kept)

    def heavy(self, text: str) -> str:
        parts = sentences(text)
        start = self.rng.choice((0, 0, 0, 1))
        kept = parts[start : start + max(2, round(0.5 * len(parts)))]
        size, own = sum(len(s.split()) for s in kept), []
        while sum(len(p.split()) for p in own) < 0.8 * size and len(own) < 8:
            own.append(self.own())
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

    def reworded_headline(self, headline: str) -> str:
        words = headline.split()
        self.rng.shuffle(words)
        return " ".join(words[: max(3, len(words) - 1)]) if self.rng.random() < 0.6 else headline

    def house(self, text: str) -> str:
        rng = self.rng
        lines = text.split("\n")
        if rng.random() < 0.4:
            lines[0] = f"{rng.choice(CITIES)} - {rng.choice(AGENCIES)}\n{lines[0]}"
        if rng.random() < 0.4:
            lines.insert(rng.randint(1, len(lines)), f"اقرأ أيضا: {' '.join(self.own().split()[:7])}")
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


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.؟!])\s+|\n", text) if part.strip()]
