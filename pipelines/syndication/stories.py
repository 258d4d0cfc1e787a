"""Placing articles in stories, one at a time, in whatever order they come: story, origin, overlap, relations, credits."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from archive.article import Related, Story, parse_time
from archive.files import DamagedState, Unreadable, parse_json, tells_damage
from archive.manifests.manifest import Manifest, current_part, manifests_in, outlets_in
from archive.reader import jsonl
from archive.reader.redactions import TakenDown
from archive.spool.sealing import read_lines
from pipelines.syndication.alignment import CONTAINS, Evidence, Verdict, judge, nearest
from pipelines.syndication.fingerprints import WINDOW, Hashes, Marks, Words, coarseness, covered, sketch, thin
from pipelines.syndication.formulas import as_ranges, day_of
from pipelines.syndication.index import (
    Credit,
    Link,
    Piece,
    Placement,
    Relation,
    StoryIndex,
    Text,
    Told,
    assemble,
    by_agency,
    from_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from archive.spool.spool import Spool
    from archive.store import Store
    from pipelines.syndication.sqlite_index import SqliteStoryIndex


# --- Which article of a story came first, and how much of each copy stands in it -------------------------------------
# The origin is the earliest article that carries the story's *core*: what at least two of its articles share. An outlet that
# ran three paragraphs of a dispatch an hour before another ran it in full is early, but it is not where the story came from.

CARRIED = 0.8  # share of the core that makes an origin


def origin(members: Sequence[str], texts: Mapping[str, Text]) -> str:
    """Return the id of the origin among ``members`` (in order of publication); the first where nothing is shared."""
    if len(members) == 1:
        return members[0]
    own = {member: coarseness(texts[member].words.size) for member in members}
    halvings = max(own.values())
    sketches = {member: texts[member].sketch for member in members}
    sampled = {
        member: set((each if own[member] == halvings else thin(each, halvings)).tolist())
        for member, each in sketches.items()
    }
    held = Counter(chain.from_iterable(sampled.values()))
    core = {value for value, count in held.items() if count > 1}
    if not core:
        return members[0]
    carried = {member: len(core & hashes) / len(core) for member, hashes in sampled.items()}
    return next((m for m in members if carried[m] >= CARRIED), max(members, key=lambda m: carried[m]))


def overlap(text: Words, source: Words) -> float:
    """Return what `Ready.overlap` does of two texts that were not compared."""
    if not text.ids.size or np.array_equal(text.ids, source.ids):
        return 1.0
    marks = np.frombuffer(covered(text, source)[0], np.uint8) != 0
    return round(float(marks.mean() if text.own is None or not text.own.any() else marks[text.own].mean()), 3)


class Ready:
    """Texts made ready to be compared: those of the last days are asked for again and again."""

    def __init__(self) -> None:
        self._words: dict[Text, Words] = {}
        self._compared: Mapping[Words, Evidence] = {}

    def of(self, text: Text) -> Words:
        """Return a text's words."""
        return self._words.get(text) or self.keep(text, Words(text.words, text.own))

    def keep(self, text: Text, words: Words) -> Words:
        """Remember a text's words in the place of the oldest ones."""
        if len(self._words) >= _COMPARED:
            del self._words[next(iter(self._words))]
        self._words[text] = words
        return words

    def note(self, text: Text, words: Words, compared: Mapping[Words, Evidence]) -> None:
        """Remember a new text's words, and what they have in common with others; nothing is compared twice."""
        self.keep(text, words)
        self._compared = compared

    def overlap(self, text: Text, source: Text) -> float:
        """Return the share (0 to 1, three decimals) of a text's own words that stand in ``source``; 1 for an empty one.

        Of a text that is all formula, the share of all its words.
        """
        one, other = self.of(text), self.of(source)
        evidence = self._compared.get(one) or self._compared.get(other)
        share = None if evidence is None else evidence.overlap(one, other)
        return overlap(one, other) if share is None else round(share, 3)


# ---------------------------------------------------------------------------------------------------------------------
# Where articles stand, worked out anew when one of them was learned or lost: story, origin, overlap, relations,
# credits.
# article ──links──▶ component ──assemble──▶ stories ──origin──▶ placements, and which of them moved
#         ──relations──▶ articles of other stories: what they contain, or stand in, has changed, too


