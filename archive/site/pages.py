"""The pages: what stands in the database, put before readers. Each method returns one page as HTML, or None where there is none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup
from zlib_ng import zlib_ng

from archive.article import Article, format_time
from archive.cite import as_bibtex, as_csl, from_line
from archive.diff import comparison
from archive.reader.query import typed_day
from archive.site.lists import (
    Section,
    ShelfPage,
    as_stories,
    biggest,
    biggest_lately,
    by_outlet,
    day_shelf,
    days,
    letters,
    marked,
    months_of,
    outlet_shelf,
    section_shelf,
    sections,
    shared_stories,
    shelf_page,
    span_of_day,
    unseen,
)
from archive.site.queries import (
    LEAST_TAG,
    SHOWN_TOPICS,
    Card,
    Kept,
    NamedTopic,
    cards,
    entries,
    entry_groups,
    folded,
    folded_of,
    former_name,
    outlets,
    story_cards,
    trims,
    whole,
    with_about,
    with_texts,
)
from archive.site.search import PAGE, Query, SearchResult, alone, file_count, search
from archive.site.statistics import Copies, beside_over_time, copies_of, figure_of, neighbours, newsroom, outlet_figures
from archive.site.templating import (
    Looks,
    article_path,
    day_path,
    draw,
    letter_path,
    links_from,
    numbered,
    outlet_name,
    outlet_path,
    part,
    readable,
    render,
    section_path,
    section_slug,
    story_path,
    tag_path,
    tags,
    web_address,
    whole_address,
)
from archive.store import Missing
from archive.text import NO_ARTICLE
from archive.warc.capture import CaptureFault

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import date

    from lxml.html import HtmlElement

    from archive.reader.archive import Archive
    from archive.site.database import SiteDatabase
    from archive.warc.capture import Capture

# --- How an article is cited: what it said, where, when it was captured, and the bytes that prove it -----------------


def proof(article: Article) -> list[tuple[str, str]]:
    """Return the lines of a proof, each with its Arabic label; values are text, for machines and people alike."""
    lines = [
        ("نُشر", "" if article.issued is None else article.issued.isoformat().replace("+00:00", "Z")),
        ("عُدِّل", "" if article.modified is None else format_time(article.modified)),
        ("حُفظ", format_time(article.captured)),
        ("بصمة النص SHA-256", article.text_sha256),
    ]
    if article.warc is not None:
        place = f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}"
        lines += [
            ("سجل WARC", place),
            ("معرّف السجل", article.warc.record_id.strip("<>")),
            ("بصمة الصفحة", article.warc.payload_digest or ""),
        ]
    return [(label, value) for label, value in (*lines, ("الرقم في الأرشيف", article.id)) if value]


def citations(article: Article, looks: Looks, when: str) -> list[tuple[str, str, str]]:
    """Return an article's citation in each form: name, Arabic label, text; ``when`` it appeared, as people write it."""
    line = from_line(article, looks.address)
    by = "، ".join([*article.byline, outlet_name(article.outlet)])
    words = f"{by}: «{article.headline}»، {when}. {readable(article.canonical_url)} (حُفظ {looks.wording.moment(article.captured)})"
    return [("text", "نصا", words), ("bibtex", "BibTeX", as_bibtex(line)), ("csl", "CSL-JSON", as_csl(line))]


def described(article: Article, address: str) -> dict[str, Any]:
    """Return an article as schema.org's NewsArticle, what is not known left out; ``address`` is of its page here, or empty."""
    source = web_address(article.canonical_url)
    values = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.standfirst,
        "datePublished": None if article.issued is None else article.issued.isoformat(),
        "dateModified": None if article.modified is None else format_time(article.modified),
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": article.tags,
        "author": [{"@type": "Person", "name": name} for name in article.byline],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet_name(article.outlet)},
        "mainEntityOfPage": address,
        "isBasedOn": source,
        "image": [image.url for image in article.images if web_address(image.url)],
    }
    return {name: value for name, value in values.items() if value}


# --- The pages ---------------------------------------------------------------------------------------------------------

