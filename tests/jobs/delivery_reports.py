"""Delivery reports, receipts and complaints as the servers of the world word them, about one mail of ours.

In each text stand {client} (to whom the mail went), {local} and {domain} of it, {mid} (its Message-ID), {env} (its name
on the envelope), {archive} (our blind copy), {box} (our address). Written down from how these servers write.
"""

# ruff: noqa: E501, ISC004  the lines are as long as servers write them

HARD, SOFT = "hard", "soft"

_RETURNED = """
--B
Content-Type: text/rfc822-headers

From: Atelier Martin <{box}>
To: {client}
Subject: Facture FA-2026-0001
Message-ID: {mid}

--B--
"""


def dsn(per_message: str, *recipients: str, said: str = "", head: str = "", returned: str = _RETURNED) -> str:
    """A multipart/report (RFC 3462) in the order that most servers use."""
    return (
        f"{head or _POSTFIX}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        f"--B\nContent-Type: text/plain; charset=us-ascii\n\n{said}\n"
        "--B\nContent-Type: message/delivery-status\n\n" + "\n\n".join([per_message, *recipients]) + "\n" + returned
    )


_POSTFIX = """Return-Path: <>
From: MAILER-DAEMON@mx.hoster.example (Mail Delivery System)
To: {box}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
"""
_OUTLOOK = """From: postmaster@outlook.com
To: {box}
Subject: Undeliverable: Facture FA-2026-0001
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
"""
_MTA = "Reporting-MTA: dns; mx.hoster.example\nX-Postfix-Queue-ID: 4F3A21C0\nX-Postfix-Sender: rfc822; {box}"


def block(final: str, action: str, status: str, code: str = "", original: str = "") -> str:
    """What is said of one recipient."""
    lines = [f"Final-Recipient: rfc822; {final}", f"Original-Recipient: rfc822;{original}" if original else "",
             f"Action: {action}", f"Status: {status}", f"Diagnostic-Code: smtp; {code}" if code else ""]  # fmt: skip
    return "\n".join(line for line in lines if line)


