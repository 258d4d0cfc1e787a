"""Whose an article is: credit line, dateline, byline, picture credit.

    a line of the page ─▶ parts ─▶ agency, outlet, person, town      head, tail, author's line, caption

Credits stand in credit positions: the source field, the author's line, the head, the foot. A name inside a sentence is a
quotation and never counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Literal

from archive.text import fold, fold_label
from crawlers.extraction.agencies import (
    AGENCIES,
    Part,
    code_of,
    codes_inside,
    is_agency,
    is_ordinary,
    is_outlet_name,
    place_of,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "AGENCIES",
    "Credit",
    "code_of",
    "find",
    "is_agency",
    "is_outlet_name",
    "read_byline",
    "signed_above",
    "signed_below",
    "split_caption",
    "wrote",
]

# --- Who signed an article: persons only, one by one -----------------------------------------------------------------
# «كتب: أحمد علي ومنى حسن»  ─▶  أحمد علي · منى حسن          «saif», «الأناضول», «قسم المتابعة»  ─▶  nobody

_LONGEST_BYLINE = 200
_CONTACT = re.compile(
    r"\(?@\w+\)?|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|[أا]رسل بريد[اً]* [إا]لكتروني[اً]*|send an email",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^\W*(?:(?:كَ?تَ?بَ?(?:ت|ها|ه)?|بقلم|بعدسة|[إا]عداد(?:\sو(?:تحرير|تقديم))?|تحرير|ترجمة|ترجمه|تقرير|حوار|حاوره|حاورها|أجرى الحوار|تحقيق|متابعة|"
    r"نقله إلى العربية|الكاتبة?|الصحفية?|الصحافية?|بواسطة|مرسلة|posted by|by|written by|author|من إعداد)\s*(?:[:：/|–—-]|\s)\s*)+",
    re.IGNORECASE,
)
_POST = re.compile(
    r"^(?:مراسلة?|موفدة?|مندوبة?|مبعوثة?)\s+(?:الجزيرة(?:\sنت)?|سكاي نيوز(?: عربية)?|العربي الجديد|البوابة(?: نيوز)?|[«\"].{2,20}[»\"])\s*"
    r"(?:(?:في|إلى|لدى)\s\S+(?:\s?[:،-]|$))?\s*[:،-]?\s*"
)
_JOB = re.compile(
    r"(?:^|\s)(?:كاتب|صحافي|صحفي|باحث|[إا]علامي|[أا]كاديمي|محلل|خبير|روائي|ناقد|مدون|مترجم|مفكر|[أا]ستاذ(?! دكتور)|محرر|مدير|رئيس|عضو|زميل)ة?(?=\s|$)"
)
_WHEN = re.compile(
    r"\s(?:يوم\s+)?(?:السبت|ال[أا]حد|ال[إا]ثنين|الثلاثاء|ال[أا]ربعاء|الخميس|الجمعة)\s*[،,]?\s*\d.*$", re.DOTALL
)  # a weekday alone may be a name («محمد الخميس»)
_NAME_SEPARATOR = re.compile(
    r"\s*[،,/|;؛&+•\n\t\u0640]{1,3}\s+|\s*[،,/|;؛&•\n]\s*|\s+[-–—]+\s*|[-–—]+\s+|\s+(?:and|مع)\s+"
)
_NAME_AND = re.compile(r"\s+و(?=\S)|\s+و\s+")
_WITH_WAW = """
وائل، وليد، وسام، وفاء، وسيم، وجيه، وحيد، وحيدة، وردة، ورد، ورود، وديع، وديعة، وهيب، وهيبة، وجدي، وصفي، وداد، ولاء، وعد، وهبة، وهبي، والي، ونيس، وضاح، وجدان، وصال، وئام، وهب، وهدان، واصف، واثق، وافي، ولد، والد، وطفة، وسن، وردي، ودود، ويسي، وسوف، ولي، وزان، وثاب، وزير، ورداني، وكيل، وهاب، وائلي، ونوس، وطفاء، وضحى، وجيهة، وليدة
"""
_WAW_NAMES = frozenset(fold_label(name) for name in _WITH_WAW.split("،"))
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,60}[)\]]")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_LETTERS = r"[^\W\d_]+"
_PERSON = re.compile(rf"{_LETTERS}(?:[\s.'’`\-]+{_LETTERS}){{1,5}}\.?")


def read_byline(strings: Iterable[str]) -> list[str]:
    """Return the persons who signed, in order and once each.

    Args:
        strings: what stands where authors stand, in any form an outlet prints.

    Returns:
        Names of two to six words; a single word is a login («saif») or a desk, and is left out.
    """
    names: dict[str, str] = {}
    for text in strings:
        for name in _names(_ASIDE.sub(" ", _CONTACT.sub(" ", text[:_LONGEST_BYLINE]))):
            names.setdefault(fold_label(name), name)
    return list(names.values())


def _names(text: str) -> list[str]:
    unlabelled = _POST.sub("", _ROLE.sub("", _WHEN.sub("", text.strip())))
    parts = (_without_job(part.strip()) for part in _NAME_SEPARATOR.split(unlabelled) if part)
    return [piece for part in parts for piece in _persons(part) if _is_person(piece, asked=piece == part)]


def _without_job(text: str) -> str:
    """Cut «كاتب وأكاديمي سوري» off the name before it; after a single word it may be the rest of a name."""
    job = _JOB.search(text)
    return text[: job.start()] if job and (not job.start() or " " in text[: job.start()]) else text


def _persons(text: str) -> list[str]:
    """Split «أحمد علي ومنى حسن» at «و», but leave «محمد وليد أحمد» and «علي حسن وائل سعيد» whole."""
    if len(text.split()) == 1 or is_agency(text) or is_outlet_name(text):
        return []
    names, start = [], 0
    for match in _NAME_AND.finditer(text):
        before, after = text[start : match.start()], text[match.end() :]
        joined = match[0].strip() and not match[0].endswith(" ") and fold_label(f"و{after}").split()[0] in _WAW_NAMES
        if len(before.split()) > 1 and len(after.split()) > 1 and not joined:
            names.append(before)
            start = match.end()
    return [_tidy(name) for name in (*names, text[start:])]


def _tidy(name: str) -> str:
    return " ".join(_POST.sub("", _ROLE.sub("", name)).split()).strip(" .:،,-–—\"'«»()[]")


def _is_person(name: str, *, asked: bool) -> bool:
    plain = " " in name and bool(_PERSON.fullmatch(_MARKS.sub("", name)))
    return plain and not (place_of(name) or (not asked and (is_agency(name) or is_outlet_name(name))))


# Signed in words: «كتبت أسماء سالم», or under a text «بقلم: …».

_VERB = r"(?:كتبت|كتب(?:ها|ه)?|بقلم|[اإ]عداد|تحرير|(?:مرسلة |نشر(?:ت|ه|ها)? )?بواسطة|written by|posted by|by)"
_NAME = re.compile(r"[^\W\d_]{2,15}(?: [^\W\d_]{2,15}){1,3}")
_BEHIND = r"(?:\s[-–|•]\s.{0,20}\d.*|\s?[:：])?"
_SIGNED = re.compile(rf"{_VERB}\s?[:：/|–-]?\s(?P<name>{_NAME.pattern}){_BEHIND}", re.IGNORECASE)
# The kind of a text stands over headlines, too: a name behind it has two or three words, of which the headline has none.
_GENRE = r"(?:حوار|حاور(?:ه|ها|هم)|[أا]جر(?:ى|ت) الحوار|تقرير|تحقيق|متابع[ةه]|تغطي[ةه]|ترجم[ةه])"
_SIGNED_GENRE = re.compile(rf"{_GENRE}\s?[:：/|–-]\s?(?P<name>(?!ال)[^\W\d_]{{2,15}}(?: [^\W\d_]{{2,15}}){{1,2}})")
_GENRE_ALONE = re.compile(rf"{_GENRE}\s?[:：/|–-]?")
_WORDS_OF = re.compile(r"\w+")
_SIGNS = re.compile(rf"{_VERB}\s?[:：/|–-]?", re.IGNORECASE)
_SIGNED_BELOW = re.compile(rf"\W*{_VERB}\s?[:：/|–-]\s?(?P<name>{_NAME.pattern})\W*", re.IGNORECASE)


def wrote(labels: list[str], headline: str = "", under: Iterable[str] = ()) -> Iterator[str]:
    """Yield who signed in words: «كتبت أسماء سالم», or the label after a lone «كتب:»; ``headline`` signs never.

    Those ``under`` the headline may also name the kind of the text: «حوار: ضحى سالم».
    """
    title = fold_label(headline)
    labels = [line for label in labels if fold_label(line := _MARKS.sub("", label)) != title]
    yield from islice((*_in_words(labels), *_of_genre([_MARKS.sub("", label) for label in under], title)), 1)


def _of_genre(labels: list[str], title: str) -> Iterator[str]:
    words = set(_WORDS_OF.findall(title))
    for label, following in pairwise((*labels, "")):
        said = f"{label} {following}" if _GENRE_ALONE.fullmatch(label) else label
        match = _SIGNED_GENRE.fullmatch(said)
        if match and words.isdisjoint(_WORDS_OF.findall(fold_label(match["name"]))) and read_byline([match["name"]]):
            yield match["name"]


def _in_words(labels: list[str]) -> Iterator[str]:
    for number, label in enumerate(labels):
        if match := _SIGNED.fullmatch(label):
            yield match["name"]
            return
        if _SIGNS.fullmatch(label) and (name := next((line for line in labels[number + 1 :] if line != label), "")):
            if _NAME.fullmatch(name):
                yield name
            return


def signed_below(line: str) -> list[str]:
    """Return who signs in a line that says no more, as it may stand under a text: «كتب: سعد هلال»."""
    match = _SIGNED_BELOW.fullmatch(line.strip())
    return read_byline([match["name"]]) if match else []


# --- What the parts of a credit say together ---------------------------------------------------------------------------


def is_credit(parts: list[Part], *, strangers: int = 0) -> bool:
    """Say whether ``parts`` credit an agency or an outlet and hold at most ``strangers`` unknown short names."""
    unknown = [part for part in parts if part.kind == "unknown"]
    credited = any(part.kind in {"agency", "outlet"} for part in parts)
    return credited and len(unknown) <= strangers and all(is_short_name(part.text) for part in unknown)


_BRACKETED = re.compile(r"[(\[]\s?([^()\[\]]+)\s?[)\]]")
_NAME_WORDS = 4
_NAME_LETTERS = 40


def is_short_name(text: str) -> bool:
    """Say whether ``text`` could be a name: up to four words of letters."""
    return len(text) <= _NAME_LETTERS and len(text.split()) <= _NAME_WORDS and not any(c.isdigit() for c in text)


def dateline(parts: list[Part]) -> str | None:
    """Return the place in ``parts``: a known town, or a short unknown name right before an agency called by name."""
    for part in parts:
        if part.kind == "place":
            return part.text
    for before, after in pairwise(parts):
        if before.kind == "unknown" and after.named and len(before.text.split()) <= _NAME_WORDS // 2:
            return before.text
    return None


def without_brackets(text: str) -> str:
    """Return ``text`` without the brackets that enclose it as a whole."""
    bare = text.strip()
    enclosed = _BRACKETED.fullmatch(bare)
    return enclosed[1].strip() if enclosed else bare


# --- A caption and who took the picture: «قصف على غزة (عباس فقيه/فرانس برس)» -----------------------------------------

_LONGEST_CAPTION = 1000
_CAPTION_BRACKETS = re.compile(r"\s?[(\[]\s?(?P<names>[^()\[\]]{2,80})[)\]]\s?\.?$")
# Without a colon a label stands at the beginning or behind a mark: «أثناء تصوير فيلم», «في صورة أرشيفية» are sentences.
_LABEL = r"(?:المصدر|تصوير|عدسة|الصورة|صورة|credit|photo|source|©)"
_LABELLED_CAPTION = re.compile(
    rf"(?:\s?(?:[|(\[–—-]\s?)?{_LABEL}\s?[:：/©]\s|(?:^|\s?[|(\[–—.،-]\s?|\s?(?=©)){_LABEL}\s)(?P<names>[^()\[\]:.،]{{2,60}})[)\]]?\.?$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"\s(?:[-–—|]|\u0640{2,4})\s?(?P<names>[^-–—|()\[\].،:]{2,40})$")
_DATED = re.compile(r"\d{4}\s?$")


def split_caption(text: str) -> tuple[str, str | None]:
    """Return the caption without its credit, and the credit without its brackets; (text, None) where there is none."""
    line = " ".join(text[:_LONGEST_CAPTION].split())
    if sum(part.kind != "unknown" for part in split(line[:80])) and _all_known(line):
        return "", line.strip("()[] .")
    if (match := _CAPTION_BRACKETS.search(line)) and _is_picture_credit(match["names"], line[: match.start()]):
        return _split(line, match)
    if match := _LABELLED_CAPTION.search(line[-100:]):
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


# ---------------------------------------------------------------------------------------------------------------------
# The head of a text: «القاهرة - رويترز: قال …», «غزة/الأناضول:», «(أ ف ب) - …», «سكاي نيوز عربية - تونس» on a line of
# its own.

_REACH = 70  # letters; a head is shorter
_DELIMITER = re.compile(
    r"\)\s?[-–—:/]{0,2}\s?|\s?[:：]\s?|\s?[-–—]{1,2}\s|\s[-–—]{1,2}\s?|\s?\u0640{2,4}\s?|\s\u0640\s|\s?/\s?"
)
_BORDER = re.compile("[-–—):：/\u0640]")  # one of these stands in every delimiter, and few first lines have one
_DASH = re.compile(r"\s?(?:[-–—]{1,2}|\u0640{2,4})\s$|\s\u0640\s$|\s?/\s?$")
_SERVANT = re.compile(r"\bعبد\s(?=ال)")  # «عبد الله» is one name
_SIGNED_HEAD = re.compile(r"^(?:كتبت?|بقلم|اعداد|تقرير)\s?[:/–—-]")


@dataclass(slots=True)
class Head:
    """What a first line begins with: the credit as written, its parts, the place, who signed, the line without it."""

    text: str | None
    parts: list[Part]
    dateline: str | None
    rest: str
    byline: list[str] = field(default_factory=list)


def read_head(line: str) -> Head | None:
    """Return the head of a text's first ``line``; None where it begins with its first sentence."""
    bare = line.strip()
    if len(bare) <= _REACH and (head := _whole(bare)):
        return head
    if not _BORDER.search(bare, 0, _REACH):
        return None
    best = None
    for delimiter in _DELIMITER.finditer(bare, 0, _REACH):
        end = delimiter.start() + (delimiter[0].startswith(")"))
        parts = split(bare[:end])
        if _opens(parts) or (without_brackets(bare[:end]) != bare[:end] and is_credit(parts)):
            rest = bare[delimiter.end() :].lstrip(" -–—:/")
            best = Head(without_brackets(bare[:end]), parts, dateline(parts), rest, _signed(parts))
    return best or _place_alone(bare)


