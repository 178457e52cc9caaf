"""What machines report of our mails becomes events: bounces, delays, deliveries, read receipts, complaints.

A report counts for the mail that it names and for nothing else, and what it says of a recipient for that one: a mail
that was delivered to the client and not to somebody to whom it was passed on says nothing bad of the client's address.
What names none of ours, or our own blind copy, is shown to the owner where it tells of a failure.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.inbox.reports import DELIVERED
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, outgoing
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import JSON, Fate, Kind, Letter, Report

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
    fates = [Fate(report.recipient, report.original_recipient, report.action, report.class_, report.reason)]
    fates += report.others
    theirs = [fate for fate in fates if fate.recipient is None or not _is_ours(office, fate.recipient)]
    row = _reported_on(conn, office, report, theirs) if theirs else None
    stray = fates if row is None or row.client is None else [fate for fate in fates if fate not in theirs]
    if kind in (Kind.BOUNCE, Kind.COMPLAINT) and any(fate.action not in DELIVERED for fate in stray):
        about = {"recipient": stray[0].recipient, "reason": stray[0].reason, "diagnostic": report.diagnostic}
        ask(conn, office, "stray_report", f"stray/{letter_id}", about, now, letter=letter_id)
    if row is None or row.client is None:
        return
    if report.type == "mdn" and not _is_the_clients(conn, office, row.client, row, letter.from_address):
        return
    fate = _of_the_client(theirs, row.recipient)
    data: dict[str, JSON] = {
        "to": fate.recipient or row.recipient,
        "class": fate.class_,
        "reason": fate.reason,
        "action": fate.action,
        "outgoing": row.id,
        "invoices": list(row.invoices),
        "what": row.what,
        "lead": row.invoices[0] if row.invoices else None,
    }
    name = _event_name(report, kind, fate.action)
    happened(conn, office, name, letter_id, now, client=row.client, data=data, letter=letter_id)
    if name == "mail.bounced" and fate.class_ == "hard":
        clients.set_contact(conn, office.key, row.client, row.recipient, usable=False)
    refresh(conn, office, row.client, now)


def _of_the_client(fates: Sequence[Fate], address: str) -> Fate:
    """What became of a mail to `address`; of one that was only passed on by it, nothing is known for certain.

    A list that took the mail lives, whoever of its members did not get it.
    """
    mine = [fate for fate in fates if _is_about(fate, address)]
    if not mine:
        return replace(fates[0], class_="soft") if fates[0].class_ == "hard" else fates[0]
    found = next((fate for fate in mine if fate.action in DELIVERED), mine[0])
    return replace(found, recipient=address)


def _is_about(fate: Fate, address: str) -> bool:
    """Also where a server names the mailbox by a host of its own domain."""
    named = [one for one in (fate.recipient, fate.original_recipient) if one]
    local, _, domain = address.rpartition("@")
    for theirs, _, host in (one.rpartition("@") for one in named):
        if theirs == local and (host == domain or host.endswith(f".{domain}") or domain.endswith(f".{host}")):
            return True
    return not named


def _reported_on(conn: Connection, office: Office, report: Report, fates: Sequence[Fate]) -> Outgoing | None:
    """The mail that a report is about: by its Message-ID, which nobody can foretell, else by the name that it had on
    its envelope, which anybody can: there a recipient must be the mail's too.
    """
    row = None
    if report.original_message_id:
        row = outgoing.by_message_id(conn, office.key, report.original_message_id)
    envelope = _ENVELOPE.fullmatch(report.envelope_id or "")
    if row is None and envelope is not None:
        row = outgoing.find(conn, office.key, int(envelope[1]))
        named = {address for fate in fates for address in (fate.recipient, fate.original_recipient)}
        row = row if row is not None and row.recipient in named else None
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


def _event_name(report: Report, kind: Kind, action: str | None) -> str:
    if kind is Kind.COMPLAINT:
        return "mail.complained"
    if report.type == "mdn":
        return "mail.read" if report.action == "displayed" else "mail.delivered"
    if action == "delayed":
        return "mail.delayed"
    if action in DELIVERED:
        return "mail.delivered"
    return "mail.bounced"
