"""A loopback server that takes what a webhook posts."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Listener:
    """What was posted, and the statuses to answer with (the last one for ever)."""

    def __init__(self):
        self.posted = []
        self.statuses = [200]
        self.url = ""


@contextmanager
def listen():
    """Yield a listener; its URL has a secret path."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.posted.append((self.path, json.loads(body)))
            statuses = listener.statuses
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hush-hush"
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
