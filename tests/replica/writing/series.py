"""What looks alike and is not a copy: reports of one event, a periodic bulletin, a digest of other pieces' leads."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.replica.clock import DAYS, long_date
from tests.replica.piece import Block, Draft
from tests.replica.writing.material import lines

if TYPE_CHECKING:
    import random

    from tests.replica.writing.stories import Desk

CITIES = ["القاهرة", "الإسكندرية", "الأقصر", "أسوان", "بورسعيد"]


def events(rng: random.Random, desk: Desk, outlets: list[str]) -> list[tuple[str, Draft, int]]:
    """Write reports of two events by different hands: own words throughout, one background paragraph in common."""
    found: list[tuple[str, Draft, int]] = []
    name, topic_name, scene, background, free = "", "", "0", "", []
    for line in lines("events"):
        if line.startswith("@ "):
            name, topic_name, scene, background = (part.strip() for part in line[2:].split("|"))
            free = rng.sample(outlets, 3)
            continue
        headline, lead = (part.strip() for part in line.split("|"))
        draft = desk.write(topic_name, (5, 6), int(scene), day=2 + 3 * (len(found) // 3), event=name)
        draft.headline, draft.standfirst = headline, lead.split("،")[0] + "."
        draft.body[0] = Block("p", lead)
        draft.body.insert(len(draft.body) - 1, Block("p", background))
        found.append((free.pop(), draft, 2 + 3 * (len(found) // 3)))
    return found


def bulletins(rng: random.Random, until: date, days: int) -> list[tuple[str, Draft, int]]:
    """Write the daily gold prices of one outlet and the daily weather of another; new numbers in the same words."""
    found = []
    price = rng.randint(5200, 5400)
    for back in range(days):
        day = datetime.combine(until - timedelta(days=back), time(8), UTC)
        price += rng.randint(-35, 35)
        found.append(("albawabhnews", _gold(day, price, rng), back))
        found.append(("skynewsarabia", _weather(day, rng), back))
    return found


def _gold(day: datetime, price: int, rng: random.Random) -> Draft:
    today = f"{DAYS[day.weekday()]} {long_date(day)}"
    grades = [(24, price), (21, price * 7 // 8), (18, price * 3 // 4)]
    rows = "\n".join(f"سجل سعر جرام الذهب عيار {grade} نحو {value} جنيها." for grade, value in grades)
    return Draft(
        topic="economy",
        headline=f"أسعار الذهب اليوم {today} في محلات الصاغة",
        standfirst=f"ننشر أسعار الذهب اليوم {today}.",
        body=[
            Block("p", f"استقرت أسعار الذهب في محلات الصاغة المصرية خلال تعاملات اليوم {today}، دون المصنعية والدمغة."),
            Block("ul", rows),
            Block(
                "p",
                f"وبلغ سعر الجنيه الذهب {price * 7} جنيها، فيما سجلت الأوقية عالميا {rng.randint(4010, 4190)} دولارا.",
            ),
            Block(
                "p",
                f"وتراوحت المصنعية بين {rng.randint(90, 120)} و{rng.randint(180, 230)} جنيها للجرام حسب القطعة والمحل.",
            ),
        ],
        tags=["أسعار الذهب", "الذهب اليوم", "سعر الجرام"],
        scene="مشغولات ذهبية",
        city="القاهرة",
        event="bulletin-gold",
    )


def _weather(day: datetime, rng: random.Random) -> Draft:
    today = f"{DAYS[day.weekday()]} {long_date(day)}"
    rows = "\n".join(f"{city}: العظمى {rng.randint(22, 34)} والصغرى {rng.randint(11, 20)}." for city in CITIES)
    return Draft(
        topic="society",
        headline=f"حالة الطقس ودرجات الحرارة المتوقعة {today}",
        standfirst=f"تتوقع هيئات الأرصاد أن تتراوح درجات الحرارة {today} حول معدلاتها، مع رياح نشطة بسرعة {rng.randint(15, 38)} كيلومترا في الساعة.",
        body=[
            Block("p", "وفيما يلي درجات الحرارة المتوقعة في عدد من المدن:"),
            Block("ul", rows),
            Block(
                "p",
                f"أما ارتفاع الموج فيتراوح بين متر ونحو {rng.randint(2, 4)} أمتار، والرطوبة تبلغ {rng.randint(40, 85)} في المئة.",
            ),
        ],
        tags=["الطقس", "درجات الحرارة", "الأرصاد"],
        scene="سماء غائمة",
        city="القاهرة",
        event="bulletin-weather",
    )


def digest(rng: random.Random, entries: list[tuple[datetime, Draft]]) -> list[Draft]:
    """Write one page made of the leads of five other pieces of the house."""
    latest = sorted(entries, key=lambda entry: entry[0])[-24:]
    chosen = rng.sample([draft for _, draft in latest if draft.kind == "article" and not draft.event], 5)
    body = [Block("p", "نستعرض فيما يلي أبرز ما نشرته «البوابة» خلال الساعات الماضية:")]
    for draft in chosen:
        body += [Block("h", draft.headline), Block("p", draft.body[0].text)]
    return [
        Draft(
            topic="digest",
            headline="نشرة «البوابة».. أهم أخبار اليوم في خمس دقائق",
            standfirst="أبرز أخبار اليوم.",
            body=body,
            tags=["نشرة الأخبار", "أهم الأخبار"],
            scene="شعار البوابة نيوز",
            city="القاهرة",
            event="digest",
        )
    ]
