"""What the demo leaves: every mail, previews of its HTML, the last digest, the timeline, and why."""

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from pydantic import TypeAdapter

from mailbot.app import open_app
from mailbot.demo.sightings import what_they_changed
from mailbot.jobs import dossiers, proving
from mailbot.jobs.office import Office
from mailbot.ledger import aliases, clients, decisions, events
from mailbot.ledger.store import reading
from mailbot.model import Decision, Event, Verdict
from mailbot.money import write_amount_plain
from mailbot.owner.phrases import event_words, mail_words
from mailbot.rules.explain import explain
from mailbot.testing.mail import SunkMail, accepted

_SHOWN = re.compile(
    r"^(invoice\.(received|credited)|mail\.(sent|opened|clicked|read|delivered|bounced|rejected|cancelled)|reply\.|bank\.(payment|partial_payment|unmatched|reversal)|owner\.|client\.)"
)
_AGEING = re.compile(r"^(BALANCE ÂGÉE|AGEING|HOW IT STANDS)", re.MULTILINE)
_DECISION = TypeAdapter(Decision)
_WORDS = {
    "fr": ("Chronologie", "Un digest", "Pourquoi ?", "À voir"),
    "en": ("Timeline", "A digest", "Why?", "To look at"),
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
        seen = what_they_changed(office, language)
        _write_evidence(office, last, out, language)
    finally:
        app.close()
    digests = _digests(messages)
    if digests:
        _write_digest(digests[-1], out)
    digest = _fullest(digests) if digests else ""
    (out / "timeline.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = [*(text for _, text in whys), *([seen] if seen else [])]
    (out / "why.txt").write_text("\n\n".join(told) + "\n", encoding="utf-8")
    return _printed(rows, digest, _three(whys), out, language)


def _write_evidence(office: Office, now: datetime, out: Path, language: str) -> None:
    """The chain of seals as a file that anybody can check, and the dossier of whoever got a formal notice."""
    with reading(office.engine) as conn:
        noticed = events.called(conn, office.key, ("notice.prepared",), since=now - timedelta(days=365))
    if noticed:
        made = dossiers.make(office, int(noticed[0].client or 0), None, now, language=language).content
        (out / "dossier.zip").write_bytes(made)
    proving.write_export(office, out / "evidence.zip", now)


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
            (out / "html" / f"{name}.html").write_text(_with_pictures(message, html.get_content()), encoding="utf-8")


def _with_pictures(message: EmailMessage, html: str) -> str:
    """The HTML of a mail with its own pictures inside, as a mail program shows them."""
    for part in message.walk():
        name, kind = str(part.get("Content-ID", "")).strip("<> "), part.get_content_type()
        if name and kind.startswith("image/"):
            html = html.replace(f"cid:{name}", f"data:{kind};base64,{b64encode(part.get_content()).decode('ascii')}")
    return html


def _digests(messages: Sequence[tuple[SunkMail, EmailMessage]]) -> list[EmailMessage]:
    return [message for _, message in messages if _AGEING.search(_text(message))]


def _write_digest(digest: EmailMessage, out: Path) -> None:
    html = digest.get_body(("html",))
    (out / "digest.html").write_text(html.get_content() if html else "", encoding="utf-8")


def _fullest(digests: Sequence[EmailMessage]) -> str:
    """The digest that has most to say: what a newcomer should see of all."""
    fullest = max(digests, key=lambda digest: len(_text(digest)))
    return f"{fullest['Subject']}\n\n{_text(fullest)}"


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _timeline(office: Office, language: str) -> list[str]:
    with reading(office.engine) as conn:
        names = {str(client.id): client.name for client in clients.everyone(conn, office.key)}
        happened = events.everything(conn, office.key)
        learned = aliases.known(conn, office.key)
    rows = [(event.at, _row(event, names, language)) for event in happened if _SHOWN.match(event.name)]
    rows += [(alias.taught_at, _learned(alias, office, names, language)) for alias in learned]
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _learned(alias: aliases.Alias, office: Office, names: dict[str, str], language: str) -> str:
    words = {"fr": "payeur appris", "en": "payer learned"}[language]
    return f"{office.day(alias.taught_at)}  {names[str(alias.client)]:<20} {words}  {alias.value}"


def _row(event: Event, names: dict[str, str], language: str) -> str:
    words = event_words(event, language)
    mail = event.data.get("mail")
    if event.name == "mail.sent" and isinstance(mail, str):
        words = mail_words(mail, language)
    numbers = event.invoice or ", ".join(str(number) for number in _list(event.data.get("invoices")))
    amount = event.data.get("amount") if event.name.startswith("bank.") else None
    words += f" {write_amount_plain(Decimal(str(amount)), 'EUR', language)}" if amount else ""
    return f"{event.day}  {names.get(event.client or '', ''):<20} {words}  {numbers}".rstrip()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _whys(office: Office, language: str) -> list[tuple[Decision, str]]:
    """Every decision that differed from the one before, explained, in the order of days."""
    with reading(office.engine) as conn:
        told = [
            (decision, explain(decision, office.rules, language, client.name))
            for client in clients.everyone(conn, office.key)
            for decision in map(_DECISION.validate_python, decisions.history(conn, office.key, client.id))
        ]
    return sorted(told, key=lambda pair: pair[0].day)


def _three(whys: Sequence[tuple[Decision, str]]) -> list[str]:
    """A mail that left, one that was held back for what the client said, and one that waited for the owner's yes."""
    tests: tuple[Callable[[Decision], bool], ...] = (
        lambda decision: decision.verdict is Verdict.SEND and decision.what == "reminder_1",
        lambda decision: decision.verdict in (Verdict.WAIT, Verdict.HOLD) and decision.code in ("promise", "dispute"),
        lambda decision: decision.approval,
    )
    found = (next((text for decision, text in whys if test(decision)), None) for test in tests)
    return [_telling(text) for text in found if text is not None]


def _telling(why: str) -> str:
    """On a screen, only what held: why.txt has the tests that failed too."""
    return "\n".join(line for line in why.splitlines() if not line.lstrip().startswith(("✘", "?")))


def _printed(rows: Sequence[str], digest: str, whys: Sequence[str], out: Path, language: str) -> str:
    titles = _WORDS[language]
    parts = [
        f"== {titles[0]} ==", *rows, "",
        f"== {titles[1]} ==", digest.strip(), "",
        f"== {titles[2]} ==", *(why + "\n" for why in whys),
        f"== {titles[3]} ==", f"{out}/html/  {out}/digest.html  {out}/timeline.txt  {out}/why.txt", "",
    ]  # fmt: skip
    return "\n".join(parts)


def main(settings: str, sink: str, out: str, language: str) -> None:
    """`python -m mailbot.demo.report`: write the folder, print the report."""
    sys.stdout.write(write_report(Path(settings), accepted(Path(sink)), Path(out), language))


if __name__ == "__main__":
    main(*sys.argv[1:])
