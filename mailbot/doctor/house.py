"""Checks of what lies on this machine: settings, rules, secrets, ledger, broker, worker, templates, clock, disk."""

import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.app import App, legal_tables, load_rules_of, read_key
from mailbot.config import secret
from mailbot.doctor.finding import Finding, Severity
from mailbot.doctor.samples import render_all
from mailbot.errors import LedgerError, Locked, MailbotError, SettingsError
from mailbot.law.clocks import next_half_year
from mailbot.law.deadlines import AHEAD, missing_rates
from mailbot.law.tables import half_year
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.store import reading
from mailbot.outbox.tokens import Tokens
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Settings

SMALL_DISK, FULL_DISK = 500_000_000, 50_000_000
"""Bytes: below the first a warning, below the second an error."""
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def rules(app: App, business: Business) -> Finding:
    """The rules are read and without mistakes."""
    place = business.rules or f"the rules that come with mailbot ({business.language})"
    tried = f"read {place}"
    try:
        found, _ = load_rules_of(business, app.templates)
    except SettingsError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        why = f"{error.problems[0]}{more}"
        return Finding("rules", Severity.ERROR, tried, why, f"mailbot rules check {business.rules or ''}".rstrip())
    counts = f"{len(found.profiles)} profiles, {len(found.steps)} steps, {len(found.reactions)} reactions"
    return Finding("rules", Severity.OK, tried, f"{counts}; version {found.hash}")


def rates(app: App, business: Business) -> Finding:
    """The rates that late-payment interest needs are there for this half-year, and soon for the next."""
    day = app.now().astimezone(business.zone).date()
    change = next_half_year(day)
    tried = f"look up the rates of {half_year(day)} for {business.law.country}"
    place = business.law.rates or "a file of your own, named by the setting law.rates"
    try:
        tables = legal_tables(business.law)
    except SettingsError as error:
        return Finding("rates", Severity.ERROR, tried, error.problems[0], f"mend {place}")
    missing = missing_rates(tables, half_year(day), business.law.country)
    if missing:
        found = "missing: the interest of this half-year is refused (C. com. L441-10 II)"
        return Finding("rates", Severity.WARNING, tried, found, f"add to {place}: {missing}")
    soon = change - day <= timedelta(days=AHEAD["rate_change"])
    if soon and (coming := missing_rates(tables, half_year(change), business.law.country)):
        found = f"{half_year(change)} begins on {change.isoformat()} and is missing"
        return Finding("rates", Severity.INFO, tried, found, f"once published, add to {place}: {coming}")
    return Finding("rates", Severity.OK, tried, f"{tables.reference[half_year(day)].percent} % reference rate")


def secrets(settings: Settings) -> Iterator[Finding]:
    """Every secret is there, and only its owner may read it."""
    places = {settings.key_file}
    for business in settings.businesses:
        for section in (business.mailbox, business.smtp):
            if section.password_file is not None and section.password is None:
                places.add(section.password_file)
        if business.smtp.dkim_key_file is not None:
            places.add(business.smtp.dkim_key_file)
        if business.login is not None and business.login.client_secret_file is not None:
            places.add(business.login.client_secret_file)
    for place in sorted(places):
        yield _secret(place, is_key=place == settings.key_file)


def _secret(place: Path, *, is_key: bool) -> Finding:
    tried = f"look at {place}"
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
        empty = place.stat().st_size == 0
    except OSError as error:
        return Finding("secrets", Severity.ERROR, tried, f"{error.strerror}", _make_secret(place, is_key=is_key))
    if empty:
        return Finding("secrets", Severity.ERROR, tried, "it is empty", _make_secret(place, is_key=is_key))
    if mode & _READABLE_BY_OTHERS:
        found = f"others on this machine may use it (mode {mode:04o})"
        return Finding("secrets", Severity.ERROR, tried, found, f"chmod 600 {place}")
    return Finding("secrets", Severity.OK, tried, f"mode {mode:04o}")


def _make_secret(place: Path, *, is_key: bool) -> str:
    if is_key:
        return f"restore {place} from your copy; only if no mail was ever sent: openssl rand -hex 32 > {place}"
    return f"install -D -m 600 /dev/stdin {place}   (then type the password and Ctrl-D)"


