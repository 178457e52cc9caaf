"""Checks of the mail servers, with the same adapters that the bot uses."""

import asyncio
from urllib.parse import urlsplit

from mailbot.app import App
from mailbot.doctor.finding import Finding, Severity
from mailbot.doctor.providers import by_host
from mailbot.errors import DeliveryError, MailbotError, MailboxError, SettingsError
from mailbot.jobs.vouching import Stamped, stamped
from mailbot.ledger import bank
from mailbot.ledger.store import reading
from mailbot.outbox.reconcile import SentFolder
from mailbot.outbox.smtp import Mailer, Timeouts
from mailbot.rules.guards import bank_is_stale
from mailbot.settings import Business, Mailbox, Smtp


def imap(app: App, business: Business) -> Finding:
    """The mailbox lets us in, has the folder, and says how news come and mails are filed."""
    mailbox = business.mailbox
    tried = f"log in at {_place(mailbox.imap)}" if mailbox.imap else f"look into {mailbox.maildir}"
    try:
        box = app.box(business)
        try:
            facts = box.check()
        finally:
            box.close()
    except MailboxError as error:
        fix = _login_fix(business, mailbox, mailbox.imap) if error.login else _place_fix("mailbox")
        return Finding("imap", Severity.ERROR, tried, str(error), fix)
    except SettingsError as error:
        return Finding("imap", Severity.SKIPPED, tried, error.problems[0])
    return Finding("imap", Severity.OK, tried, "; ".join(facts))


def smtp(app: App, business: Business) -> Finding:
    """The server that mails leave by lets us in."""
    tried = f"log in at {_place(business.smtp.url)}"
    try:
        asyncio.run(_log_in(app, business))
    except DeliveryError as error:
        refused = error.code is not None
        fix = _login_fix(business, business.smtp, business.smtp.url) if refused else _place_fix("smtp")
        return Finding("smtp", Severity.ERROR, tried, str(error), fix)
    except SettingsError as error:
        return Finding("smtp", Severity.ERROR, tried, error.problems[0], _place_fix("smtp"))
    return Finding("smtp", Severity.OK, tried, "logged in; whether mail leaves: mailbot doctor --send-test")


async def _log_in(app: App, business: Business) -> None:
    mailer = Mailer(business.smtp.url, app.secret(business, business.smtp), timeouts=Timeouts(connect=15, command=15))
    try:
        await mailer.check()
    finally:
        await mailer.close()


def sent_folder(app: App, business: Business) -> Finding:
    """Where to look whether a mail left when the server's answer was lost."""
    tried = "look for the folder of sent mails"
    try:
        evidence = app.evidence(business)
        if not isinstance(evidence, SentFolder):
            found = "none is used: after a lost answer you are asked whether the mail arrived"
            return Finding("sent_folder", Severity.INFO, tried, found)
        try:
            name = evidence.check()
        finally:
            evidence.close()
    except SettingsError as error:
        return Finding("sent_folder", Severity.SKIPPED, tried, error.problems[0])
    except MailboxError as error:
        if error.login:
            return Finding("sent_folder", Severity.SKIPPED, tried, "the mailbox does not let us in")
        return Finding("sent_folder", Severity.ERROR, tried, str(error), NO_EVIDENCE)
    return Finding("sent_folder", Severity.OK, tried, name)


NO_EVIDENCE = "write under smtp: in mailbot.yaml: evidence: none   (you are asked after a lost answer)"


def authserv_id(app: App, business: Business) -> Finding:
    """Whether owners' mails can be told from forged ones: the pinned server writes one header on each mail."""
    tried = "look for mailbox.authserv_id"
    pinned = business.mailbox.authserv_id
    if pinned:
        tried = f"look for Authentication-Results by {pinned} on the latest mails"
        try:
            with reading(app.engine) as conn:
                seen = stamped(conn, app.office(business.key))
        except MailbotError as error:
            return Finding("authserv_id", Severity.SKIPPED, tried, str(error))
        return _stamped(seen, pinned, tried)
    found = "not set: an owner's mail counts only where it answers a mail that the bot sent to that owner"
    return Finding("authserv_id", Severity.WARNING, tried, found, "mailbot doctor --send-test   (shows the line)")


def _stamped(seen: Stamped, pinned: str, tried: str) -> Finding:
    fix = "mailbot doctor --send-test   (shows who writes them; pin that server, or have yours add and remove them)"
    if seen.never:
        found = (
            f"none on {seen.mails} mails: whoever writes one in the name of {pinned} would pass for an owner, so none "
            "is believed (RFC 8601, section 5) and every owner's mail is asked about"
        )
        return Finding("authserv_id", Severity.ERROR, tried, found, fix)
    if seen.several:
        found = f"{seen.several} of {seen.mails} mails have more than one: {pinned} may not remove forged ones"
        return Finding("authserv_id", Severity.WARNING, tried, found, fix)
    if seen.mails and seen.once < seen.mails:
        found = f"{seen.once} of {seen.mails} mails have one; a server that proves senders writes it on every mail"
        return Finding("authserv_id", Severity.INFO, tried, found, fix)
    found = f"results of {pinned} count" + (f": one on each of {seen.mails} mails" if seen.mails else "")
    return Finding("authserv_id", Severity.OK, tried, found)


def bank_age(app: App, business: Business) -> Finding:
    """Through which day the bank is known: reminders wait where that is long ago."""
    tried = "look for the last day that bank files cover"
    try:
        with reading(app.engine) as conn:
            through = bank.through(conn, business.key)
    except MailbotError as error:
        return Finding("bank", Severity.SKIPPED, tried, str(error))
    fix = "mailbot bank import FILE.ofx   (or mail it to the bot)"
    if through is None:
        found = "no bank file yet: no reminder leaves before there is one"
        return Finding("bank", Severity.WARNING, tried, found, fix)
    today = app.now().astimezone(business.zone).date()
    if bank_is_stale(app.office(business.key).rules, through, today):
        found = f"through {through}, {(today - through).days} days ago: reminders wait for a newer file"
        return Finding("bank", Severity.WARNING, tried, found, fix)
    return Finding("bank", Severity.OK, tried, f"through {through}")


def _place(url: str | None) -> str:
    """Host and port: a URL may hold a password that somebody put there."""
    parts = urlsplit(url or "")
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _login_fix(business: Business, section: Mailbox | Smtp, url: str | None) -> str:
    if business.login is not None and section.password is None and section.password_file is None:
        return "mailbot login"
    provider = by_host(urlsplit(url or "").hostname or "")
    if provider is not None and provider.hint:
        return provider.hint
    return f"install -m 600 /dev/stdin {section.password_file or 'secrets/imap'}   (then type the password and Ctrl-D)"


def _place_fix(section: str) -> str:
    return f"mailbot config show   (see {section}; the provider's help page names its servers)"
