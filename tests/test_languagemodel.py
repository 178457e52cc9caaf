"""The language model's client against a real HTTP server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mailbot.errors import ModelError
from mailbot.languagemodel import MAX_ANSWER, LanguageModel

GOOD = json.dumps({"choices": [{"message": {"content": "yes"}}]}).encode()


@contextmanager
def served(body: bytes, status: int = 200) -> Iterator[tuple[str, list[tuple[str, str | None, bytes]]]]:
    """(endpoint, requests: path, Authorization, body) of a server that gives one answer to all."""
    requests: list[tuple[str, str | None, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers["Authorization"], sent))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_question_goes_out_with_the_key_and_its_answer_comes_back() -> None:
    with served(GOOD) as (endpoint, requests):
        said = LanguageModel(endpoint, "small", "secret").ask([{"role": "user", "content": "é?"}])

    (path, key, body) = requests[0]
    assert (said, path, key) == ("yes", "/v1/chat/completions", "Bearer secret")
    assert json.loads(body) == {"model": "small", "messages": [{"role": "user", "content": "é?"}], "temperature": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"no json", 200), (b"", 200), (GOOD, 500), (GOOD, 401), (b"x" * (MAX_ANSWER + 1), 200), (b"[" * 9000, 200)],
)
def test_whatever_is_no_answer_is_an_error_of_the_model(body: bytes, status: int) -> None:
    with served(body, status) as (endpoint, _), pytest.raises(ModelError, match="127"):
        LanguageModel(endpoint, "small").ask([])


def test_a_server_that_is_not_there_is_an_error_of_the_model() -> None:
    with served(GOOD) as (endpoint, _):
        pass
    with pytest.raises(ModelError):
        LanguageModel(endpoint, "small", seconds=2).ask([])


def test_an_answer_of_another_shape_says_nothing() -> None:
    with served(b"[1]") as (endpoint, _):
        assert LanguageModel(endpoint, "small").ask([]) == ""
