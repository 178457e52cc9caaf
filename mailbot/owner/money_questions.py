"""The questions about money: what a payment is for, what was paid too much, what a credit note is taken off."""

from collections.abc import Mapping
from decimal import Decimal

from mailbot.model import JSON
from mailbot.owner.question_words import About, amount_words, as_list, as_mapping, cut_short, day_words


def match(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """At most three bookings to choose from, then "other" (the owner names it) and "nobody's"."""
    language = "fr" if french else "en"
    amount, day = amount_words(about.get("amount"), about, language), day_words(about.get("date"), language)
    label = cut_short(about.get("label"))
    rest = ("autre", "pas un client") if french else ("other", "not a client")
    if str(about.get("amount")).startswith("-"):
        return _returned(about, french, f"{day}, « {label} »" if french else f'{day}, "{label}"', rest)
    options = match_names(about, language)
    opening = f"Virement de {amount} le {day}, « {label} »"
    if not french:
        opening = f'{amount} came in on {day}, "{label}"'
    if not options:
        settled = ", ".join(map(str, as_list(about.get("settled"))))
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


def match_names(about: About, language: str) -> list[str]:
    """The bookings to choose from, each with its invoices and amounts."""
    return [_shares(choice, about, language) for choice in as_list(about.get("choices"))]


def _returned(about: About, french: bool, when: str, rest: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The bank took money back and does not say of which payment."""
    amount = amount_words(str(about.get("amount"))[1:], about, "fr" if french else "en")
    opening = f"La banque a repris {amount} le {when}" if french else f"The bank took back {amount} on {when}"
    options = [
        " + ".join(str(share.get("invoice")) for share in as_list(choice) if isinstance(share, Mapping))
        for choice in as_list(about.get("choices"))
    ]
    if len(options) == 1:
        asked = f" : est-ce le paiement de {options[0]} ?" if french else f": is it the payment of {options[0]}?"
        return opening + asked, ("oui" if french else "yes", *rest)
    asked = " : le paiement de quelle facture ?" if french else ": the payment of which invoice?"
    listed = "".join(f" {at}) {option}{' ;' if french else ';'}" for at, option in enumerate(options, 1))
    return (opening + asked + listed).rstrip(" ;"), (*(str(at) for at in range(1, len(options) + 1)), *rest)


def _shares(choice: JSON, about: About, language: str) -> str:
    shares = [share for share in as_list(choice) if isinstance(share, Mapping)]
    return " + ".join(_share(share, about, language) for share in shares)


def _share(share: Mapping[str, JSON], about: About, language: str) -> str:
    """ "FA-2026-0412 (1 200,00 €)", and what becomes of the rest where that differs between two answers."""
    number = str(share.get("invoice"))
    own = as_mapping(about.get("currencies")).get(number) or about.get("currency")
    amount = amount_words(share.get("amount"), {"currency": own}, language)
    if waived := share.get("waived"):
        short = amount_words(waived, {"currency": own}, language)
        if language == "fr":
            return f"{number} ({amount}, soldée : {short} de frais ou d'escompte)"
        return f"{number} ({amount}, settled: {short} charges or discount)"
    owed = as_mapping(about.get("open")).get(number)
    part = isinstance(owed, str) and Decimal(owed) > Decimal(str(share.get("amount") or 0))
    ending = ({"fr": ", en partie"}.get(language, ", in part")) if part else ""
    return f"{number} ({amount}{ending})"


def overpaid(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """Back, or on other invoices; where it was late, the surplus may be what lateness cost by law."""
    language = "fr" if french else "en"
    amount, name = amount_words(about.get("amount"), about, language), cut_short(about.get("client_name"))
    late = str(about.get("penalties") or "0") not in ("0", "0.00")
    cost = amount_words(about.get("penalties"), about, language) if late else ""
    if french:
        more = f", ou sont-ce des pénalités ({cost} ce jour-là) ?" if late else " ?"
        joint = ", les imputer" if late else ", ou les imputer"
        asked = f"{name} a versé {amount} de trop : les rembourser{joint} sur ses autres factures{more}"
        return asked, ("rembourser", "imputer", *(["pénalités"] if late else []))
    more = f", or is it penalties ({cost} that day)?" if late else "?"
    joint = ", set it off" if late else ", or set it off"
    asked = f"{name} paid {amount} too much: pay it back{joint} against other invoices{more}"
    return asked, ("refund", "set off", *(["penalties"] if late else []))


def credit_reference(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """The credit note names an invoice that is not known: at most three of the client's to choose from, or none."""
    language = "fr" if french else "en"
    amount, note = amount_words(about.get("amount"), about, language), cut_short(about.get("credit_note"))
    named, client = cut_short(about.get("named")), cut_short(about.get("client_name"))
    numbers = credit_names(about, language)
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


def credit_names(about: About, _language: str) -> list[str]:
    """The numbers of the invoices to choose from."""
    return [str(one) for one in as_list(about.get("choices"))]


def credit_rest(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """A credit note is more than was owed on its invoice: what becomes of the rest."""
    language = "fr" if french else "en"
    rest, note = amount_words(about.get("amount"), about, language), cut_short(about.get("credit_note"))
    named, client = cut_short(about.get("named")), cut_short(about.get("client_name"))
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
