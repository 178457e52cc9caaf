"""Every sentence of the checker, word for word in English and French: those that no changed line of a policy gives.

The last tests see to it that no sentence is without its case here or in tests/cases/rules/mistakes.
"""

import re
from collections.abc import Mapping

import pytest
from rules_story import CASES, TEMPLATES

from mailbot.rules.check import Outside, check_rules
from mailbot.rules.load import load_rules
from mailbot.rules.sentences import MESSAGES
from mailbot.rules.suite_sentences import FAILED, SUITE_MESSAGES
from mailbot.rules.suites import Heading, read_heading, read_suite

WHOLE = (CASES / "whole.yaml").read_text(encoding="utf-8")
MANY = "".join(f"  - {{id: r{n}, label: x, signal: mail.read, ignore: x}}\n" for n in range(501))

SHAPES = [
    ("", "the file is empty", "le fichier est vide"),
    (
        "- a\n",
        "a rules file begins with keys: version, guards, profiles, steps, reactions",
        "un fichier de règles commence par des clés : version, guards, profiles, steps, reactions",
    ),
    ("version: 1\nguards: none\n", "guards is a block of keys", "guards est un bloc de clés"),
    (
        "version: 1\nsteps: none\n",
        'steps is a list: each one begins with "- id:"',
        "steps est une liste : chaque élément commence par « - id: »",
    ),
    (
        "version: 1\nsteps: [none]\n",
        "one of steps is a block of keys, beginning with id",
        "un élément de steps est un bloc de clés qui commence par id",
    ),
    (
        "version: 1\nlabel: \x07\n",
        "an invisible character stands here that YAML does not allow\ndelete it, and type the line again",
        "un caractère invisible que YAML n'admet pas se trouve ici\nsupprimez-le et retapez la ligne",
    ),
    ("# x\n" * 66_000, "the file is larger than 256 kB", "le fichier dépasse 256 Ko"),
    ("a: " + "b" * 2_000_000, "the file is larger than 256 kB", "le fichier dépasse 256 Ko"),
    (f"version: 1\nreactions:\n{MANY}", "more than 500 reactions", "plus de 500 éléments dans reactions"),
]

WARNED = [
    (
        ("min_gap: 2 business days", "min_gap: 3 business days"),
        (
            'for standard, "reminder_1" leaves late for 4 of 7 days of the week: due +3..+5 instead of due +3\n'
            "because of min_gap after the mail before it"
        ),
        (
            "pour standard, « reminder_1 » part en retard pour 4 jours de la semaine sur 7 : J+3..J+5 au lieu de J+3\n"
            "à cause de min_gap, compté depuis le message précédent"
        ),
    ),
    (
        ("max_mails: 6 per 30 days", "max_mails: 4 per 30 days"),
        (
            'for standard, "reminder_2" can come up to 16 days late: 5 mails within 30 days with one answer mail among '
            "them, and max_mails allows 4"
        ),
        (
            "pour standard, « reminder_2 » peut partir avec 16 jours de retard : 5 messages en 30 jours, une réponse "
            "comprise, et max_mails en admet 4"
        ),
    ),
    (
        ("    mail: reminder_2\n", "    mail: reminder_2\n    mode: shadow\n"),
        '"formal_notice" comes after "reminder_2", which is in shadow: it is not reached as long as that is so',
        "« formal_notice » vient après « reminder_2 », qui est à blanc : il n'est pas atteint tant que c'est le cas",
    ),
    (
        ("version: 1", "version: 1"),
        (
            "nothing is said about reply.refusal (refuses to pay): such an answer waits for you\n"
            'add a reaction, or one with "ignore: <why>"'
        ),
        (
            "rien n'est dit de reply.refusal (refuse de payer) : une telle réponse attend votre décision\n"
            "ajoutez une réaction, ou une avec « ignore: <pourquoi> »"
        ),
    ),
    (
        ("version: 1", "version: 1"),
        (
            '"bank.sync_age" is read here, but its source is not connected: the bank; as old as the last statement\n'
            "it is always unknown, and so every mail is held back"
        ),
        (
            "« bank.sync_age » est lu ici, mais sa source n'est pas branchée : la banque ; aussi ancien que le dernier "
            "relevé\nil est toujours inconnu, et tous les messages sont donc retenus"
        ),
    ),
]
OUTSIDE = (
    'the mail "reminder_2" uses discount, which mailbot does not fill in\nknown: client, total',
    "le message « reminder_2 » utilise discount, que mailbot ne remplit pas\nconnus : client, total",
)


@pytest.mark.parametrize(("text", "english", "french"), SHAPES, ids=range(len(SHAPES)))
def test_a_file_of_the_wrong_shape_is_refused_in_these_words(text, english, french):
    for language, sentence in (("en", english), ("fr", french)):
        found = load_rules(text, "x", TEMPLATES, language=language)

        assert isinstance(found, list)
        assert sentence in [problem.message for problem in found]


