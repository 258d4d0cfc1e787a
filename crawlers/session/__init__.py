"""The crawl's session with the archive.

extension.py    when: opened before the first request, closed after the last, the report, the exit code
session.py      what: catalog, stories, segment, publisher of one crawl, and where they lie
background.py   beside the crawl: publishing in threads, a full disk, a store that does not answer
shutdown.py     what a signal ends, and how soon
provenance.py   what a crawl says of itself: software, settings, log
foreign.py      other archives' WARC, ARC and WACZ files taken in
"""
