"""Delivery reports as a mail server writes them (RFC 3464)."""

from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import formatdate, make_msgid


def bounce_report(server: str, sender: str, recipient: str, raw: bytes, status: str = "5.1.1") -> bytes:
    """The report to `sender` that `recipient` does not exist, with the headers of the returned mail."""
    report = MIMEMultipart("report", report_type="delivery-status", policy=SMTP)
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{server}>"
    report["To"] = sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = formatdate()
    report["Message-ID"] = make_msgid(domain=server)
    report["Auto-Submitted"] = "auto-replied"
    report.attach(
        MIMEText(
            f"This is the mail system at host {server}.\n\n"
            "Your message could not be delivered to one or more recipients.\n\n"
            f"<{recipient}>: 550 {status} User unknown\n"
        )
    )
    report.attach(_status(server, recipient, status))
    report.attach(_headers_of(raw))
    return report.as_bytes(policy=SMTP)


def _status(server: str, recipient: str, status: str) -> Message:
    of_server, of_recipient = Message(), Message()
    of_server["Reporting-MTA"] = f"dns; {server}"
    of_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    of_recipient["Action"] = "failed"
    of_recipient["Status"] = status
    of_recipient["Diagnostic-Code"] = f"smtp; 550 {status} User unknown"
    part = Message()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([of_server, of_recipient])
    return part


def _headers_of(raw: bytes) -> Message:
    part = EmailMessage()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload(raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace") + "\r\n")
    return part
