"""WHAT: judging an article.

item.py           whatever a spider yields, as the record: what each of the steps below begins with
cleaning.py       text as it is published, and as it is compared
validation.py     what no published line may be; each reason a drop of its own name
versions.py       the first text of an article, the next version of it, or the same again
syndication/      one story under many mastheads
keeping.py        the last step: its line into the archive
credit/           wire agencies, bylines, datelines: functions that the reading calls
"""
