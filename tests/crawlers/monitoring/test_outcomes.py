"""The counts of the pages, kept along: what a recount says, and no recount."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crawlers.monitoring.outcomes import ASKED, NOT_FETCHED, PENDING, READ, SETTLED, Outcomes

OUTCOMES = ("seen", "refused", "failed", "unreadable", "dropped", "outside-window", "unchanged", "kept")
PAGES = st.sampled_from("abcd")
ENDS = st.tuples(PAGES, st.sampled_from(OUTCOMES), st.sampled_from([None, "timeout"]))


class Unread(dict):
    """Pages that must not be gone through."""

    def _refuse(self, *_):
        raise AssertionError("the pages were gone through")

    __iter__ = keys = values = items = _refuse


def recounted(told):
    """Count as the words of the module say it: what is said later counts, what the archive has stays."""
    pages, chosen = {}, set()
    for act in told:
        page, *end = (act,) if isinstance(act, str) else act
        if not end:
            chosen.add(page)
            end = (PENDING, None)
        if end[0] in SETTLED or pages.get(page, (None,))[0] not in SETTLED:
            pages[page] = tuple(end)
    ways = Counter(end[0] for page, end in pages.items() if page in chosen or end[0] in ASKED)
    steps = {
        "announced": len(pages),
        "chosen": ways.total(),
        "fetched": ways.total() - sum(ways[name] for name in NOT_FETCHED),
        "read": sum(ways[name] for name in READ),
        "kept": ways["kept"],
    }
    outcomes = Counter(outcome for outcome, _ in pages.values())
    reasons = Counter(f"{outcome}/{reason}" for outcome, reason in pages.values() if reason)
    return {"steps": steps, "outcomes": dict(outcomes), "reasons": dict(reasons)}


@given(st.lists(PAGES | ENDS, max_size=12))
def test_counts_are_those_of_a_recount(told):
    outcomes = Outcomes()
    for act in told:
        if isinstance(act, str):
            outcomes.choose(act)
        else:
            outcomes.end(*act)
    assert outcomes.report_section() == recounted(told)


def test_no_page_is_looked_at_to_tell():
    outcomes = Outcomes()
    outcomes.pages = Unread()
    for number in range(100):
        outcomes.choose(f"x:{number}")
        outcomes.end(f"x:{number}", "kept")
    assert outcomes.steps()["kept"] == outcomes.report_section()["outcomes"]["kept"] == 100


def test_equal_endings_are_one_object():
    outcomes = Outcomes()
    for number in range(100):
        outcomes.end(f"x:{number}", "failed", "timeout")
    assert len(set(map(id, outcomes.pages.values()))) == 1
