"""`mailbot login` against a provider on loopback and a Dovecot that believes its tokens; and a key that was swapped."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_house import IBAN, MAILBOX, OWNER, mailbot

from mailbot.testing.oauthd import OAuthProvider, oauth_provider
from mailbot.testing.servers import Dovecot, dovecot_server

USERS = {MAILBOX: "never used", OWNER: "never used"}


@dataclass
class Place:
    provider: OAuthProvider
    dovecot: Dovecot
    folder: Path

    def write(self, **login: object) -> None:
        (self.folder / "secrets").mkdir(exist_ok=True)
        (self.folder / "secrets" / "key").write_text("ab" * 32)
        (self.folder / "secrets" / "key").chmod(0o600)
        server = self.provider.server()
        places = {"token_url": server.token_url, "authorize_url": server.authorize_url,
                  "device_url": server.device_url, "scope": "mail"}  # fmt: skip
        tree = {
            "business": {"name": "Atelier Martin", "owners": [OWNER], "iban": IBAN, "language": "en"},
            "mailbox": {"imap": self.dovecot.url(MAILBOX)},
            "smtp": {"url": "smtp://127.0.0.1:1"},
            "login": {"provider": "other", "client_id": server.client_id, **places, **login},
        }
        (self.folder / "mailbot.yaml").write_text(yaml.safe_dump(tree))


@pytest.fixture(scope="module")
def servers(require: Callable[[object], Any]) -> Iterator[tuple[OAuthProvider, Dovecot]]:
    with oauth_provider(MAILBOX) as provider:
        introspection = f"http://127.0.0.1:{provider.port}/introspect"
        yield provider, require(dovecot_server(USERS, introspection=introspection))


@pytest.fixture
def place(servers: tuple[OAuthProvider, Dovecot], tmp_path: Path) -> Place:
    provider, dovecot = servers
    provider.says, provider.broken, provider._polls = "", False, 0
    found = Place(provider, dovecot, tmp_path)
    found.write()
    return found


@pytest.mark.system
def test_a_code_signs_in_and_the_mailbox_is_tried_at_once(place: Place) -> None:
    done = mailbot("login", folder=place.folder)

    assert done.status == 0, done.err
    assert "ABCD-EFGH" in done.err
    assert MAILBOX in done.err
    assert f"as {MAILBOX}" in done.out
    assert mailbot("doctor", "--only", "imap", folder=place.folder).status == 0


@pytest.mark.system
def test_another_account_than_the_mailboxs_is_said(place: Place) -> None:
    tree = yaml.safe_load((place.folder / "mailbot.yaml").read_text())
    tree["mailbox"]["imap"] = place.dovecot.url(OWNER)
    tree["business"]["owners"] = ["boss@atelier-martin.example"]
    (place.folder / "mailbot.yaml").write_text(yaml.safe_dump(tree))

    done = mailbot("login", folder=place.folder)

    assert done.status == 1
    assert "another account" in done.err


@pytest.mark.system
@pytest.mark.parametrize("way", ["the browser comes back", "the address is pasted"])
def test_a_page_signs_in(place: Place, way: str) -> None:
    with asking(place) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        page = next(line.strip() for line in process.stderr if line.startswith("http"))
        back = place.provider.agree(page)
        if way == "the browser comes back":
            with urllib.request.urlopen(f"{back.partition('?')[0]}favicon.ico") as icon:
                assert icon.status == 200
            with urllib.request.urlopen(back) as shown:
                assert b"close this page" in shown.read()
        else:
            process.stdin.write(f"what was that again?\n{back}\n")
            process.stdin.flush()
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert f"as {MAILBOX}" in out
    assert "code=" not in err + out


@contextmanager
def asking(place: Place) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "mailbot", "login", "--page"], cwd=place.folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.system
def test_a_refusal_is_one_sentence_and_keeps_nothing(place: Place) -> None:
    place.provider.says = "access_denied"

    done = mailbot("login", folder=place.folder)

    assert done.status == 1
    assert done.err.strip().splitlines()[-1].startswith("The provider refused the sign-in")
    place.provider.says = ""
    look = mailbot("doctor", "--only", "imap", folder=place.folder)
    assert "mailbot login" in look.out
    assert look.status == 4


@pytest.mark.system
def test_no_token_is_readable_anywhere_in_the_installation(place: Place) -> None:
    assert mailbot("login", folder=place.folder).status == 0

    secrets = [token.encode() for token in place.provider.refresh_tokens | place.provider.access_tokens]
    for path in place.folder.rglob("*"):
        if path.is_file():
            assert not [token for token in secrets if token in path.read_bytes()], path


@pytest.mark.system
def test_without_a_login_section_the_page_to_read_is_named(place: Place) -> None:
    tree = yaml.safe_load((place.folder / "mailbot.yaml").read_text())
    del tree["login"]
    (place.folder / "mailbot.yaml").write_text(yaml.safe_dump(tree))

    done = mailbot("login", folder=place.folder)

    assert done.status == 3
    assert re.search(r"login:.*connect-a-mailbox", done.sentence)


def test_a_swapped_key_is_refused_until_a_person_accepts_it(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    key = tmp_path / "secrets" / "key"
    key.write_text("ab" * 32)
    (tmp_path / "mailbot.yaml").write_text(yaml.safe_dump({
        "business": {"name": "Atelier Martin", "owners": [OWNER], "language": "en"},
        "mailbox": {"maildir": "mail", "address": MAILBOX}, "smtp": {"url": "smtp://127.0.0.1:1"},
    }))  # fmt: skip
    assert mailbot("status", folder=tmp_path).status == 0

    key.write_text("cd" * 32)
    refused = mailbot("status", folder=tmp_path)
    doctor = mailbot("doctor", "--only", "key", folder=tmp_path)
    not_yet = mailbot("config", "accept-key", folder=tmp_path)
    assert refused.status == 3
    assert "not the key that the ledger was begun with" in refused.sentence
    assert doctor.status == 4
    assert "back-up" in doctor.out
    assert not_yet.status == 5

    assert mailbot("config", "accept-key", "--confirm", "lost", folder=tmp_path).status == 0
    assert mailbot("status", folder=tmp_path).status == 0
    key.write_text("ab" * 32)
    assert mailbot("status", folder=tmp_path).status == 3
