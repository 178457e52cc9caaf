"""The formal notice as a letter: made once, mailed to the owner; what the owner says of the post moves the ladder."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, copied, forwarded, write_settings
from e2e_scene import MONDAY, OWNER, at
from jobs_story import SUNDAY
from sqlalchemy import Connection, text

from mailbot.demo.feed import DemoLine
from mailbot.evidence import verify_standalone
from mailbot.jobs import clock, dossiers, handing, lettering, mailing, noticing
from mailbot.jobs.ordering import obey_typed
from mailbot.jobs.penalties import posted
from mailbot.ledger import allocations, letters, outgoing
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument
from mailbot.rules.calendar import When
from mailbot.rules.state import State
from mailbot.sandbox import Sandbox

NUMBER = "FA-2026-0001"
INSOLVENT = (
    "Bonjour,\n\nPar jugement du 25 février, le tribunal de commerce a ouvert une procédure de redressement judiciaire "
    "à l'égard de notre société.\n\nCordialement,"
)

DISPUTED = (
    "Bonjour,\n\nNous contestons cette facture : le matériel livré n'est pas conforme à la commande.\n\nCordialement,"
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    settings = write_settings(tmp_path_factory.mktemp("lived") / "house")
    house = House(settings, sandbox)
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded(NUMBER, LEMAIRE, morning), bank_file(SUNDAY, morning))
    house.turn(at(MONDAY, 9, 20))
    house.close()
    return settings


@pytest.fixture
def house(lived: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(copied(lived, tmp_path / "house"), sandbox)
    found.now = at(MONDAY, 10)
    yield found
    found.close()


def state(house: House, sent_on: date | None, tracking: str = "", cause: str = "letter/0") -> bool:
    client = house.client(LEMAIRE.name)
    return house.act(
        lambda conn: noticing.state_posting(
            conn, house.office, client, NUMBER, cause, house.now, sent_on=sent_on, tracking=tracking
        )
    )


def enclosed(house: House) -> list[EmailMessage]:
    """Mails to the owner that carry files."""
    return [mail for mail in house.mails_to(OWNER.email) if list(mail.iter_attachments())]


def words(pdf: bytes) -> str:
    text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(text.replace("\u200b", "").split())


def test_the_letter_comes_to_the_owner_with_statement_and_invoice_once(house: House) -> None:
    state(house, None)

    house.turn(house.now)
    house.turn(house.now + timedelta(minutes=10))

    [mail] = enclosed(house)
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert list(files) == ["mise-en-demeure.pdf", "releve.pdf", f"{NUMBER}.pdf"]
    letter = words(files["mise-en-demeure.pdf"])
    for said in (
        "Mise en demeure de payer",
        "article 1344 du",
        NUMBER,
        "1405",
        LEMAIRE.name,
        "au plus tard le 13 mars 2026",
    ):
        assert said in letter, said
    assert "1344-1" not in letter
    assert b"pdfaid" in files["mise-en-demeure.pdf"]
    assert f"mise en demeure {NUMBER} envoyée" in " ".join(mail.get_body(("plain",)).get_content().split())


def test_the_letter_lists_only_what_is_enclosed_and_the_owner_hears_what_to_add(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "FITTING", 10)
    state(house, None)
    house.turn(house.now)

    [mail] = enclosed(house)
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    letter, told = words(files["mise-en-demeure.pdf"]), " ".join(mail.get_body(("plain",)).get_content().split())
    assert list(files) == ["mise-en-demeure.pdf", "releve.pdf"]
    assert f"Facture {NUMBER}" not in letter.partition("Pièces jointes")[2]
    assert f"Trop volumineux pour ce mail : {NUMBER}" in told
    assert "(adresse du siège" in letter
    assert "R123-237" in told


def test_a_number_without_a_file_is_named_to_the_owner_and_not_listed(house: House) -> None:
    with writing(house.office.engine) as conn:
        conn.execute(text("UPDATE invoice SET document_bytes = NULL, document_name = NULL"))
    own = house.office.business.model_copy(update={"address": "3 rue des Lilas\n75011 Paris\nRCS Paris"})
    assert noticing.prepare_notices(replace(house.office, business=own), house.now) == 0
    state(house, None)
    assert noticing.prepare_notices(replace(house.office, business=own), house.now) == 1
    house.turn(house.now)

    [mail] = enclosed(house)
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    letter, told = words(files["mise-en-demeure.pdf"]), " ".join(mail.get_body(("plain",)).get_content().split())
    assert f"Facture {NUMBER}" not in letter.partition("Pièces jointes")[2]
    assert f"Aucun fichier n'est au registre pour {NUMBER}" in told
    assert "3 rue des Lilas" in letter
    assert "business.address" not in told


def test_the_letter_is_sealed_as_it_was_made(house: House) -> None:
    state(house, None)
    house.turn(house.now)

    [event] = house.rows("event", name="notice.prepared")
    seal = next(row for row in house.rows("sealed") if row["event"] == event["seq"])
    assert f"letter:{event['data']['letter']}" in seal["sources"].split()


def test_what_the_owner_posted_moves_the_ladder_from_that_day(house: House) -> None:
    day = MONDAY - timedelta(days=1)

    state(house, day, "1A12345678901")

    client = house.client(LEMAIRE.name)
    facts = house.ask(lambda conn: noticing.clients.facts(conn, house.office.key, client))
    known = house.ask(lambda conn: noticing.events.of_client(conn, house.office.key, client))
    levels = State(facts, known, MONDAY, house.office.rules.calendar, grace=When(0)).level(NUMBER)
    assert levels["formal_notice"] == day
    assert noticing.prepare_notices(house.office, house.now) == 0


def test_a_posting_in_the_future_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match=r"9.mars 2026 est à venir"):
        state(house, date(2026, 3, 9))


def test_without_anything_owed_no_letter_is_made(house: House) -> None:
    state(house, None)
    client = house.client(LEMAIRE.name)
    paid = noticing.happened
    house.act(lambda conn: paid(conn, house.office, "owner.paid", "x", house.now, client=client, invoice=NUMBER))
    house.act(lambda conn: noticing.refresh(conn, house.office, client, house.now))

    assert noticing.prepare_notices(house.office, house.now) == 0


def test_an_insolvency_starts_the_tasks_with_the_dossier_and_nothing_goes_to_the_client(house: House) -> None:
    [reminder] = house.rows("outgoing", kind="client", state="sent")
    house.turn(at(MONDAY, 15), answered(LEMAIRE, reminder["raw"], INSOLVENT, at(MONDAY, 15)))
    house.turn(at(MONDAY, 15, 10))

    [mail] = enclosed(house)
    assert house.rows("outgoing", template="urgent") == []
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "R622-24" in text
    assert "2 mai 2026, ou plus tôt" in text
    assert [part.get_filename() for part in mail.iter_attachments()] == ["dossier-lemaire-et-fils-2026-03-02.zip"]
    clock.tick(house.office, house.evidence, at(MONDAY, 16) + timedelta(days=30))
    assert house.mails_to(LEMAIRE.person.email) == []


def test_the_day_of_publication_that_the_owner_tells_moves_the_deadlines_of_an_insolvency(house: House) -> None:
    [reminder] = house.rows("outgoing", kind="client", state="sent")
    house.turn(at(MONDAY, 15), answered(LEMAIRE, reminder["raw"], INSOLVENT, at(MONDAY, 15)))
    house.turn(at(MONDAY, 15, 10))
    [mail] = enclosed(house)
    assert f"bodacc {LEMAIRE.name} 12/11/2026" in " ".join(mail.get_body(("plain",)).get_content().split())

    [done], unknown = obey_typed(house.office, f"bodacc {LEMAIRE.name} 26/02/2026", at(MONDAY, 16))

    assert (done.done, unknown) == (True, ())
    assert "26/02/2026" in done.result
    assert "26/04/2026" in done.result  # a Sunday: the careful day, as in the digest and in the tasks
    client = house.client(LEMAIRE.name)
    raw = dossiers.make(house.office, client, None, at(MONDAY, 16)).content
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        cover = words(archive.read("00-sommaire.pdf"))
    assert "BODACC du 26 février 2026" in cover
    assert "ou plus tôt" not in cover
    house.turn(at(MONDAY, 16, 10))
    assert len(enclosed(house)) == 1


def test_a_dispute_starts_the_tasks_with_the_dossier_of_its_invoice(house: House) -> None:
    [reminder] = house.rows("outgoing", kind="client", state="sent")
    house.turn(at(MONDAY, 15), answered(LEMAIRE, reminder["raw"], DISPUTED, at(MONDAY, 15)))
    house.turn(at(MONDAY, 15, 10))
    house.turn(at(MONDAY, 15, 20))

    [mail] = enclosed(house)
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert mail["Subject"] == f"Litige – {NUMBER} – à faire"
    assert "Au plus tard : 10 mars 2026 (conseil, pas un délai légal)" in text
    assert "dernier jour avant la prescription (art. L110-4 C. com." in text
    assert [part.get_filename() for part in mail.iter_attachments()] == ["dossier-fa-2026-0001-2026-03-02.zip"]


def test_a_dispute_that_was_closed_at_once_starts_nothing(house: House) -> None:
    client = house.client(LEMAIRE.name)
    for name, cause in (("reply.dispute", "a/1"), ("owner.resolved", "b/1")):
        house.act(
            lambda conn, name=name, cause=cause: noticing.happened(
                conn, house.office, name, cause, house.now, client=client, invoice=NUMBER
            )
        )

    assert handing.hand_over_dossiers(house.office, house.now) == 0
    assert enclosed(house) == []


def test_a_dossier_that_was_asked_for_comes_once(house: House) -> None:
    client = house.client(LEMAIRE.name)
    for _ in range(2):
        house.act(lambda conn: handing.want_dossier(conn, house.office, client, NUMBER, "letter/0", house.now))
        house.turn(house.now)

    [mail] = enclosed(house)
    assert mail["Subject"] == f"Dossier {NUMBER}"


def test_the_dossier_states_the_posting_and_not_the_wish(house: House) -> None:
    state(house, None)
    client = house.client(LEMAIRE.name)

    def cover() -> str:
        raw = dossiers.make(house.office, client, None, house.now).content
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return words(archive.read("00-sommaire.pdf"))

    assert "Envoi de la mise en demeure" not in cover()
    state(house, MONDAY, "1A12345678901", "letter/1")
    assert "Envoi de la mise en demeure noté par le créancier : 2 mars 2026, 1A12345678901" in cover()


def obey(house: House, line: str, minutes: int = 0) -> tuple[bool, str]:
    [done], unknown = obey_typed(house.office, line, house.now + timedelta(minutes=minutes))
    assert unknown == ()
    return done.done, " ".join(done.result.replace("\u00a0", " ").split())


def test_no_notice_is_made_of_a_client_in_insolvency_and_the_tasks_are_told(house: House) -> None:
    obey(house, f"jugement d'ouverture {LEMAIRE.name} 02/03/2026")

    done, said = obey(house, f"mise en demeure {NUMBER}", 1)

    assert not done
    assert "en procédure collective depuis le 2 mars 2026 au plus tard" in said
    assert "L622-21" in said
    assert "Déclarer la créance au mandataire judiciaire" in said
    assert house.rows("event", name="owner.notice") == []


def test_a_letter_that_was_asked_for_before_the_insolvency_is_not_made_and_the_owner_is_told_once(house: House) -> None:
    state(house, None)
    obey(house, f"bodacc {LEMAIRE.name} 02/03/2026")

    for minutes in (0, 10):
        assert noticing.prepare_notices(house.office, house.now + timedelta(minutes=minutes)) == 0
    house.turn(house.now)

    [mail] = [one for one in house.mails_to(OWNER.email) if "Pas de mise en demeure" in str(one["Subject"])]
    assert "R622-24" in mail.get_body(("plain",)).get_content()
    assert house.rows("event", name="notice.prepared") == []


def test_a_client_who_is_owed_as_much_gets_no_notice(house: House) -> None:
    credited = forwarded_credit(house, "AV-2026-0001", "1200.00")

    done, said = obey(house, f"mise en demeure {NUMBER}")

    assert credited
    assert not done
    assert NUMBER in said
    assert "Rien n'est dû" in said


def forwarded_credit(house: House, number: str, amount: str) -> int:
    """A credit note that nobody assigned to an invoice."""
    client = house.client(LEMAIRE.name)
    document = InvoiceDocument(
        "cii", None, "credit_note", number, MONDAY, MONDAY, "EUR", None, None, Decimal(amount), None, Decimal(amount)
    )

    def add(conn: Connection) -> int:
        found = noticing.invoices.add(conn, house.office.key, client, document, None, None, None, house.now)
        noticing.refresh(conn, house.office, client, house.now)
        return found

    return house.act(add)


def test_a_posting_that_leaves_too_little_time_is_told_with_the_days(house: House) -> None:
    state(house, None)
    house.turn(house.now)
    house.now += timedelta(days=7)

    done, said = obey(house, f"mise en demeure {NUMBER} envoyée le 07/03/2026")

    assert done
    assert "le 13 mars 2026, ce qui ne laisse que 6 jours" in said
    assert "Attention" not in obey(house, f"mise en demeure {NUMBER} envoyée le 05/03/2026", 1)[1]


def test_the_last_day_of_posting_that_was_told_counts(house: House) -> None:
    house.now += timedelta(days=7)
    for minutes, day in enumerate(("05", "08", "03")):
        obey(house, f"mise en demeure {NUMBER} envoyée le {day}/03/2026", minutes)
    client = house.client(LEMAIRE.name)
    known = house.ask(lambda conn: noticing.events.of_client(conn, house.office.key, client))

    assert posted(known, NUMBER) == date(2026, 3, 3)


def test_the_letter_states_the_sums_and_the_deadline_of_the_mail_even_when_it_is_made_a_day_later(house: House) -> None:
    client = house.client(LEMAIRE.name)
    office = house.office
    planned = {
        "dedupe_key": "a notice", "kind": "client", "what": "formal_notice", "template": "formal_notice",
        "recipient": LEMAIRE.person.email, "client": client, "invoices": (NUMBER,),
        "context": {"attach": [], "claim": True}, "message_id": "<notice@bot.example>", "due_at": house.now,
        "expires_at": house.now, "now": house.now,
    }  # fmt: skip
    number = house.act(lambda conn: outgoing.plan(conn, office.key, **planned))  # type: ignore[arg-type]
    row = house.ask(lambda conn: outgoing.get(conn, office.key, number or 0))
    context = house.ask(lambda conn: lettering.letter_context(conn, office, row, house.now))
    mail = " ".join(office.templates.render("formal_notice", "fr", context.values()).text.split())
    data = {"mail": "formal_notice", "invoices": [NUMBER], "to": LEMAIRE.person.email}
    house.act(
        lambda conn: noticing.happened(
            conn, office, "mail.sent", str(row.id), house.now, client=client, invoice=NUMBER, data=data
        )
    )

    assert noticing.prepare_notices(office, house.now + timedelta(days=1)) == 1

    [event] = house.rows("event", name="notice.prepared")
    letter = words(house.ask(lambda conn: letters.raw(conn, office.key, event["data"]["letter"])))
    for said in ("1 240,78 €", "40,78 €", "0,78 €", "40,00 €", "13 mars 2026", "3 jours à 7,86 % sur 1 200,00 €"):
        assert said in mail.replace("\u00a0", " "), said
        assert said in letter.replace("\u00a0", " ").replace("\u202f", " "), said
    assert event["data"]["deadline"] == "2026-03-13"


def test_a_client_whose_money_is_kept_for_as_much_gets_no_notice_and_the_sum_is_told(house: House) -> None:
    client = house.client(LEMAIRE.name)
    came = DemoLine(MONDAY, Decimal("1500.00"), "INCONNU SARL", "SANS MOTIF")
    house.turn(house.now, bank_file(MONDAY, house.now, came))
    [line] = [row["id"] for row in house.rows("line") if row["amount"] == Decimal("1500.00")]
    kept = house.act(
        lambda conn: allocations.keep_credit(
            conn, house.office.key, line, client, Decimal("1500.00"), "owner", "overpaid", house.now
        )
    )

    done, said = obey(house, f"mise en demeure {NUMBER}")

    assert kept
    assert not done
    assert "il ne vous doit rien (-300,00 €)" in said
    assert "article 1347 du code civil" in said


def test_a_yes_to_a_notice_is_refused_once_the_client_is_insolvent_and_the_question_stays(house: House) -> None:
    client = house.client(LEMAIRE.name)
    about = {
        "what": "formal_notice", "mail": "formal_notice", "lead": NUMBER, "client": client, "client_name": LEMAIRE.name,
        "invoices": [NUMBER], "amount": "1200.00", "currency": "EUR", "reason": "",
    }  # fmt: skip
    asked = house.act(
        lambda conn: mailing.ask(
            conn, house.office, "approve", "a notice", about, house.now, client=client, invoice=NUMBER
        )
    )
    obey(house, f"jugement d'ouverture {LEMAIRE.name} 02/03/2026")

    done, said = obey(house, f"ok {asked}", 1)

    assert not done
    assert "L622-21" in said
    assert [row["state"] for row in house.rows("question", number=asked)] == ["open"]


@pytest.mark.parametrize("wrote", [INSOLVENT, DISPUTED])
def test_a_dossier_after_the_one_of_an_insolvency_or_a_dispute_holds_its_own_proof(
    house: House, tmp_path: Path, wrote: str
) -> None:
    [reminder] = house.rows("outgoing", kind="client", state="sent")
    house.turn(at(MONDAY, 15), answered(LEMAIRE, reminder["raw"], wrote, at(MONDAY, 15)))
    house.turn(at(MONDAY, 15, 10))
    assert len(enclosed(house)) == 1
    file = tmp_path / "dossier.zip"

    for minutes in (20, 30):
        made = dossiers.make(house.office, house.client(LEMAIRE.name), None, at(MONDAY, 15, minutes))
        file.write_bytes(made.content)
        assert verify_standalone.verify(file)[0] == []
