"""A client's data: given as a file, erased as far as the law allows, and the chain of seals stays whole."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from e2e_house import DUPONT, LEMAIRE, House, answered, bank_file, copied, forwarded, write_settings
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, TUESDAY, asked, typed

from mailbot.cli.meaning import one_client, one_target
from mailbot.evidence import verify_standalone
from mailbot.jobs import chaining, dossiers, erasing, expiring, giving, handing, proving
from mailbot.jobs.mailing import ask
from mailbot.ledger.tables import metadata
from mailbot.sandbox import Sandbox

PROMISE = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"
LATER = at(MONDAY, 9) + timedelta(days=366 * 11)
"""When every duty to keep is over."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    settings = write_settings(tmp_path_factory.mktemp("lived") / "house")
    house = House(settings, sandbox)
    morning = at(MONDAY, 7, 40)
    house.turn(
        morning,
        forwarded("FA-2026-0001", LEMAIRE, morning),
        forwarded("FA-2026-0002", DUPONT, morning),
        bank_file(SUNDAY, morning),
    )
    house.turn(at(MONDAY, 9, 20))
    [mail] = [one.raw for one in house.mailer.sent if one.recipient == LEMAIRE.person.email]
    house.turn(at(MONDAY, 15), answered(LEMAIRE, mail, PROMISE, at(MONDAY, 15)))
    house.close()
    return settings


