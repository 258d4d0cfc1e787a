"""What holds for every time, and for every text that is none."""

import random
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.extraction.dates import read_time, read_update
from crawlers.extraction.days import MONTHS
from tests.stopwatch import takes_under

CAPTURED = datetime(2026, 8, 20, 12, 30, 45, tzinfo=UTC)
EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
moments = st.datetimes(datetime(1991, 1, 1), datetime(2026, 8, 20)).map(lambda m: m.replace(microsecond=0))  # noqa: DTZ001
offsets = st.integers(-11 * 4, 13 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
ALPHABET = [
    *"0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹/-:.,+()[]،؛ \t\nTtZz\u00a0\u0640\u064b\u200f\u200e\u202e\u0000\ud800\ufdfa\U0001f4a9",
    *(
        "أغسطس",
        "آب",
        "ماي",
        "تشرين الثاني",
        "ص",
        "م",
        "مساءً",
        "الساعة",
        "بتوقيت",
        "مكة المكرمة",
        "غرينتش",
        "هـ",
        "منذ",
        "قبل",
    ),
    *("ساعتين", "يوم", "أمس", "اليوم", "آخر تحديث", "GMT", "+03", "ago", "2026", "1447", "Nov", "/Date(", "99999"),
]


def read(text, zone="Asia/Qatar"):
    return read_time(text, zone=zone, captured=CAPTURED)


@given(moments, offsets, st.sampled_from(["T", " ", "t"]), st.booleans())
def test_iso_comes_back(moment, offset, between, colon):
    written = moment.replace(tzinfo=offset)
    zone = written.strftime("%z")
    text = f"{written:%Y-%m-%d}{between}{written:%H:%M:%S}{zone[:3] + ':' + zone[3:5] if colon else zone[:5]}"
    assert read(text).value == written.astimezone(UTC)


@given(moments, st.sampled_from([EASTERN, PERSIAN]))
def test_digits_do_not_matter(moment, digits):
    text = f"{moment:%d/%m/%Y %H:%M}"
    assert read(text.translate(digits)) == read(text)


@given(moments, st.sampled_from(sorted(MONTHS)))
def test_every_name_of_a_month_is_read(moment, name):
    day = min(moment.day, 28)
    told = read(f"{day} {name} 2025")
    assert told.precision == "day"
    assert (told.value + timedelta(hours=3)).date() == datetime(2025, MONTHS[name], day, tzinfo=UTC).date()


@given(moments, st.sampled_from(["Asia/Qatar", "Africa/Cairo", "Asia/Dubai", "Asia/Beirut", "UTC"]))
def test_the_outlets_zone_is_only_the_default(moment, zone):
    assert read(f"{moment:%Y-%m-%dT%H:%M:%S}Z", zone).value == moment.replace(tzinfo=UTC)


@given(st.integers(1, 500), st.sampled_from([("دقيقة", 60), ("ساعة", 3600), ("يوم", 86400)]))
def test_an_age_is_counted_back(number, unit):
    name, seconds = unit
    assert read(f"منذ {number} {name}").value == CAPTURED - timedelta(seconds=number * seconds)


@given(moments)
def test_marks_and_spelling_do_not_matter(moment):
    text = f"{moment.day} أغسطس/آب {moment.year}"
    noisy = "\u200f" + unicodedata.normalize("NFD", text).replace("غ", "غ\u0640\u064e").replace(" ", "\u00a0")
    assert read(noisy) == read(text)


def check(text):
    for reader in (read_time, read_update):
        moment = reader(text, zone="Africa/Cairo", captured=CAPTURED)
        if moment is not None:
            assert moment.value.tzinfo is UTC
            assert moment.value.year >= 1989
            assert moment.value - CAPTURED <= timedelta(days=1)
            assert moment.value.microsecond == 0


@given(st.text(max_size=400))
def test_no_text_raises(text):
    check(text)


@given(st.lists(st.sampled_from(ALPHABET), max_size=60).map("".join))
def test_no_heap_of_pieces_of_times_raises(text):
    check(text)


def test_a_long_run_of_random_text_never_raises():
    chance = random.Random(20260820)
    for _ in range(3000):
        pieces = (
            chance.choice(ALPHABET) if chance.random() < 0.8 else chr(chance.randrange(0x110000)) for _ in range(40)
        )
        check("".join(pieces))


@pytest.mark.parametrize(
    "piece", ["1", "1/", "1:", " ", "و", "منذ ", "10 أغسطس ", "\ufdfa", "+0", "(", "بتوقيت ", "م "]
)
def test_time_is_bounded(piece):
    assert takes_under(0.5, lambda: check(piece * 200_000))
