"""The owner's orders: one a line at the top of a mail, French or English, accents and case do not matter.

`verb target [value]`, as in "pause Dupont 10j" or "paid F-2026-014 1200 transfer 21/11". Reading stops at a quote,
at "--", at a thank-you, or after five lines that are no order. The table of verbs (`verbs.py`) is closed; a line that
is none is handed back, never guessed. What is only asked ("payé ?") or bound to a condition ("si …") is no order.
"""

import re
from datetime import date

from mailbot.model import Order
from mailbot.owner.answers import INVOICE, answers
from mailbot.owner.contacts import contact_order
from mailbot.owner.fields import bare_field, field_line, targeted_field
from mailbot.owner.verbs import begins_with_verb, verb_order
from mailbot.owner.words import ALL, THE_SAME, fold

__all__ = ["ALL", "THE_SAME", "parse_line", "parse_orders"]

_MAX_LINES = 60
_MAX_LINE = 500
_MAX_TEXT = 8000
_MAX_UNKNOWN = 5
_TOO_MUCH_BEFORE = 3
"""After so many lines that are none, what looks like an order is read in some other text: in doubt nothing."""
_THANKS = r"(?:merci|thanks?|thank you)(?! (?:de|d'|for|to)\b)"
_STOP = re.compile(
    rf"^(?:--|__|>|\||{_THANKS}|cordialement|bien (?:a vous|cordialement)|bonne (?:journee|soiree|reception)|best|"
    r"(?:kind |warm )?regards|cheers|fin$|end$|envoye (?:de|depuis)|sent from|le .{4,80} a ecrit|on .{4,80} wrote|"
    r"-{3,}|_{3,}|a bientot|salutations|a plus$|bises?$)"
)
_QUOTES = re.compile(r"^(?:le .{4,80} a ecrit|on .{4,80} wrote|envoye (?:de|depuis)|sent from)")
_CLOSING_WORDS = 3
"""A line of a text with no more words than these may be its closing, "Merci beaucoup !"."""
_COPY = re.compile(
    r"^(?:de|from|expediteur|envoye|sent|objet|subject|date)\s?:\s*\S|^-+\s*(?:message|original|mail|e-mail)|\*from:"
)
"""Where an unmarked copy of another mail begins: nothing after it is the owner's word."""
_GREETING = re.compile(
    r"^(?:bonjour|bonsoir|hello|hi|salut|dear|hey|coucou|good (?:morning|evening))\b[\w\s,!.]{0,40}$"
)
_PLEASANT = re.compile(
    r"^(?:(?:ok |bien |c'est |all |well )?(?:super|parfait|top|genial|tres bien|bien recu|bien note|note|"
    r"c'est note|recu|noted|great|perfect|got it|understood|fine|nice|excellent|bravo|"
    r"merci)(?: (?:pour|for) .{1,60})?|:-?\)|👍|🙏|"
    r"ok merci|ok thanks?|oui merci|yes thanks?|ca marche|entendu|compris)[\s.!,👍🙏:)]*$"
)
_POLITE = re.compile(
    r"^(?:(?:s'il te plait|s'il vous plait|svp|stp|please|pls|merci (?:de|d')|thanks? (?:for|to)|peux-tu|pouvez-vous|"
    r"tu peux|vous pouvez|can you|could you|would you|il faut|je veux|je voudrais|i want (?:you )?to|"
    r"i'd like (?:you )?to|pense a|pensez a|on peut|et|and|puis|then|aussi|also|alors|so|donc|bien|mais|but)[\s,:]+)+"
)
_BULLET = re.compile(r"^(?:[-*•–·]\s+|[«\"“]\s*)")
_TARGET_FIRST = re.compile(
    r"^(?:la |le |the )?(?:facture |invoice )?(?P<target>[a-z]{1,10}[-_/.]?\d[\w./-]{0,40})\s*(?:[:,=-]+\s*|\s)"
    r"(?:est |a ete |is |was |has been |: )*(?P<order>[a-z].*)$"
)
_NAME_FIRST = re.compile(r"^(?P<name>[^:,;!?@]{2,60}?)\s*:\s*(?P<order>[a-z].*)$")
_AFTER_NAME = frozenset({"pause", "resume", "skip", "why", "status", "preview"})
"""Orders that may follow a client's name and a colon: none that books money, sends or writes off."""
_TELLS = re.compile(r"\b(?:dit|ecrit|demande|repond|propose|veut|says?|said|writes|wrote|asks?|asked|wants?|replied)\b")
_WHO_PAID = re.compile(
    r"^(?P<who>[^,;:!?]{2,60}?) (?:nous |m')?(?:a|ont|vient de|viennent de|has|have|just) (?:bien |just |already )?"
    r"(?P<verb>paye|regle|payer|regler|solde|paid|settled)\b(?P<rest>.*)$"
)
_IN_FULL = frozenset(
    {"all", "tout", "toutes", "everything", "ce matin", "cet apres-midi", "this morning", "this afternoon", "enfin",
     "finally", "en entier", "in full", "deja", "already", "bien", "la facture", "sa facture", "the invoice", "it"}
)  # fmt: skip
"""What may stand after "Dupont a payé" of a payment in full."""
_DENIED = re.compile(
    r"\bn'|\bne\b|\bpas\b|\bnot?\b|n't\b|\bjamais\b|\bnever\b|\bpersonne\b|\bnobody\b|\bpeut-etre\b|\bmaybe\b"
)
_TORN = re.compile(
    r"^(?:(?:mets|mettez|mettre|passe|passez|put|place) (?P<what>(?!en\b|on\b).{1,80}?) (?:en pause|on hold)|"
    r"(?P<off>write) (?P<named>(?!off\b).{1,80}?) off)(?P<rest>(?:\s.*)?)$"
)
"""A verb in two pieces around what it is about: "mets Dupont en pause", "write FA-1 off"."""
_CONTACT = re.compile(
    r"^(?:remplace[rz]?|replace|ajoute[rz]?|add|supprime[rz]?|retire[rz]?|enleve[rz]?|remove|delete|drop|change[rz]?|"
    r"ecris|write to|nouvelle adresse|new address|utilise|use)\b"
)
_DENIES_WHAT_FOLLOWS = re.compile(r"^(?:non|no|nope|not)\s+[^\W\d]")
""" "non payée FA-1" denies; "non, payée" says no to a question, and that it is paid."""
_FOLLOWED = re.compile(r"\s*(?:;|,|\bet\b|\band\b|\bpuis\b|\bthen\b)\s+(?:puis |then )?")
_FOLLOWERS = frozenset(
    {"pause", "resume", "paid", "promise", "resolve", "send", "skip", "why", "status", "match", "write_off", "cancel",
     "preview", "policy"}
)  # fmt: skip
"""Verbs by which a second order in the same line is recognised."""
_MOST_NAME_WORDS = 4
_TEXTUAL = frozenset({"reply", "dispute", "write_off", "cancel", "resolve", "correct", "contact", "answer"})
"""After these the rest of a line may be the owner's own words: it is never cut in two."""


