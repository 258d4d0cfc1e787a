"""The server: the pages live, feeds, and a small JSON API, all of it reading.

answers.py    an answer: status, type, body, and the headers that keep it harmless
api.py        the JSON API (docs/site.md)
routes.py     paths to pages
cache.py      answers that were made already, each by one thread at a time
app.py        the WSGI application: methods, ETag
serving.py    the server around it, and the thread that catches up with the archive
"""
