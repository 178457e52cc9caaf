"""A language model's server on this machine that gives one answer to all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Requests = list[tuple[str, str | None, bytes]]
"""Path, Authorization and body of each request."""


@contextmanager
def model_server(body: bytes, status: int = 200) -> Iterator[tuple[str, Requests]]:
    """The endpoint, up to /v1, and the requests that came; every answer is `body` with `status`."""
    requests: Requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers["Authorization"], sent))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: str) -> bytes:
    """A chat completion with these words."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
