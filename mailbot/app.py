"""The only place that builds engine, sandbox, mailer and mailbox, and that reads the clock."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Engine

from mailbot.config import Source, load_settings, model_key, secret, shipped
from mailbot.errors import LedgerError, Locked, NotInitialised, SettingsError
from mailbot.inbox.lexicon.own import own_words
from mailbot.inbox.maildir import Maildir
from mailbot.inbox.watch import ImapBox
from mailbot.jobs import rulebook
from mailbot.jobs.filing import files_by_itself
from mailbot.jobs.intake import Box
from mailbot.jobs.office import Office
from mailbot.jobs.sending import Evidence, Worker
from mailbot.jobs.signing_in import Door, access_token, auth_server, give_up
from mailbot.languagemodel import LanguageModel
from mailbot.law.tables import File, Tables, read_tables
from mailbot.ledger import businesses, decisions, installation, leases
from mailbot.ledger.copying import put_back
from mailbot.ledger.group import Group
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.oauth import Bearer, Secret
from mailbot.outbox import dkim
from mailbot.outbox.compose import Templates
from mailbot.outbox.dkim import Key
from mailbot.outbox.reconcile import Archive, SentFolder
from mailbot.outbox.session import USUAL, Timeouts
from mailbot.outbox.smtp import Mailer
from mailbot.outbox.tokens import Tokens
from mailbot.process import is_dead, is_seen, own_name
from mailbot.rules.language import Rules
from mailbot.rulesfile import TO_OWNERS, RulesFile, checked, is_being_written, read_rules_file
from mailbot.sandbox import Sandbox
from mailbot.sealing import Seal
from mailbot.settings import Business, Law, Limits, Mailbox, Settings, Smtp
from mailbot.yamlfile import read_settings

MIGRATION_SECONDS = 30
"""How long a start waits for another process's migration."""

SINGLETON_SECONDS = 45
"""How long a clock or watcher that fell silent on another machine keeps its place."""

OTHER_KEY = (
    "{path}: this is not the key that the ledger was begun with, so answers to mails already sent would not be "
    "recognised. Restore the key from your back-up; only where it is lost for good: mailbot config accept-key"
)

KEY_BYTES = 16
"""A key with fewer is damaged; `init` makes 32."""


