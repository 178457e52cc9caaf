"""The dossier: whole, checked by the stand-alone script, and with nothing of another client in it."""

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pypdfium2
import pytest
from e2e_house import DUPONT, LEMAIRE, House, answered, bank_file, copied, forwarded, write_settings
from e2e_scene import MONDAY, DemoLine, at
from jobs_story import SUNDAY, TUESDAY
from jobs_story import typed as typed_in
from sqlalchemy import text

from mailbot.evidence import verify_standalone
from mailbot.evidence.chain import digest
from mailbot.evidence.dossier import DossierFacts, Proof, cover
from mailbot.evidence.pages import pdf
from mailbot.evidence.parties import Claim, Creditor, Debtor
from mailbot.jobs import chaining, dossiers
from mailbot.jobs.office import happened
from mailbot.ledger import invoices, letters
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument
from mailbot.sandbox import Sandbox

PROMISE = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    """Two clients were reminded; one promised, and one transfer names invoices of both."""
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
    paid = DemoLine(MONDAY, Decimal("300.00"), LEMAIRE.payer, "ACOMPTE FA-2026-0001")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), paid))
    house.close()
    return settings


@pytest.fixture
def house(lived: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(copied(lived, tmp_path / "house"), sandbox)
    found.now = at(TUESDAY, 10)
    yield found
    found.close()


def opened(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    return " ".join(text.replace("\u200b", "").split())


def readable(name: str, raw: bytes) -> str:
    """All text of a file, decoded as far as it can be."""
    if name.endswith(".pdf"):
        return words(raw)
    if name.endswith(".eml"):
        message = message_from_bytes(raw, policy=default)
        parts = [part.get_content() for part in message.walk() if part.get_content_type().startswith("text/")]
        pdfs = [part.get_content() for part in message.walk() if part.get_content_type() == "application/pdf"]
        return "\n".join([raw.decode(errors="replace"), *parts, *map(words, pdfs)])
    return raw.decode(errors="replace")


def made(house: House, client: str = LEMAIRE.name, number: str | None = None, **more: str) -> dict[str, bytes]:
    return opened(dossiers.make(house.office, house.client(client), number, house.now, **more).content)


def test_a_dossier_holds_cover_exhibits_and_proof(house: House) -> None:
    found = made(house)

    cover = words(found["00-sommaire.pdf"])
    for said in (
        "Atelier Martin SARL",
        LEMAIRE.name,
        "FA-2026-0001",
        "1405",
        "2240",
        "Nous ferons le virement",
        "1344-1",
    ):
        assert said in cover, said
    names = sorted(found)
    assert sum(name.endswith(".eml") for name in names) == 2
    assert [name for name in names if name.startswith("pieces/001-")] == ["pieces/001-facture-fa-2026-0001.pdf"]
    assert {"preuve/chain.tsv", "preuve/verify.py", "LISEZMOI.txt"} <= set(names)
    for name in names:
        if name.endswith(".pdf"):
            assert found[name].startswith(b"%PDF"), name


def test_each_mail_is_there_as_its_bytes_and_as_a_page_with_the_server_s_answer(house: House) -> None:
    found = made(house)
    rows = [row for row in house.rows("outgoing", kind="client") if row["recipient"] == LEMAIRE.person.email]

    eml = [name for name in found if name.endswith(".eml")]
    assert rows[0]["raw"] in [found[name] for name in eml]
    pages = [words(found[name.removesuffix(".eml") + ".pdf"]) for name in eml]
    assert any("250" in page and "Réponse du serveur" in page for page in pages)
    assert any("promet de payer" in page and "par mailbot, sur ces termes" in page for page in pages)


def test_nothing_of_another_client_is_in_it(house: House) -> None:
    strange = [DUPONT.name, DUPONT.person.email, DUPONT.siren, "FA-2026-0002", DUPONT.person.name]
    for number in (None, "FA-2026-0001"):
        for name, raw in made(house, LEMAIRE.name, number).items():
            text = readable(name, raw).casefold()
            for term in strange:
                assert term.casefold() not in text, (name, term)


def test_the_stand_alone_script_finds_the_proof_in_order_and_a_changed_mail(house: House, tmp_path: Path) -> None:
    file = tmp_path / "dossier.zip"
    file.write_bytes(dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now).content)

    bad, summary = verify_standalone.verify(file)
    assert bad == [], summary
    assert " 0 events shown" not in summary

    found = opened(file.read_bytes())
    eml = next(name for name in found if name.endswith(".eml"))
    with zipfile.ZipFile(file, "w") as archive:
        for name, raw in found.items():
            archive.writestr(name, raw.replace(b"FA-2026", b"FA-2O26") if name == eml else raw)
    assert verify_standalone.verify(file)[0] != []


def test_the_same_facts_give_the_same_bytes(house: House) -> None:
    first = dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now)

    assert dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now + timedelta(minutes=3)) == first


