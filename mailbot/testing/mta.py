"""A small mail provider in one process: `python -m mailbot.testing.mta CONFIG`.

It takes mail on a loopback port, keeps every accepted mail as a file, delivers to the local mailboxes
(Maildirs that an IMAP server shows), vouches for authenticated senders in Authentication-Results, and files
what its users submit in their Sent folder, as Gmail and Exchange do. All of it is on disk before the 250.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import TypeAdapter

from mailbot.testing.maildirs import deliver, subfolder, write_synced
from mailbot.testing.provider import Faults, Provider
from mailbot.testing.reports import bounce_report

MAX_BYTES = 80_000_000
_FAULTS = TypeAdapter(Faults)


class Desk:
    """The handler that aiosmtpd calls for each step of a session."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.sink = Path(provider.sink)
        self.number = max((int(path.name[:6]) for path in self.sink.glob("*.eml")), default=0)
        self.seen: Counter[str] = Counter()
        self.faults = Faults()
        self.faults_written = 0

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login, password = data.login.decode().lower(), data.password.decode()
        if self.provider.accounts.get(login) != password:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=login)

    async def handle_RCPT(  # noqa: N802, the name is aiosmtpd's
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        faults = self._current_faults()
        if address in faults.refuse:
            return "550 5.1.1 No such user here"
        if address in faults.defer_once and not self.seen["rcpt " + address]:
            self.seen["rcpt " + address] += 1
            return "451 4.7.1 Please try again later"
        trusted = self.provider.for_all or session.auth_data is not None
        if not trusted and self.provider.mailbox(address) is None:
            return "550 5.7.1 Relaying denied: log in first"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        faults = self._current_faults()
        await asyncio.sleep(faults.dot_seconds)
        if self._happens("refuse_content", faults.refuse_content):
            return "554 5.7.1 Message refused by policy"
        if self._happens("drop_lost", faults.drop_lost):
            return _hang_up(server)
        number = self._take(session.auth_data, envelope, faults)
        if self._happens("drop_taken", faults.drop_taken):
            return _hang_up(server)
        return f"250 2.0.0 OK queued as {number:06d}"

    def _current_faults(self) -> Faults:
        path = Path(self.provider.faults)
        written = path.stat().st_mtime_ns if path.is_file() else 0
        if written != self.faults_written:
            self.faults = _FAULTS.validate_json(path.read_bytes())
            self.faults_written = written
            self.seen.clear()
        return self.faults

    def _happens(self, fault: str, times: int) -> bool:
        self.seen[fault] += 1
        return self.seen[fault] <= times

    def _take(self, user: str | None, envelope: Envelope, faults: Faults) -> int:
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        for recipient in envelope.rcpt_tos:
            self._keep(user, sender, recipient, raw)
            maildir = self.provider.mailbox(recipient)
            if maildir is not None:
                deliver(maildir, self._stamped(user, sender, recipient, raw))
            if recipient in faults.bounce:
                self._return(sender, recipient, raw)
        own = self.provider.mailbox(user) if user else None
        if own is not None:
            deliver(subfolder(own, "Sent"), raw, seen=True)
        return self.number

    def _keep(self, user: str | None, sender: str, recipient: str, raw: bytes) -> None:
        self.number += 1
        name = f"{self.number:06d}-{recipient.replace('/', '_')}"
        facts = {
            "number": self.number,
            "sender": sender,
            "recipient": recipient,
            "user": user,
            "at": datetime.now(UTC).isoformat(),
        }
        write_synced(self.sink / f"{name}.json", json.dumps(facts).encode())
        write_synced(self.sink / f"{name}.eml", raw)

    def _stamped(self, user: str | None, sender: str, recipient: str, raw: bytes) -> bytes:
        """The mail with what a receiving server puts on top; a result that claims our name is taken out."""
        found, own = (
            message_from_bytes(raw, policy=policy.compat32).get_all("From") or [],
            self.provider.authserv_id,
        )
        domain = parseaddr(str(found[0]))[1].rpartition("@")[2].lower() if len(found) == 1 else ""
        verdict = "pass" if user and domain and user.rpartition("@")[2] == domain else "none"
        top = (
            f"Return-Path: <{sender}>\r\n"
            f"Delivered-To: {recipient}\r\n"
            f"Authentication-Results: {own}; dmarc={verdict} header.from={domain or 'unknown'}\r\n"
            f"Received: from [127.0.0.1] by {own}; {format_datetime(datetime.now(UTC))}\r\n"
        )
        return top.encode() + without_results_of(own, raw)

    def _return(self, sender: str, recipient: str, raw: bytes) -> None:
        maildir = self.provider.mailbox(sender)
        if maildir is not None:
            report = bounce_report(self.provider.authserv_id, sender, recipient, raw)
            deliver(maildir, self._stamped(None, "", sender, report))


def without_results_of(authserv_id: str, raw: bytes) -> bytes:
    """The mail without the Authentication-Results headers that carry our name (RFC 8601 section 5)."""
    end = raw.find(b"\r\n\r\n")
    head, rest = (raw, b"") if end < 0 else (raw[: end + 2], raw[end + 2 :])
    kept: list[bytes] = []
    dropping = False
    for line in head.splitlines(keepends=True):
        if not line.startswith((b" ", b"\t")):
            name, _, value = line.partition(b":")
            claimed = value.split(b";")[0].split()
            dropping = name.strip().lower() == b"authentication-results" and (
                not claimed or claimed[0].lower() == authserv_id.lower().encode()
            )
        if not dropping:
            kept.append(line)
    return b"".join(kept) + rest


def _hang_up(server: SMTP) -> str:
    """Break the connection; the reply that aiosmtpd wants goes nowhere."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    return "421 4.3.0 Gone"


async def serve(provider: Provider) -> None:
    """Take mail until the process is ended."""
    desk = Desk(provider)
    context: ssl.SSLContext | None = None
    if provider.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(provider.certificate)

    def session() -> SMTP:
        return SMTP(
            desk,
            hostname=provider.authserv_id,
            data_size_limit=MAX_BYTES,
            auth_require_tls=False,
            authenticator=desk.authenticate,
            timeout=900,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", provider.port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(TypeAdapter(Provider).validate_json(Path(sys.argv[1]).read_bytes())))
