"""Two businesses on one mailbox, told apart by their plus addresses: each takes only what is addressed to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from e2e_scene import BOX, BUSINESS, MONDAY, OWNER, PASSWORD, SECOND_OWNER, Scene, at, bill
from sqlalchemy import select

from mailbot.demo import people
from mailbot.demo.documents import invoice_pdf
from mailbot.ledger import tables
from mailbot.ledger.store import reading
from mailbot.testing.bot import Bot, install
from mailbot.testing.servers import small_mail_world

ROUX = BOX.replace("@", "+roux@")
USERS = dict.fromkeys((BOX, OWNER.email, SECOND_OWNER.email), PASSWORD)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Scene]:
    """The first business reads box@, the second box+roux@, in one folder of one account."""
    with small_mail_world(tmp_path / "servers", USERS) as mail:
        path = install(tmp_path, imap=mail.imap, smtp=mail.smtp, user=BOX, password=PASSWORD, business=BUSINESS)
        tree = yaml.safe_load(path.read_text())
        common = {"smtp": tree["smtp"], "mailbox": tree["mailbox"], "mode": "live"}
        roux = {"id": "roux", "name": "Roux SARL", "owners": [SECOND_OWNER.email], "language": "fr"}
        mailbox = {**tree["mailbox"], "address": ROUX}
        tree = {"businesses": [{"id": "atelier", **BUSINESS, **common}, {**roux, **common, "mailbox": mailbox}]}
        path.write_text(yaml.safe_dump(tree, allow_unicode=True))
        with Bot(path) as bot:
            yield Scene(mail, path, bot)


def forwarded(number: str, box: str, owner: people.Person) -> bytes:
    document = bill(number, "lemaire", MONDAY)
    pdf = invoice_pdf(document)
    return people.forward_invoice(
        owner, box, document.buyer_email, pdf, f"{number}.pdf", number, at(MONDAY, 7), "gmail"
    )


def test_each_business_takes_only_what_is_addressed_to_it(shared: Scene) -> None:
    shared.submit(forwarded("FA-2026-0001", BOX, OWNER), OWNER.email, BOX)
    shared.submit(forwarded("FA-2026-0002", ROUX, SECOND_OWNER), SECOND_OWNER.email, ROUX)

    shared.live(at(MONDAY, 7, 40), at(MONDAY, 7, 50))

    with reading(shared.engine) as conn:
        letters = [
            tuple(row)
            for row in conn.execute(
                select(tables.letter.c.business, tables.letter.c.sender).where(tables.letter.c.direction == "in")
            )
        ]
        invoices = {tuple(row) for row in conn.execute(select(tables.invoice.c.business, tables.invoice.c.number))}
    assert sorted(letters) == [("atelier", OWNER.email), ("roux", SECOND_OWNER.email)]
    assert {business for business, _ in invoices} <= {"atelier", "roux"}
    assert not {("atelier", "FA-2026-0002"), ("roux", "FA-2026-0001")} & invoices
    assert ("atelier", "FA-2026-0001") in invoices


def test_a_mail_that_names_neither_address_goes_to_the_first(shared: Scene) -> None:
    raw = b"From: x@client.example\r\nTo: undisclosed-recipients:;\r\nSubject: ?\r\nMessage-ID: <u@x>\r\n\r\nhello\r\n"
    shared.mail.imap.deliver(BOX, raw)

    shared.live(at(MONDAY, 7, 40))

    with reading(shared.engine) as conn:
        assert list(conn.scalars(select(tables.letter.c.business))) == ["atelier"]
