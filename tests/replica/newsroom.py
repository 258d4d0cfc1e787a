"""One day after another in five newsrooms: which outlet runs which story, when, under what name and credit.

Desk (own stories) ┐
wire stories       ├─▶ Schedule ─▶ house style ─▶ Piece, ten days of them for each outlet
events, bulletins  ┘
"""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.replica.clock import DOHA, weekday
from tests.replica.outlets import HOUSES, House, address
from tests.replica.piece import Block, Draft, Piece
from tests.replica.style import sign
from tests.replica.writing.grammar import TODAY
from tests.replica.writing.material import TOPICS
from tests.replica.writing.series import bulletins, digest, events
from tests.replica.writing.specials import breaking, explainer, gallery, live, opinion, video
from tests.replica.writing.stories import Desk
from tests.replica.writing.wires import wire_drafts

if TYPE_CHECKING:
    from collections.abc import Callable

SMALLEST = 66  # pieces per outlet, at least
LAST_HOUR = 9  # the last day's pieces are out by then (UTC), so that nothing lies in a reader's future
LATER = 5  # pieces per outlet that only the second edition has
TROUBLES = ("429-seconds", "429-date", "503")
OWN_SPECIALS = {
    "alaraby": (live, opinion, opinion, opinion, breaking),
    "aljazeera": (live, live, opinion, opinion, video, video, gallery, explainer, explainer, breaking, breaking),
    "albawaba": (video, video, gallery, gallery, breaking),
    "albawabhnews": (breaking, breaking, breaking),
    "skynewsarabia": (breaking, breaking),
}