@pytest.fixture
def house(lived: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(copied(lived, tmp_path / "house"), sandbox)
    found.now = at(TUESDAY, 10)
    yield found
    found.close()


def settled(house: House) -> int:
    typed(house, "payé FA-2026-0001", at(TUESDAY, 9))
    return house.client(LEMAIRE.name)


def test_a_number_on_the_command_line_is_a_client_and_never_a_question(house: House) -> None:
    dupont, lemaire = house.client(DUPONT.name), house.client(LEMAIRE.name)
    for one in sorted((dupont, lemaire), reverse=True):
        about = {"client": one, "client_name": "?"}
        house.act(lambda conn, one=one, about=about: ask(conn, house.office, "no_contact", f"no_contact/{one}", about,
                                                         house.now, client=one))  # fmt: skip
    assert [(row["number"], row["client"]) for row in asked(house, "no_contact")] == [(1, 2), (2, 1)]

    assert [one_target(house.office, str(one)).client for one in (dupont, lemaire)] == [dupont, lemaire]
    assert one_target(house.office, "FA-2026-0002").client == dupont
    with pytest.raises(typer.Exit):
        one_target(house.office, "99")


@pytest.mark.parametrize(("words", "said"), [("Personne", "`mailbot client list`"), ("a", "which one?")])
def test_a_name_of_nobody_or_of_several_is_one_sentence(
    house: House, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    with pytest.raises(typer.Exit) as ended:
        one_client(house.office, words)

    assert ended.value.exit_code == 1
    assert said in capsys.readouterr().err


def test_who_owes_something_is_not_erased(house: House) -> None:
    before = house.dump()

    found = erasing.erase(house.office, house.client(LEMAIRE.name), house.now)

    assert found.owes
    assert {name: rows for name, rows in house.dump().items() if name != "sealed"} == {
        name: rows for name, rows in before.items() if name != "sealed"
    }


def test_what_proves_the_accounts_is_kept_and_it_is_said_until_when_and_why(house: House) -> None:
    client = settled(house)

    found = erasing.erase(house.office, client, house.now)

    assert found.contacts == 1
    assert house.rows("contact", client=client) == []
    kept = {one.kind: one for one in found.kept}
    assert kept["mails"].count == 2
    assert kept["invoices"].until.isoformat() == "2036-12-31"
    assert "L123-22" in kept["invoices"].why
    assert chaining.verify_ledger(house.office).findings == ()


def test_after_ten_years_everything_goes_and_the_chain_still_holds(house: House, tmp_path: Path) -> None:
    client = settled(house)
    erasing.erase(house.office, client, LATER)

    assert all(row["raw"] is None for row in house.rows("outgoing", client=client))
    assert [row["raw"] for row in house.rows("letter", client=client)] == [b""]
    said = [row["data"] for row in house.rows("event", client=client) if row["name"].startswith(("reply.", "mail."))]
    assert all(data == {"erased": True} for data in said)
    found = chaining.verify_ledger(house.office)
    assert found.findings == ()
    assert found.erased > 4
    proving.write_export(house.office, tmp_path / "export.zip", LATER)
    assert verify_standalone.verify(tmp_path / "export.zip")[0] == []


def stored_words(house: House) -> str:
    """All texts of the ledger's tables, but those of the owner's own mails, bank files and mails to the owners."""
    own = {row["id"] for row in house.rows("letter") if row["kind"] in ("order", "invoice", "bank_feed")}
    ours = {row["id"] for row in house.rows("outgoing", kind="owner")}
    skipped = {"outgoing_bytes", "statement", "owner_order", "owner", "business", "rules_version"}
    return "\n".join(
        f"{name} {row}"
        for name, rows in house.dump().items()
        if name not in skipped
        for row in rows
        if not (name == "letter" and row["id"] in own) and not (name == "outgoing" and row["id"] in ours)
    )


def test_what_proves_nothing_goes_at_once_and_is_counted(house: House) -> None:
    client = settled(house)
    house.act(lambda conn: ask(conn, house.office, "no_contact", "asked", {"client": client, "client_name": "X"},
                               house.now, client=client))  # fmt: skip
    house.act(lambda conn: handing.want_dossier(conn, house.office, client, None, "wanted", house.now))
    assert handing.hand_over_dossiers(house.office, house.now) == 1
    assert house.rows("decision", client=client)

    found = erasing.erase(house.office, client, house.now + timedelta(hours=1))

    assert (found.decisions > 0, found.questions > 0, len(found.files)) == (True, True, 1)
    assert house.rows("decision", client=client) == []
    assert {row["text"] for row in house.rows("question", client=client)} == {""}
    assert {row["state"] for row in house.rows("question", client=client)} <= {"expired", "answered"}
    [file] = [row for row in house.rows("letter") if row["id"] in found.files]
    assert file["raw"] == b""
    assert {one.kind for one in found.kept} >= {"mails", "events", "payments", "invoices", "identity", "own_mail"}
    assert all(one.why for one in found.kept)
    assert chaining.verify_ledger(house.office).findings == ()
    assert dossiers.make(house.office, client, None, house.now + timedelta(hours=2)).wrong == ()


def test_after_all_periods_nothing_names_the_client(house: House, tmp_path: Path) -> None:
    client, known = settled(house), house.rows("client", name=LEMAIRE.name)[0]
    house.act(lambda conn: ask(conn, house.office, "no_contact", "asked", {"client": client, "client_name": "X"},
                               house.now, client=client))  # fmt: skip
    name, email, siren = known["name"], LEMAIRE.person.email, known["siren"]
    assert all(one in stored_words(house) for one in (name, email, siren))

    found = erasing.erase(house.office, client, LATER)

    assert found.identity
    left = stored_words(house)
    for one in (name, email, siren, LEMAIRE.payer):
        assert one not in left, (one, left[max(0, left.index(one) - 300) : left.index(one) + 100])
    assert chaining.verify_ledger(house.office).findings == ()
    proving.write_export(house.office, tmp_path / "export.zip", LATER)
    assert verify_standalone.verify(tmp_path / "export.zip")[0] == []
    again = erasing.planned(house.office, client, LATER + timedelta(days=8))
    assert not expiring.takes_anything(again)


def test_a_client_gets_the_rows_of_every_table_about_it(house: House) -> None:
    client = house.client(LEMAIRE.name)
    house.act(lambda conn: ask(conn, house.office, "no_contact", "asked",
                               {"client": client, "client_name": LEMAIRE.name, "text": f"{DUPONT.name} ?"},
                               house.now, client=client))  # fmt: skip

    with zipfile.ZipFile(io.BytesIO(giving.everything_about(house.office, client, house.now))) as archive:
        record = json.loads(archive.read("client.json"))

    for table in metadata.sorted_tables:
        if "client" in table.c:
            assert len(record["records"][table.name]) == len(house.rows(table.name, client=client)), table.name
    for table in ("decision", "question", "event", "outgoing", "outgoing_event", "letter", "contact", "invoice"):
        assert record["records"][table], table
    assert "reply.promise" in {one["name"] for one in record["records"]["event"]}
    assert DUPONT.name not in json.dumps(record, ensure_ascii=False)
    assert "it names another client" in json.dumps(record["records"]["question"])


def test_another_client_keeps_all_it_has(house: House) -> None:
    other = house.client(DUPONT.name)
    before = [
        house.rows("event", client=other),
        house.rows("outgoing", client=other),
        house.rows("contact", client=other),
    ]

    erasing.erase(house.office, settled(house), LATER)

    assert before == [
        house.rows("event", client=other), house.rows("outgoing", client=other), house.rows("contact", client=other),
    ]  # fmt: skip


def test_erasing_twice_erases_once(house: House) -> None:
    client = settled(house)
    erasing.erase(house.office, client, LATER)
    once = house.dump()

    erasing.erase(house.office, client, LATER + timedelta(days=1))

    assert house.dump() == once


def test_a_client_gets_all_that_is_kept_of_it_and_of_nobody_else(house: House) -> None:
    raw = giving.everything_about(house.office, house.client(LEMAIRE.name), house.now)

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        record = json.loads(archive.read("client.json"))
        text = "".join(archive.read(name).decode(errors="replace") for name in names)
    assert record["client"]["name"] == LEMAIRE.name
    assert [one["number"] for one in record["invoices"]] == ["FA-2026-0001"]
    assert sum(name.endswith(".eml") for name in names) == 2
    assert DUPONT.person.email not in text
    assert "FA-2026-0002" not in text
