"""One of a crawl's own papers: `crawlers.crawl_papers` writes them, `archive.segment` keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paper:
    """What no server sent and a crawl yet has to say, as a resource record: its URI, its bytes, their media type."""

    uri: str
    content: bytes
    content_type: str
