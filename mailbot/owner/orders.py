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
from mailbot.owner.words import MONTHS, WEEKDAYS, fold

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
_CHOICE = re.compile(r"^(?:n[°o.]?\s*)?(\d{1,4})\s*[:.)=-]?\s*(ok|oui|yes|non|no|[a-e]|[1-9])\b[\s.:,]*(.*)$")
_BARE = re.compile(r"^(\d{1,4})\s*[.:)]?\s+(.{1,300})$|^(\d{1,4})[.)]?$")
_NUMBERS = re.compile(r"^((?:n[°o.]?\s*)?\d{1,4}(?:\s*(?:,|;|et|and|&|\s)\s*\d{1,4})*)(?!\S)\s*(.*)$")
_AMOUNT = re.compile(r"^\d{1,9}(?:[.,]\d{1,2})?$")
_CURRENCY = re.compile(r"^(?:€|eur|euros?|usd|gbp|chf|\$|£)$")
_EMAIL = re.compile(r"^<?[\w.+-]{1,64}@[\w.-]{1,190}\.[a-z]{2,24}>?$")
_DURATION = re.compile(r"^(\d{1,3})\s*(j|jours?|d|days?|s|sem|semaines?|w|weeks?|m|mois|months?)$")
_METHODS = {
    "virement": "transfer", "transfer": "transfer", "wire": "transfer", "cheque": "cheque", "check": "cheque", "especes": "cash", "liquide": "cash",
    "cash": "cash", "carte": "card", "card": "card", "cb": "card", "prelevement": "direct_debit", "paypal": "paypal", "stripe": "card",
}  # fmt: skip
_NOISE = frozenset(
    [
        "le",
        "la",
        "les",
        "l",
        "du",
        "de",
        "des",
        "d",
        "au",
        "a",
        "pour",
        "the",
        "of",
        "on",
        "by",
        "until",
        "till",
        "to",
        "for",
        "jusqu'au",
        "jusqu",
        "jusqua",
        "pendant",
        "for",
        "facture",
        "invoice",
        "client",
        "sur",
        "with",
        "par",
        "via",
    ]
)
_IT = frozenset({"it", "le meme", "la meme", "same"})
_ALL = frozenset({"tout", "tous", "toutes", "all", "everything"})

_VERBS: tuple[tuple[str, str], ...] = (
    ("write_off", r"abandonne(?:r)?|passe en perte|write[ -]?off|write off"),
    ("cancel", (
        r"annule (?:la )?facture|annuler (?:la )?facture|avoir(?: sur)?|cancel(?: invoice)?|credited|"
        r"credit note(?: for)?|credite"
    )),
    ("notice", r"mise en demeure|formal notice|notice"),
    ("dossier", r"dossier|file"),
    ("live", r"en direct|go live|live|passe en direct"),
    ("policy", (
        r"plus doucement|plus doux|plus ferme(?:ment)?|gentler|softer|firmer|tougher|traite(?:r)?|treat"
    )),
    ("pause", (
        r"pause|suspends?|suspendre|ne (?:pas |plus )?relance(?:r|z|s)?(?: plus| pas)?|"
        r"stop reminders(?: for)?|hold(?: off)?|mets en pause|mettre en pause|attends"
    )),
    ("resume", r"reprends?|reprendre|relance a nouveau|resume|unpause|restart|continue"),
    ("promise", r"promesse|promise[sd]?|promet|a promis"),
    ("dispute", r"litige|conteste|dispute[sd]?"),
    ("resolve", (
        r"clos|cloture|resolu|regle le litige|resolved?|litige clos|dispute (?:over|resolved|closed)|close"
    )),
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
)  # fmt: skip
_PATTERNS = tuple((verb, re.compile(rf"^(?P<verb>{words})(?![\w])[\s:,]*")) for verb, words in _VERBS)
_FIELDS = {
    "number": r"numero|number|n[°o]|no|ref", "issue_date": (
        r"date(?: de facture| d'emission)?|emise?(?: le)?|issued|issue date|invoice date"
    ), "due_date": r"echeance|due(?: date)?|payable le",
    "total_gross": (
        r"ttc|total(?: ttc)?|montant(?: ttc)?|gross|amount|total gross"
    ), "total_net": r"ht|montant ht|total ht|net|total net", "currency": r"devise|currency", "contact": r"contact|email|mail|adresse", "client": r"client|customer",
}  # fmt: skip
_FIELD = re.compile("|".join(rf"(?P<{name}>\b(?:{words}))" for name, words in _FIELDS.items()))
_FIELD_LINE = re.compile(
    rf"^(?P<label>{'|'.join(words for words in _FIELDS.values())})\s*[:=]\s*(?P<value>\S.{{0,200}})$"
)


