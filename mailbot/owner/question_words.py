"""The words of questions: fields, steps and answers as an owner calls them, amounts and days, texts cut short."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from mailbot.model import JSON
from mailbot.money import write_amount_plain, write_day

About = Mapping[str, JSON]
"""What a question is about, by name."""
_LONGEST = 240
_FIELDS = {
    "number": ("le numéro", "the number"),
    "issue_date": ("la date de facture", "the invoice date"),
    "due_date": ("l'échéance", "the due date"),
    "currency": ("la devise", "the currency"),
    "amount_due": ("le montant", "the amount"),
    "amount": ("le montant", "the amount"),
    "total_gross": ("le montant", "the amount"),
    "client": ("le client", "the client"),
    "buyer": ("le client", "the client"),
    "buyer.name": ("le client", "the client"),
    "seller.name": ("le nom du vendeur", "the seller's name"),
    "seller.iban": ("l'IBAN de la facture", "the IBAN on the invoice"),
    "total_net": ("le montant HT", "the net total"),
    "total_tax": ("la TVA", "the VAT"),
    "prepaid": ("l'acompte", "the advance"),
    "payment_means": ("le moyen de paiement", "the means of payment"),
    "preceding_invoice": ("la facture d'origine", "the invoice that it refers to"),
    "order_reference": ("la référence de commande", "the order reference"),
    "contact": ("l'adresse e-mail du client", "the client's e-mail address"),
    "kind": ("facture ou avoir", "invoice or credit note"),
    "source": ("les données du fichier", "the data in the file"),
}
INTENTS = {
    "promise": ("une promesse de paiement", "a promise to pay"),
    "paid": ("« déjà payé »", '"already paid"'),
    "dispute": ("un litige", "a dispute"),
    "instalments": ("une demande d'échelonnement", "a request to pay by instalments"),
    "document_request": ("une demande de document", "a request for a document"),
    "wrong_contact": ("un mauvais destinataire", "a wrong contact"),
    "insolvency": ("une procédure d'insolvabilité", "an insolvency"),
    "refusal": ("un refus de payer", "a refusal to pay"),
    "question": ("une question", "a question"),
    "acknowledged": ("un accusé de réception", "an acknowledgement"),
    "stop": ("une demande de ne plus écrire", "a request to stop writing"),
}
_STEPS = {
    "courtesy": ("le rappel avant échéance", "the reminder before the due date"),
    "due_today": ("le rappel du jour d'échéance", "the reminder on the due date"),
    "reminder_1": ("la première relance", "the first reminder"),
    "reminder_2": ("la deuxième relance", "the second reminder"),
    "formal_notice": ("la mise en demeure", "the formal notice"),
    "hand_over": ("le passage au contentieux", "the handover to collection"),
    "handover": ("le passage au contentieux", "the handover to collection"),
}
_DAYS = frozenset({"issue_date", "due_date"})
_AMOUNTS = frozenset({"amount_due", "total_gross", "total_net", "total_tax", "prepaid"})


def step_label(what: str, language: str) -> str:
    """A step as an owner calls it; an unknown one keeps its id."""
    return _STEPS.get(what, (what, what))[0 if language == "fr" else 1]


def answer_words(choice: str, language: str) -> str:
    """An answer as an owner calls it: "oui", "un litige"; a number or a name stays as it is."""
    pair = {"yes": ("oui", "yes"), "no": ("non", "no"), **INTENTS}.get(choice, (choice, choice))
    return pair[0 if language == "fr" else 1]


def field_names(names: Sequence[str], language: str) -> str:
    """The fields of an invoice as an owner calls them: "le montant, l'échéance"."""
    return ", ".join(field_list(list(names), language == "fr"))


def field_list(names: JSON, french: bool) -> list[str]:
    """The same, each by itself; a name that is not known stays as it is."""
    return [_FIELDS.get(str(name), (str(name), str(name)))[0 if french else 1] for name in as_list(names)]


def candidate_words(field: str, texts: Sequence[JSON], about: About, language: str) -> str:
    """The values that a doubtful field may have, as an owner reads them: "1 200,00 € ou 840,00 €"."""
    if field in _DAYS:
        shown = [_written(one, lambda text: day_words(text, language)) for one in texts]
    elif field in _AMOUNTS:
        shown = [_written(one, lambda text: amount_words(text, about, language)) for one in texts]
    else:
        shown = [cut_short(one) for one in texts]
    return f" {'ou' if language == 'fr' else 'or'} ".join(dict.fromkeys(one for one in shown if one))


def _written(value: JSON, write: Callable[[JSON], str]) -> str:
    """A day or an amount in words; what is none ("31.02.2026") as it stands on the page."""
    try:
        return write(value)
    except (ValueError, ArithmeticError):
        return cut_short(value)


def cut_short(value: JSON) -> str:
    """A text in one line of at most 240 letters; "" for nothing."""
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def joined(value: JSON) -> str:
    """The first five of a list with commas, or a text; "?" for nothing."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value[:5]) + (" …" if len(value) > 5 else "")
    return cut_short(value) or "?"


def amount_words(value: JSON, about: About, language: str) -> str:
    """A decimal string in the currency of `about` (EUR where it has none): "1 200,00 €"; "" for what is no string."""
    if not isinstance(value, str):
        return ""
    return write_amount_plain(Decimal(value), str(about.get("currency") or "EUR"), language)


def day_words(value: JSON, language: str) -> str:
    """A day as ISO 8601 has it, in words with plain spaces; "" for what is no string. Raises ValueError for no day."""
    return write_day(date.fromisoformat(value), language).replace("\u00a0", " ") if isinstance(value, str) else ""


def as_list(value: JSON) -> list[JSON]:
    """Empty for what is no list."""
    return list(value) if isinstance(value, list | tuple) else []


def as_mapping(value: JSON) -> Mapping[str, JSON]:
    """Empty for what is no object."""
    return value if isinstance(value, Mapping) else {}
