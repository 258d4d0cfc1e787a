"""Objects that stand for earlier ones: compaction, re-extraction, erasure. Nothing published is touched but by an erasure.

compaction.py    many small segments of a month ──▶ few large ones
erasure.py       a record that had to go ──▶ a stub of the same length
generations.py   the lines of yesterday's extraction ──▶ today's;
                 and how each is published: objects, then the manifest, then the pointer; one at a time for each outlet

What it means for a reader stands in `archive.manifests.manifest`.
"""
