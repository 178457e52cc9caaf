"""Signing in without a password: OAuth 2.0 for the mailboxes of Microsoft, Google and others (SASL XOAUTH2).

A person agrees once in a browser: by a code that is typed there (RFC 8628, Microsoft), or by a page that leads back
to this machine (RFC 8252 with RFC 7636, Google, whose device flow knows no scope for mail). What comes of it is a
refresh token; it buys access tokens of about an hour. Here is only the talk with the provider; where the tokens are
kept is `jobs.signing_in`'s to know.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from mailbot.errors import SignInError

TIMEOUT = 30.0
"""Seconds for one answer of the provider."""
_MOST_BYTES = 256 * 1024
_SHORTEST_LIFE = 60
_SLOWER = 5
"""Seconds by which the pause between two questions grows (RFC 8628 3.5)."""
_GONE = frozenset({"invalid_grant", "interaction_required", "consent_required", "access_denied", "expired_token",
                   "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})  # fmt: skip
"""Answers that asking again does not change (RFC 6749 5.2, RFC 8628 3.5, OpenID Connect): a person must act."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """What logs in where a password would: gives a living access token whenever it is asked. Raises SignInError."""

    token: Callable[[], str] = field(repr=False)
    refused: Callable[[str], None] = field(default=lambda _token: None, repr=False)
    """Is told a token that a mail server did not take, so that the next one is another."""


Secret = str | Bearer
"""What a mail server lets us in for."""


@dataclass(frozen=True, slots=True)
class AuthServer:
    """A provider's places, and who we are there. No `device_url`: it has no flow by code."""

    token_url: str
    scope: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    authorize_url: str = ""
    device_url: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in is worth: an access token until `expires_at`, and what buys the next one."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A code that a person types at `page`; to be asked about every `interval` seconds until `expires_at`."""

    user_code: str
    page: str
    device_code: str = field(repr=False)
    interval: float
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A sign-in that was begun in a browser: the page to open, and what its answer is checked with."""

    url: str
    redirect_uri: str
    state: str
    verifier: str = field(repr=False)


def microsoft(client_id: str, client_secret: str | None = None, tenant: str = "common") -> AuthServer:
    """Microsoft 365 and Outlook.com; `tenant` is a directory's id or domain, or common, organizations, consumers."""
    base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    mail = "https://outlook.office.com"
    return AuthServer(
        token_url=f"{base}/token",
        scope=f"{mail}/IMAP.AccessAsUser.All {mail}/SMTP.Send offline_access",
        client_id=client_id,
        client_secret=client_secret,
        authorize_url=f"{base}/authorize",
        device_url=f"{base}/devicecode",
    )


def google(client_id: str, client_secret: str | None) -> AuthServer:
    """Gmail and Google Workspace. Its device flow allows only a few scopes, and none of them is mail's."""
    return AuthServer(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106  (an address)
        scope="https://mail.google.com/",
        client_id=client_id,
        client_secret=client_secret,
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    )


def xoauth2(user: str, token: str) -> bytes:
    """What SASL XOAUTH2 sends, before base64 (Google's and Microsoft's protocol, no RFC)."""
    return b"user=" + user.encode() + b"\x01auth=Bearer " + token.encode() + b"\x01\x01"


# ------------------------------------------------------------------------------------------- by a code (RFC 8628)


def request_code(server: AuthServer, now: datetime) -> DeviceCode:
    """A code for a person to type in a browser. Raises SignInError."""
    answer = _asked(server.device_url, {"client_id": server.client_id, "scope": server.scope})
    page = _text(answer, "verification_uri") or _text(answer, "verification_url")
    user_code, device_code = _text(answer, "user_code"), _text(answer, "device_code")
    if not (page and user_code and device_code):
        raise SignInError("The provider gave no code to sign in with.", refused=False)
    life, interval = _seconds(answer, "expires_in", 900), _seconds(answer, "interval", 5)
    return DeviceCode(user_code, page, device_code, interval, now + timedelta(seconds=life))


