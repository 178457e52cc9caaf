"""How each kind of question is put to the owner: one or two sentences and the answers that it takes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

from mailbot.model import JSON
from mailbot.money import write_amount_plain, write_day

About = Mapping[str, JSON]
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
_INTENTS = {
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
_YES_NO = {"in_doubt", "rules_changed", "unproven_owner", "revised", "address", "tool_copy"}
_FREE = {"no_contact"}
"""What an "ok" would not settle."""


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    written = files("mailbot.owner").joinpath("questions.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(written))


def question_text(kind: str, about: About, language: str) -> tuple[str, tuple[str, ...]]:
    """The question in the owner's language and its answers, mildest first; an empty tuple takes free text.

    A kind that is not known here is put as what `about` says in "text".
    """
    french = language == "fr"
    yes_no = ("oui", "non") if french else ("yes", "no")
    if kind.startswith("alert_"):
        keep = "Laisser les relances suspendues ?" if french else "Keep the reminders paused?"
        said = _short(about.get("text"))
        return f"{said if said.endswith(('.', '!', '?', '…')) else f'{said}.'} {keep}", yes_no
    if kind in _ASKERS:
        return _ASKERS[kind](about, french)
    if kind in _sentences():
        words = _Words({key: _shown(value) for key, value in _prepared(about, language).items()})
        text = _sentences()[kind]["fr" if french else "en"].format_map(words)
        if kind in _FREE:
            return text, ()
        return text, yes_no if kind in _YES_NO else ("ok",)
    return _short(about.get("text")) or kind.replace("_", " "), ("ok",)


def step_label(what: str, language: str) -> str:
    """A step as an owner calls it; an unknown one keeps its id."""
    return _STEPS.get(what, (what, what))[0 if language == "fr" else 1]


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _prepared(about: About, language: str) -> dict[str, JSON]:
    """What is written in sentences instead of raw values: megabytes, amounts with days, steps."""
    values = dict(about)
    if isinstance(size := about.get("size"), int):
        values["size"] = max(size // 1_000_000, 1)
    if isinstance(why := about.get("why"), str):
        values["why"] = _short(why).rstrip(".") + "."
    if isinstance(what := about.get("what"), str):
        values["what"] = step_label(what, language)
    for age in ("old", "new"):
        if f"{age}_amount" in about:
            amount = _amount(about.get(f"{age}_amount"), about, language)
            due = _day(about.get(f"{age}_due"), language)
            values[age] = ", ".join(
                filter(None, (amount, due and f"{'échéance' if language == 'fr' else 'due'} {due}"))
            )
    return values


def _approve(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    language = "fr" if french else "en"
    label = str(about.get("label") or step_label(str(about.get("what")), language))
    numbers, amount = _shown(about.get("invoices")), _amount(about.get("amount"), about, language)
    client, reason = _short(about.get("client_name")), _short(about.get("reason"))
    if warning := str(about.get("warning") or ""):
        reason = f"{reason} {warning}"
    if french:
        return f"Envoyer {label} à {client} ({numbers}, {amount}) ? {reason}".rstrip(), ("oui", "non")
    return f"Send {label} to {client} ({numbers}, {amount})? {reason}".rstrip(), ("yes", "no")


def _match(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """At most three bookings to choose from, then "other" (the owner names it) and "nobody's"."""
    language = "fr" if french else "en"
    amount, day = _amount(about.get("amount"), about, language), _day(about.get("date"), language)
    label = _short(about.get("label"))
    rest = ("autre", "pas un client") if french else ("other", "not a client")
    if str(about.get("amount")).startswith("-"):
        return _returned(about, french, f"{day}, « {label} »" if french else f'{day}, "{label}"', rest)
    options = [_shares(choice, about, language) for choice in _list(about.get("choices"))]
    opening = f"Virement de {amount} le {day}, « {label} »"
    if not french:
        opening = f'{amount} came in on {day}, "{label}"'
    if not options:
        settled = ", ".join(map(str, _list(about.get("settled"))))
        asked = " : quelle facture règle-t-il ?" if french else ": which invoice does it pay?"
        if settled:  # paid twice: the client, to keep the money for it, is an answer as well
            asked = (
                f" : {settled}, déjà réglée par un autre virement. Pour quelle autre facture, ou quel client ?"
                if french
                else f": {settled} was settled by another payment. For which other invoice, or which client?"
            )
        return opening + asked, rest
    if len(options) == 1:
        asked = f" : règle-t-il {options[0]} ?" if french else f": does it pay {options[0]}?"
        return opening + asked, ("oui" if french else "yes", *rest)
    listed = " ; ".join(f"{at}) {option}" for at, option in enumerate(options, 1))
    asked = f" : que règle-t-il ? {listed}" if french else f": what does it pay? {listed}"
    return (opening + asked).rstrip(), (*(str(at) for at in range(1, len(options) + 1)), *rest)


def _returned(about: About, french: bool, when: str, rest: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The bank took money back and does not say of which payment."""
    amount = _amount(str(about.get("amount"))[1:], about, "fr" if french else "en")
    opening = f"La banque a repris {amount} le {when}" if french else f"The bank took back {amount} on {when}"
    options = [
        " + ".join(str(share.get("invoice")) for share in _list(choice) if isinstance(share, Mapping))
        for choice in _list(about.get("choices"))
    ]
    if len(options) == 1:
        asked = f" : est-ce le paiement de {options[0]} ?" if french else f": is it the payment of {options[0]}?"
        return opening + asked, ("oui" if french else "yes", *rest)
    asked = " : le paiement de quelle facture ?" if french else ": the payment of which invoice?"
    listed = "".join(f" {at}) {option}{' ;' if french else ';'}" for at, option in enumerate(options, 1))
    return (opening + asked + listed).rstrip(" ;"), (*(str(at) for at in range(1, len(options) + 1)), *rest)