def parse_orders(text: str, language: str, today: date | None = None) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """(orders, lines that are none) of the top of an owner's mail.

    `today`, the day of the mail, turns "21/11" and "10j" into days; without it such fields stay as written.
    `language` decides nothing that both languages could share; it names the order in which words are tried.
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
    for reader in (_answer, _field_line, _verb):
        found = reader(line, low, today)
        if found:
            return found
    return []


def _answer(line: str, low: str, _today: date | None) -> list[Order]:
    if (found := _CHOICE.match(low)) and not _looks_amount(low):
        return [_answered(line, found[1], _said(found[2]), line[found.start(3) :].strip())]
    if found := _ANSWER.match(low):
        rest, choice = found[2], _said(found[1])
        if not rest:
            return [_answered(line, None, choice, "")]
        if numbers := _NUMBERS.match(rest):
            text = line[found.start(2) + numbers.start(2) :].strip()
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


def _looks_amount(low: str) -> bool:
    return bool(re.match(r"^\d{1,4}[.,]\d{2}\b", low))


def _field_line(line: str, low: str, today: date | None) -> list[Order]:
    found = _FIELD_LINE.match(low)
    if not found:
        return []
    value = line[found.start("value") :].strip().rstrip(".")
    name = next(n for n, words in _FIELDS.items() if re.fullmatch(words, found["label"]))
    return [Order("correct", None, {name: _field_value(name, value, today)}, line)]


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
    return Order(verb, _target(rest) or None)


def _alone(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    return Order(verb, None) if not rest or fold(rest) in _ALL or len(rest.split()) <= 2 else None


def _target(rest: str) -> str:
    words = rest.split()
    while words and fold(words[0]).rstrip("'") in _NOISE - {"a"}:
        words.pop(0)
    return " ".join(words)


def _values(rest: str, today: date | None) -> tuple[str, dict[str, str]]:
    """(target, fields) of a rest of words: amounts, days, methods and durations are taken from its end."""
    words = rest.split()
    fields: dict[str, str] = {}
    while len(words) > 1 or (words and not fields):
        taken = _take(words, fields, today)
        if not taken:
            break
        del words[len(words) - taken :]
        while words and len(words) > 1 and fold(words[-1]) in _NOISE:
            words.pop()
    return _target(" ".join(words)), fields


def _take(words: list[str], fields: dict[str, str], today: date | None) -> int:
    last = fold(words[-1])
    if last in _METHODS and "method" not in fields:
        fields["method"] = _METHODS[last]
        return 1
    for count in (4, 3, 2, 1):
        if (
            count <= len(words)
            and "days" not in fields
            and (found := _DURATION.match(fold(" ".join(words[-count:]))))
            and count <= 2
        ):
            fields["days"] = str(int(found[1]) * {"j": 1, "d": 1, "s": 7, "w": 7, "m": 30}[found[2][0]])
            return count
        if count <= len(words) and "date" not in fields and (day := resolve_day(fold(" ".join(words[-count:])), today)):
            fields["date"] = day.isoformat()
            return count
    return _take_amount(words, fields)


def _take_amount(words: list[str], fields: dict[str, str]) -> int:
    if "amount" in fields:
        return 0
    extra = 1 if _CURRENCY.match(fold(words[-1])) else 0
    bare = [re.sub(r"(?:€|eur|euros|\$|£)$|^[€$£]", "", fold(w)) for w in words]
    for count in (2, 1):
        piece = bare[len(bare) - extra - count : len(bare) - extra or None]
        if len(piece) != count or (
            count == 2 and not (re.fullmatch(r"\d{1,3}", piece[0]) and re.fullmatch(r"\d{3}(?:[.,]\d{1,2})?", piece[1]))
        ):
            continue
        if not piece or not re.fullmatch(r"[\d.,' ]{1,16}", " ".join(piece)) or count + extra >= len(words) + 1:
            continue
        try:
            fields["amount"] = f"{parse_amount(' '.join(piece)):.2f}"
        except ValueError:
            continue
        return count + extra
    return 0


def _paid(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = _values(rest, today)
    return Order(verb, target or None, {k: v for k, v in fields.items() if k in ("amount", "date", "method")})


def _promise(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = _values(rest, today)
    if "days" in fields and today:
        fields["date"] = (today + timedelta(days=int(fields.pop("days")))).isoformat()
    return Order(verb, target or None, fields)


def _pause(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    back = re.search(r"(?:reprise|reprends?|resume|until resume)(?: le| on)?\s+(\S.{1,30})$", fold(rest))
    target, fields = _values(rest[: back.start()] if back else rest, today)
    if "date" in fields:
        fields["until"] = fields.pop("date")
    if back and (day := resolve_day(back[1], today)):
        fields["resume_on"] = day.isoformat()
    target = re.sub(r"\s+(?:jusqu'?a?u?|until|till|pendant|for)$", "", target, flags=re.IGNORECASE)
    return Order(verb, "all" if fold(target) in _ALL else target or None, fields)


def _match(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    line, _, invoices = rest.partition(" ")
    named = [w for w in re.split(r"[\s,;+&]+", invoices) if w and fold(w) not in _NOISE | {"et", "and", "avec", "with"}]
    return Order(verb, line or None, {"line": line, "invoices": ",".join(named)}) if line and named else None


def _why(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    target, _, why = _target(rest).partition(" ")
    return Order(verb, target.rstrip(",:") or None, {"why": why.strip()} if why.strip() else {})


def _cancel(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    order = _why(verb, _said, rest, _today)
    return Order(verb, order.target, {"reason": v for v in order.fields.values()}) if order else None


def _reply(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    target, _, text = _target(rest).partition(" ")
    return Order(verb, target.rstrip(":,") or None, {"text": text.lstrip(": ").strip()} if text.strip(" :") else {})


def _correct(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    low = fold(rest)
    marks = [m for m in _FIELD.finditer(low)]
    target = rest[: marks[0].start()].strip(" :,") if marks else rest
    fields: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
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
    target, _, step = _target(rest).partition(" ")
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
    "lun": "mon", "mar": "tue", "mer": "wed", "jeu": "thu", "ven": "fri", "sam": "sat", "dim": "sun",
    "mon": "mon", "tue": "tue", "wed": "wed", "thu": "thu", "fri": "fri", "sat": "sat", "sun": "sun",
}  # fmt: skip

_READERS: Mapping[str, Callable[[str, str, str, date | None], Order | None]] = {
    "paid": _paid, "promise": _promise, "pause": _pause, "match": _match, "dispute": _why, "resolve": _why, "reply": _reply, "correct": _correct,
    "contact": _contact, "cancel": _cancel, "write_off": _cancel, "policy": _policy, "send": _step, "skip": _step, "preview": _step, "digest": _digest,
    "stop": _alone, "live": _alone, "help": _alone,
}  # fmt: skip


def _takes_text(order: Order) -> bool:
    return order.verb in ("reply", "dispute") or (order.verb == "answer" and "text" not in order.fields)


def _with_text(order: Order, text: str) -> Order:
    name = "why" if order.verb == "dispute" else "text"
    joined = f"{order.fields.get(name, '')}\n{text}".strip()
    return Order(order.verb, order.target, {**order.fields, name: joined}, order.line)


# ------------------------------------------------------------------------------------------------- days


def resolve_day(low: str, today: date | None) -> date | None:
    """A day as owners write it, folded: "21/11", "5 decembre", "2026-12-05", "vendredi", "demain"."""
    bare = re.sub(r"^(?:le|l'|au|jusqu'au|du|on|by|until|the) ", "", low.strip())
    try:
        return _written_day(bare, today)
    except ValueError:
        return None


def _written_day(bare: str, today: date | None) -> date | None:
    if found := re.fullmatch(r"(20\d\d)-(\d{1,2})-(\d{1,2})", bare):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](20\d\d|\d\d)", bare):
        return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[2]), int(found[1]))
    if today is None:
        return None
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})", bare):
        return _nearest(int(found[1]), int(found[2]), today)
    if (found := re.fullmatch((r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]{3,9})\.?(?: (20\d\d))?"), bare)) and found[
        2
    ] in MONTHS:
        month = MONTHS[found[2]]
        return date(int(found[3]), month, int(found[1])) if found[3] else _nearest(int(found[1]), month, today)
    if bare in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS[bare] - today.weekday()) % 7 or 7)
    shifts = {"demain": 1, "tomorrow": 1, "aujourd'hui": 0, "today": 0, "hier": -1, "yesterday": -1}
    return today + timedelta(days=shifts[bare]) if bare in shifts else None


def _nearest(day: int, month: int, today: date) -> date:
    """Without a year: the such day nearest to today, since owners report what was and announce what comes."""
    return min(
        (
            date(year, month, day)
            for year in range(today.year - 1, today.year + 2)
            if not (month == 2 and day == 29 and year % 4)
        ),
        key=lambda d: abs((d - today).days),
    )