def parse_orders(
    text: str,
    language: str,  # noqa: ARG001 - the words of both languages are always understood
    today: date | None = None,
) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """(orders, lines that are none) of the top of an owner's mail.

    `today`, the day of the mail, turns "21/11" and "10j" into days; without it such fields stay as written.
    The words of both languages are understood whatever `language` says: owners mix them.
    """
    reader = _Reader(today)
    for line in text.split("\n")[:_MAX_LINES]:
        if not reader.take(line.strip()[:_MAX_LINE]):
            break
    return tuple(reader.orders), tuple(reader.unknown)


class _Reader:
    """Line by line: the orders so far, the lines that are none, and whether a text is being written."""

    def __init__(self, today: date | None) -> None:
        self.today = today
        self.orders: list[Order] = []
        self.unknown: list[str] = []
        self.blank = True
        self.begun = False
        """The lines that follow belong to the text of the last order, as it has none yet."""

    def take(self, line: str) -> bool:
        """Read one line; False where the orders end."""
        low = fold(line)
        if not low:
            self.blank = True
            return True
        after_blank, self.blank = self.blank, False
        if _COPY.match(low):
            if not self.orders and not self.unknown:
                self.unknown.append(line)
            return False
        if self.begun and low[0].isalpha() and len(low.split()) > _CLOSING_WORDS and not _QUOTES.match(low):
            self._add(line)  # "Merci, nous passons mardi." is part of the text that the client gets
            return True
        if (_STOP.match(low) and not self._is_polite_order(low)) or len(self.unknown) >= _MAX_UNKNOWN:
            return False
        if low.startswith("#") and not re.match(r"#\s?\d", low):
            return True
        if self.begun and not (after_blank and parse_line(line, self.today)):
            self._add(line)
            return True
        if _GREETING.match(low) or _is_pleasant(low):
            return True
        self._order(line)
        return True

    def _is_polite_order(self, low: str) -> bool:
        return bool(_POLITE.match(low)) and bool(parse_line(low, self.today))

    def _order(self, line: str) -> None:
        found = parse_line(line, self.today)
        if found and not self.orders and len(self.unknown) >= _TOO_MUCH_BEFORE:
            self.unknown.append(line)
        elif found:
            self.orders += found
            self.begun = found[-1].verb == "reply" and "text" not in found[-1].fields
        elif self.orders and _takes_text(self.orders[-1]):
            self._add(line)
        elif self._is_rest_of_last(line):
            return
        else:
            self.unknown.append(line)

    def _is_rest_of_last(self, line: str) -> bool:
        """An order that a mail program broke in two: both lines together are one, and the second alone is none."""
        if not self.orders or self.unknown:
            return False
        last = self.orders[-1]
        together = parse_line(f"{last.line} {line}", self.today)
        alike = len(together) == 1 and (together[0].verb, together[0].target) == (last.verb, last.target)
        if (
            not alike
            or last.verb not in ("paid", "promise", "pause", "correct")
            or not set(last.fields) < set(together[0].fields)
        ):
            return False
        self.orders[-1] = Order(last.verb, last.target, together[0].fields, last.line)
        return True

    def _add(self, line: str) -> None:
        order = self.orders[-1]
        name = "why" if order.verb == "dispute" else "text"
        joined = f"{order.fields.get(name, '')}\n{line}".strip()[:_MAX_TEXT]
        self.orders[-1] = Order(order.verb, order.target, {**order.fields, name: joined}, order.line)


