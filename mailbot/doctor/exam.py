"""The checks in their order; what needs a thing that failed is not tried."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from mailbot.app import App, open_app
from mailbot.config import WHERE, load_settings
from mailbot.doctor import dns, house, mailboxes, working
from mailbot.doctor.finding import Finding, Severity
from mailbot.doctor.loop import send_test
from mailbot.errors import MailbotError, SettingsError
from mailbot.settings import Business, Settings

OfInstallation = Callable[[App], Finding]
OfBusiness = Callable[[App, Business], Finding]

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "worker": ("rules", "key", "database", "broker"),
    "imap": ("secrets",),
    "smtp": ("secrets",),
    "sent_folder": ("rules", "secrets", "key", "database", "imap"),
    "clock": ("database",),
    "bank": ("database",),
    "templates": ("rules",),
    "send_test": ("rules", "key", "database", "broker", "worker", "reader", "imap", "smtp"),
}
IDS = ("settings", "rules", "rates", "secrets", "key", "database", "broker", "worker", "reader", "imap",
       "smtp", "sent_folder", "authserv_id", "spf", "dkim", "dmarc", "templates", "bank", "clock", "disk")  # fmt: skip
"""All checks in their order; `--only` names one."""


class Exam:
    """One visit: remembers what failed, so that one cause is one error."""

    def __init__(self, path: Path, environment: Mapping[str, str], only: str | None = None) -> None:
        self._path = path
        self._environment = environment
        self._only = only
        self._failed: set[str] = set()
        self._open = ExitStack()
        self._works = False

    def findings(self, *, with_mail: bool) -> Iterator[Finding]:
        """Every check as it is done. Raises NotInitialised where there is no mailbot.yaml."""
        try:
            settings, source = load_settings(self._path, self._environment)
        except SettingsError as error:
            for problem in error.problems:
                yield Finding("settings", Severity.ERROR, f"read {self._path}", problem, f"edit {self._path}")
            return
        if self._only in (None, "settings"):
            names = ", ".join(one.name for one in settings.businesses)
            yield Finding("settings", Severity.OK, f"read {self._path}", f"{len(source)} settings for {names}")
        with self._open:
            app = open_app(self._path, self._environment)
            self._open.callback(app.close)
            for finding in self._checks(app, settings, with_mail=with_mail):
                if finding.severity is Severity.ERROR:
                    self._failed.add(finding.id)
                yield finding

    def _checks(self, app: App, settings: Settings, *, with_mail: bool) -> Iterator[Finding]:
        yield from self._each(app, "rules", house.rules)
        yield from self._each(app, "rates", house.rates)
        if self._wanted("secrets"):
            yield from house.secrets(settings)
        yield from self._once("key", lambda: house.key(app))
        yield from self._once("database", lambda: house.database(app))
        yield from self._once("broker", lambda: working.broker(settings.redis))
        yield from self._once("worker", lambda: self._worker(settings))
        yield from self._once("reader", lambda: house.sandbox(app))
        yield from self._each(app, "imap", mailboxes.imap)
        yield from self._each(app, "smtp", mailboxes.smtp)
        yield from self._each(app, "sent_folder", mailboxes.sent_folder)
        yield from self._each(app, "authserv_id", mailboxes.authserv_id)
        yield from self._each(app, "spf", dns.spf)
        yield from self._each(app, "dkim", dns.dkim)
        yield from self._each(app, "dmarc", dns.dmarc)
        yield from self._each(app, "templates", house.templates)
        yield from self._each(app, "bank", mailboxes.bank_age)
        yield from self._each(app, "clock", house.clock)
        yield from self._once("disk", lambda: house.disk(app))
        if with_mail:
            yield from self._mail(settings)

    def _wanted(self, name: str) -> bool:
        return self._only in (None, name)

    def _once(self, name: str, check: Callable[[], Finding]) -> Iterator[Finding]:
        if self._wanted(name):
            yield self._missing(name) or _found(name, check)

    def _each(self, app: App, name: str, check: OfBusiness) -> Iterator[Finding]:
        """The check for every business; each is named where there are several."""
        if not self._wanted(name):
            return
        several = len(app.settings.businesses) > 1
        for business in app.settings.businesses:
            finding = self._missing(name) or _found(name, partial(check, app, business))
            yield replace(finding, business=business.key) if several else finding

    def _missing(self, name: str) -> Finding | None:
        lost = [need for need in _NEEDS.get(name, ()) if need in self._failed]
        if not lost:
            return None
        return Finding(name, Severity.SKIPPED, "not tried", f"needs what failed: {', '.join(lost)}")

    def _worker(self, settings: Settings) -> Finding:
        self._work(settings)
        return working.worker(settings.redis is None, settings.businesses[0].key)

    def _work(self, settings: Settings) -> App:
        """Start Dramatiq's worker in this process, once; on Redis those that run must answer."""
        os.environ[WHERE] = str(self._path)
        from mailbot import workers
        from mailbot.loops import working as in_this_process

        if not self._works:
            self._works = True
            self._open.callback(workers.app.close)
            if settings.redis is None:
                self._open.enter_context(in_this_process(workers.app, workers.broker))
        return workers.app

    def _mail(self, settings: Settings) -> Iterator[Finding]:
        missing = self._missing("send_test")
        if missing is not None:
            yield missing
            return
        app = self._work(settings)
        several = len(settings.businesses) > 1
        for business in settings.businesses:
            try:
                found = send_test(app, business)
                yield from (replace(one, business=business.key) if several else one for one in found)
            except MailbotError as error:
                yield Finding("send_test", Severity.ERROR, "send a mail to itself", str(error))


def _found(name: str, check: Callable[[], Finding]) -> Finding:
    """What a check says; where what it stands on gives way, that is what it found."""
    try:
        return check()
    except MailbotError as error:
        return Finding(name, Severity.ERROR, f"check {name}", str(error), "mailbot doctor   (its first error first)")