def test_an_invisible_character_is_shown_where_it_stands():
    found = load_rules("version: 1\nlabel: a\x07b\n", "x", TEMPLATES)

    assert isinstance(found, list)
    assert [(problem.line, problem.column) for problem in found] == [(2, 9)]


@pytest.mark.parametrize(("change", "english", "french"), WARNED, ids=range(len(WARNED)))
def test_a_good_file_is_warned_of_in_these_words(change, english, french):
    text = WHOLE.replace(*change, 1)
    for language, sentence in (("en", english), ("fr", french)):
        found = check_rules(text, "x", Outside(TEMPLATES, {}, (), frozenset()), language=language)

        assert found.errors == ()
        assert sentence in [problem.message for problem in found.warnings]


def test_a_mail_that_would_fail_is_refused_in_these_words():
    outside = Outside(TEMPLATES, {"reminder_2": frozenset({"discount"})}, ("client", "total"))
    said = [check_rules(WHOLE, "x", outside, language=language).errors[0].message for language in ("en", "fr")]

    assert tuple(said) == OUTSIDE


# --------------------------------------------------------------------------------------------- files of timelines

_TOP = "suite: s\nrules: r\ninvoice: {id: F-1, amount: 100, issued: 2026-03-02, due: 2026-04-01}\ncases:\n"
_CASE = "  - name: a\n    until: 2026-05-01\n"

SUITES = [
    ("- a\n", "a file of tests begins with keys: suite, rules, cases",
     "un fichier de tests commence par des clés : suite, rules, cases"),
    ("suite: s\nrules: r\ncases: []\n", 'this file tests nothing\ncases is a list: "- name: ..."',
     "ce fichier ne teste rien\ncases est une liste : « - name: ... »"),
    (_TOP + _CASE, "this case checks nothing\ngive it one of: expect, never, today, using",
     "ce cas ne vérifie rien\ndonnez-lui une de ces clés : expect, never, today, using"),
    (_TOP + "  - a\n", "a case is a block of keys, beginning with name",
     "un cas est un bloc de clés qui commence par name"),
    (_TOP + _CASE + "    expect: []\n    client: x\n", "client is a block: {client.category: standard}",
     "client est un bloc : {client.category: standard}"),
    (_TOP + _CASE + "    expect: []\n    invoice: x\n", "an invoice is a block: {id: F-1, amount: 1200, …}",
     "une facture est un bloc : {id: F-1, amount: 1200, …}"),
    (_TOP + _CASE + "    expect: []\n    invoice: x\n    invoices: [x]\n", 'either "invoice" or "invoices"',
     "soit « invoice », soit « invoices »"),
    ("suite: s\nrules: r\ncases:\n" + _CASE + "    expect: []\n", 'there is no "invoice" here nor above',
     "il n'y a de « invoice » ni ici ni plus haut"),
    (_TOP + _CASE + "    expect: []\n    because: promise\n", '"because" needs a day\nadd: today: 2026-04-16',
     "« because » demande un jour\najoutez : today: 2026-04-16"),
    (_TOP + _CASE + "    today: 2026-04-16\n", '"today" needs a "decision" or a "because"',
     "« today » demande un « decision » ou un « because »"),
    (_TOP + "  - name: a\n    until: 2026-01-01\n    expect: []\n",
     "until is not after the beginning, or more than three years later",
     "until n'est pas après le début, ou le suit de plus de trois ans"),
    (_TOP + _CASE + "    expect: []\n    client: {client.late_rate: 40 %}\n",
     "client.late_rate is not known below three paid invoices\nadd: client.invoices_paid: 5",
     "client.late_rate n'est pas connu avec moins de trois factures payées\najoutez : client.invoices_paid: 5"),
    (_TOP + _CASE + "    expect: []\n    invoice: {id: F-1, amount: 1, issued: 2026-03-02, due: 2026-03-01}\n",
     "an invoice is not due before it is issued", "l'échéance d'une facture ne précède pas sa date"),
    (_TOP + _CASE + "    expect: []\n    bank: weekly\n", '"weekly" is not known for bank\ndaily, none or a day',
     "« weekly » n'est pas connu pour bank\ndaily, none ou un jour"),
    (_TOP + _CASE + "    today: 2027-04-16\n    decision: wait\n", "today is not between the beginning and until",
     "today n'est pas entre le début et until"),
    *(
        (_TOP + _CASE + f'    expect: []\n    events: ["{line}"]\n', english, french)
        for line, english, french in [
            ("8 April promise",
             '"8 April promise" is not an event\nwrite it like 2026-04-08 reply.promise date=2026-04-15',
             ("« 8 April promise » n'est pas un événement\n"
             "écrivez par exemple 2026-04-08 reply.promise date=2026-04-15")),
            ("2026-04-08 promise.broken", ('"promise.broken" follows by itself from a promise and its payments\n'
             "write reply.promise"), ("« promise.broken » découle d'une promesse et de ses paiements\n"
             "écrivez reply.promise")),
            ("2026-04-08 bank.payment", "bank.payment needs an amount\nfor example: amount=700",
             "bank.payment demande un montant\npar exemple : amount=700"),
            ("2026-04-38 reply.paid", ('"2026-04-38" is not a value of date\n'
             "write a day like 2026-04-08, an amount like 1200.50"), ("« 2026-04-38 » n'est pas une valeur de date\n"
             "écrivez un jour comme 2026-04-08, un montant comme 1200,50")),
            ("2026-04-08 reply.paid invoice=F-2", 'there is no invoice "F-2"\ndid you mean "F-1"? known: F-1',
             "il n'y a pas de facture « F-2 »\nvouliez-vous dire « F-1 » ? connus : F-1"),
            ("2026-04-08 owner.skipped stepp=x",
             '"stepp=x" is not known for owner.skipped\ndid you mean "step"? known: invoice, letter, step',
             ("« stepp=x » n'est pas connu pour owner.skipped\nvouliez-vous dire « step » ? connus : invoice, letter, "
             "step")),
        ]
    ),
    (_TOP + _CASE + "    expect: [sent reminder_1]\n",
     '"sent reminder_1" is not a mail or act\nwrite it like: 2026-04-07 send reminder_1 firm approve F-041',
     "« sent reminder_1 » n'est ni un message ni un acte\nécrivez : 2026-04-07 send reminder_1 firm approve F-041"),
    (_TOP + _CASE + "    expect: [2026-04-07 send reminder_1 fim]\n",
     '"fim" is not known here\ndid you mean "firm"? known: F-1, approve, direct, firm, neutral, warm',
     "« fim » n'est pas connu ici\nvouliez-vous dire « firm » ? connus : F-1, approve, direct, firm, neutral, warm"),
]  # fmt: skip

