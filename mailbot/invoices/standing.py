"""What a list says of an invoice in words: paid, paid in part, still open, disputed, lost; a column, a yes, a day.

Lists of many tools have no column for what is left to pay, but one that says "Payée" or "Partially paid". An invoice
that is paid must never be chased, so what is not clearly open is asked about.
"""

import re
from typing import Final, Literal

Standing = Literal["open", "paid", "part", "net", "lost", "disputed", "unknown"]
"""`net`: what is left is stated without tax."""

_NOT: Final = r"(?:non|not|nicht|no|niet|pas|nog niet|noch nicht|not yet|non encore|aun no|non ancora) "
_PAID: Final = (
    r"(?:payee?s?|paye|reglee?s?|soldee?s?|acquittee?s?|encaissee?s?|lettree?s?|remboursee?s?|cloturee?s?|"
    r"paid|settled|closed|cleared|collected|reconciled|"
    r"bezahlt|beglichen|ausgeglichen|erledigt|eingegangen|"
    r"pagad[oa]s?|cobrad[oa]s?|saldad[oa]s?|liquidad[oa]s?|abonad[oa]s?|"
    r"pagat[oaie]|saldat[oaie]|incassat[oaie]|quietanzat[oaie]|"
    r"betaald|voldaan|afgehandeld)"
)
_UNPAID: Final = re.compile(
    rf"{_NOT}{_PAID}|unpaid|unbezahlt|onbetaald|impaye|impagad|insolut|insoddisfatt|a (?:regler|payer|encaisser|pagar|"
    r"cobrar)|da (?:pagare|incassare|saldare)|te (?:betalen|innen)|to be paid|zu zahlen"
)
_SAYS: Final[dict[Standing, re.Pattern[str]]] = {
    "lost": re.compile(
        r"irrecouvrable|passee? en perte|perte|abandon|written off|write off|bad debt|uncollectible|abgeschrieben|"
        r"uneinbringlich|ausgebucht|incobrable|fallid|inesigibil|stralciat|perdita|oninbaar|afgeschreven|afgeboekt"
    ),
    "disputed": re.compile(
        r"litige|litigieu|contest|disput|strittig|bestritten|reklam|litigio|reclamad|controvers|betwist|geschil|"
        r"refus|rejet|reject|abgelehnt|rechazad|respint|rifiutat|geweigerd|afgewezen"
    ),
    "part": re.compile(
        r"partiel|partial|part paid|part paye|en partie|in part|teil|anteilig|anbezahlt|parcial|parzial|en parte|deels|"
        r"gedeeltelijk|deelbetal|acompte|deposit|anzahlung|anticipo|acconto|aanbetaling"
    ),
    "paid": re.compile(
        rf"\b{_PAID}\b|(?:paiement|reglement) recu|payment received|zahlung erhalten|pago recibido|"
        r"pagamento ricevuto|betaling ontvangen"
    ),
    "open": re.compile(
        r"retard|\bechue?\b|echeance|a echoir|attente|envoye|\bemise?\b|validee?|finalisee?|comptabilisee?|facturee?|"
        r"exigible|\bdue?$|en cours|ouvert|relanc|rappel|transmise\b|deposee?|recue\b|acceptee?|approuvee?|"
        r"overdue|outstanding|\bopen\b|opened|awaiting|pending|sent\b|viewed|issued|approved|authori[sz]ed|\blate\b|"
        r"submitted|posted|\bfinal\b|reminder|invoiced|delivered|accepted|"
        r"\boffen|fallig|versendet|versandt|verschickt|gestellt|gebucht|verbucht|gemahnt|mahnung|"
        r"pendiente|vencid|enviad|emitid|abiert|contabilizad|"
        r"scadut|inviat|emess|apert|in attesa|in scadenza|sollecit|"
        r"verzonden|verstuurd|openstaand|vervallen|verlopen|achterstallig|herinner|aanman|definitief"
    ),
}
_OF_CREDITS: Final = frozenset(
    ("avoir", "credit", "credit note", "gutschrift", "abono", "nota di credito", "creditnota", "refund")
)
_YES: Final = frozenset(("oui", "yes", "ja", "si", "o", "y", "j", "s", "x", "true", "vrai", "wahr", "verdadero", "vero",
                         "waar", "ok"))  # fmt: skip
_NO: Final = frozenset(("non", "no", "nein", "nee", "n", "false", "faux", "falsch", "falso", "onwaar"))


def standing_of(status: str) -> Standing | None:
    """What a folded cell of a status column says; None for an empty one, "unknown" for words that nobody told us."""
    if not status:
        return None
    if status in _OF_CREDITS or _UNPAID.search(status):
        return "open"
    said = [found for found, words in _SAYS.items() if words.search(status)]
    return "unknown" if said == ["paid", "open"] else next(iter(said), "unknown")


def standing_by_answer(answer: str) -> Standing | None:
    """The same for a folded cell below "Payée ?": yes or no or a status; None for an amount and an empty cell."""
    if answer in _YES:
        return "paid"
    if answer in _NO:
        return "open"
    return standing_of(answer) if answer and not any(sign.isdigit() for sign in answer) else None
