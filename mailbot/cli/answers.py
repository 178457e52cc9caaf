"""The seven questions of `init`: each is asked until its answer is good, or taken from a flag."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter, ValidationError

from mailbot.cli.output import Status, say
from mailbot.doctor.providers import PROVIDERS, Provider, guess, with_user
from mailbot.errors import MailbotError
from mailbot.imap import parse_url
from mailbot.settings import Business


@dataclass
class Answers:
    """What is known so far; None is not answered, "" is left out on purpose."""

    mailbox: str | None = None
    provider: str | None = None
    imap: str | None = None
    smtp: str | None = None
    owners: list[str] = field(default_factory=list)
    company: str | None = None
    siren: str | None = None
    iban: str | None = None
    language: str | None = None
    timezone: str | None = None
    password_file: Path | None = None
    smtp_password_file: Path | None = None
    client_id: str | None = None
    """Of an application at the provider: the bot signs in instead of using a password."""
    bank: str | None = None
    password: str = field(default="", repr=False)
    smtp_password: str = field(default="", repr=False)


SIGN_INS = {"outlook": "microsoft", "gmail": "google"}
"""Where `mailbot login` works without settings of one's own."""
_ITS_OWN = "an owner's address cannot be the mailbox: the bot needs one of its own, whose mails it files away"


def ask(given: Answers, *, silent: bool) -> Answers:
    """Check what was given and ask for the rest. `silent`: exit status 2 with all that is missing or wrong."""
    if silent:
        return _checked(given)
    say("Seven questions. Enter takes what stands in [brackets]; Ctrl-C leaves everything as it is.\n")
    _ask_mailbox(given)
    given.owners = _until_good(
        partial(_owners, given.mailbox or ""),
        "2. Your own address: it gets the digest and gives orders (several: with commas)",
        ", ".join(given.owners),
    )
    given.company = _until_good(_name, "3. Name of the company, as it stands on invoices", given.company)
    given.siren = _until_good(partial(_optional, "siren"), "   Its SIREN (Enter: none)", given.siren or "")
    given.iban = _until_good(partial(_optional, "iban"), "4. IBAN that clients pay to (Enter: none)", given.iban or "")
    given.language = _until_good(
        partial(_checked_field, "language"), "5. Language of the mails, fr or en", given.language or "fr"
    )
    given.timezone = _until_good(partial(_checked_field, "timezone"), "   Time zone", given.timezone or "Europe/Paris")
    _ask_passwords(given)
    given.bank = _until_good(
        _bank, "7. Bank data: forward its files by mail, take them from a folder, or later "
        "(forward, folder, later)", given.bank or "forward",
    )  # fmt: skip
    return given


def _checked(given: Answers) -> Answers:
    """Everything from flags, all mistakes at once."""
    wrong: list[str] = []

    def check(flag: str, test: Callable[[str], Any], text: str | None) -> Any:
        if text is None:
            wrong.append(f"{flag} is missing")
            return None
        try:
            return test(text)
        except ValueError as error:
            wrong.append(f"{flag}: {error}")
            return None

    given.mailbox = check("--mailbox", _address, given.mailbox)
    given.owners = check("--owner", _addresses, ",".join(given.owners) or None)
    given.company = check("--company", _name, given.company)
    given.siren = check("--siren", partial(_optional, "siren"), given.siren or "")
    given.iban = check("--iban", partial(_optional, "iban"), given.iban or "")
    given.language = check("--language", partial(_checked_field, "language"), given.language or "fr")
    given.timezone = check("--timezone", partial(_checked_field, "timezone"), given.timezone or "Europe/Paris")
    given.bank = given.bank or "later"
    if given.client_id is None:
        given.password = check("--password-file", _file, _path(given.password_file)) or ""
        given.smtp_password = (
            check("--smtp-password-file", _file, _path(given.smtp_password_file))
            if given.smtp_password_file
            else given.password
        ) or ""
    elif given.mailbox and _provider(given).name not in SIGN_INS:
        wrong.append("--client-id: only with outlook or gmail; for others see `login:` in docs/reference/settings.md")
    if given.mailbox:
        try:
            _place(given, _provider(given))
        except ValueError as error:
            wrong.append(str(error))
    if given.mailbox in (given.owners or []):
        wrong.append(_ITS_OWN)
    if wrong:
        say("\n".join(wrong))
        raise typer.Exit(Status.USAGE)
    return given


