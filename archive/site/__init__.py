"""The site: the archive as people read it, in Arabic, by tag, article, story and outlet; static or live.

    manifests ──▶ index/ (SQLite: articles, versions, full text, topics) ──▶ pages.py ──▶ templates/ ──▶ HTML
                                                                                │
                        build.py ── making.py ── output.py ◀────────────────────┼──▶ web/ (WSGI)
                        python -m archive site OUT                                   python -m archive serve

    arguments.py   what both commands take          looks.py      templates and the settings that readers notice
    pages.py       each page                        wording.py    numbers, times, names in Arabic
    search.py      the full text                    comparing.py  what a copy or a version added and cut
    replay.py      the captured page, harmless      citation.py   what proves an article
    listing.py     lists with feeds                 feeds.py      RSS and JSON Feed
    newsroom/      figures, tables, pictures        wordlists.py  search without a server
    paths.py       where each page stands           making.py     the files of one page

A page is made from the index alone; the archive is asked for captures. Text of other people is never markup: the templates
escape, the policy of every page allows no script but ours, and a captured page stands in a cage (replay.py).
"""
