"""Settings: mailbot.yaml and the environment become one frozen `Settings`, or all their mistakes at once.

The file is read as nodes, so that every mistake has its line and `18:30`, `no` or `012` stay what was written
(YAML 1.1 turns them into 1110, False and 10). Precedence: environment over file over default. A secret is never
in the file itself: `password_file:` there, or MAILBOT_…__PASSWORD or MAILBOT_…__PASSWORD_FILE in the environment.
"""

import difflib
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    ValidationError,
    model_validator,
)

from mailbot.errors import NotInitialised, SettingsError
from mailbot.yamlfile import read_settings

FILE_NAME = "mailbot.yaml"
WHERE = "MAILBOT_SETTINGS"
"""The environment variable that names mailbot.yaml; all others that begin with MAILBOT_ are settings."""
_PREFIX = "MAILBOT_"
_SECTIONS_OF_A_BUSINESS = (
    "mailbox", "smtp", "login", "rules", "tracking", "digest", "bank", "mode", "inbox", "language_model", "law",
)  # fmt: skip
_SECRET_ADDRESSES = ("database_file", "redis_file")
MINIMUM = "minimum"
"""As a contract rate: the least that the law allows."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Source = dict[str, str]
"""Path of a value ("smtp.url") → where it came from ("mailbot.yaml:7", "MAILBOT_SMTP__URL", "default")."""


def shipped(folder: Literal["rules", "templates"]) -> Path:
    """The folder of the policies or mails that come with mailbot, from the wheel or from a checkout."""
    here = Path(__file__).parent
    packed = here / "shipped" / folder
    return packed if packed.is_dir() else here.parent / folder


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'"{name}" is no time zone{_nearest(name, sorted(available_timezones()))}')
    return name


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", text):
        raise ValueError(f'"{text}" is not an e-mail address')
    return text.lower()


def _iban(text: str) -> str:
    from stdnum import iban

    compact: str = iban.compact(text)
    if not iban.is_valid(compact):
        raise ValueError(f'"{text}" is not a valid IBAN: one of its characters is wrong or missing')
    return compact


def _siren(text: str) -> str:
    from stdnum.fr import siren

    compact: str = siren.compact(text)
    if not siren.is_valid(compact):
        raise ValueError(f'"{text}" is not a valid SIREN: nine digits, the last one checks the others')
    return compact


def weekdays(text: str) -> frozenset[int]:
    """ "mon-fri", "mon,wed,fri" or "daily" as ISO weekdays from 0 (Monday); raises ValueError."""
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f'"{text}" are no weekdays: write mon-fri, or mon,wed,fri, or daily')
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return frozenset(found)


def _weekdays(text: str) -> str:
    weekdays(text)
    return text


def _clock_time(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no time of day: write it as "07:30"') from None
    return text


def _contract_rate(text: str) -> str:
    if text != MINIMUM and not re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text):
        raise ValueError(f'"{text}" is no rate: write a percentage like "12.5", or {MINIMUM}')
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("public_url: is like https://pay.firm.example")
    return text.rstrip("/")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mailbox(_Section):
    """Where the bot's mail comes in: an IMAP account or a Maildir of a local mail server."""

    imap: str | None = None
    maildir: Path | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    folder: str = "INBOX"
    address: Annotated[str, AfterValidator(_address)] | None = None
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


class Smtp(_Section):
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
    archive: Annotated[str, AfterValidator(_address)] | None = None
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


class Login(_Section):
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


class Tracking(_Section):
    """Whether opens, clicks and read receipts are asked for (CNIL: consent first, so never by default)."""

    opens: Literal["never", "with_consent", "always"] = "never"
    clicks: Literal["never", "with_consent", "always"] = "never"
    read_receipts: Literal["never", "with_consent", "always"] = "never"


