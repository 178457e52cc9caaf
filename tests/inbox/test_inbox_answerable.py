"""What no program answers, and what is the receipt of a ticket and no absence."""

import pytest

from mailbot.inbox.absence import speaks_of_absence
from mailbot.inbox.answerable import wants_no_answer
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter
from mailbot.model import Intent, Kind, Letter

QUOTE = "\n\nLe lun. 2 mars 2026 à 09:20, Atelier <f@a.example> a écrit :\n> Madame, Monsieur,\n> Sauf erreur\n"


def mail(text: str, *headers: str, sender: str = "anne@roux.example") -> Letter:
    head = [f"From: {sender}", "Subject: Re: Facture F-1-2026", "In-Reply-To: <1@a.example>", *headers]
    return parse_letter("\n".join([*head, 'Content-Type: text/plain; charset="utf-8"', "", text, ""]).encode())


@pytest.mark.parametrize(
    "header",
    [
        "Return-Path: <>", "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: OOF, AutoReply",
        "Precedence: bulk", "Precedence: List", "Precedence: junk", "List-Id: <x.y.example>", "Feedback-ID: 1:2:3:esp",
        "Auto-Submitted: auto-generated", "Auto-Submitted: auto-replied (vacation)",
        "Auto-Submitted: auto-notified; x=1", "List-Unsubscribe: <mailto:a@b.example>", "X-Autorespond: yes",
    ],
)  # fmt: skip
def test_a_machines_mail_and_one_to_many_are_not_answered(header: str) -> None:
    assert wants_no_answer(mail("ok", header))
    assert wants_no_answer(mail("ok", "X-Other: a", header, "Auto-Submitted: no"))


@pytest.mark.parametrize(
    "sender",
    [
        "noreply@x.example", "no-reply@x.example", "no_reply+7@x.example", "NoReply2@x.example",
        "ne-pas-repondre@x.example", "nepasrepondre@x.example",
        "donotreply@x.example", "do-not-reply@x.example", "nicht-antworten@x.example",
        "keine-antwort@x.example", "no-responder@x.example", "non-rispondere@x.example", "geen-antwoord@x.example",
        "MAILER-DAEMON@x.example", "postmaster@x.example", "bounces@x.example", "clients-request@x.example",
        "owner-liste@x.example", "notifications@x.example",
    ],
)  # fmt: skip
def test_addresses_that_nobody_reads_are_not_answered(sender: str) -> None:
    assert wants_no_answer(mail("ok", sender=sender))


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "X-Auto-Response-Suppress: OOF", "Return-Path: <anne@roux.example>", "X-A: b"]
)
@pytest.mark.parametrize("sender", ["anne@roux.example", "noremi@roux.example", "compta@noreply.example"])
def test_a_persons_mail_may_be_answered(header: str, sender: str) -> None:
    assert not wants_no_answer(mail("ok", header, sender=sender))


RECEIPTS = [
    "Votre demande a été enregistrée sous le n° 4711. Ne pas répondre.",
    "Nous accusons réception de votre message. Votre demande a été enregistrée sous le n° 4711.",
    "Your request has been received and was logged as ticket #4711. We return to you right away.",
    "Ihre Anfrage wurde unter der Ticketnummer 4711 registriert.",
    "Su solicitud ha sido registrada con el número de caso 4711.",
    "La sua richiesta è stata registrata con il numero di ticket 4711.",
    "Uw aanvraag is geregistreerd onder ticketnummer 4711.",
]


@pytest.mark.parametrize("text", RECEIPTS)
@pytest.mark.parametrize("quote", ["", QUOTE], ids=["bare", "above a quote"])
def test_the_receipt_of_a_ticket_is_an_automatic_mail_and_no_absence(text: str, quote: str) -> None:
    found = read_letter(mail(f"{text}{quote}"))

    assert (found.kind, found.intent, found.sure) == (Kind.AUTO_REPLY, Intent.AUTO_REPLY, True)
    assert not speaks_of_absence(found.new_text)


def test_a_question_or_a_promise_beside_a_number_is_not_lost() -> None:
    asks = "Votre mail a bien été reçu, dossier 4711. Pouvez-vous nous renvoyer la facture ?"
    pays = "Votre demande est enregistrée sous le n° 4711. Nous paierons la facture le 16 mars 2026."

    assert read_letter(mail(asks)).kind is Kind.REPLY
    assert not read_letter(mail(pays)).sure


@pytest.mark.parametrize(
    "text",
    [
        "Je suis absente jusqu'au 12 mars.", "Nos bureaux sont fermés cette semaine.", "I am out of office.",
        "I am on annual leave.", "Ich bin im Urlaub.", "Unser Büro ist bis Montag geschlossen.", "Estoy de vacaciones.",
        "Estaré fuera de la oficina.", "Sono in ferie.", "Sarò fuori ufficio.", "Ik ben met verlof.",
        "Ons kantoor is gesloten.", "De retour lundi.", "Paul no longer works here.",
    ],
)  # fmt: skip
def test_words_of_absence_are_known_in_six_languages(text: str) -> None:
    assert speaks_of_absence(text)