@dataclass
class App:
    """One installation: settings and everything that was built from them. `close` ends its children."""

    settings: Settings
    source: Source
    enqueue: Callable[[str, str, str | int], None] = lambda _job, _business, _id: None
    """Replaced by `workers`; without workers a hint is lost, which loses nothing."""
    instant: datetime | None = None
    """Another day to live on (`--now`); None: the real one."""
    instant_file: Path | None = None
    """A file that says the instant, for processes that live on another day together (`--now-from`)."""
    beat: Callable[[str], None] = lambda _loop: None
    """Called by each loop in every round (`servicemanager.Pulse`)."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The machine's; the leases of singletons always run on it."""
    name: str = field(default_factory=lambda: own_name(secrets.token_hex(4)))
    _offices: dict[str, Office] = field(default_factory=dict)
    _files: dict[str, RulesFile] = field(default_factory=dict)
    _mailers: dict[str, Mailer] = field(default_factory=dict)
    _workers: Iterator[int] = field(default_factory=count)

    def now(self) -> datetime:
        """The instant that everything lives on, in UTC."""
        if self.instant_file is not None:
            return datetime.fromisoformat(self.instant_file.read_text().strip())
        return self.instant or self.clock()

    @cached_property
    def engine(self) -> Engine:
        """The ledger, migrated and with the rows of all businesses."""
        engine = open_ledger(self.settings.database)
        _migrate_in_turn(engine)
        with writing(engine) as conn:
            for business in self.settings.businesses:
                businesses.ensure(conn, business.key, business.name, self.now())
                businesses.owners(conn, business.key, business.owners)
        return engine

    @cached_property
    def group(self) -> Group:
        """The writer that all senders of this process share."""
        return Group(self.engine)

    @cached_property
    def sandbox(self) -> Sandbox:
        limits = self.settings.limits
        return Sandbox(limits.read_bytes, limits.reader_seconds, limits.reader_memory)

    @cached_property
    def templates(self) -> Templates:
        return Templates(shipped("templates"))

    @cached_property
    def key(self) -> bytes:
        """The installation's key. Raises SettingsError where it is lost, or not the one this ledger was begun with."""
        key = read_key(self.settings.key_file)
        mine = Seal(key).fingerprint()
        with reading(self.engine) as conn:
            known = installation.key_fingerprint(conn)
        if known is None:
            with writing(self.engine) as conn:
                installation.keep_key_fingerprint(conn, mine, self.now())
                known = installation.key_fingerprint(conn)
        if known != mine:
            raise SettingsError([OTHER_KEY.format(path=self.settings.key_file)])
        return key

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.key)

    def business(self, key: str | None = None) -> Business:
        """The business of that key; without one the only one. Raises SettingsError."""
        found = [one for one in self.settings.businesses if key in (None, one.key)]
        if len(found) != 1:
            names = ", ".join(one.key for one in self.settings.businesses)
            raise SettingsError([f"Say which business with --business; there are: {names}."])
        return found[0]

    def office(self, key: str) -> Office:
        """What the jobs of one business need, with the rules in force; before there are any, those of its file."""
        business, known = self.business(key), self._offices.get(key)
        with reading(self.engine) as conn:
            version = rulebook.in_force(conn, key)
            kept = decisions.rules_text(conn, key, version) if version is not None else None
        if known is None or (kept is not None and known.rules_text != kept):
            rules, text = self._kept_rules(business, kept) or load_rules_of(business, self.templates)
            self._offices[key] = Office(
                business=business,
                limits=self.settings.limits,
                engine=self.engine,
                rules=rules,
                rules_text=text,
                templates=self.templates,
                tokens=self.tokens,
                sandbox=self.sandbox,
                enqueue=lambda job, whose, number: self.enqueue(job, whose, number),
                public_url=self.settings.web.public_url,
                language_model=language_model(business),
                lexicon=lexicon_of(business),
                dkim=signing_key(business),
                sharing=self.settings.sharing(business),
                tables=legal_tables(business.law),
            )
        return self._offices[key]

    def renewed(self, key: str) -> Office:
        """The same after a look at the rules file: what changed there takes effect, or the owner is told why not."""
        business = self.business(key)
        path, mails = rules_path(business), self.templates.names() - TO_OWNERS
        if not is_being_written(path):
            found = read_rules_file(path, mails, business.language, known=self._files.get(key))
            self._files[key] = found
            rulebook.take_up(self.office(key), found, self.now())
        return self.office(key)

    def _kept_rules(self, business: Business, text: str | None) -> tuple[Rules, str] | None:
        """A version that the ledger has kept; None where it can no longer be read, as after an upgrade."""
        if text is None:
            return None
        found = checked(rules_path(business), text, self.templates.names() - TO_OWNERS, business.language)
        return (found.rules, text) if found.rules is not None else None

    def offices(self) -> list[Office]:
        return [self.office(business.key) for business in self.settings.businesses]

    def box(self, business: Business) -> Box:
        """The mailbox that a business is watched by; the caller closes it."""
        return open_box(business, self.secret(business, business.mailbox) or "", self.settings.limits.keep_bytes)

    def secret(self, business: Business, section: Mailbox | Smtp) -> Secret | None:
        """What its server lets us in for: the password, else the sign-in where `login:` is set; None: neither."""
        password = secret(section)
        if password is not None or business.login is None:
            return password
        return Bearer(lambda: access_token(self.door(business)), lambda token: give_up(self.door(business), token))

    def door(self, business: Business) -> Door:
        """The way of a business that signs in without a password. Raises SettingsError."""
        if business.login is None:
            raise SettingsError(["There is no `login:` in mailbot.yaml; docs/howto/connect-a-mailbox.md shows one."])
        server = auth_server(business.login)
        return Door(self.office(business.key), server, Seal(self.key), self.clock, sleep)

    def sent_folder(self, business: Business) -> SentFolder | None:
        """Where copies of sent mails go; the caller closes it. None for a Maildir."""
        if business.mailbox.imap is None:
            return None
        return SentFolder(business.mailbox.imap, self.secret(business, business.mailbox) or "")

    def evidence(self, business: Business) -> Evidence | None:
        """Where to look whether a mail left; None: nowhere, then the owner is asked."""
        box = business.mailbox
        if business.smtp.evidence == "none" or box.imap is None:
            return None
        mine = self.secret(business, box) or ""
        if business.smtp.evidence == "archive":
            return Archive(box.imap, mine, box.folder)
        with reading(self.engine) as conn:
            if not files_by_itself(conn, self.office(business.key)):
                return None  # what lies in Sent was put there by us, so that its absence says nothing
        return SentFolder(box.imap, mine)

    def worker(self, business: Business) -> Worker:
        """One who sends: a name of its own, and this process's connections."""
        if business.key not in self._mailers:
            smtp = business.smtp
            timeouts = timeouts_of(self.settings.limits)
            self._mailers[business.key] = Mailer(
                smtp.url, self.secret(business, smtp), connections=smtp.connections, timeouts=timeouts,
                report_success=smtp.report_success,
            )  # fmt: skip
        return Worker(f"{self.name}/{next(self._workers)}", self._mailers[business.key], self.now, self.group)

    def take_singleton(self, role: str) -> None:
        """Be the only clock or watcher; a dead holder on this machine is followed at once. Raises Locked."""
        now = self.clock()
        with writing(self.engine) as conn:
            if leases.take(conn, role, self.name, now, SINGLETON_SECONDS):
                return
            holder = leases.holder(conn, role, now) or ""
            if is_dead(holder):
                leases.drop(conn, role, holder)
                leases.take(conn, role, self.name, now, SINGLETON_SECONDS)
                return
        raise Locked(
            f"Another mailbot ({holder}) is already the {role}. Stop it first, or start this one without that part."
        )

    def is_running(self, role: str) -> bool:
        """Whether the holder of the place can be seen to live."""
        with reading(self.engine) as conn:
            return is_seen(leases.holder(conn, role, self.clock()) or "")

    def drop_singleton(self, role: str) -> None:
        """Give the place free at a graceful stop."""
        with writing(self.engine) as conn:
            leases.drop(conn, role, self.name)

    def free_places_of_the_dead(self) -> None:
        """At a start: what processes of this machine held when they were killed need not wait for its time."""
        with writing(self.engine) as conn:
            for name, holder in leases.held(conn):
                if is_dead(holder) and not holder.startswith(self.name):
                    leases.drop(conn, name, holder)

    def restore(self, backup: Path, prepare: Callable[[str], None]) -> Path | None:
        """Put a copy in the ledger's place; where the old ledger lies. Raises Locked while a mailbot runs on it.

        `prepare`: see `ledger.copying.put_back`.
        """
        with suppress(LedgerError, NotInitialised), reading(open_ledger(self.settings.database)) as conn:
            alive = [who for name, who in leases.held(conn) if leases.holder(conn, name, self.clock()) == who]
            if holder := next((who for who in alive if not is_dead(who)), None):
                raise Locked(f"A mailbot ({holder}) is running. Stop it first.")
        return put_back(backup, self.settings.database, f"before-{self.clock():%Y%m%d-%H%M%S}", prepare)

    def close(self) -> None:
        """End the children; the ledger needs no farewell."""
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        if "engine" in self.__dict__:
            self.engine.dispose()


