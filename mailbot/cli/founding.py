"""What `init` writes: secrets first, mailbot.yaml last, so that an interrupted run can be begun again."""

import json
import os
import secrets
from pathlib import Path

import typer

from mailbot.cli.answers import SIGN_INS, Answers
from mailbot.cli.output import Status, say
from mailbot.config import load_settings, shipped
from mailbot.doctor.providers import guess

_YAML = """\
# mailbot: who you are and where mail comes in and goes out. `mailbot config show` prints every other setting.
business:
  name: {company}
  owners: {owners}   # they get the digest, and only their mails give orders
  language: {language}
  timezone: {timezone}
{numbers}mailbox: {{imap: {imap}{imap_password}}}
smtp: {{url: {smtp}{smtp_password}}}
{login}rules: rules/{language}.yaml   # when which reminder leaves; after a change: mailbot rules check
mode: shadow   # shadow: the digest says what would have been sent; live: it is sent
database: sqlite:///mailbot.db
"""

_BANK = {
    "forward": "Forward your bank's OFX files to {mailbox}; the bot reads them from your mails.",
    "folder": "Save your bank's OFX files in a folder, and let cron run: mailbot bank import FOLDER",
    "later": "Without bank data nothing is sent to clients: mailbot bank import FILE.ofx",
}

_UNPINNED = (
    "\nNo receiving server is pinned yet: until then only your answers to the bot's own mails are taken as yours. The\n"
    "test below names the server that proves senders, and the line for it under mailbox: (authserv_id: ...)."
)


def found(path: Path, answers: Answers) -> None:
    """Write the installation into the folder of `path`, and say what was written and what comes next."""
    folder = path.parent
    try:
        (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "secrets").chmod(0o700)
        (folder / "rules").mkdir(exist_ok=True)
        texts = {
            **_passwords(answers),
            "secrets/key": secrets.token_hex(32),
            f"rules/{answers.language}.yaml": (shipped("rules") / f"{answers.language}.yaml").read_text("utf-8"),
            path.name: written(answers),
        }
        for name, text in texts.items():
            new = _write(folder / name, text, secret=name.startswith("secrets/"))
            typer.echo(f"{'wrote' if new else 'kept '} {folder / name}")
        load_settings(path, {})
    except OSError as error:
        say(f"{error.filename}: {error.strerror}. Nothing was overwritten; run init again when that is mended.")
        raise typer.Exit(Status.FAILURE) from error
    typer.echo(
        f"\nKeep a copy of {folder / 'secrets/key'}, in your password manager for instance: without it the bot "
        "cannot read answers to mails that it has sent."
    )
    typer.echo(_BANK[answers.bank or "later"].format(mailbox=answers.mailbox))
    typer.echo(_UNPINNED)
    if answers.client_id is not None:
        typer.echo("\nNext: mailbot login   (docs/howto/connect-a-mailbox.md)")
    typer.echo(f"\n{'Next' if answers.client_id is None else 'Then'}: mailbot doctor --send-test")


def _passwords(answers: Answers) -> dict[str, str]:
    """The files with passwords; none where the bot signs in."""
    if answers.client_id is not None:
        return {}
    return {"secrets/imap": answers.password, "secrets/smtp": answers.smtp_password}


def written(answers: Answers) -> str:
    """The text of mailbot.yaml."""
    numbers = [
        f"  {name}: {json.dumps(value)}\n"
        for name, value in (("siren", answers.siren), ("iban", answers.iban))
        if value
    ]
    signs_in = answers.client_id is not None
    provider = SIGN_INS.get(answers.provider or guess(answers.mailbox or "").name, "microsoft")
    login = f"login: {{provider: {provider}, client_id: {json.dumps(answers.client_id)}}}   # then: mailbot login\n"
    return _YAML.format(
        imap_password="" if signs_in else ", password_file: secrets/imap",
        smtp_password="" if signs_in else ", password_file: secrets/smtp",
        login=login if signs_in else "",
        company=json.dumps(answers.company, ensure_ascii=False),
        owners=json.dumps(answers.owners, ensure_ascii=False),
        language=answers.language,
        timezone=answers.timezone,
        numbers="".join(numbers),
        imap=json.dumps(answers.imap),
        smtp=json.dumps(answers.smtp),
    )


def _write(path: Path, text: str, *, secret: bool) -> bool:
    """Make the file; False where it is there already, which stays as it is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text if text.endswith("\n") else f"{text}\n")
    return True
