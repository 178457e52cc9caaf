"""Words that an owner's orders share: months and weekdays of both languages, and accent-blind comparing."""

import re
import unicodedata

_MONTH_NAMES = (
    "janvier janv january jan|fevrier fevr fev february feb|mars march mar|avril avr april apr|mai may|"
    "juin june jun|"
    "juillet juil july jul|aout august aug|septembre sept september sep|octobre oct october|"
    "novembre nov november|decembre dec december"
)
_DAY_NAMES = (
    "lundi monday lun mon|mardi tuesday tue|mercredi wednesday mer wed|jeudi thursday jeu thu|"
    "vendredi friday ven fri|samedi saturday sam sat|dimanche sunday dim sun"
)
MONTHS = {name: at for at, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}
WEEKDAYS = {name: at for at, names in enumerate(_DAY_NAMES.split("|")) for name in names.split()}
_PLAIN = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "–": "-", "—": "-"})


NOISE = frozenset(
    ["le", "la", "les", "l", "du", "de", "des", "d", "au", "aux", "a", "pour", "the", "of", "on", "by", "until", "till",
     "to", "for", "jusqu'au", "jusqu", "jusqua", "pendant", "facture", "invoice", "client", "customer", "sur", "with",
     "par", "via", "avec", "n°", "nº", "about", "chez", "from"]
)  # fmt: skip
"""Small words before or after what an order is about."""
ALL = frozenset(
    ["tout", "tous", "toutes", "all", "everything", "everyone", "everybody", "tout le monde", "tous les clients",
     "all clients", "all customers", "toutes les factures", "all invoices", "toutes les relances", "les relances",
     "all reminders", "reminders", "relances", "le tout", "them all", "all of them", "anyone", "anybody",
     "qui que ce soit", "n'importe qui", "everything else", "*"]
)  # fmt: skip
THE_SAME = frozenset(
    ["it", "le meme", "la meme", "meme", "same", "the same", "this one", "that one", "celle-ci", "celui-ci", "them",
     "celle-la", "celui-la", "lui", "idem", "same one", "the same one", "la meme facture", "le meme client"]
)  # fmt: skip
"""What the last order named."""


_NUMBER_WORDS = (
    "un une a an one|deux two couple|trois three|quatre four|cinq five|six|sept seven|huit eight|neuf nine|dix ten|"
    "onze eleven|douze twelve|treize thirteen|quatorze fourteen|quinze fifteen|seize sixteen|dix-sept seventeen|"
    "dix-huit eighteen|dix-neuf nineteen|vingt twenty|vingt-et-un twenty-one|vingt-deux twenty-two|"
    "vingt-trois twenty-three|vingt-quatre twenty-four|vingt-cinq twenty-five|vingt-six twenty-six|"
    "vingt-sept twenty-seven|vingt-huit twenty-eight|vingt-neuf twenty-nine|trente thirty|trente-et-un thirty-one"
)
_NUMBERS = {word: at for at, words in enumerate(_NUMBER_WORDS.split("|"), 1) for word in words.split()}
_NUMBERS |= {"premier": 1, "first": 1, "second": 2, "third": 3}
_COUNTED = re.compile(
    rf"(?<![\w-])(?:a )?({'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?: of)? "
    rf"(?=(?:jours?|days?|semaines?|weeks?|mois|months?|{'|'.join(MONTHS)})\b)"
)


def in_digits(low: str) -> str:
    """Folded words with the numbers before days, weeks and months as digits: "two weeks", "le vingt novembre"."""
    return _COUNTED.sub(lambda found: f"{_NUMBERS[found[1]]} ", low)


def fold(text: str) -> str:
    """Lower case without accents, character for character (a composed letter stays one letter)."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text.translate(_PLAIN)).lower()
