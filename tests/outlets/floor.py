"""The quality floor: text F1 and field exactness of each outlet, pinned with a digest of its cases.

python -m tests.outlets.floor            where we stand
python -m tests.outlets.floor --raise    pin it; refuses to pin less than is pinned
python -m tests.outlets.floor --lower    pin it even where it is less, for a commit that says why
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from crawlers.extraction.article import word_f1
from tests.outlets.cases import OUTLETS, ROOT, all_cases, digest_of, read_case

if TYPE_CHECKING:
    from collections.abc import Iterable

FLOOR = ROOT / "floor.json"
Standing = dict[str, Any]


def standing(outlet: str) -> Standing:
    """Return where an outlet stands: mean and worst F1 of its texts, share of exact fields, digest of its cases."""
    scores, exact, fields = [], 0, 0
    for case in (case for case in all_cases() if case.outlet == outlet):
        expect, got = case.record["expect"], read_case(case)
        scores.append(word_f1(got["text"], expect["text"]))
        fields += len(expect)
        exact += sum(got[name] == value for name, value in expect.items())
    return {
        "cases": digest_of(outlet),
        "text_f1": round(sum(scores) / len(scores), 4),
        "worst_f1": round(min(scores), 4),
        "exact_fields": round(exact / fields, 4),
    }


def pinned() -> dict[str, Standing]:
    """Return the floor file."""
    return json.loads(FLOOR.read_text(encoding="utf-8"))


def below(now: Standing, floor: Standing) -> list[str]:
    """Return what is lower than pinned, a sentence each."""
    names: Iterable[str] = ("text_f1", "worst_f1", "exact_fields")
    return [f"{name} {now[name]} is below {floor[name]}" for name in names if now[name] < floor[name]]


def main() -> None:
    """Show, raise or lower the floor."""
    parser = argparse.ArgumentParser(prog="python -m tests.outlets.floor", description="the reading's quality floor")
    parser.add_argument("--raise", dest="up", action="store_true", help="pin where we stand, if nothing is lower")
    parser.add_argument("--lower", action="store_true", help="pin where we stand, even lower")
    options = parser.parse_args()
    now = {outlet: standing(outlet) for outlet in OUTLETS}
    sys.stdout.write(json.dumps(now, indent=1) + "\n")
    floor = pinned() if FLOOR.exists() else {}
    worse = [f"{outlet}: {fault}" for outlet in floor for fault in below(now[outlet], floor[outlet])]
    if worse and not options.lower:
        sys.exit("\n".join(worse))
    if options.up or options.lower:
        FLOOR.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
