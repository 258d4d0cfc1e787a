"""What stories are built from, and what an index of it must be able to tell. Indexes stand in memory and durable.

Text        serial · article · words · sketch            one for each version of an article
keys        page, exact text → articles
links       article ↔ article: NEAR, SAME, KEY
relations   article ↔ article: contains, contained-in
Placement   story · role · origin · overlap · …          as last told
Row         an article in a file, and what makes sure that it is what was written
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import numpy as np

from archive.article import Article, in_utc, parse_time
from pipelines.syndication.alignment import SHORTEST
from pipelines.syndication.fingerprints import WINDOW, address_key, outlet_key, text_key, told_key, word_ids
from pipelines.syndication.formulas import from_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from pipelines.syndication.fingerprints import Hashes, Ids, Marks
    from pipelines.syndication.formulas import Formulas


# --- The part of an article that syndication looks at, from an `archive.article.Article` or from a plain JSON line ----

UNKNOWN = "credit"  # credited, and the line was written before lines said where
_CODE = re.compile(r"[^\s=]+")  # of an agency, or where it is credited


@dataclass(frozen=True, slots=True)
class Piece:
    """One version of one article, as far as its story is concerned.

    Attributes:
        id: the article's id.
        at: when it was published (seconds since 1970), or first captured where the outlet does not say; never later
            than its capture.
        outlet: key of its outlet.
        address: key of its page.
        text: key of its folded headline and body.
        words: ids of the body's folded words.
        version: which version of the article this is.
        agencies: code of each agency that it credits → where it does; ``credit`` where the line does not say.
        own: which words are its own and no formula, where its line or another task of a job says so; None where not.
    """

    id: str
    at: float
    outlet: int
    address: int
    text: int
    words: Ids
    version: int
    agencies: Mapping[str, str]
    own: Marks | None = None

    @property
    def comparable(self) -> bool:
        """Whether the body is long enough to be compared at all."""
        return self.words.size >= SHORTEST

    @classmethod
    def of(cls, article: Article) -> Self:
        """Take what matters from an article."""
        words = word_ids(article.text)
        return cls(
            id=article.id,
            at=min(
                in_utc(moment).timestamp() for moment in (article.published, article.captured) if moment is not None
            ),
            outlet=outlet_key(article.outlet),
            address=address_key(article.outlet, article.canonical_url or article.url or article.id),
            text=text_key(article.headline, words),
            words=words,
            version=article.version,
            agencies=_agencies({"agencies": article.agencies, "agency_evidence": article.agency_evidence}),
            own=None if article.formulas is None else from_ranges(article.formulas, words.size),
        )

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> Self:
        """Take what matters from a JSON object with at least ``id``, ``outlet``, ``headline``, ``text`` and ``published``.

        ``published`` may be null where ``captured`` is given. Raises ``ValueError`` with a sentence on anything else.
        """
        if not isinstance(line, Mapping):
            raise ValueError("not a JSON object")  # noqa: TRY004  what was read is wrong, not the program
        identity, outlet, headline, text = (_string(line, name) for name in ("id", "outlet", "headline", "text"))
        moments = [
            parse_time(_string(line, n)).timestamp() for n in ("published", "captured") if line.get(n) is not None
        ]
        if not moments:
            raise ValueError("neither published nor captured says when the article appeared")
        words, version = word_ids(text), line.get("version") or 1
        if not isinstance(version, int):
            raise ValueError("version is not a number")  # noqa: TRY004  as above
        return cls(
            id=identity,
            at=min(moments),
            outlet=outlet_key(outlet),
            address=address_key(outlet, line.get("canonical_url") or line.get("url") or identity),
            text=text_key(headline, words),
            words=words,
            version=version,
            agencies=_agencies(line),
            own=None if line.get("formulas") is None else from_ranges(_string(line, "formulas"), words.size),
        )


def merged(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return the agencies of two versions; where they credit one in two places, the same of the two whichever comes first."""
    return {code: min(one.get(code, "~"), other.get(code, "~")) for code in sorted({*one, *other})}