class Digest(_Section):
    """When the owner's daily mail leaves, in the business's time zone."""

    at: Annotated[str, AfterValidator(_clock_time)] = "07:30"
    days: Annotated[str, AfterValidator(_weekdays)] = "mon-fri"
    when: Literal["always", "needed"] = "always"
    """`needed`: only on days on which there is something to decide or to mend."""
    cash_below: Decimal | None = None
    """Tell me when the bank accounts hold less than so many euros together."""


def _words(command: object) -> object:
    """A command may be one text, "fetch --account 1": it is split as a shell would, and no shell sees it."""
    return shlex.split(command) if isinstance(command, str) else command


class Bank(_Section):
    """Where bank statements come from besides the owner's mails."""

    folder: Path | None = None
    """Statements put here are taken, then moved to done/ or refused/ below it."""
    command: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    """A program that prints a statement in any format that is read: a name, or a path from this file's folder. It is
    started without a shell and sees PATH and HOME only."""
    at: Annotated[str, AfterValidator(_clock_time)] = "06:30"
    """When the program is run, in the business's time zone."""
    days: Annotated[str, AfterValidator(_weekdays)] = "daily"
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


class Inbox(_Section):
    """How clients' mails are understood."""

    lexicon: Path | None = None
    """A file with words of your own for reading replies, beside those that ship (docs/explanation/understanding.md)."""


class LanguageModel(_Section):
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


class Law(_Section):
    """What is owed for lateness; nothing of it is claimed but by steps that say `claim: penalties`."""

    country: Literal["fr", "be", "eu"] = "fr"
    """Whose law applies to your invoices; eu: the directive, for a country without a table of its own."""
    contract_rate: Annotated[str, AfterValidator(_contract_rate)] | None = None
    """What your contracts say in percent a year, "12.5"; "minimum": the least that the law allows (in France three
    times the legal rate); nothing: the law's own rate."""
    payments: Literal["principal_first", "interest_first"] = "principal_first"
    """What a part payment settles first; interest_first is C. civ. 1343-1."""
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


class Business(_Section):
    """One company that the bot works for."""

    id: str = ""
    """Never change it: all data hangs on it. Default: made from the name."""
    name: str
    owners: tuple[Annotated[str, AfterValidator(_address)], ...]
    language: Literal["fr", "en"] = "fr"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    iban: Annotated[str, AfterValidator(_iban)] | None = None
    bic: str | None = None
    siren: Annotated[str, AfterValidator(_siren)] | None = None
    vat: str | None = None
    pay_url: str | None = None
    signature: str | None = None
    """Who signs the mails; default: the name of the business."""
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
        return self.id or re.sub(r"[^a-z0-9]+", "-", _plain(self.name)).strip("-") or "business"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _networks(given: object) -> object:
    """Addresses or networks, one text or a list of them."""
    texts = [given] if isinstance(given, str) else given
    if isinstance(texts, list | tuple):
        for text in texts:
            ip_network(str(text))  # raises ValueError with a sentence
    return texts


class Web(_Section):
    """The small web part: loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = 8025
    public_url: Annotated[str, AfterValidator(_web_address)] | None = None
    """Where clients reach it, https://pay.firm.example; without it no link and no picture is put into a mail."""
    proxies: Annotated[tuple[str, ...], BeforeValidator(_networks)] = ("127.0.0.1", "::1")
    """Whose word about a visitor's address (X-Forwarded-For) counts: those of your reverse proxy."""
    metrics_token: SecretStr | None = None
    metrics_token_file: Path | None = None
    """The secret that Prometheus sends as a bearer token; without it /metrics answers this machine only."""