def parse_line(line: str, today: date | None = None) -> list[Order]:
    """The orders of one line; `ok 1,3` gives two. An empty list where it is none."""
    bare = line
    while found := _BULLET.match(fold(bare)):
        bare = bare[found.end() :]
    bare = bare.rstrip('»”" ') if bare != line else bare
    orders = _orders(bare, today)
    return [Order(order.verb, order.target, order.fields, line) for order in orders]


def _orders(line: str, today: date | None) -> list[Order]:
    if torn := _TORN.match(fold(line)):
        about = line[slice(*torn.span("named" if torn["off"] else "what"))]
        line = f"{'write off' if torn['off'] else 'pause'} {about} {line[torn.start('rest') :].strip()}".strip()
    low = fold(line)
    if found := answers(line, low.rstrip(" .!")):
        return _with_what_follows(line, found, today)
    readers = (
        field_line, _several, verb_order, _contact_first, _target_first, _name_first, _who_paid, bare_field,
        targeted_field,
    )  # fmt: skip
    for reader in readers:
        if found := reader(line, low.rstrip(" .!"), today):
            return found
    if polite := _POLITE.match(low):
        return _orders(line[polite.end() :], today)
    return []


def _with_what_follows(line: str, found: list[Order], today: date | None) -> list[Order]:
    """ "ok 1 et pause Dupont": what follows an answer may be an order of its own."""
    text = found[-1].fields.get("text", "")
    following = re.sub(r"^(?:,|;|et|and|puis|then)\s+", "", text, flags=re.IGNORECASE)
    if not text or begins_with_verb(fold(following)) not in _FOLLOWERS:
        return found
    if _DENIES_WHAT_FOLLOWS.match(fold(line)):
        return []
    more = _orders(following, today)
    if not more:
        return found
    last = found[-1]
    fields = {name: value for name, value in last.fields.items() if name != "text"}
    return [*found[:-1], Order(last.verb, last.target, fields, line), *more]


