"""Which language a text is in, by its letters."""

from __future__ import annotations

import re

# Runs of letters: a list of words is shorter than a list of letters.
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3]+")
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
    arabic = _letters(_ARABIC, sample)
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
    if script == "en" and primary and primary not in {"ar", "fa", "ur", "he", "ru"}:
        return primary
    return script if counts[script] else "und"


def _letters(script: re.Pattern[str], sample: str) -> int:
    return len("".join(script.findall(sample)))


def _within_arabic(sample: str, letters: int) -> str:
    if len(_NOT_ARABIC.findall(sample)) <= _PERSIAN_SHARE * letters:
        return "ar"
    return "ur" if len(_URDU.findall(sample)) > _PERSIAN_SHARE * letters else "fa"
