"""The sentences of decisions, in French and English. Verdict first, then why, then what to do about it."""

from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SENTENCES: dict[str, tuple[str, str]] = {
    "due": ("Message du jour : {label}, facture {lead}.", "Mail today: {label}, invoice {lead}."),
    "act": ("À faire aujourd'hui : {label}, facture {lead}.", "To do today: {label}, invoice {lead}."),
    "sent_now": (
        "Message du jour, à votre demande : {label}, facture {lead}.",
        "Mail today, as you asked: {label}, invoice {lead}.",
    ),
    "approval": (
        "En attente de votre accord : {label}, facture {lead}.",
        "Waiting for your yes: {label}, invoice {lead}.",
    ),
    "nothing_open": ("Rien à relancer : aucune facture ouverte.", "Nothing to do: no open invoice."),
    "below_minimum": (
        "Rien à relancer : le reste dû ({total}) est inférieur au minimum de vos règles.",
        "Nothing to do: what is open ({total}) is below the minimum of your rules.",
    ),
    "not_due": (
        "Rien aujourd'hui : prochaine étape possible le {next}.",
        "Nothing today: the next step is possible on {next}.",
    ),
    "ladder_done": (
        "Rien aujourd'hui : toutes les étapes prévues par vos règles sont passées.",
        "Nothing today: every step of your rules has been taken.",
    ),
    "until": ("Rien aujourd'hui : {label}, jusqu'au {until}.", "Nothing today: {label}, until {until}."),
    "owner_decides": (
        "En attente de votre décision : {label}, facture {lead}.",
        "Waiting for your decision: {label}, invoice {lead}.",
    ),
    "paused": (
        "Rien aujourd'hui : vous avez suspendu les relances, facture {lead}.",
        "Nothing today: you paused the reminders, invoice {lead}.",
    ),
    "stopped": (
        "Tout est arrêté à votre demande ; répondez « en direct » pour reprendre.",
        'Everything is stopped as you asked; answer "go live" to go on.',
    ),
    "min_gap": (
        "Rien aujourd'hui : dernier message il y a trop peu de temps ; {label} le {next}.",
        "Nothing today: the last mail is too recent; {label} on {next}.",
    ),
    "sent_today": (
        "Rien de plus aujourd'hui : un message est déjà parti à ce client.",
        "Nothing more today: this client has had a mail already.",
    ),
    "max_mails": (
        "Rien aujourd'hui : ce client a reçu assez de messages ces derniers temps ; {label} le {next}.",
        "Nothing today: this client has had enough mails lately; {label} on {next}.",
    ),
    "closed_day": (
        "Rien aujourd'hui ({why}) : {label} le {next}.",
        "Nothing today ({why}): {label} on {next}.",
    ),
    "weekday": ("jour sans envoi", "no mails on this weekday"),
    "bank_unknown": (
        "Retenu : aucun relevé bancaire n'a encore été lu ; transmettez-en un (OFX) à la boîte du robot.",
        "Held: no bank statement has been read yet; forward one (OFX) to the bot's mailbox.",
    ),
    "bank_stale": (
        "Retenu : le dernier relevé bancaire s'arrête au {through} ; transmettez le suivant.",
        "Held: the last bank statement ends on {through}; forward the next one.",
    ),
    "unexplained_credit": (
        "Retenu : un virement reçu vient peut-être de ce client ; dites ce qu'il paie.",
        "Held: a credit may be this client's; say what it pays.",
    ),
    "do_not_contact": (
        "Retenu : vous ne voulez pas que ce client soit contacté.",
        "Held: you do not want this client to be written to.",
    ),
    "guard": ("Retenu par la règle « {label} ».", 'Held by the rule "{label}".'),
    "no_contact": (
        "Retenu : aucune adresse utilisable pour ce client ; donnez-en une (« contact {client} adresse »).",
        'Held: no usable address for this client; give one ("contact {client} address").',
    ),
    "rejected": (
        "Retenu : le serveur du client a refusé ce message ; vérifiez l'adresse.",
        "Held: the client's server refused this mail; check the address.",
    ),
    "cannot_send_now": (
        "L'envoi demandé n'est pas possible : cette étape est déjà passée ou une étape avant elle manque.",
        "What you asked to send cannot go: that step is over, or one before it is missing.",
    ),
    "label_dispute": ("Litige", "Dispute"),
    "label_paused": ("Relances suspendues", "Reminders paused"),
    "label_promise": ("Promesse de paiement", "Promise to pay"),
    "label_unanswered": ("Réponse sans règle ({signal})", "Answer without a rule ({signal})"),
    "promise_too_late": ("Promesse de paiement éloignée ({date})", "Promise to pay far away ({date})"),
}


def say(language: str, code: str, **values: object) -> str:
    """The sentence of a code; dates are written as people write them."""
    french, english = _SENTENCES[code]
    written = {k: written_day(v, language) if isinstance(v, date) else v for k, v in values.items()}
    return (english if language == "en" else french).format_map(written)


def written_day(day: date, language: str) -> str:
    """ "07/04/2026" in French, "7 Apr 2026" in English."""
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day:02}/{day.month:02}/{day.year}"
