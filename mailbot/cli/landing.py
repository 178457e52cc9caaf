"""Where a browser comes back to after a person has agreed (RFC 8252 section 7.3): a page on loopback, or a paste."""

import select
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from mailbot.errors import SignInError

PATIENCE = 900.0
"""Seconds that a person has; providers forget a sign-in sooner."""
_DONE = b"<!doctype html><meta charset=utf-8><title>mailbot</title><p>Done: you can close this page."


class Landing:
    """Waits for one answer, which comes as a request to `address` or as a line on stdin that holds such an address."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        landing = self

        class Page(BaseHTTPRequestHandler):
            timeout = 5  # a browser that says nothing does not keep us

            def do_GET(self) -> None:
                landing._take(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(_DONE)))
                self.end_headers()
                self.wfile.write(_DONE)

            def log_message(self, *_args: object) -> None:
                """The address holds a code, which belongs into no log."""

        self._server = HTTPServer(("127.0.0.1", 0), Page)

    @property
    def address(self) -> str:
        """What the provider sends the browser back to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    def wait(self) -> dict[str, str]:
        """The fields of the answer; raises SignInError where none comes in time."""
        ears: list[Any] = [self._server, sys.stdin]
        deadline = time.monotonic() + PATIENCE
        while not self._found and (left := deadline - time.monotonic()) > 0:
            for ear in select.select(ears, [], [], left)[0]:
                if ear is self._server:
                    self._server.handle_request()
                elif line := sys.stdin.readline():
                    self._take(line.strip())
                else:
                    ears.remove(sys.stdin)  # nobody is there to paste: only the browser is left
        if not self._found:
            raise SignInError("Nobody agreed in time. Run `mailbot login` again.", refused=True)
        return self._found

    def _take(self, address: str) -> None:
        """Other requests of a browser (/favicon.ico) and lines that are no such address are passed over."""
        found = dict(parse_qsl(urlsplit(address).query))
        if "state" in found and ("code" in found or "error" in found):
            self._found = found
