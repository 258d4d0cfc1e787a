"""The site: the archive as people read it, in Arabic, by tag, article, story and outlet; static or live.

    manifests ──▶ database.py (SQLite: articles, versions, full text, topics) ──▶ pages.py ──▶ templates/ ──▶ HTML
                                                                                    │
                              static_site.py ◀──────────────────────────────────────┼──▶ web/ (WSGI)
                              python -m archive site OUT                                  python -m archive serve

    queries.py     what pages ask the database     templating.py  paths, templates, settings, Arabic wording
    lists.py       lists whose pages end
    pages.py       each page, each feed            search.py      the full text
    statistics.py  figures, tables, pictures       topics/        what articles are about

A page is made from the database alone; the archive is asked for captures. Text of other people is never markup: the templates
escape, the policy of every page allows no script but ours, and a captured page stands in a cage (pages.py).
"""
