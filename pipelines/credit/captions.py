"""A caption and who took the picture: «قصف على غزة (عباس فقيه/فرانس برس)»."""

from __future__ import annotations

import re

from pipelines.credit.parts import is_short_name, split

_LONGEST = 1000
_BRACKETS = re.compile(r"\s?[(\[]\s?(?P<names>[^()\[\]]{2,80})[)\]]\s?\.?$")
# Without a colon a label stands at the beginning or behind a mark: «أثناء تصوير فيلم», «في صورة أرشيفية» are sentences.
_LABEL = r"(?:المصدر|تصوير|عدسة|الصورة|صورة|credit|photo|source|©)"
_LABELLED = re.compile(
    rf"(?:\s?(?:[|(\[–—-]\s?)?{_LABEL}\s?[:：/©]\s|(?:^|\s?[|(\[–—.،-]\s?|\s?(?=©)){_LABEL}\s)(?P<names>[^()\[\]:.،]{{2,60}})[)\]]?\.?$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"\s(?:[-–—|]|\u0640{2,4})\s?(?P<names>[^-–—|()\[\].،:]{2,40})$")
_DATED = re.compile(r"\d{4}\s?$")


def split_caption(text: str) -> tuple[str, str | None]:
    """Return the caption without its credit, and the credit without its brackets; (text, None) where there is none."""
    line = " ".join(text[:_LONGEST].split())
    if sum(part.kind != "unknown" for part in split(line[:80])) and _all_known(line):
        return "", line.strip("()[] .")
    if (match := _BRACKETS.search(line)) and _is_picture_credit(match["names"], line[: match.start()]):
        return _split(line, match)
    if match := _LABELLED.search(line[-100:]):
        return _split(line, match)
    if (match := _DASHED.search(line[-60:])) and _all_known(match["names"]):
        return _split(line, match)
    return line, None


def _split(line: str, match: re.Match[str]) -> tuple[str, str]:
    return line[: len(line) - len(match[0])].rstrip(" -–—|،"), match["names"].strip(" .")


def _all_known(names: str) -> bool:
    parts = split(names)
    return bool(parts) and all(part.kind in {"agency", "outlet", "picture"} for part in parts)


def _is_picture_credit(names: str, caption: str) -> bool:
    """Say whether brackets hold a credit: a known source, or after a date a photographer's name."""
    parts = split(names)
    if any(part.kind in {"agency", "outlet", "picture"} for part in parts):
        return all(part.kind != "unknown" or is_short_name(part.text) for part in parts)
    return bool(_DATED.search(caption)) and is_short_name(names) and " " in names.strip()
