"""Read one kept letter in a bounded child process and let its facts take effect, in one transaction."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from email.utils import getaddresses

from sqlalchemy import Connection

from mailbot.errors import ReaderError
from mailbot.inbox.threads import Known, thread_of
from mailbot.invoices.kinds import is_of_a_signature, kind_of
from mailbot.jobs import answering, banking, echoing, invoicing, learning, opinions, ordering, replies, vouching
from mailbot.jobs.invoicing import Documents
from mailbot.jobs.mailing import ask, mail_question
from mailbot.jobs.office import Office, plain
from mailbot.ledger import clients, invoices, leases, letters, outgoing, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import Attachment, Kind, Letter, Problem, Reading, Statement, Thread
from mailbot.outbox.tokens import Token
from mailbot.owner.problems import problem_words

_TRIES = 3
_MOST_ANSWERED = 5
TOKEN_LIFE = timedelta(days=14)
"""So long an answer to a mail of ours shows who got it, like the token in its address."""

_INVOICES = (".pdf", ".xml")
_PASSED_BY = frozenset({"to", "delivered-to", "x-forwarded-for", "x-original-to", "resent-from"})
"""Headers that name the mailbox by which a rule passed a mail on."""

Statements = list[tuple[str, bytes, Statement | Problem]]
"""(file name, bytes, what it says)"""


def read(office: Office, letter_id: str, now: datetime, reader: str = "reader") -> None:
    """Understand a letter and act on it; a letter that was read before is left alone.

    A business's letters are read in the order in which they came: "pause" and "resume" mean something else the
    other way round. One whose turn has not come is left; whoever reads the one before it hands it on.
    What cannot be read is kept and shown to the owner: too big, too slow, or it killed its reader three times.

    `reader` is a name that no other worker has: while one reads, the hints that the clock goes on giving count no
    tries. One who takes longer than a lease may be dead, and is followed by another.
    """
    with writing(office.engine) as conn:
        if letters.next_unread(conn, office.key) != letter_id:
            return
        if not leases.take(conn, _place(office), reader, now, office.limits.lease_seconds):
            return
        tries = letters.begin_reading(conn, office.key, letter_id)
        raw = letters.raw(conn, office.key, letter_id)
    try:
        following = _read(office, letter_id, raw, tries, now)
    finally:
        with writing(office.engine) as conn:
            leases.drop(conn, _place(office), reader)
    if following is not None and following != letter_id:
        office.enqueue("read", office.key, following)


def _place(office: Office) -> str:
    return f"reader of {office.key}"


def _read(office: Office, letter_id: str, raw: bytes, tries: int, now: datetime) -> str | None:
    """Read what was taken up; the letter whose turn is next."""
    try:
        _refuse_hopeless(office, raw, tries)
        letter, found = _parse(office, raw, now)
        found = opinions.considered(office, letter, _as_copy(office, letter_id, found))
        documents, statements = _enclosed(office, raw, letter, found)
    except ReaderError as error:
        with writing(office.engine) as conn:
            if not _was_read(conn, office, letter_id):
                _keep_unread(conn, office, letter_id, error, now)
            return letters.next_unread(conn, office.key)
    with writing(office.engine) as conn:
        # Where another worker was faster, what came after this letter may have been read by now.
        if not _was_read(conn, office, letter_id):
            client = _effects(conn, office, letter_id, letter, found, documents, statements, now)
            letters.mark_read(
                conn, office.key, letter_id,
                kind=found.kind.value, reading=plain(found), sender=letter.from_address, subject=letter.subject,
                message_id=letter.message_id, client=client, at=now,
            )  # fmt: skip
        return letters.next_unread(conn, office.key)


def _as_copy(office: Office, letter_id: str, found: Reading) -> Reading:
    with reading(office.engine) as conn:
        vouched = _vouched_copy(conn, office, letter_id)
    return replace(found, kind=Kind.INVOICE, new_text="", orders=(), unknown_lines=()) if vouched else found


def _keep_unread(conn: Connection, office: Office, letter_id: str, error: ReaderError, now: datetime) -> None:
    """A letter that cannot be read stays as it came, and the owner is shown that there is one."""
    letters.unreadable(conn, office.key, letter_id, str(error), now)
    about = {"why": problem_words(error.code, str(error), office.business.language), "code": error.code}
    ask(conn, office, "unreadable", f"unreadable/{letter_id}", about, now, letter=letter_id)


def _was_read(conn: Connection, office: Office, letter_id: str) -> bool:
    info = letters.info(conn, office.key, letter_id)
    return info is None or info.read_at is not None


def _refuse_hopeless(office: Office, raw: bytes, tries: int) -> None:
    """A mail that killed its reader again and again, or is too big to be read, is the owner's to look at."""
    if tries > _TRIES:
        raise ReaderError("died", "This mail stopped its reader several times.")
    limit = office.limits.read_bytes
    if len(raw) > limit:
        size, most = len(raw) // 1_000_000, limit // 1_000_000
        french = f"il pèse {size} Mo ; au plus {most} Mo sont lus."
        english = f"it has {size} MB; at most {most} MB are read."
        raise ReaderError("mail_too_big", french if office.business.language == "fr" else english)