def test_what_is_missing_is_named_instead_of_left_out(house: House) -> None:
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE invoice SET document_bytes = NULL"))
        conn.execute(text("UPDATE letter SET raw = x'' WHERE kind = 'reply'"))

    found = made(house)

    cover = words(found["00-sommaire.pdf"])
    assert "Facture FA-2026-0001 : le document était au registre et n'y est plus, sans trace d'un effacement" in cover
    assert "les octets du message manquent au registre, sans trace d'un effacement" in cover
    assert "a trouvé des écarts" in cover
    assert "Aucun contenu attendu ne manque" not in cover
    assert chaining.verify_ledger(house.office).findings != ()


def test_altered_bytes_are_named_with_their_exhibit_and_never_stand_beside_nothing_missing(
    house: House, tmp_path: Path
) -> None:
    assert "Chaîne vérifiée à l'établissement du dossier" in words(made(house)["00-sommaire.pdf"])
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE letter SET raw = CAST(raw || x'20' AS BLOB) WHERE kind = 'reply'"))

    file = tmp_path / "dossier.zip"
    file.write_bytes(dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now).content)

    found = opened(file.read_bytes())
    cover = words(found["00-sommaire.pdf"])
    exhibit = next(name for name in found if name.endswith(".eml") and "mail-recu" in name)
    number = int(exhibit.partition("/")[2][:3])
    assert f"Le contenu de ces pièces n'est pas celui qui a été scellé : {number}." in cover
    assert f"Pièce {number}, Mail reçu du débiteur" in cover
    assert "[contenu altéré]" in cover
    assert "Aucun contenu attendu ne manque" not in cover
    assert f"{exhibit} is a content that no seal names" in verify_standalone.verify(file)[0]


def test_a_change_elsewhere_is_said_to_concern_no_exhibit(house: House) -> None:
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE statement SET raw = CAST(raw || x'20' AS BLOB)"))

    cover = words(made(house)["00-sommaire.pdf"])

    assert "Aucun ne porte sur une pièce ou sur un fait de ce dossier" in cover
    assert "Aucun contenu attendu ne manque" not in cover


UNLIKE = {
    "amount": ("UPDATE invoice SET amount = '9000.00' WHERE number = 'FA-2026-0001'", "FA-2026-0001, montant"),
    "due": ("UPDATE invoice SET due = '2025-01-01' WHERE number = 'FA-2026-0001'", "FA-2026-0001, échéance"),
    "debtor": ("UPDATE client SET name = 'Lemaire & fils' WHERE name LIKE '%Lemaire%'", "Débiteur (client n° 1), nom"),
    "moved": ("UPDATE invoice SET client = 2 WHERE number = 'FA-2026-0001'", "FA-2026-0001, débiteur"),
    "gone": (
        "UPDATE invoice SET number = 'FA-9' WHERE number = 'FA-2026-0001'",
        "FA-2026-0001 : n'est plus au registre",
    ),
    "open": ("UPDATE invoice SET open_amount = '9000' WHERE number = 'FA-2026-0001'", "FA-2026-0001, reste dû"),
    "arrival": ("UPDATE letter SET received_at = '2026-01-01 08:00:00.000000' WHERE kind = 'reply'", "arrivée"),
    "payment": ("UPDATE line SET booked = '2026-01-01' WHERE amount = '300.00'", "date : scellé « 2026-03-02 »"),
    "label": ("UPDATE line SET memo = 'autre chose' WHERE amount = '300.00'", "payeur ou libellé différents"),
    "mail": ("UPDATE outgoing SET recipient = 'x@y.example' WHERE kind = 'client'", "destinataire"),
}
"""What somebody changes in the tables of the ledger, and what the dossier says of it."""


@pytest.mark.parametrize("change", UNLIKE)
def test_what_the_tables_say_is_compared_with_the_sealed_facts(house: House, change: str) -> None:
    client = house.client(LEMAIRE.name)
    statement, said = UNLIKE[change]
    with closing(sqlite3.connect(str(house.office.engine.url.database))) as conn:  # as who has its file: no keys
        assert conn.execute(statement).rowcount != 0
        conn.commit()

    found = dossiers.make(house.office, client, None, house.now)

    assert any(said in one for one in found.wrong), found.wrong
    cover = words(opened(found.content)["00-sommaire.pdf"])
    assert "Ce que le registre dit de cette créance diffère des faits scellés" in cover
    assert said in cover
    assert "Aucun contenu attendu ne manque" not in cover
    codes = {one.code for one in chaining.verify_ledger(house.office).findings}
    assert ("fact_changed" in codes) is (change != "open")


