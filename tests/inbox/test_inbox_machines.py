"""Mails that machines write in their own words: what they are, whom they are about, and whether the address is dead."""

import pytest

from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter
from mailbot.inbox.reports import read_report
from mailbot.model import Kind, Letter

US = "factures@atelier-martin.example"
RETURNED = (
    f"From: {US}\nTo: anne@roux.example\nSubject: Rappel\nMessage-ID: <rem.1@atelier-martin.example>\n\nBonjour\n"
)

EXIM = """Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example>
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: anne@roux.example

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  anne@roux.example
    host mx.roux.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<anne@roux.example>:
    550 5.1.1 <anne@roux.example>: Recipient address rejected: User unknown

------ This is a copy of the message, including all the headers. ------

"""
QMAIL = """Return-Path: <>
From: MAILER-DAEMON@mx.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anne@roux.example>:
192.0.2.1 does not like recipient.
Remote host said: 552 5.2.2 Mailbox is full / quota exceeded
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

"""
POSTFIX = """Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender

This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<anne@roux.example>: Host or domain name not found. Name service error for
    name=roux.example type=A: Host not found

"""
EXCHANGE_FR = """From: Microsoft Outlook <postmaster@mx.example>
Subject: =?utf-8?q?Non_remis_=3A_Rappel?=

Échec de la remise pour ces destinataires ou groupes :

anne@roux.example
L'adresse de messagerie que vous avez entrée est introuvable. Vérifiez l'adresse et renvoyez le message.

Informations de diagnostic pour les administrateurs :
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
"""
GMAIL_FR = """Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
Subject: Delivery Status Notification (Failure)

** Adresse introuvable **

Votre message n'a pas été remis à anne@roux.example, car l'adresse est introuvable ou ne peut pas recevoir de messages.

La réponse était la suivante :
550 5.1.1 The email account that you tried to reach does not exist.
"""
ORANGE = """Return-Path: <>
From: MAILER-DAEMON@orange.fr
Subject: Message non distribue

Votre message n'a pas pu etre remis au destinataire suivant :
<anne@roux.example>
550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]
"""
NOTES = """Return-Path: <>
From: postmaster@n.example
Subject: Undeliverable message

------- Failure Reasons  --------

User not listed in public Name & Address Book
anne@roux.example

------- Returned Message --------
"""
GMX = """Return-Path: <>
From: GMX Mailer Daemon <mailer-daemon@gmx.example>
Subject: Mail delivery failed: returning message to sender

Ihre Nachricht konnte nicht zugestellt werden.

Die folgende Adresse ist fehlgeschlagen:

<anne@roux.example>:
SMTP error from remote server for RCPT TO command, host: mx.roux.example (192.0.2.1) reason: 550 Requested action not
taken: mailbox unavailable
"""


def letter(text: str, to: str = US) -> Letter:
    return parse_letter(f"To: {to}\n{text}".encode())


@pytest.mark.parametrize(
    ("text", "reason", "kind"),
    [
        (EXIM + RETURNED, "user_unknown", "hard"),
        (QMAIL + RETURNED, "mailbox_full", "soft"),
        (POSTFIX, "dns", "hard"),
        (EXCHANGE_FR, "user_unknown", "hard"),
        (GMAIL_FR, "user_unknown", "hard"),
        (ORANGE, "spam", "soft"),
        (NOTES + RETURNED, "user_unknown", "hard"),
        (GMX, "user_unknown", "hard"),
    ],
    ids=["exim", "qmail", "postfix", "exchange", "gmail", "orange", "notes", "gmx"],
)
def test_a_bounce_in_plain_words_says_whom_it_failed_and_why(text: str, reason: str, kind: str) -> None:
    report = read_report(letter(text))

    assert report is not None
    assert (report.recipient, report.reason, report.class_) == ("anne@roux.example", reason, kind)


def test_a_recipient_refused_after_the_text_was_sent_is_filtered_and_not_dead() -> None:
    text = QMAIL.replace(
        "552 5.2.2 Mailbox is full / quota exceeded", "550 User unknown (in reply to end of DATA command)"
    )

    report = read_report(letter(text))

    assert report is not None
    assert (report.reason, report.class_) == ("user_unknown", "soft")


