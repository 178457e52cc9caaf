"""Answers to questions: "ok 1,3", "non 2", "2: b", "1 oui 2 non", "ok tout", "3 FA-2026-0412", "2 c'est un litige"."""

import re

from mailbot.model import Order
from mailbot.owner.doubt import delayed, no_reason, uncertain
from mailbot.owner.retractions import retracts_at_end
from mailbot.owner.words import ALL, fold

_YES = (
    r"ok|okay|oui|yes|yep|ouais|y|o|d'accord|accord|c'est bon|valide|validee?|je valide|approuvee?|approved?|"
    r"accepte|j'accepte|accept(?:ed)?|agreed?|vas-y|allez-y|go ahead"
)
_NO = r"non|no|nope|n|refuse|je refuse|refusee?|refused?|rejette|reject(?:ed)?|surtout pas|pas question"
_MEANINGS = frozenset({"promesse", "promise", "paye", "paid", "litige", "dispute"})
"""What a client's answer meant, as the question's choices name it."""
_CHOICES = (
    rf"{_YES}|{_NO}|[a-e]|[1-9]|promesse|promise|paye|paid|litige|dispute|rembourser|refund|imputer|set off|"
    r"penalites|penalties|pas un client|not a client"
)
_NUMBER = r"(?:(?:question|point|q|n[°o.]|nr|numero|number|no\.?(?= ?\d)|#|la|le|the)\s*)*(\d{1,6})"
_YES_OR_NO = re.compile(rf"^(?P<word>{_YES}|{_NO})(?![\w'])[\s.!:,]*(?P<rest>.*)$")
_CHOICE = re.compile(rf"^{_NUMBER}(?:\s*[:.)=>-]+\s*|\s+)(?P<choice>{_CHOICES})(?![\w'])[\s.:,]*(?P<rest>.*)$")
_WAS = re.compile(
    rf"^(?:{_NUMBER})?[\s:.)]*(?:non,? |no,? |en fait,? |actually,? )?"
    r"(?:c'etait|c'est|ce n'etait pas ca,? c'etait|this was|that was|it was|this is|that is) (?:bien |really )?"
    r"(?:un |une |a |an )?(?P<what>litige|dispute|promesse|promise|paye|paiement|paid|payment)$"
)
"""What a client's answer really meant: "this was a dispute"."""
_MEANT = {"paiement": "paid", "payment": "paid"}
_BARE = re.compile(r"^(\d{1,4})[.)]?$")
_OTHER = re.compile(rf"^(?:{_NUMBER}(?:\s*[:.)=-]\s*|\s+))?(?:autre|other)\b[\s:,]*(?P<what>\S.{{0,200}})?$")
_INSTEAD = re.compile(rf"^{_NUMBER}(?:\s*[:.)=]\s*|\s+)(?P<what>\S.{{0,200}})$")
"""Of a question about a payment: another invoice or client than those that it offers."""
INVOICE = re.compile(r"(?=.*\d)(?:[a-z]{1,10}[-_/.]?\d[\w./-]{0,40}|\d[\w./-]{2,40})")
_DATUM = re.compile(r"<?[\w.+-]{1,64}@[\w.-]{1,190}>?|(?:siren )?\d{3} ?\d{3} ?\d{3}")
_MOST_INVOICES = 8
_LISTED = re.compile(rf"^{_NUMBER}(?:\s*(?:,|;|\+|et|and|&)\s*{_NUMBER})*(?!\S)\s*(?P<rest>.*)$")
_TO = re.compile(r"^(?:(?:pour|a|au|aux|to|for|on|sur|with|les|la|le|the|questions?|points?|numeros?|numbers?)\s+)+")
_AMOUNT = re.compile(r"^\d{1,9}(?:[.,]\d{1,2})?$")
_DECIMAL = re.compile(r"^\d{1,4}[.,]\d{2}\b")
_APART = re.compile(r"\s*(?:,|;|\bet\b|\band\b|\bpuis\b|\bthen\b)\s*")
_ALTERNATING = re.compile(rf"{_NUMBER}\s*[:.)=-]?\s*({_YES}|{_NO}|[a-e])(?![\w'])\s*[,;.]?\s*")
_WORD_FIRST = re.compile(rf"({_YES}|{_NO})\s+{_NUMBER}(?![\w.,]\w|\w)\s*(?:[,;.]\s*)?(?:(?:et|and|puis|then)\s+)?")
""" "Ok 1 ok 2", "non 1, oui 2": each word with its own number."""
_ONLY_NUMBERS = re.compile(r"[\d\s,;]+")
_MORE = re.compile(r"^(?:[,;]\s*)?(?:(?:et|and|puis|then)\s+)?")
_NEXT_NUMBER = re.compile(rf"^(?:et|and|,|;)?\s*{_NUMBER}\s*[=:]")
_BOUND = re.compile(
    r"\b(?:a partir d|a compter d|des (?:le|la|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain)\b|"
    r"jusqu|until\b|till\b|from\b|starting\b|as of\b)|\d\s?(?:€|eur\b|euros?\b|%|\$|£)|[€$£]\s?\d"
)
""" "Ok 1 à partir de lundi", "ok 1 pour 500 euros": a yes to something else than what was asked."""
_EXCEPT = re.compile(
    r"\b(?:excepte|mais|but|pas(?! de (?:souci|probleme))|not|n't|ne|jamais|never|seulement|only|plutot|rather|"
    r"avant|before)\b"
)
"""A yes with a reserve is for a person."""
_IF = re.compile(r"\b(?:sauf|excepte|seulement|except|unless|only|si|if)\b")
"""The same beside a no, of which the owner may well give the reason ("non 2, pas le bon client")."""
_ASSENT = re.compile(
    r"^(?:[a-z]{4}|(?:vas-y|allez-y|go (?:ahead|for it)|c'est (?:bon|ca|bien ca|juste|exact|correct|lui|elle|le bon)|"
    r"exact(?:ement)?|correct|right|that's (?:it|right|correct|fine)|it is|tout a fait|bien sur|absolument|of course|"
    r"sure|absolutely|please(?: do)?|do it|fais-le|faites-le|"
    r"(?:envoie|envoyez)(?:-la|-le)?|send it|(?:je )?confirme|i confirm|"
    r"confirmed|"
    r"(?:j')?accepte|i agree|agreed|tu peux(?: y aller)?|you can|yes|oui|ok|merci|thanks?|"
    r"(?:le|a) (?:la )?(?:bonne? )?(?:facture|client))"
    r"(?:[\s,!.]+(?:merci|thanks?|svp|please|vas-y|go ahead|envoie(?:-la|-le)?))*)[\s.!]*$"
)
"""What may stand after a yes without a number: words of agreement, or a confirmation's word."""
_NO_OBJECTION = re.compile(
    r"^,?\s*(?:problem|worries|worry|issue|issues|objections?|doubt|rush|probleme|soucis?|"
    r"c'est (?:bon|ok|parfait|bien)|ok|oui|yes|it's (?:fine|ok|good))\b"
)
""" "no problem", "non c'est bon": no refusal at all."""
_COUNTED = re.compile(
    r"(?:jours?|j|semaines?|mois|mensualites?|fois|echeances?|heures?|ans?|annees?|euros?|eur|€|%|days?|weeks?|"
    r"months?|"
    r"times|hours?|years?|instal+ments?|a \d|to \d|(?:et |and )?\d|"
    r"(?:er )?(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|"
    r"february|"
    r"march|april|may|june|july|august|september|october|november|december)|le \d|en|on|in|dans|une fois)(?!\w)"
)
""" "Ok 15 jours", "ok pour le 5 décembre", "ok 1 à 4": the number was none of a question, or not the only one."""
_REFUSES = re.compile(
    r"\b(?:non|no|refuse\w*|annule\w*|cancel\w*|stop|erreur|mistake|contre|against|blague|plaisante|kidding|way)\b"
)
_MOST = 40


