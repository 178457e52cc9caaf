"""Signing in without a password, against a provider on loopback that keeps the rules of the RFCs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from mailbot.errors import SignInError
from mailbot.oauth import (
    DeviceCode,
    Grant,
    exchange,
    google,
    microsoft,
    renew,
    request_code,
    request_page,
    wait_for_person,
    xoauth2,
)
from mailbot.sealing import Seal
from mailbot.testing.oauthd import OAuthProvider, oauth_provider

BOX = "factures@atelier-martin.example"
NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
BACK = "http://127.0.0.1:1/"


@pytest.fixture
def provider() -> Iterator[OAuthProvider]:
    with oauth_provider(BOX) as server:
        yield server


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now, self.slept = NOW, list[float]()

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=max(seconds, 1))


def by_code(provider: OAuthProvider, clock: Clock) -> Grant:
    code = request_code(provider.server(), clock())
    assert (code.user_code, urlsplit(code.page).path) == ("ABCD-EFGH", "/device")
    return wait_for_person(provider.server(), code, clock, clock.sleep)


def test_a_code_is_asked_about_until_the_person_has_agreed(provider: OAuthProvider) -> None:
    provider.agrees_after = 3

    grant = by_code(provider, clock := Clock())

    assert len(clock.slept) == 4
    assert grant.access_token in provider.access_tokens
    assert grant.refresh_token in provider.refresh_tokens
    assert grant.expires_at == clock() + timedelta(seconds=3600)


def test_a_provider_that_wants_us_slower_is_asked_more_slowly(provider: OAuthProvider) -> None:
    provider.says, clock = "slow_down", Clock()

    with pytest.raises(SignInError, match="Nobody entered the code"):
        by_code(provider, clock)

    assert clock.slept == [0, 5, 10, 15]


@pytest.mark.parametrize("answer", ["access_denied", "expired_token"])
def test_a_person_who_refuses_ends_the_waiting(provider: OAuthProvider, answer: str) -> None:
    provider.says = answer

    with pytest.raises(SignInError, match=answer) as refused:
        by_code(provider, Clock())

    assert refused.value.refused


def test_a_page_leads_back_with_a_code_that_only_we_can_use(provider: OAuthProvider) -> None:
    begun = request_page(provider.server(), BACK, BOX)
    answered = dict(parse_qsl(urlsplit(provider.agree(begun.url)).query))

    with pytest.raises(SignInError):
        exchange(provider.server(), replace(begun, verifier="of somebody else"), answered, NOW)
    grant = exchange(provider.server(), begun, dict(parse_qsl(urlsplit(provider.agree(begun.url)).query)), NOW)

    assert grant.refresh_token in provider.refresh_tokens
    with pytest.raises(SignInError, match="invalid_grant"):
        exchange(provider.server(), begun, answered, NOW)


def test_an_answer_to_another_request_is_refused_before_anything_is_asked(provider: OAuthProvider) -> None:
    begun = request_page(provider.server(), BACK, BOX)

    for answered in ({"code": "x"}, {"code": "x", "state": "é"}, {}):
        with pytest.raises(SignInError, match="another sign-in"):
            exchange(provider.server(), begun, answered, NOW)
    with pytest.raises(SignInError, match="access_denied") as refused:
        exchange(provider.server(), begun, {"error": "access_denied", "state": begun.state}, NOW)

    assert refused.value.refused
    assert provider.asked == []


def test_a_refresh_token_is_kept_until_the_provider_gives_another(provider: OAuthProvider) -> None:
    first = by_code(provider, Clock())

    same = renew(provider.server(), first.refresh_token, NOW)
    provider.rotates = True
    other = renew(provider.server(), first.refresh_token, NOW)

    assert same.refresh_token == first.refresh_token
    assert len({first.access_token, same.access_token, other.access_token}) == 3
    assert other.refresh_token != first.refresh_token
    with pytest.raises(SignInError, match="revoked") as refused:
        renew(provider.server(), first.refresh_token, NOW)
    assert refused.value.refused


def test_a_provider_that_is_down_is_no_refusal(provider: OAuthProvider) -> None:
    provider.broken = True
    with pytest.raises(SignInError, match="503") as down:
        renew(provider.server(), "token", NOW)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gone = replace(provider.server(), token_url=f"http://127.0.0.1:{probe.getsockname()[1]}/token")
    with pytest.raises(SignInError, match="cannot be reached") as nobody:
        renew(gone, "token", NOW)

    assert not down.value.refused
    assert not nobody.value.refused


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """The address of a server that says these bytes to one request."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/token"
        thread.join(10)


