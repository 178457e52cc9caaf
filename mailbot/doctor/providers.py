"""What mail providers call their servers, and what each wants before a program may log in."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: the ends of its own addresses, its servers, and what its users stumble over."""

    name: str
    domains: tuple[str, ...]
    imap: str
    """`scheme://host:port`"""
    smtp: str
    hint: str = ""
    spf: str = ""
    """What a domain of one's own includes in its SPF record to send by it."""


PROVIDERS = (
    Provider(
        "gmail", ("gmail.com", "googlemail.com"), "imaps://imap.gmail.com:993", "smtps://smtp.gmail.com:465",
        "Google takes an app password, not your own: https://myaccount.google.com/apppasswords",
        spf="_spf.google.com",
    ),
    Provider(
        "outlook", ("outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr", "msn.com"),
        "imaps://outlook.office365.com:993", "smtp+starttls://smtp.office365.com:587",
        "Microsoft takes no passwords from programs: register mailbot there, write its client_id under login: and run "
        "`mailbot login` (docs/howto/connect-a-mailbox.md).",
        spf="spf.protection.outlook.com",
    ),
    Provider(
        "ovh", (), "imaps://ssl0.ovh.net:993", "smtps://ssl0.ovh.net:465",
        "The servers of an Exchange or Zimbra mailbox have other names: they stand in the OVHcloud control panel.",
        spf="mx.ovh.com",
    ),
    Provider("gandi", (), "imaps://mail.gandi.net:993", "smtps://mail.gandi.net:465", spf="_mailcust.gandi.net"),
    Provider(
        "orange", ("orange.fr", "wanadoo.fr"), "imaps://imap.orange.fr:993", "smtps://smtp.orange.fr:465",
        "Switch on access for other mail programs in the mailbox's settings first.",
    ),
    Provider(
        "ionos", (), "imaps://imap.ionos.fr:993", "smtps://smtp.ionos.fr:465",
        "Outside France the servers end in .de, .co.uk, .com ... instead of .fr.",
    ),
    Provider(
        "infomaniak", ("ik.me", "etik.com"), "imaps://mail.infomaniak.com:993", "smtps://mail.infomaniak.com:465",
        "With two-factor login it wants an application password: https://manager.infomaniak.com",
        spf="spf.infomaniak.ch",
    ),
    Provider(
        "free", ("free.fr",), "imaps://imap.free.fr:993", "smtps://smtp.free.fr:465",
        "Switch on authenticated SMTP in the Free customer area first.",
    ),
    Provider(
        "laposte", ("laposte.net",), "imaps://imap.laposte.net:993", "smtps://smtp.laposte.net:465",
        "Switch on IMAP in the mailbox's settings first.",
    ),
)  # fmt: skip


def guess(address: str, name: str | None = None) -> Provider:
    """The provider of that name, else of that address; for an unknown domain its own imap. and smtp. hosts.

    Raises KeyError for a name that is not in the table.
    """
    domain = address.rpartition("@")[2].lower()
    if name is not None:
        return {provider.name: provider for provider in PROVIDERS}[name]
    for provider in PROVIDERS:
        if domain in provider.domains:
            return provider
    return Provider("other", (domain,), f"imaps://imap.{domain}:993", f"smtps://smtp.{domain}:465")


def by_host(host: str) -> Provider | None:
    """The provider whose server this is."""
    found = (one for one in PROVIDERS if f"//{host.lower()}:" in f"{one.imap} {one.smtp}")
    return next(found, None)


def with_user(server: str, address: str) -> str:
    """`imaps://host:993` as the URL of that user."""
    scheme, _, place = server.partition("://")
    return f"{scheme}://{quote(address, safe='')}@{place}"
