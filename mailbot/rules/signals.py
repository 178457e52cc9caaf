"""The signals that a rules file may use: one table with type, words, and how each is read from the state.

It drives the loader's checks and the conditions. A reader gives None where the facts do not say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mailbot.rules.balance import in_order
from mailbot.rules.conditions import Value
from mailbot.rules.state import AUTOMATIC, Scene

Type = Literal["flag", "word", "count", "days", "money", "percent"]
Level = Literal["client", "invoice", "event"]
ENOUGH_PAID = 3
"""Below so many paid invoices a late rate says nothing."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One fact that a condition may ask for.

    `level` says where: anywhere, only where one invoice is looked at, or only in a reaction to an event.
    `since` gives the day from which days count, so that they can be asked for in business days too.
    """

    name: str
    type: Type
    level: Level
    read: Callable[[Scene], Value | None]
    words: tuple[str, ...] = ()
    since: Callable[[Scene], date | None] | None = None
    english: str = ""
    french: str = ""


CATEGORIES = ("standard", "good_payer", "bad_payer", "key_account", "public_sector")
LANGUAGES = ("fr", "en")


def _days_overdue(scene: Scene) -> int | None:
    return (scene.state.day - scene.invoice.due).days if scene.invoice is not None else None


def _due(scene: Scene) -> date | None:
    return scene.invoice.due if scene.invoice is not None else None


def _amount_due(scene: Scene) -> Decimal | None:
    return scene.state.amount(scene.invoice.number) if scene.invoice is not None else None


def _amount_billed(scene: Scene) -> Decimal | None:
    return scene.invoice.amount if scene.invoice is not None else None


def _late_rate(scene: Scene) -> Decimal | None:
    paid = scene.state.paid
    if len(paid) < ENOUGH_PAID:
        return None
    return Decimal(sum(day > invoice.due for invoice, day in paid)) / len(paid)


def _sync_age(scene: Scene) -> int | None:
    through = scene.state.bank_through
    return None if through is None else max((scene.state.day - through).days, 0)


def _last_mail_day(scene: Scene) -> date | None:
    mails = scene.state.mails
    return mails[-1].event.day if mails else None


def _last_mail_age(scene: Scene) -> int | None:
    day = _last_mail_day(scene)
    return None if day is None else (scene.state.day - day).days


def _last_mail_opens(scene: Scene) -> int | None:
    """Opens that a person may have made: those of known scanners and proxies carry trust "none"."""
    mails = scene.state.mails
    if not mails:
        return None
    sent = in_order(mails[-1].event)
    opened = scene.state.named.get("mail.opened", ())
    return sum(in_order(e) > sent and e.data.get("trust") != "none" for e in opened)


def _last_mail_answered(scene: Scene) -> bool | None:
    mails = scene.state.mails
    if not mails:
        return None
    sent = in_order(mails[-1].event)
    return any(
        in_order(e) > sent and e.name.startswith("reply.") and e.name not in AUTOMATIC for e in scene.state.events
    )


def _bounce_kind(scene: Scene) -> str | None:
    kind = scene.event.data.get("class") if scene.event is not None else None
    return kind if isinstance(kind, str) else None


def _disputes(scene: Scene) -> int:
    return len(scene.state.named.get("reply.dispute", ())) + len(scene.state.named.get("owner.dispute", ()))


_TABLE = (
    Signal(
        "invoice.days_overdue",
        "days",
        "invoice",
        _days_overdue,
        (),
        _due,
        "days since the due date",
        "jours depuis l'échéance",
    ),
    Signal(
        "invoice.amount_due",
        "money",
        "invoice",
        _amount_due,
        (),
        None,
        "what is still open on the invoice",
        "reste à payer de la facture",
    ),
    Signal(
        "invoice.amount",
        "money",
        "invoice",
        _amount_billed,
        (),
        None,
        "what the invoice was made out for",
        "montant de la facture",
    ),
    Signal(
        "client.category",
        "word",
        "client",
        lambda s: s.state.client.category,
        CATEGORIES,
        None,
        "the client's category",
        "catégorie du client",
    ),
    Signal(
        "client.language",
        "word",
        "client",
        lambda s: s.state.client.language,
        LANGUAGES,
        None,
        "the client's language",
        "langue du client",
    ),
    Signal(
        "client.invoices_paid",
        "count",
        "client",
        lambda s: len(s.state.paid),
        (),
        None,
        "invoices that the client has paid",
        "factures déjà payées par le client",
    ),
    Signal(
        "client.late_rate",
        "percent",
        "client",
        _late_rate,
        (),
        None,
        "share of paid invoices that were paid late (unknown below three)",
        "part des factures payées en retard (inconnue en dessous de trois)",
    ),
    Signal(
        "client.broken_promises",
        "count",
        "client",
        lambda s: s.state.broken_promises,
        (),
        None,
        "promises to pay that were not kept",
        "promesses de paiement non tenues",
    ),
    Signal("client.disputes", "count", "client", _disputes, (), None, "disputes so far", "litiges à ce jour"),
    Signal(
        "client.overdue_invoices",
        "count",
        "client",
        lambda s: s.state.overdue,
        (),
        None,
        "open invoices past their due date",
        "factures échues non payées",
    ),
    Signal(
        "client.do_not_contact",
        "flag",
        "client",
        lambda s: s.state.client.do_not_contact,
        (),
        None,
        "the owner wants no mails to this client",
        "le client ne doit pas être contacté",
    ),
    Signal(
        "client.has_contact",
        "flag",
        "client",
        lambda s: s.state.contact is not None,
        (),
        None,
        "there is an address to write to",
        "une adresse utilisable est connue",
    ),
    Signal(
        "bank.sync_age",
        "days",
        "client",
        _sync_age,
        (),
        lambda s: s.state.bank_through,
        "days since the last day the bank statements cover (unknown without a statement)",
        "jours depuis le dernier relevé bancaire (inconnu sans relevé)",
    ),
    Signal(
        "bank.unexplained",
        "count",
        "client",
        lambda s: s.state.unexplained,
        (),
        None,
        "credits that could be the client's and are not explained yet",
        "virements reçus, peut-être du client, encore inexpliqués",
    ),
    Signal(
        "last_mail.opens",
        "count",
        "client",
        _last_mail_opens,
        (),
        None,
        "how often the last mail was opened (no proof of reading)",
        "ouvertures du dernier message (ne prouve pas la lecture)",
    ),
    Signal(
        "last_mail.age",
        "days",
        "client",
        _last_mail_age,
        (),
        _last_mail_day,
        "days since the last mail (unknown before the first)",
        "jours depuis le dernier message",
    ),
    Signal(
        "last_mail.answered",
        "flag",
        "client",
        _last_mail_answered,
        (),
        None,
        "a person answered the last mail",
        "quelqu'un a répondu au dernier message",
    ),
    Signal(
        "bounce.kind",
        "word",
        "event",
        _bounce_kind,
        ("hard", "soft", "other"),
        None,
        "whether the address is wrong for good",
        "adresse définitivement invalide ou non",
    ),
)

SIGNALS: Mapping[str, Signal] = {signal.name: signal for signal in _TABLE}

_REPLIES = (
    "promise",
    "paid",
    "dispute",
    "instalments",
    "document_request",
    "wrong_contact",
    "insolvency",
    "refusal",
    "question",
    "acknowledged",
    "stop",
    "unclear",
    "out_of_office",
    "auto_reply",
    "unrelated",
    "bounce",
    "read_receipt",
)

EVENTS: frozenset[str] = frozenset(
    [f"reply.{intent}" for intent in _REPLIES]
    + [f"mail.{what}" for what in ("bounced", "delayed", "opened", "clicked", "read", "complained")]
    + [f"bank.{what}" for what in ("payment", "partial_payment", "overpayment", "reversal")]
    + [f"promise.{what}" for what in ("kept", "part_kept", "broken")]
)
"""What a reaction can react to."""

CARRIED: Mapping[str, tuple[str, str]] = {
    "promise.date": ("reply.promise", "promise_date"),
    "absence.until": ("reply.out_of_office", "until"),
}
"""Dates that an event brings along: name -> (event, key of its data)."""

LASTING: frozenset[str] = frozenset(
    {
        "reply.stop",
        "reply.insolvency",
        "reply.wrong_contact",
        "reply.out_of_office",
        "mail.bounced",
        "mail.complained",
    }
)
"""About the client rather than one bill: they outlive the payment of the invoice they came in for."""
