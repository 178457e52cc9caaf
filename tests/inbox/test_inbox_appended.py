"""What stands below the new text changes nothing: our own reminder quoted back promises and asks nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from mailbot.errors import ReaderError
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.quotes import new_text
from mailbot.inbox.read import read_letter
from mailbot.model import Kind, Letter, Reading

CASES = Path(__file__).parent.parent / "cases" / "mails"
TODAY = date(2026, 11, 1)
REMINDER = (
    "Bonjour,\n\nSauf erreur de notre part, la facture FA-2026-0999 reste impayée. Pouvez-vous la régler avant le "
    "5 décembre 2026 ?\nSi vous contestez cette facture ou si vous l'avez déjà payée hier, dites-le nous.\n\n"
    "Please pay by 30 November. We dispute nothing; you can pay in three instalments.\n\n"
    "Claire Martin\nAtelier Martin SARL"
)
MARKED = "\n".join(f"> {line}".rstrip() for line in REMINDER.split("\n"))
QUOTES = {
    "marked": MARKED,
    "marked twice": "\n".join(f"> {line}".rstrip() for line in MARKED.split("\n")),
    "Gmail, French": (
        f"Le ven. 16 oct. 2026 à 08:02, Atelier Martin <factures@atelier-martin.example> a écrit :\n\n{MARKED}"
    ),
    "Gmail, English": (
        f"On Fri, Oct 16, 2026 at 8:02 AM Atelier Martin <\nfactures@atelier-martin.example> wrote:\n\n{MARKED}"
    ),
    "Outlook, French": (
        "De : Atelier Martin <factures@atelier-martin.example>\nEnvoyé : vendredi 16 octobre 2026 08:02\n"
        f"À : Nathalie Roux\nObjet : Facture FA-2026-0999 : rappel\n\n{REMINDER}"
    ),
    "Outlook, English": (
        "________________________________\nFrom: Atelier Martin <factures@atelier-martin.example>\n"
        f"Sent: Friday, October 16, 2026 8:02 AM\nTo: Nathalie Roux\nSubject: Reminder\n\n{REMINDER}"
    ),
    "Outlook, older": (
        "-----Message d'origine-----\nDe : Atelier Martin [mailto:factures@atelier-martin.example]\n"
        f"Envoyé : vendredi 16 octobre 2026\nÀ : Roux\nObjet : Rappel\n\n{REMINDER}"
    ),
    "Apple": f"> Le 16 oct. 2026 à 08:02, Atelier Martin <factures@atelier-martin.example> a écrit :\n>\n{MARKED}",
}
TAILS = {
    "signature": "-- \nNathalie Roux\nResponsable litiges et refus\nTél. 01 23 45 67 89",
    "telephone": "Envoyé de mon iPhone",
    "telephone, English": "Sent from my Samsung Galaxy",
    "disclaimer": (
        "This message is confidential. If you are not the intended recipient, stop, delete it and contact us "
        "before 5 December."
    ),
    "disclaimer, French": (
        "Ce message est confidentiel. S'il ne vous est pas destiné, merci de le supprimer et de nous en avertir : "
        "vous n'êtes pas la bonne personne."
    ),
}


def replies() -> Iterator[Any]:
    for path in sorted(chain.from_iterable(CASES.glob(f"{kind}*/*.eml") for kind in ("replies", "reports"))):
        try:
            letter = parse_letter(path.read_bytes())
        except ReaderError:
            continue
        own = new_text(letter)
        bare = replace(letter, text=own.text, html="", attachments=())
        if own.text.strip() and read_letter(bare, today=TODAY).kind is Kind.REPLY:
            yield pytest.param(bare, id=f"{path.parent.name}/{path.name}")


def said(reading: Reading) -> tuple[object, ...]:
    return (
        reading.intent,
        reading.also,
        reading.sure,
        reading.promise_date,
        reading.promise_amount,
        reading.paid_date,
        reading.new_contact,
        reading.invoices,
    )


@pytest.mark.parametrize("letter", list(replies()))
def test_nothing_appended_below_a_reply_changes_what_it_says(letter: Letter) -> None:
    before = said(read_letter(letter, today=TODAY))
    tails = {**QUOTES, **TAILS}
    tails |= {f"{a}, {b}": f"{TAILS[a]}\n\n{QUOTES[b]}" for a in TAILS for b in ("Gmail, French", "Outlook, English")}

    changed = {
        name: got
        for name, tail in tails.items()
        if (got := said(read_letter(replace(letter, text=f"{letter.text}\n\n{tail}\n"), today=TODAY))) != before
    }

    assert not changed, before