class Settling:
    """Settles the articles of an index.

    Args:
        index: where links, relations and placements are kept.
        ready: the texts of the index, as they are compared.
    """

    def __init__(self, index: StoryIndex, ready: Ready) -> None:
        self._index, self._ready = index, ready

    def component(self, article: str) -> dict[str, float]:
        """Return the articles that stories of this one may reach, with their moments."""
        moments: dict[str, float] = {}
        waiting = [article]
        while waiting:
            each = waiting.pop()
            if each not in moments:
                moments[each] = self._index.moment(each)
                waiting += (other for other, link in self._index.links(each).items() if link > Link.NEAR)
        return moments

    def settle(self, article: str) -> tuple[list[Placement], list[str]]:
        """Place the articles of a component anew.

        Args:
            article: the one whose text, or whose neighbour, is new: what depends on it is measured again.

        Returns:
            The placements that changed, and the articles of this one's story.
        """
        moments = self.component(article)
        links = {each: self._index.links(each) for each in moments} if len(moments) > 1 else {}
        moved: list[Placement] = []
        story = [article]
        for members in assemble(moments, links):
            story = members if article in members else story
            texts = {member: self._index.current(member) for member in members}
            source = origin(members, texts)
            credited = self.credits(members) if len(members) > 1 else ()
            for member in members:
                before = self._index.placement(member)
                share = self._share(member, source, texts, None if article in {member, source} else before)
                role = "first" if member == source else "copy"
                related = _others(self._index.relations(member), members)
                own = credited if member == members[0] else ()
                now = Placement(member, members[0], role, source, share, related, own)
                if now != before:
                    self._index.place(now)
                    moved.append(now)
        return moved, story

    def relate_anew(self, articles: Iterable[str]) -> list[Placement]:
        """Say again what articles contain and stand in; return the placements that changed."""
        moved = []
        for article in sorted(articles):
            before = self._index.placement(article)
            assert before is not None
            relations = self._index.relations(article)
            placed = {other: self._index.placement(other) for other in relations}
            members = {other for other, place in placed.items() if place and place.story == before.story}
            now = before.with_related(_others(relations, members))
            if now != before:
                self._index.place(now)
                moved.append(now)
        return moved

    def credits(self, members: Iterable[str]) -> tuple[Credit, ...]:
        """Return which of a story's articles credit which agency."""
        agencies_credited = (
            Credit(agency, member, where)
            for member in members
            for agency, where in self._index.agencies(member).items()
        )
        return tuple(sorted(agencies_credited))

    def _share(self, member: str, source: str, texts: Mapping[str, Text], before: Placement | None) -> float:
        if member == source:
            return 1.0
        if before is not None and before.origin == source:
            return before.overlap
        return self._ready.overlap(texts[member], texts[source])


def _others(relations: Mapping[str, Relation], members: Collection[str] | Sequence[str]) -> tuple[Relation, ...]:
    return tuple(sorted(each for each in relations.values() if each.id not in members)) if relations else ()


# --- Placing articles in stories, one at a time, in whatever order they come -----------------------------------------
#     article ──keys──▶ same page, same text ─┐
#             ──sketch─▶ candidates ──compare─▶ links ──assemble──▶ stories ──origin──▶ placements
#                                               └─▶ related (contains, contained-in)
#
# Placing one article may teach something about earlier ones: an earlier origin, that two stories are one, another agency, an article
# that contains them. `Placed.taught` says what; it is published beside the articles and never rewrites them.

_CANDIDATES = 96  # texts compared word by word; a background paragraph may bring dozens that are settled at a glance
_COMPARED = 2048  # texts held ready to be compared: those of the last days are asked for again and again; 8 MB
_BATCH = 500  # articles a transaction when catching up
_AT_ONCE = 64  # of them, whose words are looked at together: what that takes stays in the processor's cache
_SHARED, _SHARE = 3, 0.1  # hashes: fewer are chance
_LINKS = {Verdict.SAME: Link.SAME, Verdict.NEAR: Link.NEAR}


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of placing an article.

    Attributes:
        story: for the article's own line, with the agencies of all its articles.
        related: articles that contain it or stand in it without being its story.
        formulas: which of its words are no proof of a copy, as its line tells it.
        taught: the placements that have changed through it: of earlier articles, and its own where that was told before, or where
            a line of its own must tell the story's agencies.
        told: when that was so; of two crawls that share an index, what the later one found has the later time, whoever writes first.
    """

    story: Story
    related: list[Related]
    formulas: str
    taught: list[Placement]
    told: datetime = field(compare=False)


class _Settled(NamedTuple):
    """An article's story, which of its words are its own, the placements that have changed through it, and whether its text is new."""

    members: list[str]
    own: Marks
    taught: list[Placement]
    is_new: bool


