"""`init`: seven questions, nothing overwritten, no secret on the screen or in the wrong mode."""

import stat
from pathlib import Path

import pytest
from cli_house import IBAN, MAILBOX, OWNER, mailbot, typed

from mailbot.config import load_settings
from mailbot.doctor.providers import PROVIDERS, by_host, guess, with_user
from mailbot.imap import parse_url
from mailbot.outbox.smtp import Mailer

FLAGS = ("--no-input", "--mailbox", MAILBOX, "--owner", OWNER, "--company", "Atelier « Martin »: SARL",
         "--siren", "732 829 320", "--iban", IBAN, "--password-file", "password")  # fmt: skip


def with_password(folder: Path) -> Path:
    (folder / "password").write_text("pässword: 1\n")
    return folder


def test_flags_alone_make_an_installation_that_is_read_back(tmp_path: Path) -> None:
    done = mailbot("init", *FLAGS, "--language", "en", "--timezone", "Europe/London", folder=with_password(tmp_path))

    assert done.status == 0, done.err
    settings, _ = load_settings(tmp_path / "mailbot.yaml", {})
    business = settings.businesses[0]
    assert (business.name, business.owners, business.iban) == ("Atelier « Martin »: SARL", (OWNER,), IBAN)
    assert (business.siren, business.language, business.timezone) == ("732829320", "en", "Europe/London")
    assert business.mailbox.mail_address == MAILBOX
    assert business.mode == "shadow"
    assert business.rules is not None
    assert business.rules.is_file()
    assert business.mailbox.password_file is not None
    assert business.mailbox.password_file.read_text().strip() == "pässword: 1"
    assert len((tmp_path / "mailbot.yaml").read_text().splitlines()) <= 16


def test_secrets_are_for_their_owner_only_and_never_printed(tmp_path: Path) -> None:
    done = mailbot("init", *FLAGS, folder=with_password(tmp_path))

    places = [tmp_path / "secrets", *sorted((tmp_path / "secrets").iterdir())]
    assert [oct(stat.S_IMODE(place.stat().st_mode)) for place in places] == ["0o700", "0o600", "0o600", "0o600"]
    key = (tmp_path / "secrets/key").read_text().strip()
    assert len(bytes.fromhex(key)) == 32
    assert key not in done.out + done.err
    assert "pässword" not in done.out + done.err
    assert "Keep a copy" in done.out
    assert "mailbot doctor" in done.out.splitlines()[-1]


def test_it_says_that_no_receiving_server_is_pinned_and_how_to_pin_one(tmp_path: Path) -> None:
    done = mailbot("init", *FLAGS, folder=with_password(tmp_path))

    assert "No receiving server is pinned yet" in done.out
    assert "authserv_id" in done.out


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    mailbot("init", *FLAGS, folder=with_password(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    done = mailbot("init", *FLAGS, folder=tmp_path)

    assert done.status == 5
    assert "exists already" in done.sentence
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_interrupted_run_keeps_the_key_that_it_made(tmp_path: Path) -> None:
    mailbot("init", *FLAGS, folder=with_password(tmp_path))
    key = (tmp_path / "secrets/key").read_text()
    (tmp_path / "mailbot.yaml").unlink()

    done = mailbot("init", *FLAGS, folder=tmp_path)

    assert done.status == 0
    assert (tmp_path / "secrets/key").read_text() == key
    assert "kept  secrets/key" in done.out


def test_everything_that_is_missing_or_wrong_is_said_at_once(tmp_path: Path) -> None:
    done = mailbot(
        "init", "--no-input", "--mailbox", "no address", "--siren", "123456789", "--iban", "FR76 1234",
        "--timezone", "Europe/Pariss", folder=tmp_path,
    )  # fmt: skip

    assert done.status == 2
    for words in ("--mailbox: ", "--owner is missing", "--company is missing", "--siren: ", "--iban: ",
                  'did you mean "Europe/Paris"', "--password-file is missing"):  # fmt: skip
        assert words in done.err
    assert list(tmp_path.iterdir()) == []


def test_questions_are_asked_again_until_the_answer_is_good(tmp_path: Path) -> None:
    answers = [
        "bot@", MAILBOX, "ovh", "", "", OWNER, "Atelier Martin", "123456789", "732829320", "FR76", IBAN, "de", "fr",
        "", "the password", "", "", "",
    ]  # fmt: skip

    status, screen = typed("init", keys="\n".join(answers) + "\n", folder=tmp_path)

    assert status == 0, screen
    settings, _ = load_settings(tmp_path / "mailbot.yaml", {})
    assert settings.businesses[0].mailbox.imap == "imaps://factures%40atelier-martin.example@ssl0.ovh.net:993"
    assert settings.businesses[0].iban == IBAN
    assert (tmp_path / "secrets/smtp").read_text().strip() == "the password"
    assert "is not a valid SIREN" in screen
    assert "the password" not in screen


def test_the_bot_needs_a_mailbox_of_its_own(tmp_path: Path) -> None:
    done = mailbot("init", *FLAGS, "--owner", MAILBOX, folder=with_password(tmp_path))

    assert done.status == 2
    assert "of its own" in done.sentence


def test_ctrl_c_leaves_everything_as_it_is(tmp_path: Path) -> None:
    status, _ = typed("init", keys=f"{MAILBOX}\n\x03\n", folder=tmp_path)

    assert status == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_has_servers_that_the_adapters_take(provider: object) -> None:
    found = guess("", getattr(provider, "name", None))

    assert parse_url(with_user(found.imap, "me@here.example")).user == "me@here.example"
    Mailer(with_user(found.smtp, "me@here.example"), "password")
    assert by_host(parse_url(with_user(found.imap, "me@here.example")).host) is found


def test_addresses_of_providers_are_known_and_others_guessed() -> None:
    assert guess("bot@GMAIL.com").name == "gmail"
    assert "app password" in guess("bot@gmail.com").hint
    assert guess("bot@firm.example").imap == "imaps://imap.firm.example:993"


def test_a_mailbox_that_takes_no_password_is_signed_in_at(tmp_path: Path) -> None:
    """At Microsoft there is no password to ask for: the application's id stands in its place."""
    done = mailbot(
        "init", "--no-input", "--mailbox", "factures@outlook.com", "--owner", OWNER, "--company", "Atelier Martin",
        "--client-id", "0000-1111", folder=tmp_path,
    )  # fmt: skip
    settings, _ = load_settings(tmp_path / "mailbot.yaml", {})
    login = settings.businesses[0].login

    assert done.status == 0, done.err
    assert "Next: mailbot login" in done.out
    assert login is not None
    assert (login.provider, login.client_id) == ("microsoft", "0000-1111")
    assert not (tmp_path / "secrets" / "imap").exists()


def test_signing_in_is_offered_only_where_it_works(tmp_path: Path) -> None:
    done = mailbot(
        "init", "--no-input", "--mailbox", "factures@orange.fr", "--owner", OWNER, "--company", "Atelier Martin",
        "--client-id", "0000-1111", folder=tmp_path,
    )  # fmt: skip

    assert done.status == 2
    assert "--client-id" in done.sentence
