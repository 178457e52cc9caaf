"""The page "What the bot understands, and what it asks": from the lexica, tested sentences and measured figures."""

from collections.abc import Mapping, Sequence

from mailbot.inbox.lexicon import LANGUAGES, lexicon
from mailbot.model import Intent

Examples = Mapping[str, Mapping[str, Sequence[str]]]
"""Language → intent → sentences that the tests hold the reader to."""
Figures = Mapping[str, object]
"""What `benchmarks/inbox.py --json` prints under "mailbot"."""

NAMES = {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian", "nl": "Dutch"}
_MEANINGS: Mapping[Intent, tuple[str, str]] = {
    Intent.PROMISE: ("will pay, or payment is scheduled", "reminders wait for the day, then for the transfer"),
    Intent.PAID: ("has paid", "reminders wait some days for the bank"),
    Intent.DISPUTE: ("contests the invoice", "reminders wait until you decide"),
    Intent.INSTALMENTS: ("asks for parts or a delay", "reminders wait until you decide"),
    Intent.DOCUMENT_REQUEST: ("wants a document, or never got the invoice", "reminders wait until you have answered"),
    Intent.WRONG_CONTACT: ("is not the right person", "reminders wait until you give an address"),
    Intent.INSOLVENCY: ("is insolvent", "reminders wait until you decide"),
    Intent.REFUSAL: ("will not pay, without a ground", "reminders wait until you decide"),
    Intent.STOP: ("asks not to be written to", "reminders wait until you decide"),
    Intent.QUESTION: ("asks something else", "reminders wait until you have answered"),
    Intent.ACKNOWLEDGED: ("thanks or takes note", "nothing changes"),
    Intent.UNRELATED: ("is about something else", "you say whether it is"),
}
_SHOWN = {
    "intent": "what the client means, first choice",
    **{f"intent {language}": f"the same in {name}" for language, name in NAMES.items()},
    "promise_date": "the day of a promise",
    "paid_date": "the day of a payment",
    "return_date": "the day of return of an absence",
    "new_contact": "another address named",
    "invoice numbers": "the invoices named",
    "new text of replies": "where the new text ends and the quote begins",
}
_INTRO = """\
# What the bot understands, and what it asks

A client simply replies. The bot reads the new words of the reply, without what it quotes and without the signature,
clause by clause: what is denied, on a condition, asked or meant as a joke does not count, and what was paid is told
from what will be. It uses lists of phrases and words on your machine; nothing is sent anywhere.

"""
_DOUBT = """\
## When it asks you

It acts by itself only where a phrase says so and nothing in the mail speaks against it. It asks you, with its guess and
the words it rests on, where

- a clause has words that nobody accounts for: they may be a complaint ("I'll pay on Friday. The floor still creaks.");
- a promise hangs on a condition ("once our client has paid us") or is hedged ("perhaps", "we hope to");
- only a part is paid or promised ("less the three broken chairs", "what was really delivered");
- a payment is only believed or hearsay ("as far as I know"), or is told of as one that was not made or is not to be
  ("should have been paid", "the transfer is cancelled"): then no day is taken from it either;
- words of trouble stand below the signature ("Edit: we dispute this"), or a mail's text and its HTML differ;
- an automatic answer tells of more than an absence ("the company is in liquidation");
- there are signs of a joke ("keep dreaming") or of trouble (a lawyer, a court, an error, money problems);
- two days, or two things that do not go together, are named;
- the language is not certain, the text is very long, or it is not clear where the quote begins.

What holds reminders back is taken more easily than what lets them go on: a dispute read where there is none costs you a
question, a payment read where there is none would cost your money.

## When it was wrong

Answer the bot's question with what the client meant (`12 dispute`), or say so in words ("this was a dispute"). The
letter and your answer are kept as a case. `mailbot read --replay` reads all of them again with the present version and
your own words, says which are right now, and fails where one is wrong.

## Your own words

`inbox: lexicon: words.yaml` in [the settings](../reference/settings.md) names a file with words of your trade, for each
language that you need:

```text
en:
  says:                       # phrases that say something, for each meaning
    dispute: ["(panel|panels) .. delaminat*"]
  denies:                     # phrases that take a meaning back in their clause
    dispute: ["not delaminated"]
  harmless: "scaffold* crane*"  # words that mean nothing beside a promise
  irony: "in another life"    # alternatives, separated by |; also hedges, limits, idle
```

`word*` has any ending, `(a|b)` is one of them, `(a|b)?` may be missing, `..` stands for up to six words.

## A second opinion

A language model may be asked about replies that are not understood: any OpenAI-compatible server, off until the
settings name one (`language_model:`). Only the new words of such a reply go there, never an order of yours. Its answer
counts only with words that stand in the reply, and it never makes the bot act on a promise, a payment or thanks.
"""


def page(examples: Examples, figures: Figures | None) -> str:
    """The page in Markdown; without `figures` the part about how well it works is left out."""
    parts = [_INTRO, _meanings(examples), _DOUBT]
    if figures:
        parts.append(_measured(figures))
    parts.append(_sizes())
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _meanings(examples: Examples) -> str:
    rows = [("The client …", "Then", "Name", "For instance")]
    for intent, (meaning, then) in _MEANINGS.items():
        sentence = next(iter(examples.get("en", {}).get(intent.value, ())), "")
        rows.append((meaning, then, f"`{intent.value}`", sentence))
    told = "So do the shipped rules; [yours](../howto/change-the-rules.md) may differ."
    return f"## What it understands\n\n{told}\n\n{_table(rows)}"


def _measured(figures: Figures) -> str:
    rows = [("", "right", "of")]
    for name, shown in _SHOWN.items():
        found = figures.get(name)
        if isinstance(found, Mapping):
            rows.append((shown, str(found["right"]), str(found["of"])))
    told = (
        f"Of {figures.get('replies')} replies, {figures.get('not_sure')} were asked about; "
        f"{figures.get('sure_and_harmful')} were acted on in a way that does harm. "
        "`python benchmarks/inbox.py` measures it again. These are the graded mails that the tests hold the reader to; "
        "of mails that it has never seen it asks about more, and its guesses are wrong more often."
    )
    return f"## How well it works\n\n{told}\n\n{_table(rows)}"


def _sizes() -> str:
    rows = [("", *(NAMES[language] for language in LANGUAGES))]
    for intent in _MEANINGS:
        counts = [sum(one.intent is intent for one in lexicon(language).says.all) for language in LANGUAGES]
        rows.append((f"`{intent.value}`", *map(str, counts)))
    whole = [str(len(lexicon(language).says.all)) for language in LANGUAGES]
    rows.append(("together", *whole))
    text = "Patterns for each meaning; one stands for many phrasings. They are files in `mailbot/inbox/lexicon/`."
    return f"## The lexica\n\n{text}\n\n{_table(rows)}"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, tuple("---" for _ in head), *body]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
