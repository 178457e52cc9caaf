"""The owner's orders: one a line at the top of a mail, French or English, accents and case do not matter.

`verb target [value]`, as in "pause Dupont 10j" or "paid F-2026-014 1200 transfer 21/11". Reading stops at a quote,
at "--", at a thank-you, or after five lines that are no order. The table of verbs is closed; a line that is none is
handed back, never guessed. Dates stay as a person wrote them here: they become days in `resolve_day`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from mailbot.model import Order
from mailbot.money import parse_amount
from mailbot.owner.values import NOISE, resolve_day, target_of, values_of
from mailbot.owner.words import fold

_MAX_LINES = 60
_MAX_LINE = 500
_MAX_UNKNOWN = 5
_STOP = re.compile(
    r"^(?:--|__|>|\||merci|thanks?|thank you|cordialement|bien a vous|bonne journee|best|regards|"
    r"kind regards|cheers|fin$|end$|envoye (?:de|depuis)|sent from|le .{4,80} a ecrit|on .{4,80} wrote|"
    r"de ?:|from ?:|-{3,}|_{3,}|bonne soiree|a bientot|salutations)"
)
_GREETING = re.compile(r"^(?:bonjour|bonsoir|hello|hi|salut|dear|hey|coucou)\b[\w\s,!.]{0,40}$")
_ANSWER = re.compile(r"^(ok|oui|yes|y|o|non|no|n|d'accord|si)\b[\s.!:,]*(.*)$")
_CHOICE = re.compile(
    r"^(?:n[°o.]?\s*)?(\d{1,4})(?:\s*[:.)=-]\s*|\s+)(ok|oui|yes|non|no|[a-e]|[1-9]|"
    r"promesse|promise|paye|paid|litige|dispute|rembourser|refund|imputer|set off)\b[\s.:,]*(.*)$"
)
_WAS = re.compile(
    r"^(?:n[°o.]?\s*)?(?P<question>\d{1,4})?[\s:.)]*(?:non,? |no,? |en fait,? |actually,? )?"
    r"(?:c'etait|c'est|ce n'etait pas ca,? c'etait|this was|that was|it was|this is|that is) (?:bien |really )?"
    r"(?:un |une |a |an )?(?P<what>litige|dispute|promesse|promise|paye|paiement|paid|payment)$"
)
"""What a client's answer really meant: "this was a dispute"."""
_MEANT = {"paiement": "paid", "payment": "paid"}
_MEANINGS = frozenset({"promesse", "promise", "paye", "paid", "litige", "dispute"})
"""What a client's answer meant, as the question's choices name it."""
_BARE = re.compile(r"^(\d{1,4})\s*[.:)]?\s+(.{1,300})$|^(\d{1,4})[.)]?$")
_OTHER = re.compile(
    r"^(?:(?:n[°o.]?\s*)?(?P<question>\d{1,4})(?:\s*[:.)=-]\s*|\s+))?(?:autre|other)\b[\s:,]*(?P<what>\S.{0,200})?$"
)
_INSTEAD = re.compile(r"^(?:n[°o.]?\s*)?(?P<question>\d{1,4})(?:\s*[:.)=]\s*|\s+)(?P<what>\S.{0,200})$")
"""Of a question about a payment: another invoice or client than those that it offers."""
_INVOICE = re.compile(r"(?=.*\d)(?:[a-z]{1,10}[-_/.]?\d[\w./-]{0,40}|\d[\w./-]{2,40})")
_MOST_INVOICES = 8
_NUMBERS = re.compile(r"^((?:n[°o.]?\s*)?\d{1,4}(?:\s*(?:,|;|et|and|&)\s*\d{1,4})*)(?!\S)\s*(.*)$")
_AMOUNT = re.compile(r"^\d{1,9}(?:[.,]\d{1,2})?$")
_EMAIL = re.compile(r"^<?[\w.+-]{1,64}@[\w.-]{1,190}\.[a-z]{2,24}>?$")
_IT = frozenset({"it", "le meme", "la meme", "same"})
_ALL = frozenset({"tout", "tous", "toutes", "all", "everything"})