def _ask_mailbox(given: Answers) -> None:
    given.mailbox = _until_good(_address, "1. Address of the bot's own mailbox", given.mailbox)
    known = guess(given.mailbox)
    if given.provider is None and known.name == "other" and not (given.imap and given.smtp):
        names = ", ".join(one.name for one in PROVIDERS)
        given.provider = _until_good(_known_provider, f"   Who hosts it? {names}, or other", "other")
    given.provider = None if given.provider == "other" else given.provider
    found = _provider(given)
    if found.hint:
        say(f"   {found.hint}")
    given.imap = _until_good(partial(_imap, given.mailbox), "   IMAP server", given.imap or found.imap)
    given.smtp = _until_good(partial(_smtp, given.mailbox), "   SMTP server", given.smtp or found.smtp)


def _ask_passwords(given: Answers) -> None:
    if given.client_id is None and given.password_file is None and _provider(given).name == "outlook":
        given.client_id = _until_good(str, "6. Application (client) ID at Microsoft (Enter: a password)", "") or None
    if given.client_id is not None:
        return
    if given.password_file is not None:
        given.password = _until_good(_file, "6. File with the mailbox's password", str(given.password_file))
    else:
        given.password = _hidden("6. Password of the mailbox (not shown)")
    if given.smtp_password_file is not None:
        given.smtp_password = _until_good(_file, "   File for sending", str(given.smtp_password_file))
        return
    other = typer.prompt("   Password for sending (Enter: the same)", default="", hide_input=True,
                         show_default=False, err=True)  # fmt: skip
    given.smtp_password = other or given.password


def _hidden(question: str) -> str:
    while not (typed := str(typer.prompt(question, default="", hide_input=True, show_default=False, err=True))):
        say("   The bot cannot log in without one.")
    return typed


def _until_good(test: Callable[[str], Any], question: str, default: str | None) -> Any:
    """Ask again until the answer passes; what stands in brackets counts for an empty one."""
    while True:
        text = typer.prompt(question, default=default, show_default=bool(default), err=True)
        try:
            return test(str(text).strip())
        except ValueError as error:
            say(f"   {error}")


def _checked_field(name: str, text: str) -> Any:
    """The value as mailbot.yaml would take it; raises ValueError with its sentence."""
    adapter = TypeAdapter(Business.model_fields[name].rebuild_annotation())
    try:
        return adapter.validate_python(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def _optional(name: str, text: str) -> Any:
    return _checked_field(name, text) if text else ""


def _addresses(text: str) -> list[str]:
    found = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not found:
        raise ValueError("at least one address is needed")
    return [_address(part) for part in found]


def _owners(mailbox: str, text: str) -> list[str]:
    found = _addresses(text)
    if mailbox in found:
        raise ValueError(_ITS_OWN)
    return found


def _address(text: str) -> str:
    adapter = TypeAdapter(Business.model_fields["owners"].rebuild_annotation())
    try:
        return str(adapter.validate_python([text])[0])
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def _name(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("the name of the company is needed: it signs the mails")
    return text


def _bank(text: str) -> str:
    if text not in ("forward", "folder", "later"):
        raise ValueError(f'"{text}" is not one of forward, folder and later')
    return text


def _known_provider(text: str) -> str:
    if text != "other":
        _named(text)
    return text


def _named(text: str) -> Provider:
    try:
        return guess("", text)
    except KeyError:
        names = ", ".join(one.name for one in PROVIDERS)
        raise ValueError(f'"{text}" is no provider that mailbot knows ({names})') from None


def _provider(given: Answers) -> Provider:
    return _named(given.provider) if given.provider else guess(given.mailbox or "")


def _place(given: Answers, found: Provider) -> None:
    address = given.mailbox or ""
    given.imap = _imap(address, given.imap or found.imap)
    given.smtp = _smtp(address, given.smtp or found.smtp)


def _imap(address: str, text: str) -> str:
    """The URL with its user; `imap.firm.example` alone is taken as imaps on port 993."""
    url = _url(address, text, "imaps")
    try:
        parse_url(url)
    except MailbotError as error:
        raise ValueError(str(error)) from error
    return url


def _smtp(address: str, text: str) -> str:
    from mailbot.outbox.smtp import Mailer

    url = _url(address, text, "smtps")
    try:
        Mailer(url)
    except MailbotError as error:
        raise ValueError(str(error)) from error
    return url


def _url(address: str, text: str, scheme: str) -> str:
    server = text if "://" in text else f"{scheme}://{text}"
    return server if "@" in server else with_user(server, address)


def _file(text: str) -> str:
    try:
        found = Path(text).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{text} cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not found:
        raise ValueError(f"{text} is empty")
    return found


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
