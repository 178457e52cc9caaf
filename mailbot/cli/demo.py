"""`mailbot demo`: the whole job in a minute, on servers of its own."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.errors import MailbotError

_OUT = Path("mailbot-demo")


class Language(StrEnum):
    """The language of the story."""

    FR = "fr"
    EN = "en"


@app.command("demo")
def demo(
    days: int = typer.Option(90, min=1, max=366, help="How many days the story lasts."),
    out: Annotated[Path, typer.Option(help="The folder for all mails, the digest and the reasons.")] = _OUT,
    seed: int = typer.Option(1, help="The same seed tells the same story."),
    language: Annotated[Language, typer.Option(help="The language of the story.")] = Language.FR,
) -> None:
    """Live 90 days in a minute: nine clients, real mail servers on this machine, nothing leaves it."""
    missing = [package for package in ("aiosmtpd", "pymap", "typst") if find_spec(package) is None]
    if missing:
        raise MailbotError(f"The demo needs {', '.join(missing)}: pip install 'mailbot[demo]'")
    from mailbot.demo.run import run_demo

    raise typer.Exit(run_demo(days, out, seed, language.value))
