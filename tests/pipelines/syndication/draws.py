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

from tests.pipelines.syndication.edits import Editor, sentences

OUTLETS = ("alaraby", "aljazeera", "albawaba", "albawabhnews", "skynewsarabia")


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
        self.paragraphs = [s for _, text in reserve for s in sentences(text) if 18 <= len(s.split()) <= 60]
        self.editor = Editor(self.rng, self.paragraphs, self.noise)
        for serial in range(min(self.wires, len(self.pool) // 2)):
            self._wire(f"w{serial}", *self.pool.pop())
        for serial in range(max(2, self.wires // 8)):
            self._background(
                f"b{serial}", [self.pool.pop() for _ in range(min(4, len(self.pool) // 4))], 1 + serial % 2
            )
            self._bulletin(f"t{serial}", *self.pool.pop())
        for serial, (headline, text) in enumerate(self.pool):
            self._file(f"s{serial}", "single", self._moment(), headline, text)
        for serial in range(max(2, self.wires // 8)):
            self._digest(f"d{serial}")
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
        styled = self.editor.house(text) if kind != "exact" else text
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
                self._file(
                    story, kind, at, self.editor.reworded_headline(headline), getattr(self.editor, kind)(text), outlet
                )
            )
            at += timedelta(hours=self.rng.expovariate(1 / 8))
        again = self.rng.choice(files)
        if self.rng.random() < 0.3:
            late = again.published + timedelta(hours=self.rng.uniform(5, 200))
            self.articles.append(replace(again, id=f"{again.id}-again", kind="exact", published=late))
        if self.rng.random() < 0.3:
            late = again.published + timedelta(hours=self.rng.uniform(1, 20))
            text = self.editor.house(self.editor.edited(again.text) + "\n" + self.rng.choice(self.paragraphs))
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
            issue = "".join(self.editor.slot(word, vocabulary, 0.18 if serial else 0) for word in words)
            self._file(f"{story}-{serial}", "template", at + timedelta(hours=24 * serial), headline, issue, outlet)

    def _digest(self, story: str) -> None:
        wires = {each.story: each for each in self.articles if each.kind in ("light", "medium", "single")}
        picked = self.rng.sample(sorted(wires.values(), key=lambda each: each.id), min(5, len(wires)))
        leads = "\n".join(" ".join(sentences(each.text)[0].split()[:45]) for each in picked)
        self._file(story, "digest", max(each.published for each in picked), "موجز الأخبار", leads)


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
