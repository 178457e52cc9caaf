"""Two businesses in one installation: nothing of one is visible to, matched with or mailed for the other.

Both have the same client, an invoice of the same number over the same amount, and a transfer that names it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e_scene import BOX, BUSINESS, CAST, MONDAY, OWNER, PASSWORD, SELLER, Scene, at, bill, text_of
from sqlalchemy import select

from mailbot.demo import people
from mailbot.demo.cii import cii_xml
from mailbot.demo.documents import invoice_pdf
from mailbot.demo.feed import DemoAccount, DemoLine, statement
from mailbot.demo.people import Person
from mailbot.ledger import tables
from mailbot.ledger.store import reading
from mailbot.testing.bot import Bot, install
from mailbot.testing.servers import small_mail_world

A, B = "atelier", "boulangerie"
BOX_B = "factures@boulangerie-roux.example"
OWNER_B = Person("Rose Roux", "rose@boulangerie-roux.example")
IBAN_B = "FR1420041010050500013M02606"
VAT_B = "FR61999400005"
LEMAIRE = CAST.client("lemaire")
DUE = MONDAY - timedelta(days=3)
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
SHARED, ONLY_A = "FA-2026-0001", "FA-2026-0777"
PROMISE = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"
USERS = dict.fromkeys((BOX, BOX_B, OWNER.email, OWNER_B.email), PASSWORD)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Scene]:
    """Both have got the shared invoice, A one more; both have reminded the client."""
    with small_mail_world(tmp_path / "servers", USERS) as mail:
        path = install(tmp_path, imap=mail.imap, smtp=mail.smtp, user=BOX, password=PASSWORD, business=BUSINESS)
        tree = yaml.safe_load(path.read_text())
        common = {"smtp": tree["smtp"], "mailbox": tree["mailbox"], "mode": "live"}
        mailbox_b = {**tree["mailbox"], "imap": mail.imap.url(BOX_B)}
        smtp_b = {**tree["smtp"], "url": mail.smtp.url(BOX_B)}
        business_b = {"name": "Boulangerie Roux SARL", "owners": [OWNER_B.email], "language": "fr", "iban": IBAN_B}
        tree = {"businesses": [
            {"id": A, **BUSINESS, **common},
            {"id": B, **business_b, **common, "mailbox": mailbox_b, "smtp": smtp_b},
        ]}  # fmt: skip
        path.write_text(yaml.safe_dump(tree, allow_unicode=True))
        with Bot(path) as bot:
            scene = Scene(mail, path, bot)
            forward(scene, SHARED, OWNER, BOX)
            forward(scene, ONLY_A, OWNER, BOX)
            forward(scene, SHARED, OWNER_B, BOX_B)
            feed(scene, OWNER, BOX, SELLER.iban)
            feed(scene, OWNER_B, BOX_B, IBAN_B)
            scene.live(at(MONDAY, 7, 40), at(MONDAY, 9, 20))
            yield scene
            scene.close()


def forward(scene: Scene, number: str, owner: Person, box: str) -> None:
    name, content = f"{number}.pdf", invoice_pdf(bill(number, "lemaire", DUE))
    if owner is OWNER_B:
        name, content = f"{number}.xml", of_the_bakery(cii_xml(bill(number, "lemaire", DUE)))
    raw = people.forward_invoice(owner, box, LEMAIRE.person.email, content, name, number, at(MONDAY, 7), "gmail")
    scene.submit(raw, owner.email, box)


def of_the_bakery(invoice: bytes) -> bytes:
    """The same invoice with B as its seller."""
    of_b = {SELLER.name: "Boulangerie Roux SARL", SELLER.vat: VAT_B, SELLER.siren: VAT_B[4:], SELLER.iban: IBAN_B}
    for theirs, ours in of_b.items():
        invoice = invoice.replace(theirs.encode(), ours.encode())
    return invoice


def feed(scene: Scene, owner: Person, box: str, iban: str, *lines: DemoLine, through: Any = SUNDAY) -> None:
    account = DemoAccount(bank=iban[4:9], branch=iban[9:14], number=iban[14:25])
    ofx = statement(account, lines, through - timedelta(days=8), through, Decimal("10000.00"))
    scene.submit(
        people.send_statement(owner, box, ofx, "releve.ofx", at(through + timedelta(days=1), 7)), owner.email, box
    )


def rows_of(scene: Scene, business: str) -> dict[str, list[dict[str, Any]]]:
    """All that the ledger holds for one business, but for what each look of its own clock counts or finds."""
    found = {}
    with reading(scene.engine) as conn:
        for table in tables.metadata.sorted_tables:
            if "business" in table.c and table is not tables.sent_copy:
                rows = conn.execute(select(table).where(table.c.business == business).order_by(*table.primary_key))
                left_out = ("times", "last_at") if table.name == "decision" else ()
                found[table.name] = [
                    {name: value for name, value in row.items() if name not in left_out} for row in rows.mappings()
                ]
    return found


def reminders(scene: Scene, box: str) -> list[EmailMessage]:
    """What the client got from one of the two."""
    found = [mail for mail in scene.mail.smtp.accepted(LEMAIRE.person.email) if mail.sender == box]
    return [message_from_bytes(mail.raw, policy=default) for mail in found]  # type: ignore[misc]


def open_amounts(scene: Scene, business: str) -> Mapping[str, Decimal]:
    return {row["number"]: row["open_amount"] for row in scene.rows("invoice", business=business)}


def test_each_reminds_and_reports_in_its_own_name_and_books_its_own_transfers(two: Scene) -> None:
    [of_a], [of_b] = reminders(two, BOX), reminders(two, BOX_B)
    assert ONLY_A in text_of(of_a)
    assert ONLY_A not in text_of(of_b)
    assert "Roux" not in text_of(of_a)
    assert "Martin" not in text_of(of_b)
    assert of_a["Message-ID"] != of_b["Message-ID"]
    assert open_amounts(two, A).keys() == {SHARED, ONLY_A}
    assert open_amounts(two, B).keys() == {SHARED}
    for owner, box in ((OWNER, BOX), (OWNER_B, BOX_B)):
        assert {mail["From"].addresses[0].addr_spec for mail in two.to(owner.email)} == {box}
    assert not any(ONLY_A in text_of(mail) for mail in two.to(OWNER_B.email))

    before = rows_of(two, B)
    feed(two, OWNER, BOX, SELLER.iban, DemoLine(MONDAY, Decimal("1200.00"), LEMAIRE.payer, SHARED), through=MONDAY)
    two.live(at(MONDAY, 10, 30))
    assert open_amounts(two, A)[SHARED] == 0
    assert open_amounts(two, B)[SHARED] == Decimal("1200.00")
    assert rows_of(two, B) == before

    # The other's statement, sent to B by its own owner: asked about, and nothing is booked.
    before = rows_of(two, A)
    feed(two, OWNER_B, BOX_B, SELLER.iban, DemoLine(MONDAY, Decimal("1200.00"), LEMAIRE.payer, SHARED), through=MONDAY)
    two.live(at(MONDAY, 16))
    assert open_amounts(two, B)[SHARED] == Decimal("1200.00")
    assert [row["kind"] for row in two.rows("question", business=B)] == ["foreign_account"]
    assert rows_of(two, A) == before


def test_what_the_client_writes_to_one_says_nothing_to_the_other(two: Scene) -> None:
    # A promise to A.
    before = rows_of(two, B)
    two.reply(LEMAIRE.person, reminders(two, BOX)[0], PROMISE, at(MONDAY, 9, 45))
    two.live(at(MONDAY, 10, 30))
    assert {row["business"] for row in two.events("reply.promise")} == {A}
    assert rows_of(two, B) == before

    # An answer to B's mail that names an invoice that only A has.
    before = rows_of(two, A)
    text = f"Bonjour,\n\nNous contestons la facture {ONLY_A}, elle est fausse.\n\nCordialement,"
    two.reply(LEMAIRE.person, reminders(two, BOX_B)[0], text, at(MONDAY, 10, 45))
    two.live(at(MONDAY, 11))
    assert rows_of(two, A) == before
    assert all(row["invoice"] in (None, SHARED) for row in two.rows("event", business=B))

    # An answer to A's mail (its token, its thread) that arrives in B's mailbox.
    raw = people.reply(LEMAIRE.person, reminders(two, BOX)[0].as_bytes(), PROMISE, at(MONDAY, 11, 45), "outlook")
    two.hand_in(raw, "somebody@elsewhere.example", BOX_B)
    two.live(at(MONDAY, 12))
    assert rows_of(two, A) == before
    letter = two.rows("letter", business=B)[-1]["id"]
    assert all(row["data"].get("outgoing") is None for row in two.rows("event", business=B, letter=letter))

    # The same bytes in both mailboxes are two letters.
    raw = b"From: a@b.example\r\nTo: both@x.example\r\nMessage-ID: <same@b.example>\r\nSubject: x\r\n\r\nBonjour.\r\n"
    two.mail.imap.deliver(BOX, raw)
    two.mail.imap.deliver(BOX_B, raw)
    two.live(at(MONDAY, 13))
    assert sorted(row["business"] for row in two.rows("letter", message_id="<same@b.example>")) == [A, B]


def test_the_owner_of_one_gives_no_orders_to_the_other(two: Scene) -> None:
    ordered = people.order(OWNER_B, two.to(OWNER.email)[-1].as_bytes(), [f"payé {SHARED}", "stop"], at(MONDAY, 9, 45))
    two.submit(ordered, OWNER_B.email, BOX)
    two.live(at(MONDAY, 10, 30))
    assert two.rows("owner_order") == []
    assert not [row for row in two.rows("event") if row["name"].startswith("owner.")]
    assert open_amounts(two, A)[SHARED] == open_amounts(two, B)[SHARED] == Decimal("1200.00")
    [asked] = two.rows("question", business=A)
    assert asked["kind"] == "unclear"

    before = rows_of(two, B)
    two.order(at(MONDAY, 10, 45), f"payé {SHARED}", "pause tout", "contact Lemaire neu@lemaire-fils.example")
    two.live(at(MONDAY, 11))
    assert open_amounts(two, A)[SHARED] == 0
    assert rows_of(two, B) == before
