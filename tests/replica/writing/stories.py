"""Own stories: dealt so that stories of one scene in near days open differently and share few lines.

No sentence is ever written twice in one replica: two outlets' own stories share nothing that would look copied.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.replica.piece import Block, Draft
from tests.replica.writing.grammar import Cast, realise
from tests.replica.writing.material import Topic, lines
from tests.replica.writing.material import topic as read_topic

if TYPE_CHECKING:
    import random

LENGTHS = ((4, 5), (5, 8), (7, 10), (11, 14))  # sentences of the body, short to long
WEIGHTS = (6, 13, 12, 3)
LONG = 0.05  # share of features that take up a second and a third happening
TRIES = 6
CASTS = 200  # after which a headline with few slots is told from its likes by the place
HANDS = 60  # hands dealt before the best is taken
APART = 4  # days in which two stories of one scene must not look alike


class Desk:
    """Writes stories of all topics; one desk for the whole replica, so that outlets do not repeat one another."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._spare: dict[str, list[str]] = {}
        self._openings: dict[str, list[int]] = {}  # topic/scene/lead → days on which a story opened so
        self._hands: dict[str, list[tuple[int, set[str]]]] = {}  # topic/scene → (day, lines dealt)
        self._written: set[str] = set()

    def write(
        self,
        name: str,
        length: tuple[int, int] | None = None,
        scene: int | None = None,
        *,
        day: int,
        **marks: str | None,
    ) -> Draft:
        """Write one story of ``length`` sentences for a day; ``marks`` are further fields of the draft (kind, event …)."""
        rng, topic = self._rng, read_topic(name)
        number, turn, lead_number = self._opening(topic, scene, day)
        cast, headline = self._headline(topic, number, turn)
        chosen = topic.scenes[number]
        with cast.agreeing():
            standfirst = self._written_once(chosen.standfirsts[turn % len(chosen.standfirsts)], cast)
            lead = self._written_once(chosen.leads[lead_number], cast)
        count = rng.randint(*(length or rng.choices(LENGTHS, WEIGHTS)[0]))
        body = self._layout(lead, self.sentences(topic, number, count, cast, day=day), topic.heads)
        if length is None and rng.random() < LONG:
            body += [block for other in range(1, 3) for block in self._turn(topic, (number + other) % 4, day)]
        tags = list(dict.fromkeys(realise(tag, rng, cast) for tag in rng.sample(topic.tags, rng.randint(3, 5))))
        scene_words = realise(rng.choice(chosen.captions), rng, cast)
        return Draft(name, headline, standfirst, body, tags, scene_words, cast.fixed["city"], **marks)

    def sentences(self, topic: Topic, scene: int, count: int, cast: Cast, *, day: int) -> list[str]:
        """Return up to ``count`` new sentences that fit the scene."""
        return [s for line in self._deal(topic, scene, count, day) if (s := self._new(line, cast))]

    def _deal(self, topic: Topic, scene: int, count: int, day: int) -> list[str]:
        """Choose lines: of many hands the one that shares least with stories of the same scene in near days."""
        fitting = [*topic.body[scene + 1], *topic.body[0]]
        dealt = self._hands.setdefault(f"{topic.name}/{scene}", [])
        near = [lines_dealt for other, lines_dealt in dealt if abs(other - day) < APART]

        def shared(hand: list[str]) -> float:
            return max((len(old.intersection(hand)) / max(len(old), len(hand), 1) for old in near), default=0)

        count = min(count, len(fitting))
        hand = min((self._rng.sample(fitting, count) for _ in range(HANDS)), key=shared)
        dealt.append((day, set(hand)))
        return hand

    def _opening(self, topic: Topic, scene: int | None, day: int) -> tuple[int, int, int]:
        """Return scene, headline and lead; of several, those whose like appeared farthest from ``day``."""

        def distance(choice: tuple[int, int, int]) -> int:
            number, _, lead = choice
            days = self._openings.get(f"{topic.name}/{number}/{lead}", ())
            return min((abs(day - other) for other in days), default=99)

        choices = []
        for number in range(len(topic.scenes)) if scene is None else (scene,):
            one = topic.scenes[number]
            choices += [
                (number, h, lead) for h in range(len(one.headlines)) for lead in range(h % 2, len(one.leads), 2)
            ]
        self._rng.shuffle(choices)
        best = max(choices, key=distance)
        self._openings.setdefault(f"{topic.name}/{best[0]}/{best[2]}", []).append(day)
        return best

    def once(self, name: str, count: int) -> list[str]:
        """Take the next lines of a material file; nobody gets them again."""
        if name not in self._spare:
            self._spare[name] = list(lines(name))
        return [self._spare[name].pop(0) for _ in range(count)]

    def _headline(self, topic: Topic, number: int, turn: int) -> tuple[Cast, str]:
        """Cast a story until its headline is a new one."""
        template = topic.scenes[number].headlines[turn]
        tried = 0
        while True:
            tried += 1
            cast = Cast(self._rng, topic)
            with cast.agreeing():
                headline = self._new(template if tried < CASTS else f"{template} في {{city}}", cast)
            if headline:
                return cast, headline

    def _written_once(self, template: str, cast: Cast) -> str:
        return self._new(template, cast) or realise(template, self._rng, cast)

    def _new(self, template: str, cast: Cast) -> str | None:
        for _ in range(TRIES):
            text = realise(template, self._rng, cast)
            if text not in self._written:
                self._written.add(text)
                return text
        return None

    def _turn(self, topic: Topic, scene: int, day: int) -> list[Block]:
        """Write a further part of a feature: a heading, then another happening of the same topic."""
        cast = Cast(self._rng, topic)
        lead = self._written_once(self._rng.choice(topic.scenes[scene].standfirsts), cast)
        rest = self.sentences(topic, scene, self._rng.randint(9, 13), cast, day=day)
        return [Block("h", self._rng.choice(lines("turns"))), *self._layout(lead, rest, [])]

    def _layout(self, lead: str, sentences: list[str], heads: list[str]) -> list[Block]:
        """Group sentences into paragraphs, with sub-headings, a pull-quote and a list where the story is long."""
        rng = self._rng
        blocks, rest, spare = [Block("p", lead)], list(sentences), rng.sample(heads, len(heads))
        while rest:
            size = min(len(rest), rng.choice((1, 1, 2, 2, 3)))
            blocks.append(Block("p", " ".join(rest[:size])))
            del rest[:size]
            if len(rest) > 3 and spare and rng.random() < 0.25:
                blocks.append(Block("h", spare.pop()))
        if len(sentences) > 8 and heads:
            quoted = rng.choice(sentences[2:-1]).rstrip(".")
            blocks.insert(rng.randint(3, len(blocks) - 1), Block("q", quoted))
        if len(sentences) > 7 and rng.random() < 0.3:
            _list(blocks)
        return blocks


def _list(blocks: list[Block]) -> None:
    """Turn the first paragraph of three sentences into a list, a sentence an item."""
    for block in blocks[2:]:
        items = re.split(r"(?<=\.) ", block.text)
        if block.kind == "p" and len(items) >= 3:
            block.kind, block.text = "ul", "\n".join(items)
            return
