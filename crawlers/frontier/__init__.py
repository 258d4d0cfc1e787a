"""The frontier: what a crawl fetches, and what it need not.

incremental.py   new articles among what is announced     conditional.py   sources asked only for what changed
recheck.py       held articles, looked at again           pages.py         what was announced; when to look again
backfill.py      past days, giving way to regular crawls       any_outlet.py    pages of outlets that nobody declared
"""
