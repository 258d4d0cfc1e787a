"""A crawl's pages: those that were announced to it, and when one is asked for again."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.index.format import as_moment, micros
from archive.reader.scan import Table, Texts
from archive.text import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from archive.catalog.tables import RecheckCandidate, Tries

# --- The announced pages of a crawl -------------------------------------------------------------------------------------

_NEVER = -(1 << 63)  # microseconds since 1970


class State(NamedTuple):
    """Which channels announced a page, and what became of it."""

    channels: frozenset[str] = frozenset()
    outcome: str = "unfinished"
    reason: str | None = None


class Pages:
    """The announced pages of a crawl, by number, in the order in which they were announced; some 200 bytes each, addresses and all.

    A back-fill announces a hundred thousand: as objects they would take five times as much.
    """

    def __init__(self) -> None:
        self._numbers = Table()  # id → number of the page and one; 0: it bears another id by now
        self._texts = Texts()  # ids and addresses
        self._ids, self._urls = array("I"), array("I")  # which of them; 0: there is none
        self._states, self._all = array("I"), [State()]
        self._place = {State(): 0}
        self._days = array("I")  # ordinals; 0: not known
        self._published, self._ended = array("q"), array("q")  # microseconds
        self._texts.append(b"")
        self._stated = Table()  # id by address → which text is the one that the page states

    def __len__(self) -> int:
        return sum(map(bool, self._ids))

    def __iter__(self) -> Iterator[int]:
        return (page for page, text in enumerate(self._ids) if text)

    def find(self, article_id: str) -> int | None:
        """Return the number of a page, None where it was not announced."""
        number = self._numbers.number(article_id)
        return number - 1 if number else None

    def take(self, article_id: str, url: str) -> int:
        """Return the number of a page, which begins here where nobody announced it before."""
        page = self.find(article_id)
        if page is None:
            page = len(self._ids)
            for column, empty in ((self._states, 0), (self._days, 0), (self._published, _NEVER), (self._ended, _NEVER)):
                column.append(empty)
            self._ids.append(0)
            self._urls.append(0)
            self.rename(page, "", article_id)
            self.reach(page, url)
        return page

    def rename(self, page: int, before: str, article_id: str) -> None:
        """Give a page another id, in the place of any other page that has it."""
        replaced = self.find(article_id)
        if replaced is not None:
            self._ids[replaced] = 0
        self._ids[page] = self._texts.append(_encoded(article_id))
        if before:
            self._numbers.put(before, 0)
        self._numbers.put(article_id, page + 1)

    def stated(self, article_id: str) -> str:
        """Return the id that a page is known to state in the place of the one by its address."""
        text = self._stated.number(article_id)
        return _decoded(self._texts[text]) if text else article_id

    def note_stated(self, article_id: str, stated: str) -> None:
        """Note that a page states another id than the one by its address."""
        self._stated.put(article_id, self._texts.append(_encoded(stated)))

    def reach(self, page: int, url: str) -> None:
        """Note where a page was announced, where that is not known."""
        if url and not self._urls[page]:
            self._urls[page] = self._texts.append(_encoded(url))

    def date(self, page: int, day: date | None, published: datetime | None = None) -> None:
        """Note the best guess of when a page was published, until the page itself says it; the first of either stays."""
        if published is not None and self._published[page] == _NEVER:
            self._published[page] = micros(published)
            self._days[page] = published.toordinal()
        elif day is not None and not self._days[page]:
            self._days[page] = day.toordinal()

    def end(self, page: int, outcome: str, reason: str | None, at: datetime | None) -> None:
        """Note what became of a page."""
        self.change(page, State(self.state(page).channels, outcome, reason))
        self._ended[page] = _NEVER if at is None else micros(at)

    def state(self, page: int) -> State:
        """Return a page's channels and outcome."""
        return self._all[self._states[page]]

    def change(self, page: int, state: State) -> None:
        """Note a page's channels and outcome."""
        if state not in self._place:
            self._place[state] = len(self._all)
            self._all.append(state)
        self._states[page] = self._place[state]

    def states(self) -> Counter[State]:
        """Return how many pages stand how."""
        return Counter(map(self.state, self))

    def facts(self, page: int, now: datetime) -> tuple[datetime, dict[str, Any]]:
        """Return when a page ended, which is now where it has not, and its event's fields."""
        at = now if self._ended[page] == _NEVER else as_moment(self._ended[page])
        state, article_id = self.state(page), self.id(page)
        return at, {
            "id": article_id,
            "url": _decoded(self._texts[self._urls[page]]) or article_id,
            "channels": sorted(state.channels),
            "day": f"{date.fromordinal(self._days[page]) if self._days[page] else at.date()}",
            "published": None if self._published[page] == _NEVER else as_moment(self._published[page]),
            "outcome": state.outcome,
            "reason": state.reason,
        }

    def id(self, page: int) -> str:
        """Return a page's id."""
        return _decoded(self._texts[self._ids[page]])


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")


