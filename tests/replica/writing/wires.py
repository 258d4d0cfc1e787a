"""Wire stories: one agency text that two to four outlets run in their own trim under their own headlines.

material/wires.txt      @ id topic agency city outlets      H headline   S standfirst   P paragraph   E the same, reworded
                            O a house's own paragraph, for the medium trim
trims                   light: whole · medium: tail cut, own paragraphs added · edited: reworded where E gives it
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.replica.piece import Block, Draft
from tests.replica.writing.material import lines

if TYPE_CHECKING:
    import random

TRIMS = ("light", "medium", "edited")


@dataclass(slots=True)
class Wire:
    id: str
    topic: str
    agency: str
    city: str
    outlets: list[str]
    tags: list[str]
    headlines: list[str] = field(default_factory=list)
    standfirsts: list[str] = field(default_factory=list)
    paragraphs: list[tuple[str, str | None]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


def read_wires() -> list[Wire]:
    wires: list[Wire] = []
    for line in lines("wires"):
        if line.startswith("@ "):
            name, topic_name, agency, city, outlets, tags = (part.strip() for part in line[2:].split("|"))
            wires.append(Wire(name, topic_name, agency, city, outlets.split(","), tags.split("،")))
        elif line.startswith("H "):
            wires[-1].headlines.append(line[2:])
        elif line.startswith("S "):
            wires[-1].standfirsts.append(line[2:])
        elif line.startswith("O "):
            wires[-1].own.append(line[2:])
        elif line.startswith("P "):
            wires[-1].paragraphs.append((line[2:], None))
        else:
            wires[-1].paragraphs[-1] = (wires[-1].paragraphs[-1][0], line[2:])
    return wires


def wire_drafts(rng: random.Random) -> list[list[tuple[str, Draft]]]:
    """Return for each wire story its versions in the order in which the outlets run them."""
    stories = []
    for number, wire in enumerate(read_wires()):
        order = rng.sample(wire.outlets, len(wire.outlets))
        trims = [TRIMS[(number + turn) % len(TRIMS)] for turn in range(len(order))]
        versions = zip(order, trims, strict=True)
        stories.append([(name, _version(wire, turn, trim)) for turn, (name, trim) in enumerate(versions)])
    return stories


def _version(wire: Wire, turn: int, trim: str) -> Draft:
    texts = [other if trim == "edited" and other else text for text, other in wire.paragraphs]
    if trim == "edited":  # an editor leaves the opening as it came
        texts[0] = wire.paragraphs[0][0]
    if trim == "medium":
        texts = texts[: max(len(texts) * 7 // 10, 2)]
        texts[-1:-1] = wire.own[:1]
        texts += wire.own[1:]
    return Draft(
        topic=wire.topic,
        headline=wire.headlines[turn % len(wire.headlines)],
        standfirst=wire.standfirsts[turn % len(wire.standfirsts)],
        body=[Block("p", text) for text in texts],
        tags=[tag.strip() for tag in wire.tags],
        scene=f"صورة من {wire.city}",
        city=wire.city,
        story_group=wire.id,
        agency=wire.agency,
    )
