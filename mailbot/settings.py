"""Settings: the sections of mailbot.yaml, their defaults, and what in them must agree with what.

Frozen, and without any reading: `config` makes them of the file and the environment.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from mailbot.values import (
    MINIMUM,
    Address,
    ClockTime,
    ContractRate,
    Iban,
    Networks,
    Program,
    Siren,
    WebAddress,
    Weekdays,
    Zone,
)


class Section(BaseModel):
    """A part of the settings: unknown keys are mistakes, and nothing changes while the bot runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mailbox(Section):
    """Where the bot's mail comes in: an IMAP account or a Maildir of a local mail server."""

    imap: str | None = None
    maildir: Path | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    folder: str = "INBOX"
    address: Address | None = None
    """Default: the user of the IMAP URL."""
    authserv_id: str | None = None
    """The receiving server whose Authentication-Results count (RFC 8601); without it an owner's mail
    counts only with the token of a mail that the bot sent to that owner."""
    poll_seconds: int = 60
    plus_addresses: bool = True
    """The server delivers box+anything@ to box@ (`doctor --send-test` proves it)."""
    sent: Literal["auto", "append", "never"] = "auto"
    """Whether mailbot puts sent mails into the Sent folder: where the mail server does not by itself (auto, which
    looks for it once), always (append) or never."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.imap is None) == (self.maildir is None):
            raise ValueError("give either imap: (a URL) or maildir: (a folder)")
        if self.imap is not None and urlsplit(self.imap).scheme not in ("imaps", "imap", "imap+starttls"):
            raise ValueError("imap: is a URL like imaps://name%40firm.example@imap.firm.example:993")
        if self.maildir is not None and self.address is None:
            raise ValueError("a maildir needs address:, the address that its mail is sent to")
        return self

    @property
    def mail_address(self) -> str:
        """The address that clients and owners write to."""
        return self.address or unquote(urlsplit(self.imap or "").username or "").lower()


class Smtp(Section):
    """Where the bot's mail goes out."""

    url: str
    password: SecretStr | None = None
    password_file: Path | None = None
    connections: int = 2
    """How many are open at once, of all machines together; Exchange Online allows three."""
    mails_per_hour: int = 500
    """More mails to clients wait for the next hour; stay below your provider's limit. 0: as many as there are."""
    mails_per_hour_and_domain: int = 200
    """The same for the clients of one provider: many mails at once look like spam to it."""
    evidence: Literal["sent", "archive", "none"] = "sent"
    """Where to look whether a mail left when the server's answer was lost: the Sent folder; the bot's own mailbox,
    which gets a blind copy of every mail (archive); or nowhere (then ask)."""
    archive: Address | None = None
    """Who gets the blind copies, an address of this mailbox; default: the bot's address with +archive."""
    report_success: bool = False
    """Ask receiving servers to report what they delivered, too (RFC 3461): proof, at a second mail for each mail."""
    dkim_selector: str | None = None
    """Sign mails under this name in the DNS of the sending domain, where the mail server does not sign them."""
    dkim_key_file: Path | None = None
    """The private key for it: RSA of 2048 bits or more, or Ed25519, as PEM."""

    @model_validator(mode="after")
    def _known_scheme(self) -> Self:
        if urlsplit(self.url).scheme not in ("smtps", "smtp", "smtp+starttls"):
            raise ValueError("url: is like smtps://name%40firm.example@smtp.firm.example:465")
        if not 1 <= self.connections <= 20 or min(self.mails_per_hour, self.mails_per_hour_and_domain) < 0:
            raise ValueError("connections: from 1 to 20; mails_per_hour and mails_per_hour_and_domain: 0 or more")
        if (self.dkim_selector is None) != (self.dkim_key_file is None):
            raise ValueError("dkim_selector: and dkim_key_file: belong together")
        if self.dkim_selector is not None and not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", self.dkim_selector):
            raise ValueError(f'dkim_selector: "{self.dkim_selector}" is no name for DNS')
        return self

    def archive_address(self, box: str) -> str:
        """Where blind copies go, for the bot's address."""
        local, _, host = box.partition("@")
        return self.archive or f"{local}+archive@{host}"


