"""Private instances of Dovecot and Postfix, the servers behind most mailboxes.

Both need root, as their workers change users. What they write stays in a temporary folder, and whatever mail
server the machine runs is left alone.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mailbot.testing.mail import AUTHSERV_ID, ImapServer, MailServer, mail_server
from mailbot.testing.maildirs import make
from mailbot.testing.processes import HOST, MissingServerError, free_ports, running


@dataclass(frozen=True)
class Dovecot(ImapServer):
    """A running Dovecot. It also delivers (LMTP) and checks passwords for an SMTP server."""

    lmtp_port: int = 0
    auth_port: int = 0


@contextmanager
def dovecot_server(
    users: Mapping[str, str], *, capability: str = "", certificate: Path | None = None, introspection: str = ""
) -> Iterator[Dovecot]:
    """Dovecot over Maildirs, with a \\Sent folder for everybody; `users` maps addresses to passwords.

    `capability` replaces what it says it can do ("IMAP4rev1 IDLE": neither MOVE nor UIDPLUS). With a
    certificate (PEM with the key) it speaks imaps only. With the URL of an OAuth provider's introspection it lets
    people in by XOAUTH2 too.
    """
    binary = _installed("dovecot", "dovecot-imapd dovecot-lmtpd")
    with _public_folder("mailbot-dovecot-") as folder:
        nobody = pwd.getpwnam("nobody")
        port, lmtp, auth = free_ports(3)
        server = Dovecot(port, folder / "mail", dict(users), scheme="imaps" if certificate else "imap",
                         lmtp_port=lmtp, auth_port=auth)  # fmt: skip
        for user in users:
            make(server.maildir(user))
        for place in (server.folder, *server.folder.rglob("*")):
            os.chown(place, nobody.pw_uid, nobody.pw_gid)
        (folder / "users").write_text("".join(f"{user}:{_encoded(users[user])}\n" for user in users))
        (folder / "oauth2.conf").write_text(_OAUTH2.format(introspection=introspection))
        (folder / "dovecot.conf").write_text(
            _dovecot_conf(server, folder, nobody, capability, certificate, introspection)
        )
        with running("dovecot", [binary, "-F", "-c", str(folder / "dovecot.conf")], port, folder / "dovecot.log"):
            yield server


def _encoded(password: str) -> str:
    """As passwd-file wants it: colons would end the field."""
    return "{PLAIN.b64}" + b64encode(password.encode()).decode("ascii")


_OAUTH2 = """introspection_url = {introspection}
introspection_mode = post
username_attribute = email
active_attribute = active
active_value = true
"""


def _dovecot_conf(
    server: Dovecot, folder: Path, mail: pwd.struct_passwd, capability: str, certificate: Path | None,
    introspection: str,
) -> str:  # fmt: skip
    older = _dovecot_version().startswith("2.3")
    dialect = _dovecot_2_3 if older else _dovecot_2_4
    sign_in = (_sign_in_2_3(folder) if older else _sign_in_2_4(introspection)) if introspection else ""
    plain, secure = (0, server.port) if certificate else (server.port, 0)
    return f"""{dialect(server, folder, mail, certificate)}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = {HOST}
