"""Pieces that are not plain articles: live blogs, videos, galleries, opinion, explainers, one-line breaking news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.piece import Block, Draft
from tests.replica.writing.grammar import Cast, realise
from tests.replica.writing.material import TOPICS, lines, topic

if TYPE_CHECKING:
    import random

    from tests.replica.writing.stories import Desk


def live(rng: random.Random, desk: Desk, day: int) -> Draft:
    """Write a live blog: an opening paragraph, then entries, newest first, each a heading and a paragraph."""
    draft = desk.write(rng.choice(("politics", "society", "sport")), (1, 2), 0, day=day, kind="live")
    cast = Cast(rng, topic(draft.topic))
    draft.headline = realise(rng.choice(lines("live-heads")), rng, cast)
    draft.body = draft.body[:1]
    entries = rng.sample(lines("live-entries"), 6)
    for entry, sentence in zip(entries, desk.sentences(topic(draft.topic), 0, 9, cast, day=day), strict=False):
        draft.body += [Block("h", realise(entry, rng, cast)), Block("p", sentence)]
    return draft


def video(rng: random.Random, desk: Desk, day: int) -> Draft:
    draft = desk.write(rng.choice(TOPICS), (1, 2), day=day, kind="video")
    draft.headline = f"شاهد.. {draft.headline}"
    return draft


def gallery(rng: random.Random, desk: Desk, day: int) -> Draft:
    draft = desk.write(rng.choice(("culture", "society", "science")), (1, 3), day=day, kind="gallery")
    draft.headline = f"بالصور.. {draft.headline}"
    return draft


def breaking(rng: random.Random, desk: Desk, day: int) -> Draft:
    draft = desk.write(rng.choice(("politics", "society", "economy")), (0, 0), day=day, kind="breaking")
    draft.headline = f"عاجل | {draft.headline}"
    return draft


def opinion(rng: random.Random, desk: Desk, day: int) -> Draft:
    """Write a signed piece from sentences in the first person; each is used once in a replica."""
    spare = desk.once("opinion-lines", 7)
    cast = Cast(rng, topic("culture"))
    text = [realise(line, rng, cast) for line in spare]
    return Draft(
        topic="culture",
        kind="opinion",
        headline=realise(desk.once("opinion-heads", 1)[0], rng, cast),
        standfirst=text[0],
        body=[Block("p", " ".join(text[1:3])), Block("p", " ".join(text[3:5])), Block("p", " ".join(text[5:]))],
        tags=["رأي", cast.fixed["land"]],
        scene="صورة الكاتب",
        city=cast.fixed["city"],
    )


def explainer(rng: random.Random, desk: Desk, day: int) -> Draft:
    draft = desk.write(rng.choice(("science", "health", "economy")), (8, 12), day=day, kind="explainer")
    draft.headline = f"ما قصة.. {draft.headline}؟"
    return draft
