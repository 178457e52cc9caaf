"""The receipt of a mail program that its user let a mail be confirmed as read (RFC 8098), as Thunderbird writes it."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime

from mailbot.demo.programs import parsed

_RECEIPT = """From: {name} <{reader}>
To: {asked}
Subject: {subject}
Date: {date}
Message-ID: <{seed:.24}@{domain}>
References: {original}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="------------{seed:.24}"

--------------{seed:.24}
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

{said}

--------------{seed:.24}
Content-Type: message/disposition-notification; name="MDNPart2.txt"
Content-Disposition: inline
Content-Transfer-Encoding: 7bit

Reporting-UA: {domain}; Mozilla/5.0 Thunderbird/128.5.0
Final-Recipient: rfc822;{reader}
Original-Message-ID: {original}
Disposition: manual-action/MDN-sent-manually; displayed

--------------{seed:.24}--
"""
_SAID = {
    "fr": "Ceci est un accusé de réception pour le courrier que vous avez envoyé.\n\n"
    "Note : cet accusé indique seulement que le message a été affiché.",
    "en": "This is a Return Receipt for the mail that you sent.\n\nNote: it only says that the message was displayed.",
}
_SUBJECT = {"fr": "Accusé de réception (affiché) - ", "en": "Return Receipt (displayed) - "}


def read_receipt(reader: Address, to_mail: bytes, language: str, date: datetime) -> bytes:
    """The receipt that `reader` lets go for a mail that asked for one; to the address that it names."""
    mail = parsed(to_mail)
    original, asked = str(mail["Message-ID"]), str(mail["Disposition-Notification-To"])
    seed = hashlib.sha256(f"{reader} {date.isoformat()} {original}".encode()).hexdigest()
    written = _RECEIPT.format(
        name=reader.display_name, reader=reader.addr_spec, asked=asked, domain=reader.domain, original=original,
        subject=f"{_SUBJECT[language]}{mail['Subject']}".encode("ascii", "replace").decode(), seed=seed,
        date=format_datetime(date), said=_SAID[language],
    )  # fmt: skip
    return written.replace("\n", "\r\n").encode()
