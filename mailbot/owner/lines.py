"""One line of an owner's mail as orders: `verb target [value]`, or the owner's own order of words.

"pause Dupont 10j", "FA-1 : litige, abîmée", "Dupont a payé 600", "ok 1 et pause Dupont", "Merci, payé FA-1 svp".
"""

import re
from dataclasses import replace
from datetime import date

from mailbot.model import Order
from mailbot.owner import courtesy
from mailbot.owner.answers import INVOICE, agrees, answers
from mailbot.owner.contacts import contact_order
from mailbot.owner.denials import denied
from mailbot.owner.doubt import holds_all, reported, uncertain
from mailbot.owner.fields import bare_field, field_line, field_of_target, targeted_field
from mailbot.owner.retractions import retracts, retracts_at_end
from mailbot.owner.told import DENIED, WHO_PAID, payer, who_paid
from mailbot.owner.values import target_of
from mailbot.owner.verb_table import begins_with_verb
from mailbot.owner.verbs import verb_order
from mailbot.owner.words import MONTHS, fold

_REQUEST = re.compile(
    r"^(?:et |and |alors |donc |so )?(?:peux-tu|pouvez-vous|tu peux|vous pouvez|pourrais-tu|pourriez-vous|can you|"
    r"could you|would you|will you)(?: (?:svp|stp|s'il te plait|s'il vous plait|please|aussi|also))?[\s,:]+"
)
"""An order put as a question: "peux-tu suspendre Dupont ?"."""
_POLITE = re.compile(
    r"^(?:(?:s'il te plait|s'il vous plait|svp|stp|please|pls|merci (?:de|d')|thanks? (?:for|to)|il faut|je veux|"
    r"je voudrais|i want (?:you )?to|i'd like (?:you )?to|pense a|pensez a|on peut|et|and|puis|then|aussi|also|alors|"
    r"so|donc|bien|mais|but)[\s,:]+)+"
)
_WE_GOT = re.compile(
    r"^(?:j'ai|on a|nous avons|i've|i have|i|we've|we have|we)(?: (?:bien|just|already|enfin|finally))? "
    r"(?=recue?s?\b|encaissee?s?\b|received\b)"
)
_HYPHEN = re.compile(r"(?<=\w)[\u2010\u2011](?=\w)")
"""What programs that lay out text put into an invoice number, so that it is not broken."""
_BULLET = re.compile(r"^(?:[-*•–·]\s+|[«\"“]\s*)")
_TARGET_FIRST = re.compile(
    r"^(?:la |le |the )?(?:facture |invoice )?(?P<target>[a-z]{1,10}[-_/.]?\d[\w./-]{0,40})\s*(?:[:,=-]+\s*|\s)"
    r"(?:est |a ete |is |was |has been |: )*(?P<order>[a-z].*)$"
)
_NAME_FIRST = re.compile(r"^(?P<name>[^:,;!?@]{2,60}?)\s*:\s*(?P<order>[a-z].*)$")
_AFTER_NAME = frozenset({"pause", "resume", "skip", "why", "status", "preview"})
"""Orders that may follow a client's name and a colon: none that books money, sends or writes off."""
_TORN = re.compile(
    r"^(?:(?:(?:mets|mettez|mettre|passe|passez|put|place) (?P<what>(?!en\b|on\b).{1,80}?) (?:en pause|on hold)|"
    r"(?:laisse[rz]?|fiche[rz]?|leave) (?P<left>(?!it\b|that\b|this\b|ca\b|cela\b).{1,80}?) (?:tranquille|en paix|"
    r"alone|in peace))|"
    r"(?:mark|marque[rz]?|note[rz]?) (?P<marked>.{1,80}?) (?:as|comme|en) (?:paid|paye|payee|regle|reglee|settled)|"
    r"(?P<off>write) (?P<named>(?!off\b).{1,80}?) off)(?P<rest>(?:\s.*)?)$"
)
"""A verb in two pieces around what it is about: "mets Dupont en pause", "write FA-1 off"."""
_CONTACT = re.compile(
    r"^(?:remplace[rz]?|replace|ajoute[rz]?|add|supprime[rz]?|retire[rz]?|enleve[rz]?|remove|delete|drop|change[rz]?|"
    r"ecris|write to|nouvelle adresse|new address|utilise|use)\b"
)
_DENIES_WHAT_FOLLOWS = re.compile(r"^(?:non|no|nope|not)\s+[^\W\d]")
""" "non payée FA-1" denies; "non, payée" says no to a question, and that it is paid."""
_NO_MORE = re.compile(
    r"^no (?:more\b|longer\b|(?:a |in )?(?:reminders?|chasing|mails?|e-?mails?|letters?|messages?|dispute|idea|clue|"
    r"news|payments?|money|cash|funds|cheques?|checks?|transfers?|answers?|repl(?:y|ies)|response|sign|trace|one|"
    r"invoices?|digests?|summary)\b)"
)
""" "No more reminders for Dupont", "no idea" answer no question: "no" belongs to the noun."""
_SPACED_NUMBER = re.compile(
    r"(?<![\w-])(?:([A-Z]{1,5}) (20\d\d)[ -](\d{2,6})|([A-Za-z]{1,4}) (20\d\d)[ -](0\d{1,5}))(?![\w.,]\w|\w)"
)
""" "FA 2026 0103": an invoice number as people say it, and no year with a sum behind it."""
_FOLLOWED = re.compile(r"\s*(?:;|,|\bet\b|\band\b|\bpuis\b|\bthen\b)\s+(?:puis |then )?")
_FOLLOWERS = frozenset(
    {"pause", "resume", "paid", "promise", "resolve", "send", "skip", "why", "status", "match", "write_off", "cancel",
     "preview", "policy"}
)  # fmt: skip
"""Verbs by which a second order in the same line is recognised."""
_ASKS = frozenset({"why", "status", "preview", "help"})
"""After these "not yet" and the like are part of what is asked."""
_MOST_NAME_WORDS = 4
_REASONED = frozenset({"dispute", "write_off", "cancel", "resolve"})
"""After these stands a reason in the owner's own words."""
_TEXTUAL = frozenset({"reply", "dispute", "write_off", "cancel", "resolve", "correct", "contact", "answer"})
"""After these the rest of a line may be the owner's own words: it is never cut in two."""