def _agencies(line: Mapping[str, Any]) -> dict[str, str]:
    codes, where = line.get("agencies") or [], line.get("agency_evidence") or {}
    is_list = isinstance(codes, list | tuple) and isinstance(where, Mapping)
    if not (is_list and all(isinstance(each, str) and _CODE.fullmatch(each) for each in (*codes, *where.values()))):
        raise ValueError("agencies is no list of codes, or agency_evidence does not say where each is credited")
    return {code: where.get(code, UNKNOWN) for code in codes}


def _string(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing" if value is None else f"{name} is not a string")  # noqa: TRY004  as above
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """One version of an article's words, which of them are its own, and the sample of its hashes. Equal is only the very same one."""

    article: str
    at: float
    outlet: int
    words: Ids
    own: Marks
    sketch: Hashes


class Relation(NamedTuple):
    """An article that contains another (``contained-in``) or stands in it (``contains``); ``overlap``: the share of the contained one."""

    id: str
    relation: str
    overlap: float


class Credit(NamedTuple):
    """An agency, an article that credits it, and where: ``byline``, ``head``, ``tail``, ``source_line``; ``credit``: not known."""

    agency: str
    article: str
    evidence: str


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """Where an article stands: its story, the story's origin, and its own share in that. ``role``: ``first`` or ``copy``.

    ``related``: other stories' articles that contain it or stand in it. ``credits``: for the first article of a story that has
    several, the agencies of all of them; elsewhere nothing.
    """

    id: str
    story: str
    role: str
    origin: str
    overlap: float
    related: tuple[Relation, ...] = ()
    credits: tuple[Credit, ...] = ()

    def with_related(self, related: tuple[Relation, ...]) -> Placement:
        """Return the same placement with other relations."""
        return self if related == self.related else replace(self, related=related)


class Told(NamedTuple):
    """Where a published line says that an article stands, and when that was told: empty for the article's own line."""

    placement: Placement
    at: str = ""


class StoryIndex(Protocol):
    """What `pipelines.syndication.stories.Stories` asks of an index."""

    @property
    def formulas(self) -> Formulas:
        """What the texts of the index say again and again."""

    def transaction(self) -> AbstractContextManager[object]:
        """Hold what follows together: all of it is kept, or nothing."""

    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        """Look up a piece's keys.

        Returns:
            Whether this text of this article, no later than this, is already here; and the other articles that are the same
            page or, where it is comparable, the same text.
        """

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """Keep a text; an article's moment is the earliest that any of its texts said."""

    def moment(self, article: str) -> float:
        """Return the article's moment, seconds since 1970."""

    def text(self, serial: int) -> Text | None:
        """Return a text by its serial; None where it was removed meanwhile."""

    def current(self, article: str) -> Text:
        """Return the text of an article's latest version."""

    def agencies(self, article: str) -> Mapping[str, str]:
        """Return the agencies that any version of an article credits, and where it does."""

    def shared(self, at: float, sketch: Hashes, least: int) -> Mapping[int, int]:
        """Return serial → number of shared hashes, for texts around this moment that share ``least`` of them."""

    def link(self, one: str, other: str, link: Link) -> None:
        """Link two articles; the stronger link stays."""

    def links(self, article: str) -> Mapping[str, Link]:
        """Return what an article is linked with."""

    def relate(self, article: str, relation: Relation) -> None:
        """Relate two articles, both ways; the greater overlap stays."""

    def relations(self, article: str) -> Mapping[str, Relation]:
        """Return what an article is related with."""

    def placement(self, article: str) -> Placement | None:
        """Return where an article was last placed."""

    def place(self, placement: Placement) -> None:
        """Remember where an article stands."""

    def articles(self) -> Iterator[str]:
        """Return the ids of all articles, in order."""

    def placements(self) -> Iterator[Placement]:
        """Return where every article stands now, by id."""

    def remove(self, article: str) -> None:
        """Forget an article and everything that came of it."""

    def keep(self, article: str) -> None:
        """Note that an article was published."""

    def unkept(self) -> list[str]:
        """Return the articles that were placed and never seen published."""

    def tell(self, told: Told) -> None:
        """Note that a placement was published. What was told last is what readers see: where another holds now, that must be told."""

    def untold(self) -> list[Placement]:
        """Return the placements of published articles that hold now and are not what was told last."""

    def told_until(self) -> str:
        """Return when anything was told last of the articles of `untold`; empty where nothing was."""


_INVERSE = {"contains": "contained-in", "contained-in": "contains"}


def inverse(article: str, relation: Relation) -> Relation:
    """Return what ``article``'s relation is to the other one."""
    return Relation(article, _INVERSE[relation.relation], relation.overlap)


def greater(one: Relation | None, other: Relation) -> Relation:
    """Return the relation with the greater overlap, whichever came first."""
    return other if one is None else max(one, other, key=lambda each: (each.overlap, each.relation))


# --- The lines in which stories are published, and reading them back -------------------------------------------------
#     articles/…   {"id": …, "text": …, "story": {"id", "role", "origin", "overlap", "agencies"}, "related", …}    as known when written
#     stories/…    {"id", "story", "role", "origin", "overlap", "related", "agencies", "told"}                     what was learned later
#
# For each article the last told line wins. ``agencies`` are those of the whole story, and stand in the lines of its first article alone.
# What ``scrapy recluster`` prints are the first five fields.

_PLACE = ("id", "story", "role", "origin", "overlap")


def story_line(placement: Placement, told: datetime | None = None) -> str:
    """Return the JSON line that tells where an article stands.

    Args:
        placement: where it stands.
        told: when that was found out, for lines that are published: crawls side by side publish in any order.
    """
    record: dict[str, Any] = {name: getattr(placement, name) for name in _PLACE}
    if told is not None:
        record["related"] = [each._asdict() for each in placement.related]
        record["agencies"] = by_agency(placement.credits) if placement.id == placement.story else None
        record["told"] = told.isoformat(timespec="microseconds")
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def by_agency(credited: Iterable[Credit]) -> dict[str, dict[str, str]]:
    """Return agency → article that credits it → where."""
    agencies: dict[str, dict[str, str]] = {}
    for agency, article, where in credited:
        agencies.setdefault(agency, {})[article] = where
    return agencies


def from_line(line: Mapping[str, Any]) -> Iterator[Piece | Told]:
    """Read a published line of either kind: an article is itself and what it says about its story."""
    related = tuple(sorted(Relation(**each) for each in line.get("related") or ()))
    if "text" not in line:
        agencies = line.get("agencies") or {}  # neither did the first lines of this kind tell
        credited = (Credit(agency, article, where) for agency, by in agencies.items() for article, where in by.items())
        told = line.get("told") or ""
        if told:
            parse_time(told)
        yield Told(_placement(line, line["story"], related, tuple(sorted(credited))), told)
        return
    yield Piece.of_line(line)
    if told := line.get("story"):
        yield Told(_placement({**told, "id": line["id"]}, told["id"], related))


def _placement(
    line: Mapping[str, Any], story: Any, related: tuple[Relation, ...], credited: tuple[Credit, ...] = ()
) -> Placement:
    identity, role, first, share = (line[name] for name in ("id", "role", "origin", "overlap"))
    if not (all(isinstance(each, str) for each in (identity, story, role, first)) and isinstance(share, int | float)):
        raise ValueError("where it stands is said by something else than names and a share")
    return Placement(identity, story, role, first, share, related, credited)


# --- From links between articles to stories: joining by vote, in the order of publication, never by closure -----------
#     a ══ b      ══ the same story   ┄┄ near
#     ║    ║
#     c ══ d      d joins {a, b, c}: it is the same story as at least one in four of them, and linked with half
#
# An article joins by what it shares with a story's *core*, its first articles. That it is near to them, or the same as one late
# member, is not enough: so no chain of weak links makes one story of many receptions.
#
# The result depends on the articles and their links alone. Whoever sees the same articles, in whatever order, arrives at the
# same stories: a crawl, another machine that catches up, and ``scrapy recluster`` over everything.

SAME_OF, LINKED_OF = 4, 2  # of the core one in so many must be the same, and one in so many linked at all
CORE = 24  # articles: the first of a story are asked, however many it has; an index finds the first copies of anything


class Link(IntEnum):
    """How two articles are linked, the stronger the higher."""

    NEAR = 1
    SAME = 2
    KEY = 3  # the same page, or the same text: a fact, without window and vote


def assemble(moments: Mapping[str, float], links: Mapping[str, Mapping[str, Link]]) -> list[list[str]]:
    """Divide articles into stories.

    Args:
        moments: article id → seconds since 1970.
        links: article id → the articles it is linked with; ids outside ``moments`` are ignored.

    Returns:
        The stories, each a list of ids in order of publication; ids break ties.
    """
    if len(moments) == 1:  # most of all articles
        return [list(moments)]
    stories: dict[str, list[str]] = {}
    of: dict[str, str] = {}
    for article in sorted(moments, key=lambda each: (moments[each], each)):
        joined: list[str] = []
        for certain, first in _ballot(article, moments, links.get(article, {}), stories, of):
            if not joined or certain or _acquainted([stories[each] for each in joined], stories[first], links):
                joined.append(first)
        members = [*(member for first in joined for member in stories.pop(first)), article]
        members.sort(key=lambda each: (moments[each], each))
        stories[members[0]] = members
        of.update(dict.fromkeys(members, members[0]))
    return list(stories.values())


def _ballot(
    article: str,
    moments: Mapping[str, float],
    linked: Mapping[str, Link],
    stories: Mapping[str, list[str]],
    of: Mapping[str, str],
) -> list[tuple[bool, str]]:
    """Return the stories that take the article in, the surest first, and whether a key says so."""
    votes: defaultdict[str, list[Link]] = defaultdict(list)
    for other, link in linked.items():
        if other in of:
            votes[of[other]].append(link)
    taking = []
    for first, cast in votes.items():
        strongest, age = max(cast), moments[article] - moments[first]
        core = stories[first][:CORE]
        same = sum(linked.get(each, Link.NEAR) > Link.NEAR for each in core)
        near = sum(each in linked for each in core)
        near_enough = LINKED_OF * near >= len(core) if age <= WINDOW else _is_late_copy(article, core, moments, linked)
        carried = strongest is Link.SAME and SAME_OF * same >= len(core) and near_enough
        if strongest is Link.KEY or carried:
            share = len(cast) / len(stories[first])
            taking.append((strongest is not Link.KEY, -share, moments[first], first))
    return [(not uncertain, first) for uncertain, _, _, first in sorted(taking)]


def _is_late_copy(article: str, core: Iterable[str], moments: Mapping[str, float], linked: Mapping[str, Link]) -> bool:
    """Tell whether an article that comes after the window is the same as each article of the core that it was compared with.

    With those that are older it was not; so a story ends when three in four of its first articles are.
    """
    near = (each for each in core if moments[article] - moments[each] <= WINDOW)
    return all(linked.get(each, Link.NEAR) > Link.NEAR for each in near)


def _acquainted(stories: Iterable[list[str]], other: Iterable[str], links: Mapping[str, Mapping[str, Link]]) -> bool:
    """Tell whether stories that one article would join are linked themselves, half of all pairs of their first articles.

    A page that quotes two joins neither to the other.
    """
    members = [member for story in stories for member in story[:CORE]]
    others = list(islice(other, CORE))
    met = sum(member in links.get(each, ()) for each in others for member in members)
    return 2 * met >= len(members) * len(others)


# --- An article's row in a file, and what may stand in a row: a bad disk changes a letter, a number, a kind ------------


class SpoiledRow(ValueError):  # noqa: N818  reads as what happened
    """What stands in a row of an index is not what was written."""


_LATEST = 1e12  # seconds since 1970: some 30,000 years
_UNPLACED = (int, str, float, str, int, *4 * (type(None),), str, str, int, int, int, str)
_PLACED = (int, str, float, str, int, str, str, str, float, str, str, int, int, int, str)
_ROWS = frozenset({_UNPLACED, _PLACED})


def is_moment(seconds: float) -> bool:
    """Tell whether an article may be of this moment."""
    return -_LATEST < seconds < _LATEST


def stored(row: Sequence[Any] | None, *kinds: type) -> Sequence[Any]:
    """Return a row of a file whose values are of these kinds.

    Raises:
        SpoiledRow: they are not, or there is no such row.
    """
    if row is None or tuple(map(type, row)) != kinds:
        raise SpoiledRow("a row is not there, or not what was written")
    if not all(is_moment(value) for value in row if type(value) is float):
        raise SpoiledRow("a number in a row is not what was written")
    return row


def stored_link(link: int) -> Link:
    """Return the link that a file holds as a number."""
    try:
        return Link(link)
    except ValueError as error:
        raise SpoiledRow("a link is none that was written") from error


def stored_words(words: bytes) -> Ids:
    """Return a text's words from what a file holds of them."""
    return np.frombuffer(_whole(words, 4), "<u4")


def stored_hashes(sketch: bytes) -> Hashes:
    """Return a text's sample of hashes from what a file holds of it."""
    return np.frombuffer(_whole(sketch, 8), "<u8")


def _whole(blob: bytes, size: int) -> bytes:
    if len(blob) % size:
        raise SpoiledRow("numbers in a row break off")
    return blob


@dataclass(slots=True)
class Row:
    """A row of the table ``article``.

    ``current`` is the serial of the article's latest text; ``agencies`` reads ``afp=tail reuters=head``; ``related`` and ``credits``
    are JSON, empty where there are none.
    """

    serial: int
    id: str
    at: float
    agencies: str = ""
    current: int = 0
    story: str | None = None
    role: str | None = None
    origin: str | None = None
    overlap: float | None = None
    related: str = ""
    credits: str = ""
    kept: int = 0
    told: int = 0
    last: int = 0
    last_at: str = ""

    @classmethod
    def stored(cls, values: Sequence[Any]) -> Self:
        """Return what a file holds of an article; raises `SpoiledRow` as `stored` does."""
        kinds = tuple(map(type, values))
        if kinds not in _ROWS or not is_moment(values[2]):
            raise SpoiledRow("an article's row is not what was written")
        return cls(*values)

    @property
    def placement(self) -> Placement | None:
        """Where the article stands, None before it was placed."""
        if self.story is None or self.role is None or self.origin is None or self.overlap is None:
            return None
        try:
            related = tuple(Relation(*each) for each in json.loads(self.related)) if self.related else ()
            credited = tuple(Credit(*each) for each in json.loads(self.credits)) if self.credits else ()
        except (ValueError, TypeError) as error:
            raise SpoiledRow(f"what {self.id} is related with, or whom it credits, is not what was written") from error
        return Placement(self.id, self.story, self.role, self.origin, self.overlap, related, credited)

    @property
    def credited(self) -> dict[str, str]:
        """The agencies that the article credits, and where it does."""
        pairs = [each.partition("=") for each in self.agencies.split()]
        if not all(sign for _, sign, _ in pairs):
            raise SpoiledRow(f"the agencies of {self.id} are not what was written")
        return {code: where for code, _, where in pairs}

    def take(self, placement: Placement) -> None:
        """Write down where the article stands."""
        self.story, self.role, self.origin, self.overlap = (
            placement.story,
            placement.role,
            placement.origin,
            placement.overlap,
        )
        self.related = json.dumps(placement.related, ensure_ascii=False) if placement.related else ""
        self.credits = json.dumps(placement.credits, ensure_ascii=False) if placement.credits else ""
        self.told = int(bool(self.last) and self.last == placement_key(placement))

    def tell(self, told: Told) -> bool:
        """Note what was told of the article, unless something else was told later; return whether that changed anything."""
        if told.at < self.last_at:
            return False
        before = self.told, self.last, self.last_at
        self.last, self.last_at = placement_key(told.placement), told.at
        self.told = int(self.placement is not None and self.last == placement_key(self.placement))
        return before != (self.told, self.last, self.last_at)


def placement_key(placement: Placement) -> int:
    """Return 64 bits of a placement."""
    of = placement
    related = [(*each[:2], float(each.overlap)) for each in of.related]
    return told_key(json.dumps((of.id, of.story, of.role, of.origin, float(of.overlap), related, of.credits)))
