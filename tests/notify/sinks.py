"""Places on this machine that messages are sent to, which can be told to misbehave."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


class Web:
    """A web hook: keeps what it gets; answers what is asked of it, or the last thing asked for ever."""

    def __init__(self):
        self.got, self.answers, self.pause = [], [(200, b"{}")], 0.0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(sink.pause)
                status, answer = sink.answers[0] if len(sink.answers) == 1 else sink.answers.pop(0)
                sink.got.append(json.loads(body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.address = f"json://127.0.0.1:{self.port}/hook-secret"


@contextmanager
def web():
    """Run a web hook."""
    sink = Web()
    thread = threading.Thread(target=sink.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield sink
    sink.server.shutdown()
    sink.server.server_close()


class Post:
    """What a mail server took: envelopes with their recipients and content."""

    def __init__(self):
        self.got = []

    async def handle_DATA(self, server, session, envelope):
        self.got.append(envelope)
        return "250 OK"


@contextmanager
def mail():
    """Run a mail server."""
    sink = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    sink.address = f"mailto://127.0.0.1:{port}?from=station@example.org&to=anna@example.org"
    yield sink
    controller.stop()