def parse_line(line: str, today: date | None = None) -> list[Order]:
    """The orders of one line; `ok 1,3` gives two. An empty list where it is none, or not certainly one."""
    bare = whole = _SPACED_NUMBER.sub(_hyphened, _HYPHEN.sub("-", line))
    while found := _BULLET.match(fold(bare)):
        bare = bare[found.end() :]
    bare = bare.rstrip('»”" ') if bare != whole else bare
    return [replace(order, line=line) for order in _without_courtesy(bare, today)]


def _hyphened(number: re.Match[str]) -> str:
    letters = number[1] or number[4]
    return number[0] if fold(letters) in MONTHS else "-".join([letters, *filter(None, number.group(2, 3, 5, 6))])


def holds_others(low: str) -> bool:
    """Whether a folded line says that those around it are not to be done; an order may take back itself alone."""
    itself = begins_with_verb(courtesy.without_opening(low)) is not None and retracts_at_end(low)
    return (holds_all(low) and not itself) or retracts(low)


def sounds_like_order(low: str) -> bool:
    """Whether a folded line that is none has the words of one: to say why it was not carried out."""
    opened = courtesy.without_opening(low)
    return begins_with_verb(opened) is not None or bool(answers(opened, opened.rstrip(" .!?")) or WHO_PAID.match(low))


def who_is_said_to_have_paid(line: str) -> str:
    """The words before the verb of "Dupont paid FA-1", without what is only polite; "" where there are none."""
    bare = courtesy.without_opening(line.strip())
    opening = _BULLET.match(fold(bare)) or _POLITE.match(fold(bare))
    return payer(bare[opening.end() :] if opening else bare)


def _without_courtesy(line: str, today: date | None) -> list[Order]:
    """A client's text keeps its thanks; around any other order they say nothing."""
    if begins_with_verb(fold(line)) != "reply":
        line = courtesy.without_opening(line)
    elif denied(fold(line)) is None:
        return _orders(line, today)
    if (note := fold(courtesy.comment_of(line))) and (uncertain(note) or holds_all(note) or retracts(note)):
        return []
    bare = courtesy.without_closing(line)
    if _is_taken_back(bare):
        return []
    return _orders(bare, today)


def _is_taken_back(line: str) -> bool:
    """ "payé FA-1, non attends": an order and its end in one line. Answers by number take a no where they stand."""
    low = fold(line)
    return retracts_at_end(low) and begins_with_verb(low) not in _ASKS and not answers(line, low.rstrip(" .!"))


