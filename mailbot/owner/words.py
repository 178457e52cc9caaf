"""Words that an owner's orders share: months and weekdays of both languages, and accent-blind comparing."""

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


def fold(text: str) -> str:
    """Lower case without accents, character for character (a composed letter stays one letter)."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text.translate(_PLAIN)).lower()