def answers(line: str, low: str) -> list[Order]:
    """The answers that a line gives, as orders; an empty list where it is none. `low` is the line, folded."""
    if several := _several(line, low):
        return several
    if found := _WAS.match(low):
        return [_answered(line, found[1], _MEANT.get(found["what"], found["what"]), "")]
    if (found := _CHOICE.match(low)) and not _DECIMAL.match(low):
        more = answers(line[found.start("rest") + _end_of_mark(found["rest"]) :], _MORE.sub("", found["rest"]))
        if more and all(one.target for one in more):
            return [_answered(line, found[1], said(found["choice"]), ""), *more]
        if _is_reserved(line, said(found["choice"]), found["rest"]) or _changes(found["rest"]):
            return []
        if _ONLY_NUMBERS.fullmatch(found["rest"]) or _NEXT_NUMBER.match(found["rest"]):
            return []  # "1 1 2 2": which of them is a choice?
        return [_answered(line, found[1], said(found["choice"]), line[found.start("rest") :].strip())]
    if (found := _OTHER.match(low)) or ((found := _INSTEAD.match(low)) and _is_named(found["what"])):
        what = line[found.start("what") : found.end("what")].strip() if found["what"] else ""
        return [_answered(line, found[1], "other", what)]
    if found := _YES_OR_NO.match(low):
        return _yes_or_no(line, found)
    if found := _BARE.match(low):
        return [_answered(line, None, found[1], "")]
    return []


def _end_of_mark(low: str) -> int:
    found = _MORE.match(low)
    return found.end() if found else 0


def _yes_or_no(line: str, found: re.Match[str]) -> list[Order]:
    rest, choice = found["rest"], said(found["word"])
    if not rest:
        return [_answered(line, None, choice, "")]
    shift = joined.end() if (joined := _TO.match(rest)) else 0
    if rest[shift:].rstrip(" .!") in ALL or rest.rstrip(" .!") in ALL:
        return [_answered(line, "all", choice, "")]
    if numbers := _LISTED.match(rest[shift:]):
        start = found.start("rest") + shift + numbers.start("rest")
        text = line[start:].strip()
        listed = rest[shift : shift + numbers.start("rest")]
        if re.fullmatch(r"[\d\s]+", text):
            return []  # "ok 5 2": both questions, or the second choice of the fifth? In doubt nothing
        if _is_reserved(line, choice, fold(text)) or _contradicts(choice, fold(text)):
            return []
        if choice == "yes" and fold(text) in _MEANINGS:
            choice, text = fold(text), ""
        return [_answered(line, number, choice, text) for number in re.findall(r"\d+", listed)[:_MOST]]
    if len(found["word"]) == 1 or _is_reserved(line, choice, fold(line[found.start("rest") :])):
        return []
    return [_answered(line, None, choice, line[found.start("rest") :].strip())]