def _several(line: str, low: str, today: date | None) -> list[Order]:
    """ "pause Dupont et paye FA-1": two orders in one line, only where each half is one by itself."""
    if begins_with_verb(low) in _TEXTUAL | {None}:
        return []
    for mark in _FOLLOWED.finditer(low):
        right = line[mark.end() :]
        if begins_with_verb(fold(right)) not in _FOLLOWERS:
            continue
        first, rest = verb_order(line[: mark.start()], low[: mark.start()], today), _orders(right, today)
        if first and rest and all(order.target for order in (*first, *rest)):
            return [*first, *rest]
    return []


def _contact_first(line: str, low: str, _today: date | None) -> list[Order]:
    if "@" not in low or not (found := _CONTACT.match(low)):
        return []
    order = contact_order(line[found.end() :], line[: found.end()])
    return [order] if order is not None and order.target else []


def _target_first(line: str, low: str, today: date | None) -> list[Order]:
    """ "FA-2026-0412 : litige, peinture abîmée": the verb after what it is about."""
    found = _TARGET_FIRST.match(low)
    if not found or not INVOICE.fullmatch(found["target"]):
        return []
    name, said = line[found.start("target") : found.end("target")], line[found.start("order") :]
    verb = begins_with_verb(found["order"])
    if verb is None or verb in ("help", "stop", "live", "digest", "answer", "contact"):
        return []
    after = re.match(r"^\S+(?: (?:en demeure|off|clos|over))?", found["order"])
    cut = found.start("order") + (after.end() if after else 0)
    reordered = f"{line[found.start('order') : cut].rstrip(' ,:;')} {name} {line[cut:].lstrip(' ,:;')}".strip()
    orders = verb_order(reordered, fold(reordered).rstrip(" .!"), today)
    return orders if len(orders) == 1 and orders[0].target and not said.endswith("?") else []


def _name_first(line: str, low: str, today: date | None) -> list[Order]:
    """ "Dupont : pause 2 semaines". What a client is said to want, or an order with a target of its own, is none."""
    found = _NAME_FIRST.match(low)
    if not found or len(found["name"].split()) > _MOST_NAME_WORDS or _TELLS.search(low) or _POLITE.match(low):
        return []
    said = line[found.start("order") :]
    orders = verb_order(said, fold(said).rstrip(" .!"), today)
    if len(orders) != 1 or orders[0].verb not in _AFTER_NAME or orders[0].target or _DENIED.search(found["name"]):
        return []
    return [Order(orders[0].verb, line[: found.end("name")].strip(), orders[0].fields)]


def _who_paid(line: str, low: str, today: date | None) -> list[Order]:
    """ "Dupont a payé FA-2026-0445 ce matin": told in a sentence; a sentence that denies or asks is none."""
    found = _WHO_PAID.match(low)
    if not found or _DENIED.search(low) or line.rstrip().endswith("?") or begins_with_verb(low):
        return []
    who = line[found.start("who") : found.end("who")]
    rest = line[found.start("rest") : found.end("rest")]
    orders = verb_order(f"paid {rest}", fold(f"paid {rest}").rstrip(" .!"), today)
    if len(orders) != 1:
        return []
    [order] = orders
    if order.target and re.search(r"\d", order.target):
        return [order]
    if order.target and fold(order.target) not in _IN_FULL:
        return []  # "half of it", "nothing", "the deposit", "another invoice": not what a payment in full is told by
    return [Order("paid", who, order.fields)]


def _is_pleasant(low: str) -> bool:
    """ "Super, merci !": nothing that wants an answer."""
    return all(_PLEASANT.match(part) for part in re.split(r"\s*[,.!]+\s*", low.strip(" .!,")) if part)


def _takes_text(order: Order) -> bool:
    return order.verb in ("reply", "dispute") or (order.verb == "answer" and "text" not in order.fields)