_VERBS: tuple[tuple[str, str], ...] = (
    ("write_off", r"abandonne(?:r)?|passe en perte|write[ -]?off|write off"),
    (
        "cancel",
        (
            r"annule (?:la )?facture|annuler (?:la )?facture|avoir(?: sur)?|cancel(?: invoice)?|credited|"
            r"credit note(?: for)?|credite"
        ),
    ),
    ("notice", r"mise en demeure|formal notice|notice"),
    ("dossier", r"dossier|file"),
    ("live", r"en direct|go live|live|passe en direct"),
    ("policy", (r"plus doucement|plus doux|plus ferme(?:ment)?|gentler|softer|firmer|tougher|traite(?:r)?|treat")),
    (
        "pause",
        (
            r"pause|suspends?|suspendre|ne (?:pas |plus )?relance(?:r|z|s)?(?: plus| pas)?|"
            r"stop reminders(?: for)?|hold(?: off)?|mets en pause|mettre en pause|attends"
        ),
    ),
    ("resume", r"reprends?|reprendre|relance a nouveau|resume|unpause|restart|continue"),
    ("promise", r"promesse|promise[sd]?|promet|a promis"),
    ("dispute", r"litige|conteste|dispute[sd]?"),
    ("resolve", (r"clos|cloture|resolu|regle le litige|resolved?|litige clos|dispute (?:over|resolved|closed)|close")),
    ("match", r"rapproche(?:r)?|match|affecte(?:r)?|allocate"),
    ("paid", r"payee?s?|paye|reglee?s?|regle|encaissee?s?|paid|received|settled|recu|recue"),
    ("skip", r"saute(?:r)?|skip|passe(?:r)? (?:cette )?(?:etape|relance)"),
    ("preview", r"avant|apercu|preview|montre|show"),
    ("reply", r"reponds?|repondre|reply|answer"),
    ("send", r"envoie(?:r)?|envoyer|envoi|relance(?:r)?|send(?: now)?|remind"),
    ("correct", r"corrige(?:r)?|correct|rectifie(?:r)?|fix"),
    ("contact", r"contact|adresse|email|mail"),
    ("why", r"pourquoi|why|explique|explain"),
    ("status", r"etat|liste|ou en est|ou en sont|statut|status|list|where is"),
    ("digest", r"digest|silence|resume quotidien|summary"),
    ("undo", r"annule(?:r)?|undo|defais"),
    ("stop", r"stop|arrete(?:r|z)?(?: tout)?|arret|halt|stop all|stop everything"),
    ("help", r"aide|help|\?"),
)
_PATTERNS = tuple((verb, re.compile(rf"^(?P<verb>{words})(?![\w])[\s:,]*")) for verb, words in _VERBS)
_FIELDS = {
    "number": r"numero|number|n[°o]|no|ref",
    "issue_date": (r"date(?: de facture| d'emission)?|emise?(?: le)?|issued|issue date|invoice date"),
    "due_date": r"echeance|due(?: date)?|payable le",
    "total_gross": (r"ttc|total(?: ttc)?|montant(?: ttc)?|gross|amount|total gross"),
    "total_net": r"ht|montant ht|total ht|net|total net",
    "currency": r"devise|currency",
    "contact": r"contact|email|mail|adresse",
    "client": r"client|customer",
}
_FIELD = re.compile("|".join(rf"(?P<{name}>\b(?:{words}))" for name, words in _FIELDS.items()))
_FIELD_LINE = re.compile(
    rf"^(?P<label>{'|'.join(words for words in _FIELDS.values())})\s*[:=]\s*(?P<value>\S.{{0,200}})$"
)

_BARE_FIELD = re.compile(rf"^(?P<label>{'|'.join(words for words in _FIELDS.values())})\s+(?P<value>\S.{{0,200}})$")


