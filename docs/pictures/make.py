"""Make the README's pictures from the demo's own mails: `python docs/pictures/make.py [DEMO_FOLDER]`.

Without a folder it lives the English demo first. Needs Chromium. The digest is the one with most sections of those that
ask something, the reminder the first mail to a client that has the invoice attached.
"""

import base64
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

HERE = Path(__file__).parent
BOT = "factures@atelier-martin.example"
WIDTH = 680
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--hide-scrollbars", "--virtual-time-budget=1000",
)  # fmt: skip
_MEASURE = "<script>document.title = 'height ' + Math.ceil(document.documentElement.scrollHeight)</script>"
_SECTION = re.compile(r"^[A-Z][A-Z ,]+\(\d+\)", re.MULTILINE)


def main() -> None:
    """Write digest.png and reminder.png beside this file."""
    with tempfile.TemporaryDirectory() as scratch:
        demo = Path(sys.argv[1]) if len(sys.argv) > 1 else live_demo(Path(scratch) / "demo")
        sent = list(mails_of_the_bot(demo))
        digest = max(sent, key=tells_most)
        reminder = next(mail for mail in sent if any(mail.iter_attachments()))
        for name, mail in (("digest", digest), ("reminder", reminder)):
            page = Path(scratch) / f"{name}.html"
            page.write_text(with_pictures(mail), encoding="utf-8")
            photograph(page, HERE / f"{name}.png")
            print(f"{name}.png: {mail['Subject']} ({(HERE / f'{name}.png').stat().st_size} bytes)")


def tells_most(mail: EmailMessage) -> tuple[bool, int, float]:
    """To choose the digest by: something to decide, most sections, latest."""
    text = text_of(mail, "plain")
    return "TO DECIDE (" in text, len(_SECTION.findall(text)), mail["Date"].datetime.timestamp()


def live_demo(out: Path) -> Path:
    """The whole story in English."""
    command = [sys.executable, "-m", "mailbot", "demo", "--language", "en", "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return out


def mails_of_the_bot(demo: Path) -> Iterator[EmailMessage]:
    """In order of time; only those with HTML."""
    for path in sorted((demo / "mail").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if isinstance(mail, EmailMessage) and BOT in mail["From"] and mail.get_body(("html",)):
            yield mail


def text_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body else ""


def with_pictures(mail: EmailMessage) -> str:
    """The mail's page with the pictures that travel beside it."""
    html = text_of(mail, "html")
    for part in mail.walk():
        name = str(part["Content-ID"] or "").strip("<> ")
        if name and part.get_content_maintype() == "image":
            content = base64.b64encode(part.get_payload(decode=True)).decode()
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{content}")
    return html


def photograph(page: Path, picture: Path) -> None:
    """The whole page, no higher than it is."""
    measured = page.with_suffix(".measured.html")
    measured.write_text(page.read_text(encoding="utf-8") + _MEASURE, encoding="utf-8")
    shown = chromium("--dump-dom", f"--window-size={WIDTH},100", str(measured))
    found = re.search(r"<title>height (\d+)</title>", shown)
    if found is None:
        raise SystemExit(f"Chromium did not measure {page.name}.")
    chromium(f"--screenshot={picture}", f"--window-size={WIDTH},{found[1]}", str(page))


def chromium(*arguments: str) -> str:
    """Run Chromium with a profile of its own; what it printed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("Chromium is missing; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *_OPTIONS, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603 - our own pages


if __name__ == "__main__":
    main()