class Newsroom:
    """All pieces of a replica's first edition, by outlet, oldest first."""

    def __init__(self, seed: int, until: date, days: int) -> None:
        self._rng = random.Random(f"replica:{seed}")
        self.until, self.days = until, days
        self._desk = Desk(self._rng)
        plan = self._plan()
        self.pieces: dict[str, list[Piece]] = {}
        for name, house in HOUSES.items():
            self.pieces[name] = self._publish(house, sorted(plan[name], key=lambda entry: entry[0]))
        self.later = {name: self._later(HOUSES[name], pieces) for name, pieces in self.pieces.items()}
        self._insert_specials(self.pieces["skynewsarabia"])

    def moment(self, day: int | None = None) -> datetime:
        """Return a time in the window; ``day`` counts back from the last one. Some are close to midnight."""
        back = self._rng.randrange(self.days) if day is None else min(day, self.days - 1)
        hours = self._rng.triangular(3, 23.9, 13) if self._rng.random() < 0.8 else self._rng.uniform(0, 24)
        if back == 0:
            hours = hours * LAST_HOUR / 24
        start = datetime.combine(self.until - timedelta(days=back), time(), UTC)
        return start + timedelta(seconds=int(hours * 3600))

    def _placed(self, write: Callable[[int], Draft]) -> tuple[datetime, Draft]:
        """Choose a day (counted back) and have a story written for it: near stories must not open alike."""
        day = self._rng.randrange(self.days)
        return self.moment(day), write(day)

    def _plan(self) -> dict[str, list[tuple[datetime, Draft]]]:
        rng, desk = self._rng, self._desk
        plan: dict[str, list[tuple[datetime, Draft]]] = {name: [] for name in HOUSES}
        for versions in wire_drafts(rng):
            start = self.moment(rng.randrange(1, self.days) if self.days > 1 else 0)
            for turn, (name, draft) in enumerate(versions):
                latest = datetime.combine(self.until, time(LAST_HOUR), UTC)
                plan[name].append((min(start + timedelta(minutes=turn * rng.randint(20, 300)), latest), draft))
        for name, draft, day in [*events(rng, desk, list(HOUSES)), *bulletins(rng, self.until, self.days)]:
            plan[name].append((self.moment(day), draft))
        for name, kinds in OWN_SPECIALS.items():
            plan[name] += [self._placed(lambda day, w=write: w(rng, desk, day)) for write in kinds]
        for name, entries in plan.items():
            for turn in range(max(SMALLEST - len(entries), 0)):
                topic = TOPICS[turn % len(TOPICS)]
                entries.append(self._placed(lambda day, t=topic: desk.write(t, day=day)))
            if name == "albawabhnews":
                entries += [(self.moment(0), draft) for draft in digest(rng, entries)]
        return plan

    def _publish(self, house: House, entries: list[tuple[datetime, Draft]]) -> list[Piece]:
        taken: set[str] = set()
        pieces = []
        for turn, (moment, draft) in enumerate(entries):
            number = house.first_number + turn * house.step + self._rng.randrange(house.step)
            pieces.append(self._piece(house, draft, moment, number, taken))
        self._announce(house, pieces)
        plain = [p for p in pieces if p.kind == "article" and p.story_group is None]
        if house.name == "albawabhnews":
            next(p for p in plain if p.look == "cms2018").charset = "windows-1256"
        for piece, trouble in zip(self._rng.sample(plain, len(TROUBLES)), TROUBLES, strict=True):
            piece.trouble = trouble
        return pieces

    def _later(self, house: House, pieces: list[Piece]) -> list[Piece]:
        """Write what the second edition adds, after the last hour of the first."""
        start = datetime.combine(self.until, time(LAST_HOUR), UTC)
        number = pieces[-1].number + house.step
        added = []
        for turn in range(LATER):
            moment = start + timedelta(minutes=13 * (turn + 1))
            draft = self._desk.write(TOPICS[turn % len(TOPICS)], day=0)
            added.append(self._piece(house, draft, moment, number + turn * house.step, set()))
            added[-1].edition = 2
        return added

    def _insert_specials(self, pieces: list[Piece]) -> None:
        """Give Sky a live story that its sitemap alone announces, a film and pictures that its listings of such alone do.

        Written last of all, so that the other pieces stay as they are.
        """
        house, start = HOUSES["skynewsarabia"], len(pieces) // 3
        for write, channel in ((live, "sitemap"), (video, "api"), (gallery, "api")):
            place = next(at for at in range(start, len(pieces)) if pieces[at].number - pieces[at - 1].number > 1)
            number, published = pieces[place - 1].number + 1, pieces[place - 1].published
            piece = self._piece(house, write(self._rng, self._desk, self.days // 2), published, number, set())
            piece.channels = frozenset({channel})
            pieces.insert(place, piece)
            start = place + 2

    def _piece(self, house: House, draft: Draft, moment: datetime, number: int, taken: set[str]) -> Piece:
        rng = self._rng
        slug, section = house.sections.get(draft.kind) or house.sections[draft.topic]
        look = rng.choices(list(house.looks), weights=list(house.looks.values()))[0]
        if draft.kind in ("live", "video", "gallery"):
            look = next(iter(house.looks))
        if look in house.whole_minutes:
            moment = moment.replace(second=0)
        words = slugify(draft.headline)
        while f"{slug}/{words}" in taken:
            words += f"-{rng.randint(2, 9)}"
        taken.add(f"{slug}/{words}")
        modified = moment + timedelta(minutes=rng.randint(3, 170)) if rng.random() < 0.5 else moment
        latest = datetime.combine(self.until, time(LAST_HOUR), UTC)
        piece = Piece(
            outlet=house.name,
            host=house.hosts[0],
            number=number,
            native=None if look == "dynamic" else str(number),  # a dynamic page states none
            path=address(house, slug, words, number=number, published=moment, kind=draft.kind),
            kind=draft.kind,
            topic=draft.topic,
            slug=slug,
            section=section,
            headline=draft.headline,
            standfirst=dated(draft.standfirst, moment),
            body=[Block(b.kind, dated(b.text, moment)) for b in draft.body],
            tags=list(draft.tags),
            published=moment,
            modified=max(min(modified, latest), moment),
            tells_modified=house.name != "albawabhnews" and look != "visible",
            look=look,
            story_group=draft.story_group,
            event=draft.event,
            lead_in_text=house.name == "skynewsarabia",
        )
        sign(piece, draft, house, rng)
        return piece

    @staticmethod
    def _announce(house: House, pieces: list[Piece]) -> None:
        """Leave one channel out for most pieces, in turn; the union of the channels stays complete."""
        for turn, piece in enumerate(pieces):
            left_out = house.channels[turn % len(house.channels)] if turn % 5 else None
            piece.channels = frozenset(c for c in house.channels if c != left_out)
            if house.name == "alaraby" and turn % 6 == 1:  # no feed carries its text: the page must be read
                piece.channels = frozenset({"section"})


def dated(text: str, moment: datetime) -> str:
    """Put the day of the week where the writer left room for it."""
    return text.replace(TODAY, weekday(moment.astimezone(DOHA)))


def slugify(headline: str, words: int = 9) -> str:
    """Return the words of a headline as they stand in addresses."""
    bare = re.sub(r"[^\w\s]", " ", headline)
    return "-".join(bare.split()[:words])