def test_a_correction_by_the_owner_and_its_undoing_are_sealed_facts_too(house: House) -> None:
    for number, order in enumerate(("corrige FA-2026-0001 échéance 15/03/2026", "annule FA-2026-0001")):
        typed_in(house, order, house.now + timedelta(minutes=number))
        made = dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now + timedelta(hours=1))
        assert made.wrong == ()
    kept = [row["data"]["stated"]["invoices"]["FA-2026-0001"]["due"] for row in house.rows("event")
            if "FA-2026-0001" in row["data"].get("stated", {}).get("invoices", {})]  # fmt: skip
    assert len(kept) == 3
    assert kept[0] == kept[2] != kept[1] == "2026-03-15"


def test_what_was_recorded_before_facts_were_sealed_is_named_as_not_compared(house: House) -> None:
    with writing(house.office.engine) as conn:
        for table in ("event", "sealed"):
            for change in ("update", "delete"):
                conn.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{change}"))
        conn.execute(text("UPDATE event SET data = json_remove(data, '$.stated')"))
        for table in ("sealed", "sealed_content"):
            conn.execute(text(f"DELETE FROM {table}"))

    found = dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now)

    assert found.wrong == ()
    cover = words(opened(found.content)["00-sommaire.pdf"])
    for said in ("échéance et débiteur des factures FA-2026-0001", "nom et numéros du débiteur", "arrivée de messages"):
        assert said in cover, said


def test_a_missing_exhibit_is_named_by_its_number_and_not_called_elsewhere(house: House) -> None:
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE invoice SET document_bytes = NULL"))

    found = dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now)

    cover = words(opened(found.content)["00-sommaire.pdf"])
    assert "Le contenu de ces pièces, au registre auparavant, manque : 1." in cover
    assert "Aucun ne porte" not in cover
    assert any("le document était au registre et n'y est plus" in one for one in found.wrong)


def test_an_invoice_that_was_typed_in_never_had_a_document(house: House) -> None:
    typed = InvoiceDocument(
        "mail", None, "invoice", "FA-2026-0077", MONDAY, MONDAY, "EUR", None, None, Decimal(90), None, None
    )
    with writing(house.office.engine) as conn:
        client = house.client(LEMAIRE.name)
        invoices.add(conn, house.office.key, client, typed, None, None, None, house.now)
        happened(
            conn, house.office, "invoice.received", "FA-2026-0077", house.now, client=client, invoice="FA-2026-0077"
        )

    cover = words(made(house)["00-sommaire.pdf"])

    assert "Facture FA-2026-0077 : aucun document n'a été conservé (saisie ou import sans fichier)" in cover


@pytest.mark.parametrize("change", ["scope", "hide", "add"])
def test_a_dossier_that_was_tampered_with_is_found_by_the_script(house: House, tmp_path: Path, change: str) -> None:
    found, chain = made(house), "preuve/chain.tsv"
    lines = found[chain].decode().splitlines(keepends=True)
    if change == "scope":
        lines[0] = lines[0].replace("client", "whole")
    elif change == "hide":
        shown = next(at for at, line in enumerate(lines) if '"mail.sent"' in line)
        lines[shown] = lines[shown].rpartition("\t")[0] + "\t\n"
    else:
        found["pieces/099-more.pdf"] = b"%PDF"
    file = tmp_path / "dossier.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, raw in {**found, chain: "".join(lines).encode()}.items():
            archive.writestr(name, raw)

    assert verify_standalone.verify(file)[0] != []


def test_a_dossier_is_also_written_in_english(house: House) -> None:
    found = made(house, language="en")

    cover = words(found["00-summary.pdf"])
    assert "Claim file" in cover
    assert "French Civil Code, article 2240" in cover
    assert any(name.startswith("exhibits/") for name in found)


def test_money_that_came_stands_in_the_table_of_payments(house: House) -> None:
    found = made(house)

    [page] = [words(found[name]) for name in found if "paiements" in name]
    assert "300,00 €" in page
    assert LEMAIRE.payer in page


def paid_by_hand(house: House, client: int, cause: str, day: str) -> None:
    house.act(
        lambda conn: happened(
            conn, house.office, "owner.paid", cause, house.now, client=client, invoice="FA-2026-0001",
            data={"amount": "100.00", "date": day, "part": True},
        )
    )  # fmt: skip


