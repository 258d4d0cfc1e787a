"""The server: the pages live, feeds, and a small JSON API, all of it reading.

routes.py     paths to pages, and answers: status, type, body, and security headers
api.py        the JSON API (docs/site.md)
memento.py    a CDX server and Memento, for web archives' own tools
app.py        the WSGI application, what it remembers, and the server around it
"""