def parse_orders(
    text: str,
    language: str,  # noqa: ARG001 - the words of both languages are always understood
    today: date | None = None,
) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """(orders, lines that are none) of the top of an owner's mail.

    `today`, the day of the mail, turns "21/11" and "10j" into days; without it such fields stay as written.
    The words of both languages are understood whatever `language` says: owners mix them.
    """
    orders: list[Order] = []
    unknown: list[str] = []
    for line in text.split("\n")[:_MAX_LINES]:
        bare = line.strip()[:_MAX_LINE]
        low = fold(bare)
        if (low and _STOP.match(low) and not low.startswith("from:")) or len(unknown) >= _MAX_UNKNOWN:
            break
        if not low or low.startswith("#") or _GREETING.match(low):
            continue
        found = parse_line(bare, today)
        if found:
            orders += found
        elif orders and _takes_text(orders[-1]):
            orders[-1] = _with_text(orders[-1], bare)
        else:
            unknown.append(bare)
    return tuple(orders), tuple(unknown)


def parse_line(line: str, today: date | None = None) -> list[Order]:
    """The orders of one line; `ok 1,3` gives two. An empty list where it is none."""
    low = fold(line).rstrip(" .!")
    for reader in (_answer, _field_line, _verb, _bare_field):
        found = reader(line, low, today)
        if found:
            return found
    return []


def _answer(line: str, low: str, _today: date | None) -> list[Order]:
    if found := _WAS.match(low):
        return [_answered(line, found["question"], _MEANT.get(found["what"], found["what"]), "")]
    if (found := _CHOICE.match(low)) and not _looks_amount(low):
        return [_answered(line, found[1], _said(found[2]), line[found.start(3) :].strip())]
    if (found := _OTHER.match(low)) or ((found := _INSTEAD.match(low)) and _are_invoices(found["what"])):
        what = line[found.start("what") : found.end("what")].strip() if found["what"] else ""
        return [_answered(line, found["question"], "other", what)]
    if found := _ANSWER.match(low):
        rest, choice = found[2], _said(found[1])
        if not rest:
            return [_answered(line, None, choice, "")]
        if numbers := _NUMBERS.match(rest):
            text = line[found.start(2) + numbers.start(2) :].strip()
            if re.fullmatch(r"[\d\s]+", text):
                return []  # "ok 5 2": both questions, or the second choice of the fifth? In doubt nothing
            if choice == "yes" and fold(text) in _MEANINGS:
                choice, text = fold(text), ""
            return [_answered(line, n, choice, text) for n in re.findall(r"\d+", numbers[1])]
        if rest in _ALL:
            return [_answered(line, "all", choice, "")]
        return [_answered(line, None, choice, line[found.start(2) :].strip())] if len(found[1]) > 1 else []
    if (found := _BARE.match(low)) and found[3]:
        return [_answered(line, None, found[3], "")]
    return []


def _answered(line: str, question: str | None, choice: str, text: str) -> Order:
    fields = {"question": question or "", "choice": choice, "text": text}
    return Order("answer", question, {k: v for k, v in fields.items() if v}, line)


def _said(word: str) -> str:
    if word in ("ok", "oui", "yes", "y", "o", "d'accord", "si"):
        return "yes"
    return "no" if word in ("non", "no", "n") else word


def _are_invoices(low: str) -> bool:
    """Words that are all like numbers of invoices, and no amount: "fa-2026-0001 et fa-2026-0002"."""
    words = [word for word in re.split(r"[\s,;+&]+", low) if word not in ("et", "and", "")]
    return 0 < len(words) <= _MOST_INVOICES and all(map(_INVOICE.fullmatch, words)) and not _AMOUNT.match(low)


def _looks_amount(low: str) -> bool:
    return bool(re.match(r"^\d{1,4}[.,]\d{2}\b", low))


def _field_line(line: str, low: str, today: date | None) -> list[Order]:
    found = _FIELD_LINE.match(low)
    if not found:
        return []
    value = line[found.start("value") :].strip().rstrip(".")
    name = next(n for n, words in _FIELDS.items() if re.fullmatch(words, found["label"]))
    return [Order("correct", None, {name: _field_value(name, value, today)}, line)]


