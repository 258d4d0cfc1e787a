"""WHAT: judging an article.

cleaning.py       text as it is published, and as it is compared
validation.py     what no published line may be; each reason a drop of its own name
versions.py       the first text of an article, the next version of it, or the same again
syndication/      one story under many mastheads
store.py          reservations heeded, and the last step: its line into the archive
"""
