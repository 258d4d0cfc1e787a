"""What pages ask the database: lists of articles as cards, one article, one story, one tag, and two texts compared."""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from archive.diff import comparison
from archive.site.database import newest_of, versions_of
from archive.site.templating import MOST_COPIES, article_path, key_of_slug, picture_path, slug_of, story_path
from archive.site.topics import Sort, sort_of, stems
from archive.text import key_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from markupsafe import Markup

    from archive.article import Article
    from archive.diff import Comparison

# --- Articles as lists show them: one row each, and the copies of one story folded into the one that had it first ----

COLUMNS = (
    "article.n, id, outlet, at, captured, version, headline, standfirst, section, article.kind, agencies, story, origin, overlap,"
    " silent, words, article.changed, article.wide, article.high, article.day"
)


Place: TypeAlias = "tuple[int, str, int, str | None, str | None]"
"""What decides where an article stands in a list: ``n, id, at, story, origin``, as in `Card`; a plain tuple, for very many are kept."""


@dataclass(slots=True)
class Card:
    """An article in a list.

    Attributes:
        n: its number in the index.
        at: seconds since 1970 by which it is sorted.
        versions: how many there are; ``silent`` of them without word of it.
        wide: of its picture that the archive holds, in pixels, and ``high``; 0: it has none.
        day: when it was published, as ``2026-11-23``, where the day alone is known and its hour would be made up.
        copies: the others of its story in the same list, oldest first.
        article: the whole of it, where the list shows texts.
        topics: what it names, weightiest first, where the list shows them.
        about: it is about the name whose list this is, and does not name it in passing.
    """

    n: int
    id: str
    outlet: str
    at: int
    versions: int
    headline: str
    standfirst: str | None
    section: str | None
    kind: str
    agencies: list[str]
    story: str | None
    origin: str | None
    overlap: float | None
    silent: int
    words: int
    wide: int = 0
    high: int = 0
    day: str | None = None
    copies: list[Card] = field(default_factory=list)
    article: Article | None = None
    topics: list[dict[str, Any]] = field(default_factory=list)
    marked: Markup | None = None
    about: bool = False

    @property
    def path(self) -> str:
        """Return the path of the article's page."""
        return article_path(self.id)

    @property
    def picture_path(self) -> str:
        """Return the path of its picture."""
        return picture_path(self.id)

    @property
    def story_path(self) -> str:
        """Return the path of its story's page."""
        return story_path(self.story or self.id)

    @property
    def earliest(self) -> Card:
        """Return who had the story first among this card and its copies; not the origin where it ran a few paragraphs alone."""
        return min((self, *self.copies), key=lambda card: (card.at, card.id))

    @property
    def runs(self) -> list[Card]:
        """Return the first article of each outlet among this card and its copies, in the order of time."""
        first: dict[str, Card] = {}
        for card in sorted((self, *self.copies), key=lambda card: (card.at, card.id)):
            first.setdefault(card.outlet, card)
        return list(first.values())


def card_of(row: sqlite3.Row) -> Card:
    """Return a row of `COLUMNS` as a card."""
    n, name, outlet, at, _, versions, headline, standfirst, section, kind, agencies, *told, _, wide, high, day = row
    of = (n, name, outlet, at, versions, headline, standfirst, section, kind, agencies.split(), *told, wide, high, day)
    return Card(*of)


def cards(  # noqa: PLR0913  each is a choice of its own
    connection: sqlite3.Connection,
    condition: str,
    values: Sequence[Any] = (),
    limit: int = 50,
    offset: int = 0,
    *,
    oldest_first: bool = False,
) -> list[Card]:
    """Return the newest articles that fit a condition of ours in SQL, or the oldest."""
    order = "at, n" if oldest_first else "at DESC, n DESC"
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM article WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608  names of our own
        [*values, limit, offset],
    )
    return [card_of(row) for row in rows]


def cards_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Card]:
    """Return the cards of these articles, in the order of the numbers."""
    marks = ",".join("?" * len(numbers))
    rows = connection.execute(f"SELECT {COLUMNS} FROM article WHERE n IN ({marks})", list(numbers))  # noqa: S608
    by_number = {row["n"]: card_of(row) for row in rows}
    return [by_number[number] for number in numbers if number in by_number]