def _is_reserved(line: str, choice: str, low: str) -> bool:
    """Whether a yes or no is put as a question or holds in some case only: then it is none."""
    if choice == "no":
        return "?" in line or bool(_IF.search(low)) or bool(_NO_OBJECTION.match(low))
    if choice != "yes":
        return "?" in line or uncertain(low)
    return "?" in line or reserved(low)


def _changes(low: str) -> bool:
    """Whether words after a choice deny it or name another: "1 litige non", "2 a pas b", "1 payé demain"."""
    denies = bool(re.search(r"\b(?:non|no|pas|not|ou|or|mais|but|bounced)\b", low))
    return denies or delayed(low) or no_reason(low) or retracts_at_end(f" {low}")


def _contradicts(choice: str, low: str) -> bool:
    """Whether what follows a numbered answer takes it back, counts something, or answers more: then it is none."""
    if choice == "yes":
        bound = _COUNTED.match(low) or _BOUND.search(low) or _REFUSES.search(low)
        return bool(bound) or retracts_at_end(f" {low}")
    return choice == "no" and bool(re.search(rf"\b(?:{_YES})\b[^a-z]*\d", low))


def agrees_to_something_else(low: str) -> bool:
    """ "Ok 1 à partir de lundi", "yes 2 for 500 euros": a numbered yes with a day or a sum of its own."""
    found = _YES_OR_NO.match(low)
    numbers = _LISTED.match(_TO.sub("", found["rest"])) if found and said(found["word"]) == "yes" else None
    return numbers is not None and bool(_COUNTED.match(numbers["rest"]) or _BOUND.search(numbers["rest"]))


def reserved(low: str) -> bool:
    """Whether folded words beside a yes take something of it back: then it is for a person."""
    return bool(_EXCEPT.search(low)) or uncertain(low) or delayed(low)


def agrees(text: str) -> bool:
    """Whether words after a yes without a number only say yes once more, or are a confirmation's word."""
    return bool(_ASSENT.match(fold(text)))


def _several(line: str, low: str) -> list[Order]:
    """ "ok 1, non 3, 2: b" and "1 oui 2 non 3 oui": only where the whole line is made of such answers."""
    pairs = list(_ALTERNATING.finditer(low))
    if len(pairs) > 1 and "".join(pair[0] for pair in pairs) == low:
        return [_answered(line, pair[1], said(pair[2]), "") for pair in pairs[:_MOST]]
    words = list(_WORD_FIRST.finditer(low))
    if len(words) > 1 and "".join(word[0] for word in words) == low:
        return [_answered(line, word[2], said(word[1]), "") for word in words[:_MOST]]
    parts = [part for part in _APART.split(low) if part]
    if len(parts) < 2 or len(parts) > _MOST:
        return []
    found: list[Order] = []
    for part in parts:
        if (word := _YES_OR_NO.match(part)) and re.fullmatch(_NUMBER, rest := _TO.sub("", word["rest"])):
            found.append(_answered(line, re.findall(r"\d+", rest)[0], said(word["word"]), ""))
        elif (pair := _CHOICE.match(part)) and not pair["rest"]:
            found.append(_answered(line, pair[1], said(pair["choice"]), ""))
        elif re.fullmatch(_NUMBER, part) and found and found[-1].fields["choice"] in ("yes", "no"):
            found.append(_answered(line, re.findall(r"\d+", part)[0], found[-1].fields["choice"], ""))
        else:
            return []
    return found


def _answered(line: str, question: str | None, choice: str, text: str) -> Order:
    fields = {"question": question or "", "choice": choice, "text": text}
    return Order("answer", question, {k: v for k, v in fields.items() if v}, line)


def said(word: str) -> str:
    """yes, no, or the choice as it is."""
    if re.fullmatch(_YES, word):
        return "yes"
    return "no" if re.fullmatch(_NO, word) or word in ("pas un client", "not a client") else word


def _is_named(low: str) -> bool:
    """An invoice, or an address or a SIREN by which the owner tells one client from another."""
    return are_invoices(low) or bool(_DATUM.fullmatch(low))


def are_invoices(low: str) -> bool:
    """Words that are all like numbers of invoices, and no amount: "fa-2026-0001 et fa-2026-0002"."""
    words = [word for word in re.split(r"[\s,;+&]+", low) if word not in ("et", "and", "")]
    return 0 < len(words) <= _MOST_INVOICES and all(map(INVOICE.fullmatch, words)) and not _AMOUNT.match(low)
