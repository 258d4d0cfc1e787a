"""What is formulaic in Arab news stays apart where it tells of different things, and its copies stay together.

Each kind of `formulaic.txt` has three events in the same set sentences: the court, telegrams, the presidency, a ministry, weather, currency,
verdicts, transfers. They come within 72 hours, into an empty archive and into one that has read their kind for a fortnight.
"""

from itertools import chain, combinations

import pytest

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.pipelines.syndication.writing import line, read

EVENTS = read("formulaic.txt")
KINDS = sorted({name.rpartition("-")[0] for name in EVENTS})
COPIED, APART = 0.9, 0.95  # the floor: of copies together, of pairs of events apart
OF_A_KIND = {False: 2 / 3, True: 1.0}  # both, of each kind alone; telegrams fall short in an empty archive


def copies(text):
    """Return what three houses make of a text: a dateline and a source line, the last paragraph cut, another spelling."""
    first, *rest = text.split("\n")
    yield f"الرياض - واس\n{text}\nالمصدر: وكالات"
    yield "\n".join([first, *rest[:-1]]) if len(rest) > 1 else text
    yield text.replace("أ", "ا").replace("ة", "ه").replace("ى", "ي")


def earlier(kind):
    """Return lines of a fortnight before: what the kind's events share, with other words in the place of what is each one's own."""
    texts = [text.split() for name, (_, text) in EVENTS.items() if name.startswith(f"{kind}-")]
    shared = set.intersection(*({tuple(words[n : n + 3]) for n in range(len(words) - 2)} for words in texts))
    for day in range(14):
        words = texts[day % len(texts)]
        held = {n + step for n in range(len(words) - 2) if tuple(words[n : n + 3]) in shared for step in range(3)}
        told = [word if n in held else f"خبر{day * 1000 + n}" for n, word in enumerate(words)]
        yield line(f"old:{kind}-{day}", " ".join(told), 24 * (day - 20))


def placed(*, before):
    """Return article → story of all events and their copies."""
    stories = Stories(MemoryStoryIndex())
    lines = list(chain.from_iterable(map(earlier, KINDS))) if before else []
    for number, (name, (_, text)) in enumerate(EVENTS.items()):
        hours = 20 * int(name[-1]) + number / 10
        lines.append(line(f"{name}-0", text, hours, outlet="alaraby"))
        lines += [
            line(f"{name}-{n}", copy, hours + n, outlet=outlet)
            for n, (outlet, copy) in enumerate(
                zip(("aljazeera", "albawaba", "skynewsarabia"), copies(text), strict=True), 1
            )
        ]
    for each in sorted(lines, key=lambda each: each["published"]):
        stories.place(Piece.of_line(each))
    return {each.id: each.story for each in stories.placements() if not each.id.startswith("old")}


@pytest.mark.parametrize("before", [False, True], ids=["an empty archive", "after a fortnight"])
def test_events_in_set_sentences_stay_apart_and_their_copies_together(before):
    story = placed(before=before)
    copied = {name: [story[f"{name}-0"] == story[f"{name}-{n}"] for n in (1, 2, 3)] for name in EVENTS}
    pairs = {
        (one, other): story[f"{one}-0"] != story[f"{other}-0"]
        for kind in KINDS
        for one, other in combinations([name for name in EVENTS if name.startswith(f"{kind}-")], 2)
    }
    together = [each for found in copied.values() for each in found]
    assert sum(together) >= COPIED * len(together), {name: found for name, found in copied.items() if not all(found)}
    assert sum(pairs.values()) >= APART * len(pairs), [pair for pair, apart in pairs.items() if not apart]
    for kind in KINDS:
        of_copies = [each for name, found in copied.items() if name.startswith(f"{kind}-") for each in found]
        of_pairs = [apart for (one, _), apart in pairs.items() if one.startswith(f"{kind}-")]
        assert sum(of_copies) >= OF_A_KIND[before] * len(of_copies), kind
        assert sum(of_pairs) >= OF_A_KIND[before] * len(of_pairs), kind
