"""Events in words for a dossier: the chronology, the promises, what was understood and by whom it was confirmed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from mailbot.evidence.dossier import Entry, Notice, Promise
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.binder import Binder
from mailbot.jobs.gathering import at_local, day_of, letter_of
from mailbot.model import Event
from mailbot.money import write_amount, write_day
from mailbot.owner.phrases import event_words, mail_words, quoted
from mailbot.owner.question_words import step_label

_QUOTED = 300
ANSWERED = "owner.answered"
"""What an owner answered; with `approves` in its data: whether a step that asks first is taken."""
_REPORTED = frozenset(
    {"mail.delivered", "mail.delayed", "mail.bounced", "mail.rejected", "mail.complained", "mail.read"}
)
"""What a server said of a mail to one address."""
MONEY = frozenset(
    {"bank.payment", "bank.overpayment", "bank.reversal", "owner.paid", "invoice.credited", "invoice.written_off"}
)


def promises(binder: Binder) -> Iterator[Promise]:
    """Those that the debtor wrote, one for each letter: it may be about several invoices."""
    seen: set[tuple[str | None, date | None]] = set()
    for event in binder.material.events:
        promised, letter = day_of(event, "promise_date"), letter_of(event)
        if event.name != "reply.promise" or (letter, promised) in seen:
            continue
        seen.add((letter, promised))
        yield Promise(
            written=event.day, promised=promised, amount=decimal_of(event, "promise_amount"),
            currency=currency_of(binder, event), quote=because(event), by=by_whom(binder, event),
            exhibit=binder.by_letter.get(letter or ""),
        )  # fmt: skip


def notices_of(known: Sequence[Event], numbers: Collection[str]) -> list[Notice]:
    """The registered letters of these invoices: of each invoice the posting that counts, and a letter that waits."""
    postings: dict[str, tuple[Event, list[str]]] = {}
    for event in known:
        if event.name == "owner.notice" and day_of(event, "sent_on") is not None:
            about = [one for one in named_in(event) if one in numbers]
            for _, earlier in postings.values():
                earlier[:] = [one for one in earlier if one not in about]
            postings[event.id] = (event, about)
    found = [
        Notice(None, day_of(event, "sent_on"), str(event.data.get("tracking") or ""), event.day, tuple(about))
        for event, about in postings.values()
        if about or not named_in(event)
    ]
    letters = [one for one in known if one.name == "notice.prepared"]
    if letters and not any(one.stated is not None and one.stated >= letters[-1].day for one in found):
        about = [one for one in named_in(letters[-1]) if one in numbers]
        found.append(Notice(letters[-1].day, invoices=tuple(about)))
    return found


def named_in(event: Event) -> list[str]:
    """The invoices that a notice names, alone or listed."""
    listed = event.data.get("invoices")
    return [event.invoice] if event.invoice is not None else list(map(str, listed)) if isinstance(listed, list) else []


def day_of_money(binder: Binder, event: Event) -> date:
    """When money moved: the bank's day, or the day that the owner named; else that on which it was recorded."""
    line = binder.material.lines.get(str(event.data.get("line") or ""))
    return line.date if line is not None else day_of(event, "paid_on") or day_of(event, "date") or event.day


def chronology(binder: Binder) -> Iterator[Entry]:
    """What happened, by its day; the same for several invoices is one line, but two payments never are."""
    language, known = binder.language, words_of("facts", binder.language)
    lines: dict[tuple[date, str, int | None, str], list[str]] = {}
    for event in binder.material.events:
        decided = event.name == ANSWERED and isinstance(event.data.get("approves"), str)
        if (event.name not in known and not decided) or (
            event.name == "owner.notice" and day_of(event, "sent_on") is None
        ):
            continue  # that a letter is wanted is no fact of the claim
        exhibit = binder.by_letter.get(event.id) or binder.by_letter.get(letter_of(event) or event.id.split("/")[1])
        is_money = event.name in MONEY
        day, apart = (day_of_money(binder, event), str(event.data.get("line") or "")) if is_money else (event.day, "")
        told = _told(binder, event, language)
        if is_money and event.invoice in lines.get((day, told, exhibit, apart), ()):
            apart = event.id
        numbers = lines.setdefault((day, told, exhibit, apart), [])
        if event.invoice is not None and event.invoice not in numbers:
            numbers.append(event.invoice)
    for (day, what, exhibit, _), numbers in sorted(lines.items(), key=lambda one: one[0][0]):
        yield Entry(day, f"{what} ({', '.join(numbers)})" if numbers else what, exhibit)


