"""The sentences of the checker, in English and French: what is wrong, and below it what would be right.

The key is the code that people see, with a part after the dot where one code has several sentences.
"""

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, str]] = {
    # ------------------------------------------------------------------------------------------ YAML itself
    "yaml": ("{said}\n{advice}", "{said}\n{advice}"),
    "yaml.character": (
        "an invisible character stands here that YAML does not allow\ndelete it, and type the line again",
        "un caractère invisible que YAML n'admet pas se trouve ici\nsupprimez-le et retapez la ligne",
    ),
    "too-big": ("the file is larger than {most} kB", "le fichier dépasse {most} Ko"),
    "too-deep": ("more than {most} levels inside each other", "plus de {most} niveaux imbriqués"),
    "too-many": ("more than {most} {key}", "plus de {most} éléments dans {key}"),
    "empty.file": ("the file is empty", "le fichier est vide"),
    "empty.list": ("{key} is empty", "{key} est vide"),
    "empty.conditions": (
        "this list of conditions is empty\nremove the key, or write a condition",
        "cette liste de conditions est vide\nretirez la clé, ou écrivez une condition",
    ),
    "one-document": (
        'only one document is allowed in a file (remove the "---")',
        "un fichier ne contient qu'un document (retirez « --- »)",
    ),
    "no-anchors": (
        "YAML anchors (&x, *x) are not used here\nrepeat the value, or put it in a profile",
        "les ancres YAML (&x, *x) ne sont pas admises ici\nrépétez la valeur, ou mettez-la dans un profil",
    ),
    "no-tags": (
        "YAML tags ({tag}) are not used here\nwrite the value only",
        "les étiquettes YAML ({tag}) ne sont pas admises ici\nécrivez la valeur seule",
    ),
    "duplicate-key": (
        '"{key}" is written twice in this block\nfirst written at line {first}; the second would silently win',
        ("« {key} » est écrit deux fois dans ce bloc\nune première fois ligne {first} ; la seconde l'emporterait "
        "sans rien dire"),
    ),
    "bad-key": ("a key must be a word", "une clé doit être un mot"),
    # ------------------------------------------------------------------------------------------------- shape
    "bad-shape.file": (
        "a rules file begins with keys: version, guards, profiles, steps, reactions",
        "un fichier de règles commence par des clés : version, guards, profiles, steps, reactions",
    ),
    "bad-shape.block": ("{key} is a block of keys", "{key} est un bloc de clés"),
    "bad-shape.list": (
        '{key} is a list: each one begins with "- {first}:"',
        "{key} est une liste : chaque élément commence par « - {first}: »",
    ),
    "bad-shape.entry": (
        "one of {key} is a block of keys, beginning with {first}",
        "un élément de {key} est un bloc de clés qui commence par {first}",
    ),
    "bad-shape.words": ("{key} is a list: {example}", "{key} est une liste : {example}"),
    "bad-shape.dates": (
        "steps here is a block: each step with its own date",
        "steps est ici un bloc : chaque étape avec sa propre date",
    ),
    "bad-shape.conditions": (
        "conditions are a list, one a line, each after a dash",
        "les conditions forment une liste : une par ligne, après un tiret",
    ),
    "bad-shape.condition": (
        'a condition is one line, or a block "any:", "all:" or "not:"',
        "une condition tient sur une ligne, ou dans un bloc « any: », « all: » ou « not: »",
    ),
    "not-of-many": (
        '"not:" takes one condition\nput "any:" below it for "none of these", "all:" for "not all of these"',
        ("« not: » ne prend qu'une condition\nmettez dessous « any: » pour « aucune de celles-ci », « all: » pour "
        "« pas toutes à la fois »"),
    ),
    "unknown-key": ('unknown key "{key}"\n{near}', "clé inconnue « {key} »\n{near}"),
    "missing-key": ('"{key}" is missing here', "il manque ici « {key} »"),
    "no-timezone": (
        "the time zone does not belong here\nit is the business's: business.timezone in mailbot.yaml",
        "le fuseau horaire n'a pas sa place ici\nc'est celui de l'entreprise : business.timezone dans mailbot.yaml",
    ),
    # ------------------------------------------------------------------------------------------------ values
    "bad-value.text": ('"{key}" needs a text', "« {key} » demande un texte"),
    "bad-value.form": (
        '"{text}" is not a value of {key}\nwrite it like: {example}',
        "« {text} » n'est pas une valeur de {key}\nécrivez par exemple : {example}",
    ),
    "bad-value.choice": ('"{text}" is not known for {key}\n{near}', "« {text} » n'est pas connu pour {key}\n{near}"),
    "bad-value.version": (
        "this mailbot does not know version {text} of the language\nwrite: version: 1 (or install a newer mailbot)",
        ("ce mailbot ne connaît pas la version {text} du langage\nécrivez : version: 1 (ou installez un mailbot plus "
        "récent)"),
    ),
    "bad-value.word": (
        '"{word}" is not a known value. {near}',
        "« {word} » n'est pas une valeur connue ; {near}",
    ),
    "bad-value.words": ("{key} is a list of words", "{key} est une liste de mots"),
    "bad-value.day": (
        '"{text}" is not a day\nwrite it like: 2026-08-03, or 08-03 for every year',
        "« {text} » n'est pas un jour\nécrivez par exemple : 2026-08-03, ou 08-03 pour chaque année",
    ),
    "bad-value.tones": (
        '"{text}" is not firmer than the tone before it\nwrite the tones mildest first: {known}',
        "« {text} » n'est pas plus ferme que le ton qui précède\nécrivez les tons du plus doux au plus ferme : {known}",
    ),
    "bad-value.years": (
        "from and to are both with a year, or both without",
        "from et to ont tous deux une année, ou aucun des deux",
    ),
    "bad-value.quiet": (
        "a quiet period ends after it begins, within a year",
        "une période de silence finit après son début, en moins d'un an",
    ),
    "bad-value.pause": (
        '"{text}" is not a pause\nwrite it like: 3 business days, or: until owner decides',
        "« {text} » n'est pas une pause\nécrivez par exemple : 3 business days, ou : until owner decides",
    ),
    "bad-value.escalate": (
        '"{text}" is not a number of steps\n1, 2 or 3',
        "« {text} » n'est pas un nombre d'étapes\n1, 2 ou 3",
    ),
    "bad-value.region": (
        'no holidays are known for "{text}"\n{near}',
        "aucun jour férié n'est connu pour « {text} »\n{near}",
    ),
    "bad-value.shift": (
        "shift counts calendar days\nwrite it like: 5 days",
        "shift compte des jours du calendrier\nécrivez par exemple : 5 days",
    ),
    "bad-value.limits": (
        "max_amount ({most}) must be above min_amount ({least}), in the same currency",
        "max_amount ({most}) doit dépasser min_amount ({least}), dans la même devise",
    ),
    "bad-id": (
        '"{text}" is not an id\nsmall letters, digits and _ , for example reminder_1',
        "« {text} » n'est pas un identifiant\nminuscules, chiffres et _ , par exemple reminder_1",
    ),
    "duplicate-id": (
        'there are two "{name}" in {key}\nthe first is at line {first}',
        "il y a deux « {name} » dans {key}\nle premier est ligne {first}",
    ),
    "unknown-step": ('there is no step "{word}"\n{near}', "il n'y a pas d'étape « {word} »\n{near}"),
    "unknown-tone": ('"{text}" is not known for {key}\n{near}', "« {text} » n'est pas connu pour {key}\n{near}"),
    "unknown-date": (
        '"{text}" is not a date known here\n{near}',
        "« {text} » n'est pas une date connue ici\n{near}",
    ),
    "unknown-date.first": (
        '"{text}" is not a date known here\nno step comes before this one',
        "« {text} » n'est pas une date connue ici\naucune étape ne précède celle-ci",
    ),
    "unknown-date.carried": (
        '"{text}" is not a date that {signal} brings along\n{near}',
        "« {text} » n'est pas une date que {signal} apporte\n{near}",
    ),
    "unknown-date.none": (
        '"{text}" is not a date that {signal} brings along\nwrite a number of days, or "until owner decides"',
        "« {text} » n'est pas une date que {signal} apporte\nécrivez un nombre de jours, ou « until owner decides »",
    ),
    "no-template": (
        'no template "{text}" in templates/\n{near}',
        "pas de modèle « {text} » dans templates/\n{near}",
    ),
    "bad-template": (
        'the mail "{mail}" uses {names}, which mailbot does not fill in\nknown: {known}',
        "le message « {mail} » utilise {names}, que mailbot ne remplit pas\nconnus : {known}",
    ),
    # -------------------------------------------------------------------------------------------- conditions
    "bad-condition": (
        '"{text}" is not a condition\nwrite: signal operator value',
        "« {text} » n'est pas une condition\nécrivez : signal opérateur valeur",
    ),
    "bad-condition.compare": (
        '"{name}" needs a comparison\nfor example: {example}',
        "« {name} » demande une comparaison\npar exemple : {example}",
    ),
    "bad-operator": (
        '"{sign}" is not used here\nwrite "{right}"',
        "« {sign} » ne s'emploie pas ici\nécrivez « {right} »",
    ),
    "bad-operator.flag": (
        '"{name}" is true or false by itself\nwrite "{name}" or "not {name}"',
        "« {name} » est vrai ou faux par lui-même\nécrivez « {name} » ou « not {name} »",
    ),
    "bad-operator.word": (
        '"{sign}" cannot be used with {name}\nfor example: {example}',
        "« {sign} » ne s'emploie pas avec {name}\npar exemple : {example}",
    ),
    "unknown-signal": (
        'unknown signal "{name}"\n{near}see: mailbot rules signals',
        "signal inconnu « {name} »\n{near}voir : mailbot rules signals",
    ),
    "unknown-signal.event": (
        '"{text}" is not known for {key}\n{near}',
        "« {text} » n'est pas connu pour {key}\n{near}",
    ),
    "wrong-place": (
        '"{name}" cannot be asked for here\nit is known only where one {level} is looked at',
        "« {name} » ne peut pas être demandé ici\nil n'est connu que là où l'on regarde {level}",
    ),
    "tone-only": (
        '"{name}" is no proof of reading and may only change the tone of a reaction\nleave out: {keys}',
        "« {name} » ne prouve pas une lecture et ne peut changer que le ton d'une réaction\nretirez : {keys}",
    ),
    "never-true": (
        "these conditions can never all hold\nthey contradict each other: {text}",
        "ces conditions ne peuvent jamais être toutes remplies\nelles se contredisent : {text}",
    ),
    "never-true.one": (
        "this condition can never hold: {text}",
        "cette condition ne peut jamais être remplie : {text}",
    ),
    "never-true.days": (
        "on the days of this step this can never hold: {text}\nchange it, or the step's \"when\" and \"expires\"",
        ("aux jours de cette étape, ceci ne peut jamais être rempli : {text}\nchangez-le, ou le « when » et le "
        "« expires » de l'étape"),
    ),
    "always-held": (
        "this holds every mail back: {text} is always true",
        "ceci retient tous les messages : {text} est toujours vrai",
    ),
    # ------------------------------------------------------------------------------------- profiles and steps
    "no-default-profile": (
        'the last profile must have no "if", so that every client has one',
        "le dernier profil ne doit pas avoir de « if », pour que chaque client en ait un",
    ),
    "unreachable-profile": (
        '"{name}" takes every client, so that none after it is ever used\ngive it an "if", or move it to the end',
        ("« {name} » prend tous les clients : aucun profil après lui ne sert jamais\ndonnez-lui un « if », ou "
        "placez-le à la fin"),
    ),
    "unreachable-profile.covered": (
        ('"{name}" is never used: {earlier} above it already takes all its clients\n'
        "move it up, or change its conditions"),
        ("« {name} » ne sert jamais : {earlier}, plus haut, prend déjà tous ses clients\n"
        "remontez-le, ou changez ses conditions"),
    ),
    "skipped-step": (
        '"{name}" comes after "{after}", which is skipped: never reached\nskip "{name}" as well, or keep "{after}"',
        ("« {name} » vient après « {after} », qui est sauté : jamais atteint\nsautez aussi « {name} », ou gardez "
        "« {after} »"),
    ),
    "step-order": (
        ('"{name}" (due {days}) comes before "{last}" (due {last_days}) but is written after it\n'
        "write the steps in the order of their dates"),
        ("« {name} » (échéance {days}) vient avant « {last} » (échéance {last_days}) mais est écrit après\n"
        "écrivez les étapes dans l'ordre de leurs dates"),
    ),
    "expired-step": (
        '"{name}" expires (due {last}) before it may go (due {days}): it never leaves\nlet it expire later',
        ("« {name} » expire (échéance {last}) avant de pouvoir partir (échéance {days}) : il ne part jamais\n"
        "faites-le expirer plus tard"),
    ),
    "expired-step.profile": (
        ('for this profile "{name}" expires (due {last}) before it may go (due {days}): it never leaves\n'
        'write it under "skip", or give it a date of its own'),
        ("pour ce profil, « {name} » expire (échéance {last}) avant de pouvoir partir (échéance {days}) : il ne part "
        "jamais\nmettez-le dans « skip », ou donnez-lui sa propre date"),
    ),
    "mail-or-action": (
        'a step has either a "mail" or an "action"',
        "une étape a soit un « mail », soit une « action »",
    ),
    "formal-approval": (
        '"{what}" is formal: it never leaves without your yes\nadd: approve: owner',
        "« {what} » est un acte formel : il ne part jamais sans votre accord\najoutez : approve: owner",
    ),
    "formal-approval.reaction": (
        '"{what}" is formal: a reaction cannot send it\nmake it a step with: approve: owner',
        "« {what} » est un acte formel : une réaction ne peut pas l'envoyer\nfaites-en une étape avec : approve: owner",
    ),
    # --------------------------------------------------------------------------------------------- reactions
    "no-effect": (
        "this reaction does nothing\ngive it one of: {keys}",
        "cette réaction ne fait rien\ndonnez-lui une de ces clés : {keys}",
    ),
    "no-effect.pause": (
        '"{key}" changes nothing without a pause\nadd "pause:", or remove "{key}"',
        "« {key} » ne change rien sans pause\najoutez « pause: », ou retirez « {key} »",
    ),
    "no-effect.ignore": (
        '"ignore" says that nothing is done, but here is: {keys}\nremove one or the other',
        "« ignore » dit que rien n'est fait, mais il y a : {keys}\nretirez l'un ou l'autre",
    ),
    "no-max-pause": (
        'the client chooses how long this pause is\nadd a limit, for example: "max_pause: 45 days"',
        ("c'est le client qui choisit la durée de cette pause\najoutez une limite, par exemple : "
        "« max_pause: 45 days »"),
    ),
    "never-open": (
        "the quiet periods leave no day in the year for a mail",
        "les périodes de silence ne laissent aucun jour de l'année pour un message",
    ),
    # ---------------------------------------------------------------------------------------------- warnings
    "no-reaction": (
        'nothing is said about {name} ({label}): {then}\nadd a reaction, or one with "ignore: <why>"',
        "rien n'est dit de {name} ({label}) : {then}\najoutez une réaction, ou une avec « ignore: <pourquoi> »",
    ),
    "not-connected": (
        '"{name}" is read here, but its source is not connected: {source}\n{then}',
        "« {name} » est lu ici, mais sa source n'est pas branchée : {source}\n{then}",
    ),
    "late-step": (
        (
            'for {profile}, "{name}" leaves late for {late} of 7 days of the week: due {first}..{last} instead of due '
            "{plan}\nbecause of {why}"
        ),
        (
            "pour {profile}, « {name} » part en retard pour {late} jours de la semaine sur 7 : J{first}..J{last} au "
            "lieu de J{plan}\nà cause de {why}"
        ),
    ),
    "max-mails": (
        ('for {profile}, "{name}" can come up to {days} days late: {count} mails within {length} days with one answer '
        "mail among them, and max_mails allows {most}"),
        ("pour {profile}, « {name} » peut partir avec {days} jours de retard : {count} messages en {length} jours, une "
        "réponse comprise, et max_mails en admet {most}"),
    ),
    "never-reached": (
        '"{name}" comes after "{after}", which is {mode}: it is not reached as long as that is so',
        "« {name} » vient après « {after} », qui est {mode} : il n'est pas atteint tant que c'est le cas",
    ),
}  # fmt: skip
