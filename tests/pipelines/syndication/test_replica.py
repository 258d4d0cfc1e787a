"""The wire stories that the replica's newsrooms run under five mastheads."""

from collections import defaultdict
from datetime import date

import pytest

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.replica.newsroom import Newsroom


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_stories_are_recognised_exactly(seed):
    stories, planted = Stories(MemoryStoryIndex()), defaultdict(set)
    for pieces in Newsroom(seed, date(2026, 11, 20), 10).pieces.values():
        for piece in pieces:
            truth = piece.truth()
            stories.place(Piece.of_line({**truth, "published": truth["published"] or truth["modified"]}))
            if piece.story_group:
                planted[piece.story_group].add(truth["id"])
    found = defaultdict(set)
    for placement in stories.placements():
        found[placement.story].add(placement.id)
    assert len(planted) > 10
    assert [group for group in planted.values() if group not in found.values()] == []
