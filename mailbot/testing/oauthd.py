"""A small OAuth 2.0 provider on loopback for tests: code flow, device flow, refresh, and introspection for Dovecot.

It keeps the rules that matter: a code works once and only with its verifier (RFC 7636), a device code only after the
person agreed (RFC 8628), a refresh token until it is revoked or replaced.
"""

import hashlib
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from mailbot.oauth import AuthServer


@dataclass
class OAuthProvider:
    """What the provider knows and was asked; tests set and read it."""

    account: str
    """The mailbox that every token is for."""
    client_id: str = "mailbot-test"
    lifetime: float = 3600
    rotates: bool = False
    """Every refresh replaces the refresh token, and the old one is dead (as strict providers do)."""
    agrees_after: int = 1
    """How many times the person's answer is still pending."""
    says: str = ""
    """What the person or the provider answers instead: access_denied, slow_down, expired_token ..."""
    broken: bool = False
    """Every request is answered 503."""
    port: int = 0
    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """(path, fields) of every request, in order."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _polls: int = 0

    def server(self) -> AuthServer:
        """This provider as a client knows it."""
        base = f"http://127.0.0.1:{self.port}"
        return AuthServer(f"{base}/token", "mail", self.client_id, None, f"{base}/authorize", f"{base}/devicecode")

    def agree(self, page: str) -> str:
        """A person opens the page and agrees: the address that their browser is sent back to."""
        query = dict(parse_qsl(urlsplit(page).query))
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'code': code})}"

    def refreshes(self) -> int:
        """How often a refresh token was shown."""
        return sum(1 for path, fields in self.asked if fields.get("grant_type") == "refresh_token")

    def answer(self, path: str, fields: dict[str, str], bearer: str) -> tuple[int, dict[str, object]]:
        """(status, JSON) of one request."""
        self.asked.append((path, fields))
        if self.broken:
            return 503, {}
        if path == "/introspect":
            active = (fields.get("token") or bearer) in self.access_tokens
            return 200, {"active": active, **({"email": self.account, "username": self.account} if active else {})}
        if path == "/devicecode":
            page = f"http://127.0.0.1:{self.port}/device"
            return 200, {"device_code": "device-1", "user_code": "ABCD-EFGH", "verification_uri": page,
                         "expires_in": 30, "interval": 0}  # fmt: skip
        return self._token(fields) if path == "/token" else (404, {})

    def _token(self, fields: dict[str, str]) -> tuple[int, dict[str, object]]:
        kind = fields.get("grant_type", "").rpartition(":")[2]
        if fields.get("client_id") != self.client_id:
            return 401, {"error": "invalid_client"}
        if self.says:
            return 400, {"error": self.says, "error_description": f"the provider says {self.says}"}
        if kind == "device_code":
            self._polls += 1
            return self._granted() if self._polls > self.agrees_after else (400, {"error": "authorization_pending"})
        if kind == "authorization_code":
            begun = self._codes.pop(fields.get("code", ""), None)
            digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
            proof = urlsafe_b64encode(digest).decode().rstrip("=")
            good = begun is not None and begun["code_challenge"] == proof
            same = begun is not None and begun["redirect_uri"] == fields.get("redirect_uri")
            return self._granted() if good and same else (400, {"error": "invalid_grant"})
        if fields.get("refresh_token") not in self.refresh_tokens:
            return 400, {"error": "invalid_grant", "error_description": "the refresh token was revoked"}
        if not self.rotates:
            return self._granted(renewed=True)
        self.refresh_tokens.discard(fields["refresh_token"])
        return self._granted()

    def _granted(self, *, renewed: bool = False) -> tuple[int, dict[str, object]]:
        access, refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.access_tokens.add(access)
        given: dict[str, object] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime}
        if not renewed:
            self.refresh_tokens.add(refresh)
            given["refresh_token"] = refresh
        return 200, given


@contextmanager
def oauth_provider(account: str) -> Iterator[OAuthProvider]:
    """A provider in this process, until the end of the block."""
    provider = OAuthProvider(account)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            self._answer(dict(parse_qsl(self.rfile.read(size).decode())))

        def do_GET(self) -> None:
            self._answer(dict(parse_qsl(urlsplit(self.path).query)))

        def _answer(self, fields: dict[str, str]) -> None:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, found = provider.answer(urlsplit(self.path).path, fields, bearer)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        provider.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
