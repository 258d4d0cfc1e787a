"""Reading an archive: articles, versions, stories and captures, with read permission alone.

archive.py      `open_archive`, `Archive`: lookups, what is new        scan.py         from manifests to articles
query.py        which articles are wanted                              redactions.py   take-downs and other read filters
jsonl.py        files of lines, packed in members; events
"""
