"""Headline, standfirst, section and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.errors import NoHeadline
from crawlers.extraction.junk import is_junk
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crawlers.extraction.page_context import Evidence

_SUFFIX = re.compile(r"^(?P<title>.+\S)\s*(?P<bar>\s[|\-–—]\s|\s?\|\s?|\s::\s)\s*(?P<name>[^|]{1,60})$", re.DOTALL)
_WORD = re.compile(r"\w+")
_SHARED = 0.5
_HOMES = frozenset(("الرييسيه", "home", "الصفحه الرييسيه", "front page"))
_COMMA = re.compile(r"\s*[,،؛;]\s*")
_LABELS = re.compile(
    r"^(?:الوسوم|وسوم|دلالات|الكلمات المفتاحية|كلمات مفتاحية|كلمات دلالية|الكلمات الدلالية|مواضيع|tags|keywords)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_LONGEST_SUMMARY = 1200
_LEAST_SUMMARY = 3  # blanks; a shorter line under the headline is a name or a label
_DATED = re.compile(r"^\W*(?:\w+\W+)?\d{1,2}\W+\w+\W+\d{4}\b|\d{1,2}:\d{2}\b.{0,30}$")
_MENU = 300_000  # characters of markup in which a menu stands
_LONGEST_TAG = 80
_LONGEST_HEADLINE = 300
_LONGEST_SECTION = 40


def read_headline(evidence: Evidence) -> str:
    """Return the headline as shown. Raises `NoHeadline`."""
    shown = evidence.first("headline", (*evidence.reading.headline, "json:headline"), _of_headline_size)
    if shown:
        return shown
    said = [without_site(t.said[0], evidence.reading.own) for t in evidence.testimonies(rules.HEADLINE)]
    likely = evidence.first("headline", rules.HEADING, lambda line: line if _is_likely(line, said, evidence) else None)
    if likely:
        return likely
    other = evidence.first("headline", rules.HEADLINE, lambda line: without_site(line, evidence.reading.own))
    if other and fold_label(other) not in evidence.reading.own:
        return other
    raise NoHeadline("no heading, no title")


def _of_headline_size(line: str) -> str | None:
    """Refuse a heading that was never closed and holds half the page."""
    return line if len(line) <= _LONGEST_HEADLINE else None


def _is_likely(line: str, said: Iterable[str], evidence: Evidence) -> bool:
    """Say whether a heading is the article's: it shares words with a title, where there is one, and is not the masthead."""
    key = fold_label(line)
    if key in evidence.reading.own or not _of_headline_size(line):
        return False
    mine = set(_WORD.findall(key))
    others = [set(_WORD.findall(fold_label(title))) for title in said]
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


def read_standfirst(evidence: Evidence, headline: str) -> str | None:
    """Return the summary under the headline; one that only repeats the headline is none."""
    title = fold_label(headline)
    return evidence.first(
        "standfirst",
        ("json:summary", *evidence.reading.standfirst, *rules.STANDFIRST),
        lambda line: line if fold_label(line) != title and _is_summary(line) else None,
    )


def _is_summary(line: str) -> bool:
    return (
        line.count(" ") >= _LEAST_SUMMARY
        and len(line) <= _LONGEST_SUMMARY
        and not is_junk(line)
        and not _DATED.search(line)
    )


def read_section(evidence: Evidence) -> str | None:
    """Return the section in the outlet's own words."""
    own = evidence.reading.own | _HOMES

    def accept(line: str) -> str | None:
        name = line.rpartition(",")[2].strip() if "," in line else line
        is_slug = name.isascii() and (evidence.document.root.get("lang") or "").startswith("ar")
        return name if len(name) <= _LONGEST_SECTION and fold_label(name) not in own and not is_slug else None

    stated = evidence.first("section", (*evidence.reading.section, *rules.SECTION), accept)
    return stated or _crumb(evidence, own) or _menu_name(evidence)


def _crumb(evidence: Evidence, own: Collection[str]) -> str | None:
    """Return the last breadcrumb that is neither home nor the article itself."""
    for testimony in evidence.testimonies(rules.BREADCRUMBS):
        crumbs = [line for line in testimony.said if fold_label(line) not in own and len(line) <= _LONGEST_SECTION]
        if crumbs:
            evidence.provenance["section"] = testimony.provenance
            return crumbs[-1]
    return None


def _menu_name(evidence: Evidence) -> str | None:
    """Return what the page's own menu calls the section in the address: ``/middle-east`` is «الشرق الأوسط»."""
    slug = evidence.address.section
    if not slug:
        return None
    pattern = rf"<a\b[^<>]{{0,300}}\bhref=[\"'](?:https?://[^/\"']+)?(?:/ar)?/{re.escape(slug)}/?[\"'][^<>]{{0,300}}>([^<]{{2,40}}|<span[^<]*)</"
    for match in re.finditer(pattern, evidence.markup.decode(errors="replace")[:_MENU]):
        if name := tidy(re.sub("<[^>]*>", "", match[1])):
            evidence.provenance["section"] = "selector"
            return name
    return None


def _leads(section: str | None, tags: list[str], evidence: Evidence) -> bool:
    return bool(section and tags and evidence.reading.section_leads_tags and fold_label(tags[0]) == fold_label(section))


def read_tags(evidence: Evidence, section: str | None, text: str) -> list[str]:
    """Return the outlet's own tags, in order, each once; the section that leads the keywords is no tag.

    On a template that nobody described what machines are told (``text`` is the article's) must speak of the article.
    """
    for testimony in evidence.testimonies((*evidence.reading.tags, *rules.TAGS)):
        split = [
            part for line in testimony.said for part in (_COMMA.split(line) if "," in line or "،" in line else [line])
        ]
        tags = [tag.strip("# ") for tag in split if not _LABELS.match(tag)]
        if _leads(section, tags, evidence) and testimony.witness.startswith("meta:"):
            tags = tags[1:]
        found = list(dict.fromkeys(tag for tag in tags if tag and len(tag) <= _LONGEST_TAG))
        if found and not (evidence.is_generic and ":" in testimony.witness and _is_filler(found, evidence, text)):
            evidence.provenance["tags"] = testimony.provenance
            return found
    return []


def _is_filler(tags: list[str], evidence: Evidence, text: str) -> bool:
    """Say whether keywords are no editor's: the headline cut at its blanks, or a list that stands on every page of an outlet.

    Such a list names the outlet, or nothing of the article.
    """
    title = set(_WORD.findall(fold_label(evidence.headline or "")))
    keys = [fold_label(tag) for tag in tags]
    single = [key for key in keys if " " not in key]
    if fold_label(evidence.headline or "") in keys or (
        len(single) > 2 and len(single) == len(keys) and set(single) <= title
    ):
        return True
    said = f" {fold_label(evidence.headline or '')} {fold_label(text)} "
    of_article = [key for key in keys if key in said]
    if evidence.reading.own & set(keys):
        return len(of_article) < _SHARED * len(keys)
    return not of_article