def _bare_field(line: str, low: str, today: date | None) -> list[Order]:
    """ "échéance 15/12" without a colon: only where what follows is such a value."""
    found = _BARE_FIELD.match(low)
    if not found:
        return []
    name = next(n for n, words in _FIELDS.items() if re.fullmatch(words, found["label"]))
    value = line[found.start("value") :].strip().rstrip(".")
    given = _field_value(name, value, today)
    is_value = {
        "issue_date": bool(re.fullmatch(r"\d{4}-\d\d-\d\d", given)),
        "due_date": bool(re.fullmatch(r"\d{4}-\d\d-\d\d", given)),
        "total_gross": bool(_AMOUNT.match(given)),
        "total_net": bool(_AMOUNT.match(given)),
        "number": bool(re.search(r"\d", given)) and " " not in given,
    }.get(name, True)
    return [Order("correct", None, {name: given}, line)] if is_value else []


def _field_value(name: str, value: str, today: date | None) -> str:
    if name in ("issue_date", "due_date"):
        day = resolve_day(fold(value), today)
        return day.isoformat() if day else value
    if name.startswith("total"):
        try:
            return str(parse_amount(re.sub(r"[€$£]|\b(?:eur|euros?|usd|gbp|chf)\b", "", fold(value))))
        except ValueError:
            return value
    return value.upper() if name == "currency" else value


def _verb(line: str, low: str, today: date | None) -> list[Order]:
    for verb, pattern in _PATTERNS:
        if found := pattern.match(low):
            said = found["verb"].strip()
            rest = line[found.end() :].strip().rstrip(".!? ")
            order = _READERS.get(verb, _plain)(verb, said, rest, today)
            return [Order(order.verb, order.target, order.fields, line)] if order else []
    return []


# --------------------------------------------------------------------------------------------- by verb