def test_a_warning_that_a_mail_is_late_kills_no_address() -> None:
    report = read_report(letter(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Warning: could not send message for past 4 hours\n\n"
        "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n"
        "<anne@roux.example>: 450 4.1.1 User unknown. Will keep trying until message is 5 days old\n"
    ))  # fmt: skip

    assert report is not None
    assert (report.action, report.class_, report.recipient) == ("delayed", "soft", "anne@roux.example")


@pytest.mark.parametrize(
    "text",
    [
        (
            "From: anne@roux.example\nSubject: Re: Rappel\nIn-Reply-To: <rem.1@atelier-martin.example>\n\n"
            "Votre mail à la compta n'a pas été remis, l'adresse n'existe plus. Écrivez à compta@roux.example.\n"
        ),
        "From: anne@roux.example\nSubject: Problème de livraison\n\nLa livraison a échoué, le colis n'est pas remis.\n",
        "From: postmaster@roux.example\nSubject: Re: facture\n\nBonjour, nous réglons vendredi.\n",
    ],
    ids=["about a bounce", "about a parcel", "a person named postmaster"],
)
def test_a_person_who_writes_about_deliveries_is_no_machine(text: str) -> None:
    assert read_letter(letter(text)).kind is Kind.REPLY


@pytest.mark.parametrize(
    ("subject", "body", "action"),
    [
        ("Lu : Rappel", "Votre message a été lu le lundi 7 septembre 2026.", "displayed"),
        ("Read: Reminder", "Your message was read on Monday, 7 September 2026.", "displayed"),
        ("Gelesen: Mahnung", "Ihre Nachricht wurde am Montag, 7. September 2026 gelesen.", "displayed"),
        ("Leído: Recordatorio", "El mensaje fue leído el lunes 7 de septiembre de 2026.", "displayed"),
        ("Letto: Sollecito", "Il messaggio è stato letto lunedì 7 settembre 2026.", "displayed"),
        ("Gelezen: Herinnering", "Uw bericht is gelezen op maandag 7 september 2026.", "displayed"),
        ("Non lu : Rappel", "Votre message a été supprimé sans avoir été lu.", "deleted"),
        ("Not read: Reminder", "Your message was deleted without being read.", "deleted"),
    ],
)
def test_a_read_receipt_is_known_by_its_subject_and_words_in_six_languages(
    subject: str, body: str, action: str
) -> None:
    mail = letter(
        f"From: anne@roux.example\nSubject: {subject}\nIn-Reply-To: <rem.1@atelier-martin.example>\n\n{body}\n"
    )

    reading = read_letter(mail)

    assert reading.kind is Kind.READ_RECEIPT
    assert reading.report is not None
    assert (reading.report.action, reading.report.original_message_id) == (action, "<rem.1@atelier-martin.example>")


def test_a_receipt_inside_a_mixed_mail_is_a_receipt() -> None:
    reading = read_letter(letter(
        "From: anne@roux.example\nSubject: Re: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nOuvert\n--b\n"
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; anne@roux.example\n"
        "Original-Message-ID: <rem.1@atelier-martin.example>\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n"
    ))  # fmt: skip

    assert reading.kind is Kind.READ_RECEIPT
    assert reading.report is not None
    assert reading.report.action == "deleted"


DELIVERED = """From: MAILER-DAEMON@mx.example
Subject: Delivered: Rappel
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Your message was delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; anne@roux.example
Action: {action}
Status: 2.0.0
--b--
"""


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_confirmed_delivery_is_no_bounce(action: str) -> None:
    reading = read_letter(letter(DELIVERED.format(action=action)))

    assert reading.kind is Kind.READ_RECEIPT
    assert reading.report is not None
    assert (reading.report.action, reading.report.class_) == (action, "other")


SES = (
    'From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n{"notificationType":"%s","mail":{'
    '"messageId":"0101","commonHeaders":{"messageId":"<rem.1@atelier-martin.example>"}},%s}\n'
)


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        (
            "Bounce",
            (
                '"bounce":{"bouncedRecipients":[{"emailAddress":"anne@roux.example","action":"failed","status":"5.1.1",'
                '"diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}'
            ),
            (Kind.BOUNCE, "hard"),
        ),
        (
            "Complaint",
            '"complaint":{"complainedRecipients":[{"emailAddress":"anne@roux.example"}]}',
            (Kind.COMPLAINT, "other"),
        ),
        ("Delivery", '"delivery":{"recipients":["anne@roux.example"]}', (Kind.READ_RECEIPT, "other")),
    ],
)
def test_amazons_notifications_are_read(kind: str, details: str, expected: tuple[Kind, str]) -> None:
    reading = read_letter(letter(SES % (kind, details)))

    assert reading.report is not None
    assert (reading.kind, reading.report.class_) == expected
    assert reading.report.recipient == "anne@roux.example"
    assert reading.report.original_message_id == "<rem.1@atelier-martin.example>"