def signed_above(line: str, following: str) -> list[str]:
    """Return the persons whose names are all that ``line`` says, where the one after it begins with a place: «أحمد علي» over «القاهرة – …».

    Nothing else than a first name tells a person from a label that stands there («أخبار مصر», «غضب واسع»).
    """
    if len(line) > _REACH or read_head(line) is not None:
        return []
    names = read_byline([line])
    if not names or sum(len(name.split()) for name in names) != len(_WORDS_OF.findall(line)):
        return []
    head = read_head(following)
    return names if head is not None and head.dateline and are_persons(names) else []


def are_persons(names: list[str]) -> bool:
    """Say whether each of some names begins with a first name, and one of these is no word of the language besides («أمل», «عيد»)."""
    from archive.site.topics import Sort, sort_of  # noqa: PLC0415  a lexicon that few pages ask

    sorts = [[sort_of(word) for word in fold(_SERVANT.sub("عبد", name)).split()] for name in names]
    no_name = Sort.STOP | Sort.HEAD | Sort.PLACE | Sort.OFFICE
    every = [sort for name in sorts for sort in name]
    return (
        all(name[0] & (Sort.GIVEN | Sort.JOIN) for name in sorts)
        and any(sort & Sort.GIVEN and not sort & Sort.WEAK for sort in every)
        and not any(sort & no_name and not sort & Sort.GIVEN for sort in every)
    )


