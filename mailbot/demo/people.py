"""What people write in the demo: answers, absence notes, forwarded invoices, bank files, orders.

Each function gives the bytes of a whole mail as the mail program in question writes it. Nothing is drawn or
asked of a clock: the same arguments give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address

from mailbot.demo.bounces import bounce
from mailbot.demo.mails import answering, finished, started
from mailbot.demo.programs import Original, as_html, gmail_forward, original_of, quoted_html, quoted_text
from mailbot.model import Attachment
from mailbot.money import write_day

__all__ = [
    "Person",
    "bounce",
    "forward_invoice",
    "order",
    "out_of_office",
    "reply",
    "send_statement",
]

_WORDS = {
    "fr": {
        "gmail": "Fwd: ",
        "outlook": "TR : ",
        "letter": "Bonjour,\n\nVeuillez trouver ci-joint la facture citée en objet.\n\nBien cordialement,",
        "note": "À suivre, merci.",
        "statement": "Relevé bancaire",
        "absent": "Réponse automatique : ",
        "absence": "Bonjour,\n\nJe suis actuellement absent du bureau et serai de retour le {day}. "
        "Je traiterai votre message à mon retour.\n\nCordialement,",
    },
    "en": {
        "gmail": "Fwd: ",
        "outlook": "FW: ",
        "letter": "Hello,\n\nPlease find attached the invoice named above.\n\nKind regards,",
        "note": "For follow-up, thanks.",
        "statement": "Bank statement",
        "absent": "Automatic reply: ",
        "absence": "Hello,\n\nI am currently out of the office and will be back on {day}. "
        "I will answer your message when I return.\n\nKind regards,",
    },
}
_ABROAD = {
    "de": "Sehr geehrte Damen und Herren,\n\nanbei erhalten Sie die genannte Rechnung.\n\nMit freundlichen Grüßen",
    "es": "Hola:\n\nLe adjuntamos la factura que figura en el asunto.\n\nUn saludo,",
    "it": "Buongiorno,\n\nle inviamo in allegato la fattura indicata in oggetto.\n\nCordiali saluti,",
    "nl": "Goedendag,\n\nIn de bijlage vindt u onze factuur die hierboven is genoemd.\n\nMet vriendelijke groet,",
}
"""What the owner writes to clients abroad above an invoice."""
_PREFIXES = {"outlook": "RE: ", "gmx": "Aw: "}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes mail. `language` is that of the mail program; the rest stands in the signature."""

    name: str
    email: str
    role: str = ""
    company: str = ""
    phone: str = ""
    language: str = "fr"

    @property
    def signature(self) -> str:
        return "\n".join(line for line in (self.name, self.role, self.company, self.phone) if line)

    @property
    def address(self) -> Address:
        return Address(self.name, addr_spec=self.email)


def reply(person: Person, to_mail: bytes, text: str, date: datetime, style: str) -> bytes:
    """The answer of `person` to a mail: to its Reply-To, in its thread, with the original quoted below.

    `style` is the mail program: gmail, outlook, apple or plain; in German gmx, in Italian libero.
    """
    original = original_of(to_mail, date.tzinfo)
    mail = answering(person.address, to_mail, _PREFIXES.get(style, "Re: "), date)
    below = quoted_text(original, style, person.language)
    if style == "plain":
        return finished(mail, style, f"{text}\n\n{below}\n\n-- \n{person.signature}\n", language=person.language)
    delimiter = "\n\n-- \n" if style == "gmail" else "\n"
    signed = f"{text}{delimiter}{person.signature}"
    html = f'<div dir="ltr">{as_html(signed)}</div><br>\n{quoted_html(original, style, person.language)}'
    return finished(mail, style, f"{signed}\n\n{below}\n", html, language=person.language)


def out_of_office(person: Person, to_mail: bytes, until: date, date: datetime) -> bytes:
    """The absence note that the server of `person` sends by itself; `until` is the day of the return."""
    words = _WORDS[person.language]
    mail = answering(person.address, to_mail, words["absent"], date)
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    day = write_day(until, person.language).replace("\u00a0", " ")
    said = f"{words['absence'].format(day=day)}\n{person.signature}"
    return finished(mail, "outlook", f"{said}\n", f"<div>{as_html(said)}</div>", language=person.language)


def forward_invoice(
    owner: Person,
    bot: str,
    client_email: str,
    pdf: bytes,
    name: str,
    subject: str,
    date: datetime,
    style: str,
    language: str = "",
) -> bytes:
    """The owner passes on to the bot the invoice that she has sent to a client, in the client's `language` if abroad.

    `style` is gmail or outlook for a forward; bcc for the mail to the client itself, which does not name the
    bot.
    """
    words = _WORDS[owner.language]
    attached = (Attachment(name, "application/pdf", pdf),)
    letter = f"{_ABROAD.get(language, words['letter'])}\n{owner.signature}"
    if style == "bcc":
        mail = started(owner.address, Address(addr_spec=client_email), subject, date)
        return finished(mail, "plain", f"{letter}\n", attachments=attached)
    mail = started(owner.address, Address(addr_spec=bot), f"{words[style]}{subject}", date)
    original = Original(owner.name, owner.email, client_email, subject, date, letter)
    note = f"{words['note']}\n\n{owner.name}"
    text, html = _passed_on(original, style, owner.language)
    return finished(mail, style, f"{note}\n\n{text}\n", f"<div>{as_html(note)}</div><br>\n{html}", attached)


def send_statement(owner: Person, bot: str, ofx: bytes, name: str, date: datetime) -> bytes:
    """The owner sends the bank's file as it came."""
    mail = started(owner.address, Address(addr_spec=bot), _WORDS[owner.language]["statement"], date)
    return finished(mail, "apple", "\n", attachments=(Attachment(name, "application/x-ofx", ofx),))


def order(owner: Person, to_mail: bytes, lines: Sequence[str], date: datetime) -> bytes:
    """The owner's answer to a digest: one order a line, above the quote."""
    return reply(owner, to_mail, "\n".join(lines), date, "gmail")


def _passed_on(original: Original, style: str, language: str) -> tuple[str, str]:
    if style == "outlook":
        return quoted_text(original, style, language), quoted_html(original, style, language)
    text = gmail_forward(original, language)
    return text, f'<div class="gmail_quote">{as_html(text)}</div>'