class Stories:
    """The stories of an index.

    Args:
        index: where texts, links and placements are kept.
    """

    def __init__(self, index: StoryIndex) -> None:
        self._index = index
        self._ready = Ready()
        self._settling = Settling(index, self._ready)

    def place(self, piece: Piece) -> Placed:
        """Place an article (or another version of one) and say what that changes. Placing it again changes nothing."""
        (placed,) = self.place_together([piece])
        return placed

    def place_together(self, pieces: Iterable[Piece]) -> list[Placed]:
        """Place articles in this order, in one transaction; return of each what `place` would."""
        with self._index.transaction():
            return [self._placed(piece.id, settled) for piece, settled in self._place_each(pieces)]

    def catch_up(self, published: Iterable[Piece | Told]) -> list[Told]:
        """Learn what was published, here or by another machine: articles, and the placements told of them, in order.

        Returns:
            What was told of articles that are not here: another outlet of the same day may hold them.
        """
        waiting, unknown = iter(published), list[Told]()
        while batch := list(islice(waiting, _BATCH)):
            with self._index.transaction():
                for _, run in groupby(batch, key=type):
                    group = list(run)
                    unknown += self._tell(each for each in group if isinstance(each, Told))
                    for piece, _ in self._place_each(each for each in group if isinstance(each, Piece)):
                        self._index.keep(piece.id)
        return unknown

    def place_all(self, pieces: Iterable[Piece]) -> None:
        """Place articles of which nobody asks what came of each."""
        waiting = iter(pieces)
        while batch := list(islice(waiting, _BATCH)):
            with self._index.transaction():
                for _ in self._place_each(batch):
                    pass

    def _tell(self, told: Iterable[Told]) -> list[Told]:
        unknown = []
        for each in told:
            if self._index.placement(each.placement.id) is not None:
                self._index.tell(each)
            else:
                unknown.append(each)
        return unknown

    def forget(self, known: Callable[[str], bool]) -> None:
        """Forget articles that were placed and never published, so that no origin points at what is not there.

        Args:
            known: tells whether an article is on its way after all: in the spool, or in a crawl that is running.
        """
        with self._index.transaction():
            for lost in self._index.unkept():
                if not known(lost):
                    linked, related = self._settling.component(lost), list(self._index.relations(lost))
                    self._index.remove(lost)
                    for article in linked.keys() - {lost}:
                        self._settling.settle(article)
                    self._settling.relate_anew(related)

    def untold(self) -> tuple[list[Placement], datetime]:
        """Return the placements that published articles have now and that nobody has published yet, and when that was so."""
        with self._index.transaction():
            untold, until, now = self._index.untold(), self._index.told_until(), datetime.now(UTC)
            later = parse_time(until) + timedelta(microseconds=1) if until else now  # of a machine whose clock is ahead
            return untold, max(now, later)

    def _place_each(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, _Settled]]:
        for _, day in groupby(pieces, key=lambda piece: (day_of(piece.at), piece.own is None)):
            while some := list(islice(day, _AT_ONCE)):
                texts = []
                for piece, words, own in zip(some, *self._words_of(some), strict=True):
                    settled = self._place(piece, words, own)
                    if settled.is_new and piece.comparable:
                        texts.append(piece.words)
                    yield piece, settled
                if texts:
                    self._index.formulas.learn_each(texts, some[0].at)

    def _words_of(self, pieces: Sequence[Piece]) -> tuple[list[Words], list[Marks]]:
        """Return the words of articles of one day, and which of them are their own: what that day says is no formula on it."""
        words = [Words(piece.words) for piece in pieces]
        ids, hashes = [each.ids for each in words], [each.grams for each in words]
        told = [piece.own for piece in pieces if piece.own is not None]
        marks = told or self._index.formulas.own_of_each(ids, hashes, pieces[0].at)
        for each, own in zip(words, marks, strict=True):
            each.own = own
        return words, marks

    def _place(self, piece: Piece, words: Words, own: Marks) -> _Settled:
        sampled = sketch(words.grams if piece.comparable else words.grams[:0], piece.words.size)
        candidates = self._candidates(piece, sampled)
        others = [self._ready.of(text) for text in candidates]
        compared = {
            others[each]: (candidates[each].article, _evidence(piece, words, candidates[each], others[each]))
            for each in nearest(words, others)
        }
        known, twins = self._index.twins(piece)
        is_new = self._index.placement(piece.id) is None
        related = [] if known else self._learn(piece, sampled, own, twins, compared.values())
        text = self._index.current(piece.id)
        if text.words is piece.words:
            self._ready.note(text, words, {other: evidence for other, (_, evidence) in compared.items()})
        moved, members = self._settling.settle(piece.id)
        moved += self._settling.relate_anew(related)
        taught = [each for each in moved if each.id != piece.id or each.credits or not is_new]
        return _Settled(members, own, taught, not known)

    def _placed(self, article: str, settled: _Settled) -> Placed:
        own = self._index.placement(article)
        assert own is not None
        agencies = by_agency(self._settling.credits(settled.members))
        story = Story(id=own.story, role=own.role, origin=own.origin, overlap=own.overlap, agencies=agencies)
        related = [Related(**each._asdict()) for each in own.related]
        return Placed(
            story, related, as_ranges(settled.own), settled.taught, datetime.now(UTC)
        )  # within the transaction

    def placements(self) -> Iterable[Placement]:
        """Return where every article stands now, by id."""
        return self._index.placements()

    def _learn(
        self,
        piece: Piece,
        sampled: Hashes,
        own: Marks,
        twins: Iterable[str],
        compared: Iterable[tuple[str, Evidence]],
    ) -> list[str]:
        """Keep a piece and what it is to others; return the articles that it is related with."""
        self._index.add(piece, sampled, own)
        for other in twins:
            self._index.link(piece.id, other, Link.KEY)
        related = []
        for other, evidence in compared:
            verdict = judge(evidence)
            if verdict in _LINKS:
                self._index.link(piece.id, other, _LINKS[verdict])
            elif verdict is Verdict.CONTAINED:
                self._index.relate(piece.id, _relation(piece.id, other, evidence))
                related.append(other)
        return related

    def _candidates(self, piece: Piece, sampled: Hashes) -> list[Text]:
        ranked = []
        for serial, shared in self._index.shared(piece.at, sampled, _SHARED).items():
            text = self._index.text(serial)
            if text is None:
                continue
            share = shared / min(len(sampled), len(text.sketch))
            if share >= _SHARE and text.article != piece.id and abs(text.at - piece.at) <= WINDOW:
                ranked.append((-share, serial, text))
        return [text for *_, text in sorted(ranked, key=lambda each: each[:2])[:_CANDIDATES]]