def _plain(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    return Order(verb, target_of(rest) or None)


def _alone(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    return Order(verb, None) if not rest or fold(rest) in _ALL or len(rest.split()) <= 2 else None


def _paid(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = values_of(rest, today)
    return Order(verb, target or None, {k: v for k, v in fields.items() if k in ("amount", "date", "method")})


def _promise(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = values_of(rest, today)
    if "days" in fields and today:
        fields["date"] = (today + timedelta(days=int(fields.pop("days")))).isoformat()
    return Order(verb, target or None, fields)


def _pause(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    back = re.search(r"(?:reprise|reprends?|resume|until resume)(?: le| on)?\s+(\S.{1,30})$", fold(rest))
    target, fields = values_of(rest[: back.start()] if back else rest, today)
    if "date" in fields:
        fields["until"] = fields.pop("date")
    if back and (day := resolve_day(back[1], today)):
        fields["resume_on"] = day.isoformat()
    target = re.sub(r"\s+(?:jusqu'?a?u?|until|till|pendant|for)$", "", target, flags=re.IGNORECASE)
    return Order(verb, "all" if fold(target) in _ALL else target or None, fields)


def _match(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    line, _, invoices = rest.partition(" ")
    named = [w for w in re.split(r"[\s,;+&]+", invoices) if w and fold(w) not in NOISE | {"et", "and", "avec", "with"}]
    return Order(verb, line or None, {"line": line, "invoices": ",".join(named)}) if line and named else None


def _why(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    target, _, why = target_of(rest).partition(" ")
    return Order(verb, target.rstrip(",:") or None, {"why": why.strip()} if why.strip() else {})


def _cancel(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    order = _why(verb, _said, rest, _today)
    return (
        Order(verb, order.target, {"reason": next(iter(order.fields.values()))} if order.fields else {})
        if order
        else None
    )


def _reply(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    target, _, text = target_of(rest).partition(" ")
    return Order(verb, target.rstrip(":,") or None, {"text": text.lstrip(": ").strip()} if text.strip(" :") else {})


def _correct(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    low = fold(rest)
    marks = list(_FIELD.finditer(low))
    target = rest[: marks[0].start()].strip(" :,") if marks else rest
    fields: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None][: len(marks)], strict=True):
        value = rest[mark.end() : following.start() if following else len(rest)].strip(" :=,;")
        if value and mark.lastgroup:
            fields[mark.lastgroup] = _field_value(mark.lastgroup, value, today)
    return Order(verb, target or None, fields) if fields else None


def _contact(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    words = rest.split()
    emails = [w.strip("<>,;").lower() for w in words if _EMAIL.match(fold(w.strip(",;")))]
    others = [w for w in words if not _EMAIL.match(fold(w.strip(",;")))]
    action = "replace"
    kept: list[str] = []
    for word in others:
        low = fold(word)
        if low in ("ajoute", "ajouter", "add", "+"):
            action = "add"
        elif low in ("retire", "supprime", "enleve", "remove", "delete", "-", "drop"):
            action = "remove"
        elif low not in ("remplace", "replace", "par", "by", "->", "=", "change"):
            kept.append(word)
    return Order(verb, " ".join(kept) or None, {"email": emails[-1], "action": action}) if emails else None


def _policy(verb: str, said: str, rest: str, _today: date | None) -> Order | None:
    tone = (
        "gentle"
        if re.match(r"plus dou|gentler|softer", said)
        else "firm"
        if re.match(r"plus ferme|firmer|tougher", said)
        else None
    )
    if tone:
        target = re.sub(r"^(?:avec|pour|with|for)\s+", "", rest.strip(), flags=re.IGNORECASE)
        return Order(verb, target or None, {"tone": tone})
    target, mark, profile = re.sub(r"\s+(?:comme|as)\s+", "\x00", rest, count=1, flags=re.IGNORECASE).partition("\x00")
    return Order(verb, target.strip() or None, {"profile": profile.strip()}) if mark and profile.strip() else None


def _step(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    target, _, step = target_of(rest).partition(" ")
    return Order(verb, target or None, {"step": step.strip()} if step.strip() else {})


def _digest(verb: str, said: str, rest: str, _today: date | None) -> Order | None:
    low = fold(rest)
    if said == "silence":
        return Order(verb, None, {"days": "none"})
    fields: dict[str, str] = {}
    if at := re.search(r"\b([01]?\d|2[0-3])\s*(?:h|:)\s*([0-5]\d)?\b", low):
        fields["at"] = f"{int(at[1]):02d}:{at[2] or '00'}"
    if days := re.search(
        (
            r"\b(lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)\w*\s*(?:-|au|a|to)\s*(lun|mar|mer|"
            r"jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)\w*"
        ),
        low,
    ):
        fields["days"] = f"{_ENGLISH_DAY[days[1]]}-{_ENGLISH_DAY[days[2]]}"
    elif re.search(r"tous les jours|chaque jour|every day|daily", low):
        fields["days"] = "mon-sun"
    return Order(verb, None, fields)


_ENGLISH_DAY = {
    "lun": "mon",
    "mar": "tue",
    "mer": "wed",
    "jeu": "thu",
    "ven": "fri",
    "sam": "sat",
    "dim": "sun",
    "mon": "mon",
    "tue": "tue",
    "wed": "wed",
    "thu": "thu",
    "fri": "fri",
    "sat": "sat",
    "sun": "sun",
}

_READERS: Mapping[str, Callable[[str, str, str, date | None], Order | None]] = {
    "paid": _paid,
    "promise": _promise,
    "pause": _pause,
    "match": _match,
    "dispute": _why,
    "resolve": _why,
    "reply": _reply,
    "correct": _correct,
    "contact": _contact,
    "cancel": _cancel,
    "write_off": _cancel,
    "policy": _policy,
    "send": _step,
    "skip": _step,
    "preview": _step,
    "digest": _digest,
    "stop": _alone,
    "live": _alone,
    "help": _alone,
}


def _takes_text(order: Order) -> bool:
    return order.verb in ("reply", "dispute") or (order.verb == "answer" and "text" not in order.fields)


def _with_text(order: Order, text: str) -> Order:
    name = "why" if order.verb == "dispute" else "text"
    joined = f"{order.fields.get(name, '')}\n{text}".strip()
    return Order(order.verb, order.target, {**order.fields, name: joined}, order.line)