def test_payments_stand_under_their_day_and_two_of_one_amount_are_two_lines(house: House) -> None:
    client = house.client(LEMAIRE.name)
    for cause, day in (("letter/1", "2026-02-20"), ("letter/2", "2026-02-20"), ("letter/3", "2026-02-24")):
        paid_by_hand(house, client, cause, day)

    found = made(house)
    chronology = words(found["00-sommaire.pdf"]).partition("Chronologie")[2]
    table = words(next(raw for name, raw in found.items() if "paiements-et-credits" in name))

    assert [table.count(day) for day in ("20 févr. 2026", "24 févr. 2026")] == [2, 1]
    assert [chronology.count(day) for day in ("20 févr. 2026", "24 févr. 2026")] == [2, 1]


def test_a_cover_says_which_invoices_a_posted_letter_concerned_and_only_mails_that_left(house: House) -> None:
    client = house.client(LEMAIRE.name)
    before = words(made(house)["00-sommaire.pdf"])
    house.act(
        lambda conn: happened(
            conn, house.office, "owner.notice", "letter/9", house.now, client=client, invoice="FA-2026-0001",
            data={"sent_on": "2026-03-02", "tracking": None},
        )
    )  # fmt: skip
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE outgoing SET state = 'cancelled' WHERE template = 'digest'"))

    after = words(made(house)["00-sommaire.pdf"])

    assert "Aucune mise en demeure" in before
    assert "sa tête figurait dans les mails quotidiens envoyés à Atelier Martin SARL" in before
    assert "Factures concernées : FA-2026-0001. Envoyée le 2 mars 2026" in after
    assert "aucun mail quotidien portant sa tête n'a encore été envoyé" in after


def test_a_hash_copied_from_a_page_is_the_hash(house: House) -> None:
    found = made(house)

    for name in [name for name in found if name.endswith(".eml")]:
        document = pypdfium2.PdfDocument(found[name.removesuffix(".eml") + ".pdf"])
        text = " ".join(page.get_textpage().get_text_range() for page in document)
        assert digest(found[name]) in text
        assert "\u200b" not in text


def test_the_chronology_shows_the_owner_s_yes_and_the_exhibit_of_each_invoice(house: House) -> None:
    client = house.client(LEMAIRE.name)
    with writing(house.office.engine) as conn:
        order, _ = letters.keep(conn, house.office.key, b"Subject: ok 1\r\n\r\nok 1\r\n", house.now)
        letters.mark_read(
            conn, house.office.key, order, kind="order", reading={}, sender="claire@atelier.example", subject="ok 1",
            message_id="<ok@atelier.example>", at=house.now,
        )  # fmt: skip
        data = {"approves": "formal_notice", "lead": "FA-2026-0001", "yes": True, "question": 1}
        happened(
            conn, house.office, "owner.answered", f"{order}/0", house.now, client=client, invoice="FA-2026-0001",
            data=data, letter=order,
        )  # fmt: skip

    cover = words(made(house)["00-sommaire.pdf"])

    assert "Accord du créancier pour l'envoi : la mise en demeure, donné par Atelier Martin SARL" in cover
    assert "(claire@atelier.example)" in cover
    assert "Facture enregistrée (FA-2026-0001) 1" in cover


@pytest.mark.parametrize(
    ("open_amount", "due", "siren", "said", "never"),
    [
        ("100.00", date(2026, 2, 1), "", "n'est pas connu comme professionnel", "rien n'est échu"),
        ("100.00", date(2026, 9, 1), "", "rien n'est échu", "n'est pas connu comme professionnel, "),
        ("-100.00", date(2026, 2, 1), "999100043", "Solde en faveur du débiteur : 100,00 €", "-100,00 €."),
    ],
)
def test_a_cover_says_why_the_law_adds_nothing_and_never_claims_less_than_nothing(
    open_amount: str, due: date, siren: str, said: str, never: str
) -> None:
    claim = Claim("FA-1", date(2026, 1, 2), due, Decimal(open_amount), Decimal(open_amount))
    facts = DossierFacts(
        "fr", date(2026, 3, 2), Creditor("Atelier"), Debtor("Dupont", siren), (claim,), (), "", (), (), (), (),
        (), Proof(3, "0" * 64, 2, 0),
    )  # fmt: skip

    page = words(pdf(cover(facts)))

    assert said in page
    assert never not in page
    assert "Principal restant dû : " in page
    assert ".)." not in page