def _evidence(piece: Piece, words: Words, text: Text, other: Words) -> Evidence:
    return Evidence(words, other, abs(text.at - piece.at), of_one_outlet=text.outlet == piece.outlet)


def _relation(article: str, other: str, evidence: Evidence) -> Relation:
    mine, theirs = evidence.first, evidence.second
    if evidence.larger >= CONTAINS:
        inside = (mine.coverage, article) > (theirs.coverage, other)
    else:  # a digest: whose lead is it?
        inside = (mine.lead, mine.coverage, article) > (theirs.lead, theirs.coverage, other)
    share = mine.coverage if inside else theirs.coverage
    return Relation(other, "contained-in" if inside else "contains", round(share, 3))


# --- What other crawls and other machines published, learned before a crawl begins; and what a crash left behind, forgotten ---
# manifests not seen yet ──▶ their article and story lines ──▶ Stories.catch_up
# articles placed, but neither published nor in the spool, of no other crawl that runs ──▶ Stories.forget

_STATES = ("open", "closed", "sealed")
_SPEAKING = ("articles", "stories")


def catch_up(  # noqa: PLR0913  each is a fact of its own
    store: Store,
    spool: Spool,
    index: SqliteStoryIndex,
    stories: Stories,
    *,
    since: date | None = None,
    outlet: str | None = None,
) -> int:
    """Bring an index level with the archive; return how many manifests were new.

    Args:
        store: the archive.
        spool: what is on its way into it from this machine.
        index: the index to bring level.
        stories: the stories of that index.
        since: the first crawl date to look at; None for all.
        outlet: the one that the caller has locked, so that no other process crawls it.

    An index that turns out to be damaged is made anew from the archive; what the archive says wrongly is left to be mended, and learned then.

    Raises:
        StoreError: the archive does not answer, or an object is not as it was published.
        Unreadable: a manifest or a line is none; the message names it.
    """
    try:
        return _catch_up(store, spool, index, stories, since=since, outlet=outlet)
    except (DamagedState, sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if not (isinstance(error, DamagedState) or tells_damage(error)):
            raise
        index.begin_anew(error)
        return _catch_up(store, spool, index, stories, since=since, outlet=outlet)


def _catch_up(  # noqa: PLR0913  as above
    store: Store, spool: Spool, index: SqliteStoryIndex, stories: Stories, *, since: date | None, outlet: str | None
) -> int:
    new, removed, unknown = 0, list[str](), list[Told]()
    lost = _lost(spool, index, outlet)  # before the manifests are listed: what is published meanwhile is found there
    taken = TakenDown(store)
    for key in manifests(store, since):
        if not index.learned(key):
            with jsonl.naming(key):
                manifest = Manifest.from_bytes(store.read(key))
            news = (line for line in _news(store, manifest, index) if line["id"] not in taken.ids)
            unknown += stories.catch_up(_updates(news, manifest))
            if _is_removed(store, manifest):
                removed.append(key)  # what stands for it says what it said, and is not to be taken for known
            else:
                index.note_learned(key)
            new += 1
    stories.catch_up(unknown)
    for key in removed:
        index.note_learned(key)
    stories.forget(lambda article: article not in lost)
    return new


def _lost(spool: Spool, index: SqliteStoryIndex, ours: str | None) -> set[str]:
    """Return the articles that were placed, are not known to be published, and wait nowhere.

    None of another outlet whose crawl is running, and may hold what it has not written yet, or has died: its next start sees to that.
    """
    with index.transaction():
        placed = index.unkept()
    begun = {outlet for outlet in spool.outlets() if outlet != ours and spool.crawl(outlet) is not None}
    waiting = in_spool(spool)  # last: a crawl that ended meanwhile has written all of its articles
    return {article for article in placed if article not in waiting and article.partition(":")[0] not in begun}


def manifests(store: Store, since: date | None = None) -> list[str]:
    """Return the keys of all outlets' manifests, by crawl date: what is formula depends on the days before, in all outlets."""
    begin = f"{since:%Y-%m-%d}" if since else ""
    keys = (key for outlet in outlets_in(store) for key in manifests_in(store, outlet, since=begin))
    return sorted(keys, key=lambda key: (key.partition("/date=")[2], key))


def _news(store: Store, manifest: Manifest, index: SqliteStoryIndex) -> Iterator[dict[str, Any]]:
    """Yield the lines of a manifest that say something new.

    What a compaction joined is known already; an article that was read again keeps the story that it was given first.
    """
    if manifest.moved and all(index.learned(old.key) for old in manifest.replaces):
        return
    for line in lines_of(store, manifest):
        if not (manifest.generation and not manifest.moved and index.placement(line["id"]) is not None):
            yield line


def lines_of(store: Store, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Return a manifest's article and story lines, in the order in which they were written; none that were removed."""
    if _is_removed(store, manifest):
        manifest = current_part(store, manifest)
    items = manifest.by_kind
    for kind in _SPEAKING:
        if kind in items:
            yield from jsonl.parsed_lines(store, items[kind], _line)


def _line(line: bytes) -> dict[str, Any]:
    record = parse_json(line)
    if not (isinstance(record, dict) and isinstance(record.get("id"), str)):
        raise Unreadable("no line of an article or of its story")
    return record


def _updates(lines: Iterable[Mapping[str, Any]], manifest: Manifest) -> Iterator[Piece | Told]:
    for line in lines:
        try:
            yield from from_line(line)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise Unreadable(
                f"{line['id']} in segment {manifest.segment} is no line of an article or of its story: {error}"
            ) from error


def _is_removed(store: Store, manifest: Manifest) -> bool:
    """Say whether some of its lines were removed after a compaction."""
    return any(store.stat(item.key) is None for kind, item in manifest.by_kind.items() if kind in _SPEAKING)


def in_spool(spool: Spool) -> set[str]:
    """Return the ids of the articles that wait in the spool, whichever crawl wrote them."""
    segments = (s for outlet in spool.outlets() for state in _STATES for s in spool.segments(outlet, state))
    return {json.loads(line)["id"] for segment in segments for line in read_lines(segment.articles)}