def grouped(places: Iterable[Place]) -> list[tuple[int, ...]]:
    """Return the numbers of articles by story, newest story first: the one that had it first, then its copies by time."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place[3] or place[1], []).append(place)
    ordered: list[tuple[int, str, tuple[int, ...]]] = []
    for group in groups.values():
        head = group[0] if len(group) == 1 else min(group, key=lambda place: (place[4] != place[1], place[2], place[1]))
        others = sorted((place for place in group if place is not head), key=itemgetter(2, 1))
        ordered.append((-head[2], head[1], (head[0], *(place[0] for place in others))))
    ordered.sort()
    return [numbers for *_, numbers in ordered]


def folded(cards: Iterable[Card]) -> list[Card]:
    """Fold the copies of each story into the one of its cards that had it first; that one stands at its own time."""
    by_number = {card.n: card for card in cards}
    places = [(card.n, card.id, card.at, card.story, card.origin) for card in by_number.values()]
    return _fold(by_number, grouped(places))


def folded_of(connection: sqlite3.Connection, groups: Sequence[Sequence[int]]) -> list[Card]:
    """Return the cards of groups of articles, each group folded into its first."""
    numbers = [number for group in groups for number in group]
    return _fold({card.n: card for card in cards_of(connection, numbers)}, groups)


def _fold(by_number: dict[int, Card], groups: Sequence[Sequence[int]]) -> list[Card]:
    heads = []
    for group in groups:
        there = [by_number[number] for number in group if number in by_number]  # one may have been taken down meanwhile
        if there:
            there[0].copies = there[1:]
            heads.append(there[0])
    return heads


def with_texts(connection: sqlite3.Connection, cards: Sequence[Card]) -> Sequence[Card]:
    """Put the whole article into each card, and what it is about."""
    newest = newest_of(connection, [card.id for card in cards])
    for card in cards:
        card.article = newest[card.id]
    return with_topics(connection, cards)


def with_topics(connection: sqlite3.Connection, cards: Sequence[Card]) -> Sequence[Card]:
    """Put what each article names into its card, the weightiest."""
    by_number = {card.n: card for card in cards}
    for number, group in groupby(_topics(connection, list(by_number)), key=itemgetter(0)):
        by_number[number].topics = [_topic_of(row) for row in islice(group, SHOWN_TOPICS)]
    return cards


SHOWN_TOPICS = 12  # on a page; the API says all
_TOPIC = ("name", "slug", "kind", "weight", "own", "about", "many")


def topics_of(connection: sqlite3.Connection, number: int) -> list[dict[str, Any]]:
    """Return what an article names, the weightiest first: ``name, slug, kind, weight, own, about, many``."""
    return [_topic_of(row) for row in _topics(connection, [number])]


def _topics(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[sqlite3.Row]:
    asked = (
        f"SELECT n, {', '.join(_TOPIC)} FROM topic JOIN entry USING (e) WHERE n IN ({','.join('?' * len(numbers))})"  # noqa: S608
        " ORDER BY n, weight DESC, key"
    )
    return connection.execute(asked, list(numbers)).fetchall()


def _topic_of(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in _TOPIC}


# --- A story's texts, each once, with all that carry it ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trim:
    """A text of a story, word for word: the articles that carry it, by time, and how it differs from the origin's."""

    cards: list[Card]
    comparison: Comparison

    @property
    def outlets(self) -> list[str]:
        """Return the outlets that carry it, in the order of time."""
        return list(dict.fromkeys(card.outlet for card in self.cards))


def trims(cards: Sequence[Card]) -> list[Trim]:
    """Group a story's articles, each with its text, by equal text; the origin's, the first card's, comes first, then by time."""
    groups: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda card: (card is not cards[0], card.at, card.id)):
        assert card.article is not None
        groups.setdefault(card.article.text_sha256 or card.article.text, []).append(card)
    origin = cards[0].article
    assert origin is not None
    return [
        Trim(group, comparison(origin, group[0].article)) for group in groups.values() if group[0].article is not None
    ]


# --- One article with all that its page says; one story; one entry; the sums of the front page -----------------------

