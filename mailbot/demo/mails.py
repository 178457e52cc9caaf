"""Mails of the demo as bytes: headers, MIME parts and the marks of each mail program."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from mailbot.demo.programs import parsed
from mailbot.model import Attachment

_POLICY = SMTP.clone(max_line_length=998)  # long reply addresses and References stay on one line
_ID = {
    "gmail": "CA+{seed:.38}@mail.gmail.com",
    "outlook": "PR0P264MB{seed:.24}@PR0P264MB4711.FRAP264.PROD.OUTLOOK.COM",
    "apple": "{seed:.8}-{seed:.4}-4{seed:.3}-9{seed:.3}-{seed:.12}@{domain}",
    "plain": "{seed:.24}@{domain}",
    "gmx": "trinity-{seed:.8}-{seed:.4}-4{seed:.3}-9{seed:.3}-{seed:.12}@3c-app-gmx-bs12",
    "libero": "{seed:.24}@mail1.libero.it",
}
_MARKS: dict[str, tuple[tuple[str, str], ...]] = {
    "gmail": (),
    "outlook": (("Accept-Language", "{locale}, en-US"), ("Content-Language", "{locale}"), ("X-MS-Has-Attach", "")),
    "apple": (("X-Mailer", "Apple Mail (2.3774.600.62)"),),
    "plain": (("User-Agent", "Mozilla Thunderbird"),),
    "gmx": (("Importance", "normal"), ("Sensitivity", "Normal"), ("X-Priority", "3")),
    "libero": (("X-Priority", "3"), ("Importance", "Normal"), ("X-Mailer", "Open-Xchange Mailer v7.10.6-Rev53")),
}
_LOCALES = {"fr": "fr-FR", "en": "en-GB", "es": "es-ES", "nl": "nl-NL"}
"""Of Outlook's users."""


def started(sender: Address, to: Address, subject: str, date: datetime) -> EmailMessage:
    """A mail that has no body yet."""
    mail = EmailMessage(_POLICY)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = date
    return mail


def answering(sender: Address, to_mail: bytes, prefix: str, date: datetime) -> EmailMessage:
    """The beginning of an answer: to the Reply-To, in the thread, `prefix` before the subject."""
    original = parsed(to_mail)
    to = (original["Reply-To"] or original["From"]).addresses[0]
    subject = str(original["Subject"])
    if not subject.lower().startswith(prefix.lower()):
        subject = prefix + subject
    mail = started(sender, to, subject, date)
    thread = [*str(original["References"] or "").split(), str(original["Message-ID"])]
    mail["In-Reply-To"] = thread[-1]
    mail["References"] = " ".join(thread)
    return mail


def finished(
    mail: EmailMessage, style: str, text: str, html: str = "", attachments: Sequence[Attachment] = (),
    language: str = "fr",
) -> bytes:  # fmt: skip
    """The whole mail, by a program in `language`. Message-ID and boundaries follow from what it says."""
    seed = _seed(mail, text, attachments)
    domain = mail["From"].addresses[0].domain
    mail["Message-ID"] = f"<{_ID[style].format(seed=seed, domain=domain)}>"
    for name, value in _MARKS[style]:
        mail[name] = value.format(locale=_LOCALES.get(language, ""))
    mail.set_content(text, cte="quoted-printable")
    if html:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        maintype, _, subtype = attachment.type.partition("/")
        mail.add_attachment(attachment.content, maintype, subtype, filename=attachment.name)
    parts = [part for part in mail.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        part.set_boundary(f"000000000000{seed[number:20]}{number}")
    return mail.as_bytes()


def _seed(mail: EmailMessage, text: str, attachments: Sequence[Attachment]) -> str:
    known = [f"{name}: {value}" for name, value in mail.items()]
    contents = [hashlib.sha256(attachment.content).hexdigest() for attachment in attachments]
    return hashlib.sha256("\n".join([*known, text, *contents]).encode()).hexdigest()
