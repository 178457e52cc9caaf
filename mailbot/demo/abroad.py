"""What the clients abroad answer: each in its own language and in a mail program that is common in its country.

The bot writes to them in the language of the business, as it does to every client until it is told otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer of a client, and what follows from it."""

    style: str
    """The mail program (`people.reply`)."""
    text: str
    pays_after: int
    """Days from the mail that it answers; where it names another address, from the first mail that comes there."""
    at_once: bool = False
    """It answers the first mail of all; the others wait for a reminder."""
    orders: tuple[str, ...] = ()
    """What the owner says on the morning after the answer: keys of the story's words."""


ANSWERS: Mapping[str, Answer] = {
    "krause": Answer(
        "gmx",
        "Guten Tag,\n\nbitte entschuldigen Sie die Verspätung. Wir überweisen den Betrag bis Ende nächster Woche.\n\n"
        "Mit freundlichen Grüßen",
        pays_after=9,
    ),
    "olmedo": Answer(
        "outlook",
        "Buenos días:\n\nEsta factura ya está pagada, hicimos la transferencia ayer.\n\nUn saludo,",
        pays_after=2,
    ),
    "bassani": Answer(
        "libero",
        "Buongiorno,\n\nnon troviamo la fattura. Potete inviarci una copia, per favore?\n\nCordiali saluti,",
        pays_after=2,
        at_once=True,
        orders=("resolve",),
    ),
    "devries": Answer(
        "outlook",
        "Goedemiddag,\n\nIk werk niet meer op de administratie. Wilt u dit sturen naar {email}?\n\n"
        "Met vriendelijke groet,",
        pays_after=3,
        orders=("contact", "resolve"),
    ),
}
"""By the key of the client."""
