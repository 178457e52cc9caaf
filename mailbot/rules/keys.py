"""The keys of a rules file: one table behind the loader, the page of the language and the editor's schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "version", "text", "id", "word", "words", "days", "date", "money", "counter", "hours", "weekdays", "region",
    "pause", "number", "conditions", "quiet", "dates", "block", "list", "signal", "mail", "step_words", "tone",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a block: what may stand behind it, an example, and what it means."""

    name: str
    kind: Kind
    example: str
    english: str
    french: str
    needed: bool = False
    words: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """What it means, in one sentence."""
        return self.french if language == "fr" else self.english


MODES = ("live", "shadow", "disabled")
ATTACH = ("invoice", "statement")
ACTIONS = ("hand_over",)
CLAIMS = ("penalties",)
FORMAL = frozenset({"formal_notice", "hand_over"})
"""Mails and acts with legal weight: never without the owner's yes."""
_MODE = "live; shadow: traced, but nothing is sent; disabled: as if it were not written"
_MODE_FR = "live ; shadow : noté sans rien envoyer ; disabled : comme si elle n'était pas écrite"
_WHEN = "due, issued or an earlier step, plus or minus days"
_LABEL = ("what people read of it", "ce qu'on en lit dans les explications")
_ID = ("its name in the ledger; never change it later", "son nom dans le registre ; ne le changez plus ensuite")