LONG = [
    (_TOP + _CASE + '    expect: []\n    events: ["2026-04-08 reply.promis"]\n', 'unknown event "reply.promis"',
     "événement inconnu « reply.promis »"),
    (_TOP + _CASE + "    expect: [2026-04-07 send reminder_9]\n", 'there is no step or reaction "reminder_9"',
     "il n'y a ni étape ni réaction « reminder_9 »"),
    (_TOP.replace("invoice: {", "invoices:\n  - {").replace("}\n", "}\n  - {id: F-2, amount: 5, issued: 2026-03-02, "
     "due: 2026-04-01}\n") + _CASE + '    expect: []\n    events: ["2026-04-08 bank.payment amount=5"]\n',
     "bank.payment is about one invoice\nadd invoice=F-1", "bank.payment concerne une facture\najoutez invoice=F-1"),
]  # fmt: skip


def said_of_suite(text: str, language: str) -> list[str]:
    heading = read_heading(text, "x", language)
    if not isinstance(heading, Heading):
        return [problem.message for problem in heading]
    rules = load_rules(WHOLE, "x", TEMPLATES)
    assert not isinstance(rules, list)
    found = read_suite(heading, "x", rules, language)
    return [problem.message for problem in found] if isinstance(found, list) else []


@pytest.mark.parametrize(("text", "english", "french"), SUITES, ids=range(len(SUITES)))
def test_a_file_of_timelines_is_refused_in_these_words(text, english, french):
    assert english in said_of_suite(text, "en")
    assert french in said_of_suite(text, "fr")


@pytest.mark.parametrize(("text", "english", "french"), LONG, ids=range(len(LONG)))
def test_a_file_of_timelines_is_refused_in_words_that_go_on_with_all_that_is_known(text, english, french):
    assert any(message.startswith(english) for message in said_of_suite(text, "en"))
    assert any(message.startswith(french) for message in said_of_suite(text, "fr"))


# ------------------------------------------------------------------------------------------- none is left out


def first_line(sentence: str) -> re.Pattern[str]:
    """The first line of a sentence of the catalogue, whatever is filled in."""
    parts = re.split(r"\{\w+\}", sentence.partition("\n")[0].replace("{{", "{").replace("}}", "}"))
    return re.compile(".+".join(map(re.escape, parts)) + "$", re.MULTILINE)


def left_out(catalogue: Mapping[str, tuple[str, str]], shown: str) -> list[str]:
    return [key for key, both in catalogue.items() if not all(first_line(sentence).search(shown) for sentence in both)]


def test_every_sentence_about_rules_has_a_case_in_both_languages():
    shown = "\n".join(path.read_text(encoding="utf-8") for path in sorted((CASES / "mistakes").glob("*.txt")))
    shown += "\n".join(text for one in (*SHAPES, *WARNED) for text in one[1:]) + "\n".join(OUTSIDE)

    assert left_out({key: both for key, both in MESSAGES.items() if key != "yaml"}, shown) == []


def test_every_sentence_about_timelines_has_a_case_in_both_languages():
    shown = "\n".join(text for one in (*SUITES, *LONG) for text in one[1:])
    of_the_command = {"unreadable", "not-utf-8", "no-tests"}

    missing = left_out(SUITE_MESSAGES, shown)
    assert {key for key in missing if not key.startswith(FAILED)} == of_the_command
