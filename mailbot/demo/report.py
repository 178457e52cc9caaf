"""What the demo leaves: every mail, previews of its HTML, the last digest, the timeline, and why."""

import re
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from pydantic import TypeAdapter

from mailbot.app import open_app
from mailbot.jobs.office import Office
from mailbot.ledger import clients, decisions, events
from mailbot.ledger.store import reading
from mailbot.model import Decision, Event
from mailbot.owner.phrases import event_words, mail_words
from mailbot.rules.explain import explain
from mailbot.testing.mail import SunkMail

_SHOWN = re.compile(
    r"^(invoice\.received|mail\.(sent|bounced|rejected|cancelled)|reply\.|bank\.(payment|unmatched|reversal)|owner\.)"
)
_DECISION = TypeAdapter(Decision)
_WORDS = {
    "fr": ("Chronologie", "Le dernier digest", "Pourquoi ?", "À voir", "Ensuite"),
    "en": ("Timeline", "The last digest", "Why?", "To look at", "Next"),
}


def write_report(settings: Path, mails: Sequence[SunkMail], out: Path, language: str) -> str:
    """Write the folder `out`; returns what is printed: timeline, one digest, three reasons, the next command."""
    messages = [(mail, _message(mail)) for mail in mails]
    _write_mails(messages, out)
    app = open_app(settings, {})
    try:
        office = app.office(app.business().key)
        last = max(_date(message) for _, message in messages)
        app.instant = last
        rows = _timeline(office, language)
        whys = _whys(office, language)
        digest = _last_digest(messages, out)
    finally:
        app.close()
    (out / "timeline.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (out / "why.txt").write_text("\n\n".join(whys) + "\n", encoding="utf-8")
    return _printed(rows, digest, _three(whys), out, language)


def _message(mail: SunkMail) -> EmailMessage:
    message = message_from_bytes(mail.raw, policy=default)
    if not isinstance(message, EmailMessage):
        raise TypeError(f"mail {mail.number} is no message")
    return message


def _date(message: EmailMessage) -> datetime:
    return message["Date"].datetime  # type: ignore[no-any-return]


def _write_mails(messages: Sequence[tuple[SunkMail, EmailMessage]], out: Path) -> None:
    (out / "mail").mkdir(exist_ok=True)
    (out / "html").mkdir(exist_ok=True)
    ordered = sorted(messages, key=lambda pair: (_date(pair[1]), pair[0].number))
    for at, (mail, message) in enumerate(ordered, 1):
        name = f"{at:04d}-{_date(message):%Y-%m-%d}-{re.sub(r'[^a-z0-9]+', '-', mail.recipient.lower())}"
        (out / "mail" / f"{name}.eml").write_bytes(mail.raw)
        html = message.get_body(("html",))
        if html is not None:
            (out / "html" / f"{name}.html").write_text(html.get_content(), encoding="utf-8")


def _last_digest(messages: Sequence[tuple[SunkMail, EmailMessage]], out: Path) -> str:
    """The last digest that had something to decide, or the last one."""
    digests = [m for _, m in messages if (html := m.get_body(("html",))) and "BALANCE ÂGÉE" in _text(m).upper() + html.get_content().upper()
               or "AGEING" in _text(m).upper()]  # fmt: skip
    if not digests:
        return ""
    html = digests[-1].get_body(("html",))
    (out / "digest.html").write_text(html.get_content() if html else "", encoding="utf-8")
    return f"{digests[-1]['Subject']}\n\n{_text(digests[-1])}"


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _timeline(office: Office, language: str) -> list[str]:
    with reading(office.engine) as conn:
        names = {str(client.id): client.name for client in clients.everyone(conn, office.key)}
        happened = events.everything(conn, office.key)
    return [_row(event, names, language) for event in happened if _SHOWN.match(event.name)]


def _row(event: Event, names: dict[str, str], language: str) -> str:
    words = event_words(event, language)
    mail = event.data.get("mail")
    if event.name == "mail.sent" and isinstance(mail, str):
        words = mail_words(mail, language)
    numbers = event.invoice or ", ".join(str(number) for number in _list(event.data.get("invoices")))
    amount = (
        f" {event.data['amount']} €" if event.name.startswith("bank.") and event.data.get("amount") else ""
    )
    return f"{event.day}  {names.get(event.client or '', ''):<20} {words}{amount}  {numbers}".rstrip()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _whys(office: Office, language: str) -> list[str]:
    """Every decision that differed from the day before, explained; then how each client stands now."""
    with reading(office.engine) as conn:
        known = clients.everyone(conn, office.key)
        return [
            f"{client.name}\n{explain(_DECISION.validate_python(body), office.rules, language)}"
            for client in known
            for body in decisions.history(conn, office.key, client.id)
        ]


def _three(whys: Sequence[str]) -> list[str]:
    """One that was sent, one that was held back for a reason of the client, one that waits for the owner."""
    wanted = (r"\bsend|envoi|SEND|ENVO", r"promise|promesse|litige|dispute", r"approval|accord|yes|oui")
    found = []
    for pattern in wanted:
        first = next(
            (why for why in whys if re.search(pattern, why.split("\n", 2)[1]) and why not in found), None
        )
        if first is not None:
            found.append(first)
    return found


def _printed(rows: Sequence[str], digest: str, whys: Sequence[str], out: Path, language: str) -> str:
    titles = _WORDS[language]
    parts = [
        f"== {titles[0]} ==", *rows, "",
        f"== {titles[1]} ==", digest.strip(), "",
        f"== {titles[2]} ==", *(why + "\n" for why in whys),
        f"== {titles[3]} ==", f"{out}/html/  {out}/digest.html  {out}/timeline.txt  {out}/why.txt", "",
        f"== {titles[4]} ==", "mailbot init",
    ]  # fmt: skip
    return "\n".join(parts)