def known_to(conn: Connection, office: Office) -> Known:
    """What the ledger knows, as lookups for `thread_of`."""

    def of_outgoing(number: int) -> tuple[int, tuple[str, ...]] | None:
        row = outgoing.find(conn, office.key, number)
        return None if row is None or row.client is None else (row.client, row.invoices)

    def by_message_id(message_id: str) -> int | None:
        row = outgoing.by_message_id(conn, office.key, message_id)
        return None if row is None else row.id

    return Known(
        token=lambda address: _token(office, address, "reply"),
        by_message_id=by_message_id,
        outgoing_client=of_outgoing,
        invoices=lambda numbers: invoices.among(conn, office.key, numbers),
        contact=lambda address: clients.at_address(conn, office.key, address),
        company=lambda domain: clients.at_domain(conn, office.key, domain),
    )


def by_an_owner(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading, now: datetime
) -> bool:
    """The mail comes from an owner for certain: the receiving server says so, or it answers a mail that only
    the owner got (a token of at most 14 days in the address), where no receiving server is pinned."""
    if letter.from_address.lower() not in office.business.owners:
        return False
    if office.business.mailbox.authserv_id is not None:
        return (found.authentic is True and vouching.vouches(conn, office)) or _vouched(conn, office, letter_id)
    return _vouched(conn, office, letter_id) or _has_token(office, letter, now)


def _has_token(office: Office, letter: Letter, now: datetime) -> bool:
    return any(token.alive(office.day(now)) for token in _owner_tokens(office, letter))


def _owner_tokens(office: Office, letter: Letter) -> list[Token]:
    """The genuine tokens of owners' mails in the addresses and the subject, of whatever day."""
    given = [office.tokens.read(address, office.key) for address in letter.to]
    given.append(office.tokens.in_subject(letter.subject, office.key))
    return [token for token in given if token is not None and token.purpose in ("owner", "question")]


def _vouched(conn: Connection, office: Office, letter_id: str) -> bool:
    """The owner answered the bot's question about this mail: it was mine."""
    asked = questions.by_dedupe_key(conn, office.key, f"unproven/{letter_id}")
    return asked is not None and asked.choice in answering.YES


def _token(office: Office, address: str, purpose: str) -> int | None:
    found = office.tokens.read(address, office.key)
    return found.id if found is not None and found.purpose == purpose else None


def _parse(office: Office, raw: bytes, now: datetime) -> tuple[Letter, Reading]:
    result: tuple[Letter, Reading] = office.sandbox.run(
        "letter", raw,
        owners=list(office.business.owners), authserv_id=office.business.mailbox.authserv_id, today=office.day(now),
        own_words=office.lexicon,
    )  # fmt: skip
    return result


def _enclosed(office: Office, raw: bytes, letter: Letter, found: Reading) -> tuple[Documents, Statements]:
    documents: Documents = []
    statements: Statements = []
    if found.kind is Kind.INVOICE:
        ours = office.business
        own = {"name": ours.name, "vat": ours.vat, "siren": ours.siren, "iban": ours.iban}
        documents = office.sandbox.run("enclosed", raw, own=own, lessons=learning.lessons(office))
    if found.kind is Kind.BANK_FEED:
        for attachment in _attachments(letter):
            read = office.sandbox.run("statement", attachment.content, name=attachment.name)
            statements.append((attachment.name, attachment.content, read))
    return documents, statements


def _attachments(letter: Letter) -> Iterator[Attachment]:
    yield from letter.attachments
    for enclosed in letter.enclosed:
        yield from _attachments(enclosed)


def _effects(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading,
    documents: Documents, statements: Statements, now: datetime,
) -> int | None:  # fmt: skip
    if outgoing.by_message_id(conn, office.key, letter.message_id) is not None:
        return None  # our own mail, come back: reading it as an order or a reply would answer ourselves
    claims_owner = letter.from_address.lower() in office.business.owners
    if claims_owner and found.kind in (Kind.ORDER, Kind.INVOICE, Kind.BANK_FEED, Kind.REPLY, Kind.UNRELATED):
        if not by_an_owner(conn, office, letter_id, letter, found, now):
            about = {"from": letter.from_address, "subject": letter.subject[:200]}
            number = ask(conn, office, "unproven_owner", f"unproven/{letter_id}", about, now, letter=letter_id)
            # At once, so that a forwarded invoice does not wait; once a day, so that a forger cannot flood the owner.
            mail_question(conn, office, number, f"unproven/{office.day(now).isoformat()}", now)
            return None
        _owners_mail(conn, office, letter_id, letter, found, documents, statements, now)
        return None
    if _vouched_copy(conn, office, letter_id):
        _owners_mail(conn, office, letter_id, letter, found, documents, statements, now)
        return None
    thread: Thread = thread_of(letter, found, known_to(conn, office))
    if thread.client is None and _may_be_a_copy(office, letter, found):
        _ask_about_copy(conn, office, letter_id, letter, now)
        return None
    replies.take(conn, office, letter_id, letter, found, thread, now)
    return thread.client


