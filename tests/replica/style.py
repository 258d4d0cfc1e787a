"""House style: who signs, how an agency is credited, where the credit line stands, what pictures say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.clock import long_date
from tests.replica.piece import Draft, Picture, Piece

if TYPE_CHECKING:
    import random

    from tests.replica.outlets import House

PICTURE_CREDITS = {
    "alaraby": ("Getty", "فرانس برس", "رويترز", "الأناضول", "العربي الجديد"),
    "aljazeera": ("الفرنسية", "رويترز", "الأناضول", "غيتي", "الجزيرة", "أسوشيتد برس"),
    "skynewsarabia": ("Other-sana", "AFP", "Reuters"),
}


def sign(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    """Put the house's mark on a piece: byline or credit, agencies, dateline, pictures."""
    piece.tags = [tag for tag in piece.tags if tag != piece.section]
    SIGNERS[house.name](piece, draft, house, rng)
    piece.pictures.append(_picture(piece, draft, rng))
    if piece.kind == "live" and piece.outlet == "aljazeera":  # its page shows a film in the picture's place
        piece.pictures = [Picture(piece.pictures[0].url, None, None)]
    if piece.kind == "gallery":
        piece.pictures += [_picture(piece, draft, rng, turn) for turn in range(2, 6)]
    elif piece.kind != "live" and piece.look in {"aja", "bare"} and len(piece.body) > 6:  # a picture inside the text
        piece.pictures.append(_picture(piece, draft, rng, 2))


def _own(piece: Piece, house: House, rng: random.Random) -> None:
    if piece.kind != "breaking" and (piece.kind == "opinion" or rng.random() < 0.6):
        piece.byline = [rng.choice(house.writers)]


def _alaraby(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    if draft.agency:
        piece.agencies = [draft.agency]
        piece.credit = house.agency(draft.agency) + rng.choice(("", "، العربي الجديد"))
    else:
        _own(piece, house, rng)


def _aljazeera(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    if draft.agency and rng.random() < 0.7:
        piece.agencies, piece.credit = [draft.agency], rng.choice(("الجزيرة + ", "")) + house.agency(draft.agency)
    elif draft.agency or piece.kind == "live":
        piece.agencies, piece.credit = ["agencies"], "الجزيرة + وكالات"
    else:
        _own(piece, house, rng)
        piece.credit = "الجزيرة"


def _albawaba(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    if draft.agency:
        piece.agencies, piece.credit = [draft.agency], house.agency(draft.agency)
        if rng.random() < 0.6:
            piece.head, piece.dateline = f"{draft.city} ({piece.credit}) - ", draft.city
    elif piece.kind == "article" and rng.random() < 0.2:
        piece.credit = rng.choice(("سبق", "عاجل"))
        piece.origin_url = (
            f"https://{'sabq.org' if piece.credit == 'سبق' else 'ajel.sa'}/article/{piece.number % 90000}"
        )


def _albawabhnews(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    if draft.agency:
        piece.agencies, piece.credit = ["agencies"], "وكالات"
    else:
        _own(piece, house, rng)
    piece.standfirst = None  # the house writes none


def _sky(piece: Piece, draft: Draft, house: House, rng: random.Random) -> None:
    if draft.agency:
        piece.agencies, piece.credit = ["agencies"], "وكالات - أبوظبي"
    else:
        piece.credit = "سكاي نيوز عربية - أبوظبي"
    piece.dateline = "أبوظبي"


SIGNERS = {
    "alaraby": _alaraby,
    "aljazeera": _aljazeera,
    "albawaba": _albawaba,
    "albawabhnews": _albawabhnews,
    "skynewsarabia": _sky,
}


def _picture(piece: Piece, draft: Draft, rng: random.Random, turn: int = 1) -> Picture:
    credit = rng.choice(PICTURE_CREDITS.get(piece.outlet, ("",)))
    scene = draft.scene if turn == 1 else f"{draft.scene} – اللقطة {turn}"
    day, number = piece.published, piece.number
    if piece.outlet == "alaraby":
        mark = f"h=a5f2f23a&itok={rng.getrandbits(44):011X}"
        url = f"https://{piece.host}/sites/default/files/styles/meduim_16_9/public/{number + turn}.jpeg?{mark}"
        return Picture(url, f"{scene}، {long_date(day)}", credit, bracketed=True)
    if piece.outlet == "aljazeera":
        url = f"https://{piece.host}/wp-content/uploads/{day:%Y/%m}/img_{number:x}{turn}-{int(day.timestamp())}.jpg"
        return Picture(f"{url}?resize=1920%2C1440", scene, credit, bracketed=True)
    if piece.outlet == "albawaba":
        return Picture(f"https://{piece.host}/sites/default/files/{day:%Y-%m}/{number}_{turn}.jpg", scene, None)
    if piece.outlet == "albawabhnews":
        path = f"{number // 10000}/{number // 1000 % 10}/{number % 1000:03d}"
        return Picture(f"https://{piece.host}/upload/photo/news/{path}.jpg?q={turn}", scene, None)
    url = f"https://{piece.host}/images/v1/{day:%Y/%m/%d}/{number}/1200/630/{turn}-{number}.jpg"
    return Picture(url, scene, credit if piece.look == "init" else None)
