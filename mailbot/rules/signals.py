"""The catalogue of signals: the one table behind the checker, `mailbot rules signals`, the page and the schema.

A signal is a fact that a condition may ask for; a happening is what a reaction may react to. Each has its type,
its source, and a label in French and English. What the facts do not say is unknown, never a guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mailbot.rules import facts
from mailbot.rules.conditions import Value
from mailbot.rules.state import Scene

Type = Literal["flag", "word", "count", "days", "money", "percent"]
Level = Literal["client", "invoice", "event"]
Source = Literal["invoice", "bank", "mail", "reply", "owner", "opens", "clicks", "read_receipts", "history"]

CATALOGUE = 1
"""Version of the catalogue: it grows when a signal changes its meaning, not when one is added."""

UNITS: Mapping[Type, tuple[str, str]] = {
    "flag": ("yes or no", "oui ou non"),
    "word": ("a word", "un mot"),
    "count": ("a number", "un nombre"),
    "days": ("days, or business days", "jours, ou jours ouvrés (business days)"),
    "money": ("an amount with its currency", "un montant avec sa devise"),
    "percent": ("percent", "un pourcentage"),
}
SOURCES: Mapping[Source, tuple[str, str]] = {
    "invoice": ("the invoice; as soon as it has been read", "la facture ; dès sa lecture"),
    "bank": ("the bank; as old as the last statement", "la banque ; aussi ancien que le dernier relevé"),
    "mail": ("the mails sent and their bounces; at once", "les messages envoyés et les non-remises ; aussitôt"),
    "reply": ("the client's answers; as soon as they have been read", "les réponses du client ; dès leur lecture"),
    "owner": ("your orders; at once", "vos ordres ; aussitôt"),
    "opens": ("tracking of opens, if it is used", "le suivi des ouvertures, s'il est utilisé"),
    "clicks": ("tracking of links, if it is used", "le suivi des liens, s'il est utilisé"),
    "read_receipts": ("read receipts, if they are asked for", "les accusés de lecture, s'ils sont demandés"),
    "history": ("invoices, bank and answers together", "les factures, la banque et les réponses réunies"),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One fact that a condition may ask for.

    `level` says where: anywhere, only where one invoice is looked at, or only in a reaction to an event.
    `since` gives the day from which days count, so that they can be asked for in business days too;
    `currency` that of an amount. `default` stands while nothing has happened ("" where there is none).
    """

    name: str
    type: Type
    level: Level
    source: Source
    read: Callable[[Scene], Value | None]
    english: str
    french: str
    words: tuple[str, ...] = ()
    default: str = ""
    unknown: tuple[str, str] = ("", "")
    """When it is unknown, in English and French; empty: never."""
    since: Callable[[Scene], date | None] | None = None
    currency: Callable[[Scene], str | None] | None = None
    tone_only: bool = False
    """No proof of anything: it may only change the tone of a reaction."""

    def label(self, language: str) -> str:
        """What it is, in one line."""
        return self.french if language == "fr" else self.english

    def unit(self, language: str) -> str:
        """What its values are counted in."""
        plain = self.type == "days" and self.since is None
        return (("days", "jours") if plain else UNITS[self.type])[language == "fr"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One kind of event that a reaction may name as its `signal`."""

    name: str
    source: Source
    english: str
    french: str
    lasting: bool = False
    """About the client rather than one bill: it outlives the payment of the invoice it came in for."""
    date: tuple[str, str] | None = None
    """(name of the date it brings along, key of its data)"""

    def label(self, language: str) -> str:
        """What it is, in one line."""
        return self.french if language == "fr" else self.english


CATEGORIES = ("standard", "good_payer", "bad_payer", "key_account", "public_sector")
LANGUAGES = ("fr", "en")
_PROMISES = ("none", "pending", "kept", "part_kept", "broken")
_TRUST = ("none", "likely")
_BOUNCES = ("hard", "soft", "other")
_REASONS = ("user_unknown", "mailbox_full", "policy", "spam", "dns", "size", "other")
_FEW = ("with fewer than three such invoices", "avec moins de trois factures de ce genre")
_FEW_OR_MIXED = (
    "with fewer than three such invoices, or in several currencies",
    "avec moins de trois factures de ce genre, ou en plusieurs devises",
)
_NO_MAIL = ("before the first mail", "avant le premier message")
_MIXED = ("with open invoices in several currencies", "avec des factures ouvertes en plusieurs devises")
_UNNAMED = ("where the client names none", "quand le client n'en donne pas")
_DUE, _ISSUED, _SENT = facts.due, facts.issued, facts.last_mail_day
_OF_INVOICE, _OF_CLIENT = facts.invoice_currency, facts.client_currency

# fmt: off
_TABLE: tuple[Signal, ...] = (
    Signal("invoice.days_overdue", "days", "invoice", "invoice", facts.days_overdue,
           "days since the due date (below zero before it)", "jours depuis l'échéance (négatif avant)", since=_DUE),
    Signal("invoice.days_to_due", "days", "invoice", "invoice", facts.days_to_due,
           "days until the due date (below zero after it)", "jours jusqu'à l'échéance (négatif après)"),
    Signal("invoice.days_to_limitation", "days", "invoice", "history", facts.days_to_limitation,
           "days until the claim is barred by French law: 5 years, 2 for consumers, anew from a written promise or a "
           "part payment", "jours jusqu'à la prescription en droit français : 5 ans, 2 pour un consommateur, à compter "
           "de nouveau d'une promesse écrite ou d'un acompte",
           unknown=("where it is not known whether the client is a business",
                    "quand on ne sait pas si le client est un professionnel")),
    Signal("invoice.age", "days", "invoice", "invoice", facts.age,
           "days since the invoice was made out", "jours depuis la date de la facture", since=_ISSUED),
    Signal("invoice.amount", "money", "invoice", "invoice", facts.amount_billed,
           "what the invoice was made out for", "montant de la facture", currency=_OF_INVOICE),
    Signal("invoice.amount_due", "money", "invoice", "history", facts.amount_due,
           "what is still open, payments and credit notes taken off",
           "reste à payer, paiements et avoirs déduits", currency=_OF_INVOICE),
    Signal("invoice.amount_paid", "money", "invoice", "bank", facts.amount_paid,
           "what has been paid so far", "montant déjà payé", default="0", currency=_OF_INVOICE),
    Signal("invoice.amount_credited", "money", "invoice", "invoice", facts.amount_credited,
           "what was taken off by credit notes", "montant des avoirs", default="0", currency=_OF_INVOICE),
    Signal("invoice.partly_paid", "flag", "invoice", "bank", facts.partly_paid,
           "a part is paid and a part is open", "payée en partie seulement", default="false"),
    Signal("invoice.reminders", "count", "invoice", "mail", facts.reminders,
           "steps this invoice has had by mail", "étapes déjà franchies par message", default="0"),
    Signal("invoice.promise", "word", "invoice", "history", facts.invoice_promise,
           "what became of the last promise to pay it", "suite de la dernière promesse de la payer",
           words=_PROMISES, default="none"),
    Signal("client.category", "word", "client", "owner", lambda s: s.state.client.category,
           "the client's category", "catégorie du client", words=CATEGORIES, default="standard"),
    Signal("client.language", "word", "client", "owner", lambda s: s.state.client.language,
           "the client's language", "langue du client", words=LANGUAGES, default="fr"),
    Signal("client.do_not_contact", "flag", "client", "owner", lambda s: s.state.client.do_not_contact,
           "you want no mails to this client", "vous ne voulez pas qu'il soit contacté", default="false"),
    Signal("client.has_contact", "flag", "client", "mail", lambda s: s.state.contact is not None,
           "there is an address to write to", "une adresse utilisable est connue", default="false"),
    Signal("client.contacts", "count", "client", "mail", facts.usable_contacts,
           "addresses that can be written to", "nombre d'adresses utilisables", default="0"),
    Signal("client.open_invoices", "count", "client", "history", lambda s: len(s.state.open),
           "invoices with something left to pay", "factures avec un reste à payer", default="0"),
    Signal("client.overdue_invoices", "count", "client", "history", lambda s: s.state.overdue,
           "open invoices past their due date", "factures échues non payées", default="0"),
    Signal("client.amount_due", "money", "client", "history", facts.open_total,
           "what is open on all invoices together", "total du reste à payer", default="0",
           unknown=_MIXED, currency=_OF_CLIENT),
    Signal("client.amount_overdue", "money", "client", "history", facts.overdue_total,
           "what is open on overdue invoices together", "total échu non payé", default="0",
           unknown=_MIXED, currency=_OF_CLIENT),
    Signal("client.known_for", "days", "client", "invoice", facts.known_for,
           "days since the first invoice", "jours depuis la première facture",
           unknown=("before the first invoice", "avant la première facture"), since=facts.first_invoice),
    Signal("client.invoices_paid", "count", "client", "history", lambda s: len(s.state.paid),
           "invoices that the client has paid", "factures déjà payées par le client", default="0"),
    Signal("client.late_rate", "percent", "client", "history", facts.late_rate,
           "share of paid invoices that were paid late", "part des factures payées en retard", unknown=_FEW),
    Signal("client.average_delay", "days", "client", "history", facts.weighted_delay,
           "days late on average, large invoices counting more; those unpaid count with their days so far",
           "retard moyen en jours, pondéré par le montant ; les impayées comptent pour leur retard actuel",
           unknown=_FEW_OR_MIXED),
    Signal("client.kept_promises", "count", "client", "history", facts.promises("kept"),
           "promises to pay that were kept", "promesses de paiement tenues", default="0"),
    Signal("client.part_kept_promises", "count", "client", "history", facts.promises("part_kept"),
           "promises to pay that were kept in part", "promesses de paiement tenues en partie", default="0"),
    Signal("client.broken_promises", "count", "client", "history", lambda s: s.state.broken_promises,
           "promises to pay that were not kept", "promesses de paiement non tenues", default="0"),
    Signal("client.disputes", "count", "client", "reply", facts.named("reply.dispute", "owner.dispute"),
           "disputes so far", "litiges à ce jour", default="0"),
    Signal("client.bounces", "count", "client", "mail", facts.named("mail.bounced"),
           "mails that came back", "messages revenus", default="0"),
    Signal("client.mails_last_30_days", "count", "client", "mail", facts.mails_lately,
           "mails sent to the client in the last 30 days", "messages envoyés depuis 30 jours", default="0"),
    Signal("client.last_payment_age", "days", "client", "bank", facts.last_payment_age,
           "days since the client last paid anything", "jours depuis son dernier paiement",
           unknown=("before the first payment", "avant le premier paiement"), since=facts.last_payment),
    Signal("client.last_answer", "word", "client", "reply", facts.last_answer,
           "what a person last wrote", "ce qu'une personne a écrit en dernier", words=facts.ANSWERS, default="none"),
    Signal("client.last_answer_age", "days", "client", "reply", facts.last_answer_age,
           "days since a person last wrote", "jours depuis sa dernière réponse",
           unknown=("before the first answer", "avant la première réponse"), since=facts.last_answer_day),
    Signal("bank.sync_age", "days", "client", "bank", facts.sync_age,
           "days since the last day the bank statements cover", "jours depuis la fin du dernier relevé bancaire",
           unknown=("before the first statement", "avant le premier relevé"), since=lambda s: s.state.bank_through),
    Signal("bank.unexplained", "count", "client", "bank", lambda s: s.state.unexplained,
           "credits that could be the client's and are not explained yet",
           "virements reçus, peut-être du client, encore inexpliqués", default="0"),
    Signal("last_mail.age", "days", "client", "mail", facts.last_mail_age,
           "days since the last mail", "jours depuis le dernier message", unknown=_NO_MAIL, since=_SENT),
    Signal("last_mail.answered", "flag", "client", "reply", facts.last_mail_answered,
           "a person answered the last mail", "quelqu'un a répondu au dernier message", unknown=_NO_MAIL),
    Signal("last_mail.bounced", "flag", "client", "mail", facts.last_mail_bounced,
           "the last mail came back for good", "le dernier message est revenu", unknown=_NO_MAIL),
    Signal("last_mail.opens", "count", "client", "opens", facts.last_mail_saw("mail.opened"),
           "how often the last mail was opened, machines left out (no proof of reading)",
           "ouvertures du dernier message, hors robots (ne prouve pas la lecture)", unknown=_NO_MAIL, tone_only=True),
    Signal("last_mail.clicks", "count", "client", "clicks", facts.last_mail_saw("mail.clicked"),
           "how often a link of the last mail was followed, machines left out",
           "liens suivis dans le dernier message, hors robots", unknown=_NO_MAIL, tone_only=True),
    Signal("last_mail.read", "flag", "client", "read_receipts", facts.last_mail_read,
           "a read receipt came for the last mail", "accusé de lecture du dernier message",
           unknown=_NO_MAIL, tone_only=True),
    Signal("event.age", "days", "event", "history", facts.event_age,
           "days since what the reaction reacts to", "jours depuis le signal", since=facts.event_day),
    Signal("reply.confidence", "percent", "event", "reply", facts.confidence,
           "how sure the reading of the answer is", "certitude de la lecture de la réponse",
           unknown=("for what you entered yourself", "pour ce que vous avez saisi vous-même")),
    Signal("promise.days_ahead", "days", "event", "reply", facts.days_ahead("promise_date"),
           "days from the promise to the promised day", "jours entre la promesse et la date promise",
           unknown=_UNNAMED),
    Signal("promise.amount", "money", "event", "reply", facts.amount_promised,
           "the amount that was promised", "montant promis", unknown=_UNNAMED, currency=_OF_INVOICE),
    Signal("absence.days", "days", "event", "reply", facts.days_ahead("until"),
           "days that the client is away", "durée de l'absence en jours", unknown=_UNNAMED),
    Signal("bounce.kind", "word", "event", "mail", facts.said("class", _BOUNCES),
           "hard: the address is wrong for good; soft: it may work again",
           "hard : adresse définitivement invalide ; soft : peut-être passager", words=_BOUNCES,
           unknown=("where the server does not say", "quand le serveur ne le dit pas")),
    Signal("bounce.reason", "word", "event", "mail", facts.said("reason", _REASONS),
           "why the mail came back", "pourquoi le message est revenu", words=_REASONS,
           unknown=("where the server does not say", "quand le serveur ne le dit pas")),
    Signal("open.trust", "word", "event", "opens", facts.said("trust", _TRUST),
           "none: a machine opened it; likely: perhaps a person",
           "none : ouvert par un robot ; likely : peut-être par quelqu'un", words=_TRUST,
           unknown=("where it was not recorded", "quand rien n'a été noté"), tone_only=True),
)

_HAPPENINGS: tuple[Happening, ...] = (
    Happening("reply.promise", "reply", "promises to pay", "promet de payer", date=("promise.date", "promise_date")),
    Happening("reply.paid", "reply", "says that it is paid", "dit avoir payé"),
    Happening("reply.dispute", "reply", "disputes the invoice", "conteste la facture"),
    Happening("reply.instalments", "reply", "asks to pay in instalments", "demande à payer en plusieurs fois"),
    Happening("reply.document_request", "reply", "asks for a document", "demande un document"),
    Happening("reply.wrong_contact", "reply", "is not the right person", "n'est pas le bon interlocuteur",
              lasting=True),
    Happening("reply.insolvency", "reply", "insolvency proceedings", "procédure collective", lasting=True),
    Happening("reply.refusal", "reply", "refuses to pay", "refuse de payer"),
    Happening("reply.question", "reply", "asks a question", "pose une question"),
    Happening("reply.acknowledged", "reply", "has taken note", "a bien reçu le message"),
    Happening("reply.stop", "reply", "wants no more mails", "ne veut plus de messages", lasting=True),
    Happening("reply.unclear", "reply", "an answer that was not understood", "réponse non comprise"),
    Happening("reply.out_of_office", "reply", "is away", "est absent", lasting=True, date=("absence.until", "until")),
    Happening("reply.auto_reply", "reply", "an automatic answer", "réponse automatique"),
    Happening("reply.unrelated", "reply", "about something else", "parle d'autre chose"),
    Happening("reply.bounce", "reply", "a delivery report", "avis de non-remise"),
    Happening("reply.read_receipt", "reply", "a read receipt", "accusé de lecture"),
    Happening("mail.bounced", "mail", "the mail came back", "message revenu", lasting=True),
    Happening("mail.delayed", "mail", "delivery is delayed", "remise retardée"),
    Happening("mail.opened", "opens", "the mail was opened (no proof of reading)",
              "message ouvert (ne prouve pas la lecture)"),
    Happening("mail.clicked", "clicks", "a link was followed", "lien suivi"),
    Happening("mail.read", "read_receipts", "reading was confirmed", "lecture confirmée"),
    Happening("mail.complained", "mail", "reported as spam", "signalé comme indésirable", lasting=True),
    Happening("bank.payment", "bank", "a payment", "paiement reçu"),
    Happening("bank.partial_payment", "bank", "a part payment", "paiement partiel"),
    Happening("bank.overpayment", "bank", "more than was owed", "trop-perçu"),
    Happening("bank.reversal", "bank", "the bank took a payment back", "paiement annulé par la banque"),
    Happening("promise.kept", "history", "a promise was kept", "promesse tenue"),
    Happening("promise.part_kept", "history", "a promise was kept in part", "promesse tenue en partie"),
    Happening("promise.broken", "history", "a promise was not kept", "promesse non tenue"),
)
# fmt: on

SIGNALS: Mapping[str, Signal] = {signal.name: signal for signal in _TABLE}

HAPPENINGS: Mapping[str, Happening] = {happening.name: happening for happening in _HAPPENINGS}

EVENTS: frozenset[str] = frozenset(HAPPENINGS)
"""What a reaction can react to."""

WEAK: frozenset[str] = frozenset(h.name for h in _HAPPENINGS if h.source in ("opens", "clicks", "read_receipts"))
"""No proof of anything: they may only change the tone."""

CARRIED: Mapping[str, tuple[str, str]] = {h.date[0]: (h.name, h.date[1]) for h in _HAPPENINGS if h.date is not None}
"""Dates that an event brings along: name -> (event, key of its data)."""

LASTING: frozenset[str] = frozenset(h.name for h in _HAPPENINGS if h.lasting)
"""About the client rather than one bill: they outlive the payment of the invoice they came in for."""
