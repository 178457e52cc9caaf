"""What each code of the checker means, for `mailbot rules help CODE` and the page of the language."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.rules.sentences import MESSAGES
from mailbot.rules.suite_sentences import FAILED, SUITE_MESSAGES

WARNINGS = frozenset({"no-reaction", "not-connected", "late-step", "max-mails", "never-reached"})
"""The file is good and is used; all other codes are mistakes, and the file is refused."""


@dataclass(frozen=True, slots=True)
class Code:
    """Why it is refused (or warned of), and the same line wrong and right."""

    english: str
    french: str
    wrong: str = ""
    right: str = ""

    def why(self, language: str) -> str:
        """The explanation in French or English."""
        return self.french if language == "fr" else self.english


CODES: Mapping[str, Code] = {
    "yaml": Code(
        "The text is not YAML: an indent, a quote or a colon is in the wrong place.",
        "Le texte n'est pas du YAML : une marge, un guillemet ou un deux-points est mal placé.",
        "label: Relance: première",
        'label: "Relance: première"',
    ),
    "too-big": Code("A rules file has at most 256 kB.", "Un fichier de règles fait au plus 256 Ko."),
    "too-deep": Code(
        "Blocks lie at most eight levels inside each other.", "Les blocs s'imbriquent sur huit niveaux au plus."
    ),
    "too-many": Code("At most 500 profiles, steps or reactions.", "Au plus 500 profils, étapes ou réactions."),
    "empty": Code("Something that must hold rules holds none.", "Un endroit qui doit contenir des règles est vide."),
    "one-document": Code("A file holds one policy.", "Un fichier contient une seule politique."),
    "no-anchors": Code(
        "YAML's &x and *x copy text out of sight; a policy shows all it says.",
        "Les &x et *x de YAML recopient du texte sans le montrer ; une politique montre tout ce qu'elle dit.",
        "if: &big [...]",
        "if: [...]",
    ),
    "no-tags": Code(
        "YAML's !tags give values a hidden type; here every value is what is written.",
        "Les !étiquettes de YAML donnent un type caché ; ici chaque valeur est ce qui est écrit.",
        "label: !str Relance",
        "label: Relance",
    ),
    "duplicate-key": Code(
        "Of two equal keys one would silently win.",
        "De deux clés égales, l'une l'emporterait sans rien dire.",
        "tone: warm\ntone: firm",
        "tone: firm",
    ),
    "bad-key": Code("A key is one word, such as label.", "Une clé est un seul mot, par exemple label."),
    "bad-shape": Code(
        "A list stands where a text is expected, or the other way round.",
        "Une liste est là où un texte est attendu, ou l'inverse.",
        "skip: courtesy",
        "skip: [courtesy]",
    ),
    "not-of-many": Code(
        "not: before several conditions could mean two things.",
        "not: devant plusieurs conditions aurait deux sens.",
        "not: [a, b]",
        "not: [{any: [a, b]}]",
    ),
    "unknown-key": Code(
        "A key that is misspelt would have no effect, so it is refused.",
        "Une clé mal écrite serait sans effet : elle est refusée.",
        "tonne: firm",
        "tone: firm",
    ),
    "missing-key": Code("This key is needed.", "Cette clé est indispensable."),
    "no-timezone": Code(
        "The time zone is the business's, in mailbot.yaml.",
        "Le fuseau horaire est celui de l'entreprise, dans mailbot.yaml.",
        "timezone: Europe/Paris",
        "",
    ),
    "bad-value": Code(
        "The value has not the form that this key needs.",
        "La valeur n'a pas la forme attendue pour cette clé.",
        "min_gap: two days",
        "min_gap: 2 days",
    ),
    "bad-id": Code(
        "An id is a name for the ledger: small letters, digits and _.",
        "Un id est un nom pour le registre : minuscules, chiffres et _.",
        "id: Relance 1",
        "id: reminder_1",
    ),
    "duplicate-id": Code(
        "Two rules with one id could not be told apart in the ledger.",
        "Deux règles de même id ne se distingueraient pas dans le registre.",
    ),
    "unknown-step": Code("No step has this id.", "Aucune étape n'a cet id.", "skip: [courtesie]", "skip: [courtesy]"),
    "unknown-tone": Code(
        "The tone is not in the list of tones, or no mail is written in it.",
        "Le ton n'est pas dans la liste tones, ou aucun message n'est écrit sur ce ton.",
        "tone: icy",
        "tone: firm",
    ),
    "unknown-date": Code(
        "A date counts from due, issued, an earlier step, or a date that the signal brings along.",
        "Une date se compte depuis due, issued, une étape précédente, ou une date apportée par le signal.",
        "after: reminder1 + 5 days",
        "after: reminder_1 + 5 days",
    ),
    "no-template": Code(
        "There is no mail of this name.", "Aucun message ne porte ce nom.", "mail: formal_notise", "mail: formal_notice"
    ),
    "bad-template": Code(
        "The mail would fail on the day it is due, because it uses a name that is never filled in.",
        "Le message échouerait le jour de son départ : il utilise un nom qui n'est jamais rempli.",
    ),
    "bad-condition": Code(
        "A condition is a signal, and mostly a comparison with a value.",
        "Une condition est un signal, le plus souvent comparé à une valeur.",
        "client is late",
        "client.late_rate >= 30 %",
    ),
    "bad-operator": Code(
        "Compare with is, is not, in, >=, <=, > or <.",
        "Comparez avec is, is not, in, >=, <=, > ou <.",
        "client.category = standard",
        "client.category is standard",
    ),
    "unknown-signal": Code(
        "No signal or event has this name; mailbot rules signals lists all.",
        "Aucun signal ni événement ne porte ce nom ; mailbot rules signals les donne tous.",
        "invoice.amount_du",
        "invoice.amount_due",
    ),
    "wrong-place": Code(
        "A guard or profile looks at the client, not at one invoice or answer.",
        "Une limite ou un profil regarde le client, pas une facture ni une réponse.",
    ),
    "tone-only": Code(
        "Opens, clicks and read receipts prove nothing: mail programs open mails by themselves. They may "
        "change the tone and tell you, but neither pause nor send.",
        "Ouvertures, clics et accusés ne prouvent rien : des logiciels ouvrent les messages d'eux-mêmes. Ils peuvent "
        "changer le ton et vous prévenir, mais ni suspendre ni envoyer.",
    ),
    "never-true": Code(
        "Whatever the facts are, this does not hold: the rule would never be used.",
        "Quels que soient les faits, ceci n'est pas rempli : la règle ne servirait jamais.",
        "- client.invoices_paid >= 5\n- client.invoices_paid < 3",
        "- client.invoices_paid >= 5",
    ),
    "always-held": Code(
        "This guard would hold every mail for ever.",
        "Cette limite retiendrait tous les messages pour toujours.",
        "- bank.sync_age >= 0 days",
        "- bank.sync_age > 3 days",
    ),
    "no-default-profile": Code(
        "A client who fits no profile would have no policy.",
        "Un client qui ne convient à aucun profil n'aurait pas de politique.",
    ),
    "unreachable-profile": Code(
        "The first profile that fits is taken, so one below a wider one is never used.",
        "Le premier profil qui convient est retenu : celui qui suit un plus large ne sert jamais.",
    ),
    "skipped-step": Code(
        "A step that waits for a skipped one never comes.",
        "Une étape qui attend une étape sautée n'arrive jamais.",
        "skip: [reminder_1]",
        "skip: [reminder_1, reminder_2]",
    ),
    "step-order": Code(
        "The ladder is read from top to bottom, mildest and earliest first.",
        "L'échelle se lit de haut en bas, de la plus douce et la plus précoce à la plus ferme.",
    ),
    "expired-step": Code(
        "The step's last day is before its first.",
        "Le dernier jour de l'étape précède le premier.",
        "when: due + 3 days\nexpires: due + 2 days",
        "when: due + 3 days\nexpires: due + 6 days",
    ),
    "mail-or-action": Code(
        "A step sends a mail or asks you to act, not both.",
        "Une étape envoie un message ou vous demande d'agir, pas les deux.",
    ),
    "formal-approval": Code(
        "A formal notice and handing over to collection have legal weight: only you send them.",
        "Mise en demeure et passage au contentieux engagent : vous seul les envoyez.",
        "mail: formal_notice",
        "mail: formal_notice\napprove: owner",
    ),
    "no-effect": Code(
        "A rule, or one of its keys, would change nothing.",
        "Une règle, ou une de ses clés, ne changerait rien.",
        "- id: read\n  signal: mail.read",
        "- id: read\n  signal: mail.read\n  ignore: reading is no answer",
    ),
    "no-max-pause": Code(
        "A client could name a day years ahead.",
        "Un client pourrait donner une date dans des années.",
        "pause: until promise.date",
        "pause: until promise.date\nmax_pause: 45 days",
    ),
    "never-open": Code("No day of the year is left for a mail.", "Il ne reste aucun jour de l'année pour un message."),
    "unreadable": Code("The file is missing, or may not be read.", "Le fichier est absent ou interdit de lecture."),
    "not-utf-8": Code(
        "Accents would come out wrong: save the file as UTF-8.",
        "Les accents seraient faux : enregistrez le fichier en UTF-8.",
    ),
    "no-tests": Code(
        "A run that tests nothing would look like a good one.",
        "Une vérification qui ne teste rien passerait pour bonne.",
    ),
    "no-cases": Code("The file has no cases.", "Le fichier n'a aucun cas."),
    "checks-nothing": Code(
        "A case that expects nothing always passes.",
        "Un cas qui n'attend rien réussit toujours.",
        "- name: Promesse\n  until: 2026-05-10",
        "- name: Promesse\n  until: 2026-05-10\n  expect: []",
    ),
    "bad-event": Code(
        "A line of events is a day, an event, and its values.",
        "Une ligne d'événement est un jour, un événement et ses valeurs.",
        "- 8 April promise",
        "- 2026-04-08 reply.promise date=2026-04-15",
    ),
    "bad-expectation": Code(
        "A line of expect is a day, send or act, and the id of a step or reaction.",
        "Une ligne de expect est un jour, send ou act, et l'id d'une étape ou d'une réaction.",
        "- reminder_1 on 7 April",
        "- 2026-04-07 send reminder_1",
    ),
    "no-reaction": Code(
        "Something that can happen is not spoken of. Say what is done, or why nothing is.",
        "Rien n'est dit d'une chose qui peut arriver. Dites ce qui est fait, ou pourquoi rien ne l'est.",
    ),
    "not-connected": Code(
        "What is asked here can never be known in this installation.",
        "Ce qui est demandé ici ne peut jamais être connu dans cette installation.",
    ),
    "late-step": Code(
        "Gaps and earlier steps push this step back on most days of the week, so that the date that is "
        "written is not the date on which it leaves.",
        "Les délais et les étapes précédentes repoussent cette étape la plupart des jours : la date écrite n'est pas "
        "celle du départ.",
    ),
    "max-mails": Code(
        "One answer mail is enough for the maximum to hold this step back.",
        "Un seul message de réponse suffit pour que le maximum retienne cette étape.",
    ),
    "never-reached": Code(
        "A step that does not send keeps the steps that wait for it from coming.",
        "Une étape qui n'envoie rien empêche celles qui l'attendent.",
    ),
}


def every_code() -> tuple[str, ...]:
    """All codes, in the order of the messages."""
    said = (*MESSAGES, *(key for key in SUITE_MESSAGES if not key.startswith(FAILED)))
    return tuple(dict.fromkeys(key.partition(".")[0] for key in said))
