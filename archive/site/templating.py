"""How pages are made: the templates, the few settings that readers notice, and Arabic as a newspaper writes it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import quote

from markupsafe import Markup, escape

from archive.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping, Sequence

    from jinja2 import Environment

    Day: TypeAlias = date

# --- Where each page of the site stands, the same for the static site and for the server -----------------------------
#     index.html                            search.html        newsroom.html, newsroom/<picture>.svg|csv
#     tags.html, letters/<letter>.html      all tags, the greatest and by letter
#     tags/<words>.html, .rss, .json        one per name; page 2 and on: <words>.2.html
#     articles/<outlet>/<number>.html       replay/<outlet>/<number>.html
#     pictures/<outlet>/<number>.webp
#     stories.html, stories/<outlet>.<number>.html
#     outlets.html, outlets/<outlet>.html, .rss, .json
#     sections.html, sections/<words>.html  days.html, days/2026-11-29.html
#
# Of the last five, a list's newest page has no number in its name; <words>.1.html is its oldest.
#
# Paths are relative to the site's root and unquoted; links are relative to the page, so that a site can be moved, put into a
# bucket or opened from a folder. What comes from an outlet's page becomes a file name only if it is letters and digits.

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_LONGEST_SLUG = 80  # letters; a file name holds 255 bytes
_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u200b-\u200f]")  # stand inside words: «عُمان» is one
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def is_safe_outlet(outlet: str) -> bool:
    """Say whether an outlet's name can be a folder's."""
    return _PLAIN.fullmatch(outlet) is not None


def article_path(article_id: str, folder: str = "articles") -> str:
    """Return the path of an article's page; ``folder`` ``replay`` gives that of its replay."""
    outlet, _, number = article_id.partition(":")
    return f"{folder}/{_plain(outlet)}/{_plain(number)}.html"


def picture_path(article_id: str) -> str:
    """Return the path of an article's picture."""
    return f"{article_path(article_id, 'pictures').removesuffix('.html')}.webp"


def story_path(story_id: str) -> str:
    """Return the path of a story's page."""
    outlet, _, number = story_id.partition(":")
    return f"stories/{_plain(outlet)}.{_plain(number or story_id)}.html"


def tag_path(slug: str, page: int = 1, suffix: str = "html") -> str:
    """Return the path of a page of a tag, or of its feed."""
    return f"tags/{slug}.{suffix}" if page == 1 else f"tags/{slug}.{page}.{suffix}"


def outlet_path(outlet: str, suffix: str = "html") -> str:
    """Return the path of an outlet's page, or of its feed."""
    return f"outlets/{_plain(outlet)}.{suffix}"


def section_path(slug: str) -> str:
    """Return the path of a section's page."""
    return f"sections/{slug}.html"


def day_path(day: Day) -> str:
    """Return the path of a day's page."""
    return f"days/{day.isoformat()}.html"


def letter_path(letter: str) -> str:
    """Return the path of the list of all tags that begin with a letter."""
    return f"letters/{letter}.html"


def numbered(path: str, number: int, last: int) -> str:
    """Return the path of a page of a list whose newest page, the ``last``, stands at ``path``."""
    return path if number == last else f"{path.removesuffix('.html')}.{number}.html"


@lru_cache(maxsize=1024)
def section_slug(section: str) -> str:
    """Return a section's name as it stands in an address; a hash where no word would be left, or too many."""
    return slug_of(section) or hashlib.sha256(section.encode()).hexdigest()[:16]


def slug_of(name: str) -> str | None:
    """Return a name as it stands in an address; None where nothing, or too much, would be left."""
    slug = _BETWEEN_WORDS.sub("-", _MARKS.sub("", name)).strip("-")
    return slug if 0 < len(slug) <= _LONGEST_SLUG else None


def key_of_slug(slug: str) -> str:
    """Return the folded words that an address names, however it is spelled."""
    return " ".join(fold(slug).replace("-", " ").split())