def _whole(line: str) -> Head | None:
    text = line.strip(" .:-–—")
    if _SIGNED_HEAD.match(fold_label(text)):
        return Head(None, [], None, "", read_byline([text]))
    parts = split(text)
    if not _opens(parts, strangers=1):
        return None
    return Head(without_brackets(text), parts, dateline(parts), "", _signed(parts))


def _signed(parts: list[Part]) -> list[str]:
    """Return the person of «داليا أبو العيش – عين اليوم»."""
    place = dateline(parts)
    return read_byline([part.text for part in parts if part.kind == "unknown" and part.text != place])


def _opens(parts: list[Part], *, strangers: int = 0) -> bool:
    """Say whether ``parts`` are a head: an agency, or an outlet beside a place or a name.

    A stranger is a town that is not in the table, right before an agency, or a person on the line of the credit.
    """
    if not parts or not is_credit(parts, strangers=max(strangers, 1)):
        return False
    if [part.kind for part in parts] == ["place", "unknown", "agency"] and _signed(parts):
        return True  # «غزة/ محمد ماجد/ الأناضول: …»
    unknown = [part for part in parts if part.kind == "unknown"]
    if unknown and dateline(parts) != unknown[0].text and not (strangers and " " in unknown[0].text):
        return False
    agencies = [part for part in parts if part.kind == "agency"]
    if len(parts) == 1:
        return bool(agencies) and not is_ordinary(parts[0].text)
    others = [part for part in parts if part.kind in {"place", "outlet", "unknown"}]
    return any(not is_ordinary(part.text) for part in agencies) or len(others) > 1 or bool(agencies and others)