def key(app: App) -> Finding:
    """The key makes tokens and reads them again, and is the one that the ledger was begun with."""
    place = app.settings.key_file
    tried = f"make a reply address with {place}"
    try:
        tokens = Tokens(read_key(place))
        tokens = app.tokens
    except SettingsError as error:
        return Finding("key", Severity.ERROR, tried, str(error), _make_secret(place, is_key=True))
    except MailbotError:
        tried += " (the ledger, which knows its own key, is not within reach)"
    read = tokens.read(tokens.reply_address("bot@mailbot.example", "reply", "doctor", 1), "doctor")
    good = read is not None and read.id == 1
    return Finding("key", Severity.OK if good else Severity.ERROR, tried, "its token is read again")


def database(app: App) -> Finding:
    """The ledger opens, has this version's tables, and is read and written."""
    backend = urlsplit(app.settings.database).scheme.partition("+")[0]
    tried = f"open the ledger ({backend}), with the tables of this version"
    try:
        engine = app.engine
        counts = []
        with reading(engine) as conn:
            for business in app.settings.businesses:
                known = len(clients.everyone(conn, business.key))
                counts.append(f"{business.key}: {known} clients, {len(invoices.numbers(conn, business.key))} invoices")
    except Locked as error:
        return Finding("database", Severity.ERROR, tried, str(error), "wait, then: mailbot doctor")
    except MailbotError as error:
        return Finding("database", Severity.ERROR, tried, str(error), "mailbot config show   (see `database`)")
    return Finding("database", Severity.OK, tried, "; ".join(counts))


def templates(app: App, business: Business) -> Finding:
    """Every mail that the rules name can be written, in each language."""
    tried = "write every mail that the rules name, and the digest, in French and English"
    try:
        policy, _ = load_rules_of(business, app.templates)
        mails = [step.mail for step in policy.steps]
        mails += [mail for one in policy.reactions for mail in (one.send, one.then_send, one.answer)]
        written = render_all(app.templates, sorted({mail for mail in mails if mail}))
    except SettingsError as error:
        fix = "pip install --force-reinstall mailbot"
        return Finding("templates", Severity.ERROR, tried, error.problems[0], fix)
    return Finding("templates", Severity.OK, tried, f"{written} mails")


def sandbox(app: App) -> Finding:
    """Documents of strangers can be read in a child process with limits."""
    tried = "read a small mail in a child process with limits"
    try:
        with Sandbox(app.settings.limits.read_bytes, app.settings.limits.reader_seconds,
                     app.settings.limits.reader_memory) as children:  # fmt: skip
            children.run("letter", b"From: a@b.example\r\nSubject: hello\r\n\r\nhello\r\n", owners=[])
    except MailbotError as error:
        fix = "raise limits: reader_memory or reader_seconds in mailbot.yaml"
        return Finding("reader", Severity.ERROR, tried, str(error), fix)
    return Finding("reader", Severity.OK, tried, "it was read")


def clock(app: App, business: Business) -> Finding:
    """The machine's clock did not go back, and the business's hour is what its owner thinks."""
    now = app.now()
    tried = f"compare the clock with the ledger, in {business.timezone}"
    local = f"it is {now.astimezone(business.zone):%A %Y-%m-%d %H:%M} there"
    try:
        with reading(app.engine) as conn:
            ahead = events.between(conn, business.key, now + timedelta(minutes=5), _FAR)
    except LedgerError as error:
        return Finding("clock", Severity.SKIPPED, tried, str(error))
    if ahead:
        found = f"{local}, but the ledger has events up to {max(event.at for event in ahead):%Y-%m-%d %H:%M} UTC"
        return Finding("clock", Severity.ERROR, tried, found, "timedatectl set-ntp true")
    return Finding("clock", Severity.OK, tried, local)


_FAR = datetime(9000, 1, 1, tzinfo=UTC)


def disk(app: App) -> Finding:
    """Room for mails to come."""
    folder = app.settings.key_file.parent
    if app.settings.database.startswith("sqlite:///"):
        folder = Path(app.settings.database.removeprefix("sqlite:///")).parent
    tried = f"measure the free space of {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", Severity.WARNING, tried, str(error.strerror))
    severity = Severity.ERROR if free < FULL_DISK else Severity.WARNING if free < SMALL_DISK else Severity.OK
    fix = None if severity is Severity.OK else f"df -h {folder}   (then free some space)"
    return Finding("disk", severity, tried, f"{free / 1e9:.1f} GB free", fix)


def password(business: Business) -> str | None:
    """Why a password cannot be read; None where both can."""
    try:
        secret(business.mailbox)
        secret(business.smtp)
    except SettingsError as error:
        return error.problems[0]
    return None