class Login(Section):
    """Signing in at the mailbox without a password (OAuth); counts for `mailbox` and `smtp` where they have none.

    `mailbot login` asks a person to agree once; docs/howto/connect-a-mailbox.md says how to get a client_id."""

    provider: Literal["microsoft", "google", "other"]
    client_id: str
    """Of the application that you registered at the provider."""
    client_secret: SecretStr | None = None
    """Google wants one; a public client of Microsoft has none."""
    client_secret_file: Path | None = None
    """The file with it."""
    tenant: str = "common"
    """At Microsoft: your directory's id or domain, where the application is for your organisation only."""
    token_url: str | None = None
    """For `provider: other`: where tokens are given out (https)."""
    authorize_url: str | None = None
    """For `provider: other`: the page on which a person agrees."""
    device_url: str | None = None
    """For `provider: other`: where a code to type comes from (RFC 8628); without it the page leads back here."""
    scope: str | None = None
    """For `provider: other`: what is asked for."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        places = (self.token_url, self.authorize_url, self.device_url, self.scope)
        if self.provider != "other":
            if any(places):
                raise ValueError("token_url, authorize_url, device_url and scope are for provider: other")
        elif not (self.token_url and self.scope and (self.authorize_url or self.device_url)):
            raise ValueError("provider: other needs token_url, scope, and authorize_url or device_url")
        if not re.fullmatch(r"[A-Za-z0-9.-]+", self.tenant):
            raise ValueError(f'tenant: "{self.tenant}" is no directory')
        return self


class Tracking(Section):
    """Whether opens, clicks and read receipts are asked for (CNIL: consent first, so never by default)."""

    opens: Literal["never", "with_consent", "always"] = "never"
    clicks: Literal["never", "with_consent", "always"] = "never"
    read_receipts: Literal["never", "with_consent", "always"] = "never"


class Digest(Section):
    """When the owner's daily mail leaves, in the business's time zone."""

    at: ClockTime = "07:30"
    days: Weekdays = "mon-fri"
    when: Literal["always", "needed"] = "always"
    """`needed`: only on days on which there is something to decide or to mend."""
    cash_below: Decimal | None = None
    """Tell me when the bank accounts hold less than so many euros together."""


class Bank(Section):
    """Where bank statements come from besides the owner's mails."""

    folder: Path | None = None
    """Statements put here are taken, then moved to done/ or refused/ below it."""
    command: Program = ()
    """A program that prints a statement in any format that is read: a name, or a path from this file's folder. It is
    started without a shell and sees PATH and HOME only."""
    at: ClockTime = "06:30"
    """When the program is run, in the business's time zone."""
    days: Weekdays = "daily"
    consent_ends: date | None = None
    """The day on which your consent at the bank ends (PSD2: after 180 days): the digest counts down from 14 days."""
    seconds: float = 60.0
    """How long the program may take."""
    equal_invoices: Literal["ask", "oldest"] = "ask"
    """A known client pays without naming anything, and several of its invoices have that amount. "oldest": the one
    that has been due longest is paid, as C. civ. 1342-10 has it; where one of them is disputed you are asked."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not 0 < self.seconds <= 240:
            raise ValueError("seconds: more than 0 and at most 240")
        return self


class Inbox(Section):
    """How clients' mails are understood."""

    lexicon: Path | None = None
    """A file with words of your own for reading replies, beside those that ship (docs/explanation/understanding.md)."""


class LanguageModel(Section):
    """A language model for replies that the lexicon does not understand; off without an endpoint.

    The words of such a reply go there. Needs `pip install 'mailbot[llm]'`."""

    endpoint: str | None = None
    """The URL of an OpenAI-compatible server up to /v1; https, or http on this machine."""
    model: str = ""
    """Its name there."""
    key: SecretStr | None = None
    key_file: Path | None = None
    below: float = 0.7
    """Asked only where the lexicon's confidence is less."""
    seconds: float = 20.0
    """How long an answer may take."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.endpoint is None:
            return self
        parts = urlsplit(self.endpoint)
        local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not (local or (parts.scheme == "https" and parts.hostname)):
            raise ValueError("endpoint: is an https:// URL, or http:// on this machine: clients' words go there")
        if not self.model:
            raise ValueError("model: name the model to ask")
        if not 0 < self.seconds <= 120 or not 0 <= self.below <= 1:
            raise ValueError("seconds: more than 0 and at most 120; below: from 0 to 1")
        return self


class Law(Section):
    """What is owed for lateness; nothing of it is claimed but by steps that say `claim: penalties`."""

    country: Literal["fr", "be", "eu"] = "fr"
    """Whose law applies to your invoices; eu: the directive, for a country without a table of its own."""
    contract_rate: ContractRate | None = None
    """What your contracts say in percent a year, "12.5"; "minimum": the least that the law allows (in France three
    times the legal rate); nothing: the law's own rate."""
    payments: Literal["by_phase", "principal_first", "interest_first"] = "by_phase"
    """What a payment settles first; interest_first is C. civ. 1343-1, by_phase the same once you have sent a formal
    notice, and principal first before."""
    clients: Literal["known", "business", "consumer"] = "known"
    """Who your clients are: known: a business where a SIREN or VAT number is known, else a consumer, who owes no
    indemnity; or all of them businesses, or consumers."""
    rates: Path | None = None
    """A file of yours with rates of half-years that the shipped tables do not have (docs/explanation/owed.md)."""

    @property
    def agreed_rate(self) -> Decimal | None:
        """Percent a year; 0 is lifted to the law's minimum."""
        if self.contract_rate is None:
            return None
        return Decimal("0" if self.contract_rate == MINIMUM else self.contract_rate)


