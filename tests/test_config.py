"""mailbot.yaml and the environment: what is read, and how every mistake is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.config import load_settings, secret
from mailbot.errors import NotInitialised, SettingsError
from mailbot.settings import Settings
from mailbot.values import weekdays

GOOD = """\
business:
  name: Atelier Martin SARL
  owners: [claire@atelier-martin.example]
  language: fr
  iban: FR76 3000 6000 0112 3456 7890 189
mailbox: {imap: imaps://factures%40atelier-martin.example@imap.example:993, password_file: secrets/imap}
smtp: {url: smtps://factures%40atelier-martin.example@smtp.example:465, password_file: secrets/smtp}
digest: {at: "18:30", days: mon-fri}
"""


def load(folder: Path, text: str, **environment: str) -> Settings:
    path = folder / "mailbot.yaml"
    path.write_text(text)
    return load_settings(path, environment)[0]


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    return caught.value.problems


def test_twelve_lines_are_enough(tmp_path: Path) -> None:
    business = load(tmp_path, GOOD).businesses[0]

    assert business.key == "atelier-martin-sarl"
    assert business.mailbox.mail_address == "factures@atelier-martin.example"
    assert business.iban == "FR7630006000011234567890189"
    assert business.mode == "shadow"
    assert business.tracking.opens == "never"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)

    assert settings.database == f"sqlite:///{tmp_path.resolve()}/mailbot.db"
    assert settings.businesses[0].smtp.password_file == tmp_path.resolve() / "secrets/smtp"


def test_a_time_of_day_stays_what_was_written(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD.replace('"18:30"', "18:30")).businesses[0].digest.at == "18:30"


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    wrong = GOOD.replace("language: fr", "langage: fr").replace("mon-fri", "lun-ven").replace("0189", "0188")
    wrong += "digst: {}\n"

    told = "\n".join(problems(tmp_path, wrong))

    assert 'mailbot.yaml:4: unknown key "langage"; did you mean "language"?' in told
    assert "mailbot.yaml:8: digest.days:" in told
    assert 'mailbot.yaml:9: unknown key "digst"; did you mean "digest"?' in told


def test_a_wrong_iban_is_named(tmp_path: Path) -> None:
    told = problems(tmp_path, GOOD.replace("7890 189", "7890 188"))

    assert len(told) == 1
    assert told[0].startswith('mailbot.yaml:5: business.iban: "FR76 3000 6000 0112 3456 7890 188" is not a valid IBAN')


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + "digest: {}\n") == ['mailbot.yaml:9: "digest" is written twice']


@pytest.mark.parametrize("text", ["business: [", "\tbusiness: x", "- a\n- b\n"])
def test_what_is_no_yaml_gives_one_sentence(tmp_path: Path, text: str) -> None:
    told = problems(tmp_path, text)

    assert len(told) == 1
    assert told[0].startswith("mailbot.yaml:")


def test_no_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotInitialised, match="mailbot init"):
        load_settings(tmp_path / "mailbot.yaml", {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mailbot.yaml"
    path.write_text(GOOD)

    settings, source = load_settings(path, {"MAILBOT_REDIS": "redis://x", "MAILBOT_SMTP__CONNECTIONS": "3"})

    assert settings.redis == "redis://x"
    assert settings.businesses[0].smtp.connections == 3
    assert source["redis"] == "MAILBOT_REDIS"
    assert source["business.name"] == "mailbot.yaml:2"


TWO = """\
businesses:
  - {id: a, name: A, owners: [o@a.example], mailbox: {imap: imaps://a%40a.example@imap.example}, smtp: {url: smtps://h}}
  - {id: b, name: B, owners: [o@b.example], mailbox: {imap: imaps://b%40b.example@imap.example}, smtp: {url: smtps://h}}
"""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("MAILBOT_MAILBOX__PASSWORD_FILE", '"mailbox" is a section of each business: businesses.0.mailbox'),
        ("MAILBOT_BOGUS__X", 'unknown key "bogus"'),
        ("MAILBOT_BUSINESSES__7__NAME", "there is no '7' (businesses has 2, counted from 0)"),
        ("MAILBOT_BUSINESSES__X__NAME", "there is no 'x'"),
        ("MAILBOT_BUSINESSES__0__NAME__X", "businesses.0.name is not a section"),
        ("MAILBOT_BUSINESSES__0", "businesses is not a section"),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, TWO, **{name: "x"})

    (told,) = caught.value.problems
    assert told.startswith(f"the variable {name}: ")
    assert says in told


def test_a_password_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "imap").write_text("s3cret\n")
    settings = load(tmp_path, GOOD, MAILBOT_SMTP__PASSWORD="0ther")

    assert secret(settings.businesses[0].mailbox) == "s3cret"
    assert secret(settings.businesses[0].smtp) == "0ther"
    assert "0ther" not in repr(settings)


def test_an_address_with_a_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://bot:s3cret@db/mailbot\n")

    settings = load(tmp_path, GOOD, MAILBOT_DATABASE_FILE=str(tmp_path / "url"))

    assert settings.database == "postgresql+psycopg://bot:s3cret@db/mailbot"


def test_the_bot_needs_a_mailbox_of_its_own(tmp_path: Path) -> None:
    told = problems(tmp_path, GOOD.replace("claire@", "factures@"))

    assert "its address cannot be an owner's" in told[0]


def test_a_missing_password_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Put the password there"):
        secret(load(tmp_path, GOOD).businesses[0].mailbox)


def test_two_businesses_need_two_mailboxes(tmp_path: Path) -> None:
    one = "  - {name: A, owners: [a@a.example], mailbox: {imap: 'imaps://x%40a.example@h:993'}, smtp: {url: 'smtps://h'}}\n"
    told = problems(tmp_path, f"businesses:\n{one}{one.replace('name: A', 'name: B')}")

    assert "two businesses share one mailbox" in told[0]


@pytest.mark.parametrize(
    ("text", "days"), [("mon-fri", {0, 1, 2, 3, 4}), ("daily", set(range(7))), ("sat-mon", {5, 6, 0}), ("wed", {2})]
)
def test_weekdays(text: str, days: set[int]) -> None:
    assert weekdays(text) == days


@given(st.text(max_size=12))
def test_weekdays_never_break(text: str) -> None:
    try:
        found = weekdays(text)
    except ValueError:
        found = frozenset()

    assert found <= set(range(7))


def test_two_businesses_may_share_a_folder_by_plus_addresses(tmp_path: Path) -> None:
    account = "imaps://box%40a.example@imap.a.example"
    rest = "owners: [claire@a.example], smtp: {url: smtps://box%40a.example@smtp.a.example}"
    text = "businesses:\n" + "".join(
        f"- {{name: {name}, {rest}, mailbox: {{imap: '{account}', address: box+{name}@a.example}}}}\n"
        for name in ("un", "deux")
    )

    settings = load(tmp_path, text)

    assert settings.sharing(settings.businesses[1]) == ("box+un@a.example", "box+deux@a.example")


def test_a_business_with_a_folder_of_its_own_shares_nothing(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)

    assert settings.sharing(settings.businesses[0]) == ()


def test_a_mail_must_not_be_looked_for_before_its_server_had_time_to_take_it(tmp_path: Path) -> None:
    hasty = f"{GOOD}limits: {{grace_seconds: 60}}\n"

    (said,) = problems(tmp_path, hasty)

    assert "limits.grace_seconds: at least 900" in said
    assert load(tmp_path, hasty.replace("grace_seconds: 60", "grace_seconds: 900")).limits.grace_seconds == 900


@pytest.mark.parametrize("server", ["localhost", "127.0.0.1", "[::1]"])
def test_a_mail_server_on_this_machine_may_be_in_a_hurry(tmp_path: Path, server: str) -> None:
    here = GOOD.replace(
        "url: smtps://factures%40atelier-martin.example@smtp.example:465", f'url: "smtp://{server}:2525"'
    )

    assert load(tmp_path, f"{here}limits: {{grace_seconds: 5}}\n").limits.grace_seconds == 5
