"""Reads the written material: one text file per topic, sections headed by ``%%``, one sentence a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "material"
TOPICS = ("politics", "economy", "sport", "health", "technology", "culture", "science", "society")


@dataclass(slots=True)
class Scene:
    """One kind of happening: its headlines, standfirsts, opening paragraphs and photo captions."""

    headlines: list[str] = field(default_factory=list)
    standfirsts: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Topic:
    name: str
    scenes: list[Scene]
    body: dict[int, list[str]]  # lines by scene, counted from 1; 0 holds what fits every scene
    heads: list[str]
    tags: list[str]
    orgs: list[str]
    roles: list[str]


@cache
def lines(name: str) -> list[str]:
    """Return the non-empty lines of a material file."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


@cache
def places() -> list[tuple[str, str]]:
    """Return (city, country) pairs."""
    return [(city, land) for city, _, land in (line.partition("|") for line in lines("places"))]


@cache
def topic(name: str) -> Topic:
    """Read ``material/<name>.txt``."""
    scenes: list[Scene] = []
    parts: dict[str, list[str]] = {"body": [], "heads": [], "tags": [], "orgs": [], "roles": []}
    current = ""
    for line in lines(name):
        if line.startswith("%%"):
            current = line[2:].strip()
            if current == "scene":
                scenes.append(Scene())
        elif current == "scene":
            kind, text = line[0], line[2:]
            scene = scenes[-1]
            {"H": scene.headlines, "S": scene.standfirsts, "L": scene.leads, "C": scene.captions}[kind].append(text)
        else:
            parts[current].append(line)
    body: dict[int, list[str]] = {number: [] for number in range(len(scenes) + 1)}
    for line in parts.pop("body"):
        body[int(line[0])].append(line[2:])
    parts["tags"] = [tag.strip() for tag in parts["tags"][0].split("،")]
    return Topic(name, scenes, body, **parts)