@pytest.mark.parametrize(
    "raw",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 200_000,
        b"HTTP/1.1 200 OK\r\n\r\n[1]",
        b"",
    ],
)
def test_whatever_answers_in_the_providers_place_is_a_sign_in_that_failed(provider: OAuthProvider, raw: bytes) -> None:
    with answering(raw) as url, pytest.raises(SignInError):
        renew(replace(provider.server(), token_url=url), "token", NOW)


def test_a_provider_that_stumbles_while_a_person_signs_in_is_asked_again(provider: OAuthProvider) -> None:
    clock, code = Clock(), request_code(provider.server(), NOW)
    provider.broken = True

    def mended(seconds: float) -> None:
        clock.sleep(seconds)
        provider.broken = len(clock.slept) < 3

    provider.agrees_after = 0
    grant = wait_for_person(provider.server(), code, clock, mended)

    assert grant.access_token in provider.access_tokens
    assert clock.slept == [0, 5, 10]


@pytest.mark.parametrize("url", ["http://login.example/token", "ftp://login.example/token", "file:///etc/passwd", ""])
def test_a_secret_is_never_sent_unencrypted(url: str) -> None:
    with pytest.raises(SignInError, match="not https"):
        renew(replace(google("id", "secret"), token_url=url), "token", NOW)


def test_the_providers_are_asked_for_mail_and_for_a_lasting_sign_in() -> None:
    ours = microsoft("id", tenant="atelier.example")
    page = dict(parse_qsl(urlsplit(request_page(google("id", "secret"), BACK, BOX).url).query))

    assert ours.device_url == "https://login.microsoftonline.com/atelier.example/oauth2/v2.0/devicecode"
    assert "offline_access" in ours.scope.split()
    assert (page["scope"], page["access_type"], page["login_hint"]) == ("https://mail.google.com/", "offline", BOX)
    assert page["code_challenge_method"] == "S256"
    assert google("id", "secret").device_url == ""


def test_what_logs_in_is_written_as_the_providers_want_it() -> None:
    """The example of Google's and Microsoft's pages."""
    assert xoauth2("someuser@example.com", "ya29.token") == (
        b"user=someuser@example.com\x01auth=Bearer ya29.token\x01\x01"
    )


def test_no_secret_is_shown_when_a_value_is_printed(provider: OAuthProvider) -> None:
    grant = by_code(provider, Clock())
    code = DeviceCode("ABCD", "https://page.example", "secret-device-code", 5, NOW)
    shown = f"{grant} {code} {google('id', 'client-secret')} {request_page(provider.server(), BACK, BOX)!r}"

    for secret in (grant.access_token, grant.refresh_token, "secret-device-code", "client-secret"):
        assert secret not in shown


def test_what_is_sealed_is_read_with_the_same_key_only() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.close("refresh-token é")

    assert seal.open(sealed) == "refresh-token é"
    assert "refresh" not in sealed
    assert sealed != seal.close("refresh-token é")
    assert Seal(b"o" * 32).open(sealed) is None
    for damaged in ("", "é", sealed[:-5], sealed[:20] + "AAAA" + sealed[24:]):
        assert seal.open(damaged) is None


def test_a_fingerprint_tells_keys_apart_and_is_the_same_for_ever() -> None:
    assert Seal(b"k" * 32).fingerprint() == Seal(b"k" * 32).fingerprint() != Seal(b"o" * 32).fingerprint()
    assert len(Seal(b"k" * 32).fingerprint()) == 16
