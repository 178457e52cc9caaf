"""What the doctor reads in DNS, from a real name server on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailbot.app import App, open_app, signing_key
from mailbot.doctor.dns import Lookup, dkim, dmarc, resolver, spf
from mailbot.doctor.finding import Finding, Severity
from mailbot.errors import SettingsError

DOMAIN = "atelier-martin.fr"


@contextmanager
def name_server(records: dict[str, list[str]]) -> Iterator[Lookup]:
    """TXT records by name; a name that is not there does not exist."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                wire, who = sock.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(wire)
            name = query.question[0].name
            answer = dns.message.make_response(query)
            found = records.get(name.to_text().rstrip("."))
            if found is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                texts = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in found]
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
            sock.sendto(answer.to_wire(), who)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield resolver(sock.getsockname())
    finally:
        stop.set()
        thread.join()
        sock.close()


def installed(folder: Path, smtp: str = "smtps://box%40here@smtp.gmail.com:465", **more: Any) -> App:
    tree = {
        "business": {"name": "Atelier Martin", "owners": ["claire@elsewhere.example"]},
        "mailbox": {"maildir": "mail", "address": f"factures@{more.pop('domain', DOMAIN)}"},
        "smtp": {"url": smtp, **more},
    }
    (folder / "mailbot.yaml").write_text(yaml.safe_dump(tree))
    return open_app(folder / "mailbot.yaml", {})


def looked(check: Any, app: App, records: dict[str, list[str]]) -> Finding:
    with name_server(records) as lookup:
        finding = check(app, app.business(), lookup)
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize(
    ("records", "severity", "words"),
    [
        ({}, Severity.WARNING, "v=spf1 include:_spf.google.com ~all"),
        ({DOMAIN: ["some=thing"]}, Severity.WARNING, "none"),
        ({DOMAIN: ["v=spf1 include:_spf.google.com ~all"]}, Severity.OK, "google"),
        ({DOMAIN: ["v=spf1 mx ~all", "v=spf1 -all"]}, Severity.ERROR, "several"),
        ({DOMAIN: ["v=spf1 include:_spf.google.com +all"]}, Severity.WARNING, "everybody"),
        ({DOMAIN: ["v=spf1 mx -all"]}, Severity.WARNING, "does not name _spf.google.com"),
    ],
)
def test_spf(tmp_path: Path, records: dict[str, list[str]], severity: Severity, words: str) -> None:
    finding = looked(spf, installed(tmp_path), records)

    assert finding.severity is severity
    assert words in f"{finding.found} {finding.fix}"


@pytest.mark.parametrize("place", [f"_dmarc.compta.{DOMAIN}", f"_dmarc.{DOMAIN}"])
def test_dmarc_may_stand_at_the_parent_domain(tmp_path: Path, place: str) -> None:
    app = installed(tmp_path, domain=f"compta.{DOMAIN}")

    assert looked(dmarc, app, {place: ["v=DMARC1; p=none"]}).severity is Severity.OK
    assert looked(dmarc, app, {f"_dmarc.other.{DOMAIN}": ["v=DMARC1; p=none"]}).severity is Severity.WARNING


def test_dkim_is_well_only_where_our_own_key_is_published(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "dkim.pem").write_bytes(private.private_bytes(*form))
    app = installed(tmp_path, dkim_selector="mailbot", dkim_key_file="dkim.pem")
    key = signing_key(app.business())
    assert key is not None
    place = f"mailbot._domainkey.{DOMAIN}"

    missing = looked(dkim, app, {})
    other = looked(dkim, app, {place: ["v=DKIM1; p=AAAA"]})
    good = looked(dkim, app, {place: [key.published.replace("; ", ";").replace("p=", "p= ")]})

    assert (missing.severity, other.severity, good.severity) == (Severity.ERROR, Severity.ERROR, Severity.OK)
    assert missing.fix is not None
    assert f"{place}: {key.published}" in missing.fix
    assert looked(dkim, installed(tmp_path), {}).severity is Severity.INFO


def test_a_key_file_that_is_none_is_said(tmp_path: Path) -> None:
    app = installed(tmp_path, dkim_selector="mailbot", dkim_key_file="nowhere.pem")

    assert looked(dkim, app, {}).severity is Severity.ERROR
    with pytest.raises(SettingsError, match=r"nowhere\.pem"):
        signing_key(app.business())
    with pytest.raises(SettingsError, match="belong together"):
        installed(tmp_path, dkim_selector="mailbot")


def test_silence_and_domains_that_are_not_ours_to_mend_are_no_fault(tmp_path: Path) -> None:
    app = installed(tmp_path)
    assert spf(app, app.business(), lambda _name: _silent()).severity is Severity.SKIPPED
    for domain, severity in (("atelier.example", Severity.SKIPPED), ("gmail.com", Severity.OK)):
        app = installed(tmp_path, domain=domain)
        assert spf(app, app.business(), lambda _name: _silent()).severity is severity


def _silent() -> list[str]:
    raise OSError("DNS does not answer")