class Business(Section):
    """One company that the bot works for."""

    id: str = ""
    """Never change it: all data hangs on it. Default: made from the name."""
    name: str
    owners: tuple[Address, ...]
    language: Literal["fr", "en"] = "fr"
    timezone: Zone = "Europe/Paris"
    iban: Iban | None = None
    bic: str | None = None
    siren: Siren | None = None
    vat: str | None = None
    pay_url: str | None = None
    signature: str | None = None
    """Who signs the mails; default: the name of the business."""
    address: str | None = None
    """Your postal address as it heads a formal notice, with what your letters must state (form and capital of a
    company, RCS and town: C. com. R123-237, R123-238); without it the letter leaves a place for it."""
    mailbox: Mailbox
    smtp: Smtp
    login: Login | None = None
    rules: Path | None = None
    """Default: the policy that ships for the language."""
    tracking: Tracking = Tracking()
    digest: Digest = Digest()
    bank: Bank = Bank()
    inbox: Inbox = Inbox()
    language_model: LanguageModel = LanguageModel()
    law: Law = Law()
    mode: Literal["shadow", "live"] = "shadow"

    @model_validator(mode="after")
    def _needs_an_owner(self) -> Self:
        if not self.owners:
            raise ValueError("owners: needs at least one address")
        if self.mailbox.mail_address in self.owners:
            raise ValueError("the bot needs a mailbox of its own: its address cannot be an owner's")
        return self

    @property
    def key(self) -> str:
        """What all rows of this business carry."""
        return self.id or _key(self.name)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Web(Section):
    """The small web part: loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = 8025
    public_url: WebAddress | None = None
    """Where clients reach it, https://pay.firm.example; without it no link and no picture is put into a mail."""
    proxies: Networks = ("127.0.0.1", "::1")
    """Whose word about a visitor's address (X-Forwarded-For) counts: those of your reverse proxy."""
    metrics_token: SecretStr | None = None
    metrics_token_file: Path | None = None
    """The secret that Prometheus sends as a bearer token; without it /metrics answers this machine only."""


GRACE_SECONDS = 900
"""RFC 5321 4.5.3.2.6 gives the server ten minutes at the dot; then its mailbox must show what it took."""


class Limits(Section):
    """Bounds against hostile input and lost machines."""

    read_bytes: int = 25_000_000
    """Larger mails are kept whole, not read, and shown to the owner."""
    keep_bytes: int = 100_000_000
    """Larger mails stay in the mailbox; the owner is told."""
    reader_seconds: float = 20.0
    reader_memory: int = 1_500_000_000
    lease_seconds: int = 120
    grace_seconds: int = GRACE_SECONDS
    """From the end of the lease until a mail whose answer was lost is looked for; at least 900, since a server may take
    10 minutes at the dot (RFC 5321), unless it runs on this machine."""
    hold_minutes: int = 15
    """How long a planned mail waits, so that the owner can still take it back."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not 1 <= self.lease_seconds <= 300 or self.grace_seconds < 1:
            raise ValueError("lease_seconds: from 1 to 300; grace_seconds: at least 1")
        return self

    clock_seconds: float = 20.0
    """How often the ledger is looked at for what is due."""


class Settings(Section):
    """All that mailbot.yaml and the environment say."""

    businesses: tuple[Business, ...]
    database: str = "sqlite:///mailbot.db"
    redis: str | None = None
    key_file: Path = Path("secrets/key")
    web: Web = Web()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        keys = [business.key for business in self.businesses]
        if len(set(keys)) < len(keys):
            raise ValueError("two businesses have the same name: give each its own id:")
        boxes = [(b.mailbox.mail_address, b.mailbox.folder) for b in self.businesses]
        if len(set(boxes)) < len(boxes):
            raise ValueError("two businesses share one mailbox: give each its own address or plus address")
        return self

    @model_validator(mode="after")
    def _patient(self) -> Self:
        """A mail that its server takes only after it was looked for, and not found, would leave twice."""
        if self.limits.grace_seconds < GRACE_SECONDS and not all(_is_here(one.smtp.url) for one in self.businesses):
            raise ValueError(f"limits.grace_seconds: at least {GRACE_SECONDS} for a mail server on another machine")
        return self

    def sharing(self, business: Business) -> tuple[str, ...]:
        """The addresses of all businesses that read the same folder, in the order of the settings; one alone: none.

        Each takes only what is addressed to it (`jobs.intake`), or it would take the other's mail for its own.
        """
        together = [one for one in self.businesses if _folder(one) == _folder(business)]
        return tuple(one.mailbox.mail_address for one in together) if len(together) > 1 else ()


@cache
def _key(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "business"


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def _folder(business: Business) -> tuple[object, str]:
    mailbox = business.mailbox
    return (mailbox.maildir or _account(mailbox.imap or ""), mailbox.folder)


def _account(url: str) -> tuple[str | None, str | None]:
    parts = urlsplit(url)
    return parts.hostname, unquote(parts.username or "").lower()
