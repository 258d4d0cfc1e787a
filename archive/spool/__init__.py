"""The spool: what a crawl wrote and the archive does not have yet, on the local disk.

spool.py      the folders, the lock of an outlet, which archive they belong to, a full disk
segment.py    one segment being written: exchanges, articles, events
sealing.py    a closed segment made ready: inspected, cut to what is whole, indexed, hashed
recovery.py   what a crawl that died left behind
"""