def _orders(line: str, today: date | None) -> list[Order]:
    if torn := _TORN.match(fold(line)):
        group = next(name for name in ("off", "marked", "left", "what") if torn[name])
        verb = {"off": "write off", "marked": "paid"}.get(group, "pause")
        about = line[slice(*torn.span("named" if group == "off" else group))]
        line = f"{verb} {about} {line[torn.start('rest') :].strip()}".strip()
    low = fold(line)
    if (what := denied(low)) is not None:
        instead = f"pause {line[what.start : what.end]}"
        return verb_order(instead, fold(instead).rstrip(" .!"), today) if what.forbids else []
    if not _NO_MORE.match(low) and (found := answers(line, low.rstrip(" .!"))):
        return _with_what_follows(line, found, today)
    readers = (
        field_line, _each_in_turn, _several, verb_order, _contact_first, _target_first, _name_first, who_paid,
        bare_field, targeted_field, field_of_target,
    )  # fmt: skip
    for reader in readers:
        if found := reader(line, low.rstrip(" .!"), today):
            return found
    if request := _REQUEST.match(low):
        return _orders(line[request.end() :].rstrip(" ?!."), today)
    if opening := _POLITE.match(low) or _WE_GOT.match(low):
        return _orders(line[opening.end() :], today)
    return []


def _with_what_follows(line: str, found: list[Order], today: date | None) -> list[Order]:
    """ "ok 1 et pause Dupont": what follows an answer may be an order of its own."""
    text = found[-1].fields.get("text", "")
    following = re.sub(r"^(?:,|;|et|and|puis|then)\s+", "", text, flags=re.IGNORECASE)
    if text and found[-1].target is None and agrees(following):
        return found
    if begins_with_verb(fold(following)) not in _FOLLOWERS:
        return found if not text or _means_yes_or_no(found[-1], text) else []
    if _DENIES_WHAT_FOLLOWS.match(fold(line)):
        return []
    more = _orders(following, today)
    if not more:
        return found
    last = found[-1]
    fields = {name: value for name, value in last.fields.items() if name != "text"}
    return [*found[:-1], Order(last.verb, last.target, fields, line), *more]


def _means_yes_or_no(answer: Order, text: str) -> bool:
    """ "ok, je vais y réfléchir" is no agreement: without a number, only words that agree may follow a yes."""
    return answer.target is not None or answer.fields.get("choice") != "yes" or agrees(text)


def _each_in_turn(line: str, _low: str, today: date | None) -> list[Order]:
    """ "FA-1 payée le 20, FA-2 payée le 21": each part names its invoice first, and is an order by itself."""
    parts = re.split(r"\s*(?:;|,|\bet\b|\band\b)\s+", line)
    if len(parts) < 2 or not all(_TARGET_FIRST.match(fold(part)) for part in parts):
        return []
    found = [_target_first(part, fold(part).rstrip(" .!"), today) for part in parts]
    return [order for orders in found for order in orders] if all(found) else []


def _several(line: str, low: str, today: date | None) -> list[Order]:
    """ "pause Dupont et paye FA-1": two orders in one line, only where each half is one by itself."""
    if begins_with_verb(low) in _REASONED:
        return _behind_reason(line, low, today)
    if begins_with_verb(low) in _TEXTUAL | {None}:
        return []
    for mark in _FOLLOWED.finditer(low):
        right = line[mark.end() :]
        torn = _TORN.match(fold(right))
        if begins_with_verb(fold(right)) not in _FOLLOWERS and not torn:
            continue
        first, rest = verb_order(line[: mark.start()], low[: mark.start()], today), _orders(right, today)
        if first and rest and all(order.target for order in (*first, *rest)):
            return [*first, *rest]
    return []


def _behind_reason(line: str, low: str, today: date | None) -> list[Order]:
    """ "litige FA-1 panneau cassé, pause Dupont 10j": a reason may hold any words, but no order that names its own."""
    for mark in _FOLLOWED.finditer(low):
        rest = _orders(line[mark.end() :], today)
        if not rest or not all(map(_names_its_own, rest)):
            continue
        if first := verb_order(line[: mark.start()], low[: mark.start()], today):
            return [*first, *rest]
    return []


def _names_its_own(order: Order) -> bool:
    """An answer with its number, an invoice with its verb, or a verb of steering with its client."""
    if not order.target or (order.verb == "answer" and "text" in order.fields):
        return False
    named = order.verb == "answer" or INVOICE.fullmatch(fold(order.target)) is not None
    return named or order.verb in ("pause", "resume")


def _contact_first(line: str, low: str, _today: date | None) -> list[Order]:
    if "@" not in low or uncertain(low) or not (found := _CONTACT.match(low)):
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
    if (
        not found
        or len(found["name"].split()) > _MOST_NAME_WORDS
        or reported(low)
        or _POLITE.match(low)
        or _REQUEST.match(low)
    ):
        return []
    said = line[found.start("order") :]
    orders = verb_order(said, fold(said).rstrip(" .!"), today)
    if len(orders) != 1 or orders[0].verb not in _AFTER_NAME or orders[0].target or DENIED.search(found["name"]):
        return []
    return [Order(orders[0].verb, target_of(line[: found.end("name")].strip()), orders[0].fields)]