def _place_alone(line: str) -> Head | None:
    """Read «واشنطن - قال …»: a place and a dash; before a colon a town is a speaker («واشنطن: لن نسمح»)."""
    delimiter = _DELIMITER.search(line, 0, _REACH)
    if delimiter and _DASH.search(delimiter[0]) and (place := place_of(line[: delimiter.start()])):
        return Head(None, [], place, line)
    return None


# --- The foot of a text: «(رويترز، العربي الجديد)», «المصدر : الجزيرة + وكالات», «… في بيان. (أ ف ب)» ----------------

_WITHIN = 6  # lines from the end: under a credit there may be a label or a newsletter
_WORDS = 6  # a labelled line of unknown names is a credit up to this length, a longer one a sentence
_LONGEST_TAIL = 120  # letters of a line that is a credit
_STRANGERS = 3  # sources beside an agency that are in no table: papers, ministries
_LABELLED_TAIL = re.compile(
    r"^[\W_]{0,3}(?:(?:المصدر|المصادر|مصدر الخبر|source)\s?[:：/]|نقلا عن\s?[:：])\s?(?P<names>\S.{0,89})$"
)
_TAIL_LABEL = re.compile(r"^[\W_]{0,3}(?:المصدر|المصادر|مصدر الخبر|source)\s?[:：]?$")
_TAIL_BRACKETS = re.compile(r"^[(\[]\s?([^()\[\]]{2,90}|[^()\[\]]{2,60}[(\[][^()\[\]]{2,20}[)\]])\s?[)\]]\s?\.?$")
_END = re.compile(r"\s?[(\[]\s?(?P<names>[^()\[\].!؟]{2,80}(?:\.[^()\[\].!؟]{1,3}){0,3})[)\]]\s?\.?$")
_CLOSED = tuple('.!؟?…»”"')
_QUOTED = re.compile(
    r"(?:^|\s)(?:و|ل|ب|ف)?(?:وكاله|وكالات|الوكاله|لوكاله|بحسب|حسب|وفق|وفقا|نقلا|نقلت|ذكرت|افادت|قالت|اوردت|عن|صحيفه|قناه|موقع|شبكه|انبا|الانبا|مراسل)\b"
)
_BEFORE = 8  # words before the brackets that may say who is quoted


