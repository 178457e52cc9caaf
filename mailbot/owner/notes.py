"""What an owner writes above an invoice that is passed on, and what the client had written below it.

Field lines and plain orders are taken at their word; any other words come back, to be asked about. A line that only
hands the invoice over ("voici la facture") says nothing.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from mailbot.model import Order
from mailbot.owner.courtesy import GREETING, is_pleasant
from mailbot.owner.orders import parse_orders
from mailbot.owner.words import THE_SAME, fold

OBEYED = frozenset({"paid", "pause", "promise", "dispute"})
"""Orders that may stand above an invoice: what they do is told, and can be taken back."""
_THIS = THE_SAME | {"cette facture", "la facture", "facture", "this invoice", "the invoice", "elle", "ci-jointe"}
_HANDED_OVER = re.compile(
    r"(?:(?:pour|for) (?:info(?:rmation)?|(?:le )?suivi|suite a donner|relances?|traitement|your information|"
    r"follow[ -]?up)|a suivre|a relancer|"
    r"(?:a )?traiter|fyi|suivi|to follow(?: up)?|to chase|factures?|invoices?|avoirs?|credit notes?|"
    r"(?:(?:veuillez trouver )?ci[ -]joint(?:e?s?)?|voici|tu trouveras|here (?:is|are)|please find|attached|"
    r"find attached|see attached|enclosed)(?: [\w'/.-]{1,40}){0,10}|"
    r"(?:(?:la|les|une|the|an?|nos|notre|our|ma|mes|my) )?(?:factures?|invoices?|avoirs?|credit notes?)"
    r"(?: [\w'/.-]{1,40}){0,4} (?:ci[ -]jointe?s?|en pj|en piece jointe|jointe?s?|attached|enclosed)|"
    r"envoye de(?:puis)? mon .{1,30}|sent from my .{1,30})"
)
_CLAUSES = re.compile(r"[,;:.!]+(?:\s+|$)")
_MEANS_MORE = re.compile(
    r"\b(?:pay|regl|sold|vir[eé]|ne |pas |not |n't|sauf|except|mais|but|attend|wait|contact|litige|dispute|acompte|"
    r"promis|echeance|due|annul|cancel|erreur|wrong|faux|fausse|remplac|replac|corrig)|@"
)
_CLAIMS = re.compile(
    r"\b(?:(?:a|ont|avons|avez|ai|est|etait|fut|ete|deja|bien|viens de|venons de|sera|seront) (?:\w{1,12} ){0,3}"
    r"(?:paye|regle|regler|payer|solde|vire)e?s?|(?:virement|cheque|paiement|reglement) (?:\w{1,12} ){0,3}"
    r"(?:fait|effectue|emis|parti|envoye|recu|date)|conteste|contestons|litige|desaccord|pas d'accord|refus\w{0,6}|"
    r"(?:have|has|was|been|already|were) (?:\w{1,12} ){0,2}(?:paid|settled|transferred)|we paid|i paid|"
    r"payment (?:was|has been|is)|dispute|disagree)\b"
)
_MOST_LINES = 200
_MOST_TOLD = 4
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Note:
    """What stands above an invoice: orders and field lines in their order, and words that are neither."""

    orders: tuple[Order, ...] = ()
    words: tuple[str, ...] = ()

    def about(self, number: str | None, place: int, *, alone: bool) -> "Note":
        """The part that is about one invoice of the mail, by its number, by its place from 1, or as the only one."""
        mine = tuple(one for one in self.orders if _names(one, number, place, alone=alone))
        others = () if not alone else tuple(one.line.strip() for one in self.orders if one not in mine)
        return Note(mine, (*self.words, *others))

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the invoice that are given, by their names; the client's address as `contact`."""
        given: dict[str, str] = {}
        for order in self.orders:
            if order.verb == "correct":
                given |= order.fields
            elif order.verb == "contact":
                given["contact"] = order.fields["email"]
        return given


def note_of(text: str, today: date, names: Collection[str] = ()) -> Note:
    """The note in an owner's own text of `today`; a line that is one of `names` is a signature."""
    orders, unknown = parse_orders(text, "fr", today)
    kept = tuple(one for one in orders if one.verb in OBEYED or _is_field(one))
    other = [one.line.strip() for one in orders if one not in kept]
    signed = {fold(name) for name in names if name} | {fold(name.split()[0]) for name in names if name.split()}
    words = [line.strip() for line in unknown if fold(line).strip(" .,!-") not in signed and not _only_hands_over(line)]
    return Note(kept, tuple(dict.fromkeys([*words, *other]))[:_MOST_TOLD])


def claims_in(text: str) -> tuple[str, ...]:
    """The lines by which a client's mail that was passed on says that it paid, will pay or disputes."""
    lines = [line.strip()[:_LONGEST] for line in text.split("\n")[:_MOST_LINES]]
    return tuple(line for line in lines if _CLAIMS.search(fold(line)))[:_MOST_TOLD]


def _is_field(order: Order) -> bool:
    return order.verb == "correct" or (order.verb == "contact" and order.fields.get("action") == "replace")


def _names(order: Order, number: str | None, place: int, *, alone: bool) -> bool:
    if order.target is None or fold(order.target) in _THIS:
        return alone
    return _bare(order.target) in (_bare(number or ""), str(place))


def _bare(text: str) -> str:
    return "".join(sign for sign in fold(text) if sign.isalnum())


def _only_hands_over(line: str) -> bool:
    low = fold(line)
    clauses = [clause for clause in _CLAUSES.split(low[:_LONGEST]) if clause]
    known = all(_HANDED_OVER.fullmatch(one) or GREETING.match(one) or is_pleasant(one) for one in clauses)
    return known and len(low) <= _LONGEST and not _MEANS_MORE.search(low)
