"""The part of an article that syndication looks at, from an `archive.article.Article` or from a plain JSON line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from archive.article import Article, format_time, parse_time
from pipelines.syndication.alignment import SHORTEST
from pipelines.syndication.fingerprints import address_key, text_key, word_ids
from pipelines.syndication.formulas import from_ranges

if TYPE_CHECKING:
    from pipelines.syndication.alignment import Marks
    from pipelines.syndication.fingerprints import Ids

UNKNOWN = "credit"  # credited, and the line was written before lines said where


@dataclass(frozen=True, slots=True)
class Piece:
    """One version of one article, as far as its story is concerned.

    Attributes:
        id: the article's id.
        at: when it was published (seconds since 1970), or first captured where the outlet does not say; never later
            than its capture.
        address: key of its page.
        text: key of its folded headline and body.
        words: ids of the body's folded words.
        version: which version of the article this is.
        agencies: code of each agency that it credits → where it does; ``credit`` where the line does not say.
        own: which words are its own and no formula, where its line or another task of a job says so; None where not.
    """

    id: str
    at: float
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
        return cls.of_line(
            {
                "id": article.id,
                "outlet": article.outlet,
                "headline": article.headline,
                "text": article.text,
                "published": article.published and format_time(article.published),
                "captured": format_time(article.captured),
                "canonical_url": article.canonical_url,
                "version": article.version,
                "agencies": article.agencies,
                "agency_evidence": article.agency_evidence,
                "formulas": article.formulas,
            }
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
        words = word_ids(text)
        return cls(
            id=identity,
            at=min(moments),
            address=address_key(outlet, line.get("canonical_url") or line.get("url") or identity),
            text=text_key(headline, words),
            words=words,
            version=line.get("version") or 1,
            agencies={
                code: (line.get("agency_evidence") or {}).get(code, UNKNOWN) for code in line.get("agencies") or ()
            },
            own=None if line.get("formulas") is None else from_ranges(_string(line, "formulas"), words.size),
        )


def merged(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return the agencies of two versions; where they credit one in two places, the same of the two whichever comes first."""
    return {code: min(one.get(code, "~"), other.get(code, "~")) for code in sorted({*one, *other})}


def _string(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing" if value is None else f"{name} is not a string")  # noqa: TRY004  as above
    return value
