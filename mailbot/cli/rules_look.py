"""`mailbot rules signals`, `schema`, `help` and `init`: the words of a policy, and a first one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.output import Language, Status, print_json, print_table, say
from mailbot.cli.rules import rule_templates, rules
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION
from mailbot.errors import MailbotError

_LANG = typer.Option(Language.EN, "--lang", help="fr or en.")


@rules.command("signals")
def signals(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a signal on stdout.")] = False,
    client: Annotated[str | None, typer.Option(help="Show what is known of a client today.", metavar="NAME")] = None,
    lang: Language = _LANG,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """List what conditions can ask for and what reactions can react to; with --client, today's values."""
    from mailbot.cli import rules_signals

    if client is not None:
        values = rules_signals.of_client(settings, business, client, now)
        if json:
            for one in values:
                print_json(one)
        else:
            head = ("Signal", "Facture", "Valeur") if lang is Language.FR else ("Signal", "Invoice", "Value")
            print_table(head, [(str(v["signal"]), str(v["invoice"] or ""), rules_signals.shown(v, lang.value))
                               for v in values])  # fmt: skip
        return
    if json:
        for record in rules_signals.records():
            print_json(record)
    else:
        typer.echo(rules_signals.listing(lang.value))


@rules.command("schema")
def schema(lang: Language = _LANG) -> None:
    """Write the JSON Schema of a rules file, for editors with the YAML language server."""
    import json

    from mailbot.rules.schema import schema as written

    typer.echo(json.dumps(written(lang.value, sorted(rule_templates())), ensure_ascii=False, indent=2))


@rules.command("help")
def help_(
    code: Annotated[str | None, typer.Argument(help="A code of `rules check`, such as unknown-key.")] = None,
    lang: Language = _LANG,
) -> None:
    """Explain a code of `rules check`; without one, list them all."""
    from mailbot.rules.codes import CODES, WARNINGS
    from mailbot.rules.messages import nearest

    if code is None:
        print_table(("Code", ""), [(name, one.why(lang.value)) for name, one in CODES.items()])
        return
    found = CODES.get(code)
    if found is None:
        unknown = 'Le code "{}" n\'existe pas ; {}' if lang is Language.FR else 'There is no code "{}"; {}'
        say(unknown.format(code, nearest(lang.value, code, list(CODES))))
        raise typer.Exit(Status.USAGE)
    kinds = ("avertissement", "erreur") if lang is Language.FR else ("warning", "error")
    typer.echo(f"{code} ({kinds[code not in WARNINGS]})\n\n{found.why(lang.value)}")
    titles = ("Au lieu de :", "écrivez :") if lang is Language.FR else ("Instead of:", "write:")
    for title, text in zip(titles, (found.wrong, found.right), strict=True):
        if text:
            typer.echo(f"\n{title}\n" + "\n".join(f"    {line}" for line in text.splitlines()))


@rules.command("init")
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("rules/mine.yaml"),
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing: take flags and defaults.")] = False,
    policy: Annotated[str | None, typer.Option(help="A shipped policy to begin with.", metavar="NAME")] = None,
    holidays: Annotated[str | None, typer.Option(help="Country or region: FR, FR-57, BE.")] = None,
    closed: Annotated[str | None, typer.Option(help="A yearly closure: 08-01..08-21, or none.")] = None,
    hours: Annotated[str | None, typer.Option(help="Hours for mails: 09:00-17:30.")] = None,
    floor: Annotated[str | None, typer.Option(help="Below this nothing is sent: 15 EUR.")] = None,
) -> None:
    """Ask five questions and write a rules file. Overwrites nothing."""
    from mailbot.cli import rules_init

    if file.exists():
        say(f"{file} exists already, and init overwrites nothing: edit it, or name another file.")
        raise typer.Exit(Status.REFUSED)
    given = {"policy": policy, "holidays": holidays, "closed": closed, "hours": hours, "floor": floor}
    text = rules_init.policy_from(given, silent=no_input)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MailbotError(f"{file} cannot be written: {error.strerror}.") from error
    typer.echo(f"wrote {file}")
    typer.echo(f"Next: put `rules: {file}` into mailbot.yaml, then: mailbot rules check")
