"""What stands beside the text that is read: below a signature mark, and in the other form of a mail."""

import pytest

from mailbot.inbox.besides import BELOW_SIGNATURE, TWO_VERSIONS
from mailbot.inbox.read import read_raw
from mailbot.model import Intent, Reading

HEAD = (
    "From: Nathalie Roux <n.roux@roux-fils.example>\nTo: factures@atelier-martin.example\nSubject: Re: Rappel\n"
    "Date: Mon, 16 Nov 2026 11:00:00 +0100\nIn-Reply-To: <r.1@atelier-martin.example>\nMIME-Version: 1.0\n"
)


def of(text: str) -> Reading:
    return read_raw(f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())[1]


def in_two_forms(text: str, html: str) -> Reading:
    return read_raw(
        f'{HEAD}Content-Type: multipart/alternative; boundary="x"\n\n--x\nContent-Type: text/plain; charset=utf-8\n\n'
        f"{text}\n--x\nContent-Type: text/html; charset=utf-8\n\n{html}\n--x--\n".encode()
    )[1]


@pytest.mark.parametrize(
    ("said", "below", "trouble"),
    [
        ("We paid this on Friday.", "Update: wrong file, sorry. We dispute your invoice.", Intent.DISPUTE),
        ("Nous réglons vendredi.", "PS : finalement nous ne paierons pas cette facture.", Intent.REFUSAL),
        ("Wir überweisen am Freitag.", "Nachtrag: wir haben heute Insolvenz angemeldet.", Intent.INSOLVENCY),
        ("Pagamos el viernes.", "No nos escriban más, por favor, borren nuestros datos.", Intent.STOP),
        ("Paghiamo venerdì.", "Ora vedo: la merce è arrivata rotta, contestiamo la fattura.", Intent.DISPUTE),
        ("Nous réglons vendredi.", "Roux & Fils SARL en redressement judiciaire\nSIREN 123 456 789", Intent.INSOLVENCY),
        ("We will pay on Friday.", "Roux Ltd (in administration)", Intent.INSOLVENCY),
        ("We betalen vrijdag.", "Ik werk daar niet meer, u hebt de verkeerde persoon.", Intent.WRONG_CONTACT),
    ],
)
def test_trouble_below_the_signature_mark_is_shown_to_the_owner_and_changes_no_intent(
    said: str, below: str, trouble: Intent
) -> None:
    plain = of(said)

    found = of(f"{said}\n\n-- \nNathalie Roux\nRoux & Fils SARL\n\n{below}")

    assert plain.sure
    assert (found.intent, found.promise_date, found.paid_date) == (plain.intent, plain.promise_date, plain.paid_date)
    assert (found.sure, found.flags) == (False, (BELOW_SIGNATURE,))
    assert trouble in found.also


@pytest.mark.parametrize(
    "below",
    [
        "Nathalie Roux\nService litiges et contentieux\nTél. 01 23 45 67 89",
        "Nathalie Roux\nWe build houses that last. Call us!\nwww.roux-fils.example",
        "Me Paul Lenoir\nMandataire judiciaire\n12 rue des Lois, 75001 Paris",
        (
            "Nathalie Roux\n\nCe message est confidentiel. Si vous n'êtes pas la bonne personne, merci de le supprimer "
            "et de ne plus nous écrire à ce destinataire."
        ),
        "Nathalie Roux\n\nToute contestation doit être adressée par écrit, selon nos conditions générales.",
        "Nathalie Roux\n\nPensez à l'environnement : n'imprimez pas ce message.",
    ],
)
def test_a_signature_of_names_slogans_and_disclaimers_leaves_a_promise_sure(below: str) -> None:
    found = of(f"Nous réglons vendredi.\n\n-- \n{below}")

    assert (found.intent, found.sure, found.flags) == (Intent.PROMISE, True, ())


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("We will pay on Friday.", "<p>We will not pay, this is disputed.</p>"),
        ("We will pay on Friday.", "<p>We will not pay on Friday.</p>"),
        ("Nous réglons vendredi.", "<p>Le matériel est arrivé cassé.</p>"),
        ("Wir zahlen am 20. November.", "<p>Wir zahlen am 27. November.</p>"),
        ("Bien reçu, merci.", "<p>Nous avons réglé le 10 novembre.</p>"),
    ],
)
def test_a_mail_whose_two_forms_say_different_things_is_asked_about(text: str, html: str) -> None:
    found = in_two_forms(text, html)

    assert (found.sure, found.flags) == (False, (TWO_VERSIONS,))
    assert found.intent is of(text).intent


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Nous réglons vendredi.", "<div>Nous&nbsp;<b>réglons</b> vendredi.</div>"),
        ("Nous réglons vendredi.\n\nN. Roux", "<p>Nous réglons vendredi.</p><p>N. Roux<br><i>Roux &amp; Fils</i></p>"),
        ("Nous réglons vendredi.", "<p>Nous réglons vendredi.</p><p>Découvrez notre site www.roux-fils.example</p>"),
        ("Nous réglons vendredi.", "<div style='display:none'>Nous contestons.</div><p>Nous réglons vendredi.</p>"),
        ("Nous réglons vendredi.", "<img src='cid:logo'>"),
    ],
)
def test_forms_that_differ_in_looks_only_leave_a_promise_sure(text: str, html: str) -> None:
    found = in_two_forms(text, html)

    assert (found.intent, found.sure, found.flags) == (Intent.PROMISE, True, ())
