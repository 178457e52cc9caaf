"""What is said of files of timelines and of a timeline that fails, in English and French. Keys as in `sentences`."""

from collections.abc import Mapping

FAILED = "failed."
"""Keys of what is no mistake of a file, but of what came out."""

SUITE_MESSAGES: Mapping[str, tuple[str, str]] = {
    # ------------------------------------------------------------------------------------------------- files
    "unreadable": ("{path} cannot be read: {why}", "{path} ne peut pas être lu : {why}"),
    "not-utf-8": (
        "the file is not UTF-8 (byte {byte})\nsave it as UTF-8",
        "le fichier n'est pas en UTF-8 (octet {byte})\nenregistrez-le en UTF-8",
    ),
    "no-tests": ("there is no *{suffix} in {path}", "il n'y a pas de *{suffix} dans {path}"),
    "no-cases": (
        'this file tests nothing\ncases is a list: "- name: ..."',
        "ce fichier ne teste rien\ncases est une liste : « - name: ... »",
    ),
    "checks-nothing": (
        "this case checks nothing\ngive it one of: {keys}",
        "ce cas ne vérifie rien\ndonnez-lui une de ces clés : {keys}",
    ),
    "bad-shape.suite": (
        "a file of tests begins with keys: suite, rules, cases",
        "un fichier de tests commence par des clés : suite, rules, cases",
    ),
    "bad-shape.case": (
        "a case is a block of keys, beginning with name",
        "un cas est un bloc de clés qui commence par name",
    ),
    "bad-shape.client": (
        "client is a block: {{client.category: standard}}",
        "client est un bloc : {{client.category: standard}}",
    ),
    "bad-shape.either": ('either "invoice" or "invoices"', "soit « invoice », soit « invoices »"),
    "bad-shape.invoice": (
        "an invoice is a block: {{id: F-1, amount: 1200, …}}",
        "une facture est un bloc : {{id: F-1, amount: 1200, …}}",
    ),
    "missing-key.invoice": (
        'there is no "invoice" here nor above',
        "il n'y a de « invoice » ni ici ni plus haut",
    ),
    "missing-key.today": (
        '"{key}" needs a day\nadd: today: 2026-04-16',
        "« {key} » demande un jour\najoutez : today: 2026-04-16",
    ),
    "missing-key.verdict": (
        '"today" needs a "decision" or a "because"',
        "« today » demande un « decision » ou un « because »",
    ),
    "bad-value.until": (
        "until is not after the beginning, or more than three years later",
        "until n'est pas après le début, ou le suit de plus de trois ans",
    ),
    "bad-value.rate": (
        "client.late_rate is not known below three paid invoices\nadd: client.invoices_paid: 5",
        "client.late_rate n'est pas connu avec moins de trois factures payées\najoutez : client.invoices_paid: 5",
    ),
    "bad-value.due": (
        "an invoice is not due before it is issued",
        "l'échéance d'une facture ne précède pas sa date",
    ),
    "bad-value.bank": (
        '"{text}" is not known for bank\ndaily, none or a day',
        "« {text} » n'est pas connu pour bank\ndaily, none ou un jour",
    ),
    "bad-value.today": (
        "today is not between the beginning and until",
        "today n'est pas entre le début et until",
    ),
    # ------------------------------------------------------------------------------------ events and expectations
    "bad-event.form": (
        '"{text}" is not an event\nwrite it like 2026-04-08 reply.promise date=2026-04-15',
        "« {text} » n'est pas un événement\nécrivez par exemple 2026-04-08 reply.promise date=2026-04-15",
    ),
    "bad-event.derived": (
        '"{name}" follows by itself from a promise and its payments\nwrite reply.promise',
        "« {name} » découle d'une promesse et de ses paiements\nécrivez reply.promise",
    ),
    "bad-event.name": ('unknown event "{name}"\n{near}', "événement inconnu « {name} »\n{near}"),
    "bad-event.amount": (
        "{name} needs an amount\nfor example: amount=700",
        "{name} demande un montant\npar exemple : amount=700",
    ),
    "bad-event.key": (
        '"{text}" is not known for {name}\n{near}',
        "« {text} » n'est pas connu pour {name}\n{near}",
    ),
    "bad-event.value": (
        '"{text}" is not a value of {key}\nwrite a day like 2026-04-08, an amount like 1200.50',
        "« {text} » n'est pas une valeur de {key}\nécrivez un jour comme 2026-04-08, un montant comme 1200,50",
    ),
    "bad-event.invoice": (
        "{name} is about one invoice\nadd invoice={number}",
        "{name} concerne une facture\najoutez invoice={number}",
    ),
    "bad-event.number": (
        'there is no invoice "{number}"\n{near}',
        "il n'y a pas de facture « {number} »\n{near}",
    ),
    "bad-expectation": (
        '"{text}" is not a mail or act\nwrite it like: 2026-04-07 send reminder_1 firm approve F-041',
        "« {text} » n'est ni un message ni un acte\nécrivez : 2026-04-07 send reminder_1 firm approve F-041",
    ),
    "bad-expectation.word": ('"{text}" is not known here\n{near}', "« {text} » n'est pas connu ici\n{near}"),
    "unknown-step.what": (
        'there is no step or reaction "{text}"\n{near}',
        "il n'y a ni étape ni réaction « {text} »\n{near}",
    ),
    # ------------------------------------------------------------------------------------------------ failures
    "failed.never": ("never {what}, but: {got}", "jamais {what}, et pourtant : {got}"),
    "failed.no_day": ("nothing was decided on {day}", "rien n'a été décidé le {day}"),
    "failed.decision": (
        "{day}: {wanted} expected, got {got}: {reason}",
        "{day} : {wanted} attendu, obtenu {got} : {reason}",
    ),
    "failed.profile": ("profile {wanted} expected, got {got}", "profil {wanted} attendu, obtenu {got}"),
    "failed.wait": ("{first}: {what}: {reason}", "{first} : {what} : {reason}"),
    "failed.waits": ("{first} to {last}: {what}: {reason}", "du {first} au {last} : {what} : {reason}"),
}
