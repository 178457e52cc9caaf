"""Live the ninety days: servers as processes of their own, the bot as another, the world between them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from mailbot.demo.bills import SELLER
from mailbot.demo.story import BOT, START, cast, credit_notes, invoices
from mailbot.demo.visits import PUBLIC_URL
from mailbot.demo.world import World, local
from mailbot.testing.bot import Bot, install
from mailbot.testing.mail import MailServer
from mailbot.testing.processes import HOST, free_port
from mailbot.testing.provider import Faults
from mailbot.testing.servers import small_mail_world

PASSWORD = "demo-on-loopback"  # noqa: S105  (servers of the demo alone, on loopback)
_WEEKDAY = ((7, 40), (9, 20), (10, 30), (16, 0))
_WEEKEND = ((10, 0),)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that one performance needs; `bot` may be killed and lives on."""

    bot: Bot
    world: World
    smtp: MailServer
    days: int
    settings: Path


def instants(days: int) -> Iterator[datetime]:
    """When the bot looks around: four times on a weekday, once on other days."""
    for offset in range(days):
        day = START + timedelta(days=offset)
        for hour, minute in _WEEKDAY if day.weekday() < 5 else _WEEKEND:
            yield local(day, hour, minute)


def in_a_process_of_its_own(module: str, *arguments: str) -> str:
    """What needs much memory for a moment (the typesetter, the ledger) gives it back by ending; returns its stdout."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)  # noqa: S603  (ours)
    return done.stdout


@contextmanager
def staged(
    out: Path, days: int, seed: int, language: str, settings: dict[str, object] | None = None
) -> Iterator[Stage]:
    """The servers, the installation and the people, ready for the first morning."""
    people, documents = cast(language), out / ".documents"
    in_a_process_of_its_own("mailbot.demo.paperwork", str(documents), language, str(seed))
    users, port = {BOT: PASSWORD, people.owner.email: PASSWORD}, free_port()
    with small_mail_world(out / ".servers", users) as mail:
        # The address of Studio Nord that the owner knew is dead: its mails come back as delivery reports.
        mail.smtp.set_faults(Faults(bounce=(people.client("nord").person.email,)))
        business = {
            "name": SELLER.name, "owners": [people.owner.email], "language": language, "timezone": "Europe/Paris",
            "iban": SELLER.iban, "siren": SELLER.siren, "vat": SELLER.vat, "signature": people.owner.name,
        }  # fmt: skip
        path = install(
            out,
            imap=mail.imap,
            smtp=mail.smtp,
            user=BOT,
            password=PASSWORD,
            business=business,
            settings={**_with_web(port), **(settings or {})},
        )
        listens = f"http://{HOST}:{port}"
        billed = invoices(people, language, seed)
        notes = credit_notes(people, billed)
        world = World(people, billed, notes, language, mail.smtp, PASSWORD, documents, listens)
        world.open_the_books(START, days)
        with Bot(path) as bot:
            yield Stage(bot, world, mail.smtp, days, path)


def _with_web(port: int) -> dict[str, object]:
    """Clients get links to their page; opens, clicks and receipts are recorded of those who agreed."""
    return {
        "web": {"port": port, "public_url": PUBLIC_URL},
        "tracking": dict.fromkeys(("opens", "clicks", "read_receipts"), "with_consent"),
    }


def live(stage: Stage, step: Callable[[datetime], None] = lambda _now: None) -> None:
    """The whole story; `step` is told of every turn that is over (for the progress bar)."""
    for now in instants(stage.days):
        turn(stage, now)
        step(now)
    stage.bot.close()


def turn(stage: Stage, now: datetime) -> None:
    """One instant: what people and bank did until then, then the bot, then people read what came."""
    stage.world.until(now)
    stage.bot.live(now)
    stage.world.notice(now)


def timeline(stage: Stage) -> list[str]:
    """Day, address and subject of every mail that a client got, in order."""
    from email import message_from_bytes
    from email.policy import default

    clients = {email for client in stage.world.cast.clients for email in client.emails}
    rows = []
    for mail in stage.smtp.accepted():
        if mail.sender == BOT and mail.recipient in clients:
            message = message_from_bytes(mail.raw, policy=default)
            day = message["Date"].datetime.date()
            rows.append(f"{day} {mail.recipient} {_first_line(message)}")
    return rows


def _first_line(message: object) -> str:
    body = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    lines = [
        line
        for line in re.split(r"\n+", body)
        if line.strip() and not line.startswith(("Madame", "Bonjour", "Hello", "Dear"))
    ]
    return lines[0].strip()[:70]


def run_demo(days: int, out: Path, seed: int, language: str) -> int:
    """`mailbot demo`: live it behind a progress bar, write the folder, print what a newcomer wants to see."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    _make_room(out)
    console = Console(stderr=True)
    count = sum(1 for _ in instants(days))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with staged(out, days, seed, language) as stage, Progress(*columns, console=console) as bar:
        task = bar.add_task("starting", total=count)
        live(stage, lambda now: bar.update(task, advance=1, description=_when(now.date(), language)))
        report = in_a_process_of_its_own(
            "mailbot.demo.report", str(stage.settings), str(stage.smtp.sink), str(out), language
        )
    shutil.rmtree(out / ".documents", ignore_errors=True)
    shutil.rmtree(out / ".servers", ignore_errors=True)
    Console().print(report, highlight=False, markup=False, soft_wrap=True)
    Console().print({"fr": "== Ensuite ==", "en": "== Next =="}[language])
    Console().print(f"{_as_it_was_started()} init", highlight=False, markup=False, soft_wrap=True)
    return 0


def _when(day: date, language: str) -> str:
    from mailbot.money import write_day

    return write_day(day, language, "medium")


def _as_it_was_started() -> str:
    """`mailbot` where the shell finds it, else the path that works here."""
    if shutil.which("mailbot"):
        return "mailbot"
    return f"{sys.executable} -m mailbot" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


def _make_room(out: Path) -> None:
    """A demo's own folder is made anew; anybody else's folder is left alone."""
    from mailbot.errors import MailbotError

    if out.exists() and any(out.iterdir()) and not (out / "timeline.txt").exists() and not (out / ".servers").exists():
        raise MailbotError(f"{out} exists and is not a demo's folder. Choose another one with --out.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
