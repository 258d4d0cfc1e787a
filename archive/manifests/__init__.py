"""Manifests: what makes a segment published, and the chain that makes a removal visible.

manifest.py     the manifest, its keys and its segment's id; which objects are current
publisher.py    from the spool into the archive
chain.py        created once, then named by the pointer           lease.py        one crawl per outlet at a time
placement.py    lines of a segment that waits, against what others published meanwhile
listing.py      all of them, by crawl date or by publication; what was published since a cursor
"""