_RELATED, _SAME_TAG = 6, 4
_HASHED = re.compile(r"[0-9a-f]{16}")  # the name of a page whose article has a number that is no file name
_NEAREST = 200  # articles among which those of one story are told apart: one story may have many copies
_COMMON = 400  # an entry with more articles says little about what is related


@dataclass(frozen=True, slots=True)
class NamedTopic:
    """A name with a page: ``kind`` is ``person``, ``organisation``, ``place`` or ``tag``."""

    e: int
    kind: str
    name: str
    key: str
    slug: str
    many: int
    changed: int


@dataclass(frozen=True, slots=True)
class Whole:
    """All that an article's page says.

    Attributes:
        card: the article in lists.
        versions: all of them, oldest first; the last one is shown.
        topics: what it names, the weightiest first.
        story: the other articles of its story, oldest first.
        beside: those of them that its page names, each with its text: of other outlets first, the earliest of each.
        related: articles about the same, of other stories.
        same_tag: what it is about before all, and the newest articles about that which are not named elsewhere.
    """

    card: Card
    versions: list[Article]
    topics: list[dict[str, Any]]
    story: list[Card]
    beside: list[Card]
    related: list[Card]
    same_tag: tuple[dict[str, Any], list[Card]] | None

    @property
    def article(self) -> Article:
        """Return the newest version."""
        return self.versions[-1]


_KEPT_NAMES, _KEPT_NEWEST = 2048, 512  # of at most 5 KB, of some 2 KB each
_KEPT_ROWS = 24_576  # articles, or entries, of some 0.5 KB each
_Row = TypeVar("_Row")


