"""The whole path with one mail: outbox, worker, SMTP, mailbox, reader. Says "sent" only after the server's 250.

The mail goes from the bot to itself, at a plus address with a token, so that its arrival also proves that
answers to reminders will arrive. Other mails in the mailbox are left where they are.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from mailbot.app import App
from mailbot.doctor.finding import Finding, Severity
from mailbot.doctor.mailboxes import NO_EVIDENCE
from mailbot.errors import Locked, MailboxError
from mailbot.jobs.intake import Box
from mailbot.jobs.mailing import tell_owner
from mailbot.jobs.office import Office
from mailbot.ledger import letters, outgoing
from mailbot.ledger.letters import LetterInfo
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON
from mailbot.outbox.reconcile import SentFolder
from mailbot.settings import Business

SENT_SECONDS, ARRIVED_SECONDS, READ_SECONDS, EVIDENCE_SECONDS = 90.0, 120.0, 40.0, 20.0
_ON_ITS_WAY = ("queued", "claimed", "transmitting")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NO_PLUS = "write under mailbox: in mailbot.yaml: plus_addresses: false   (then try again)"
_NO_WORKER = "mailbot run worker   (or look at its log: it may be busy)"


def send_test(app: App, business: Business, seconds: float = ARRIVED_SECONDS) -> Iterator[Finding]:
    """Send a mail to the bot itself and wait for it; each step as it is done. Stops at the first that fails.

    `app` hands on to workers that run: in this process, or elsewhere on the same Redis.
    """
    office = app.office(business.key)
    with _mailbox(app, business) as box:
        seen = _waiting(box)
        row = _plan(office, app.now())
        app.enqueue("send", office.key, row.id)
        sent = _sent(office, row)
        yield sent
        if sent.severity is not Severity.OK:
            return
        letter = _arrived(app, office, row, box, seen, seconds)
        yield _arrival(office, row, letter, seconds)
        if letter is None or letter.state != "read":
            return
        yield _results(office, letter, app.now())
    yield _evidence(app, business, row)


@contextmanager
def _mailbox(app: App, business: Business) -> Iterator[Box | None]:
    """The mailbox, watched by us alone; None where a running bot watches it already."""
    role = f"watcher of {business.key}"
    try:
        app.take_singleton(role)
    except Locked:
        yield None
        return
    box = app.box(business)
    try:
        yield box
    finally:
        box.close()
        app.drop_singleton(role)


def _waiting(box: Box | None) -> set[tuple[int, int]]:
    """The mails that lie there already: none of them is fetched."""
    found: set[tuple[int, int]] = set()

    def note(_folder: str, uidvalidity: int, uid: int) -> bool:
        found.add((uidvalidity, uid))
        return True

    if box is not None:
        list(box.poll(note))
    return found


def _plan(office: Office, now: datetime) -> Outgoing:
    mailbox = office.business.mailbox
    to = mailbox.mail_address
    if mailbox.plus_addresses:
        to = office.tokens.reply_address(to, "reply", office.key, 0)
    said = {
        "fr": "Ce message a traversé la file d'envoi, le serveur d'envoi et la boîte de réception.",
        "en": "This mail went through the outbox, the sending server and the mailbox.",
    }[office.business.language]
    values: dict[str, JSON] = {"lines": [{"order": "mailbot doctor --send-test", "result": said}], "help": False}
    with writing(office.engine) as conn:
        (planned,) = tell_owner(
            conn, office, "transcript", f"doctor/{now.isoformat()}", values, now, to=(to,)
        )  # fmt: skip
        return outgoing.get(conn, office.key, planned)


def _sent(office: Office, row: Outgoing) -> Finding:
    """Wait for the server's answer; a mail that did not leave is taken back."""
    tried = f"send a mail to {row.recipient}, by outbox and worker"
    deadline = time.monotonic() + SENT_SECONDS
    now = _row(office, row.id)
    while now.state in _ON_ITS_WAY and now.smtp_reply is None and time.monotonic() < deadline:
        time.sleep(0.1)
        now = _row(office, row.id)
    if now.state == "sent":
        return Finding("send_test.sent", Severity.OK, tried, f"the server took it: {now.smtp_code} {now.smtp_reply}")
    with writing(office.engine) as conn:
        outgoing.cancel(conn, office.key, row.id, row.created_at, "the doctor's test ended")
    if now.smtp_reply is None:
        return Finding("send_test.sent", Severity.ERROR, tried, "no worker took it in time", _NO_WORKER)
    if now.state == "rejected" and "+" in row.recipient:
        return Finding("send_test.sent", Severity.ERROR, tried, now.smtp_reply, _NO_PLUS)
    return Finding("send_test.sent", Severity.ERROR, tried, now.smtp_reply, "mailbot doctor --only smtp")


def _row(office: Office, number: int) -> Outgoing:
    with reading(office.engine) as conn:
        return outgoing.get(conn, office.key, number)