def _told(binder: Binder, event: Event, language: str) -> str:
    """What happened, with what matters of it."""
    more = []
    if event.name == ANSWERED:
        step = step_label(str(event.data["approves"]), language)
        return binder.words["said_yes" if event.data.get("yes") else "said_no"].format(
            what=step, who=_owner(binder, event)
        )
    if event.name == "mail.sent":
        listed = event.data.get("invoices")
        more = [mail_named(binder, str(event.data.get("mail"))), str(event.data.get("to"))]
        more.append(", ".join(map(str, listed)) if isinstance(listed, list) else "")
    elif event.name in _REPORTED:
        more = [str(event.data.get("to") or "")]
    elif event.name in MONEY and (amount := decimal_of(event, "amount")) is not None:
        more = [write_amount(amount, currency_of(binder, event), language)]
    elif event.name.startswith("reply."):
        promised = day_of(event, "promise_date")
        more = [write_day(promised, language)] if promised else []
        more += [quoted(because(event), language)] if because(event) else []
        more += [by_whom(binder, event)] if event.data.get("by") == "owner" else []
    elif event.name == "owner.notice":
        sent = day_of(event, "sent_on")
        more = [write_day(sent, language) if sent else "", str(event.data.get("tracking") or "")]
    elif event.name in ("mail.opened", "mail.clicked"):
        more = [event_words(event, language).partition(", ")[2]]
    colon = " : " if language == "fr" else ": "
    return colon.join([fact(event, language), ", ".join(filter(None, more))]).removesuffix(colon)


def mail_named(binder: Binder, template: str) -> str:
    """What a mail to the debtor was; the one with the text of a formal notice was no notice but a reminder."""
    return binder.words["mail_of_notice"] if template == "formal_notice" else mail_words(template, binder.language)


def fact(event: Event, language: str) -> str:
    return words_of("facts", language).get(event.name, event.name)


def understood(binder: Binder, event: Event) -> str:
    quote = f" : {quoted(because(event), binder.language)}" if because(event) else ""
    return f"{fact(event, binder.language)}, {by_whom(binder, event)}{quote}"


def by_whom(binder: Binder, event: Event) -> str:
    if event.data.get("by") != "owner":
        return binder.words["understood_sure"]
    return binder.words["understood_owner"].format(business=_owner(binder, event))


def _owner(binder: Binder, event: Event) -> str:
    """The business, and the address of whoever wrote for it where a mail is known."""
    business = binder.office.business.name
    wrote = next((who for name, who in binder.material.owners.items() if name in event.id), "")
    return binder.words["said_by"].format(business=business, address=wrote) if wrote else business


def because(event: Event) -> str:
    said = event.data.get("because")
    text = " … ".join(map(str, said)) if isinstance(said, list) else ""
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def answer(binder: Binder, event: Event) -> str:
    code, reply = event.data.get("code"), event.data.get("reply") or event.data.get("evidence") or ""
    at = at_local(binder.office, event.at)
    return binder.words["server_reply"].format(at=at, code=code if code is not None else "–", reply=reply)


def decimal_of(event: Event, key: str) -> Decimal | None:
    said = event.data.get(key)
    try:
        return Decimal(said) if isinstance(said, str) else None
    except InvalidOperation:
        return None


def currency_of(binder: Binder, event: Event) -> str:
    said = event.data.get("currency")
    if isinstance(said, str):
        return said
    known = {one.number: one.currency for one in binder.material.billed}
    return known.get(event.invoice or "", next(iter(known.values()), "EUR"))
