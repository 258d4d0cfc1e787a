"""The site's index: one SQLite file that answers for every page, made from published manifests alone.

    manifests not yet known ──▶ lines ──▶ versions, articles ──▶ words (full text) ──▶ names seen ──▶ entries ──▶ topics

    tables.py    the tables, and opening the file
    intake.py    manifests and lines into versions and articles
    naming.py    names that recur become entries of the gazetteer
    variants.py  surnames and spellings that stand for one entry
    topics.py    what each article is about
    index.py     `Index`: catching up, and a connection for each thread that asks
    cards.py     articles as lists show them, and the sums beside them
    pages_of.py  one article with all that its page says; one story; one entry

It is a cache: deleting it loses nothing, and the same manifests give the same index in whatever order they come. Each round
of catching up is a generation; what changed in it says so, and the static site writes only that.
"""

from archive.site.index.index import Index

__all__ = ["Index"]
