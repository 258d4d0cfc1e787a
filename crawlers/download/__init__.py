"""The download: what went over the wire, byte for byte, and its way into the archive.

connect.py    connections, and the networks that are refused      wire.py      the handler's protocol, each byte copied
handler.py    the download handler                                capture.py   the middleware that keeps each exchange
content_coding.py  codings taken off as every reader of the archive takes them off
"""