CASES: dict[str, tuple[str, list[tuple[str, str]], bool]] = {
    "postfix, no such user": (
        dsn(_MTA, block("{client}", "failed", "5.1.1", "550 5.1.1 <{client}>: Recipient address rejected: User unknown in virtual mailbox table"),
            said="I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients."),
        [("mail.bounced", HARD)], False,
    ),
    "postfix, full": (
        dsn(_MTA, block("{client}", "failed", "5.2.2", "552 5.2.2 <{client}>: Quota exceeded (mailbox for user is full)")),
        [("mail.bounced", SOFT)], True,
    ),
    "postfix, delayed": (
        dsn(_MTA, block("{client}", "delayed", "4.4.1", "connect to mx.far.example[192.0.2.1]:25: Connection timed out"),
            head=_POSTFIX.replace("Undelivered Mail Returned to Sender", "Delayed Mail (still being retried)"),
            said="YOUR MESSAGE IS DELAYED. YOU DO NOT NEED TO RESEND YOUR MESSAGE."),
        [("mail.delayed", SOFT)], True,
    ),
    "postfix, delivered": (
        dsn(_MTA, block("{client}", "delivered", "2.0.0", "250 2.0.0 Ok: queued as 9C1"),
            head=_POSTFIX.replace("Undelivered Mail Returned to Sender", "Successful Mail Delivery Report")),
        [("mail.delivered", "other")], True,
    ),
    "postfix, relayed to a server that sends no reports": (
        dsn(_MTA, block("{client}", "relayed", "2.6.0", "250 2.6.0 OK")), [("mail.delivered", "other")], True,
    ),
    "postfix, given up after five days": (
        dsn(_MTA, block("{client}", "failed", "4.4.1", "connect to mx.far.example[192.0.2.1]:25: Connection timed out"),
            said="The message could not be delivered within the last 5 days."),
        [("mail.bounced", SOFT)], True,
    ),
    "the client's delivered, somebody else's failed": (
        dsn(_MTA, block("{client}", "delivered", "2.0.0"), block("compta@cabinet.example", "failed", "5.1.1", "550 5.1.1 User unknown")),
        [("mail.delivered", "other")], True,
    ),
    "somebody else's failed first, then the client's delivered": (
        dsn(_MTA, block("compta@cabinet.example", "failed", "5.1.1", "550 5.1.1 User unknown"), block("{client}", "delivered", "2.0.0")),
        [("mail.delivered", "other")], True,
    ),
    "the archive's failed, the client's delivered": (
        dsn(_MTA, block("{archive}", "failed", "5.1.1", "550 5.1.1 User unknown"), block("{client}", "delivered", "2.0.0")),
        [("mail.delivered", "other")], True,
    ),
    "both failed": (
        dsn(_MTA, block("compta@cabinet.example", "failed", "5.1.1", "550 User unknown"), block("{client}", "failed", "5.1.1", "550 5.1.1 User unknown")),
        [("mail.bounced", HARD)], False,
    ),
    "a list took it, one of its members did not": (
        dsn(_MTA, block("{client}", "expanded", "2.0.0"), block("jean@perso.example", "failed", "5.1.1", "550 User unknown", "{client}")),
        [("mail.delivered", "other")], True,
    ),
    "passed on by the client's server to a dead address, without saying for whom": (
        dsn(_MTA, block("jean@perso.example", "failed", "5.1.1", "550 5.1.1 No such user")),
        [("mail.bounced", SOFT)], True,
    ),
    "the mailbox's own host": (
        dsn(_MTA, block("{local}@mailstore3.{domain}", "failed", "5.1.1", "550 5.1.1 No such user")),
        [("mail.bounced", HARD)], False,
    ),
    "exchange online, not found": (
        dsn("Reporting-MTA: dns;AM0PR08MB.eurprd08.prod.outlook.com\nReceived-From-MTA: dns;PA4PR08\nArrival-Date: Mon, 9 Nov 2026 09:30:00 +0000",
            "Original-Recipient: rfc822;{client}\nFinal-Recipient: rfc822;{client}\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {client} not found by SMTP address lookup",
            head=_OUTLOOK, said="Your message to {client} couldn't be delivered."),
        [("mail.bounced", HARD)], False,
    ),
    "exchange, access denied (a rule of transport)": (
        dsn("Reporting-MTA: dns;mail.far.example", "Final-Recipient: rfc822;{client}\nAction: failed\nStatus: 5.7.1\n"
            "Diagnostic-Code: smtp;550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy", head=_OUTLOOK),
        [("mail.bounced", SOFT)], True,
    ),
    "exchange in French, as x500 inside": (
        dsn("Reporting-MTA: dns;srv-exch.far.example",
            "Final-Recipient: rfc822;IMCEAEX-_O=FAR_OU=EXCHANGE_CN=RECIPIENTS_CN=COMPTA@far.example\nOriginal-Recipient: rfc822;{client}\n"
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", head=_OUTLOOK),
        [("mail.bounced", HARD)], False,
    ),
    "gmail, no such account": (
        dsn("Reporting-MTA: dns; googlemail.com\nArrival-Date: Mon, 09 Nov 2026 02:30:00 -0800 (PST)\nX-Original-Message-ID: {mid}",
            "Final-Recipient: rfc822; {client}\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; gmail-smtp-in.l.google.com. (2a00::1b, the server for the domain gmail.com.)\n"
            "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking the recipient's email address for typos or\n"
            " 550 5.1.1 unnecessary spaces. For more information, go to https://support.google.com/mail/?p=NoSuchUser - gsmtp\nLast-Attempt-Date: Mon, 09 Nov 2026 02:30:00 -0800 (PST)",
            head="From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: {box}\nSubject: Delivery Status Notification (Failure)\nAuto-Submitted: auto-replied\nReferences: {mid}\nIn-Reply-To: {mid}\n",
            said="** Address not found **\n\nYour message wasn't delivered to {client} because the address couldn't be found, or is unable to receive mail."),
        [("mail.bounced", HARD)], False,
    ),
    "gmail, unauthenticated": (
        dsn("Reporting-MTA: dns; googlemail.com", block("{client}", "failed", "5.7.26",
            "550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM."),
            head=_POSTFIX.replace("mx.hoster", "googlemail")),
        [("mail.bounced", SOFT)], True,
    ),
    "gmail, over quota, still trying": (
        dsn("Reporting-MTA: dns; googlemail.com", "Final-Recipient: rfc822; {client}\nAction: delayed\nStatus: 4.2.2\n"
            "Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space.\nWill-Retry-Until: Thu, 12 Nov 2026 02:30:00 -0800 (PST)",
            head=_POSTFIX.replace("Undelivered Mail Returned to Sender", "Delivery Status Notification (Delay)")),
        [("mail.delayed", SOFT)], True,
    ),
    "orange, in words": (
        "From: MAILER-DAEMON@orange.fr\nTo: {box}\nSubject: Echec de la remise / Undelivered mail\nReturn-Path: <>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=iso-8859-1\n\nVotre message n'a pas pu être remis au destinataire suivant :\n\n<{client}>: host smtp-in.orange.fr[193.252.22.65] said: 550 5.1.1 "
        "Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416] (in reply to RCPT TO command)\n\n--- Message d'origine ---\nMessage-ID: {mid}\nTo: {client}\n",
        [("mail.bounced", HARD)], False,
    ),
    "orange takes it for spam": (
        dsn(_MTA, block("{client}", "failed", "5.7.1", "550 5.7.1 Service refuse. Veuillez verifier la configuration de votre messagerie. Service unavailable. LPN007_506 OFR_506 [506]")),
        [("mail.bounced", SOFT)], True,
    ),
    "ovh, unknown": (
        dsn("Reporting-MTA: dns; mo53.mail-out.ovh.net", block("{client}", "failed", "5.0.0", "550 5.1.1 <{client}>: Recipient address rejected: User unknown", "{client}"),
            head="From: MAILER-DAEMON@mail-out.ovh.net\nTo: {box}\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"),
        [("mail.bounced", HARD)], False,
    ),
    "qmail": (
        "Return-Path: <>\nFrom: MAILER-DAEMON@qmail.example\nTo: {box}\nSubject: failure notice\n\nHi. This is the qmail-send program at qmail.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<{client}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <{box}>\nMessage-ID: {mid}\nTo: {client}\n",
        [("mail.bounced", HARD)], False,
    ),
    "exim": (
        "From: Mail Delivery System <Mailer-Daemon@exim.example>\nTo: {box}\nX-Failed-Recipients: {client}\nAuto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender\n\n"
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  {client}\n    Unrouteable address\n\n------ This is a copy of the message's headers. ------\n\nMessage-ID: {mid}\nTo: {client}\n",
        [("mail.bounced", HARD)], False,
    ),
    "notes": (
        dsn("Reporting-MTA: dns;domino01.far.example", "Final-Recipient: rfc822;{client}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: X-Notes; User {client} (compta) not listed in\n Domino Directory",
            head="From: Postmaster@far.example\nTo: {box}\nSubject: DELIVERY FAILURE: User {client} not listed in Domino Directory\n", said="Your message\n\n  Subject: Facture\n\nwas not delivered to:\n\n  {client}\n\nbecause:\n\n  User {client} not listed in Domino Directory"),
        [("mail.bounced", HARD)], False,
    ),
    "cp1252 that calls itself ASCII, headers of the mail as text": (
        dsn(_MTA, block("{client}", "failed", "5.1.1", "550 5.1.1 Boîte inexistante – l’adresse « {client} » est inconnue")),
        [("mail.bounced", HARD)], False,
    ),
    "known by its envelope only": (
        dsn("Reporting-MTA: dns; far.example\nOriginal-Envelope-Id: {env}", block("{client}", "failed", "5.1.1", "550 5.1.1 User unknown"), returned="\n--B--\n"),
        [("mail.bounced", HARD)], False,
    ),
    "known by its envelope, delivered to one and not to the other": (
        dsn("Reporting-MTA: dns; far.example\nOriginal-Envelope-Id: {env}", block("x@cabinet.example", "failed", "5.1.1", "550 5.1.1 User unknown"), block("{client}", "relayed", "2.0.0"), returned="\n--B--\n"),
        [("mail.delivered", "other")], True,
    ),
    "folded, odd capitals, a comment after the action": (
        dsn("reporting-mta: dns; far.example", "FINAL-RECIPIENT: RFC822;\n {client}\nACTION: Failed (permanently)\nSTATUS: 5.1.1 (bad destination mailbox address)\nDIAGNOSTIC-CODE: SMTP;\n 550 no such user here"),
        [("mail.bounced", HARD)], False,
    ),
    "receipt, displayed": (
        "From: {client}\nTo: {box}\nSubject: Lu : Facture FA-2026-0001\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\nContent-Type: text/plain\n\nVotre message a été lu.\n"
        "--B\nContent-Type: message/disposition-notification\n\nReporting-UA: far.example; Thunderbird\nFinal-Recipient: rfc822;{client}\nOriginal-Message-ID: {mid}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--B--\n",
        [("mail.read", "other")], True,
    ),
    "receipt, deleted unread": (
        "From: {client}\nTo: {box}\nSubject: Non lu : Facture FA-2026-0001\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\nContent-Type: text/plain\n\nVotre message a été supprimé sans être lu.\n"
        "--B\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{client}\nOriginal-Message-ID: {mid}\nDisposition: automatic-action/MDN-sent-automatically; deleted\n\n--B--\n",
        [("mail.delivered", "other")], True,
    ),
    "complaint": (
        "From: feedback@arf.mail.yahoo.com\nTo: {box}\nSubject: Complaint from a recipient\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\nContent-Type: text/plain\n\nThis is an email abuse report.\n"
        "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0\nVersion: 0.1\nOriginal-Mail-From: <{box}>\nOriginal-Rcpt-To: {client}\n\n--B\nContent-Type: message/rfc822\n\nFrom: {box}\nTo: {client}\nMessage-ID: {mid}\nSubject: Facture\n\nBonjour\n--B--\n",
        [("mail.complained", "other")], True,
    ),
    "complaint without the recipient": (
        "From: staff@hotmail.com\nTo: {box}\nSubject: complaint about message from 192.0.2.7\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: {client}\nFrom: {box}\nTo: {client}\nMessage-ID: {mid}\nSubject: Facture\n\nBonjour\n--B--\n",
        [("mail.complained", "other")], True,
    ),
    "in UTF-8 (RFC 6533)": (
        dsn(_MTA.replace("rfc822", "utf-8"), "Final-Recipient: utf-8; {client}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 utilisateur inconnu : Hélène")
        .replace("message/delivery-status", "message/global-delivery-status").replace("text/rfc822-headers", "message/global-headers"),
        [("mail.bounced", HARD)], False,
    ),
    "in base64, inside multipart/mixed": (
        "From: MAILER-DAEMON@far.example\nTo: {box}\nSubject: Returned mail: see transcript for details\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"B\"\n\n"
        "--B\nContent-Type: text/plain\n\n   ----- The following addresses had permanent fatal errors -----\n<{client}>\n    (reason: 550 5.1.1 <{client}>... User unknown)\n"
        "--B\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{base64:Reporting-MTA: dns; far.example~~Final-Recipient: RFC822; {client}~Action: failed~Status: 5.1.1~}\n" + _RETURNED,
        [("mail.bounced", HARD)], False,
    ),
    "exchange on the premises, in French words only": (
        "Return-Path: <>\nFrom: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@far.example>\nTo: {box}\nSubject: Non remis : Facture FA-2026-0001\nAuto-Submitted: auto-replied\nIn-Reply-To: {mid}\n"
        "Content-Type: text/html; charset=windows-1252\n\n<p><b>La remise a échoué pour ces destinataires ou groupes :</b></p><p><a href=\"mailto:{client}\">{client}</a><br>L\u2019adresse de messagerie que vous avez entrée est introuvable. "
        "Vérifiez l\u2019adresse de messagerie du destinataire et essayez de renvoyer le message.</p><p>Informations de diagnostic pour les administrateurs :</p><p>#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##</p>",
        [("mail.bounced", HARD)], False,
    ),
    "amazon, a suppressed address": (
        dsn("Reporting-MTA: dns; a8-50.smtp-out.amazonses.com", block("{client}", "failed", "5.1.1", "550 5.1.1 Amazon SES did not send the message to this address because it is on the suppression list for your account"),
            head="From: MAILER-DAEMON@amazonses.com\nTo: {box}\nSubject: Delivery Status Notification (Failure)\n"),
        [("mail.bounced", HARD)], False,
    ),
    "greylisted for a day": (
        dsn(_MTA, block("{client}", "delayed", "4.7.1", "450 4.7.1 <{client}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/far.example.html")),
        [("mail.delayed", SOFT)], True,
    ),
    "the domain exists no more": (
        dsn(_MTA, block("{client}", "failed", "5.4.4", "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found")),
        [("mail.bounced", HARD)], False,
    ),
    "several lines about the client, delivered after a delay": (
        dsn(_MTA, block("{client}", "delayed", "4.4.1", "connection timed out"), block("{client}", "delivered", "2.0.0")),
        [("mail.delivered", "other")], True,
    ),
    "too large": (
        dsn(_MTA, block("{client}", "failed", "5.3.4", "552 5.3.4 Message size exceeds fixed limit")),
        [("mail.bounced", SOFT)], True,
    ),
    "refused after the text, though it says unknown": (
        dsn(_MTA, block("{client}", "failed", "5.0.0", "550 Requested action not taken: mailbox unavailable (in reply to end of DATA command)")),
        [("mail.bounced", SOFT)], True,
    ),
    "delivered, about a mail that we do not know": (
        dsn(_MTA, block("somebody@else.example", "delivered", "2.0.0"), returned="\n--B--\n"), [], True,
    ),
    "a forged failure that names no mail of ours": (
        dsn(_MTA, block("{client}", "failed", "5.1.1", "550 5.1.1 User unknown"), returned=_RETURNED.replace("{mid}", "<guessed@atelier-martin.example>")),
        [], True,
    ),
}  # fmt: skip
"""Name -> (the report, the events that it makes of our mail with their class, whether the address is still usable)."""
