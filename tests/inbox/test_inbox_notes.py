"""Absence notes of which no header tells; and absent people who say more than that they are away."""

from datetime import date

import pytest

from mailbot.inbox.read import read_raw
from mailbot.model import Intent, Kind, Reading

HEAD = (
    "From: Nathalie Roux <n.roux@roux-fils.example>\nTo: factures@atelier-martin.example\nSubject: {subject}\n"
    "Date: Mon, 16 Nov 2026 11:00:00 +0100\nIn-Reply-To: <r.1@atelier-martin.example>\nMIME-Version: 1.0\n{more}"
    "Content-Type: text/plain; charset=utf-8\n\n"
)
ANSWER = "paul.roy@roux-fils.example"


def of(text: str, subject: str = "Re: Rappel", more: str = "") -> Reading:
    return read_raw((HEAD.format(subject=subject, more=more) + text).encode())[1]


@pytest.mark.parametrize(
    ("text", "back", "instead"),
    [
        (f"Je suis en congé du 16 au 27 novembre. Pour toute urgence, contactez Paul Roy ({ANSWER}).", None, ANSWER),
        ("Bonjour, je suis en déplacement et serai de retour mardi 24 novembre. Cordialement", "2026-11-24", None),
        ("Nos bureaux sont fermés jusqu'au 3 janvier inclus. Réouverture le 4 janvier 2027.", "2027-01-04", None),
        (f"Ich bin bis einschließlich 27.11. abwesend. Meine Vertretung ist Paul Roy ({ANSWER}).", None, ANSWER),
        ("Vielen Dank für Ihre Nachricht. Ich bin im Urlaub und ab dem 30.11. wieder im Büro.", "2026-11-30", None),
        (f"Ik ben tot en met 27 november met verlof. Bij dringende vragen mail naar {ANSWER}.", None, ANSWER),
        ("Momenteel ben ik afwezig. Vanaf maandag 30 november ben ik weer op kantoor.", "2026-11-30", None),
        (f"Estoy de permiso hasta el 27 de noviembre. En caso de urgencia contacte con {ANSWER}.", None, ANSWER),
        ("Gracias por su mensaje. Estoy de viaje y vuelvo el lunes 30 de noviembre.", "2026-11-30", None),
        (f"Sono in ferie fino al 27 novembre. In caso di urgenza scrivete a {ANSWER}.", None, ANSWER),
        ("Il nostro ufficio è chiuso per ferie. Riapriamo il 7 gennaio 2027.", "2027-01-07", None),
        (f"I'm travelling until 27 November. For urgent matters write to {ANSWER}.", None, ANSWER),
        ("We are closed for the holidays and reopen on Monday 4 January.", "2027-01-04", None),
    ],
)
def test_a_note_that_says_only_who_is_away_is_an_automatic_answer(
    text: str, back: str | None, instead: str | None
) -> None:
    found = of(text)

    assert (found.kind, found.intent, found.sure) == (Kind.AUTO_REPLY, Intent.AUTO_REPLY, True)
    assert (found.return_date, found.new_contact) == (date.fromisoformat(back) if back else None, instead)


@pytest.mark.parametrize(
    "text",
    [
        "Je suis absent jusqu'au 27 novembre. La moitié des lampes est arrivée cassée.",
        "Je suis en vacances jusqu'au 27 novembre, le colis est reparti chez vous.",
        "Nous sommes fermés définitivement depuis le 3 novembre.",
        "Je suis en arrêt maladie jusqu'au 30 novembre et sans revenus.",
        "Ich bin bis 27.11. im Urlaub, danach überweise ich.",
        "Ich bin bis 27.11. im Urlaub. Das Paket ging zurück.",
        "Ich bin bis 27.11. verreist. Ihre Rechnung stimmt nicht.",
        "Ik ben tot 27 november op vakantie en betaal daarna.",
        "Ik ben tot 27 november op vakantie. Laat mij met rust.",
        "Estoy de viaje hasta el 27 de noviembre. Esa factura no la pagamos.",
        "Sono in ferie fino al 27 novembre. I lavori non sono finiti.",
        "I'm away until 27 November. Did you get our complaint?",
        "I'm away until 27 November. The pump still leaks.",
        "Our accountant is on leave until 27 November, you will have to wait.",
        "I was on holiday until 15 November, sorry. Payment goes out on Friday.",
    ],
)
def test_an_absent_person_who_says_more_is_no_automatic_answer(text: str) -> None:
    found = of(text)

    assert not (found.kind is Kind.AUTO_REPLY and found.sure), found


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("La société Roux & Fils est en liquidation judiciaire depuis le 3 novembre.", Intent.INSOLVENCY),
        ("Über das Vermögen der Roux GmbH wurde das Insolvenzverfahren eröffnet.", Intent.INSOLVENCY),
        ("La empresa está en concurso de acreedores. Diríjase al administrador concursal.", Intent.INSOLVENCY),
        ("De BV is failliet verklaard, neem contact op met de curator.", Intent.INSOLVENCY),
        ("La ditta è in liquidazione giudiziale, rivolgersi al curatore.", Intent.INSOLVENCY),
        ("The company went into administration on 3 November.", Intent.INSOLVENCY),
        ("We dispute this invoice, the delivery was incomplete.", Intent.DISPUTE),
    ],
)
def test_an_automatic_answer_that_tells_of_trouble_is_shown_to_the_owner(text: str, trouble: Intent) -> None:
    found = of(text, "Automatic reply: Rappel", "Auto-Submitted: auto-replied\n")

    assert (found.kind, found.intent, found.sure) == (Kind.AUTO_REPLY, Intent.AUTO_REPLY, False)
    assert trouble in found.also


@pytest.mark.parametrize(
    "text",
    [
        "L'entreprise est fermée pour les fêtes jusqu'au 3 janvier.",
        "Notre magasin est fermé du 23 décembre au 3 janvier.",
        "Wir haben vom 23.12. bis 2.1. geschlossen.",
        "Estamos cerrados por vacaciones.",
        "L'azienda è chiusa per ferie fino al 27 agosto.",
        "Ons bedrijf is gesloten wegens vakantie. Mijn mail wordt niet gelezen.",
        "The shop is closed until 4 January.",
    ],
)
def test_a_house_closed_for_holidays_is_not_out_of_business(text: str) -> None:
    found = of(text, "Automatic reply: Rappel", "Auto-Submitted: auto-replied\n")

    assert (found.sure, found.also) == (True, ())
