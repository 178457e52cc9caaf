"""How each signal of the catalogue is read from the state of one client on one day.

Every function gives None where the facts do not say; nothing is guessed.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mailbot.law.clocks import limitation
from mailbot.law.debt import Debtor
from mailbot.law.steps import happened
from mailbot.model import Event, Intent
from mailbot.rules.balance import ZERO, in_order, read_amount
from mailbot.rules.state import AUTOMATIC, Mail, Outcome, Scene, read_day

ENOUGH = 3
"""Below so many invoices a rate or an average says nothing."""
_RECENT = timedelta(days=30)

# -------------------------------------------------------------------------------------------- one invoice


def due(scene: Scene) -> date | None:
    return scene.invoice.due if scene.invoice is not None else None


def issued(scene: Scene) -> date | None:
    return scene.invoice.issued if scene.invoice is not None else None


def days_overdue(scene: Scene) -> int | None:
    """Below zero before the due date."""
    return (scene.state.day - scene.invoice.due).days if scene.invoice is not None else None


def days_to_due(scene: Scene) -> int | None:
    return (scene.invoice.due - scene.state.day).days if scene.invoice is not None else None


def days_to_limitation(scene: Scene) -> int | None:
    """Until when one can go to court (C. com. L110-4, C. conso. L218-2); below zero after it."""
    professional = scene.state.client.professional
    if scene.invoice is None or professional is None:
        return None
    known = happened(scene.state.events, scene.invoice.number)
    debtor: Debtor = "business" if professional else "consumer"
    billed = scene.invoice
    last = limitation(debtor, billed.due, known, billed.issued, billed.delivered).last_day
    return (last - scene.state.day).days


def age(scene: Scene) -> int | None:
    return (scene.state.day - scene.invoice.issued).days if scene.invoice is not None else None


def amount_due(scene: Scene) -> Decimal | None:
    return scene.state.amount(scene.invoice.number) if scene.invoice is not None else None


def amount_billed(scene: Scene) -> Decimal | None:
    return scene.invoice.amount if scene.invoice is not None else None


def amount_paid(scene: Scene) -> Decimal | None:
    """Money, less what the bank took back; credit notes are no money."""
    return _received(scene, credits_=False)


def amount_credited(scene: Scene) -> Decimal | None:
    return _received(scene, credits_=True)


def _received(scene: Scene, *, credits_: bool) -> Decimal | None:
    if scene.invoice is None:
        return None
    receipts = scene.state.balance.receipts
    number = scene.invoice.number
    return sum((a for e, n, a in receipts if n == number and (e.name == "invoice.credited") == credits_), ZERO)


def partly_paid(scene: Scene) -> bool | None:
    paid, left = amount_paid(scene), amount_due(scene)
    return None if paid is None or left is None else paid > ZERO and left > ZERO


def reminders(scene: Scene) -> int | None:
    """Mails in which this invoice took a step, those that came back not counted."""
    if scene.invoice is None:
        return None
    return sum(scene.invoice.number in mail.levels for mail in scene.state.mails if mail.lost is None)


def invoice_promise(scene: Scene) -> str | None:
    """What became of the last promise for this invoice."""
    if scene.invoice is None:
        return None
    about = [p for p in scene.state.promises if scene.invoice.number in p.invoices and p.outcome != "replaced"]
    return about[-1].outcome if about else "none"


# --------------------------------------------------------------------------------------------- the client


def late_rate(scene: Scene) -> Decimal | None:
    paid = scene.state.paid
    if len(paid) < ENOUGH:
        return None
    return Decimal(sum(day > invoice.due for invoice, day in paid)) / len(paid)


def weighted_delay(scene: Scene) -> int | None:
    """Days late, large invoices counting more. One still unpaid counts with the days it is late so far.

    None with invoices in several currencies: their amounts do not weigh against each other.
    """
    today = scene.state.day
    late = [(i, max((day - i.due).days, 0)) for i, day in scene.state.paid]
    late += [(i, (today - i.due).days) for i in scene.state.open if i.due < today]
    weight = sum((invoice.amount for invoice, _ in late), ZERO)
    if len(late) < ENOUGH or weight <= ZERO or len({invoice.currency for invoice, _ in late}) > 1:
        return None
    mean = sum((invoice.amount * days for invoice, days in late), ZERO) / weight
    return int(mean.quantize(Decimal(1), ROUND_HALF_UP))


def promises(outcome: Outcome) -> Callable[[Scene], int]:
    """How many promises ended so; one letter that promises for several invoices counts once."""

    def read(scene: Scene) -> int:
        ended = [p.event for p in scene.state.promises if p.outcome == outcome]
        return len({str(event.data.get("letter") or event.id) for event in ended})

    return read


def named(*names: str) -> Callable[[Scene], int]:
    """How many events of these names there were."""

    def read(scene: Scene) -> int:
        found, count = scene.state.named, 0
        for name in names:
            if name in found:
                count += len(found[name])
        return count

    return read


def open_total(scene: Scene) -> Decimal | None:
    """None in several currencies: they are never added up."""
    if client_currency(scene) is None and scene.state.open:
        return None
    return sum((scene.state.amount(i.number) for i in scene.state.open), ZERO)


def overdue_total(scene: Scene) -> Decimal | None:
    if client_currency(scene) is None and scene.state.open:
        return None
    return sum((scene.state.amount(i.number) for i in scene.state.open if i.due < scene.state.day), ZERO)


def invoice_currency(scene: Scene) -> str | None:
    return scene.invoice.currency if scene.invoice is not None else None


def client_currency(scene: Scene) -> str | None:
    """The one currency of all open invoices; None where there are several: they are not added up."""
    found = {invoice.currency for invoice in scene.state.open}
    return found.pop() if len(found) == 1 else None


def usable_contacts(scene: Scene) -> int:
    return len(scene.state.usable_contacts)


def mails_lately(scene: Scene) -> int:
    first = scene.state.day - _RECENT
    return sum(mail.event.day > first for mail in scene.state.mails if mail.event.name != "act.done")


def first_invoice(scene: Scene) -> date | None:
    return min((i.issued for i in scene.state.client.invoices), default=None)


def known_for(scene: Scene) -> int | None:
    return _days_since(scene, first_invoice(scene))


def last_payment(scene: Scene) -> date | None:
    days = [e.day for e, _, amount in scene.state.balance.receipts if amount > ZERO and e.name != "invoice.credited"]
    return max(days, default=None)


def last_payment_age(scene: Scene) -> int | None:
    return _days_since(scene, last_payment(scene))


def _last_answer(scene: Scene) -> Event | None:
    people = [e for e in scene.state.events if e.name.startswith("reply.") and e.name not in AUTOMATIC]
    return people[-1] if people else None


def last_answer(scene: Scene) -> str | None:
    answer = _last_answer(scene)
    return answer.name.removeprefix("reply.") if answer is not None else "none"


def last_answer_day(scene: Scene) -> date | None:
    answer = _last_answer(scene)
    return answer.day if answer is not None else None


def last_answer_age(scene: Scene) -> int | None:
    return _days_since(scene, last_answer_day(scene))


# -------------------------------------------------------------------------------------- bank and last mail


def sync_age(scene: Scene) -> int | None:
    return _days_since(scene, scene.state.bank_through)


def _last_mail(scene: Scene) -> Mail | None:
    sent = [mail for mail in scene.state.mails if mail.event.name != "act.done"]
    return sent[-1] if sent else None


def last_mail_day(scene: Scene) -> date | None:
    mail = _last_mail(scene)
    return mail.event.day if mail is not None else None


def last_mail_age(scene: Scene) -> int | None:
    return _days_since(scene, last_mail_day(scene))


def last_mail_saw(name: str) -> Callable[[Scene], int | None]:
    """How often that event followed the last mail. What a machine did (trust "none") does not count."""

    def read(scene: Scene) -> int | None:
        mail = _last_mail(scene)
        if mail is None:
            return None
        sent = in_order(mail.event)
        return sum(in_order(e) > sent and e.data.get("trust") != "none" for e in scene.state.named.get(name, ()))

    return read


def last_mail_read(scene: Scene) -> bool | None:
    mail = _last_mail(scene)
    if mail is None:
        return None
    receipts = [*scene.state.named.get("mail.read", ()), *scene.state.named.get("reply.read_receipt", ())]
    return any(in_order(e) > in_order(mail.event) for e in receipts)


def last_mail_answered(scene: Scene) -> bool | None:
    mail, answer = _last_mail(scene), _last_answer(scene)
    return None if mail is None else answer is not None and in_order(answer) > in_order(mail.event)


def last_mail_bounced(scene: Scene) -> bool | None:
    mail = _last_mail(scene)
    return None if mail is None else mail.lost is not None


# ------------------------------------------------------------------------------------------- the one event


def said(key: str, words: tuple[str, ...]) -> Callable[[Scene], str | None]:
    """A word that the event brings along; one that is not known is unknown."""

    def read(scene: Scene) -> str | None:
        word = scene.event.data.get(key) if scene.event is not None else None
        return word if isinstance(word, str) and word in words else None

    return read


def confidence(scene: Scene) -> Decimal | None:
    return read_amount(scene.event.data, "confidence") if scene.event is not None else None


def amount_promised(scene: Scene) -> Decimal | None:
    return read_amount(scene.event.data, "promise_amount") if scene.event is not None else None


def days_ahead(key: str) -> Callable[[Scene], int | None]:
    """From the event to a day that it names."""

    def read(scene: Scene) -> int | None:
        day = read_day(scene.event.data.get(key)) if scene.event is not None else None
        return None if day is None or scene.event is None else max((day - scene.event.day).days, 0)

    return read


def event_day(scene: Scene) -> date | None:
    return scene.event.day if scene.event is not None else None


def event_age(scene: Scene) -> int | None:
    return _days_since(scene, event_day(scene))


ANSWERS = ("none", "unclear", *(i.value for i in Intent if f"reply.{i.value}" not in AUTOMATIC))
"""What `client.last_answer` can be."""


def _days_since(scene: Scene, day: date | None) -> int | None:
    return None if day is None else max((scene.state.day - day).days, 0)
