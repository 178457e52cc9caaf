"""Short phrases of the digest and the timeline: what an event or a mail is, in the owner's language."""

from collections.abc import Mapping
from datetime import date

from mailbot.model import Event
from mailbot.money import write_day

_MAILS: Mapping[str, tuple[str, str]] = {
    "courtesy": ("rappel courtois avant échéance", "courtesy reminder before the due date"),
    "due_today": ("rappel le jour de l'échéance", "reminder on the due date"),
    "reminder_1": ("première relance", "first reminder"),
    "reminder_2": ("deuxième relance", "second reminder"),
    "reminder_3": ("dernière relance", "last reminder"),
    "formal_notice": ("mise en demeure", "formal notice"),
    "promise_broken": ("promesse non tenue", "broken promise"),
    "proof_request": ("demande de preuve de paiement", "request for proof of payment"),
    "partial_thanks": ("merci pour le paiement partiel", "thanks for the part payment"),
    "invoice_copy": ("copie de la facture", "copy of the invoice"),
    "promise_noted": ("promesse confirmée au client", "promise confirmed to the client"),
    "payment_check": ("vérification auprès de la banque", "checking with the bank"),
    "payment_thanks": ("merci pour le paiement", "thanks for the payment"),
    "owner_reply": ("votre réponse", "your answer"),
    "human_takes_over": ("une personne prend le relais", "a person takes over"),
}

_CLASSES: Mapping[str, tuple[str, str]] = {
    "apple_mpp": ("d'avance, par le relais d'Apple", "in advance, by Apple's relay"),
    "google_proxy": ("par le relais de Google", "by Google's relay"),
    "mail_proxy": ("par le relais d'une messagerie", "by the relay of a mail service"),
    "prefetch": ("d'avance", "in advance"),
    "scanner": ("par un antivirus", "by a security scanner"),
    "robot": ("par un robot", "by a robot"),
    "probably_human": ("sans doute par quelqu'un", "probably by a person"),
}

_EVENTS: Mapping[str, tuple[str, str]] = {
    "bank.payment": ("virement reçu", "payment received"),
    "bank.partial_payment": ("paiement partiel", "part payment"),
    "bank.unmatched": ("virement à expliquer", "payment to be explained"),
    "bank.reversal": ("paiement rejeté par la banque", "payment reversed by the bank"),
    "bank.overpayment": ("trop-perçu", "more than was owed"),
    "invoice.received": ("facture enregistrée", "invoice entered"),
    "invoice.credited": ("avoir imputé", "credit note applied"),
    "invoice.written_off": ("écart abandonné", "difference let go"),
    "mail.sent": ("mail envoyé", "mail sent"),
    "mail.shadowed": ("aurait été envoyé (mode ombre)", "would have been sent (shadow mode)"),
    "mail.cancelled": ("envoi annulé", "mail cancelled"),
    "mail.bounced": ("mail revenu : adresse en échec", "mail came back: the address failed"),
    "mail.rejected": ("mail refusé par le serveur", "mail refused by the server"),
    "mail.delayed": ("mail retardé", "mail delayed"),
    "mail.delivered": ("mail remis", "mail delivered"),
    "mail.read": ("accusé de lecture", "read receipt"),
    "mail.opened": ("image du mail chargée", "picture of the mail fetched"),
    "mail.clicked": ("page du mail consultée", "page of the mail visited"),
    "client.language": ("langue du client apprise", "client's language learnt"),
    "client.consented": ("accepte le suivi de lecture", "agrees to read tracking"),
    "client.refused": ("refuse le suivi de lecture", "refuses read tracking"),
    "mail.complained": ("signalé comme indésirable", "reported as spam"),
    "owner.paid": ("payé, selon vous", "paid, as you said"),
    "owner.paused": ("relances suspendues par vous", "reminders paused by you"),
    "owner.resumed": ("relances reprises par vous", "reminders resumed by you"),
    "owner.promise": ("promesse notée par vous", "promise noted by you"),
    "owner.dispute": ("litige ouvert par vous", "dispute opened by you"),
    "owner.resolved": ("tranché par vous", "settled by you"),
    "owner.answered": ("réponse de votre part", "answered by you"),
    "owner.dossier": ("dossier demandé par vous", "dossier asked for by you"),
    "owner.notice": ("mise en demeure demandée par vous", "formal notice asked for by you"),
    "owner.contact": ("contact corrigé par vous", "contact corrected by you"),
    "owner.matched": ("rapproché par vous", "matched by you"),
    "owner.skipped": ("étape sautée par vous", "step skipped by you"),
    "owner.sent_now": ("envoi demandé par vous", "sending asked for by you"),
    "owner.replied": ("réponse écrite par vous", "answer written by you"),
    "owner.moved": ("facture changée de client par vous", "invoice moved to another client by you"),
    "owner.corrected": ("facture corrigée par vous", "invoice corrected by you"),
    "owner.cancelled": ("facture annulée par vous", "invoice cancelled by you"),
    "owner.written_off": ("passée en perte par vous", "written off by you"),
    "owner.policy": ("consigne pour ce client", "your wish for this client"),
    "owner.live": ("passage en direct", "going live"),
    "owner.stopped": ("arrêt de tous les envois", "halt of all mails"),
    "owner.digest": ("réglage du digest", "setting of the digest"),
    "legal.recorded": ("étape juridique notée par vous", "legal step recorded by you"),
    "owner.undone": ("ordre annulé par vous", "order undone by you"),
    "mail.answered": ("réponse envoyée au client", "answer sent to the client"),
    "reply.promise": ("promet de payer", "promises to pay"),
    "reply.paid": ("dit avoir payé", "says that it has paid"),
    "reply.dispute": ("conteste la facture", "disputes the invoice"),
    "reply.instalments": ("demande à payer en plusieurs fois", "asks to pay in instalments"),
    "reply.document_request": ("demande un document", "asks for a document"),
    "reply.wrong_contact": ("n'est pas le bon interlocuteur", "is not the right contact"),
    "reply.insolvency": ("signale une procédure collective", "reports insolvency"),
    "reply.refusal": ("refuse de payer", "refuses to pay"),
    "reply.question": ("pose une question", "asks a question"),
    "reply.acknowledged": ("a pris note", "has taken note"),
    "reply.stop": ("ne veut plus être contacté", "does not want to be written to"),
    "reply.unclear": ("a répondu, à vous de lire", "replied, please read"),
    "reply.out_of_office": ("est absent", "is out of office"),
    "warning.raised": ("alerte envoyée", "warning sent"),
    "warning.over": ("fin d'alerte envoyée", "end of the warning sent"),
    "promise.broken": ("promesse non tenue", "broken promise"),
}


