"""Checks of what DNS says about the sending domain: SPF, DKIM and DMARC, which receivers ask for."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from mailbot.app import App, signing_key
from mailbot.doctor.finding import Finding, Severity
from mailbot.doctor.providers import PROVIDERS, by_host
from mailbot.errors import SettingsError
from mailbot.settings import Business

Lookup = Callable[[str], list[str]]
"""The TXT records of a name, [] where there are none. Raises OSError where DNS does not answer."""

_RESERVED = ("example", "test", "invalid", "localhost", "local")
"""Ends of names that no DNS knows (RFC 2606, RFC 6762)."""
_SECONDS = 5.0
_ASK_THE_HOST = "your domain's DNS host: add a TXT record"


def txt(name: str) -> list[str]:
    """What the machine's resolver says."""
    return resolver(None)(name)


def resolver(server: tuple[str, int] | None) -> Lookup:
    """A look into DNS: by the machine's resolver, or by one server (address, port)."""
    import dns.exception
    import dns.resolver

    @cache
    def look(name: str) -> list[str]:
        try:
            asked = dns.resolver.Resolver(configure=server is None)  # fails where the machine has none
            if server is not None:
                asked.nameservers, asked.port = [server[0]], server[1]
            found = asked.resolve(name, "TXT", lifetime=_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise OSError(f"DNS does not answer for {name}: {type(error).__name__}") from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]

    return look


def spf(_app: App, business: Business, lookup: Lookup = txt) -> Finding:
    """Whether the domain says which servers may send for it (RFC 7208)."""
    domain = _domain(business)
    tried = f"look up SPF of {domain}"
    return _looked("spf", tried, domain, lambda: _spf(tried, business, [r for r in lookup(domain) if _is(r, "v=spf1")]))


def _spf(tried: str, business: Business, records: list[str]) -> Finding:
    provider = by_host(_host(business))
    include = f"include:{provider.spf}" if provider and provider.spf else "a mx"
    fix = f"{_ASK_THE_HOST} {_domain(business)}: v=spf1 {include} ~all"
    if not records:
        return Finding("spf", Severity.WARNING, tried, "none: large receivers distrust mail from this domain", fix)
    if len(records) > 1:
        return Finding("spf", Severity.ERROR, tried, "several, so that none counts (RFC 7208 3.2)", "leave only one")
    if records[0].split()[-1].lower() in ("+all", "all"):
        return Finding("spf", Severity.WARNING, tried, f"{records[0]}: everybody may send in your name", fix)
    if provider and provider.spf and provider.spf not in records[0] and "redirect=" not in records[0]:
        found = f"{records[0]}: does not name {provider.spf}, by which your mails leave"
        return Finding("spf", Severity.WARNING, tried, found, fix)
    return Finding("spf", Severity.OK, tried, records[0])


def dmarc(_app: App, business: Business, lookup: Lookup = txt) -> Finding:
    """Whether the domain says what becomes of mails that fail (RFC 7489); it may stand at a parent domain."""
    domain = _domain(business)
    tried = f"look up DMARC of {domain}"

    def look() -> Finding:
        labels = domain.split(".")
        for start in range(max(len(labels) - 1, 1)):
            found = [r for r in lookup("_dmarc." + ".".join(labels[start:])) if _is(r, "v=DMARC1")]
            if found:
                return Finding("dmarc", Severity.OK, tried, found[0])
        fix = f"{_ASK_THE_HOST} _dmarc.{domain}: v=DMARC1; p=none"
        return Finding(
            "dmarc", Severity.WARNING, tried, "none: Gmail, Outlook and Yahoo ask larger senders for it", fix
        )

    return _looked("dmarc", tried, domain, look)


def dkim(_app: App, business: Business, lookup: Lookup = txt) -> Finding:
    """Where mailbot signs by itself: whether DNS publishes the key that it signs with (RFC 6376 3.6)."""
    domain = _domain(business)
    try:
        key = signing_key(business)
    except SettingsError as error:
        return Finding("dkim", Severity.ERROR, "read smtp.dkim_key_file", error.problems[0], "openssl genrsa 2048")
    if key is None:
        found = "not set: whether mails are signed is your mail server's to do"
        return Finding("dkim", Severity.INFO, "look at smtp.dkim_selector", found)
    tried, place = f"look up the key at {key.place}", key

    def look() -> Finding:
        fix = f"{_ASK_THE_HOST} {place.place}: {place.published}"
        records = lookup(place.place)
        if not records:
            return Finding("dkim", Severity.ERROR, tried, "none: receivers cannot verify what mailbot signs", fix)
        if not any(_public(record) == _public(place.published) for record in records):
            return Finding("dkim", Severity.ERROR, tried, "another key is published there", fix)
        return Finding("dkim", Severity.OK, tried, "it is published")

    return _looked("dkim", tried, domain, look)


def _looked(name: str, tried: str, domain: str, look: Callable[[], Finding]) -> Finding:
    if domain.rpartition(".")[2] in _RESERVED:
        return Finding(name, Severity.SKIPPED, tried, "a domain for examples, which no DNS knows")
    if any(domain in provider.domains for provider in PROVIDERS):
        return Finding(name, Severity.OK, tried, "the provider's own domain: its provider sees to it")
    try:
        return look()
    except OSError as error:
        return Finding(name, Severity.SKIPPED, tried, str(error))


def _public(record: str) -> bytes | None:
    tags = dict(part.strip().split("=", 1) for part in record.split(";") if "=" in part)
    try:
        return b64decode("".join(tags.get("p", "").split())) or None
    except NotBase64:
        return None


def _is(record: str, version: str) -> bool:
    return record.strip().lower().startswith(version.lower())


def _domain(business: Business) -> str:
    return business.mailbox.mail_address.rpartition("@")[2]


def _host(business: Business) -> str:
    return urlsplit(business.smtp.url).hostname or ""
