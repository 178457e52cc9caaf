"""What machines report of our mails becomes events: bounces, delays, deliveries, read receipts, complaints.

A report counts for the mail that it names and for nothing else. What names none of ours, or only our own blind copy, is
shown to the owner where it tells of a failure.
"""

import re
from datetime import datetime

from sqlalchemy import Connection

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, outgoing
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import JSON, Kind, Letter, Report

_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})
"""Feedback that says the opposite (RFC 6430), or is about DKIM and SPF (RFC 6591)."""
_ENVELOPE = re.compile(r"mb-(\d{1,15})")
"""What `jobs.sending` calls a mail on its envelope."""


def take(
    conn: Connection, office: Office, letter_id: str, letter: Letter, report: Report, kind: Kind, now: datetime
) -> None:
    """Record what `report`, which is what `letter` says, tells of a mail of ours."""
    if kind is Kind.COMPLAINT and (report.diagnostic or "").lower() in _NO_COMPLAINTS:
        return
    row = _reported_on(conn, office, report)
    if row is None or row.client is None:
        about = {"recipient": report.recipient, "reason": report.reason, "diagnostic": report.diagnostic}
        if kind in (Kind.BOUNCE, Kind.COMPLAINT):
            ask(conn, office, "stray_report", f"stray/{letter_id}", about, now, letter=letter_id)
        return
    if report.type == "mdn" and not _is_the_clients(conn, office, row.client, row, letter.from_address):
        return
    data: dict[str, JSON] = {
        "to": report.recipient or row.recipient,
        "class": report.class_,
        "reason": report.reason,
        "action": report.action,
        "outgoing": row.id,
        "invoices": list(row.invoices),
        "what": row.what,
        "lead": row.invoices[0] if row.invoices else None,
    }
    name = _event_name(report, kind)
    happened(conn, office, name, letter_id, now, client=row.client, data=data, letter=letter_id)
    if kind is Kind.BOUNCE and report.class_ == "hard" and report.action != "delayed":
        clients.set_contact(conn, office.key, row.client, row.recipient, usable=False)
    refresh(conn, office, row.client, now)


def _reported_on(conn: Connection, office: Office, report: Report) -> Outgoing | None:
    """The mail that a report is about: by its Message-ID, which nobody can foretell, else by the name that it had on
    its envelope, which anybody can: there the recipient must be the mail's too.

    None also where only our own blind copy was not delivered: that says nothing about the client's address.
    """
    if report.recipient is not None and _is_ours(office, report.recipient):
        return None
    row = None
    if report.original_message_id:
        row = outgoing.by_message_id(conn, office.key, report.original_message_id)
    named = _ENVELOPE.fullmatch(report.envelope_id or "")
    if row is None and named is not None:
        row = outgoing.find(conn, office.key, int(named[1]))
        row = row if row is not None and row.recipient in (report.recipient, report.original_recipient) else None
    return row


def _is_ours(office: Office, address: str) -> bool:
    """The bot's own address, also with something after a plus sign, or where its blind copies go."""
    local, _, host = address.partition("@")
    return address == office.business.smtp.archive or (
        f"{local.partition('+')[0]}@{host}" == office.business.mailbox.mail_address
    )


def _is_the_clients(conn: Connection, office: Office, client: int, row: Outgoing, address: str) -> bool:
    """Whether a read receipt comes from the client: a stranger to whom the mail was passed on read it for himself."""
    domain = address.rpartition("@")[2]
    if address == row.recipient or client in clients.at_address(conn, office.key, address):
        return True
    return domain not in FREE_MAIL and client in clients.at_domain(conn, office.key, domain)


def _event_name(report: Report, kind: Kind) -> str:
    if kind is Kind.COMPLAINT:
        return "mail.complained"
    if report.type == "mdn":
        return "mail.read" if report.action == "displayed" else "mail.delivered"
    if report.action == "delayed":
        return "mail.delayed"
    if report.action in ("delivered", "relayed", "expanded"):
        return "mail.delivered"
    return "mail.bounced"