def _arrived(
    app: App, office: Office, row: Outgoing, box: Box | None, seen: set[tuple[int, int]], seconds: float
) -> LetterInfo | None:
    """Fetch our mail, or let the running bot do it, and wait until it was read; None: it did not come."""
    deadline = time.monotonic() + seconds
    letter: str | None = None
    while time.monotonic() < deadline:
        found = _known(office, row, letter)
        if found is not None and found.read_at is not None:
            return found
        if box is None or letter is not None:
            time.sleep(0.2)
        elif (letter := _fetch(office, row, box, seen, app.now())) is not None:
            app.enqueue("read", office.key, letter)
            deadline = time.monotonic() + READ_SECONDS
        else:
            box.wait(min(3.0, max(0.1, deadline - time.monotonic())), threading.Event())
    return _known(office, row, letter)


def _known(office: Office, row: Outgoing, letter: str | None) -> LetterInfo | None:
    with reading(office.engine) as conn:
        if letter is not None:
            return letters.info(conn, office.key, letter)
        return letters.by_message_id(conn, office.key, row.message_id)


def _fetch(office: Office, row: Outgoing, box: Box, seen: set[tuple[int, int]], now: datetime) -> str | None:
    """Keep and file our own mail where it has come; whatever else came is left for the bot."""
    for fetched in box.poll(lambda _folder, uidvalidity, uid: (uidvalidity, uid) in seen):
        if fetched.raw is None or not _is_ours(fetched.raw, row.message_id):
            seen.add((fetched.uidvalidity, fetched.uid))
            continue
        with writing(office.engine) as conn:
            letter, _ = letters.keep(
                conn, office.key, fetched.raw, now,
                folder=fetched.folder, uidvalidity=fetched.uidvalidity, uid=fetched.uid,
            )  # fmt: skip
        box.file(fetched.uid, "processed")
        return letter
    return None


def _is_ours(raw: bytes, message_id: str) -> bool:
    head = _BLANK_LINE.split(raw, maxsplit=1)[0]
    return re.search(rb"(?im)^message-id:\s*" + re.escape(message_id.encode()), head) is not None


def _arrival(office: Office, row: Outgoing, letter: LetterInfo | None, seconds: float) -> Finding:
    tried = f"wait for it in {office.business.mailbox.mail_address} and read it"
    if letter is None:
        fix = _NO_PLUS if "+" in row.recipient else "look for it in the mailbox's junk folder"
        return Finding("send_test.arrived", Severity.ERROR, tried, f"it did not come in {seconds:.0f} s", fix)
    if letter.state != "read":
        found = f"it came, but was not read: {letter.why or 'no worker took it'}"
        return Finding("send_test.arrived", Severity.ERROR, tried, found, "mailbot doctor --only reader")
    plus = "; plus addresses work" if "+" in row.recipient else ""
    return Finding("send_test.arrived", Severity.OK, tried, f"it came and was read{plus}")


def _results(office: Office, letter: LetterInfo, now: datetime) -> Finding:
    """Whose Authentication-Results the receiving server put on top."""
    tried = "look for Authentication-Results on it"
    with reading(office.engine) as conn:
        raw = letters.raw(conn, office.key, letter.id)
    parsed, _ = office.sandbox.run("letter", raw, owners=[], authserv_id=None, today=office.day(now))
    headers = [value for name, value in parsed.headers if name == "authentication-results"]
    server = (headers[0].partition(";")[0].split() or [""])[0] if headers else ""
    pinned = office.business.mailbox.authserv_id
    if not server:
        found = "none: the receiving server proves nothing about mails of this mailbox to itself"
        return Finding("send_test.authserv_id", Severity.WARNING if pinned else Severity.INFO, tried, found)
    if pinned is None:
        fix = f"write under mailbox: in mailbot.yaml: authserv_id: {server}"
        return Finding("send_test.authserv_id", Severity.INFO, tried, f"{server} wrote them", fix)
    if pinned.lower() != server.lower():
        found = f"{server} wrote them, but mailbot.yaml pins {pinned}"
        fix = f"write under mailbox: in mailbot.yaml: authserv_id: {server}"
        return Finding("send_test.authserv_id", Severity.WARNING, tried, found, fix)
    return Finding("send_test.authserv_id", Severity.OK, tried, f"{server} wrote them, as pinned")


def _evidence(app: App, business: Business, row: Outgoing) -> Finding:
    """The copy by which a lost answer would be settled: without it a mail could leave twice."""
    tried = "look for a copy among the sent mails"
    evidence = app.evidence(business)
    if not isinstance(evidence, SentFolder):
        return Finding("send_test.evidence", Severity.INFO, tried, "not used: you are asked instead")
    try:
        deadline = time.monotonic() + EVIDENCE_SECONDS
        while not (there := evidence.find(row.message_id)) and time.monotonic() < deadline:
            time.sleep(1)
    except MailboxError as error:
        return Finding("send_test.evidence", Severity.ERROR, tried, str(error), NO_EVIDENCE)
    finally:
        with suppress(MailboxError):
            evidence.close()
    if there:
        return Finding("send_test.evidence", Severity.OK, tried, "it is there")
    found = "this server keeps no copy: mailbot puts one there, and after a lost answer you are asked"
    fix = "write under smtp: in mailbot.yaml: evidence: archive   (blind copies to look for, so that you are not asked)"
    return Finding("send_test.evidence", Severity.WARNING, tried, found, fix)
