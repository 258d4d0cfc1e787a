"""The server: the pages live, feeds, and a small JSON API, all of it reading.

answers.py    an answer: status, type, body, and the headers that keep it harmless
api.py        the JSON API (docs/site.md)
routes.py     paths to pages
app.py        the WSGI application: methods, ETag, a cache of answers
serving.py    the server around it, and the thread that catches up with the archive
"""