@lru_cache(maxsize=64)
def _links_above(above: str) -> Callable[[str], Markup]:
    """Return what links to a path from pages of one depth; the same function each time, so that it can be part of a key."""
    return lru_cache(maxsize=1 << 12)(lambda path: Markup(above + quote(path)))  # noqa: S704  percent-encoded


def links_from(page: str) -> Callable[[str], Markup]:
    """Return what links to a path from the page at the path ``page``."""
    return _links_above("../" * page.count("/"))


def link(path: str, page: str = "") -> str:
    """Return a link to ``path``, percent-encoded, from the page at the path ``page``."""
    return "../" * page.count("/") + quote(path)


@lru_cache(maxsize=1 << 12)
def _plain(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()[:16]


# ---------------------------------------------------------------------------------------------------------------------
# Arabic as a newspaper writes it: numbers, counted nouns, relative times, dates, and Latin names kept in their
# direction.
#     2 hours   ─▶ منذ ساعتين          6 days  ─▶ منذ 6 أيام          later ─▶ ١٦-٠٥-٢٠٢٥
#
# digits    relative times and counts    dates
# mixed     6                            ١٦-٠٥-٢٠٢٥      as Arabic aggregators do
# arab      ٦                            ١٦-٠٥-٢٠٢٥
# latn      6                            16-05-2025

DIGITS = ("mixed", "arab", "latn")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"  # those with accents too: a name cut at its «é» would be read from its end
_LATIN = re.compile(rf"[{_LETTERS}](?:[{_LETTERS}\u0300-\u036f0-9_ .,&'’+/@:#-]*[{_LETTERS}\u0300-\u036f0-9])?")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 7 * 86400
_FEW = 10

FORMS = {  # one, two, three to ten, eleven and more
    "minute": ("دقيقة", "دقيقتان", "دقائق", "دقيقة"),
    "hour": ("ساعة", "ساعتان", "ساعات", "ساعة"),
    "day": ("يوم", "يومان", "أيام", "يوما"),
    "article": ("مادة واحدة", "مادتان", "مواد", "مادة"),
    "item": ("مادة تذكره", "مادتان تذكرانه", "مواد تذكره", "مادة تذكره"),  # in passing
    "outlet": ("صحيفة واحدة", "صحيفتان", "صحف", "صحيفة"),
    "word": ("كلمة واحدة", "كلمتان", "كلمات", "كلمة"),
    "text": ("نص واحد", "نصان", "نصوص", "نصا"),
    "version": ("صيغة واحدة", "صيغتان", "صيغ", "صيغة"),
    "copy": ("نسخة واحدة", "نسختان", "نسخ", "نسخة"),
    "story": ("قصة واحدة", "قصتان", "قصص", "قصة"),
    "result": ("نتيجة واحدة", "نتيجتان", "نتائج", "نتيجة"),  # copies of a story are one
    "section": ("قسم واحد", "قسمان", "أقسام", "قسما"),
    "tag": ("وسم واحد", "وسمان", "وسوم", "وسما"),
    "edit": ("تعديل واحد", "تعديلان", "تعديلات", "تعديلا"),
}
MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
DAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


@dataclass(frozen=True, slots=True)
class Wording:
    """How numbers and times are written.

    Attributes:
        digits: ``mixed``, ``arab`` or ``latn``.
        zone: the readers' time zone.
        clock: gives the time to which relative times refer, aware; None writes dates alone, for pages that are read later.
    """

    digits: str = "mixed"
    zone: tzinfo = UTC
    clock: Callable[[], datetime] | None = None

    def number(self, value: float | str) -> str:
        """Write a number as counts are written."""
        text = value if isinstance(value, str) else f"{value:,}".replace(",", "٬" if self.digits == "arab" else ",")
        return text.translate(_ARABIC_DIGITS) if self.digits == "arab" else text

    def counted(self, value: int, noun: str, *, behind: bool = False) -> str:
        """Write a number with its noun, a name of `FORMS`: «مادتان», «5 مواد», «20 مادة»; ``behind`` a particle «مادتين»."""
        one, two, few, many = FORMS[noun]
        if value in {1, 2}:
            return one if value == 1 else re.sub(r"ان\b", "ين", two, count=1) if behind else two
        rest = value % 100
        if rest < 3 <= value:  # noqa: PLR2004  «100 يوم», «201 نص»: three to ten is grammar, and so are whole hundreds
            return f"{self.number(value)} {many.removesuffix('ا')}"
        return f"{self.number(value)} {few if 3 <= rest <= _FEW else many}"  # noqa: PLR2004  as above

    def ago(self, seconds: int) -> str:
        """Write a time as people say it, up to a week; a date from there on, or where no clock runs."""
        now = None if self.clock is None else self.clock()
        age = -1 if now is None else int(now.timestamp()) - seconds
        if age < 0 or age >= _WEEK:
            return self.date(seconds)
        if age < _MINUTE:
            return "الآن"
        for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
            if age >= size:
                return f"منذ {self.counted(age // size, noun, behind=True)}"
        return self.date(seconds)

    @property
    def dated(self) -> Wording:
        """Return the wording of a line that has a date beside its counts: digits of one kind."""
        return replace(self, digits="arab") if self.digits == "mixed" else self

    def by(self, seconds: int) -> str:
        """Write a span after «قبل كذا» : «بيومين», «بـ3 ساعات»."""
        span = self.lag(seconds, behind=True)
        return f"بـ{span}" if span[0].isdigit() else f"ب{span}"

    def lag(self, seconds: int, *, behind: bool = False) -> str:
        """Write a span between two articles: «ساعتان», ``behind`` a particle such as «بعد» «ساعتين»."""
        for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
            if abs(seconds) >= size:
                return self.counted(abs(seconds) // size, noun, behind=behind)
        return "أقل من دقيقة"

    def date(self, seconds: int, day: str | None = None) -> str:
        """Write the day: ١٦-٠٥-٢٠٢٥; the one given as ``2025-05-16`` where the day alone is known."""
        when = self._local(seconds) if day is None else date.fromisoformat(day)
        return self._dated(f"{when.day:02}-{when.month:02}-{when.year:04}")

    def moment(self, seconds: int | datetime) -> str:
        """Write day and minute: «السبت ١٦ مايو ٢٠٢٥، ١٤:٣٠»."""
        when = self._local(int(seconds.timestamp()) if isinstance(seconds, datetime) else seconds)
        return f"{self.day(when)}، {self._dated(f'{when.hour:02}:{when.minute:02}')}"

    def hour(self, seconds: int) -> str:
        """Write the time of day: ١٤:٣٠."""
        when = self._local(seconds)
        return self._dated(f"{when.hour:02}:{when.minute:02}")

    def month(self, day: Day) -> str:
        """Write a month: «مايو ٢٠٢٥»."""
        return self._dated(f"{MONTHS[day.month - 1]} {day.year}")

    def month_of(self, text: str) -> str:
        """Write a month that is given as ``2026-11``."""
        return self.month(date.fromisoformat(f"{text}-01"))

    def day_of(self, seconds: int) -> Day:
        """Return the day of a moment in the readers' time zone."""
        return self._local(seconds).date()

    def day(self, day: Day) -> str:
        """Write a day: «السبت ١٦ مايو ٢٠٢٥»."""
        return self._dated(f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}")

    def iso(self, seconds: int) -> str:
        """Write a time for machines."""
        return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()}Z"

    def _local(self, seconds: int) -> datetime:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(self.zone)

    def _dated(self, text: str) -> str:
        return text if self.digits == "latn" else text.translate(_ARABIC_DIGITS)


def when(seconds: int, wording: Wording, day: str | None = None) -> Markup:
    """Return a time as markup: as people say it, and its date where the page is printed; a day alone as it is."""
    if day is not None:
        return Markup('<time datetime="{}">{}</time>').format(day, wording.date(seconds, day))
    return _when(seconds, wording, wording.ago(seconds))


@lru_cache(maxsize=1 << 13)
def _when(seconds: int, wording: Wording, age: str) -> Markup:
    day = wording.date(seconds)
    printed = Markup('<b class="printed">{}</b>').format(day) if age != day else ""
    attributes = f'datetime="{wording.iso(seconds)}" title="{escape(wording.moment(seconds))}" data-ago="{seconds}"'
    return Markup(f"<time {attributes}>{escape(age)}</time>{printed}")  # noqa: S704  escaped


# Lists have so many of these lines that a template would take three times as long over them.
def meta(  # noqa: PLR0913  each is a choice of its own
    card: Any, w: Wording, to: Callable[[str], Markup], *, link_outlet: bool = True, note: str = "", hour: bool = False
) -> Markup:
    """Return the line under a headline: outlet, time (in a day's list the ``hour`` alone), section, agencies, a note, what changed."""
    link = f'<a class="outlet {badge_class(card.outlet)}" href="{to(outlet_path(card.outlet))}">{escape(outlet_name(card.outlet))}</a>'
    at = f'<time datetime="{w.iso(card.at)}">{w.hour(card.at)}</time>' if hour else when(card.at, w, card.day)
    said = ["" if hour and card.day else at]
    if card.section:
        page = to(section_path(section_slug(card.section)))
        said.append(f'<span><a href="{page}">{isolated(card.section)}</a></span>')
    if card.agencies:
        said.append(f'<span class="agency">{"، ".join(isolated(agency_name(code)) for code in card.agencies)}</span>')
    if note:
        said.append(f"<span>{escape(note)}</span>")
    if card.silent or card.versions > 1:
        said.append(f'<span class="flag{" silent" * bool(card.silent)}">عُدّل{" بصمت" * bool(card.silent)}</span>')
    return Markup(f'<p class="meta">{link * link_outlet}  {" ".join(said)}</p>')  # noqa: S704  escaped


def item(card: Any, w: Wording, to: Callable[[str], Markup], *, show_standfirst: bool = True, **line: Any) -> Markup:
    """Return an article in a list: picture, headline, `meta` with these choices, standfirst, copies."""
    thumb = part("thumb")(card, to) if card.wide else ""
    said = card.standfirst if show_standfirst else None
    standfirst = f'<p class="standfirst">{isolated(said)}</p>' if said else ""
    copies = part("copies")(card, w, to) if card.copies else ""
    head = f'<h3><a href="{to(card.path)}">{isolated(card.headline)}</a></h3>'
    below = f"{meta(card, w, to, **line)}\n{standfirst}  {copies}"
    return Markup(f'<article class="item">\n  {thumb}\n  {head}\n  {below}\n</article>')  # noqa: S704  escaped


def tags(topics: Iterable[dict[str, Any]], to: Callable[[str], Markup]) -> Markup:
    """Return a list of links to the pages of topics; nothing where there is none."""
    links = [f'<li><a href="{to(tag_path(topic["slug"]))}">{isolated(topic["name"])}</a></li>' for topic in topics]
    return Markup(f'<ul class="tags">{"".join(links)}</ul>' if links else "")  # noqa: S704  escaped


def paragraphs(lines: Sequence[str]) -> Markup:
    """Return lines of text as paragraphs; a text without Latin letters is escaped in one go."""
    text = "\n".join(lines)
    shown = map(isolated, lines) if _LATIN.search(text) else escape(unturned(text)).split("\n")
    return Markup("".join(f"<p>{line}</p>\n" for line in shown) if lines else "")  # noqa: S704  escaped


def unturned(text: str) -> str:
    """Return text without signs that turn the direction of all that follows."""
    return _TURNING.sub("", text)


def isolated(text: str | None) -> Markup:
    """Return text as markup: escaped, with each Latin run in a direction isolate of its own.

    Signs that turn the direction of all that follows are left out: they would turn our own words beside them.
    """
    return _isolated_name(text) if text is not None and len(text) <= _NAME else _isolated(text or "")


_NAME = 40  # letters: names of outlets, sections, topics come again and again


@lru_cache(maxsize=1 << 14)
def _isolated_name(text: str) -> Markup:
    return _isolated(text)


def _isolated(text: str) -> Markup:
    text = unturned(text)
    if not _LATIN.search(text):
        return escape(text)
    whole, end = Markup(), 0
    for match in _LATIN.finditer(text):
        whole += escape(text[end : match.start()]) + Markup('<bdi dir="ltr">') + escape(match[0]) + Markup("</bdi>")
        end = match.end()
    return whole + escape(text[end:])


# --- How pages are made: the templates, and the few settings that readers notice -------------------------------------

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'{pictures}; script-src 'self'; connect-src 'self';"
    " manifest-src 'self'; form-action 'self'; base-uri 'none'"
)
REPLAY_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; script-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'"
)
MOST_COPIES = 5  # of a story, named beside one of its articles; the others stand on the story's page
KINDS = {"person": "شخص", "organisation": "جهة", "place": "مكان", "tag": "موضوع"}


