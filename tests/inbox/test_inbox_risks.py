"""Fraud that comes by mail: changed bank details, and senders who only look like somebody known."""

import pytest

from mailbot.inbox.read import read_raw
from mailbot.inbox.risks import asks_for_other_bank_details, looks_like


@pytest.mark.parametrize(
    "text",
    [
        "Attention, nos coordonnées bancaires ont changé.",
        "Merci d'utiliser désormais le nouvel IBAN ci-dessous.",
        "Veuillez mettre à jour votre RIB sur nos factures.",
        "Please note that our bank details have changed.",
        "We paid it to your new bank account, as you asked.",
        "Kindly update the account number on your side.",
        "Unsere Bankverbindung hat sich geändert.",
        "Bitte verwenden Sie ab sofort die neue IBAN.",
        "Hemos cambiado de cuenta bancaria.",
        "Le comunico il nuovo IBAN per i pagamenti.",
        "Le nostre coordinate bancarie sono cambiate.",
        "Ons rekeningnummer is gewijzigd.",
    ],
)
def test_changed_bank_details_are_noticed_in_six_languages(text: str) -> None:
    assert asks_for_other_bank_details(f"Bonjour,\n\n{text}\n\nCordialement") == text.rstrip(".")


@pytest.mark.parametrize(
    "text",
    [
        "Pouvez-vous nous envoyer votre RIB ?",
        "Le virement est parti hier sur votre compte bancaire.",
        "Could you send us your bank details again?",
        "Bitte senden Sie uns Ihre Bankverbindung.",
        "Nous avons un nouveau comptable. Le virement part vendredi sur votre compte bancaire.",
        "We have a new address.",
    ],
)
def test_asking_for_bank_details_or_paying_is_no_change(text: str) -> None:
    assert asks_for_other_bank_details(text) is None


@pytest.mark.parametrize(
    "domain",
    [
        "ateller-martin.example", "atelier-rnartin.example", "atelier-matrin.example", "atelier-martin.test",
        "ateliermartin.example", "atelier-martins.example", "atelier-martn.example", "xn--telier-martin-v1k.example",
        "ate1ier-martin.example",
    ],
)  # fmt: skip
def test_a_domain_made_to_look_like_a_known_one_is_seen(domain: str) -> None:
    assert looks_like(domain, ["other.example", "atelier-martin.example"]) == "atelier-martin.example"


@pytest.mark.parametrize(
    "domain",
    ["atelier-martin.example", "mail.atelier-martin.example", "menuiserie.example", "gmial.com", "", "x" * 5000],
)
def test_known_and_unlike_domains_are_left_alone(domain: str) -> None:
    assert looks_like(domain, ["atelier-martin.example", "gmail.com", "abc.example"]) is None


def test_a_client_who_speaks_of_new_bank_details_is_no_longer_believed_unasked() -> None:
    raw = (
        "From: anne@roux.example\nTo: f@atelier-martin.example\nSubject: Re: FA-2026-0001\nIn-Reply-To: <1@x.example>\n"
        "Date: Mon, 07 Sep 2026 10:24:12 +0200\n\nJe fais le virement vendredi.\n"
    )
    changed = raw + "Merci de confirmer votre nouvel IBAN.\n"

    assert read_raw(raw.encode())[1].sure
    assert not read_raw(changed.encode())[1].sure
    assert read_raw(changed.encode())[1].flags == ("bank_change",)


def test_a_sender_who_looks_like_the_owner_is_flagged_and_gives_no_orders() -> None:
    raw = b"From: claire@ateller-martin.example\nTo: f@atelier-martin.example\nSubject: x\n\nstop\n"

    _, reading = read_raw(raw, ["claire@atelier-martin.example"], "mx.example")

    assert reading.flags == ("look_alike",)
    assert reading.orders == ()
