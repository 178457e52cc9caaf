"""What the bot answers to each order, in the owner's language: one sentence that says the new state."""

from collections.abc import Mapping

OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "answered": {"fr": "Noté : {what}.", "en": "Noted: {what}."},
    "approved": {
        "fr": "D'accord : {what} part pour {target} au prochain créneau d'envoi. « stop » suspend tout.",
        "en": "Agreed: {what} leaves for {target} at the next sending time. \"stop\" suspends everything.",
    },
    "refused": {"fr": "{what} ne part pas pour {target}.", "en": "{what} does not leave for {target}."},
    "booked": {"fr": "{amount} affectés à {target}.", "en": "{amount} booked on {target}."},
    "not_booked": {
        "fr": "Ce virement n'est affecté à aucune facture.",
        "en": "This payment is not booked on any invoice.",
    },
    "paid": {
        "fr": "{target} : payé, noté. Plus aucune relance.",
        "en": "{target}: paid, noted. No more reminders.",
    },
    "part_paid": {
        "fr": "{target} : {amount} reçus, noté. Il reste {open} à payer.",
        "en": "{target}: {amount} received, noted. {open} is still to be paid.",
    },
    "paused": {
        "fr": "{target} : relances suspendues {until}. « reprends {typed} » les rétablit.",
        "en": "{target}: reminders paused {until}. \"resume {typed}\" starts them again.",
    },
    "resumed": {"fr": "{target} : les relances reprennent.", "en": "{target}: reminders go on."},
    "promise": {
        "fr": "{target} : promesse au {date}, noté. Pas de relance d'ici là.",
        "en": "{target}: promise for {date}, noted. No reminder until then.",
    },
    "dispute": {
        "fr": "{target} : litige ouvert, relances gelées. « clos {target} » les rétablit.",
        "en": "{target}: dispute opened, reminders frozen. \"resolved {target}\" starts them again.",
    },
    "resolved": {
        "fr": "{target} : litige clos, les relances reprennent.",
        "en": "{target}: dispute closed, reminders go on.",
    },
    "skipped": {"fr": "{target} : l'étape {step} est sautée.", "en": "{target}: step {step} is skipped."},
    "sent_now": {
        "fr": "{target} : le prochain rappel part au prochain créneau d'envoi.",
        "en": "{target}: the next reminder leaves at the next sending time.",
    },
    "contact": {
        "fr": "{target} : les rappels vont désormais à {email}.",
        "en": "{target}: reminders now go to {email}.",
    },
    "contact_removed": {
        "fr": "{target} : plus rien n'est envoyé à {email}.",
        "en": "{target}: nothing is sent to {email} any more.",
    },
    "cancelled": {"fr": "{target} : annulée, plus aucune relance.", "en": "{target}: cancelled, no more reminders."},
    "written_off": {
        "fr": "{target} : passée en perte, plus aucune relance.",
        "en": "{target}: written off, no more reminders.",
    },
    "corrected": {"fr": "{target} : corrigé ({fields}).", "en": "{target}: corrected ({fields})."},
    "entered": {"fr": "Facture enregistrée, merci.", "en": "The invoice is entered, thank you."},
    "incomplete": {
        "fr": "Noté. Il manque encore : {fields}.",
        "en": "Noted. Still missing: {fields}.",
    },
    "policy": {"fr": "{target} : {what}, noté.", "en": "{target}: {what}, noted."},
    "live": {
        "fr": "C'est parti : les rappels sont désormais réellement envoyés. « stop » arrête tout, aussitôt.",
        "en": "Live: reminders are really sent from now on. \"stop\" halts everything at once.",
    },
    "stopped": {
        "fr": "Tout est arrêté : aucun rappel ne part. « en direct » rétablit les envois.",
        "en": "Everything is halted: no reminder leaves. \"go live\" starts again.",
    },
    "rules_accepted": {
        "fr": "Les nouvelles règles entrent en vigueur dans la minute.",
        "en": "The new rules take effect within a minute.",
    },
    "rules_refused": {
        "fr": "Les règles précédentes restent en vigueur ; la prochaine modification du fichier vous sera soumise.",
        "en": "The rules before stay in force; the next change of the file is put to you again.",
    },
    "status": {"fr": "{text}", "en": "{text}"},
    "why": {"fr": "{text}", "en": "{text}"},
    "unknown_target": {
        "fr": "Je ne trouve pas « {target} ». Donnez un numéro de facture, un client ou un numéro de question.",
        "en": "I cannot find \"{target}\". Give an invoice number, a client or the number of a question.",
    },
    "several_targets": {
        "fr": "« {target} » peut être : {choices}. Précisez, rien n'a été changé.",
        "en": "\"{target}\" could be: {choices}. Please say which; nothing was changed.",
    },
    "answered_before": {
        "fr": "La question {target} a déjà sa réponse, rien n'a changé.",
        "en": "Question {target} has been answered already; nothing changed.",
    },
    "which_choice": {
        "fr": "Question {target} : répondez par l'un de ces choix : {choices}.",
        "en": "Question {target}: answer with one of these choices: {choices}.",
    },
    "needs_field": {
        "fr": "Il manque : {fields}. Rien n'a été changé.",
        "en": "Missing: {fields}. Nothing was changed.",
    },
    "bad_field": {
        "fr": "{why}. Rien n'a été changé.",
        "en": "{why}. Nothing was changed.",
    },
    "not_by_mail": {
        "fr": "« {verb} » n'est pas encore possible par e-mail. Rien n'a été changé.",
        "en": "\"{verb}\" cannot be done by e-mail yet. Nothing was changed.",
    },
    "not_understood": {
        "fr": "Je n'ai pas compris cette ligne ; rien n'a été changé.",
        "en": "I did not understand this line; nothing was changed.",
    },
}  # fmt: skip


def outcome(code: str, language: str, **values: object) -> str:
    """The sentence for one result; values that a client wrote are inserted as they are and escaped where shown."""
    return OUTCOMES[code]["fr" if language == "fr" else "en"].format(**values)