def wait_for_person(
    server: AuthServer, code: DeviceCode, clock: Callable[[], datetime], sleep: Callable[[float], None]
) -> Grant:
    """Ask until the person has agreed. Raises SignInError where they refused or took too long.

    A provider that cannot be reached meanwhile is asked again, more slowly (RFC 8628 3.5).
    """
    wanted = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code.device_code}
    pause = code.interval
    while clock() < code.expires_at:
        sleep(pause)
        try:
            status, answer = _post(server.token_url, {**_credentials(server), **wanted})
        except SignInError as error:
            if error.refused:
                raise
            pause += _SLOWER
            continue
        said = _text(answer, "error")
        if status == 200 and not said:
            return _grant(answer, "", clock())
        if said == "slow_down" or (status >= 500 and not said):
            pause += _SLOWER
        elif said != "authorization_pending":
            raise _refusal(answer, status)
    raise SignInError("Nobody entered the code in time. Run `mailbot login` again.", refused=True)


# ---------------------------------------------------------------------------- by a page that leads back (RFC 8252)


def request_page(server: AuthServer, redirect_uri: str, account: str) -> Request:
    """The address of the page on which a person agrees; `account` is the mailbox that is meant."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": server.client_id, "response_type": "code", "redirect_uri": redirect_uri, "scope": server.scope,
        "state": state, "code_challenge": challenge, "code_challenge_method": "S256", "login_hint": account,
        "access_type": "offline", "prompt": "consent",  # without these Google gives no refresh token
    }  # fmt: skip
    return Request(f"{server.authorize_url}?{urlencode(query)}", redirect_uri, state, verifier)


def exchange(server: AuthServer, request: Request, answered: Mapping[str, str], now: datetime) -> Grant:
    """The grant for what came back to us (the query of the address). Raises SignInError."""
    if not secrets.compare_digest(answered.get("state", "").encode(), request.state.encode()):
        raise SignInError("The answer belongs to another sign-in. Run `mailbot login` again.", refused=True)
    if "code" not in answered:
        raise _refusal(answered, 400)
    wanted = {
        "grant_type": "authorization_code", "code": answered["code"],
        "redirect_uri": request.redirect_uri, "code_verifier": request.verifier,
    }  # fmt: skip
    return _grant(_asked(server.token_url, {**_credentials(server), **wanted}), "", now)


# --------------------------------------------------------------------------------------------------- renewing it


def renew(server: AuthServer, refresh_token: str, now: datetime) -> Grant:
    """A new access token. Raises SignInError; `refused` where only a person can help."""
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": server.scope}
    return _grant(_asked(server.token_url, {**_credentials(server), **wanted}), refresh_token, now)


def _credentials(server: AuthServer) -> dict[str, str]:
    secret = {"client_secret": server.client_secret} if server.client_secret else {}
    return {"client_id": server.client_id, **secret}


def _grant(answer: Mapping[str, Any], refresh_token: str, now: datetime) -> Grant:
    access = _text(answer, "access_token")
    refresh = _text(answer, "refresh_token") or refresh_token  # RFC 6749 6: a new one replaces ours, none keeps it
    if not access or not refresh:
        raise SignInError("The provider gave no lasting sign-in (no refresh token).", refused=True)
    life = max(_seconds(answer, "expires_in", 3600), _SHORTEST_LIFE)
    return Grant(access, refresh, now + timedelta(seconds=life))


def _asked(url: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
    status, answer = _post(url, fields)
    if status != 200 or "error" in answer:
        raise _refusal(answer, status)
    return answer


def _refusal(answer: Mapping[str, Any], status: int) -> SignInError:
    code = _text(answer, "error")
    said = " ".join((_text(answer, "error_description") or code or f"status {status}").split())[:300]
    return SignInError(f"The provider refused the sign-in: {said}", refused=code in _GONE)


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def _seconds(answer: Mapping[str, Any], key: str, default: float) -> float:
    try:
        return min(max(float(answer.get(key, default)), 0.0), 90 * 86400.0)
    except (TypeError, ValueError):
        return default


def _post(url: str, fields: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
    """(status, JSON object) of a form that is sent: encrypted wherever it leaves this machine, and never redirected."""
    import http.client
    import urllib.error
    import urllib.request

    _check_secure(url)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: object) -> None:
            return None

    request = urllib.request.Request(url, urlencode(fields).encode(), {"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.build_opener(Stay()).open(request, timeout=TIMEOUT) as reply:
            return reply.status, _object(reply.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _object(error.read(_MOST_BYTES))
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise SignInError(f"{urlsplit(url).hostname} cannot be reached: {why}", refused=False) from error


def _check_secure(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise SignInError(f"{url} is not https: a sign-in is only sent encrypted.", refused=True)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