# --- When an article is looked at again: on a schedule by its age, the most overdue first, so many in a crawl ---------
#
#     published ──1 h──6 h────24 h──────────7 d─────────────────30 d──▶     RELOOK_AGES
#                  └── due: this age is reached, and since then nobody looked
#
# An article that was captured shortly before an age is left alone for half of the step that leads to it, so that two looks are never
# close together. What is years old when it is captured (a back-fill) is past its last age, and never due.
#
# What was missing at a look is asked for again on another day, before it is told as vanished; what has vanished is asked for again after
# as long as the last age but one, for it may return.
#
# A page that was asked for in vain is asked for again by the same steps, counted from the last try: at once, up to three times, where the
# fault may pass (a time-out, a 5xx), else after the first age, the second, …; after the last one never again.


def read_ages(words: Sequence[str]) -> list[timedelta]:
    """Read ages such as ``1 h``, ``30 d``. Raises ``ValueError`` with a sentence where one is none, or they do not rise."""
    ages = []
    for word in words:
        try:
            ages.append(parse_duration(word if not word.strip()[-1:].isdigit() else ""))  # a bare number is a slip here
        except ValueError:
            raise ValueError(f"RELOOK_AGES: {word!r} is no age; write 30 m, 6 h or 7 d") from None
    if any(later <= earlier for earlier, later in pairwise([timedelta(), *ages])):
        raise ValueError(f"RELOOK_AGES: each age must be greater than the one before it: {', '.join(words)}")
    return ages


_AT_ONCE = 3  # tries, where the fault may pass


def may_try(tries: Tries | None, ages: Sequence[timedelta], now: datetime) -> bool:
    """Say whether an announced page may be asked for, after so many tries in vain; without ages always."""
    if tries is None or not ages:
        return True
    waits = tries.count - (1 if tries.is_lasting else _AT_ONCE)
    return waits < 0 or (waits < len(ages) and now - tries.last >= ages[waits])


_APART = timedelta(hours=12)


def is_another_day(before: datetime, now: datetime) -> bool:
    """Say whether ``now`` is of another day (UTC) than ``before``, and not only some minutes past midnight."""
    return now.date() != before.date() and now - before >= _APART


@dataclass(frozen=True, slots=True)
class Schedule:
    """The ages at which an article is looked at again, rising."""

    ages: Sequence[timedelta]

    def overdue(self, candidate: RecheckCandidate, now: datetime) -> float | None:
        """Return how overdue a look is, as a share of the age that asks for it; None where none is due."""
        since = now - candidate.looked
        if candidate.is_missed and is_another_day(candidate.looked, now):
            return since / timedelta(days=1)
        if candidate.gone and since >= (again := self.ages[-2:][0]):
            return since / again
        age = now - candidate.published
        reached = [(before, step) for before, step in pairwise([timedelta(), *self.ages]) if step <= age]
        if not reached:
            return None
        before, step = reached[-1]
        asked_for = candidate.published + step
        if candidate.looked >= asked_for or now - candidate.looked < (step - before) / 2:
            return None
        return (now - asked_for) / step

    def choose(
        self, candidate: Iterable[RecheckCandidate], now: datetime, budget: int
    ) -> tuple[list[RecheckCandidate], int]:
        """Return the articles to look at, the most overdue first, and how many were due and have to wait."""
        late = [(share, article) for article in candidate if (share := self.overdue(article, now)) is not None]
        late.sort(key=lambda entry: (-entry[0], entry[1].id))
        return [article for _, article in late[:budget]], max(0, len(late) - budget)
