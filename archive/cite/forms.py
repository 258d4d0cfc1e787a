"""A citation written out: for people, for LaTeX, for reference managers.

text      labels and values, each on a line of its own
bibtex    an @online entry of biblatex; BibTeX's own styles take it as @misc
csl       CSL-JSON, as Zotero, pandoc and citeproc read it
json      every field, for machines and for `prove`
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.cite.citation import Citation

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def as_text(citation: Citation) -> str:
    """Return it for people, with whatever a third party needs to find and prove it."""
    rows = [
        ("outlet", citation.outlet),
        ("headline", citation.headline),
        ("by", "، ".join(citation.byline)),
        ("address", citation.url),
        ("published", _issued(citation) or "undated"),
        ("changed", citation.modified if citation.modified != citation.published else None),
        ("captured", citation.captured),
        ("article", f"{citation.id}, version {citation.version}, text SHA-256 {citation.text_sha256}"),
        ("archive", citation.archive),
        ("WARC", f"{citation.warc}, offset {citation.offset}, length {citation.length}"),
        ("", f"SHA-256 {citation.warc_sha256}"),
        ("record", f"{citation.record_id}, payload {citation.payload_digest or 'without digest'}"),
        ("manifest", f"{citation.manifest}, SHA-256 {citation.manifest_sha256}"),
        *_several("after", citation.previous, "nothing: the first of its chain"),
        *_several("chain's head", citation.heads, "none"),
    ]
    return "\n".join(f"{label:<13}{value}" for label, value in rows if value)


def as_bibtex(citation: Citation) -> str:
    """Return a biblatex entry; the headline stands in braces of its own, so that no style changes its letters."""
    fields = {
        "title": "{" + _latex(citation.headline) + "}",
        "author": " and ".join("{" + _latex(name) + "}" for name in citation.byline),
        "organization": _latex(citation.outlet),
        "date": (_issued(citation) or "")[:10],
        "url": citation.url,
        "urldate": citation.captured[:10],
        "langid": "arabic" if citation.language == "ar" else "",
        "note": _latex(_proof(citation)),
    }
    said = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@online{{{_key(citation)},\n{said}\n}}"


def as_csl(citation: Citation) -> str:
    """Return a CSL-JSON list with one item."""
    item: dict[str, Any] = {
        "id": _key(citation),
        "type": "article-newspaper",
        "title": citation.headline,
        "container-title": citation.outlet,
        "author": [{"literal": name} for name in citation.byline],
        "issued": _date(_issued(citation)),
        "accessed": _date(citation.captured),
        "URL": citation.url,
        "language": citation.language,
        "archive": citation.archive,
        "archive_location": f"{citation.warc} {citation.offset} {citation.length}",
        "version": str(citation.version),
        "note": _proof(citation),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1)


def as_json(citation: Citation) -> str:
    """Return every field."""
    return citation.to_json()


FORMS: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text, "bibtex": as_bibtex, "csl": as_csl, "json": as_json,
}  # fmt: skip


def _issued(citation: Citation) -> str | None:
    """Return the date of publication as its outlet counts it, where the citation says so: a reader looks for that day."""
    issued = citation.issued or citation.published
    return issued.replace("+00:00", "Z") if issued else None


def _proof(citation: Citation) -> str:
    return (
        f"Captured {citation.captured}; record {citation.record_id} in {citation.warc} at {citation.offset}; payload "
        f"{citation.payload_digest}; manifest {citation.manifest}, SHA-256 {citation.manifest_sha256}"
    )


def _several(label: str, links: list[str], nothing: str) -> list[tuple[str, str]]:
    lines = [f"{key}, SHA-256 {sha256}" for key, _, sha256 in (link.rpartition(" ") for link in links)]
    return [(label if not place else "", line) for place, line in enumerate(lines or [nothing])]


def _key(citation: Citation) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{citation.id}-v{citation.version}")


def _date(moment: str | None) -> dict[str, list[list[int]]] | None:
    return None if moment is None else {"date-parts": [[int(part) for part in moment[:10].split("-")]]}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
