"""Payments that an owner tells of in a sentence: "Dupont a payé FA-2026-0445 ce matin", "FA-1 et FA-2 sont payées".

What is asked, denied, hedged or told of somebody else's words is none. A part ("la moitié") is none either.
"""

import re
from datetime import date

from mailbot.model import Order
from mailbot.owner.answers import INVOICE
from mailbot.owner.doubt import reported, uncertain
from mailbot.owner.values import target_of, values_of
from mailbot.owner.verb_table import begins_with_verb
from mailbot.owner.verbs import verb_order
from mailbot.owner.words import fold

WHO_PAID = re.compile(
    r"^(?:(?:ca y est|bonne nouvelle|good news|super)[\s,:!]+)?(?P<who>[^,;:!?]{2,60}?),? "
    r"(?:nous |m'|vous )?(?:(?:a|ont|vient de|viennent de|has|have|just) "
    r"(?:bien |just |already |enfin |finally |deja )?(?:(?P<all>tout|toutes?|all) )?(?:paye|regle|solde|vire|verse|"
    r"paid|settled|"
    r"transferred|wired)|(?:just |already |finally )?(?:paid|settled|transferred|wired)|"
    r"(?:c'est |est |sont |tout est |ont ete |a ete )(?:bien |tout |maintenant |deja )*(?:payee?s?|soldee?s?)|"
    r"(?:is|are|was|were|has been|have been) (?:all )?paid)"
    r"\b(?P<rest>.*)$"
)
_PAID_FOR = re.compile(
    r"^(?:tout (?:est|a ete)|c'est (?:tout )?|all|everything(?: is)?) ?(?:bien )?(?:payee?s?|soldee?s?|"
    r"paid) (?:pour|chez|de|par|cote|for|by|from) "
    r"(?P<who>[^,;:!?]{2,60})$"
)
_OF_A_CLIENT = re.compile(
    r"^(?:toutes? )?(?:les|ses|la|the|all) (?:the )?(?:factures?|invoices?) (?:de |d'|of |from |chez )(?P<who>.+)$"
)
""" "Les factures de Dupont", who "sont payées"."""
_ARE_PAID = re.compile(
    r"^(?P<list>.{3,300}?) (?:sont |ont ete |are |have been |were )?(?:toutes |tous |both |all )?(?:les deux )?"
    r"(?:bien |already |deja )?(?:payee?s|reglee?s|soldee?s|encaissee?s|paid|settled)$"
)
_LISTED_INVOICES = re.compile(r"\s*(?:,|;|\+|&|\bet\b|\band\b)\s*")
_NOT_A_PAYER = re.compile(
    r"^(?:qui|who|what|which|quel\w*|combien|comment|how|did|has|have|est-ce|when|quand|je|j'|on|nous|i|we|you|tu|"
    r"vous)"
    r"(?:\s|$)"
)
"""Who asks, or tells of what was paid to somebody else."""
_IN_FULL = frozenset(
    {"all", "tout", "toutes", "everything", "ce matin", "cet apres-midi", "this morning", "this afternoon", "enfin",
     "finally", "son compte", "ses factures", "toutes ses factures", "toutes les factures", "ses deux factures",
     "les deux", "les deux factures", "both invoices", "both", "all invoices", "all his invoices",
     "their invoices", "all their invoices", "son solde", "le solde", "the balance", "sa dette", "ce qu'il devait",
     "en totalite", "integralement", "en entier", "in full", "deja", "already", "bien", "la facture", "sa facture",
     "the invoice", "it"}
)  # fmt: skip
"""What may stand after "Dupont a payé" of a payment in full."""
_MOST_NAME_WORDS = 6
_SOMEBODY = re.compile(
    r"(?:he|she|they|it|il|elle|ils|elles|ca|(?:le|la|the|ce|cette|this|notre|our) (?:client|cliente|customer|"
    r"facture|invoice))"
)
""" "He paid FA-1": the client of that invoice, whoever that is."""
_NUMBERED = re.compile(
    r"(?:(?:la|the|sa|leur|his|their) (?:(?:facture|invoice) )?|(?:facture|invoice) |(?=n[°º]|num))"
    r"(?:(?:n[°º]|no\.?|number|numero) ?)?(?P<number>\d{1,6})"
)
""" "(Dupont a payé) la 412": an invoice; a number alone is a sum."""
DENIED = re.compile(
    r"\bn'|\bne\b|\bpas\b|\bnot?\b|n't\b|\bjamais\b|\bnever\b|\bpersonne\b|\bnobody\b|\bpeut-etre\b|\bmaybe\b"
)