@dataclass(slots=True)
class Tail:
    """A credit at the foot: as written, its parts, the lines it takes away, the last line without it."""

    text: str
    parts: list[Part]
    cut: list[int] = field(default_factory=list)
    last: str | None = None


def read_tail(lines: Sequence[str]) -> Tail | None:
    """Return the credit at the foot of ``lines``; None where the text just ends."""
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _WITHIN), -1):
        if tail := _labelled(lines, number) or _bracketed(lines[number], number):
            return tail
    if not lines:
        return None
    return _unmarked(lines) or _closing(lines[-1])


def is_source_label(line: str) -> bool:
    """Say whether a line is «المصدر:» alone."""
    return bool(_TAIL_LABEL.match(fold_label(line)))


def unlabelled(text: str) -> str:
    """Return a credit without its label and the brackets around it."""
    names = text.partition(_separator(text))[2] if _LABELLED_TAIL.match(fold_label(text)) else text
    bare = names.strip(" .،,:-–—|")
    brackets = _TAIL_BRACKETS.match(bare)
    return brackets[1].strip() if brackets else bare


def _separator(text: str) -> str:
    return min((mark for mark in ":：/" if mark in text), key=text.index)


def _labelled(lines: Sequence[str], number: int) -> Tail | None:
    if len(lines[number]) > _LONGEST_TAIL:
        return None
    line = fold_label(lines[number])
    if match := _LABELLED_TAIL.match(line):
        text, cut = lines[number].partition(_separator(lines[number]))[2], [number]
        known = match["names"]
    elif _TAIL_LABEL.match(line) and number + 1 < len(lines):
        text, cut = lines[number + 1], [number, number + 1]
        known = text
    else:
        return None
    text = unlabelled(text)
    parts = split(text)
    credited = len(text.split()) <= _WORDS or is_credit(parts, strangers=_STRANGERS)
    return Tail(text, parts, cut) if text and len(known) <= _LONGEST_TAIL and credited else None


