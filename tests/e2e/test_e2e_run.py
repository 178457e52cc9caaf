"""`mailbot run` on the real clock: it watches, answers, tells its health, and stops when told to."""

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from mailbot.demo.bills import SELLER
from mailbot.demo.documents import invoice_pdf
from mailbot.demo.people import forward_invoice
from mailbot.demo.story import BOT, cast, invoices
from mailbot.testing.bot import install
from mailbot.testing.servers import MailWorld, small_mail_world

PASSWORD = "loopback"
OWNER = "claire@atelier-martin.example"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: Path, *parts: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "mailbot", "run", *parts, "--settings", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def installed(folder: Path, world: MailWorld, port: int, **more: object) -> Path:
    business = {"name": SELLER.name, "owners": [OWNER], "iban": SELLER.iban, "siren": SELLER.siren}
    return install(
        folder,
        imap=world.imap,
        smtp=world.smtp,
        user=BOT,
        password=PASSWORD,
        business=business,
        settings={"web": {"port": port}, **more},
    )


def forwarded() -> bytes:
    people = cast("fr")
    bill = invoices(people, "fr", 1)[0].invoice
    return forward_invoice(
        people.owner,
        BOT,
        bill.buyer_email,
        invoice_pdf(bill),
        f"{bill.number}.pdf",
        "Facture",
        datetime.now(UTC),
        "gmail",
    )


def wait_until(found: object, seconds: float = 40) -> object:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = found()  # type: ignore[operator]
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def healthy(port: int) -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
    except httpx.TransportError:
        return None


def test_a_forwarded_invoice_is_confirmed_within_seconds_and_the_bot_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    with (
        small_mail_world(tmp_path / "mail", {BOT: PASSWORD, OWNER: PASSWORD}) as world,
        running(installed(tmp_path / "bot", world, port)) as bot,
    ):
        assert wait_until(lambda: healthy(port)).json()["well"] is True

        with smtplib.SMTP(world.smtp.host, world.smtp.port) as server:
            server.login(OWNER, PASSWORD)
            server.sendmail(OWNER, [BOT], forwarded())
        confirmation = wait_until(lambda: [m for m in world.smtp.accepted(OWNER) if b"FA-2026-0411" in m.raw])

        bot.send_signal(signal.SIGTERM)
        bot.communicate(timeout=40)

    assert len(confirmation) == 1
    assert bot.returncode == 0


def test_a_wrong_token_gets_the_same_picture(tmp_path: Path) -> None:
    port = free_port()
    with (
        small_mail_world(tmp_path / "mail", {BOT: PASSWORD}) as world,
        running(installed(tmp_path / "bot", world, port), "web"),
    ):
        wait_until(lambda: healthy(port))

        wrong = httpx.get(f"http://127.0.0.1:{port}/o/nonsense.gif")
        worse = httpx.get(f"http://127.0.0.1:{port}/o/{'a' * 5000}.gif")

    assert wrong.status_code == worse.status_code == 200
    assert wrong.content == worse.content
    assert wrong.headers["content-type"] == "image/gif"
    assert "set-cookie" not in wrong.headers


def test_nothing_listens_on_other_addresses_than_loopback(tmp_path: Path) -> None:
    port = free_port()
    with (
        small_mail_world(tmp_path / "mail", {BOT: PASSWORD}) as world,
        running(installed(tmp_path / "bot", world, port), "web") as bot,
    ):
        wait_until(lambda: healthy(port))
        listening = _listening(bot.pid)

    assert listening == {"0100007F"}


def _listening(pid: int) -> set[str]:
    """Local addresses (hexadecimal, as the kernel prints them) of the process's listening sockets."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            target = str(entry.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}


def test_the_parts_start_together_and_share_the_work_through_redis(tmp_path: Path, redis_url: str) -> None:
    """`dramatiq mailbot.workers` beside `run watch` and `run clock`, all started at once on an empty ledger."""
    with small_mail_world(tmp_path / "mail", {BOT: PASSWORD, OWNER: PASSWORD}) as world:
        settings = installed(tmp_path / "bot", world, free_port(), redis=redis_url)
        workers = subprocess.Popen(
            [sys.executable, "-m", "dramatiq", "mailbot.workers", "--processes", "2", "--threads", "2"],
            env={**os.environ, "MAILBOT_SETTINGS": str(settings)},
            stderr=subprocess.DEVNULL,
        )
        try:
            with running(settings, "watch") as watch, running(settings, "clock") as clock:
                with smtplib.SMTP(world.smtp.host, world.smtp.port) as server:
                    server.login(OWNER, PASSWORD)
                    server.sendmail(OWNER, [BOT], forwarded())
                confirmation = wait_until(
                    lambda: [m for m in world.smtp.accepted(OWNER) if b"FA-2026-0411" in m.raw], 90
                )
                alive = watch.poll() is None and clock.poll() is None
        finally:
            workers.terminate()
            workers.wait(timeout=60)

    assert len(confirmation) == 1
    assert alive
    assert workers.returncode == 0