def _may_be_a_copy(office: Office, letter: Letter, found: Reading) -> bool:
    """Whether a stranger's mail carries an invoice and may be the copy of an invoicing tool.

    It came by the owner's own mailbox, or it is a person's mail by its looks.
    """
    if found.report is not None or not any(one.name.lower().endswith(_INVOICES) for one in _attachments(letter)):
        return False
    passed = " ".join(value for name, value in letter.headers if name in _PASSED_BY).lower()
    by_owner = any(owner in passed for owner in office.business.owners)
    return by_owner or (found.kind is Kind.REPLY and not letter.in_reply_to)


def _ask_about_copy(conn: Connection, office: Office, letter_id: str, letter: Letter, now: datetime) -> None:
    names = [one.name for one in _attachments(letter) if one.name.lower().endswith(_INVOICES)]
    about = {"from": letter.from_address, "subject": letter.subject[:200], "names": names[:_MOST_ANSWERED]}
    number = ask(conn, office, "tool_copy", f"tool_copy/{letter_id}", about, now, letter=letter_id)
    # At once, so that the invoice does not wait; once a day, so that a stranger cannot flood the owner.
    mail_question(conn, office, number, f"tool_copy/{office.day(now).isoformat()}", now)


def _vouched_copy(conn: Connection, office: Office, letter_id: str) -> bool:
    """The owner said that a stranger's mail is the copy of an invoice of the business."""
    asked = questions.by_dedupe_key(conn, office.key, f"tool_copy/{letter_id}")
    return asked is not None and asked.choice in answering.YES


def _is_to_the_bot(letter: Letter, box: str) -> bool:
    local, _, host = box.partition("@")
    written = [value for name, value in letter.headers if name == "to"]
    addresses = [address.lower() for _, address in getaddresses(written)]
    return not addresses or any(
        one.partition("@")[2] == host and one.partition("@")[0].partition("+")[0] == local for one in addresses
    )


def _owners_mail(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading,
    documents: Documents, statements: Statements, now: datetime,
) -> None:  # fmt: skip
    if found.kind is Kind.ORDER and not _is_to_the_bot(letter, office.business.mailbox.mail_address):
        return  # the owner's own mail to somebody, with the bot in copy: words to a client are no orders
    if found.kind is Kind.INVOICE or _only_carries_a_file(letter, found):
        invoicing.take_documents(conn, office, letter_id, letter, found, documents, now)
    elif found.kind is Kind.BANK_FEED:
        banking.take_mailed(
            conn, office, letter_id, letter.subject, letter.message_id, letter.from_address, statements, now
        )
    else:
        asked = [number for address in letter.to if (number := _token(office, address, "question")) is not None]
        written = ordering.Written(
            letter_id, letter.from_address, asked[0] if asked else None, _answered(conn, office, letter, now),
            proved=_got_our_mail(conn, office, letter, now), seen_at=_seen_at(conn, office, letter),
        )  # fmt: skip
        own = echoing.own_words(conn, office, written.answers, letter, found, now)
        ordering.obey(conn, office, written, own, now)


def _only_carries_a_file(letter: Letter, found: Reading) -> bool:
    """A picture, text or sheet that comes with no order and answers nothing was sent to be entered: a word on it."""
    if found.kind is not Kind.ORDER or found.orders or letter.in_reply_to:
        return False
    return any(kind_of(one.name) and not is_of_a_signature(one.name, len(one.content)) for one in _attachments(letter))


def _answered(conn: Connection, office: Office, letter: Letter, now: datetime) -> str:
    """The Message-ID of the owner's mail of ours that this one answers; "" where it answers none of the last days."""
    for message_id in letter.in_reply_to[:_MOST_ANSWERED]:
        row = outgoing.by_message_id(conn, office.key, message_id)
        if row is not None and row.kind == "owner" and now - row.created_at <= TOKEN_LIFE:
            return message_id
    return ""


def _seen_at(conn: Connection, office: Office, letter: Letter) -> datetime | None:
    """Until when at most the writer can know of questions: when the mail was planned that this one answers, however
    long ago; of one that only a button's address names, the end of that day. None where it answers nothing of ours."""
    rows = (outgoing.by_message_id(conn, office.key, one) for one in letter.in_reply_to[:_MOST_ANSWERED])
    if planned := [row.created_at for row in rows if row is not None and row.kind == "owner"]:
        return max(planned)
    days = [token.day for token in _owner_tokens(office, letter) if token.day is not None]
    return datetime.combine(max(days) + timedelta(days=1), time.min, office.business.zone) if days else None


def _got_our_mail(conn: Connection, office: Office, letter: Letter, now: datetime) -> bool:
    """The mail shows what only an owner was sent: a token that lives, or the Message-ID, which nobody can foretell."""
    return _has_token(office, letter, now) or _answered(conn, office, letter, now) != ""
