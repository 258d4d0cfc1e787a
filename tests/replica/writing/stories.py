"""Own stories: dealt from each topic's deck, so that a sentence comes back only after all others had their turn."""

from __future__ import annotations

import random

from tests.replica.piece import Block, Draft
from tests.replica.writing.grammar import Cast, realise
from tests.replica.writing.material import lines
from tests.replica.writing.material import topic as read_topic

LENGTHS = ((2, 3), (4, 6), (5, 8), (6, 10), (9, 14), (15, 22))  # sentences of the body, short to long


class Desk:
    """Writes stories of all topics; one desk for the whole replica, so that outlets do not repeat one another."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._decks: dict[str, list[str]] = {}
        self._scenes: dict[str, list[tuple[int, int, int, int]]] = {}
        self._headlines: set[str] = set()

    def write(self, topic_name: str, length: tuple[int, int] | None = None, **marks: str | None) -> Draft:
        """Write one story; ``marks`` are further fields of the draft (kind, event …)."""
        rng, topic = self._rng, read_topic(topic_name)
        low, high = length or rng.choices(LENGTHS, weights=(1, 3, 4, 4, 3, 1))[0]
        while True:
            cast = Cast(rng, topic)
            scene_no, h, s, lead_no = self._scene(topic_name)
            scene = topic.scenes[scene_no]
            headline = realise(scene.headlines[h], rng, cast)
            if headline not in self._headlines:
                break
        self._headlines.add(headline)
        lead = realise(scene.leads[lead_no], rng, cast)
        sentences = [realise(line, rng, cast) for line in self.deal(topic_name, rng.randint(low, high))]
        tags = list(dict.fromkeys(realise(tag, rng, cast) for tag in rng.sample(topic.tags, rng.randint(3, 5))))
        return Draft(
            topic=topic_name,
            headline=headline,
            standfirst=realise(scene.standfirsts[s], rng, cast),
            body=self._layout(lead, sentences, topic.heads),
            tags=tags,
            scene=realise(rng.choice(scene.captions), rng, cast),
            city=cast.fixed["city"],
            **marks,
        )

    def deal(self, topic_name: str, count: int) -> list[str]:
        """Take ``count`` different sentence templates, the least recently used first."""
        hand: list[str] = []
        while len(hand) < count:
            deck = self._decks.setdefault(topic_name, [])
            if not deck:
                deck.extend(line for line in read_topic(topic_name).body if line not in hand)
                self._rng.shuffle(deck)
            hand.append(deck.pop())
        return hand

    def once(self, name: str, count: int) -> list[str]:
        """Take lines of a material file that nobody took before."""
        if name not in self._decks:
            self._decks[name] = self._rng.sample(lines(name), len(lines(name)))
        return [self._decks[name].pop() for _ in range(count)]

    def _scene(self, topic_name: str) -> tuple[int, int, int, int]:
        deck = self._scenes.setdefault(topic_name, [])
        if not deck:
            for number, scene in enumerate(read_topic(topic_name).scenes):
                for h in range(len(scene.headlines)):
                    deck.append((number, h, h % len(scene.standfirsts), h % len(scene.leads)))
            self._rng.shuffle(deck)
        return deck.pop()

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
        if len(sentences) > 8:
            quoted = rng.choice(sentences[2:-1]).rstrip(".")
            blocks.insert(rng.randint(3, len(blocks) - 1), Block("q", quoted))
        if len(sentences) > 7 and rng.random() < 0.3:
            self._listed(blocks)
        return blocks

    @staticmethod
    def _listed(blocks: list[Block]) -> None:
        """Turn one long paragraph into a list, a sentence an item."""
        for block in blocks[2:]:
            items = [part.strip() for part in block.text.split(". ") if part.strip()]
            if block.kind == "p" and len(items) >= 3:
                block.kind, block.text = "ul", "\n".join(i if i.endswith(".") else i + "." for i in items)
                return
