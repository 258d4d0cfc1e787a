"""Where an outlet announces its articles; each source is a value in a spider file.

    Sitemap        an index, the sitemaps below it, news:news fields; one sitemap a day where the outlet keeps them so
    Feed           RSS or Atom, with the full text where the outlet sends it
    RobotsSitemap  a sitemap that robots.txt names and nobody declares, of every outlet
    SectionPages   home and section pages, page after page
    JsonListing    a listing API

    source.start(window) ──▶ URLs to ask ──▶ source.read(body, url, window) ──▶ SourceAnswer(announcements, more URLs)

A source reads bytes and knows no crawler; `crawlers.outlet` asks for its URLs.
"""

from crawlers.sources.base import Feed, Source, SourceAnswer, SourceError, Window, ways_in
from crawlers.sources.listing import JsonListing, SectionPages, listing_of
from crawlers.sources.sitemap import RobotsSitemap, Sitemap

__all__ = [
    "Feed",
    "JsonListing",
    "RobotsSitemap",
    "SectionPages",
    "Sitemap",
    "Source",
    "SourceAnswer",
    "SourceError",
    "Window",
    "listing_of",
    "ways_in",
]