protocols = imap lmtp
ssl = {"required" if certificate else "no"}
auth_mechanisms = plain login {"xoauth2" if introspection else ""}
{sign_in}
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
lmtp_save_to_detail_mailbox = yes
recipient_delimiter = +
{f"imap_capability = {capability}" if capability else ""}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {server.lmtp_port}
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {server.auth_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _dovecot_version() -> str:
    return subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout


def _dovecot_2_3(server: Dovecot, folder: Path, mail: pwd.struct_passwd, certificate: Path | None) -> str:
    """What Debian 12 and Ubuntu 24.04 have."""
    tls = f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else ""
    return f"""
disable_plaintext_auth = no
mail_location = maildir:{server.folder}/%u
{tls}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={mail.pw_uid} gid={mail.pw_gid} home={server.folder}/%u
}}
"""


def _dovecot_2_4(server: Dovecot, folder: Path, mail: pwd.struct_passwd, certificate: Path | None) -> str:
    """What Debian 13 has: the settings were renamed."""
    tls = f"ssl_server_cert_file = {certificate}\nssl_server_key_file = {certificate}" if certificate else ""
    return f"""
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_home = {server.folder}/%{{user}}
mail_path = {server.folder}/%{{user}}
mail_uid = {mail.pw_uid}
mail_gid = {mail.pw_gid}
{tls}
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb static {{
  fields {{
    home = {server.folder}/%{{user}}
  }}
}}
"""


def _sign_in_2_3(folder: Path) -> str:
    return f"""passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}"""


def _sign_in_2_4(introspection: str) -> str:
    return f"""oauth2 {{
  introspection_url = {introspection}
  introspection_mode = post
  username_attribute = email
  active_attribute = active
  active_value = true
}}"""


@contextmanager
def postfix_server(mailboxes: Dovecot, *, authserv_id: str = AUTHSERV_ID) -> Iterator[MailServer]:
    """Postfix in front of Dovecot: logged-in users may send anywhere, everybody may write to them.

    Mail for other domains is relayed to a sink, whose refusals come back as Postfix's own delivery reports.
    What users send under their own domain is vouched for (dmarc=pass), and a copy goes to their Sent folder.
    """
    binary = _installed("postfix", "postfix")
    with _public_folder("mailbot-postfix-") as folder:
        submission, mx = free_ports(2)
        with mail_server(folder / "far", {}, for_all=True) as far:
            _write_postfix(folder, mailboxes, authserv_id, submission, mx, far.port)
            command = [binary, "-c", str(folder), "start-fg"]
            with running("postfix", command, submission, folder / "postfix.log"), _ended(folder):
                yield MailServer(submission, far.sink, mailboxes.users, authserv_id, mx_port=mx)


@contextmanager
def _ended(folder: Path) -> Iterator[None]:
    """Postfix's master leads a session of its own below the process that started it, and must be told itself."""
    try:
        yield
    finally:
        master = int((folder / "queue" / "pid" / "master.pid").read_text())
        deadline = time.monotonic() + 10
        with suppress(ProcessLookupError):
            os.kill(master, signal.SIGTERM)  # it ends its workers, which listen too
            while time.monotonic() < deadline:
                os.killpg(master, 0)
                time.sleep(0.05)
            os.killpg(master, signal.SIGKILL)


def _write_postfix(folder: Path, mailboxes: Dovecot, authserv_id: str, submission: int, mx: int, far: int) -> None:
    (folder / "queue").mkdir()
    (folder / "data").mkdir()
    postfix = pwd.getpwnam("postfix")
    os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
    domains = sorted({user.rpartition("@")[2] for user in mailboxes.users})
    # smtpd puts this header on top of all others; no client can know its name.
    stamp = f"X-{secrets.token_hex(8)}"
    copies = [user.replace("@", "+Sent@") for user in mailboxes.users]
    write = {
        "main.cf": _main_cf(folder, mailboxes, authserv_id, stamp, domains, far),
        "master.cf": _master_cf(submission, mx),
        "users": "".join(f"{user} {user}\n" for user in mailboxes.users),
        "copies": "".join(f"{user} {copy}\n" for user, copy in zip(mailboxes.users, copies, strict=True)),
        "from_users": _header_checks(authserv_id, stamp, domains, "pass"),
        "from_others": _header_checks(authserv_id, stamp, domains, "none"),
    }
    for name, text in write.items():
        (folder / name).write_text(text)


def _header_checks(authserv_id: str, stamp: str, domains: list[str], verdict: str) -> str:
    """Makes the stamp our verdict, drops headers that claim to be ours, binds users to their domain."""
    own, domain = authserv_id.replace(".", r"\."), "|".join(domains).replace(".", r"\.")
    result = f"Authentication-Results: {authserv_id}; dmarc={verdict} header.from={domains[0]}"
    bound = f"/^From:.*@({domain})>?\\s*$/ DUNNO\n/^From:/ REJECT 5.7.1 Write under your own address\n"
    return f"/^{stamp}:/ REPLACE {result}\n/^Authentication-Results:\\s*{own}/ IGNORE\n" + (
        bound if verdict == "pass" else ""
    )


def _main_cf(folder: Path, mailboxes: Dovecot, authserv_id: str, stamp: str, domains: list[str], far: int) -> str:
    return f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = {authserv_id}
mydestination =
mynetworks =
inet_interfaces = {HOST}
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
recipient_delimiter = +
message_size_limit = 80000000
virtual_mailbox_limit = 0
virtual_mailbox_domains = {" ".join(domains)}
virtual_mailbox_maps = texthash:{folder}/users
virtual_transport = lmtp:inet:{HOST}:{mailboxes.lmtp_port}
lmtp_host_lookup = native
lmtp_destination_recipient_limit = 1
default_transport = smtp:[{HOST}]:{far}
smtp_host_lookup = native
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{HOST}:{mailboxes.auth_port}
submission_stamp = check_client_access static:{{PREPEND {stamp}: pass}}
mx_stamp = check_client_access static:{{PREPEND {stamp}: none}}
submission_header_checks = regexp:{folder}/from_users
submission_copies = texthash:{folder}/copies
header_checks = regexp:{folder}/from_others
"""


# name, in the public folder?, how many processes (0: no limit), program
_SERVICES = (
    ("cleanup", "n", 0, "cleanup"),
    ("qmgr", "n", 1, "qmgr"),
    ("flush", "n", 0, "flush"),
    ("showq", "n", 0, "showq"),
    ("rewrite", "-", 0, "trivial-rewrite"),
    ("bounce", "-", 0, "bounce"),
    ("defer", "-", 0, "bounce"),
    ("trace", "-", 0, "bounce"),
    ("error", "-", 0, "error"),
    ("retry", "-", 0, "error"),
    ("discard", "-", 0, "discard"),
    ("lmtp", "-", 0, "lmtp"),
    ("smtp", "-", 0, "smtp"),
    ("anvil", "-", 1, "anvil"),
    ("scache", "-", 1, "scache"),
    ("proxymap", "-", 0, "proxymap"),
    ("tlsmgr", "-", 1, "tlsmgr"),
)


def _master_cf(submission: int, mx: int) -> str:
    services = [f"{name} unix {public} - n - {most} {program}" for name, public, most, program in _SERVICES]
    return (
        f"""
{HOST}:{mx} inet n - n - - smtpd
  -o smtpd_recipient_restrictions=reject_unauth_destination
  -o smtpd_data_restrictions=$mx_stamp
{HOST}:{submission} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_data_restrictions=$submission_stamp
  -o cleanup_service_name=submission-cleanup
submission-cleanup unix n - n - 0 cleanup
  -o header_checks=$submission_header_checks
  -o sender_bcc_maps=$submission_copies
postlog unix-dgram n - n - 1 postlogd
"""
        + "\n".join(services)
        + "\n"
    )


def _installed(program: str, packages: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise MissingServerError(f"{program} is missing; install it with: apt-get install {packages}")
    if os.geteuid() != 0:
        raise MissingServerError(f"a private {program} needs root")
    return found


@contextmanager
def _public_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that the servers' users may pass through."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