@dataclass(frozen=True, slots=True)
class Looks:
    """The settings of a site.

    Attributes:
        wording: digits, time zone, clock.
        title: the site's name.
        pictures: ``link`` names an article's pictures and where they are; ``show`` loads them from the outlets.
        page_size: articles on a page of a tag or outlet.
        address: where the site will stand, for feeds, which need whole addresses; empty: unknown.
        live: a server answers: search and feeds of searches work.
    """

    wording: Wording = field(default_factory=Wording)
    title: str = "ورّاق"
    pictures: str = "link"
    page_size: int = 50
    address: str = ""
    live: bool = False

    @property
    def policy(self) -> str:
        """Return the content security policy of every page but replays."""
        return POLICY.format(pictures=" https:" if self.pictures == "show" else "")


def whole_address(looks: Looks, path: str) -> str:
    """Return the whole address of a page; empty where the site's is not known."""
    return f"{looks.address.rstrip('/')}/{link(path)}" if looks.address else ""


@cache
def _environment() -> Environment:
    import jinja2  # noqa: PLC0415  a search makes no pages, and a reader alone has no jinja2

    class Shared(jinja2.Environment):
        """An environment whose templates share its globals as they are: a chain of maps is slow to go through, for each page."""

        def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
            return super().make_globals(d) if d else self.globals

    environment = Shared(
        loader=jinja2.PackageLoader("archive.site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "isolated": isolated,
        "unturned": unturned,
        "outlet": outlet_name,
        "short": outlet_short,
        "badge": badge_class,
        "agency": agency_name,
        "readable": readable,
        "data": as_data,
        "date": date.fromisoformat,
        "lines": _lines,
        "opening": opening,
        "web": web_address,
    }
    paths = (tag_path, story_path, outlet_path, section_path, day_path, letter_path, numbered, section_slug)
    environment.globals |= {call.__name__: call for call in (*paths, when, meta, item, tags, paragraphs)} | {
        "KINDS": KINDS,
        "MOST_COPIES": MOST_COPIES,
    }
    return environment


def prepare() -> None:
    """Compile all templates, for a server: the first reader of a page would wait for its own."""
    for name in _environment().list_templates():
        _environment().get_template(name)


def part(name: str) -> Callable[..., Markup]:
    """Return a macro of parts.html, to be called without a page around it."""
    return cast("Callable[..., Markup]", getattr(_environment().get_template("parts.html").module, name))


def render(template: str, looks: Looks, page: str, **values: Any) -> str:
    """Return the page at path ``page``; ``to(path)`` links from there, or from the address among the values, ``root``."""
    above = f"{escape(values.pop('root', ''))}{'../' * page.count('/')}"
    policy = REPLAY_POLICY if template == "replay.html" else looks.policy
    shared = {
        "looks": looks,
        "w": looks.wording,
        "page": page,
        "policy": policy,
        "to": _links_above(above),
        "here": whole_address(looks, page),
    }
    return _environment().get_template(template).render(**shared, **values)


@cache
def _names(file: str) -> dict[str, Any]:
    return tomllib.loads(files("archive.site").joinpath(file).read_text(encoding="utf-8"))


def outlet_name(outlet: str) -> str:
    """Return an outlet's name as people read it; its code where it has none."""
    return str(_names("outlets.toml").get(outlet, {}).get("name", outlet))


def outlet_short(outlet: str) -> str:
    """Return an outlet's name as it stands on a badge."""
    return str(_names("outlets.toml").get(outlet, {}).get("short") or outlet_name(outlet))


def outlet_hue(outlet: str) -> int:
    """Return the hue of an outlet's badge, as OKLCH counts it: its own, or one that follows from its code."""
    follows = int(hashlib.sha256(outlet.encode()).hexdigest()[:8], 16) % 360
    return int(_names("outlets.toml").get(outlet, {}).get("hue", follows))


_HUES = 36  # that style.css knows: from one to the next the eye just sees a difference


@lru_cache(maxsize=1024)
def badge_class(outlet: str) -> str:
    """Return the class that gives a badge its outlet's colour: ``b-`` and a tenth of its hue."""
    return f"b-{round(outlet_hue(outlet) / 10) % _HUES}"


# lightness and chroma of the outlets' colours; style.css says them, too
_SHADES = {"light": (0.46, 0.105), "dark": (0.8, 0.09)}


def badge_colours(outlets: Iterable[str], shade: str = "light") -> dict[str, str]:
    """Return each outlet's class with its colour on a page that is ``light`` or ``dark``."""
    lightness, chroma = _SHADES[shade]
    names = dict.fromkeys(map(badge_class, outlets))
    return {name: f"oklch({lightness} {chroma} {10 * int(name.removeprefix('b-'))})" for name in names}


_INKS: dict[str, dict[str, Any]] = {  # of pictures that stand alone; those in a page take its own from style.css
    "light": {
        "ink": "#1d1a15", "soft": "#5f574a", "rule": "#ddd4c3", "on": "#fff",
        "levels": ("#f5f0e6", "#f0dcd2", "#e0b3a4", "#c97e6c", "#9c2f24"),
    },
    "dark": {
        "ink": "#ece6d9", "soft": "#b0a793", "rule": "#3a352b", "on": "#17150f",
        "levels": ("#211e17", "#33261f", "#57342a", "#8c4a3b", "#e2836f"),
    },
}  # fmt: skip


def draw(figure: Any, title: str, outlets: Iterable[str], shade: str = "light") -> bytes:
    """Return a picture of `archive.site.statistics` as SVG that stands alone; the same picture gives the same bytes.

    Args:
        figure: its shapes.
        title: what it shows.
        outlets: whose colours it may have.
        shade: ``light`` or ``dark``, for what it will stand on.
    """
    values = {"figure": figure, "title": title, "inks": _INKS[shade], "badges": badge_colours(outlets, shade)}
    return _environment().get_template("figure.svg").render(**values).encode("utf-8", "replace")


def agency_name(agency: str) -> str:
    """Return an agency's name as people read it."""
    return str(_names("agencies.toml").get(agency, agency))


def web_address(address: str | None) -> str:
    """Return an address that leads to the web; nothing for ``javascript:`` and its like."""
    return address if address is not None and address.lower().startswith(("https://", "http://")) else ""


def as_data(value: Any) -> Markup:
    """Return a value as JSON that may stand in a script element of a page: what would end that is written as an escape."""
    body = json.dumps(value, ensure_ascii=False)
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        body = body.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(body)  # noqa: S704  no sign of it is markup


_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@lru_cache(maxsize=64)
def readable(address: str) -> str:
    """Return an address as people read it: «%D8%A7» as «ا»; what is no letter or digit of another script stays escaped."""
    return _ESCAPES.sub(_unescaped, address)


def _unescaped(match: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
    return "".join(sign if not sign.isascii() and sign.isalnum() else quote(sign, safe="") for sign in text)


# letters of a text that stand for one that is folded; of a line that is more than a byline
_OPENING, _SENTENCE = 180, 60


def opening(text: str) -> str:
    """Return how a text begins, behind a byline or dateline above it, cut between two words."""
    lines = _lines(text)
    line = next((line for line in lines if len(line) >= _SENTENCE), lines[0] if lines else "")
    return line if len(line) <= _OPENING else f"{line[:_OPENING].rpartition(' ')[0] or line[:_OPENING]}…"


def _lines(text: str | None) -> list[str]:
    return [line for line in (text or "").split("\n") if line.strip()]
