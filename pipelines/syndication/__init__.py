"""One story under many mastheads: which articles carry the same text, and where it came from.

    fingerprints   text → word ids → 3-gram hashes → a sample of them → an inverted index in blocks of time
    alignment      which words of two articles stand in the other, and what they have in common, word by word
                   … and what that makes them: the same story, near, contained, apart
    stories        where an article stands when it is new, who had the story first, how much of it a copy carries;
                   what others published, learned
    index          an article as stories see it, from links to stories by vote, where that is kept (memory_index, sqlite_index),
                   and the lines that tell it
    pipeline       the Scrapy component, and the alarm of a wrong match
    spread         who ran what when, for people; recluster: a pile of articles

Every article is labelled and none is dropped. docs/syndication.md has the method's reasons and figures.
"""

from pipelines.syndication.index import Piece, Placement, StoryIndex, from_line, story_line
from pipelines.syndication.memory_index import MemoryStoryIndex
from pipelines.syndication.sqlite_index import SqliteStoryIndex
from pipelines.syndication.stories import Placed, Stories

__all__ = [
    "MemoryStoryIndex",
    "Piece",
    "Placed",
    "Placement",
    "SqliteStoryIndex",
    "Stories",
    "StoryIndex",
    "from_line",
    "story_line",
]