def open_app(path: Path, environment: Mapping[str, str]) -> App:
    """The installation that a mailbot.yaml describes. Raises NotInitialised or SettingsError."""
    settings, source = load_settings(path, environment)
    return App(settings, source)


def timeouts_of(limits: Limits) -> Timeouts:
    """Nobody waits for a server longer than until another worker may send the same mail again."""
    patience = limits.lease_seconds + limits.grace_seconds
    usual = USUAL
    return Timeouts(
        connect=min(usual.connect, patience * 0.3), command=min(usual.command, patience * 0.3),
        dot=min(usual.dot, patience * 0.6), idle=usual.idle, stale=min(usual.stale, limits.lease_seconds),
        arm=min(usual.arm, limits.lease_seconds),
    )  # fmt: skip


def _migrate_in_turn(engine: Engine) -> None:
    """The parts of an installation start together, and one of them migrates: the others wait, but not for ever."""
    deadline = monotonic() + MIGRATION_SECONDS
    while True:
        try:
            return migrate(engine)
        except Locked:
            if monotonic() > deadline:
                raise
            sleep(0.2)


def open_box(business: Business, mine: Secret, keep_bytes: int) -> Box:
    """The mailbox of a business."""
    mailbox = business.mailbox
    if mailbox.maildir is not None:
        return Maildir(mailbox.maildir, max_bytes=keep_bytes)
    return ImapBox(mailbox.imap or "", mine, mailbox.folder, max_bytes=keep_bytes)


