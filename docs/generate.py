"""Write the generated pages of docs from the code: `python docs/generate.py` (--check: only compare).

commands.md comes from the help of every command, settings.md from the settings' models, orders.md from the readers
of orders, rules.md from the catalogue of the rules, exit-status.md from the list of exit statuses, mail-providers.md
from the table that `mailbot init` uses; explanation/understanding.md from the lexica, the sentences of the tests and
the figures of benchmarks/inbox.json.
"""

import ast
import importlib
import inspect
import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import typer
import yaml
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined
from typer.testing import CliRunner

from mailbot import cli, settings
from mailbot.app import legal_tables
from mailbot.cli.output import Status
from mailbot.doctor.providers import PROVIDERS
from mailbot.inbox.lexicon import explained
from mailbot.jobs import concluding
from mailbot.owner.orders import parse_orders
from mailbot.rules import reference

HERE = Path(__file__).parent / "reference"
UNDERSTANDING = "../explanation/understanding.md"
_ROOT = Path(__file__).parents[1]
_MADE = "<!-- Made by docs/generate.py: change the code, not this page. -->\n\n"


def main() -> int:
    """Write every page; with --check change nothing and say which are stale (exit status 1)."""
    stale = [name for name, text in pages().items() if _written(HERE / name) != text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/{_place(name)} is stale: run python docs/generate.py")
        return 1 if stale else 0
    for name in stale:
        (HERE / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote docs/{_place(name)}")
    return 0


def _place(name: str) -> str:
    return name.removeprefix("../") if name.startswith("../") else f"reference/{name}"


def pages() -> dict[str, str]:
    """Name of the page → its text."""
    makers: Mapping[str, Callable[[], str]] = {
        "commands.md": commands,
        "settings.md": settings_page,
        "orders.md": orders,
        "rules.md": reference.page,
        "exit-status.md": exit_status,
        "mail-providers.md": providers,
        "rates.md": rates,
        UNDERSTANDING: understanding,
    }
    return {name: make() for name, make in makers.items()}


def understanding() -> str:
    """What the bot understands, and what it asks."""
    cases = {path.stem: path for path in (_ROOT / "tests" / "cases" / "sentences").glob("??.yaml")}
    examples = {name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in cases.items()}
    measured = _ROOT / "benchmarks" / "inbox.json"
    figures = json.loads(measured.read_text(encoding="utf-8"))["mailbot"] if measured.exists() else None
    return _MADE + explained.page(examples, figures)


def _written(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


# ------------------------------------------------------------------------------------------------ commands


_TERMINAL = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
"""Help is folded to the width of the terminal: always this one, whoever runs it."""


def commands() -> str:
    """The help of every command."""
    parts = [f"{_MADE}# Commands\n\nWhat `--help` says. All commands give the same [exit statuses](exit-status.md).\n"]
    for words in command_names():
        called = " ".join(("mailbot", *words))
        shown = CliRunner().invoke(cli.app, [*words, "--help"], prog_name="mailbot", env=_TERMINAL).output
        text = "\n".join(line.rstrip() for line in shown.strip().splitlines())
        parts.append(f"{'#' * (len(words) + 2)} {called}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def command_names() -> Iterator[tuple[str, ...]]:
    """() for mailbot itself, ("run",), ("bank",), ("bank", "read") …"""
    for module in cli._MODULES:
        importlib.import_module(f"mailbot.cli.{module}")
    return _below((), typer.main.get_command(cli.app))


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below((*words, name), inner)


# ------------------------------------------------------------------------------------------------ settings

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("business", settings.Business),
    ("mailbox", settings.Mailbox),
    ("smtp", settings.Smtp),
    ("login", settings.Login),
    ("tracking", settings.Tracking),
    ("digest", settings.Digest),
    ("bank", settings.Bank),
    ("inbox", settings.Inbox),
    ("language_model", settings.LanguageModel),
    ("law", settings.Law),
    ("", settings.Settings),
    ("web", settings.Web),
    ("limits", settings.Limits),
)
_SEPARATE = {
    "law",
    "mailbox",
    "smtp",
    "login",
    "tracking",
    "digest",
    "bank",
    "inbox",
    "language_model",
    "businesses",
    "web",
    "limits",
}
"""Fields that are sections of their own."""
_TOP = {"rules", "mode"}
"""Of a business, but written at the left margin of the short form."""
_MEANING = {
    "business.name": "The company's name, as clients know it.",
    "business.owners": "Who gets the digest and may give orders.",
    "business.language": "The owner's language, and that of clients who are not known to have another.",
    "business.timezone": "Where the business's days begin and end.",
    "business.iban": "Where clients pay. It also tells which account of a bank file is yours.",
    "business.bic": "Shown beside the IBAN.",
    "business.siren": "Nine digits. An invoice that is made out to this number is not yours to chase.",
    "business.vat": "The VAT number; used like the SIREN.",
    "business.pay_url": "A payment page put into reminders: "
    "`https://pay.example/?ref={number}&amount={amount}&currency={currency}`.",
    "mode": "`shadow`: the digest says what would have been sent. `live`: it is sent. "
    "The order `go live` does the same.",
    "mailbox.imap": "The account as a URL: `imaps://name%40firm.example@imap.firm.example:993`.",
    "mailbox.maildir": "A folder instead of an IMAP account, filled by a mail server on this machine.",
    "mailbox.password": "Never in this file: use `password_file`.",
    "mailbox.password_file": "The file that holds the password, relative to mailbot.yaml.",
    "mailbox.folder": "Where new mail arrives.",
    "mailbox.poll_seconds": "How often to look, where the server cannot announce new mail (IDLE).",
    "smtp.url": "The account as a URL: `smtps://name%40firm.example@smtp.firm.example:465`, "
    "or `smtp+starttls://…:587`.",
    "login.provider": "Whose sign-in it is.",
    "login.client_secret": "Never in this file: use `client_secret_file`. Google wants one; a public client of "
    "Microsoft has none.",
    "login.client_secret_file": "The file that holds it, relative to mailbot.yaml.",
    "language_model.key": "Never in this file: use `key_file`.",
    "language_model.key_file": "The file that holds its key, relative to mailbot.yaml.",
    "web.metrics_token": "Never in this file: use `metrics_token_file`.",
    "smtp.password": "Never in this file: use `password_file`.",
    "smtp.password_file": "The file that holds the password, relative to mailbot.yaml.",
    "tracking.opens": "Whether reminders carry a picture that tells of opening. [What it takes](../howto/tracking.md)",
    "tracking.clicks": "Whether visits of the client's page are recorded.",
    "tracking.read_receipts": "Whether reminders ask for a read receipt.",
    "digest.at": "The hour of the digest.",
    "digest.days": "`mon-fri`, `mon,wed,fri` or `daily`.",
    "digest.when": "`always`, or `needed`: only where there is something to decide or to mend.",
    "digest.cash_below": "Tell me when the bank accounts together hold less than so many euros.",
    "bank.days": "`mon-fri`, `mon,wed,fri` or `daily`.",
    "database": "SQLite by default; `postgresql+psycopg://user@host/name` for a server.",
    "redis": "`redis://host:6379/0` where several machines share the work.",
    "key_file": "The secret of the reply addresses. Keep a copy: without it answers to mails already sent are not "
    "recognised.",
    "web.host": "The address that the web part listens on.",
    "web.port": "Its port.",
    "limits.reader_seconds": "How long one document may take to be read.",
    "limits.reader_memory": "Bytes that reading may take.",
    "limits.lease_seconds": "How long a worker may hold a mail before another takes over.",
}


_SETTINGS = """\
# Settings

One file, `mailbot.yaml`, holds all settings. `mailbot init` writes it; `mailbot config show` prints every setting
that is in force and where it comes from. An unknown key is an error that names the nearest known one.

The environment wins over the file: `MAILBOT_SMTP__URL` sets `smtp.url`. A secret is never in the file:
`password_file` names a file that holds it, and so does `MAILBOT_SMTP__PASSWORD_FILE`.

Paths are relative to the folder of mailbot.yaml. The keys below are those of the short form, for one business;
[several businesses](../howto/several-businesses.md) shows the long one.
"""


def settings_page() -> str:
    """Every key of mailbot.yaml."""
    parts = [_MADE + _SETTINGS]
    for section, model in _SECTIONS:
        rows = [
            _row(section, name, model)
            for name in model.model_fields
            if name not in _SEPARATE and not (section == "business" and name in _TOP)
        ]
        if not section:
            rows[:0] = [_row("", name, settings.Business) for name in sorted(_TOP)]
        title = f"`{section}:`" if section else "At the left margin"
        opening = _first_sentence(model) if section else ""
        parts.append(f"## {title}\n\n{opening}{table(('Key', 'Value', 'Default', 'Meaning'), rows)}")
    return "\n".join(parts)


def _row(section: str, name: str, model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields[name]
    return f"`{name}`", _kind(field.annotation), _default(field), _meaning(section, name, model)


def _first_sentence(model: type[BaseModel]) -> str:
    return f"{(inspect.getdoc(model) or '').splitlines()[0]}\n\n"


def _meaning(section: str, name: str, model: type[BaseModel]) -> str:
    """Our words, else the sentence below the field in the code; KeyError where there is neither."""
    dotted = f"{section}.{name}".lstrip(".")
    return _MEANING.get(dotted) or _below_field(model)[name]


def _below_field(model: type[BaseModel]) -> dict[str, str]:
    """Field → the string that stands below it in the source."""
    (found,) = ast.parse(inspect.getsource(model)).body
    body = found.body if isinstance(found, ast.ClassDef) else []
    return {
        field.target.id: " ".join(below.value.value.split())
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


_NAMES = {str: "text", int: "whole number", float: "number", bool: "true, false", Path: "path", SecretStr: "text",
          Decimal: "number", date: "day (`2027-03-31`)"}  # fmt: skip


def _kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(part) for part in get_args(annotation) if part is not type(None))
    if origin is tuple:
        return "list of texts"
    return _NAMES[get_args(annotation)[0] if origin is not None else annotation]


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "**needed**"
    if field.default is None or field.default == "":
        return ""
    shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{shown}`"


# ------------------------------------------------------------------------------------------------ orders

_ORDERS: tuple[tuple[str, str, str, str], ...] = (
    ("answer", "Answer a question of the digest; several at once: `ok 1,3`.", "ok 2", "ok 2"),
    ("paid", "It is paid, in full or this amount.", "payé FA-2026-014 1200", "paid FA-2026-014 1200"),
    (
        "pause",
        "No reminders for so many days, until a date, or until you say `resume`.",
        "pause Dupont 10j",
        "pause Dupont 10d",
    ),
    ("resume", "Reminders go on.", "reprends Dupont", "resume Dupont"),
    (
        "promise",
        "The client promised you to pay by that day.",
        "promesse FA-2026-014 le 5/12/2026",
        "promise FA-2026-014 5/12/2026",
    ),
    (
        "dispute",
        "The client disputes the invoice: it is left alone.",
        "litige FA-2026-014 panneau abîmé",
        "dispute FA-2026-014 damaged panel",
    ),
    ("resolve", "The dispute is over, or you have answered the client.", "clos FA-2026-014", "resolved FA-2026-014"),
    (
        "send",
        "Do not wait any longer: the next reminder leaves at the next sending time.",
        "envoie FA-2026-014",
        "send FA-2026-014",
    ),
    ("skip", "Leave one step out.", "saute FA-2026-014 reminder_1", "skip FA-2026-014 reminder_1"),
    (
        "contact",
        "Write to this address from now on.",
        "contact Dupont compta@dupont.example",
        "contact Dupont accounts@dupont.example",
    ),
    (
        "correct",
        "The bot read the invoice wrongly.",
        "corrige FA-2026-014 échéance 30/11/2026",
        "correct FA-2026-014 due 30/11/2026",
    ),
    ("cancel", "The invoice was cancelled or credited.", "avoir FA-2026-014", "cancel FA-2026-014"),
    ("write_off", "Give the money up.", "abandonne FA-2026-014", "write off FA-2026-014"),
    ("status", "Who owes what.", "état Dupont", "status Dupont"),
    ("why", "Why the client is or is not written to.", "pourquoi FA-2026-014", "why FA-2026-014"),
    ("live", "End shadow mode, or begin again after `stop`; for one client: `go live Dupont`.", "en direct", "go live"),
    ("stop", "Halt everything at once.", "stop", "stop"),
    ("help", "The list of orders.", "aide", "help"),
    ("match", "Say which invoices a question's payment pays.", "rapproche 12 FA-2026-014", "match 12 FA-2026-014"),
    (
        "policy",
        (
            "Gentler, firmer, another profile, or the language to write in (`écris à Dupont en anglais`, "
            "`write to Dupont in German`)."
        ),
        "plus doucement Dupont",
        "gentler Dupont",
    ),
    ("preview", "Show the next mail word for word.", "avant FA-2026-014", "preview FA-2026-014"),
    (
        "reply",
        "Write to the client, in the thread, after the hold of 15 minutes.",
        "réponds FA-2026-014 : merci",
        "reply FA-2026-014: thank you",
    ),
    (
        "notice",
        "The letter of a formal notice, ready to be posted; with a day, that it was posted.",
        "mise en demeure FA-2026-014",
        "formal notice FA-2026-014",
    ),
    ("dossier", "The evidence file of an invoice or a client, by mail.", "dossier FA-2026-014", "file FA-2026-014"),
    (
        "legal_step",
        "At court or in an insolvency, with its day: `payment order` (`served`), `lawsuit`, `bodacc`, `claim filed`.",
        "bodacc Dupont 12/11/2026",
        "claim filed Dupont 20/11/2026",
    ),
    ("digest", "Another hour or other days for the digest; `silence 2 weeks`.", "digest 18h", "digest 18:00"),
    (
        "undo",
        "Take back the last order, an answer (`undo 12`), what a payment was booked on, or a mail that still waits.",
        "annule FA-2026-014",
        "undo 12",
    ),
)


_ORDERS_PAGE = """\
# Orders

Write them at the top of a reply to any mail of the bot, one a line, in French or English. Accents and capital letters
do not matter. `mailbot do "ORDER"` takes the same words. The bot answers each line with one sentence.

What an order is about is an invoice number, a client (name or part of it), the number of a question, or `all`. Where
it could be several things, nothing is changed and the bot asks. `it` (`le même`) is what the line before named, and
`FA-1, FA-2` are two orders in one line.

"""
_ORDERS_END = """
## Twice before it acts

Writing off, cancelling, a formal notice, going live, "paid" for all of a client that owes 10,000 or more, and resuming
more than ten late clients wait for a word of one use: the bot says what would happen and how to confirm it
(`ok 12 KXPT`). A mail that answers none of the bot's own has to confirm whatever sends, redirects or changes a booking.
`stop` acts at once.

## What is no order

A question ("paid FA-1?"), a condition ("if Dupont does not pay ..."), quoted or forwarded text, and anything below a
signature. Two orders of one mail that contradict each other are both left undone. A line that is not understood is
answered with the nearest order.
"""


def orders() -> str:
    """What an owner can write; each example is read by the reader of orders itself."""
    for verb, _, french, english in _ORDERS:
        for language, line in (("fr", french), ("en", english)):
            found, _unknown = parse_orders(line, language)
            if [order.verb for order in found] != [verb]:
                raise SystemExit(f'"{line}" is read as {[order.verb for order in found]}, not as {verb}')
    listed = {verb for verb, *_ in _ORDERS}
    if missing := set(concluding.ORDERS) - listed:
        raise SystemExit(f"orders without a line in docs/generate.py: {', '.join(sorted(missing))}")
    return (
        _MADE
        + _ORDERS_PAGE
        + table(("What it does", "French", "English"), [_order_row(row) for row in _ORDERS])
        + _ORDERS_END
    )


def _order_row(row: tuple[str, str, str, str]) -> tuple[str, ...]:
    return (row[1], f"`{row[2]}`", f"`{row[3]}`")


# ------------------------------------------------------------------------------------------------ exit status

_STATUS = {
    "DONE": "Done.",
    "FAILURE": "It failed; the sentence on stderr says why.",
    "USAGE": "The command was written wrongly.",
    "INVALID": "Settings or rules have mistakes; all of them are listed.",
    "CHECK_FAILED": "A check failed (`doctor`, `health`).",
    "REFUSED": "Refused, because it could do harm (`init` overwrites nothing).",
    "PARTLY": "Partly done: some of the files could not be read.",
    "NOT_INITIALISED": "There is no mailbot.yaml here: run `mailbot init`.",
    "LOCKED": "Another mailbot has this place: a second clock, a second watcher of one mailbox, or a migration.",
    "INTERRUPTED": "Stopped by Ctrl-C.",
}


def exit_status() -> str:
    """The same numbers in every command."""
    rows = [(str(int(status)), _STATUS[status.name]) for status in Status]
    return f"{_MADE}# Exit statuses\n\nThe same in every command.\n\n" + table(("Status", "Meaning"), rows)


_RATES = """\
# Rates and rules of the law

What `mailbot owed` and the letters count with, as it ships in `rules/legal/`. A half-year that is not here is refused,
never guessed; [your own file](../explanation/owed.md#a-rate-that-is-missing) adds it. Have the table signed off by
whoever answers for your figures.
"""


def rates() -> str:
    """The tables of the law, each figure with its source."""
    tables = legal_tables(settings.Law())
    head = ("Half-year", "Percent", "Read where")
    parts = [_MADE + _RATES]
    for title, known in (
        ("ECB main refinancing rate on the first day", tables.reference),
        ("French legal rate, creditor a professional", tables.legal),
    ):
        rows = [(half, f"{rate.percent}", rate.source) for half, rate in sorted(known.items())]
        parts.append(f"## {title}\n\n{table(head, rows)}")
    for code, country in sorted(tables.countries.items()):
        rows = [
            (name, rule.since.isoformat(), f"{rule.value}", rule.article["en"], rule.source)
            for name in ("default", "floor", "indemnity", "consumer")
            for rule in getattr(country, name)
        ]
        head = ("Rule", "Since", "Figure", "Article", "Read where")
        parts.append(f"## {country.names['en']} (`country: {code}`)\n\n{table(head, rows)}")
    parts.append(_RULES_OF_RATES)
    return "\n".join(parts)


_RULES_OF_RATES = """\
default: points above the ECB rate (in Belgium the sum is rounded up to the half point) · floor: how many times the
legal rate a contract rate is at least · indemnity: euros for each late invoice or instalment · consumer: without a
contract rate, 1 × the legal rate from the day after a formal notice.
"""


def providers() -> str:
    """The servers that `mailbot init` proposes."""
    rows = [(one.name, f"`{one.imap}`", f"`{one.smtp}`", one.hint) for one in PROVIDERS]
    return (
        f"{_MADE}# Mail providers\n\nThe servers that `mailbot init` proposes (`--provider NAME`). For any other\n"
        "domain it proposes `imap.` and `smtp.` before the domain. How to begin:\n"
        "[connect a mailbox](../howto/connect-a-mailbox.md).\n\n"
        + table(("Name", "IMAP", "SMTP", "Good to know"), rows)
    )


if __name__ == "__main__":
    sys.exit(main())