def _bracketed(line: str, number: int) -> Tail | None:
    match = _TAIL_BRACKETS.match(line.strip())
    if not match or not is_credit(parts := split(match[1]), strangers=_STRANGERS):
        return None
    return Tail(match[1].strip(), parts, [number])


def _unmarked(lines: Sequence[str]) -> Tail | None:
    """Read a last line that is nothing but agencies, without brackets: «الأناضول», «رويترز + وكالات»."""
    text = lines[-1].strip(" .")
    if len(lines) < 2 or len(text) > _LONGEST_TAIL or len(text.split()) > _WORDS:  # noqa: PLR2004  a text of one line is its own credit never
        return None
    parts = split(text)
    return Tail(text, parts, [len(lines) - 1]) if is_credit(parts) and any(part.code for part in parts) else None


def _closing(line: str) -> Tail | None:
    """Read «… في بيان. (أ ف ب)»; after «بحسب وكالة …» brackets abbreviate a name and quote."""
    tail = line.strip()[-120:]
    match = _END.search(tail)
    if not match:
        return None
    body = line.strip()[: len(line.strip()) - len(match[0])].rstrip()
    parts = split(match["names"])
    quoted = not body.endswith(_CLOSED) and _QUOTED.search(" ".join(fold_label(body[-200:]).split()[-_BEFORE:]))
    if not body or quoted or not is_credit(parts) or not any(part.code for part in parts):
        return None
    return Tail(match["names"].strip(), parts, last=body)