class Limits(_Section):
    """Bounds against hostile input and lost machines."""

    read_bytes: int = 25_000_000
    """Larger mails are kept whole, not read, and shown to the owner."""
    keep_bytes: int = 100_000_000
    """Larger mails stay in the mailbox; the owner is told."""
    reader_seconds: float = 20.0
    reader_memory: int = 1_500_000_000
    lease_seconds: int = 120
    grace_seconds: int = 900
    """From the end of the lease until a mail whose answer was lost is looked for (RFC 5321: 10 minutes at the dot)."""
    hold_minutes: int = 15
    """How long a planned mail waits, so that the owner can still take it back."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not 1 <= self.lease_seconds <= 300 or self.grace_seconds < 1:
            raise ValueError("lease_seconds: from 1 to 300; grace_seconds: at least 1")
        return self

    clock_seconds: float = 20.0
    """How often the ledger is looked at for what is due."""


class Settings(_Section):
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

    def sharing(self, business: Business) -> tuple[str, ...]:
        """The addresses of all businesses that read the same folder, in the order of the settings; one alone: none.

        Each takes only what is addressed to it (`jobs.intake`), or it would take the other's mail for its own.
        """
        together = [one for one in self.businesses if _folder(one) == _folder(business)]
        return tuple(one.mailbox.mail_address for one in together) if len(together) > 1 else ()


def _folder(business: Business) -> tuple[object, str]:
    mailbox = business.mailbox
    return (mailbox.maildir or _account(mailbox.imap or ""), mailbox.folder)


def _account(url: str) -> tuple[str | None, str | None]:
    parts = urlsplit(url)
    return parts.hostname, unquote(parts.username or "").lower()


def load_settings(path: Path, environment: Mapping[str, str]) -> tuple[Settings, Source]:
    """The settings and where each value came from; relative paths are taken from the file's folder.

    Raises NotInitialised where there is no file, SettingsError with every mistake at once.
    """
    if not path.is_file():
        raise NotInitialised(f"{path} does not exist. Run `mailbot init` to make it, or go to the folder that has it.")
    tree, lines = read_settings(path)
    source = {dotted: f"{path.name}:{line}" for dotted, line in lines.items()}
    _override(tree, environment, source)
    shaped = _one_list(tree)
    try:
        settings = Settings.model_validate(shaped)
    except ValidationError as error:
        raise SettingsError(list(_sentences(error, path, lines, short="businesses" not in tree))) from error
    return _absolute(settings, path.parent.resolve()), source


def secret(section: Mailbox | Smtp) -> str | None:
    """The password, from the environment or the file that the settings name; raises SettingsError."""
    return _secret(section.password, section.password_file, "password")


def client_secret(login: Login) -> str | None:
    """What the provider knows the application by besides its client_id, if anything; raises SettingsError."""
    return _secret(login.client_secret, login.client_secret_file, "client secret")


def metrics_token(web: Web) -> str | None:
    """What Prometheus has to send, from where a password would come; None: nothing is set. Raises SettingsError."""
    return _secret(web.metrics_token, web.metrics_token_file, "token")


def model_key(section: LanguageModel) -> str | None:
    """The key of the language model, from where a password would come; raises SettingsError."""
    return _secret(section.key, section.key_file, "key")


def _secret(given: SecretStr | None, path: Path | None, what: str) -> str | None:
    if given is not None:
        return given.get_secret_value()
    if path is None:
        return None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}. Put the {what} there, mode 0600."]) from error


@cache
def _plain(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def _override(tree: dict[str, Any], environment: Mapping[str, str], source: Source) -> None:
    """MAILBOT_SMTP__URL=… sets smtp.url; the addresses that may hold a password also come as …_FILE."""
    for name, text in sorted(environment.items()):
        if not name.startswith(_PREFIX) or name == WHERE:
            continue
        *sections, key = name.removeprefix(_PREFIX).lower().split("__")
        if not sections and key in _SECRET_ADDRESSES:
            key, text = key.removesuffix("_file"), _file_text(Path(text))
        target: Any = tree
        for section in sections:
            target = target[int(section)] if isinstance(target, list) else target.setdefault(section, {})
        target[key] = text
        source[".".join((*sections, key))] = name


def _file_text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}"]) from error


def _one_list(tree: dict[str, Any]) -> dict[str, Any]:
    """The short form (`business:` beside `mailbox:`, `smtp:` …) is a list of one."""
    if "businesses" in tree or not isinstance(tree.get("business"), dict):
        return tree
    rest = {key: value for key, value in tree.items() if key not in ("business", *_SECTIONS_OF_A_BUSINESS)}
    own = {key: tree[key] for key in _SECTIONS_OF_A_BUSINESS if key in tree}
    return {**rest, "businesses": [{**tree["business"], **own}]}


def _sentences(error: ValidationError, path: Path, lines: dict[str, int], *, short: bool) -> Iterator[str]:
    for fault in error.errors():
        steps = [str(step) for step in fault["loc"]]
        if short and steps[:2] == ["businesses", "0"]:
            steps = steps[2:] if steps[2:3] and steps[2] in _SECTIONS_OF_A_BUSINESS else ["business", *steps[2:]]
        dotted = ".".join(steps)
        place = f"{path.name}:{_line_of(dotted, lines)}"
        if fault["type"] == "extra_forbidden":
            yield f'{place}: unknown key "{steps[-1]}"{_nearest(steps[-1], _known_keys(steps[:-1]))}'
        elif fault["type"] == "missing":
            yield f'{place}: "{dotted}" is missing'
        else:
            yield f"{place}: {dotted}: {fault['msg'].removeprefix('Value error, ')}"


def _line_of(dotted: str, lines: dict[str, int]) -> int:
    while dotted and dotted not in lines:
        dotted = dotted.rpartition(".")[0]
    return lines.get(dotted, 1)


_SHAPES: Mapping[str, type[BaseModel]] = {
    "bank": Bank,
    "business": Business,
    "digest": Digest,
    "inbox": Inbox,
    "language_model": LanguageModel,
    "law": Law,
    "limits": Limits,
    "login": Login,
    "mailbox": Mailbox,
    "smtp": Smtp,
    "tracking": Tracking,
    "web": Web,
}


def _known_keys(steps: list[str]) -> list[str]:
    named = [_SHAPES[step] for step in steps if step in _SHAPES]
    if named:
        return list(named[-1].model_fields)
    if steps:
        return list(Business.model_fields)
    return [*Settings.model_fields, "business", *_SECTIONS_OF_A_BUSINESS]


def _program(command: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    return (str(folder / command[0]), *command[1:]) if command and "/" in command[0] else command


def _absolute(settings: Settings, folder: Path) -> Settings:
    """Paths of the file are relative to it, wherever the command is started."""

    def place(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    businesses = tuple(
        business.model_copy(
            update={
                "mailbox": business.mailbox.model_copy(
                    update={
                        "password_file": place(business.mailbox.password_file),
                        "maildir": place(business.mailbox.maildir),
                    }
                ),
                "smtp": business.smtp.model_copy(
                    update={
                        "password_file": place(business.smtp.password_file),
                        "dkim_key_file": place(business.smtp.dkim_key_file),
                    }
                ),
                "login": business.login
                and business.login.model_copy(update={"client_secret_file": place(business.login.client_secret_file)}),
                "rules": place(business.rules),
                "inbox": Inbox(lexicon=place(business.inbox.lexicon)),
                "law": business.law.model_copy(update={"rates": place(business.law.rates)}),
                "language_model": business.language_model.model_copy(
                    update={"key_file": place(business.language_model.key_file)}
                ),
                "bank": business.bank.model_copy(
                    update={"folder": place(business.bank.folder), "command": _program(business.bank.command, folder)}
                ),
            }
        )
        for business in settings.businesses
    )
    database = settings.database
    if database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        database = f"sqlite:///{folder / database.removeprefix('sqlite:///')}"
    web = settings.web.model_copy(update={"metrics_token_file": place(settings.web.metrics_token_file)})
    return settings.model_copy(
        update={"businesses": businesses, "database": database, "key_file": folder / settings.key_file, "web": web}
    )
