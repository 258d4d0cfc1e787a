"""One story under many mastheads: which articles carry the same text, and where it came from.

    spelling       text → word ids
    fingerprints   word ids → 3-gram hashes → a sample of them
    postings       the sample's inverted index, in blocks of time
    coverage       which words of two articles stand in the other
    alignment      what two articles have in common, word by word
    matching       … and what that makes them: the same story, near, contained, apart
    assembly       from links to stories, by vote
    origin         who had it first, and how much of a copy stands in it
    settling       where articles stand, when one of them is new
    stories        all of it for one article at a time
    index          where it is kept: memory, durable (SQLite)
    published      the lines that tell it
    catching_up    what others published, learned
    pipeline       the Scrapy component; alarm: two agencies in one story
    runs · spread  who ran what when, for people

Every article is labelled and none is dropped. docs/syndication.md has the method's reasons and figures.
"""

from pipelines.syndication.index import Index, Placement, from_line, story_line
from pipelines.syndication.memory_index import MemoryIndex
from pipelines.syndication.piece import Piece
from pipelines.syndication.sqlite_index import SqliteIndex
from pipelines.syndication.stories import Placed, Stories

__all__ = ["Index", "MemoryIndex", "Piece", "Placed", "Placement", "SqliteIndex", "Stories", "from_line", "story_line"]
