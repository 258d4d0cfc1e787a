"""The witnesses common to all outlets, best first; an outlet's own stand in front of them (`Reading`)."""

from __future__ import annotations

HEADLINE = ("ld:headline", "meta:og:title", "meta:twitter:title", "feed:title", "title")
HEADING = ("json:headline", "h1[itemprop=headline]", "article h1", "main h1", "h1")
STANDFIRST = ("json:summary", "[itemprop=alternativeHeadline]", "feed:summary")
SECTION = ("json:sectionName", "ld:articleSection", "meta:article:section", "[itemprop=articleSection]", "feed:section")
BREADCRUMBS = (
    ".breadcrumb a",
    "#breadcrumbs a",
    "ol.breadcrumb li",
    ".breadcrumbs a",
    ".breadcrumb__item a",
    "nav[aria-label=breadcrumb] a",
    "nav.nav-path a",
)
TAGS = (
    "json:tags",
    "a[rel~=tag]",
    "article .tags a",
    ".article-tags a",
    ".field--name-field-tags a",
    "meta[property='article:tag']@content",
    "meta:news_keywords",
    "ld:keywords",
    "meta:keywords",
    "feed:tags",
)
WROTE, SIGNED = "wrote", "signed"
"""No selectors, and asked of templates alone that nobody described: about the headline «كتب …», and a class that means an author."""
BYLINE = (
    ".author-name",
    "article .author",
    ".article .author",
    "[itemprop=author] [itemprop=name]",
    WROTE,
    "ld:author",
    "a[rel~=author]",
    SIGNED,
    "meta:author",
    "feed:author",
)
PUBLISHED = (
    "json:date",
    "ld:datePublished",
    "ld:uploadDate",
    "meta:article:published_time",
    "meta:publishedDate",
    "meta:datePublished",
    "meta:publishdate",
    "meta:dcterms.created",
    "meta:dc.date.issued",
    "meta:dc.date.created",
    "meta:dc.date",
    "meta:dc:date",
    "meta:dcterms.date",
    "meta:og:article:published_time",
    "meta:pubdate",
    "meta:parsely-pub-date",
    "meta:sailthru.date",
    "meta:cxenseparse:recs:publishtime",
    "[itemprop=datePublished]@content",
    "[itemprop=datePublished]@datetime",
    "article time@datetime",
    "main time@datetime",
    "time[pubdate]@datetime",
)
PUBLISHED_LAST = ("feed:published",)
MODIFIED = (
    "json:revision",
    "ld:dateModified",
    "meta:article:modified_time",
    "meta:og:updated_time",
    "meta:dateModified",
    "meta:lastDate",
    "[itemprop=dateModified]@content",
    "[itemprop=dateModified]@datetime",
    "feed:modified",
)
