"""Own stories: dealt from the deck of their scene, so that a line comes back only after all others had their turn.

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


class Desk:
    """Writes stories of all topics; one desk for the whole replica, so that outlets do not repeat one another."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._decks: dict[str, list[str]] = {}
        self._scenes: dict[str, list[tuple[int, int]]] = {}
        self._written: set[str] = set()

    def write(
        self, topic_name: str, length: tuple[int, int] | None = None, scene: int | None = None, **marks: str | None
    ) -> Draft:
        """Write one story of ``length`` sentences; ``marks`` are further fields of the draft (kind, event …)."""
        rng, topic = self._rng, read_topic(topic_name)
        number, turn = self._scene(topic_name, scene)
        cast, headline = self._headline(topic, number, turn)
        chosen = topic.scenes[number]
        with cast.agreeing():
            summary = chosen.standfirsts[turn % len(chosen.standfirsts)]
            opening = chosen.leads[turn % len(chosen.leads)]
            standfirst = self._new(summary, cast) or realise(summary, rng, cast)
            lead = self._new(opening, cast) or realise(opening, rng, cast)
        count = rng.randint(*(length or rng.choices(LENGTHS, WEIGHTS)[0]))
        body = self._layout(lead, self.sentences(topic, number, count, cast), topic.heads)
        if length is None and rng.random() < LONG:
            body += [block for other in range(1, 3) for block in self._turn(topic, (number + other) % 4)]
        tags = list(dict.fromkeys(realise(tag, rng, cast) for tag in rng.sample(topic.tags, rng.randint(3, 5))))
        scene_words = realise(rng.choice(chosen.captions), rng, cast)
        return Draft(topic_name, headline, standfirst, body, tags, scene_words, cast.fixed["city"], **marks)

    def sentences(self, topic: Topic, scene: int, count: int, cast: Cast) -> list[str]:
        """Return ``count`` new sentences that fit the scene."""
        found: list[str] = []
        hand: set[str] = set()
        while len(found) < count:
            template = self._deal(topic, scene, hand)
            hand.add(template)
            sentence = self._new(template, cast)
            if sentence:
                found.append(sentence)
        return found

    def once(self, name: str, count: int) -> list[str]:
        """Take the next lines of a material file; nobody gets them again."""
        if name not in self._decks:
            self._decks[name] = list(lines(name))
        return [self._decks[name].pop(0) for _ in range(count)]

    def _headline(self, topic: Topic, number: int, turn: int) -> tuple[Cast, str]:
        """Cast a story until its headline is a new one."""
        while True:
            cast = Cast(self._rng, topic)
            with cast.agreeing():
                headline = self._new(topic.scenes[number].headlines[turn], cast)
            if headline:
                return cast, headline

    def _new(self, template: str, cast: Cast) -> str | None:
        for _ in range(TRIES):
            text = realise(template, self._rng, cast)
            if text not in self._written:
                self._written.add(text)
                return text
        return None

    def _deal(self, topic: Topic, scene: int, hand: set[str]) -> str:
        """Draw a line that the story does not hold yet."""
        key = f"{topic.name}/{scene}"
        deck = self._decks.setdefault(key, [])
        if not deck:
            fitting = [*topic.body[scene + 1], *topic.body[0]]
            deck.extend([line for line in fitting if line not in hand] or fitting)
            self._rng.shuffle(deck)
        return deck.pop()

    def _scene(self, topic_name: str, scene: int | None) -> tuple[int, int]:
        """Return a scene and which of its headlines; each pair once before any comes again."""
        if scene is not None:
            return scene, self._rng.randrange(3)
        deck = self._scenes.setdefault(topic_name, [])
        if not deck:
            scenes = read_topic(topic_name).scenes
            deck.extend((number, h) for number, one in enumerate(scenes) for h in range(len(one.headlines)))
            self._rng.shuffle(deck)
        return deck.pop()

    def _turn(self, topic: Topic, scene: int) -> list[Block]:
        """Write a further part of a feature: a heading, then another happening of the same topic."""
        cast = Cast(self._rng, topic)
        lead = realise(self._rng.choice(topic.scenes[scene].leads), self._rng, cast)
        rest = self.sentences(topic, scene, self._rng.randint(9, 13), cast)
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