class Kept:
    """What many pages ask of one generation of the index, each answer kept.

    Attributes:
        naming: the numbers of all articles that name an entry, and its weight in each.
        newest: the numbers of the newest articles about a topic, by its slug and how many it has, by story.
    """

    def __init__(self, reader: Callable[[], sqlite3.Connection]) -> None:
        self.naming = lru_cache(maxsize=_KEPT_NAMES)(lambda e: _naming(reader(), e))
        self.newest = lru_cache(maxsize=_KEPT_NEWEST)(
            lambda slug, many: grouped(self.places(_newest_about(reader(), slug, many)).values())
        )
        self._reader = reader
        self._places: dict[int, Place] = {}
        self._named: dict[int, array[int]] = {}
        self._entries: dict[int, tuple[Any, ...]] = {}

    def places(self, numbers: Sequence[int]) -> dict[int, Place]:
        """Return where each of these articles stands in lists; one that is gone meanwhile is left out."""
        asked = f"SELECT n, id, at, story, origin FROM article WHERE n IN {_GIVEN}"  # noqa: S608  our own
        return self._kept(self._places, numbers, asked, _place_of)

    def named(self, numbers: Sequence[int]) -> dict[int, array[int]]:
        """Return the numbers of the entries that each of these articles names."""
        asked = f"SELECT n, group_concat(e) AS each FROM topic WHERE n IN {_GIVEN} GROUP BY n"  # noqa: S608  our own
        return self._kept(self._named, numbers, asked, lambda row: array("i", map(int, row["each"].split(","))))

    def entries(self, numbers: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        """Return of each of these entries ``e, name, slug, kind, many, key``."""
        asked = f"SELECT e, name, slug, kind, many, key FROM entry WHERE e IN {_GIVEN}"  # noqa: S608  our own
        return self._kept(self._entries, numbers, asked, tuple)

    def _kept(
        self, kept: dict[int, _Row], numbers: Sequence[int], asked: str, made_of: Callable[[sqlite3.Row], _Row]
    ) -> dict[int, _Row]:
        """Return what is kept of these numbers, after asking for what is not yet."""
        found = {number: row for number in numbers if (row := kept.get(number)) is not None}
        if fresh := [number for number in numbers if number not in found]:
            rows = {row[0]: made_of(row) for row in self._reader().execute(asked, [json.dumps(fresh)])}
            found |= rows
            kept |= rows
            for number in list(islice(kept, max(0, len(kept) - _KEPT_ROWS))):
                kept.pop(number, None)  # those that came first; other threads do the same
        return found


_GIVEN = "(SELECT value FROM json_each(?))"


def _place_of(row: sqlite3.Row) -> Place:
    """Return what decides where an article stands; where it is its own story's, and origin, the same text is kept once."""
    n, name, at, story, origin = row
    return n, name, at, name if story == name else story, name if origin == name else origin


def _naming(connection: sqlite3.Connection, e: int) -> tuple[array[int], array[float]]:
    rows = connection.execute("SELECT n, weight FROM topic WHERE e = ?", [e]).fetchall()
    return array("i", [row["n"] for row in rows]), array("d", [row["weight"] for row in rows])


def whole(connection: sqlite3.Connection, article_id: str, kept: Kept | None = None) -> Whole | None:
    """Return all about an article; None where the index has none of this id."""
    kept = kept or Kept(lambda: connection)
    row = connection.execute(f"SELECT {COLUMNS} FROM article WHERE id = ?", [article_id]).fetchone()  # noqa: S608
    if row is None:
        return None
    card = card_of(row)
    others = [other for other in story_cards(connection, card.story or card.id) if other.id != card.id]
    beside = _beside(card, others)
    for other in beside:
        other.article = versions_of(connection, other.id)[-1]
    versions = versions_of(connection, card.id)
    near = [*_overlapping(connection, versions[-1]), *related(connection, card, kept)]
    unique = list({one.id: one for one in near}.values())[:_RELATED]
    topics = topics_of(connection, card.n)
    named = {card.id, *(other.id for other in (*others, *unique))}
    return Whole(card, versions, topics, others, beside, unique, _same_tag(connection, kept, topics, named))


def _beside(card: Card, others: list[Card]) -> list[Card]:
    """Return a few of a story's other articles, in the order of time: the earliest of each other outlet, then the rest."""
    in_time = sorted(others, key=lambda other: (other.at, other.id))
    first = {other.outlet: other for other in reversed(in_time) if other.outlet != card.outlet}
    chosen = sorted(in_time, key=lambda other: first.get(other.outlet) is not other)[:MOST_COPIES]
    return [other for other in in_time if other in chosen]


def _same_tag(
    connection: sqlite3.Connection, kept: Kept, topics: list[dict[str, Any]], named: set[str]
) -> tuple[dict[str, Any], list[Card]] | None:
    """Return the weightiest topic that has other articles, with the newest of them that are not named already."""
    for topic in topics:
        about = kept.newest(topic["slug"], topic["many"])
        heads = kept.places([head for head, *_ in about])
        fresh = [group for group in about if group[0] in heads and heads[group[0]][1] not in named][:_SAME_TAG]
        if fresh:
            return topic, folded_of(connection, fresh)
    return None


def _newest_about(connection: sqlite3.Connection, slug: str, many: int) -> list[int]:
    """Return the numbers of the newest articles about a topic: of a common one by going back in time, of a rare one by sorting all of it."""
    entry = "(SELECT e FROM entry WHERE slug = ? LIMIT 1)"
    numbers = (
        f"article WHERE EXISTS (SELECT 1 FROM topic WHERE e = {entry} AND n = article.n AND about)"  # noqa: S608  names of our own
        if many > _COMMON
        else f"topic JOIN article USING (n) WHERE e = {entry} AND about"
    )
    asked = f"SELECT n FROM {numbers} ORDER BY at DESC, n DESC LIMIT ?"  # noqa: S608
    return [row["n"] for row in connection.execute(asked, [slug, 4 * _SAME_TAG])]


def _overlapping(connection: sqlite3.Connection, article: Article) -> list[Card]:
    """Return the articles that contain this one or are contained in it, as was last told of it."""
    told = connection.execute("SELECT line FROM told WHERE id = ?", [article.id]).fetchone()
    related = (
        None if told is None else json.loads(told["line"]).get("related")
    )  # None: an early line, which did not tell
    ids = [one.id for one in article.related] if related is None else [one["id"] for one in related]
    rows = (connection.execute("SELECT n FROM article WHERE id = ?", [one]).fetchone() for one in ids)
    return cards_of(connection, [row["n"] for row in rows if row is not None])


def picture_of(connection: sqlite3.Connection, article_id: str) -> bytes | None:
    """Return an article's picture as WebP; None where the archive holds none."""
    asked = "SELECT body FROM article JOIN picture ON record = picture WHERE id = ? AND picture.wide > 0"
    row = connection.execute(asked, [article_id]).fetchone()
    return None if row is None else bytes(row["body"])


def id_of_path(connection: sqlite3.Connection, outlet: str, number: str) -> str | None:
    """Return the id of the article whose page's name is ``number``."""
    plain = f"{outlet}:{number}"
    if connection.execute("SELECT 1 FROM article WHERE id = ?", [plain]).fetchone():
        return plain
    if not _HASHED.fullmatch(number):
        return None
    wanted = article_path(plain)
    rows = connection.execute("SELECT id FROM article WHERE outlet = ?", [outlet])
    return next((row["id"] for row in rows if article_path(row["id"]) == wanted), None)


def story_cards(connection: sqlite3.Connection, story: str) -> list[Card]:
    """Return the articles of a story, its origin first, then by time; a former story leads to the one it is part of now."""
    asked = f"SELECT {COLUMNS} FROM article WHERE story = ?"  # noqa: S608  names of our own
    rows = connection.execute(asked, [story]).fetchall()
    if not rows and (now := connection.execute("SELECT story FROM article WHERE id = ?", [story]).fetchone()):
        rows = connection.execute(asked, [now["story"]]).fetchall()
    return sorted(map(card_of, rows), key=lambda card: (card.origin != card.id, card.at, card.id))


def related(connection: sqlite3.Connection, card: Card, kept: Kept | None = None) -> list[Card]:
    """Return the articles that share the rarest and weightiest topics with this one, one of each story."""
    kept = kept or Kept(lambda: connection)
    mine = connection.execute(
        "SELECT e, weight, many FROM topic JOIN entry USING (e) WHERE n = ? AND many BETWEEN 2 AND ? ORDER BY e",
        [card.n, _COMMON],
    ).fetchall()
    near: dict[int, float] = {}
    for e, weight, many in mine:
        for n, other in zip(*kept.naming(e), strict=True):
            near[n] = near.get(n, 0.0) + weight * other / many
    for (n,) in connection.execute("SELECT n FROM article WHERE story = ?", [card.story or ""]):
        near.pop(n, None)
    near.pop(card.n, None)
    least = min(nlargest(_NEAREST, near.values()), default=0.0)
    lately_read = sorted((n for n, weight in near.items() if weight >= least), reverse=True)  # first among equals
    nearest = sorted(lately_read, key=near.__getitem__, reverse=True)[:_NEAREST]
    return cards_of(connection, _of_stories(connection, nearest, near)[:_RELATED])


def _of_stories(connection: sqlite3.Connection, nearest: list[int], near: dict[int, float]) -> list[int]:
    """Return one article of each story among the nearest, in their order, and the newest first of those equally near.

    Mostly a few of the first are enough, with all that are as near as the last of them.
    """
    of_story: dict[Any, int] = {}
    for many in (4 * _RELATED, _NEAREST):
        least = near[nearest[:many][-1]] if nearest else 0.0
        looked = [n for n in nearest if near[n] >= least]
        asked = f"SELECT n, at, story FROM article WHERE n IN ({','.join('?' * len(looked))})"  # noqa: S608
        rows = sorted(connection.execute(asked, looked), key=lambda row: (-near[row["n"]], -row["at"], -row["n"]))
        of_story = {}
        for n, _, story in rows:
            of_story.setdefault(story or n, n)
        if len(of_story) >= _RELATED or len(looked) == len(nearest):
            break
    return list(of_story.values())


def entry_of(connection: sqlite3.Connection, slug: str) -> NamedTopic | None:
    """Return the entry that an address names, however it is spelled; a surname or variant leads to the name."""
    for key in _keys_of(key_of(key_of_slug(slug))):
        row = connection.execute(
            "SELECT e FROM address JOIN entry USING (e) WHERE address.key = ? AND many > 0", [key]
        ).fetchone()
        if row is not None:
            return entry_by_number(connection, row["e"])
    return None


def _keys_of(key: str) -> Iterator[str]:
    """Yield what an address may mean: itself, without what is joined to its first word («بالرياض»), without titles («الأمير محمد بن نايف»)."""
    first, *rest = key.split() or [""]
    yield key
    yield from (" ".join([stem, *rest]) for stem in stems(first)[1:])
    while rest and sort_of(first) & (Sort.TITLE | Sort.ROYAL):
        first, *rest = rest
        yield " ".join([first, *rest])


def other_slugs(connection: sqlite3.Connection, entry: NamedTopic) -> list[str]:
    """Return the other addresses of an entry: those it had, and the outlets' own tags that lead to it."""
    former = connection.execute("SELECT slug FROM former WHERE e = ?", [entry.e]).fetchall()
    own = connection.execute(
        "SELECT DISTINCT shown FROM own JOIN address USING (key) WHERE e = ?", [entry.e]
    ).fetchall()
    slugs = {row["slug"] for row in former} | {slug_of(row["shown"]) or "" for row in own}
    return sorted(slugs - {entry.slug, ""})


def former_name(connection: sqlite3.Connection, slug: str) -> str | None:
    """Return the name whose page stood at an address, where there is none any more."""
    known = "SELECT name FROM entry WHERE key = ? AND had AND (NOT live OR many = 0)"
    row = connection.execute(known, [key_of(key_of_slug(slug))]).fetchone()
    return None if row is None else str(row["name"])


def entry_by_number(connection: sqlite3.Connection, e: int) -> NamedTopic:
    """Return an entry."""
    row = connection.execute("SELECT e, kind, name, key, slug, many, changed FROM entry WHERE e = ?", [e]).fetchone()
    return NamedTopic(*row)


def naming(connection: sqlite3.Connection, e: int) -> list[int]:
    """Return the numbers of all articles that name an entry."""
    return [n for (n,) in connection.execute("SELECT n FROM topic WHERE e = ?", [e])]


def entry_groups(connection: sqlite3.Connection, e: int, kept: Kept | None = None) -> list[tuple[int, ...]]:
    """Return the numbers of all articles that name an entry, by story, the newest first; `folded_of` makes cards of them."""
    kept = kept or Kept(lambda: connection)
    return grouped(kept.places(naming(connection, e)).values())


def with_about(connection: sqlite3.Connection, e: int, cards: Sequence[Card]) -> Sequence[Card]:
    """Mark the cards, and their copies, that are about an entry."""
    shown = [each for head in cards for each in (head, *head.copies)]
    asked = f"SELECT n FROM topic WHERE e = ? AND about AND n IN {_GIVEN}"  # noqa: S608  our own
    about = {n for (n,) in connection.execute(asked, [e, json.dumps([card.n for card in shown])])}
    for card in shown:
        card.about = card.n in about
    return cards


def ids_naming(connection: sqlite3.Connection, e: int, *, about: bool = False) -> frozenset[str]:
    """Return the ids of the articles that name an entry, or of those that are about it."""
    rows = connection.execute(
        "SELECT id FROM topic JOIN article USING (n) WHERE e = ? AND topic.about >= ?", [e, int(about)]
    )
    return frozenset(row["id"] for row in rows)


def names_by_id(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return by id what each article names, the weightiest first."""
    names: dict[str, list[str]] = {}
    rows = "SELECT id, name FROM topic JOIN entry USING (e) JOIN article USING (n) ORDER BY id, weight DESC, key"
    for row in connection.execute(rows):
        names.setdefault(row["id"], []).append(row["name"])
    return names


def entries(connection: sqlite3.Connection, *, least: int = 1, since: int = 0) -> list[NamedTopic]:
    """Return the entries with at least so many articles that changed after a generation, the greatest first."""
    rows = connection.execute(
        "SELECT e, kind, name, key, slug, many, changed FROM entry WHERE live AND many >= ? AND changed > ?"
        " ORDER BY many DESC, key",
        [least, since],
    )
    return [NamedTopic(*row) for row in rows]


LEAST_TAG = 2  # articles of a name that stands in the index of tags


def outlets(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return each outlet: ``outlet, many, first, last`` (seconds)."""
    rows = connection.execute(
        "SELECT outlet, count(*) AS many, min(at) AS first, max(at) AS last FROM article GROUP BY outlet ORDER BY outlet"
    )
    return [dict(row) for row in rows]
