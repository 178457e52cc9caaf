"""The report of a mail server that an address does not exist, as Postfix writes it (RFC 3464)."""

import hashlib
from datetime import datetime
from email.utils import format_datetime

from mailbot.demo.programs import parsed

_REPORT = """Return-Path: <>
Date: {date}
From: Mail Delivery System <MAILER-DAEMON@{server}>
To: {sender}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{seed:.12}@{server}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{seed:.20}/{server}"

This is a MIME-encapsulated message.

--{seed:.20}/{server}
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host {server}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{recipient}>: host {server} said: 550 5.1.1
    <{recipient}>: Recipient address rejected: User unknown in virtual mailbox
    table (in reply to RCPT TO command)

--{seed:.20}/{server}
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; {server}
X-Postfix-Sender: rfc822; {sender}
Arrival-Date: {date}

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: failed
Status: 5.1.1
Remote-MTA: dns; {server}
Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: Recipient address rejected:
    User unknown in virtual mailbox table

--{seed:.20}/{server}
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{head}

--{seed:.20}/{server}--
"""


def bounce(to_mail: bytes, recipient: str, date: datetime) -> bytes:
    """The report that `recipient`, to whom `to_mail` went, is unknown (5.1.1), with the headers of that mail.

    It goes to the sender of `to_mail` and is to be handed in with the empty envelope sender.
    """
    original = parsed(to_mail)
    head = to_mail.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("ascii", "replace")
    seed = hashlib.sha256(f"{recipient} {date.isoformat()} {original['Message-ID']}".encode()).hexdigest()
    written = _REPORT.format(
        server=f"mx.{recipient.rpartition('@')[2]}",
        sender=original["From"].addresses[0].addr_spec,
        recipient=recipient,
        date=format_datetime(date),
        seed=seed,
        head=head,
    )
    return written.replace("\n", "\r\n").encode()