# --- Whose an article is: the credit line, the agencies in it, the place it was written from -------------------------
#     source        <meta name="source">                                     source_line
#     author line   «وكالات - أبوظبي»                                        byline
#     foot          «(رويترز، العربي الجديد)», «المصدر : الجزيرة + وكالات»   tail
#     head          «القاهرة - رويترز: قال …», «(أ ف ب) - …»                 head
#
# Only these places credit. An agency inside a sentence is quoted, however often it is named.

PageContext = Literal["source_line", "byline", "tail", "head"]
_LONGEST_LINE = 120


@dataclass(slots=True)
class Credit:
    """What the credits of an article say.

    Attributes:
        credit: the credit line as written, without its label and the brackets around it.
        agencies: codes, in the order in which the credits name them.
        dateline: the place at the head.
        evidence: code → where it was found first.
        byline: persons who signed inside a credit at the head.
        lines: the text without its credits.
        cut: indexes of the lines that were credits as a whole.
    """

    credit: str | None = None
    agencies: list[str] = field(default_factory=list)
    dateline: str | None = None
    evidence: dict[str, PageContext] = field(default_factory=dict)
    byline: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)

    def add(self, text: str, parts: list[Part], evidence: PageContext) -> None:
        """Add a credit: the first is published, the agencies of all are kept."""
        self.credit = self.credit or text
        codes = [part.code for part in parts if part.code]
        if evidence in {"source_line", "tail"}:
            codes = codes or codes_inside(text)
        for code in codes:
            if code not in self.evidence:
                self.agencies.append(code)
                self.evidence[code] = evidence


def find(
    lines: Sequence[str], *, author_line: str | None = None, source_line: str | None = None, headline: str = ""
) -> Credit:
    """Find the credits of an article. Never raises on any text.

    Args:
        lines: the paragraphs of its text, one a string.
        author_line: what stands where the author's name stands; a person alone there is no credit.
        source_line: the outlet's own field for the source.
        headline: whom it names did not write the article.
    """
    credit = Credit(lines=list(lines))
    if source_line and (text := unlabelled(source_line[:_LONGEST_LINE])):
        credit.add(text, split(text), "source_line")
    if author_line:
        _add_author(credit, author_line[:_LONGEST_LINE].strip())
    _add_tail(credit)
    first = _add_signature(credit, headline)
    if first < len(credit.lines) and first not in credit.cut and (head := read_head(credit.lines[first])):
        _add_head(credit, head, first)
    credit.lines = [line for number, line in enumerate(credit.lines) if number not in credit.cut]
    return credit


def _add_author(credit: Credit, text: str) -> None:
    parts = split(text)
    if is_credit(parts, strangers=2):
        credit.add(text, parts, "byline")
        credit.dateline = dateline(parts)


def _add_tail(credit: Credit) -> None:
    tail = read_tail(credit.lines)
    if tail is None:
        return
    credit.add(tail.text, tail.parts, "tail")
    credit.cut += tail.cut
    if tail.last is not None:
        credit.lines[-1] = tail.last


def _add_signature(credit: Credit, headline: str) -> int:
    """Cut the line that names the persons who signed, and none of whom the article speaks; return where the text begins."""
    names = signed_above(*credit.lines[:2]) if len(credit.lines) > 1 and not {0, 1} & {*credit.cut} else []
    said = fold_label("\n".join((headline, *credit.lines[1:]))) if names else ""
    if not names or any(fold_label(name) in said for name in names):
        return 0
    credit.byline = names
    credit.cut.insert(0, 0)
    return 1


def _add_head(credit: Credit, head: Head, at: int) -> None:
    if head.text:
        credit.add(head.text, head.parts, "head")
    credit.dateline = credit.dateline or head.dateline
    credit.byline = credit.byline or head.byline
    credit.lines[at] = head.rest
    if not head.rest:
        credit.cut.insert(0, at)
        below = read_head(credit.lines[at + 1]) if at + 1 < len(credit.lines) else None
        if below is not None and below.text is None:  # «رويترز» over «القاهرة – …»
            credit.dateline = credit.dateline or below.dateline
