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
    "taught": {
        "fr": "Les prochains virements de « {payer} » seront attribués à {target}.",
        "en": "The next payments from \"{payer}\" will be taken for {target}'s.",
    },
    "which_other": {
        "fr": "Question {target} : nommez la facture ou le client, par exemple « {target} FA-2026-0412 » ou "
        "« {target} autre Dupont ».",
        "en": "Question {target}: name the invoice or the client, for example \"{target} FA-2026-0412\" or "
        "\"{target} other Dupont\".",
    },
    "nothing_open": {
        "fr": "Rien n'est dû sur {target}. Rien n'a été changé.",
        "en": "Nothing is owed on {target}. Nothing was changed.",
    },
    "refunded": {
        "fr": "{amount} à rembourser à {target}, noté.",
        "en": "{amount} to be paid back to {target}, noted.",
    },
    "kept": {
        "fr": "{amount} gardés pour {target} : ils seront déduits de sa prochaine facture.",
        "en": "{amount} kept for {target}: they are set off against the next invoice.",
    },
    "undone": {
        "fr": "{amount} : rapprochement annulé. {target} reste à payer ; la question vous est reposée.",
        "en": "{amount}: no longer booked. {target} to be paid again; you are asked anew what the payment is for.",
    },
    "freed": {
        "fr": "{amount} : rapprochement annulé ; la question vous est reposée.",
        "en": "{amount}: no longer booked; you are asked anew what the payment is for.",
    },
    "restored": {
        "fr": "{amount} : ce n'était pas un rejet. {target} est de nouveau réglée.",
        "en": "{amount}: that took nothing back. {target} counts as paid again.",
    },
    "went_back": {
        "fr": "{amount} repris par la banque : {target} reste à payer.",
        "en": "{amount} taken back by the bank: {target} is to be paid again.",
    },
    "no_payment": {
        "fr": "Aucun paiement de ce montant n'est affecté à {target} : nommez une facture payée. Rien n'a été changé.",
        "en": "No payment of this amount is booked on {target}: name an invoice that was paid. Nothing was changed.",
    },
    "nothing_to_undo": {
        "fr": "Aucun rapprochement bancaire à annuler pour « {target} ». Rien n'a été changé.",
        "en": "There is no booked payment to undo for \"{target}\". Nothing was changed.",
    },
    "matched_before": {
        "fr": "Ce virement est déjà affecté ; « annule {target} » défait d'abord. Rien n'a été changé.",
        "en": "This payment is booked already; \"undo {target}\" comes first. Nothing was changed.",
    },
    "unknown_line": {
        "fr": "Je ne trouve pas de virement « {target} ». Donnez le numéro de la question, ou les premiers caractères "
        "de l'identifiant de la ligne.",
        "en": "I cannot find a payment \"{target}\". Give the number of the question, or the first characters of "
        "the line's id.",
    },
    "expired": {
        "fr": "La question {target} ne se pose plus dans ces termes : ce qu'elle nomme a changé entre-temps. "
        "Rien n'a été fait ; si elle se pose encore, elle est dans le prochain digest.",
        "en": "Question {target} is out of date: what it names has changed since. Nothing was done; if it is still "
        "to be asked, it stands in the next digest.",
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