_BIGGEST, _LEADS, _STREAM, _OF_SECTION, _SECTIONS, _OF_OUTLET, _DAY_TAGS = 9, 9, 9, 5, 6, 4, 24
_POOL, _OF_ONE = 600, 3  # the latest of which the stream is chosen, so many of one outlet
_TAGS_OF_KIND, _PICTURED, _WORTH_PICTURE = 80, 6, 8  # names in the picture of a tag; stories that make one worth while
_DEEPEST = 16  # folders of an address that is not there; links from deeper ones would only be long
_KEPT_LISTS, _KEPT_FIGURES = 256, 64  # of tags that are read just now; of outlets
_KEPT_BODIES, FEW_BODIES, _FAST = 24_576, 2048, 1  # of articles under tags: some 2 KB each, packed; few: of a server


def _unpacked(length: int, body: bytes) -> tuple[Markup, Markup]:
    text = zlib_ng.decompress(body).decode()
    return Markup(text[:length]), Markup(text[length:])  # noqa: S704  templates' and tags'


class _Common(NamedTuple):
    """What many pages say, asked once for each generation of the index."""

    days: dict[date, int]  # how many articles each has, oldest first
    outlets: list[dict[str, Any]]  # as `archive.site.queries.outlets` says them
    agencies: list[str]  # codes of those that are credited
    tags: list[dict[str, Any]]  # what the newest articles are about, the most first
    sections: list[Section]  # the greatest first
    stories: list[tuple[str, int]]  # that several articles carry, oldest first
    copies: Copies  # who ran what others had first


