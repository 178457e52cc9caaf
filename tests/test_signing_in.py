"""XOAUTH2 at real servers: a Dovecot that asks the provider about every token, and an SMTP server that does."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from house import MAILBOX, OWNER, USERS

from mailbot.errors import DeliveryError, MailboxError, SignInError
from mailbot.inbox.watch import ImapBox
from mailbot.oauth import Bearer, renew
from mailbot.outbox.reconcile import SentFolder
from mailbot.outbox.smtp import Mailer
from mailbot.testing.oauthd import OAuthProvider, oauth_provider
from mailbot.testing.processes import free_port
from mailbot.testing.servers import Dovecot, dovecot_server

GOOD = "a living token"
RAW = b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\nhello\r\n"


@dataclass
class Place:
    """A provider with a mailbox that knows its tokens."""

    provider: OAuthProvider
    dovecot: Dovecot

    @property
    def url(self) -> str:
        return self.dovecot.url(MAILBOX)


@pytest.fixture(scope="module")
def place(require: Callable[[object], Any]) -> Iterator[Place]:
    with oauth_provider(MAILBOX) as provider:
        provider.access_tokens.add(GOOD)
        introspection = f"http://127.0.0.1:{provider.port}/introspect"
        yield Place(provider, require(dovecot_server(USERS, introspection=introspection)))


@pytest.mark.system
def test_a_mailbox_is_read_and_searched_with_a_token_instead_of_a_password(place: Place) -> None:
    with closing(ImapBox(place.url, Bearer(lambda: GOOD))) as box:
        assert any(MAILBOX in fact for fact in box.check())
    with closing(SentFolder(place.url, Bearer(lambda: GOOD))) as sent:
        assert sent.check() == "Sent"
        assert not sent.find("<nowhere@b.example>")


@pytest.mark.system
def test_every_new_connection_gets_the_token_of_its_moment(place: Place) -> None:
    place.provider.refresh_tokens.add("lasting")
    renewed: list[str] = []

    def token() -> str:
        grant = renew(place.provider.server(), "lasting", datetime.now(UTC))
        renewed.append(grant.access_token)
        return grant.access_token

    box = ImapBox(place.url, Bearer(token))
    with closing(box):
        box.check()
        box.check()
        box.close()
        box.check()

    assert len(set(renewed)) == 2


@pytest.mark.system
def test_a_dead_token_and_another_account_are_refused_in_one_sentence(place: Place) -> None:
    told: list[str] = []
    with pytest.raises(MailboxError, match="mailbot login") as dead:
        ImapBox(place.url, Bearer(lambda: "revoked", told.append)).check()
    with pytest.raises(MailboxError, match="another account") as other:
        ImapBox(place.dovecot.url(OWNER), Bearer(lambda: GOOD)).check()

    assert dead.value.login
    assert other.value.login
    assert "revoked" not in str(dead.value)
    assert told == ["revoked"], "so that the next one is another"


@pytest.mark.system
def test_passwords_still_work_beside_it(place: Place) -> None:
    with closing(ImapBox(place.url, USERS[MAILBOX])) as box:
        assert box.check()


@pytest.mark.parametrize("refused", [True, False])
def test_a_sign_in_that_cannot_be_renewed_keeps_mails_waiting(refused: bool) -> None:
    def token() -> str:
        raise SignInError("the provider says no", refused=refused)

    with smtp_server() as port, pytest.raises(DeliveryError, match="the provider says no") as waits:
        asyncio.run(Mailer(f"smtp://me@127.0.0.1:{port}", Bearer(token)).check())

    assert waits.value.temporary


@pytest.mark.system
@pytest.mark.parametrize("refused", [True, False])
def test_only_a_refused_sign_in_is_a_matter_for_a_person(place: Place, refused: bool) -> None:
    def token() -> str:
        raise SignInError("the provider says no", refused=refused)

    with pytest.raises(MailboxError, match="the provider says no") as said:
        ImapBox(place.url, Bearer(token)).check()

    assert said.value.login is refused


class Desk:
    """Takes mail from whoever shows a good token."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802, aiosmtpd's name
        sent = await server.challenge_auth("") if len(args) == 1 else b64decode(args[1])
        user, _, token = bytes(sent).removeprefix(b"user=").partition(b"\x01auth=Bearer ")  # type: ignore[arg-type]
        if token == GOOD.encode() + b"\x01\x01":
            return AuthResult(success=True, auth_data=user.decode())
        await server.challenge_auth('{"status":"401","schemes":"bearer"}')  # answered with an empty line
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.taken.append((str(session.auth_data), envelope.original_content))
        return "250 2.0.0 taken"


class smtp_server:  # noqa: N801, a context manager
    """aiosmtpd that knows XOAUTH2 only."""

    def __init__(self) -> None:
        self.desk, self.port = Desk(), free_port()

    def __enter__(self) -> int:
        self.controller = Controller(
            self.desk, hostname="127.0.0.1", port=self.port, auth_require_tls=False,
            auth_exclude_mechanism=["PLAIN", "LOGIN"],
        )  # fmt: skip
        self.controller.start()
        return self.port

    def __exit__(self, *_args: object) -> None:
        self.controller.stop()


async def allowed() -> None:
    """The last look says yes."""


def test_a_mail_leaves_with_a_token_instead_of_a_password() -> None:
    server = smtp_server()
    with server as port:
        mailer = Mailer(f"smtp://{MAILBOX.replace('@', '%40')}@127.0.0.1:{port}", Bearer(lambda: GOOD))

        async def send() -> None:
            await mailer.transmit(MAILBOX, "client@c.example", RAW, "mb-1", allowed)
            await mailer.close()

        asyncio.run(send())

    assert server.desk.taken == [(MAILBOX, RAW)]


def test_a_dead_token_keeps_the_mail_waiting_and_is_not_shown() -> None:
    told: list[str] = []
    with smtp_server() as port, pytest.raises(DeliveryError, match="refused the login") as refused:
        asyncio.run(Mailer(f"smtp://me@127.0.0.1:{port}", Bearer(lambda: "dead token", told.append)).check())

    assert told == ["dead token"]
    assert refused.value.temporary
    assert refused.value.code == 535
    assert "dead token" not in str(refused.value)