# fmt: off
TOP = (
    Key("version", "version", "1", "version of the language", "version du langage", needed=True),
    Key("language", "word", "fr", "language of the labels and reasons", "langue des libellés et des raisons",
        words=("fr", "en")),
    Key("guards", "block", "", "limits that nothing else can cross", "limites que rien ne peut franchir", needed=True),
    Key("profiles", "list", "", "kinds of clients: the first that fits is taken",
        "types de clients : le premier qui convient est retenu", needed=True),
    Key("steps", "list", "", "the ladder of one unpaid invoice, mildest first",
        "l'échelle d'une facture impayée, de la plus douce à la plus ferme", needed=True),
    Key("reactions", "list", "", "what answers, payments and bounces change; order does not matter",
        "ce que changent réponses, paiements et non-remises ; l'ordre ne compte pas"),
    Key("tones", "words", "[warm, neutral, direct, firm]", "the tones in use, mildest first; the mails know these four",
        "les tons employés, du plus doux au plus ferme ; les messages connaissent ces quatre"),
)
GUARDS = (
    Key("send_days", "weekdays", "mon-fri", "days on which a mail may leave", "jours d'envoi", needed=True),
    Key("send_hours", "hours", "09:00-17:30", "hours in which a mail may leave, in the business's time zone; one that "
        "is not ready by then waits for the next open day",
        "heures d'envoi, dans le fuseau de l'entreprise ; ce qui n'est pas prêt attend le jour ouvert suivant",
        needed=True),
    Key("holidays", "region", "FR-57", "country or region whose public holidays are kept",
        "pays ou région dont les jours fériés sont respectés"),
    Key("quiet_periods", "quiet", "", "periods without mails", "périodes sans message"),
    Key("min_gap", "days", "2 business days", "least time between two mails to one client",
        "délai minimal entre deux messages au même client", needed=True),
    Key("max_mails", "counter", "6 per 30 days", "most mails to one client", "nombre maximal de messages à un client"),
    Key("min_amount", "money", "15 EUR", "floor: while a client owes less than this in all, nothing is sent",
        "plancher : tant qu'un client doit moins au total, rien n'est envoyé"),
    Key("max_amount", "money", "20 000 EUR", "ceiling: where a client owes more than this in all, every mail waits "
        "for your yes", "plafond : si un client doit davantage au total, chaque message attend votre accord"),
    Key("consolidate", "word", "client", "one mail lists all overdue invoices of a client",
        "un seul message liste toutes les factures échues d'un client", words=("client",)),
    Key("hold_if", "conditions", "- bank.sync_age > 3 business days",
        "holds every mail to the client; what is not known counts as true",
        "retient tout message au client ; ce qui est inconnu compte comme vrai", needed=True),
)
QUIET = (
    Key("from", "text", "08-10", "first day, with or without a year", "premier jour, avec ou sans année", needed=True),
    Key("to", "text", "08-16", "last day", "dernier jour", needed=True),
    Key("why", "text", "Fermeture d'été", "the reason that is shown", "la raison affichée", needed=True),
)
PROFILE = (
    Key("id", "id", "good_payer", *_ID, needed=True),
    Key("label", "text", "Bon payeur", *_LABEL, needed=True),
    Key("if", "conditions", "- client.invoices_paid >= 5", "which clients; the last profile has none",
        "quels clients ; le dernier profil n'en a pas"),
    Key("tone", "tone", "warm", "the tone it begins with", "le ton de départ", needed=True),
    Key("shift", "days", "5 days", "everything after the due date starts so much later",
        "tout ce qui suit l'échéance commence plus tard d'autant"),
    Key("skip", "step_words", "[courtesy]", "steps that such clients never get",
        "étapes que ces clients ne reçoivent jamais"),
    Key("approve", "step_words", "[reminder_2]", "steps that wait for your yes, beside those that always do",
        "étapes soumises à votre accord, en plus de celles qui le sont toujours"),
    Key("steps", "dates", "reminder_1: due + 1 day", "dates of its own, which shift does not move",
        "ses propres dates, que shift ne déplace pas"),
)
STEP = (
    Key("id", "id", "reminder_1", *_ID, needed=True),
    Key("label", "text", "Première relance", *_LABEL, needed=True),
    Key("when", "date", "due + 3 days", f"the first day: {_WHEN}", "le premier jour : due (échéance), issued (date de "
        "facture) ou une étape précédente, plus ou moins des jours", needed=True),
    Key("after", "date", "courtesy + 5 days", "an earlier step must have left so long ago",
        "une étape précédente doit être partie depuis ce délai"),
    Key("expires", "date", "due + 2 days", "the last day; later it is left out",
        "le dernier jour ; ensuite, on la saute"),
    Key("if", "conditions", "- invoice.amount_due >= 150 EUR", "only where all of these hold",
        "seulement si tout ceci est vrai"),
    Key("mail", "mail", "reminder_1", "the mail that is sent", "le message envoyé"),
    Key("action", "word", "hand_over", "instead of a mail: what you are asked to do",
        "au lieu d'un message : ce que vous avez à faire", words=ACTIONS),
    Key("attach", "words", "[invoice]", "what is attached", "pièces jointes", words=ATTACH),
    Key("claim", "word", "penalties", "the mail lists interest and indemnity by law beside the invoices, as of its "
        "day; without it they are waived", "le message indique, à sa date, pénalités et indemnité légales à côté des "
        "factures ; sinon elles ne sont pas réclamées", words=CLAIMS),
    Key("approve", "word", "owner", "nothing leaves without your yes", "rien ne part sans votre accord",
        words=("owner",)),
    Key("tone", "tone", "firm", "at least this tone", "au moins ce ton"),
    Key("mode", "word", "shadow", _MODE, _MODE_FR, words=MODES),
)
REACTION = (
    Key("id", "id", "promise", *_ID, needed=True),
    Key("label", "text", "Promesse de paiement", *_LABEL, needed=True),
    Key("signal", "signal", "reply.promise", "what it reacts to", "ce à quoi elle réagit", needed=True),
    Key("if", "conditions", "- bounce.kind is hard", "only where all of these hold", "seulement si tout ceci est vrai"),
    Key("scope", "word", "invoice", "client: all invoices; invoice: only the one it is about",
        "client : toutes les factures ; invoice : seulement celle dont il s'agit", words=("client", "invoice")),
    Key("pause", "pause", "until promise.date + 2 business days", "silence for so long, until a date, or until you "
        "decide", "silence pour cette durée, jusqu'à une date, ou jusqu'à votre décision"),
    Key("max_pause", "days", "45 days", "the longest pause that a client can choose",
        "la plus longue pause qu'un client peut choisir"),
    Key("send", "mail", "partial_thanks", "a mail, once for each signal", "un message, une fois par signal"),
    Key("then_send", "mail", "proof_request", "a mail when the pause is over and nothing was paid",
        "un message si la pause finit sans paiement"),
    Key("answer", "mail", "promise_noted", "answer the client at once, in the thread; no reminder, once a day at most",
        "répondre aussitôt au client, dans le fil ; ce n'est pas une relance, une fois par jour au plus"),
    Key("tone", "tone", "firm", "at least this tone from now on", "désormais au moins ce ton"),
    Key("escalate", "number", "1", "climb so many steps more than the dates say (1, 2 or 3)",
        "monter d'autant d'étapes de plus que les dates (1, 2 ou 3)", words=("1", "2", "3")),
    Key("alert", "word", "owner", "tell you", "vous prévenir", words=("owner",)),
    Key("check", "word", "bank", "go on only once the bank has been read later than the signal",
        "ne reprendre qu'après une lecture de la banque plus récente que le signal", words=("bank",)),
    Key("contact", "word", "next", "write to the client's next address", "écrire à l'adresse suivante du client",
        words=("next",)),
    Key("ignore", "text", "reading is no answer", "nothing is done, and why", "rien n'est fait, et pourquoi"),
    Key("mode", "word", "shadow", _MODE, _MODE_FR, words=MODES),
)
# fmt: on

BLOCKS: Mapping[str, tuple[Key, ...]] = {
    "top": TOP,
    "guards": GUARDS,
    "quiet": QUIET,
    "profile": PROFILE,
    "step": STEP,
    "reaction": REACTION,
}
EFFECTS = ("pause", "send", "then_send", "tone", "escalate", "alert", "contact", "ignore")
"""Keys of a reaction that do something, if only to say that nothing is done."""


def names(block: tuple[Key, ...]) -> tuple[str, ...]:
    """All keys of a block."""
    return tuple(key.name for key in block)


def needed(block: tuple[Key, ...]) -> tuple[str, ...]:
    """The keys that must be there."""
    return tuple(key.name for key in block if key.needed)