def who_paid(line: str, low: str, today: date | None) -> list[Order]:
    """ "Dupont a payé FA-2026-0445 ce matin": told in a sentence; a sentence that denies or asks is none."""
    if DENIED.search(low) or reported(low) or uncertain(fold(line)):
        return []
    if paid_for := _PAID_FOR.match(low):
        return [Order("paid", target_of(line[slice(*paid_for.span("who"))]))]
    if (several := _ARE_PAID.match(low)) and (numbers := _invoices(line[: several.end("list")])):
        return [Order("paid", one) for one in numbers]
    found = WHO_PAID.match(low)
    return (
        _of_a_payer(line, found, today) if found and not begins_with_verb(low) and not _NOT_A_PAYER.match(low) else []
    )


def payer(line: str) -> str:
    """Who is said to have paid, in a line without its greeting; "" for an order, a list of invoices, and "he".

    Only a client's name may stand there, and never "partly" or "nothing", which nobody but the ledger can tell from
    a name.
    """
    low = fold(line)
    found = WHO_PAID.match(low) if begins_with_verb(low) is None else None
    if found is None or _SOMEBODY.fullmatch(found["who"].strip()) or any(map(str.isdigit, found["who"])):
        return ""
    return line[slice(*found.span("who"))].strip()


def _of_a_payer(line: str, found: re.Match[str], today: date | None) -> list[Order]:
    """Who paid, and what: all, an invoice, or a sum."""
    who = line[found.start("who") : found.end("who")]
    if of_client := _OF_A_CLIENT.match(fold(who)):
        who = who[of_client.start("who") :]
    if len(who.split()) > _MOST_NAME_WORDS or re.search(r"\b(?:qui|que|who|that|relances?|reminders?)\b", fold(who)):
        return []
    if re.search(r" (?:is|are|was|were|est|sont)$", fold(who)):
        return []  # "Dupont is settled": the account, the dispute, or the client?
    rest = line[found.start("rest") : found.end("rest")]
    if numbered := _NUMBERED.fullmatch(fold(rest).strip(" .!")):
        return [Order("paid", numbered["number"])]
    orders = verb_order(f"paid {rest}", fold(f"paid {rest}").rstrip(" .!"), today)
    if len(orders) != 1:
        return []
    [order] = orders
    if order.target and order.target.isdigit():  # only an amount: "Lemaire a payé 600"
        return [Order("paid", who, values_of(f"x {rest}", today, past=True)[1])]
    if order.target and re.search(r"\d", order.target):
        return [order]
    if order.target and fold(order.target) not in _IN_FULL:
        return []  # "half of it", "nothing", "the deposit", "another invoice": not what a payment in full is told by
    return [Order("paid", who, order.fields)]


def _invoices(words: str) -> list[str]:
    """The numbers of invoices that words list, two or more; empty where anything else is among them."""
    listed = [
        one
        for one in _LISTED_INVOICES.split(
            re.sub(r"^(?:les|the) (?:factures|invoices) ", "", words, flags=re.IGNORECASE)
        )
        if one
    ]
    return listed if len(listed) > 1 and all(INVOICE.fullmatch(fold(one)) for one in listed) else []