def _shares(choice: JSON, about: About, language: str) -> str:
    shares = [share for share in _list(choice) if isinstance(share, Mapping)]
    return " + ".join(_share(share, about, language) for share in shares)


def _share(share: Mapping[str, JSON], about: About, language: str) -> str:
    """ "FA-2026-0412 (1 200,00 €)", and what becomes of the rest where that differs between two answers."""
    number = str(share.get("invoice"))
    own = _mapped(about.get("currencies")).get(number) or about.get("currency")
    amount = _amount(share.get("amount"), {"currency": own}, language)
    if waived := share.get("waived"):
        short = _amount(waived, {"currency": own}, language)
        if language == "fr":
            return f"{number} ({amount}, soldée : {short} de frais ou d'escompte)"
        return f"{number} ({amount}, settled: {short} charges or discount)"
    owed = _mapped(about.get("open")).get(number)
    part = isinstance(owed, str) and Decimal(owed) > Decimal(str(share.get("amount") or 0))
    ending = ({"fr": ", en partie"}.get(language, ", in part")) if part else ""
    return f"{number} ({amount}{ending})"


def _overpaid(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """Back, or on other invoices; where it was late, the surplus may be what lateness cost by law."""
    language = "fr" if french else "en"
    amount, name = _amount(about.get("amount"), about, language), _short(about.get("client_name"))
    late = str(about.get("penalties") or "0") not in ("0", "0.00")
    cost = _amount(about.get("penalties"), about, language) if late else ""
    if french:
        more = f", ou sont-ce des pénalités ({cost} ce jour-là) ?" if late else " ?"
        joint = ", les imputer" if late else ", ou les imputer"
        asked = f"{name} a versé {amount} de trop : les rembourser{joint} sur ses autres factures{more}"
        return asked, ("rembourser", "imputer", *(["pénalités"] if late else []))
    more = f", or is it penalties ({cost} that day)?" if late else "?"
    joint = ", set it off" if late else ", or set it off"
    asked = f"{name} paid {amount} too much: pay it back{joint} against other invoices{more}"
    return asked, ("refund", "set off", *(["penalties"] if late else []))


def _unclear(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    guess = about.get("guess")
    client, text = _short(about.get("client_name")), _short(about.get("text"))
    numbers = _shown(about.get("invoices"))
    meant = _INTENTS.get(str(guess), ("", ""))[0 if french else 1]
    day = _day(about.get("promise_date"), "fr" if french else "en")
    words = ("promesse", "payé", "litige") if french else ("promise", "paid", "dispute")
    guessed = dict(zip(("promise", "paid", "dispute"), words, strict=True)).get(str(guess))
    others = tuple(word for word in words if word != guessed)
    if french:
        asked = f"Est-ce {meant}{f' pour le {day}' if day else ''} ?" if meant else "Que veut-il dire ?"
        said = f"{client} répond{f' ({numbers})' if numbers else ''} : « {text} » {asked}"
        return said, (*(("oui",) if meant else ()), *others, "non")
    asked = f"Is that {meant}{f' for {day}' if day else ''}?" if meant else "What does that mean?"
    said = f'{client} replies{f" ({numbers})" if numbers else ""}: "{text}" {asked}'
    return said, (*(("yes",) if meant else ()), *others, "no")


def _draft(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    missing, doubtful = _fields(about.get("missing"), french), _doubtful(about, french)
    kind = ("Avoir", "Credit note") if _is_credit(about) else ("Facture", "Invoice")
    parts = [f"{kind[0 if french else 1]} {_short(about.get('name'))}"]
    if read := _read_so_far(about, french):
        parts.append(f"{'j’y lis' if french else 'it seems to say'} {read}")
    if missing:
        parts.append(f"{'il manque' if french else 'still missing'} {', '.join(missing)}")
    if doubtful:
        parts.append(f"{'à vérifier :' if french else 'please check'} {', '.join(doubtful)}")
    parts += [_short(one).rstrip(".") for one in _list(about.get("warnings"))]
    how = (
        "répondez avec une ligne par champ, par exemple « échéance 31/10/2026 »."
        if french
        else 'reply with one line for each field, for example "due date 31/10/2026".'
    )
    right = "Est-ce juste ? Sinon, " if french else "Is that right? If not, "
    how = how[:1].upper() + how[1:] if missing else right + how
    text = f"{parts[0]}{' : ' if french else ': '}{(' ; ' if french else '; ').join(parts[1:])}. {how}"
    return text, () if missing else (("oui", "non") if french else ("yes", "no"))


def _confirm(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """A serious order waits for its word."""
    return _short(about.get("text")), (f"ok {about.get('word')}", "non" if french else "no")


def _which(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """An order that can mean several things waits until one of them is named."""
    count = len(_list(about.get("choices")))
    line = _short(about.get("line"))
    asked = f"« {line} » : {_short(about.get('text'))}" if french else f'"{line}": {_short(about.get("text"))}'
    return asked, (*(str(at) for at in range(1, count + 1)), "non" if french else "no")


def _credit_reference(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """The credit note names an invoice that is not known: at most three of the client's to choose from, or none."""
    language = "fr" if french else "en"
    amount, note = _amount(about.get("amount"), about, language), _short(about.get("credit_note"))
    named, client = _short(about.get("named")), _short(about.get("client_name"))
    numbers = [str(one) for one in _list(about.get("choices"))]
    none = "aucune" if french else "none"
    listed = " ; ".join(f"{at}) {number}" for at, number in enumerate(numbers, 1))
    if french:
        opening = f"L'avoir {note} de {client} ({amount}) renvoie à la facture {named}, que je ne connais pas."
        asked = f" De quelle facture faut-il le déduire ? {listed}" if listed else ""
        asked += " D'ici là, il est compté sur sa plus ancienne facture ouverte."
        return opening + asked, (*(str(at) for at in range(1, len(numbers) + 1)), none)
    opening = f"Credit note {note} of {client} ({amount}) refers to invoice {named}, which is not known."
    asked = f" Which invoice is it to be taken off? {listed}" if listed else ""
    asked += " Until then it counts for its oldest open invoice."
    return opening + asked, (*(str(at) for at in range(1, len(numbers) + 1)), none)


def _credit_rest(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """A credit note is more than was owed on its invoice: what becomes of the rest."""
    language = "fr" if french else "en"
    rest, note = _amount(about.get("amount"), about, language), _short(about.get("credit_note"))
    named, client = _short(about.get("named")), _short(about.get("client_name"))
    if french:
        asked = (
            f"L'avoir {note} de {client} dépasse ce qui restait dû sur {named} : {rest} restent à son crédit. Les"
            " imputer sur ses autres factures, ou les rembourser ? D'ici là, ils sont déduits de ce qu'il doit."
        )
        return asked, ("rembourser", "imputer")
    asked = (
        f"Credit note {note} of {client} is more than was still owed on {named}: {rest} stay to its credit. Set it off"
        " against its other invoices, or pay it back? Until then it is taken off what the client owes."
    )
    return asked, ("refund", "set off")


def _new_contact(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """Another address that a client named; said where it is not one of the client's own domain."""
    client, email, sender = _short(about.get("client_name")), _short(about.get("email")), _short(about.get("from"))
    if french:
        by = f" (demandé par {sender}, adresse inconnue)" if sender else ""
        odd = " Cette adresse n'est pas du domaine du client : vérifiez." if about.get("elsewhere") else ""
        asked = f"{client} demande d'écrire désormais à {email}{by}.{odd} Prendre cette adresse ?"
        return asked, ("oui", "non")
    by = f" (says {sender}, an unknown address)" if sender else ""
    odd = " That is not an address of the client's own domain: please check." if about.get("elsewhere") else ""
    return f"{client} asks to write to {email} from now on{by}.{odd} Use that address?", ("yes", "no")


def _doubtful(about: About, french: bool) -> list[str]:
    """The doubtful fields, each with the values that it may have where several were found: both of two totals."""
    language, document, found = "fr" if french else "en", about.get("document"), about.get("candidates")
    currency = {"currency": document.get("currency")} if isinstance(document, Mapping) else {}
    said = []
    for field in map(str, _list(about.get("doubtful"))):
        texts = _list(found.get(field)) if isinstance(found, Mapping) else []
        several = candidate_words(field, texts, currency, language)
        said += [f"{name} ({several})" if several else name for name in _fields([field], french)]
    return said


def candidate_words(field: str, texts: Sequence[JSON], about: About, language: str) -> str:
    """The values that a doubtful field may have, as an owner reads them: "1 200,00 € ou 840,00 €"."""
    if field in _DAYS:
        shown = [_written(one, lambda text: _day(text, language)) for one in texts]
    elif field in _AMOUNTS:
        shown = [_written(one, lambda text: _amount(text, about, language)) for one in texts]
    else:
        shown = [_short(one) for one in texts]
    return f" {'ou' if language == 'fr' else 'or'} ".join(dict.fromkeys(one for one in shown if one))


def _written(value: JSON, write: Callable[[JSON], str]) -> str:
    """A day or an amount in words; what is none ("31.02.2026") as it stands on the page."""
    try:
        return write(value)
    except (ValueError, ArithmeticError):
        return _short(value)


def _is_credit(about: About) -> bool:
    document = about.get("document")
    return isinstance(document, Mapping) and document.get("kind") == "credit_note"


def _read_so_far(about: About, french: bool) -> str:
    document = about.get("document")
    if not isinstance(document, Mapping):
        return ""
    language = "fr" if french else "en"
    buyer = document.get("buyer")
    amount = _amount(document.get("amount_due"), {"currency": document.get("currency")}, language)
    due = None if _is_credit(about) else _day(document.get("due_date"), language)
    name = _short(buyer.get("name")) if isinstance(buyer, Mapping) else ""
    number = _short(document.get("number"))
    to = "" if _is_credit(about) else _short(about.get("reminders_to"))
    said = (
        number,
        name,
        amount,
        due and f"{'échéance le' if french else 'due'} {due}",
        to and f"{'rappels à' if french else 'reminders to'} {to}",
    )
    return ", ".join(filter(None, said))


def answer_words(choice: str, language: str) -> str:
    """An answer as an owner calls it: "oui", "un litige"; a number or a name stays as it is."""
    pair = {"yes": ("oui", "yes"), "no": ("non", "no"), **_INTENTS}.get(choice, (choice, choice))
    return pair[0 if language == "fr" else 1]


def field_names(names: Sequence[str], language: str) -> str:
    """The fields of an invoice as an owner calls them: "le montant, l'échéance"."""
    return ", ".join(_fields(list(names), language == "fr"))


def _fields(names: JSON, french: bool) -> list[str]:
    return [_FIELDS.get(str(name), (str(name), str(name)))[0 if french else 1] for name in _list(names)]


_ASKERS: Mapping[str, Callable[[About, bool], tuple[str, tuple[str, ...]]]] = {
    "approve": _approve,
    "match": _match,
    "overpaid": _overpaid,
    "unclear": _unclear,
    "draft": _draft,
    "credit_reference": _credit_reference,
    "credit_rest": _credit_rest,
    "new_contact": _new_contact,
    "confirm": _confirm,
    "which": _which,
}


def _list(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list | tuple) else []


def _mapped(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _short(value: JSON) -> str:
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _shown(value: JSON) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value[:5]) + (" …" if len(value) > 5 else "")
    return _short(value) or "?"


def _amount(value: JSON, about: About, language: str) -> str:
    if not isinstance(value, str):
        return ""
    return write_amount_plain(Decimal(value), str(about.get("currency") or "EUR"), language)


def _day(value: JSON, language: str) -> str:
    return write_day(date.fromisoformat(value), language).replace("\u00a0", " ") if isinstance(value, str) else ""