def test_json_of_another_kind_is_no_report() -> None:
    assert read_report(letter('From: a@b.example\nSubject: x\n\n{"notificationType": [[[[[[')) is None


@pytest.mark.parametrize(
    ("kind", "expected", "action"),
    [
        ("accettazione", Kind.READ_RECEIPT, "relayed"),
        ("avvenuta-consegna", Kind.READ_RECEIPT, "delivered"),
        ("preavviso-errore-consegna", Kind.BOUNCE, "delayed"),
        ("errore-consegna", Kind.BOUNCE, "failed"),
    ],
)
def test_receipts_of_italian_certified_mail_are_read(kind: str, expected: Kind, action: str) -> None:
    reading = read_letter(letter(
        f"From: posta-certificata@pec.example\nSubject: Ricevuta\nX-Ricevuta: {kind}\n"
        "X-Riferimento-Message-ID: <rem.1@atelier-martin.example>\n\nIl messaggio ...\n"
    ))  # fmt: skip

    assert reading.kind is expected
    assert reading.report is not None
    assert (reading.report.action, reading.report.original_message_id) == (action, "<rem.1@atelier-martin.example>")


def test_a_complaint_without_a_machine_part_is_a_complaint() -> None:
    reading = read_letter(letter(
        "From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.1\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
        f"X-HmXmrOriginalRecipient: anne@roux.example\n{RETURNED}--b--\n"
    ))  # fmt: skip

    assert reading.kind is Kind.COMPLAINT
    assert reading.report is not None
    assert reading.report.recipient == "anne@roux.example"


def test_a_report_wrapped_by_a_gateway_says_what_the_inner_one_says() -> None:
    inner = DELIVERED.format(action="failed").replace("2.0.0", "5.1.1").replace("Your message was", "The mail was not")
    reading = read_letter(letter(
        "Return-Path: <>\nFrom: MAILER-DAEMON@gateway.example\nSubject: Returned mail\n"
        "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nThe original message could not be delivered\n--o\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--o--\n"
    ))  # fmt: skip

    assert reading.report is not None
    assert (reading.report.recipient, reading.report.class_) == ("anne@roux.example", "hard")


@pytest.mark.parametrize(
    "text",
    [
        "Vielen Dank für Ihre Nachricht. Ich bin bis 4.12. nicht im Büro.\nIhre E-Mail wird nicht weitergeleitet.",
        "Gracias por su mensaje. Estoy fuera de la oficina. En caso de urgencia, escriba a info@roux.example.",
        "Grazie per il messaggio. Sono fuori ufficio. Rientro il 4 dicembre.",
        "Bedankt voor uw bericht. Ik ben momenteel afwezig. In dringende gevallen belt u 010 1234567.",
        "Permanecemos cerrados por inventario. Este mensaje se envía solo.",
        "Questa e-mail è stata inviata automaticamente, non occorre rispondere.",
        "Dit bericht is automatisch verzonden.",
        "This message was sent automatically.",
        "Merci pour votre message ! Nous vous répondrons sous 72 h. Ce message est envoyé automatiquement.",
        "Dies ist eine automatisch generierte Nachricht. Ihre Anfrage wurde unter 4711 erfasst.",
    ],
)
def test_an_automatic_answer_without_a_header_is_known_by_its_words(text: str) -> None:
    assert (
        read_letter(letter(f"From: anne@roux.example\nSubject: Re: FA-2026-0001\n\n{text}\n")).kind is Kind.AUTO_REPLY
    )


def test_a_filter_that_wants_a_proof_is_told_to_the_owner() -> None:
    reading = read_letter(letter(
        "From: filtre@roux.example\nSubject: Re: Rappel\n\nVotre message est en attente. Pour qu'il soit remis à son "
        "destinataire, veuillez cliquer ici. Service protégé par Mailinblack.\n"
    ))  # fmt: skip

    assert (reading.kind, reading.flags) == (Kind.AUTO_REPLY, ("challenge",))