class Pages:
    """Makes pages from an index; the archive itself is asked only for replays."""

    def __init__(self, index: SiteDatabase, archive: Archive, looks: Looks, *, bodies: int = _KEPT_BODIES) -> None:
        self.index, self.archive, self.looks, self._most_bodies = index, archive, looks, bodies
        self._lists = lru_cache(maxsize=_KEPT_LISTS)(
            lambda e, generation: entry_groups(self._db, e, self._kept(generation))
        )
        self._bodies: Callable[[int], dict[int, tuple[int, bytes]]] = lru_cache(maxsize=1)(lambda generation: {})  # noqa: ARG005  the key
        self._common = lru_cache(maxsize=1)(self._common_of)
        self._kept = lru_cache(maxsize=1)(lambda generation: Kept(lambda: self._db))  # noqa: ARG005  the key
        zone = looks.wording.zone
        self._tables = lru_cache(maxsize=1)(
            lambda generation: newsroom(self._db, zone, self._common(generation).copies)
        )
        self._figures = lru_cache(maxsize=_KEPT_FIGURES)(
            lambda outlet, generation: outlet_figures(self._db, outlet, zone, self._common(generation).copies)
        )

    @property
    def _db(self) -> sqlite3.Connection:
        return self.index.reader

    @property
    def common(self) -> _Common:
        """Return what many pages say of the whole archive."""
        return self._common(self.index.generation)

    def _common_of(self, _: int) -> _Common:
        rows = self._db.execute("SELECT DISTINCT agencies FROM article WHERE agencies <> ''")
        codes = sorted({code for row in rows for code in row["agencies"].split()})
        tags_of_day, known = self._tags_of_the_day(), sections(self._db)
        stories, copies = shared_stories(self._db), copies_of(self._db)
        many = days(self._db, self.looks.wording.zone)
        return _Common(many, outlets(self._db), codes, tags_of_day, known, stories, copies)

    def home(self) -> str:
        """Return the front page: the day's biggest stories, the latest by section and by outlet; each story once."""
        return render("home.html", self.looks, "index.html", **self._front())

    def _front(self) -> dict[str, Any]:
        newest = self._db.execute("SELECT max(at) FROM article").fetchone()[0] or 0
        day = self.looks.wording.day_of(newest)
        seen: set[str] = set()
        pool = folded(cards(self._db, "1", limit=_POOL))
        leads = unseen(biggest_lately(self._db, newest, _BIGGEST), seen, _LEADS)
        leads += unseen(pool, seen, _LEADS - len(leads), of_one=2 * _OF_ONE)
        return {
            "day": day,
            "many": self.common.days.get(day, 0),
            "leads": [*with_texts(self._db, leads[:1]), *leads[1:]],
            "stream": unseen(pool, seen, _STREAM, of_one=_OF_ONE),
            "sections": self._sections(seen),
            "by_outlet": self._by_outlet(seen),
            "tags_of_day": self.common.tags,
        }

    def _sections(self, seen: set[str]) -> list[tuple[Section, list[Card]]]:
        recent = (
            "SELECT section FROM (SELECT section FROM article ORDER BY at DESC LIMIT 2000) WHERE section IS NOT NULL"
        )
        lively = Counter(section_slug(row["section"]) for row in self._db.execute(recent))
        by_slug = {section.slug: section for section in self.common.sections}
        columns = []
        for slug, _ in lively.most_common(_SECTIONS):
            shelf = section_shelf(by_slug[slug].names)
            newest = folded(cards(self._db, shelf.condition, shelf.values, 4 * _OF_SECTION))
            columns.append((by_slug[slug], unseen(newest, seen, _OF_SECTION)))
        return [(section, chosen) for section, chosen in columns if chosen]

    def _by_outlet(self, seen: set[str]) -> dict[str, list[Card]]:
        named = [row["outlet"] for row in self.common.outlets]
        newest = {name: folded(cards(self._db, "outlet = ?", [name], 8 * _OF_OUTLET)) for name in named}
        columns = {name: unseen(newest[name], seen, _OF_OUTLET) for name in named}
        return {name: chosen for name, chosen in columns.items() if chosen}

    def _tags_of_the_day(self) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT name, slug, kind, count(*) AS together FROM topic JOIN entry USING (e)"
            " WHERE about AND n IN (SELECT n FROM article ORDER BY at DESC LIMIT 200) AND many >= ?"
            " GROUP BY e ORDER BY together DESC, key LIMIT ?",
            [LEAST_TAG, _DAY_TAGS],
        )
        return [dict(row) for row in rows]

    # --- Lists -------------------------------------------------------------------------------------------------------

    def day(self, day: date, number: int | None = None) -> str | None:
        """Return a page of a day: its biggest stories, and all its articles."""
        zone, known, size = self.looks.wording.zone, list(self.common.days), self.looks.page_size
        is_known = day in self.common.days  # no calendar goes on behind the last day of the year 9999
        page = shelf_page(self._db, day_shelf(day, zone), size, number) if is_known else None
        if page is None:
            return None
        place = known.index(day)
        before = known[place - 1] if place else None
        after = known[place + 1] if place + 1 < len(known) else None
        is_first = page.number == page.last
        top = biggest(self._db, *span_of_day(day, zone), _BIGGEST) if is_first else []
        values = {"day": day, "before": before, "after": after, "top": top}
        return self._listed("day.html", day_path(day), page, **values)

    def section(self, slug: str, number: int | None = None) -> str | None:
        """Return a page of a section: its articles in all outlets."""
        section = next((each for each in self.common.sections if each.slug == slug), None)
        if section is None:
            return None
        page = shelf_page(self._db, section_shelf(section.names), self.looks.page_size, number)
        return None if page is None else self._listed("section.html", section_path(slug), page, section=section)

    def outlet(self, outlet: str, number: int | None = None) -> str | None:
        """Return a page of an outlet's articles; beside the newest its volume, sections, agencies, lag, calendar."""
        page = shelf_page(self._db, outlet_shelf(outlet), self.looks.page_size, number)
        if page is None:
            return None
        is_first = page.number == page.last
        figures = self._figures(outlet, self.index.generation) if is_first else None
        return self._listed("outlet.html", outlet_path(outlet), page, outlet=outlet, figures=figures)

    def _listed(self, template: str, path: str, page: ShelfPage, **values: Any) -> str:
        shown = folded(page.cards)
        here = numbered(path, page.number, page.last)
        return render(template, self.looks, here, path=path, list=page, cards=shown, **values)

    def stories(self, number: int | None = None) -> str | None:
        """Return a page of the list of stories that several articles carry; pages are counted as those of other lists."""
        known, size = self.common.stories, self.looks.page_size
        last = max(1, len(known) // size)
        number = last if number is None else number
        if not 1 <= number <= last:
            return None
        here = known[(number - 1) * size : number * size if number < last else None]
        shown = as_stories(self._db, [story for story, _ in reversed(here)])
        page = ShelfPage([], number, last, len(known))
        path = numbered("stories.html", number, last)
        return render("stories.html", self.looks, path, path="stories.html", list=page, cards=shown)

    def days(self) -> str:
        """Return the calendar of all days."""
        months = months_of(self.common.days)
        return render("days.html", self.looks, "days.html", months=months, total=len(self.common.days))

    def sections(self) -> str:
        """Return the list of all sections."""
        return render("sections.html", self.looks, "sections.html", sections=self.common.sections)

    def outlets(self) -> str:
        """Return the list of all outlets."""
        return render("outlets.html", self.looks, "outlets.html", outlets=self.common.outlets)

    def tags(self) -> str:
        """Return the greatest tags of each kind, and the letters under which all stand that have more than one article."""
        groups: dict[str, list[NamedTopic]] = {}
        for entry in entries(self._db, least=LEAST_TAG):
            groups.setdefault(entry.kind, []).append(entry)
        top = {kind: group[:_TAGS_OF_KIND] for kind, group in groups.items()}
        many = {kind: len(group) for kind, group in groups.items()}
        return render("tags.html", self.looks, "tags.html", groups=top, many=many, letter="", letters=letters(self._db))

    def tags_of_letter(self, letter: str) -> str | None:
        """Return the page of all tags that begin with a letter."""
        known = letters(self._db)
        if letter not in known:
            return None
        groups: dict[str, list[NamedTopic]] = {}
        for entry in known[letter]:
            groups.setdefault(entry.kind, []).append(entry)
        many = {kind: len(group) for kind, group in groups.items()}
        return render(
            "tags.html", self.looks, letter_path(letter), groups=groups, many=many, letter=letter, letters=known
        )

    def tag(self, entry: NamedTopic, page: int = 1) -> str | None:
        """Return a page of a tag: its latest articles with their whole texts."""
        lists = self._lists(entry.e, self.index.generation)
        last = -(-len(lists) // self.looks.page_size)
        if not 1 <= page <= last:
            return None
        here = lists[(page - 1) * self.looks.page_size : page * self.looks.page_size]
        shown = with_about(self._db, entry.e, folded_of(self._db, here))
        bodies, kept = self._bodies_of(shown), self._kept(self.index.generation)
        beside = neighbours(self._db, entry.e, kept=kept) if page == 1 else []
        pictured = beside[:_PICTURED] if len(lists) >= _WORTH_PICTURE else []
        values = {
            "entry": entry,
            "cards": shown,
            "body_of": lambda card: bodies[card.n],
            "number": page,
            "last": last,
            "beside": beside,
            "over_time": beside_over_time(self._db, entry.e, pictured, kept) if pictured else None,
        }
        return render("tag.html", self.looks, tag_path(entry.slug, page), **values)

    def _bodies_of(self, cards: Sequence[Card]) -> dict[int, tuple[Markup, Markup]]:
        """Return what stands of each article under every tag that it names, and the list of these; made once for all of them."""
        kept = self._bodies(self.index.generation)
        packed = {card.n: body for card in cards if (body := kept.get(card.n)) is not None}
        fresh = [card for card in cards if card.n not in packed]
        to, show = links_from(tag_path("x")), part("whole")  # wherever it stands, links from there begin alike
        for card in with_texts(self._db, fresh) if fresh else ():
            text = show(card, self.looks, to)
            whole = f"{text}{tags(card.topics, to)}".encode("utf-8", "replace")
            packed[card.n] = kept[card.n] = (len(text), zlib_ng.compress(whole, _FAST))
        for n in list(islice(kept, max(0, len(kept) - self._most_bodies))):
            kept.pop(n, None)  # those that came first
        return {n: _unpacked(*body) for n, body in packed.items()}

    def former_tag(self, slug: str) -> str | None:
        """Return what stands at the address of a name that is none any more: the articles with its words."""
        name = former_name(self._db, slug)
        return None if name is None else self.search(Query(text=f'"{name}"'), tag_path(slug))

    def tag_page_count(self, entry: NamedTopic) -> int:
        """Return how many pages a tag has."""
        return -(-len(self._lists(entry.e, self.index.generation)) // self.looks.page_size)

    def article(self, article_id: str) -> str | None:
        """Return an article's page."""
        article = whole(self._db, article_id, self._kept(self.index.generation))
        if article is None:
            return None
        beside = [
            (card, comparison(article.article, card.article)) for card in article.beside if card.article is not None
        ]
        history = [(new, comparison(old, new)) for old, new in pairwise(article.versions)]
        newest, wording = article.article, self.looks.wording
        when = (
            wording.day(newest.issued) if newest.is_dated_by_day and newest.issued else wording.moment(article.card.at)
        )
        values = {
            "whole": replace(article, topics=article.topics[:SHOWN_TOPICS]),
            "card": article.card,
            "article": newest,
            "when_issued": when,
            "copies": beside,
            "history": history[::-1],
            "proof": proof(newest),
            "described": described(newest, whole_address(self.looks, article.card.path)),
            "citations": citations(newest, self.looks, when),
            "replay": article_path(article_id, "replay") if newest.warc is not None else None,
        }
        return render("article.html", self.looks, article_path(article_id), **values)

    def replay(self, article_id: str) -> str | None:
        """Return the captured page of an article in its cage; where it cannot be shown the page says why."""
        article = whole(self._db, article_id)
        if article is None:
            return None
        captured, fault = "", ""
        try:
            captured = harmless(self.archive.capture(article.article))
        except (CaptureFault, Missing) as error:
            fault = str(error)
        path = article_path(article_id, "replay")
        return render(
            "replay.html", self.looks, path, article=article.article, card=article.card, captured=captured, fault=fault
        )

    def story(self, story_id: str) -> str | None:
        """Return a story's page: who ran it, when, in which trim."""
        cards = with_texts(self._db, story_cards(self._db, story_id))
        if not cards:
            return None
        first = cards[0]
        earliest = min(cards, key=lambda card: (card.at, card.id))  # not the origin where it ran a few paragraphs alone
        agencies = Counter(code for card in cards for code in card.agencies).most_common()
        values = {
            "first": first,
            "earliest": earliest,
            "cards": cards,
            "outlets_in_time": by_outlet(cards),
            "trims": trims(cards),
            "agencies": agencies,
            "span": max(card.at for card in cards) - earliest.at,
        }
        return render("story.html", self.looks, story_path(story_id), **values)

    def newsroom(self) -> str:
        """Return the newsroom's view."""
        tables = self._tables(self.index.generation)
        drawn = [(table, figure_of(table, self.looks.wording)) for table in tables]
        return render("newsroom.html", self.looks, "newsroom.html", tables=drawn)

    def figure_files(self) -> dict[str, Callable[[], bytes | str]]:
        """Return what makes each file of the newsroom, by path: numbers as CSV, pictures as SVG, light and dark."""
        named = [row["outlet"] for row in self.common.outlets]
        files: dict[str, Callable[[], bytes | str]] = {}
        for table in self._tables(self.index.generation):
            if table.rows:
                files[f"newsroom/{table.name}.csv"] = table.as_csv
            if (figure := figure_of(table, self.looks.wording)) is not None:
                files[f"newsroom/{table.name}.svg"] = partial(draw, figure, table.title, named)
                files[f"newsroom/{table.name}.dark.svg"] = partial(draw, figure, table.title, named, "dark")
        return files

    def search(self, query: Query, path: str = "search.html") -> str:
        """Return the search page at ``path``: the form, what was found; a wrong date is said in words, and an empty answer leads on."""
        result, is_wrong = SearchResult(0), False
        query = replace(query, zone=self.looks.wording.zone)
        asked = replace(query, since=typed_day(query.since), until=typed_day(query.until))
        try:
            result = search(self._db, asked, facets=True, folded=True)
        except ValueError:
            is_wrong = True
        query = replace(query, read=result.query.read)  # what is marked
        values = {
            "query": query,
            "found": result,
            "is_wrong": is_wrong,
            "outlets": [row["outlet"] for row in self.common.outlets],
            "agencies": self.common.agencies,
            "size": PAGE,
            "files": 0 if self.looks.live else file_count(self._db),
            "without_article": sorted(NO_ARTICLE),
            "alone": alone(self._db, query) if query.terms and not (result.total or is_wrong) else [],
            "tags_of_day": self.common.tags,
            "marked": lambda text: marked(text, query.terms),
        }
        return render("search.html", self.looks, path, **values)

    def first_asked(self) -> list[str]:
        """Return the paths that readers of a server ask for first: the front page, and where it leads."""
        front = self._front()
        columns = [*(chosen for _, chosen in front["sections"]), *front["by_outlet"].values()]
        shown = [card for cards in (front["leads"], front["stream"], *columns) for card in cards]
        articles = {run.path for card in shown for run in (card, *card.copies)}
        tags = [tag_path(tag["slug"]) for tag in (*front["tags_of_day"], *(t for card in shown for t in card.topics))]
        tags += [tag_path(entry.slug) for entry in entries(self._db, least=LEAST_TAG)[:_DAY_TAGS]]
        lists = [f"{name}.html" for name in ("newsroom", "search", "tags", "stories", "sections", "outlets", "days")]
        lists += [outlet_path(row["outlet"]) for row in self.common.outlets]
        return ["", *lists, *dict.fromkeys(tags), *sorted(articles)]

    def error(self, path: str | None = None, *, status: int = 404) -> str:
        """Return the page that says that there is none: at ``path``, or anywhere, for a front door that shows it everywhere.

        Links from anywhere need the site's address; where it is not known they are right at the site's root alone. Nothing is asked of
        the index: it may be what does not answer.
        """
        if path is None and self.looks.address:
            return render(
                "error.html", self.looks, "404.html", root=f"{self.looks.address.rstrip('/')}/", status=status
            )
        is_deep = path is not None and path.count("/") > _DEEPEST
        return render("error.html", self.looks, "404.html" if path is None or is_deep else path, status=status)


# --- The captured page, shown without giving it any power: three walls, each of which would do --------------------------
#     1  only elements and attributes that are known to neither run, load nor lead elsewhere stay; of other elements the text does
#     2  it stands in an iframe with an empty sandbox, as ``srcdoc``: no script, no form, no navigation, an origin of its own
#     3  the page around it has a policy that the frame inherits: nothing is loaded from anywhere
#
# Pages are archived without pictures and styles, so what is shown is bare; the WARC keeps every byte for a replay tool.

# What is shown of a page: elements that go with all that is in them, those that stay (of all others the text does), and the attributes that
# stay: none of them loads, runs or leads anywhere.
_GONE, _SHOWN, _KEPT = (
    words.split()
    for words in (
        "applet audio base embed fencedframe frame frameset iframe link meta noscript object portal script source template track video",
        """a abbr acronym address article aside b bdi bdo big blockquote body br button caption center cite code col colgroup data dd del details
        dfn dir div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i img ins kbd label legend
        li main mark menu nav ol p picture pre q rp rt ruby s samp section small span strike strong style sub summary sup table tbody td tfoot
        th thead time title tr tt u ul var wbr""",
        """align alt bgcolor border cellpadding cellspacing class color colspan datetime dir face headers height hidden id lang open reversed
        rowspan scope size span start style title valign width""",
    )
)
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_LOADS = re.compile(
    r"@import|url\s*\(|image-set\s*\(", re.IGNORECASE
)  # in styles; what is disguised runs into the policy
_SNIFFED = 2048  # bytes in which a page says its charset


def harmless(capture: Capture) -> str:
    """Return the captured page without what runs, loads or leads elsewhere.

    Raises:
        CaptureFault: there is nothing on it.
    """
    from lxml import etree, html  # noqa: PLC0415  5 MB that a server needs for replays alone

    text = _text_of(capture.content(), capture.header("content-type") or "")
    try:
        document = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))
    except etree.ParserError:
        raise CaptureFault("there is nothing on the page") from None
    etree.strip_elements(document, *_GONE, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    etree.strip_tags(document, *{str(element.tag) for element in document.iter(etree.Element)}.difference(_SHOWN))
    for element in document.iter(etree.Element):
        if element.tag == "img":
            _say_picture(element)
        else:
            _disarm(element)
    return html.tostring(document, encoding="unicode", doctype="<!doctype html>")


def _say_picture(element: HtmlElement) -> None:
    """Put a picture's words in its place: without its file a browser would show that it is broken."""
    words = (element.get("alt") or "").strip()
    element.tag = "span"
    element.attrib.clear()
    element.text = f"[صورة: {words}]" if words else None


def _disarm(element: HtmlElement) -> None:
    kept = {name: value for name in _KEPT if (value := element.get(name)) is not None and not _LOADS.search(value)}
    element.attrib.clear()
    element.attrib.update(kept)
    if element.tag == "style" and element.text:
        element.text = _LOADS.sub("/**/none(", element.text)


def _text_of(body: bytes, content_type: str) -> str:
    declared = _CHARSET.search(content_type) or _CHARSET.search(body[:_SNIFFED].decode("latin-1"))
    for charset in ("utf-8", declared[1] if declared else "windows-1256"):
        try:
            return _without_declaration(body.decode(charset))
        except (UnicodeDecodeError, LookupError):
            continue
    return _without_declaration(body.decode("utf-8", errors="replace"))


def _without_declaration(text: str) -> str:
    """Return the text without XML declaration and zeros: lxml takes no declared encoding in a string."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
