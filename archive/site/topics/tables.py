"""The names of an archive in the site's database: decided anew, what changed of them, and each article's topics.

    phrase, word ──judged──▶ entry ──changes_of──▶ Changes ──articles_naming──▶ articles that may name what changed ──Finder──▶ topic

What stands where is said at the tables below.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from archive.site.templating import slug_of
from archive.site.topics import ABOUT, LONGEST_LEAD, Places, Sum, Sums, Topic, weight_of
from archive.site.topics.entries import Judge
from archive.site.topics.gazetteer import Gazetteer, Named, Spelled, add_tags, bare_name, form_of
from archive.site.topics.organisations import known_keys, spelled_homonyms
from archive.text import ARTICLE, key_of, to_definite

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from archive.site.topics import Entry

# --- The entries of an archive in the site's database ----------------------------------------------------------------
#     phrase    what articles say of phrases, added up                       ─▶ Judge ─▶ entry, as it is now
#     word      in how many articles a word stands
#     entry     names, and what was one once (live = 0, had = 1: it had a page), so that its address leads on
#     topic     which article names which entry
#     own       the outlets' own tags
#
# Entries are decided anew each time, from sums alone. Where one is new, has another name or is none any more, the articles with the
# words that tell the two apart are looked through again, and no others.

TABLES = """
CREATE TABLE phrase (
    kind TEXT, key TEXT, many INTEGER NOT NULL, sure INTEGER NOT NULL, ended INTEGER NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, many INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE own (key TEXT, n INTEGER, shown TEXT NOT NULL, PRIMARY KEY (key, n)) WITHOUT ROWID;
CREATE INDEX own_n ON own (n);
CREATE TABLE entry (
    e INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, slug TEXT NOT NULL, form TEXT NOT NULL,
    live INTEGER NOT NULL, had INTEGER NOT NULL DEFAULT 0, many INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE address (key TEXT PRIMARY KEY, e INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX address_e ON address (e);
CREATE TABLE former (slug TEXT PRIMARY KEY, e INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE spelled (e INTEGER, shown TEXT, many INTEGER NOT NULL, PRIMARY KEY (e, shown)) WITHOUT ROWID;
CREATE TABLE topic (
    e INTEGER, n INTEGER, weight REAL NOT NULL, own INTEGER NOT NULL, about INTEGER NOT NULL, shown TEXT NOT NULL,
    is_full INTEGER NOT NULL, span INTEGER NOT NULL, PRIMARY KEY (e, n)
) WITHOUT ROWID;
CREATE INDEX topic_n ON topic (n);
CREATE TABLE begun (n INTEGER PRIMARY KEY, places BLOB NOT NULL);
"""
# where all is read anew; entries stay, that their addresses may
EMPTIED = ("phrase", "word", "own", "address", "spelled", "topic", "begun")


def judged(connection: sqlite3.Connection, generation: int) -> Changes:
    """Decide what is a name now and write it down; return what tells which articles may name what changed."""
    plain = connection.cursor()
    plain.row_factory = None  # hundreds of thousands of them
    sums: dict[str, Sums] = defaultdict(dict)
    for kind, key, *total in plain.execute("SELECT kind, key, many, sure, ended FROM phrase WHERE many > 1"):
        sums[kind][key] = Sum._make(total)
    words: dict[str, int] = dict(plain.execute("SELECT word, many FROM word WHERE many > 1"))
    entries = Judge(sums, lambda word: words.get(word, 0)).entries()
    add_tags(entries, (row[0] for row in plain.execute("SELECT DISTINCT key FROM own ORDER BY key")))
    forms = {key: (entry.kind, form_of(entry, words)) for key, entry in entries.items()}
    rows = connection.execute("SELECT e, key, kind, form FROM entry WHERE live")
    before = {row["key"]: (row["e"], (row["kind"], row["form"])) for row in rows}
    anew = {key: was for was, key in renamed(before, entries)}
    for key, was in anew.items():
        before[key] = before.pop(was)
        _rename(connection, before[key][0], key)
    changed = changes_of(before, forms, entries, anew.keys())
    fresh = [
        (kind, key, key, form, generation)
        for key, (kind, form) in forms.items()
        if key not in before or before[key][1] != (kind, form) or key in anew
    ]
    connection.executemany(
        "INSERT INTO entry (kind, name, key, slug, form, live, changed) VALUES (?, ?, ?, '', ?, 1, ?) ON CONFLICT (key) DO UPDATE"
        " SET kind = excluded.kind, form = excluded.form, live = 1, changed = excluded.changed",
        fresh,
    )
    gone = [(generation, before[key][0]) for key in before.keys() - forms.keys()]
    connection.executemany("UPDATE entry SET live = 0, changed = ? WHERE e = ?", gone)
    if any(changed):
        _write_addresses(connection)
    return changed


def _rename(connection: sqlite3.Connection, e: int, key: str) -> None:
    """Give an entry another key; what was called so once, and is none any more, has the entry's."""
    (was,) = connection.execute("SELECT key FROM entry WHERE e = ?", [e]).fetchone()
    connection.execute("UPDATE entry SET key = ? || char(0) WHERE key = ?", [key, key])
    connection.execute("UPDATE entry SET key = ? WHERE e = ?", [key, e])
    connection.execute("UPDATE entry SET key = ? WHERE key = ? || char(0)", [was, key])


def _write_addresses(connection: sqlite3.Connection) -> None:
    """Let every phrase that names an entry, or is short for one alone, lead to it."""
    connection.execute("DELETE FROM address")
    rows, shorts, others = [], [], []
    for row in connection.execute("SELECT e, kind, form FROM entry WHERE live ORDER BY kind, key").fetchall():
        names, short, *_ = json.loads(row["form"])
        rows += [(name, row["e"]) for name in names]  # no phrase names two
        shorts += [(name, row["e"]) for name, is_alone in short.items() if is_alone]  # a club before its town
        others += [(name, row["e"]) for name in short if row["kind"] == "organisation"]  # «القاعدة»
    borne = Counter(name for name, _ in others)
    others = [(name, e) for name, e in others if borne[name] == 1]
    connection.executemany("INSERT OR IGNORE INTO address VALUES (?, ?)", [*rows, *shorts, *others])


def named_entries(connection: sqlite3.Connection) -> Iterator[Named]:
    """Yield the entries that are names now, in the order in which they are asked where several bear one short name."""
    rows = connection.execute("SELECT e, kind, form, key FROM entry WHERE live").fetchall()
    for row in sorted(rows, key=lambda row: (_rank(row["kind"], row["key"]), row["key"])):
        form = zip(_FORM, json.loads(row["form"]), strict=False)  # most have no words near
        yield Named(e=row["e"], kind=row["kind"], key=row["key"], **dict(form))


def _rank(kind: str, key: str) -> int:
    """Return when an entry is asked among others of one short name: what is known first, then places, persons last."""
    if kind == "person":
        return 3
    return 0 if key in known_keys() else 1 if kind == "place" else 2


_FORM = ("names", "shorts", "company", "blocked", "near")

_Mention = tuple[int, int, int]  # the part of an article, the first word there, the end

_BITS = 4  # of a part's number, and of the words of a name


def _span(part: int, start: int, end: int) -> int:
    return (start << _BITS | part) << _BITS | end - start


def _shown(spans: Mapping[int, _Mention], spelled: Spelled, known: Mapping[int, Topic]) -> dict[int, str]:
    """Return how an article spells each entry where it shows it: as is known, where that is the place at which it did before."""
    shown = {e: known[e].shown for e, span in spans.items() if e in known and known[e].span == _span(*span)}
    ends: dict[int, int] = {}
    for e, (part, _, end) in spans.items():
        if e not in shown:
            ends[part] = max(ends.get(part, 0), end)
    words = {part: spelled(part, end) for part, end in ends.items()}  # a text is read once, to the last of them
    shown.update((e, " ".join(words[part][start:end])) for e, (part, start, end) in spans.items() if e not in shown)
    return shown


class Finder:
    """Finds the topics of articles with the entries known at this moment, and writes them."""

    def __init__(self, connection: sqlite3.Connection, generation: int, changed: Iterable[str] = ()) -> None:
        entries = list(named_entries(connection))
        self._connection, self._generation = connection, generation
        self._gazetteer = Gazetteer(entries, changed)
        self._kind = {entry.e: entry.kind for entry in entries}
        self._keys = {entry.e: entry.names for entry in entries}
        self._addresses = {row["key"]: row["e"] for row in connection.execute("SELECT key, e FROM address")}
        self._touched: dict[int, int] = {}
        self._spelled: dict[tuple[int, str], int] = defaultdict(int)

    def topics_of(
        self,
        parts: Sequence[list[str]],
        spelled: Spelled,
        own: Mapping[str, str],
        known: Mapping[int, Topic],
        begun: Sequence[Sequence[int]],
    ) -> dict[int, Topic]:
        """Return what an article names.

        Args:
            parts: its words.
            spelled: what tells how they are spelled.
            own: the outlet's tags, key and spelling.
            known: the topics that it had with the same words.
            begun: where names began in them.
        """
        places, spans = self._places(parts, spelled, begun)
        tagged: dict[int, str] = {}
        for key, tag in own.items():
            if (number := self._addresses.get(key)) is not None:
                places.setdefault(number, Places()).own_tag = True
                tagged.setdefault(number, tag)
        in_full, topics = self._gazetteer.in_full, {}
        shown_as = _shown(spans, spelled, known)
        for e, place in places.items():
            if self._kind[e] != "tag" or place.own_tag or place.headline:
                span = _span(*spans[e]) if e in spans else -1
                shown = shown_as[e] if e in spans else tagged.get(e, "")
                topics[e] = Topic(round(weight_of(place), 2), place.own_tag, shown, e in in_full, span)
        return topics

    def _places(
        self, parts: Sequence[list[str]], spelled: Spelled, begun: Sequence[Sequence[int]]
    ) -> tuple[dict[int, Places], dict[int, _Mention]]:
        """Return where an article names each entry, and part, first word and end of the mention that shows it."""
        places: dict[int, Places] = {}
        spans: dict[int, _Mention] = {}
        for part, mentions in enumerate(self._gazetteer.mentions(parts, spelled, begun)):
            folded = parts[part]
            lead = min(folded.index("\n") if "\n" in folded else len(folded), LONGEST_LEAD)
            for e, start, end, is_inside in mentions:
                place = places.get(e)
                if place is None:
                    place = places[e] = Places()
                if part == 0 and not is_inside:
                    place.headline += 1
                elif part == 1 and not is_inside:
                    place.standfirst += 1
                else:
                    place.text += 1
                    place.lead += start < lead and not is_inside
                if e not in spans and (end - start > 1 or folded[start] in self._keys[e]):
                    spans[e] = part, start, end
        return places, spans

    def write(self, number: int, parts: Sequence[list[str]], spelled: Spelled, *, edited: bool) -> None:
        """Put an article's topics in the place of those it had; the entries that gain, lose or show it have changed."""
        connection = self._connection
        own = dict(map(tuple, connection.execute("SELECT key, shown FROM own WHERE n = ?", [number])))
        rows = connection.execute("SELECT e, weight, own, shown, is_full, span FROM topic WHERE n = ?", [number])
        before = {
            e: Topic(weight, bool(own), shown, bool(is_full), span) for e, weight, own, shown, is_full, span in rows
        }
        begun = () if edited else self._begun_before(number, parts)
        after = self.topics_of(parts, spelled, own, {} if edited else before, begun)
        if self._gazetteer.begun != begun:
            self._write_begun(number, parts)
        if before == after and not edited:
            return
        gone = [(e, number) for e in before.keys() - after.keys()]
        connection.executemany("DELETE FROM topic WHERE e = ? AND n = ?", gone)
        connection.executemany(
            "INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (e, number, topic.weight, topic.own, topic.weight >= ABOUT, topic.shown, topic.is_full, topic.span)
                for e, topic in after.items()
                if before.get(e) != topic
            ],
        )
        for e in before.keys() | after.keys():
            old, new = before.get(e), after.get(e)
            if old == new and not edited:
                continue
            self._touched[e] = self._touched.get(e, 0) + (new is not None) - (old is not None)
            if old is not None and old.shown:
                self._spelled[e, old.shown] -= 1
            if new is not None and new.shown:
                self._spelled[e, new.shown] += 1
        if before != after:
            connection.execute("UPDATE article SET changed = ? WHERE n = ?", [self._generation, number])

    def _begun_before(self, number: int, parts: Sequence[list[str]]) -> list[list[int]]:
        """Return where names began in each part of an article when it was last looked through."""
        (blob,) = self._connection.execute("SELECT places FROM begun WHERE n = ?", [number]).fetchone()
        places = array("I", blob)
        begun, first, past = [], 0, 0
        for part in parts:
            end = bisect_left(places, past + len(part), first)
            begun.append([at - past for at in places[first:end]])
            first, past = end, past + len(part)
        return begun

    def _write_begun(self, number: int, parts: Sequence[list[str]]) -> None:
        places, past = array("I"), 0
        for part, begun in zip(parts, self._gazetteer.begun, strict=True):
            places.extend([past + at for at in begun])
            past += len(part)
        self._connection.execute("INSERT OR REPLACE INTO begun VALUES (?, ?)", [number, places.tobytes()])

    def finish(self) -> None:
        """Write how many articles each entry has now, and the name under which most of them show it."""
        connection = self._connection
        connection.executemany(
            "INSERT INTO spelled VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many",
            [(e, shown, many) for (e, shown), many in sorted(self._spelled.items()) if many],
        )
        connection.execute("DELETE FROM spelled WHERE many <= 0")
        connection.executemany(
            "UPDATE entry SET had = had OR many + ?1 > 0, many = many + ?1, changed = ?2 WHERE e = ?3",
            [(difference, self._generation, e) for e, difference in self._touched.items()],
        )
        for (e,) in connection.execute(
            "SELECT e FROM entry WHERE changed = ? AND live AND had ORDER BY e", [self._generation]
        ).fetchall():
            self._name(e)

    def _name(self, e: int) -> None:
        """Name an entry as most articles spell it; an address that it had leads to it still."""
        row = self._connection.execute("SELECT key, kind, slug, form FROM entry WHERE e = ?", [e]).fetchone()
        spelled = self._connection.execute(
            "SELECT shown FROM spelled WHERE e = ? ORDER BY many DESC, shown", [e]
        ).fetchall()
        names = [each["shown"] for each in spelled]
        if row["kind"] == "tag":
            own = self._connection.execute(
                "SELECT shown FROM own WHERE key = ? GROUP BY shown ORDER BY count(*) DESC, shown LIMIT 1", [row["key"]]
            ).fetchone()
            names = [own["shown"]] if own is not None else names
        own_names = json.loads(row["form"])[0]
        name = next((shown for shown in names if row["kind"] == "tag" or key_of(shown) == row["key"]), "") or next(
            (shown for shown in names if self._leads_to(bare_name(shown, own_names), e)),
            spelled_homonyms().get(row["key"], row["key"]),
        )
        name = name if row["kind"] == "tag" else bare_name(name, own_names)
        slug = slug_of(name) or row["slug"] or row["key"].replace(" ", "-")
        if row["slug"] and row["slug"] != slug:
            self._connection.execute("INSERT OR REPLACE INTO former VALUES (?, ?)", [row["slug"], e])
        self._connection.execute("UPDATE entry SET name = ?, slug = ? WHERE e = ?", [name, slug, e])

    def _leads_to(self, name: str, e: int) -> bool:
        """Say whether a name is an entry's alone: «نادي الشباب» is what articles in Dubai call theirs, too."""
        row = self._connection.execute("SELECT e FROM address WHERE key = ?", [key_of(name)]).fetchone()
        return row is not None and row["e"] == e


# --- What two states of the entries have not in common: where an article has none of it, nothing changes in it ---------

Form = tuple[str, str]
"""Kind of an entry, and all by which it is found, as JSON: names, shorts, company, blocked words, words that are near."""


class Changes(NamedTuple):
    """What tells which articles may name what changed.

    Attributes:
        phrases: with whatever is written together with their first words.
        forms: words as they are written.
        every: all phrases of what changed, before and after.
        alone: short names with those who bear them: where an article names one of these in full, it means that one before and after.
        beside: short names, of articles that name an entry.
        behind: short names, each behind a word by which it is told from others', and the full names beside which it is meant, if any.
    """

    phrases: set[str]
    forms: set[str]
    every: set[str]
    alone: set[tuple[str, frozenset[int]]]
    beside: set[tuple[int, str]]
    behind: set[tuple[str, str, frozenset[str]]]


class _Said(NamedTuple):
    """A form, read."""

    kind: str = ""
    names: frozenset[str] = frozenset()
    shorts: Mapping[str, bool] = MappingProxyType({})
    company: str = ""
    blocked: frozenset[str] = frozenset()
    near: Sequence[str] = ()

    @property
    def phrases(self) -> set[str]:
        return {*self.names, *self.shorts}

    @property
    def alone(self) -> set[str]:
        return {name for name, is_alone in self.shorts.items() if is_alone}

    @property
    def words(self) -> set[str]:
        return {word for name in self.names for word in name.split()}


def _read(form: Form) -> _Said:
    names, shorts, company, blocked, *near = json.loads(form[1])
    return _Said(form[0], frozenset(names), shorts, company, frozenset(blocked), *near)


def renamed(before: Mapping[str, tuple[int, Form]], entries: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Return which keys that are none any more have another one instead, most of whose names are theirs."""
    gone = {key: _read(before[key][1]) for key in sorted(before.keys() - entries.keys())}
    named = {name: key for key, said in gone.items() for name in said.names}
    found = []
    for key in sorted(entries.keys() - before.keys()):
        entry = entries[key]
        shared = Counter(named[name] for name in entry.names if name in named and gone[named[name]].kind == entry.kind)
        if shared:
            was = max(shared, key=lambda each: (shared[each], each))
            found.append((was, key))
            named = {name: each for name, each in named.items() if each != was}
    return found


def changes_of(
    before: Mapping[str, tuple[int, Form]],
    after: Mapping[str, Form],
    entries: Mapping[str, Entry],
    anew: AbstractSet[str] = frozenset(),
) -> Changes:
    """Return what differs between entries.

    Args:
        before: as they were, by the key that they have now, each with its number.
        after: as they are.
        entries: the same, all of them.
        anew: those that had another key.
    """
    keys = {key for key in before.keys() | after.keys() if key not in before or before[key][1] != after.get(key)} | anew
    old = {key: _read(before[key][1]) for key in keys if key in before}
    new = {key: _read(after[key]) for key in keys if key in after}
    same = [entry for key, entry in entries.items() if key not in keys]
    changed, touched = Changes(set(), set(), set(), set(), set(), set()), set[str]()
    covering, several = _covering(old, new, same), _several(old, new, same)
    alone: set[str] = set()
    for key in keys:
        was, now = old.get(key, _NOTHING), new.get(key, _NOTHING)
        every, shorts = was.shorts.keys() | now.shorts.keys(), was.shorts.keys() ^ now.shorts.keys()
        touched |= every
        alone |= now.alone if key in anew else was.alone ^ now.alone
        _add_phrases(changed, was, now, covering, several)
        if key in before:
            changed.beside.update((before[key][0], short) for short in (every if key in anew else shorts))
    of_touched = [entry for entry in same if not touched.isdisjoint(entry.shorts)]
    unchanged = [
        _Said(each.kind, frozenset(each.names), each.shorts, each.company, near=each.near) for each in of_touched
    ]
    bearers, bore = (_bearers((*said.values(), *unchanged), touched) for said in (new, old))
    steady = _steady(before, old, new, of_touched)
    for short in alone - changed.phrases:
        is_near = any(said.near for said in (*bearers[short], *bore[short]))
        changed.alone.add((short, frozenset() if is_near else frozenset(steady[short])))
    for short in touched:
        _add_words_before(changed, short, bearers[short], bore[short])
    return changed


def _add_words_before(changed: Changes, short: str, now: Sequence[_Said], was: Sequence[_Said]) -> None:
    """Add the words before a short name that tell its bearers from others, and did not, or did."""
    words, before_that = ({word for said in each for word in said.words} for each in (now, was))
    is_anywhere = any(said.shorts[short] or said.near for said in (*now, *was))
    full = frozenset() if is_anywhere else frozenset(name for said in (*now, *was) for name in said.names)
    changed.behind.update((short, word, full) for word in words ^ before_that)


def _covering(old: Mapping[str, _Said], new: Mapping[str, _Said], same: Iterable[Entry]) -> set[str]:
    """Return the phrases of several words that stand for something now and did not, or did: what stands inside them is told otherwise."""
    was, now = ({name for said in each.values() for name in said.phrases if " " in name} for each in (old, new))
    covering = was ^ now
    for entry in same:
        covering -= entry.names
        covering.difference_update(entry.shorts)
    return covering


def _several(old: Mapping[str, _Said], new: Mapping[str, _Said], same: Iterable[Entry]) -> set[str]:
    """Return the phrases of what is told from others of its name by words that are near."""
    several = {name for said in (*old.values(), *new.values()) if said.near for name in said.phrases}
    several.update(name for entry in same if entry.near for name in (*entry.names, *entry.shorts))
    return several


def _add_phrases(changed: Changes, was: _Said, now: _Said, covering: set[str], several: set[str]) -> None:
    """Add the phrases of an entry that are asked for wherever they stand."""
    names, shorts = was.names ^ now.names, was.shorts.keys() ^ now.shorts.keys()
    changed.every.update(was.phrases, now.phrases)
    changed.phrases.update(names, shorts & covering)
    if {was.kind, now.kind} - {""} != {"person"}:
        changed.phrases.update(shorts & several)
    if was.company or now.company or was.near or now.near:
        changed.phrases.update(shorts)
    if was.kind and now.kind and (was.kind, was.company, was.near) != (now.kind, now.company, now.near):
        changed.phrases.update(was.phrases, now.phrases)
    if "place" in {was.kind, now.kind}:  # «الضفة» by itself, where «الضفة الغربية» is another name of it
        changed.phrases.update({name.partition(" ")[0] for name in names if f" {ARTICLE}" in name} & now.phrases)
    changed.forms.update(was.blocked ^ now.blocked)


def _steady(
    before: Mapping[str, tuple[int, Form]], old: Mapping[str, _Said], new: Mapping[str, _Said], same: Iterable[Entry]
) -> dict[str, set[int]]:
    """Return who was called by each short name before and is now, in any company."""
    steady: dict[str, set[int]] = defaultdict(set)
    for key in old.keys() & new.keys():
        if not (old[key].company or new[key].company):
            for short in old[key].shorts.keys() & new[key].shorts.keys():
                steady[short].add(before[key][0])
    for entry in same:
        for short in entry.shorts if not entry.company else ():
            steady[short].add(before[entry.key][0])
    return steady


_NOTHING = _Said()


def _bearers(entries: Iterable[_Said], shorts: set[str]) -> dict[str, list[_Said]]:
    """Return all who bear each of some short names."""
    bearers: dict[str, list[_Said]] = {short: [] for short in shorts}
    for said in entries:
        for short in shorts.intersection(said.shorts):
            bearers[short].append(said)
    return bearers


# --- Which articles may name what changed ------------------------------------------------------------------------------


def _forms_before(first: str) -> list[str]:
    """Return the written forms from which `stems` leads to the first word of a name."""
    joined_to = [letter + first for letter in ("", "ب", "ل", "ك")]
    joined_to += [to_definite(first), f"لل{first[len(ARTICLE) :]}"] if first.startswith(ARTICLE) else []
    return [letter + each for letter in ("", "و", "ف") for each in dict.fromkeys(joined_to)]


def match_of_written(key: str, written: Callable[[str], bool]) -> str:
    """Return the full-text query for a name in the forms by which `stems` leads to it; none where no article has its words."""
    first, *rest = key.split()
    behind = "".join(f" {word}" for word in rest)
    forms = filter(written, _forms_before(first))
    return " OR ".join(f'"{form}{behind}"' for form in forms) if all(map(written, rest)) else ""


def forms_of_changed(changed: Changes) -> set[str]:
    """Return the written forms of the words with which the phrases of what changed begin."""
    firsts = {phrase.partition(" ")[0] for phrase in changed.every}
    return changed.forms.union(*map(_forms_before, firsts))


def articles_naming(connection: sqlite3.Connection, changed: Changes) -> set[int]:
    """Return the numbers of the articles whose words may name what changed."""
    with_words = "SELECT rowid AS n FROM fulltext WHERE fulltext MATCH ?"
    beside = f"SELECT n FROM topic WHERE e = ? AND n IN ({with_words})"  # noqa: S608  our own words

    @cache
    def written(form: str) -> bool:
        return connection.execute("SELECT 1 FROM word WHERE word = ?", [form]).fetchone() is not None

    def found(asked: str, *values: object) -> set[int]:
        return {row["n"] for row in connection.execute(asked, values)}

    numbers: set[int] = set()
    for match in _matches(changed, written):
        numbers |= found(with_words, match)
    for short, bearers in sorted(changed.alone, key=lambda each: each[0]):
        if match := match_of_written(short, written):
            numbers |= found(with_words, match).difference(
                *(found("SELECT n FROM topic WHERE e = ? AND is_full", e) for e in bearers)
            )
    for e, short in sorted(changed.beside):
        if match := match_of_written(short, written):
            numbers |= found(beside, e, match)
    for match, names in _matches_behind(changed, written):
        others = found(with_words, match) - numbers
        numbers |= {n for n in others if _names_one(connection, n, names)} if names else others
    for key in sorted({*changed.phrases, *(short for short, _ in changed.alone)}):
        numbers |= found("SELECT n FROM own WHERE key = ?", key)
    return numbers


def _matches(changed: Changes, written: Callable[[str], bool]) -> Iterator[str]:
    """Yield the full-text queries for all articles with phrases, and with words as they are written."""
    yield from filter(None, (match_of_written(phrase, written) for phrase in sorted(changed.phrases)))
    yield from (f'"{form}"' for form in filter(written, sorted(changed.forms)))


def _matches_behind(changed: Changes, written: Callable[[str], bool]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the full-text queries for short names behind words, each with the full names beside which they are meant, if any."""
    words_behind: dict[tuple[str, frozenset[str]], list[str]] = {}
    for short, word, names in changed.behind:
        if written(word):
            words_behind.setdefault((short, names), []).append(word)
    for (short, names), words in words_behind.items():
        forms = filter(None, match_of_written(short, written).split(" OR "))
        if near := " OR ".join(f'NEAR("{word}" {form}, 1)' for form in forms for word in words):
            yield near, names


def _names_one(connection: sqlite3.Connection, n: int, names: Iterable[str]) -> bool:
    """Say whether an article has the words of one of some names; asked of the few articles that are left, the index is slower."""
    row = connection.execute("SELECT headline, standfirst, text FROM fulltext WHERE rowid = ?", [n]).fetchone()
    text = "\n".join(map(str, row))
    return any(name.removeprefix(ARTICLE) in text for name in names)  # «للنادي الأهلي»
