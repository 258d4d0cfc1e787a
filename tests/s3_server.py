"""An S3 in this process: moto's application for it behind waitress, which keeps connections open as a store does."""

import functools
import logging
import re
import threading

from moto.moto_server.werkzeug_app import create_backend_app
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

_THREADS = 16  # as many as a client of ours has connections


class _Task(WSGITask):
    """An answer in which the names of an object's own facts are spelled as S3 spells them: boto3 knows them by their letters."""

    def build_response_header(self):
        return re.sub(rb"(?m)^X-Amz-Meta-[^:]*", lambda name: name[0].lower(), super().build_response_header())


class _Channel(HTTPChannel):
    """A connection on which a client that asks whether it may go on, and has nothing to send, is not waited for."""

    task_class = _Task

    def send_continue(self):
        is_whole = self.request.completed
        super().send_continue()
        self.request.completed = is_whole


def _application():
    """Return moto's S3 and its own controls; its dispatcher would look through all of Amazon's services at each request."""
    store, controls = create_backend_app("s3"), create_backend_app("moto_api")

    def answer(environ, start_response):
        application = controls if environ["PATH_INFO"].startswith("/moto-api/") else store
        return application(environ, start_response)

    return answer


@functools.cache
def endpoint():
    """Begin to serve, once a process and until its end; return the address."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would log each request that waits for a thread
    server = create_server(_application(), host="127.0.0.1", port=0, threads=_THREADS)
    server.channel_class = _Channel
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"