_JOINTS = {"reply.promise": ("le", "by"), "owner.promise": ("au", "for"), "legal.recorded": ("le", "on")}
"""What stands before the day of an event."""


def due_words(due: date, day: date, language: str) -> str:
    """How a day stands to a due date: "échue depuis 8 jours", "3 days before it is due"."""
    late = (day - due).days
    if late == 0:
        return {"fr": "échéance ce jour-là", "en": "due that day"}[language]
    days = abs(late)
    if language == "fr":
        unit = "jour" if days == 1 else "jours"
        return f"échue depuis {days} {unit}" if late > 0 else f"{days} {unit} avant l'échéance"
    unit = "day" if days == 1 else "days"
    return f"{days} {unit} late" if late > 0 else f"{days} {unit} before it is due"


def slow_words(days: int, language: str) -> str:
    """How late a client usually pays."""
    if language == "fr":
        return f"paie d'ordinaire {days} {'jour' if days == 1 else 'jours'} après l'échéance"
    return f"usually pays {days} {'day' if days == 1 else 'days'} after the due date"


def quoted(text: object, language: str) -> str:
    """What somebody wrote, between the quotation marks of the language."""
    return f"« {text} »" if language == "fr" else f"“{text}”"


def mail_words(template: str, language: str) -> str:
    """What a mail to a client is called."""
    return _word(_MAILS, template, language)


def event_words(event: Event, language: str) -> str:
    """What happened, with its date where it carries one: "promet de payer le 5 décembre 2026"."""
    words = _word(_EVENTS, event.name, language)
    if event.name == "bank.reversal" and event.data.get("reason") == "undo":
        return {"fr": "rapprochement annulé par vous", "en": "match undone by you"}[language]
    if event.name in ("mail.opened", "mail.clicked") and isinstance(kind := event.data.get("class"), str):
        return f"{words}, {_word(_CLASSES, kind, language)}"
    said = event.data.get("promise_date") or event.data.get("until") or event.data.get("date")
    if not isinstance(said, str):
        return words
    when = write_day(date.fromisoformat(said), language)
    joint = _JOINTS.get(event.name, ("jusqu'au", "until"))
    return f"{words} {joint[0 if language == 'fr' else 1]} {when}"


def promise_words(outcome: str, day: date, language: str) -> str:
    """How a promise stands."""
    french = {
        "pending": "promis pour le {}",
        "broken": "promis pour le {}, non tenu",
        "kept": "promis pour le {}, tenu",
    }
    english = {"pending": "promised for {}", "broken": "promised for {}, not kept", "kept": "promised for {}, kept"}
    return (french if language == "fr" else english)[outcome].format(write_day(day, language))


def _word(table: Mapping[str, tuple[str, str]], key: str, language: str) -> str:
    both = table.get(key)
    return both[0 if language == "fr" else 1] if both else key.replace("_", " ").replace(".", " ")