def language_model(business: Business) -> LanguageModel | None:
    """The language model that the settings name, if any; raises SettingsError."""
    asked = business.language_model
    if asked.endpoint is None:
        return None
    return LanguageModel(asked.endpoint, asked.model, model_key(asked), asked.seconds)


def signing_key(business: Business) -> Key | None:
    """What signs the mails of a business, if anything; raises SettingsError."""
    smtp = business.smtp
    if smtp.dkim_key_file is None or smtp.dkim_selector is None:
        return None
    domain = business.mailbox.mail_address.rpartition("@")[2]
    try:
        return dkim.read_key(smtp.dkim_key_file.read_bytes(), smtp.dkim_selector, domain)
    except OSError as error:
        raise SettingsError([f"{smtp.dkim_key_file}: {error.strerror}. Put the key for DKIM there."]) from error


def lexicon_of(business: Business) -> str | None:
    """The business's own words for reading replies, if any; raises SettingsError with all their mistakes."""
    path = business.inbox.lexicon
    if path is None:
        return None
    try:
        return own_words(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: {error}"]) from error
    except ValueError as error:
        raise SettingsError([f"{path}: {line}" for line in str(error).split("\n")]) from error


def legal_tables(law: Law) -> Tables:
    """The shipped tables of the law with the business's own half-years; raises SettingsError with every mistake."""
    own = law.rates
    return read_tables(_shipped_law(), None if own is None else (str(own), *read_settings(own)))


@cache
def _shipped_law() -> tuple[File, ...]:
    return tuple((path.name, *read_settings(path)) for path in sorted((shipped("rules") / "legal").glob("*.yaml")))


def rules_path(business: Business) -> Path:
    """The rules file of a business: its own, else the shipped one in its language."""
    return business.rules or shipped("rules") / f"{business.language}.yaml"


def load_rules_of(business: Business, templates: Templates) -> tuple[Rules, str]:
    """The rules of a business and their text; raises SettingsError with all their mistakes."""
    found = read_rules_file(rules_path(business), templates.names() - TO_OWNERS, business.language)
    if found.rules is None:
        raise SettingsError(list(found.mistakes))
    return found.rules, found.text


def read_key(path: Path) -> bytes:
    """The key of all tokens; raises SettingsError. Whoever loses it cannot read answers to mails already sent."""
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise SettingsError(
            [f"{path}: the key of the reply addresses is missing or damaged. Restore it from your back-up."]
        )
    return key
