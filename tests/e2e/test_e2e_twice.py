"""Every job run twice changes nothing: the database after the second run is the one after the first.

The jobs are found by introspection, so a new one without a case fails here. A job that only looks must change
nothing at all.
"""

import asyncio
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from e2e_house import (
    DUPONT,
    LEMAIRE,
    Dump,
    House,
    answered,
    bank_file,
    copied,
    forwarded,
    forwarded_plain,
    ofx,
    ordered,
    write_settings,
)
from e2e_scene import MONDAY, OWNER, DemoLine, at

from mailbot import jobs
from mailbot.demo import people
from mailbot.errors import DeliveryError
from mailbot.inbox.threads import thread_of
from mailbot.jobs import (
    addressing,
    alerting,
    amending,
    answering,
    asking,
    banking,
    booking,
    chaining,
    charging,
    checking,
    choosing,
    clearing,
    clock,
    comparing,
    confirming,
    consenting,
    corrections,
    deadlines,
    deciding,
    demanding,
    digesting,
    dossiers,
    doubting,
    drafted,
    drafting,
    echoing,
    entering,
    erasing,
    expiring,
    exporting,
    feeding,
    filing,
    foreseeing,
    gathering,
    giving,
    handing,
    health,
    importing,
    intake,
    invoicing,
    languages,
    lately,
    learning,
    legal_steps,
    lettering,
    lines,
    mailing,
    matching,
    material,
    moving,
    noticing,
    noting,
    office,
    opinions,
    ordering,
    penalties,
    previewing,
    proving,
    reading,
    recounting,
    redirecting,
    refusals,
    relisting,
    replies,
    reporting,
    responding,
    restoring,
    retaining,
    revising,
    risking,
    rulebook,
    sending,
    settling,
    shadowing,
    showing,
    simulating,
    standing,
    surveying,
    targets,
    tracking,
    turns,
    vouching,
    warning,
    withholding,
)
from mailbot.jobs.targets import Choice, Target, UnclearError
from mailbot.jobs.turns import Turn
from mailbot.ledger import allocations, bank, clients, events, invoices, layouts, letters, questions, tables
from mailbot.ledger.group import Group
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import InvoiceDocument, Listed, Match, Order, Party, Share
from mailbot.owner.notes import Note, note_of
from mailbot.rulesfile import checked
from mailbot.sandbox import Sandbox
from mailbot.settings import Bank, Mailbox
from mailbot.testing.memorybox import MemoryBox

Job = Callable[[], object]
SUNDAY = MONDAY - timedelta(days=1)
TUESDAY = MONDAY + timedelta(days=1)
PAID = DemoLine(SUNDAY, Decimal("1200.00"), DUPONT.payer, "FA-2026-0002")
UNCLEAR = DemoLine(SUNDAY, Decimal("1200.00"), "DUPONT", "ACOMPTE")
PROMISE = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"
DISPUTE = "Bonjour,\n\nNous contestons cette facture : il manque deux panneaux.\n\nCordialement,"
MUMBLED = "Bonjour,\n\nBleu chaise tableau hmm.\n\nCordialement,"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    child = Sandbox(25_000_000, 20.0, 1_500_000_000)
    yield child
    child.close()


@pytest.fixture(scope="module")
def monday_noon(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> tuple[Path, list[Any]]:
    """Two overdue invoices; Lemaire was reminded, the mail to Dupont was refused for today and waits."""
    settings = write_settings(tmp_path_factory.mktemp("house") / "first")
    house = House(settings, sandbox)
    morning = at(MONDAY, 7, 40)
    house.turn(
        morning,
        forwarded("FA-2026-0001", LEMAIRE, morning),
        forwarded("FA-2026-0002", DUPONT, morning),
        bank_file(SUNDAY, morning),
    )
    house.mailer.refuse[DUPONT.person.email] = (451, "4.7.1 later")
    house.turn(at(MONDAY, 9, 20))
    assert [mail["state"] for mail in house.rows("outgoing", kind="client")].count("sent") == 1
    sent = list(house.mailer.sent)
    house.close()
    return settings, sent


@pytest.fixture
def house(tmp_path: Path, monday_noon: tuple[Path, list[Any]], sandbox: Sandbox) -> Iterator[House]:
    settings, sent = monday_noon
    found = House(copied(settings, tmp_path / "house"), sandbox)
    found.mailer.sent = list(sent)
    found.now = at(MONDAY, 9, 25)
    yield found
    found.close()


# ------------------------------------------------------------------------ the mails of the cases


def reminder(house: House) -> bytes:
    return next(mail.raw for mail in house.mailer.sent if mail.recipient == LEMAIRE.person.email)


def to_owner(house: House) -> bytes:
    return next(mail.raw for mail in house.mailer.sent if mail.recipient == OWNER.email)


def promised(house: House) -> bytes:
    return answered(LEMAIRE, reminder(house), PROMISE, at(MONDAY, 9, 24))


def mumbled(house: House) -> bytes:
    return answered(LEMAIRE, reminder(house), MUMBLED, at(MONDAY, 9, 24))


def returned(house: House) -> bytes:
    return people.bounce(reminder(house), LEMAIRE.person.email, at(MONDAY, 9, 24))


def absent(house: House) -> bytes:
    return people.out_of_office(LEMAIRE.person, reminder(house), TUESDAY, at(MONDAY, 9, 24))


def told(house: House) -> bytes:
    return ordered(to_owner(house), at(MONDAY, 9, 24), "pause FA-2026-0002", "payé FA-2026-0001", "turlututu")


def new_invoice(_house: House) -> bytes:
    return forwarded("FA-2026-0003", DUPONT, at(MONDAY, 9, 24))


def feed(_house: House) -> bytes:
    return bank_file(SUNDAY, at(MONDAY, 9, 24), PAID, UNCLEAR)


def unproven(_house: House) -> bytes:
    """An invoice that says to come from the owner."""
    raw = forwarded("FA-2026-0003", DUPONT, at(MONDAY, 9, 24))
    return raw.replace(b"dmarc=pass", b"dmarc=fail")


MAILS = (promised, mumbled, returned, absent, told, new_invoice, feed, unproven)

# ------------------------------------------------------------------------ jobs that do something


class SentByHand:
    """A Sent folder in memory; `filed_by_itself`: it holds whatever is looked for."""

    def __init__(self, *, filed_by_itself: bool = False) -> None:
        self.filed: list[bytes] = []
        self.all = filed_by_itself

    def find(self, message_id: str) -> bool:
        return self.all or any(message_id.encode() in raw for raw in self.filed)

    def file(self, raw: bytes, at: datetime) -> None:
        self.filed.append(raw)

    def close(self) -> None:
        """Nothing is open."""


def doing(house: House) -> dict[str, list[tuple[str, Callable[[], Job]]]]:  # noqa: C901  (a list of cases)
    """Name of the job -> its cases: each prepares something and gives the job to be run."""
    key = house.office.key

    def conn(job: Callable[..., object], *arguments: Any, **named: Any) -> Job:
        return lambda: house.act(lambda conn: job(conn, house.office, *arguments, house.now, **named))

    def run(job: Callable[..., object], *arguments: Any) -> Job:
        return lambda: job(house.office, *arguments, house.now)

    def read_once(make: Callable[[House], bytes]) -> Callable[[], Job]:
        return lambda: run(reading.read, house.keep(make(house)))

    def fetch() -> Job:
        def job() -> object:
            box = MemoryBox(max_bytes=100_000)
            box.deliver(told(house), house.now)
            box.deliver(b"Subject: big\r\n\r\n" + b"x" * 200_000, house.now)
            return intake.fetch(house.office, box, house.now)

        return job

    def with_a_sent_folder() -> datetime:
        box = Mailbox(imap="imap://box@127.0.0.1:1", address=house.office.business.mailbox.mail_address)
        business = house.office.business.model_copy(update={"mailbox": box})
        house.office = replace(house.office, business=business)
        return house.now + timedelta(hours=1)

    def copied_to_sent() -> Job:
        later, folder = with_a_sent_folder(), SentByHand()
        return lambda: filing.file_copies(house.office, folder, "worker", later)

    def handed_on() -> Job:
        later = with_a_sent_folder()
        filing.file_copies(house.office, SentByHand(filed_by_itself=True), "worker", later)
        house.act(lambda c: c.execute(tables.sent_copy.delete().where(tables.sent_copy.c.outgoing == 1)))
        return lambda: filing.hand_on_copies(house.office, later)

    def taken(make: Callable[[House], bytes]) -> Callable[[], Job]:
        def prepare() -> Job:
            raw = make(house)
            letter, found = house.parsed(raw)
            thread = house.ask(lambda c: thread_of(letter, found, reading.known_to(c, house.office)))
            return conn(replies.take, house.keep(raw), letter, found, thread)

        return prepare

    def reported() -> Job:
        raw = returned(house)
        letter, found = house.parsed(raw)
        assert found.report is not None
        return conn(reporting.take, house.keep(raw), letter, found.report, found.kind)

    def noted() -> Job:
        note = note_of("pause 30j\nVoyez avec Paul d'abord", MONDAY)
        return conn(noting.follow, house.keep(b"note"), note, (), "FA-2026-0002")

    def obey() -> Job:
        raw = told(house)
        _, found = house.parsed(raw)
        return conn(ordering.obey, ordering.Written(house.keep(raw), OWNER.email), found)

    def documents() -> Job:
        raw = new_invoice(house)
        letter, found = house.parsed(raw)
        content = letter.attachments[0].content
        read = [(name, content, one) for name, one in house.office.sandbox.run("documents", raw)]
        return conn(invoicing.take_documents, house.keep(raw), letter, found, read)

    def document() -> Job:
        raw = new_invoice(house)
        content = house.parsed(raw)[0].attachments[0].content
        [(name, read)] = house.office.sandbox.run("documents", raw)
        return conn(invoicing.take, house.keep(raw), "<a@b>", name, content, read, DUPONT.person.email)

    def read_document() -> tuple[entering.Source, InvoiceDocument]:
        raw = new_invoice(house)
        content = house.parsed(raw)[0].attachments[0].content
        [(name, read)] = house.office.sandbox.run("documents", raw)
        return entering.Source(house.keep(raw), name, content), read

    def enter() -> Job:
        return conn(entering.enter, *read_document(), DUPONT.person.email)

    def client_of() -> Job:
        buyer = Party(name="Une autre SARL")
        return lambda: house.act(lambda c: entering.client_of(c, house.office, buyer, DUPONT.person.email))

    def credited() -> Job:
        note = replace(read_document()[1], kind="credit_note", number="AV-1", amount_due=Decimal("10.00"))
        return conn(entering.apply_credit, house.client(DUPONT.name), note, "FA-2026-0002")

    def asked_fields() -> Job:
        source, read = read_document()
        about = {"name": source.name, "kept": "0" * 64, "contact": None, "document": drafting.to_json(read)}
        return conn(drafting.ask_fields, source.letter, source.name, {**about, "answers": "<a@b>"})

    def listed() -> Job:
        entry = Listed(2, replace(read_document()[1], source="listing"))
        return conn(importing.take_list, [entry], "l.csv")

    def of_another() -> Job:
        document = replace(read_document()[1], number="FA-7", source="listing")
        house.act(lambda c: importing.take_list(c, house.office, [Listed(2, document)], "l.csv", house.now))
        known = house.ask(lambda c: invoices.get(c, key, "FA-7"))
        return conn(relisting.put_client, known, replace(document, buyer=Party(name=LEMAIRE.name)))

    def of_another_address() -> Job:
        document = read_document()[1]
        document = replace(
            document, number="FA-7", source="listing", buyer=Party(name="Gamma", email="a@gamma.example")
        )
        house.act(lambda c: importing.take_list(c, house.office, [Listed(2, document)], "l.csv", house.now))
        known = house.ask(lambda c: invoices.get(c, key, "FA-7"))
        new = replace(document, buyer=Party(name="Gamma", email="b@gamma.example"))
        return conn(relisting.put_address, known, new, {})

    def of_folder() -> Job:
        source, read = read_document()
        return conn(importing.take_file, "f.pdf", source.content, read)

    def lesson() -> Job:
        house.act(lambda c: layouts.keep(c, key, "f" * 16, {}, "FA-2026-0002", house.now))
        return lambda: learning.lessons(house.office)

    def confirmed_mail() -> Job:
        values = entering.confirmation_values("Dupont", [], read_document()[1], "fr")
        return lambda: house.act(lambda c: drafting.tell_confirmed(c, house.office, values, house.now, answers=""))

    def question_of(kind: str, about: dict[str, Any]) -> questions.Question:
        client = house.client(DUPONT.name)
        return house.act(
            lambda c: questions.get(c, key, mailing.ask(c, house.office, kind, kind, about, house.now, client=client))
        )

    def revised_yes() -> Job:
        source, read = read_document()
        house.keep(source.content)
        kept = house.act(lambda c: letters.keep(c, key, source.content, house.now, direction="document")[0])
        other = replace(read, number="FA-2026-0002", amount_due=Decimal("77.00"))
        about = {"number": "FA-2026-0002", "document": drafting.to_json(other), "kept": kept, "name": "f.pdf"}
        asked = question_of("revised", about)
        return lambda: house.act(
            lambda c: revising.answer_revised(c, house.office, asked, True, "cause/1", None, house.now)
        )

    def address_yes() -> Job:
        about = {"client": house.client(DUPONT.name), "email": "compta@cabinet.example"}
        asked = question_of("address", about)
        return lambda: house.act(lambda c: revising.answer_address(c, house.office, asked, True))

    def other_address() -> questions.Question:
        about = {"client": house.client(DUPONT.name), "email": "compta@cabinet.example", "unsure": False}
        return question_of("new_contact", about)

    def address_taken() -> Job:
        asked = other_address()
        return lambda: house.act(lambda c: redirecting.take(c, house.office, asked, "cause/1", None, house.now))

    def address_left() -> Job:
        asked = other_address()
        said = {"new_contact": "compta@cabinet.example", "letter": "letter"}
        house.act(
            lambda c: office.happened(
                c, house.office, "reply.wrong_contact", "letter/*", house.now, client=asked.client, data=said
            )
        )
        return lambda: house.act(lambda c: redirecting.leave(c, house.office, asked, "cause/1", None, house.now))

    def address_named() -> Job:
        client = house.client(DUPONT.name)
        return conn(redirecting.ask_about, client, "compta@cabinet.example", "letter")

    def credit_named() -> Job:
        source, read = read_document()
        note = replace(read, kind="credit_note", number="AV-1", amount_due=Decimal("10.00"))
        house.act(lambda c: entering.enter(c, house.office, source, note, DUPONT.person.email, house.now))
        asked = question_of("credit_reference", {"credit_note": "AV-1", "choices": ["FA-2026-0002"]})
        return lambda: house.act(lambda c: revising.answer_credit(c, house.office, asked, 0, "", False, house.now))

    def credit_paid_back() -> Job:
        source, read = read_document()
        note = replace(read, kind="credit_note", number="AV-1", amount_due=Decimal("10.00"))
        house.act(lambda c: entering.enter(c, house.office, source, note, DUPONT.person.email, house.now))
        about = {"credit_note": "AV-1", "named": "FA-2026-0002", "amount": "5.00", "currency": "EUR"}
        asked = question_of("credit_rest", about)
        return conn(revising.answer_credit_rest, asked, "rembourser", "cause/1")

    def draft() -> Job:
        raw = forwarded_plain("FA-2026-0009", DUPONT, house.now)
        reading.read(house.office, house.keep(raw), house.now)
        [asked] = house.rows("question", kind="draft")
        fields = {
            "amount": "100,00",
            "due_date": "2026-04-01",
            "contact": "x@dupont-sarl.example",
            "client": DUPONT.name,
        }

        def job(c: Any) -> object:
            question = questions.get(c, key, asked["number"])
            return invoicing.complete_draft(c, house.office, question, fields, house.now)

        return lambda: house.act(job)

    def statement() -> Job:
        raw = ofx(SUNDAY, PAID, UNCLEAR)
        read = house.office.sandbox.run("statement", raw, name="releve.ofx")
        return conn(banking.take_statement, raw, read, None)

    def fed_by_folder() -> Job:
        folder = house.app.settings.key_file.parent.parent / "bank"
        folder.mkdir()
        for name, raw in (("a.ofx", ofx(SUNDAY, PAID, UNCLEAR)), ("b.ofx", b"OFXHEADER:100\n<OFX>")):
            (folder / name).write_bytes(raw)
            os.utime(folder / name, (0, 0))
        house.office.business.__dict__["bank"] = Bank(folder=folder)
        return run(feeding.feed)

    def fed_by_program(text: str) -> Callable[[], Job]:
        def prepare() -> Job:
            house.office.business.__dict__["bank"] = Bank(command=(sys.executable, "-c", text))
            return run(feeding.feed)

        return prepare

    def kept_lines() -> Job:
        raw = ofx(SUNDAY, PAID, UNCLEAR)
        [account] = house.office.sandbox.run("statement", raw, name="releve.ofx").accounts
        number, _ = house.act(lambda c: bank.keep_statement(c, key, "0" * 64, raw, "ofx", None, house.now))
        return lambda: house.act(lambda c: lines.keep_lines(c, house.office, number, account))

    def mailed(raw: bytes) -> Callable[[], Job]:
        def prepare() -> Job:
            read = house.office.sandbox.run("statement", raw, name="releve.ofx")
            return conn(
                banking.take_mailed, house.keep(raw), "Relevé", "<a@b>", OWNER.email, [("releve.ofx", raw, read)]
            )

        return prepare

    def line(written: DemoLine = UNCLEAR) -> Any:
        raw = ofx(SUNDAY, written)
        read = house.office.sandbox.run("statement", raw, name="releve.ofx")
        house.act(lambda c: banking.take_statement(c, house.office, raw, read, None, house.now))
        row = next(row for row in house.rows("line") if row["amount"] == written.amount)
        return house.ask(lambda c: bank.line(c, key, row["id"]))

    def book() -> Job:
        return conn(booking.book, line(), (Share("FA-2026-0002", Decimal("1200.00")),), "owner")

    def undo() -> Job:
        return conn(booking.undo, line(PAID))

    def reverse() -> Job:
        paid = line(PAID)
        return conn(booking.reverse, line(replace(PAID, amount=-PAID.amount, kind="debit", motive="X")), paid)

    def restore() -> Job:
        paid = line(PAID)
        back = line(replace(PAID, amount=-PAID.amount, kind="debit", motive="X"))
        house.act(lambda c: booking.reverse(c, house.office, back, paid, house.now))
        return conn(booking.restore, back)

    def keep_whole() -> Job:
        return conn(booking.keep_whole, line(), house.client(DUPONT.name))

    def overpaid() -> Any:
        """A credit of 100.00 that the client has."""
        booked = line(replace(UNCLEAR, amount=Decimal("1300.00")))
        house.act(lambda c: booking.book(c, house.office, booked, (Share("FA-2026-0002", Decimal(1200)),), "owner",
                                         house.now))  # fmt: skip
        return house.ask(lambda c: allocations.kept(c, key)[0])

    def keep_for(refunded: bool) -> Callable[[], Job]:
        def prepare() -> Job:
            row = overpaid()
            return lambda: house.act(lambda c: booking.keep_for(c, house.office, row, refunded=refunded, now=house.now))

        return prepare

    def set_off() -> Job:
        row = overpaid()
        house.act(lambda c: booking.keep_for(c, house.office, row, refunded=False, now=house.now))
        read(new_invoice)
        house.act(lambda c: booking.undo(c, house.office, bank.line(c, key, row.line), house.now))
        again = line(replace(UNCLEAR, amount=Decimal("50.00")))
        house.act(lambda c: allocations.keep_credit(c, key, again.id, row.client, Decimal(50), "owner", "set_off",
                                                    house.now))  # fmt: skip
        return conn(booking.set_off, row.client)

    def question_about_a_line() -> Any:
        asked_line = line()
        return house.ask(lambda c: asking.current_question(c, house.office, asked_line))

    def explained() -> Job:
        asked_line = line()
        return conn(asking.explained, asked_line.id, asked_line.id, [house.client(DUPONT.name)])

    def of_question(job: Callable[..., object], *arguments: Any) -> Callable[[], Job]:
        def prepare() -> Job:
            return conn(job, question_about_a_line(), *arguments)

        return prepare

    def answered_by(choice: str, at_: int | None) -> Callable[[], Job]:
        def prepare() -> Job:
            number = question_about_a_line().number

            def job(c: Any) -> object:
                question = questions.get(c, key, number)
                with suppress(UnclearError):
                    clearing.answer_match(c, house.office, question, choice, at_, "", "cause/0", house.now)

            return lambda: house.act(job)

        return prepare

    def answer_overpaid() -> Job:
        overpaid()
        number = house.rows("question", kind="overpaid")[0]["number"]
        return lambda: house.act(
            lambda c: clearing.answer_overpaid(c, house.office, questions.get(c, key, number), "refund", house.now)
        )

    def refused_twice(job: Callable[[Any], object]) -> Job:
        def once(c: Any) -> None:
            with suppress(UnclearError):
                job(c)

        return lambda: house.act(once)

    def to_client() -> Job:
        meant, name = Target("FA-2026-0002", None, "FA-2026-0002"), LEMAIRE.name
        given = Turn("letter/0", house.now, "fr")
        return refused_twice(lambda c: moving.to_client(c, house.office, meant, name, given))

    def to_number() -> Job:
        meant, given = Target("FA-2026-0002", None, "FA-2026-0002"), Turn("letter/0", house.now, "fr")
        return refused_twice(lambda c: moving.to_number(c, house.office, meant, "FA-2026-0333", given))

    def no_address() -> Job:
        client, email = house.client(DUPONT.name), DUPONT.person.email
        house.act(lambda c: clients.drop_contact(c, house.office.key, client, email))
        return conn(entering.ask_for_address, "FA-2026-0002")

    def another_address() -> Job:
        client, (_, document) = house.client(DUPONT.name), read_document()
        return conn(entering.keep_address, client, "compta@ailleurs.example", document, "FA-2026-0002")

    def moved_back() -> Job:
        to_client()()
        told = house.ask(lambda c: events.of_invoice(c, house.office.key, "FA-2026-0002"))
        event, given = next(one for one in told if one.name == "owner.moved"), Turn("letter/1", house.now, "fr")
        return lambda: house.act(lambda c: moving.moved_back(c, house.office, event, given))

    def suit() -> Job:
        return lambda: legal_steps.record_step(house.office, "FA-2026-0002", "lawsuit", SUNDAY, house.now)

    def publication() -> Job:
        client = house.client(LEMAIRE.name)
        return lambda: house.act(
            lambda c: legal_steps.record(c, house.office, client, None, "bodacc", SUNDAY, "letter/0", house.now)
        )

    def insolvent() -> Job:
        client = house.client(LEMAIRE.name)
        return lambda: house.act(
            lambda c: legal_steps.hear_of_insolvency(c, house.office, client, "bodacc", "letter/0", house.now)
        )

    def match_order() -> Job:
        number = question_about_a_line().number
        return refused_twice(
            lambda c: clearing.match(c, house.office, str(number), ["FA-2026-0002"], "typed", house.now)
        )

    def undo_order() -> Job:
        line(PAID)
        return refused_twice(lambda c: clearing.undo(c, house.office, "FA-2026-0002", house.now))

    def unmatched() -> Any:
        """A line that is kept, and not looked at yet."""
        raw = ofx(SUNDAY, UNCLEAR)
        [account] = house.office.sandbox.run("statement", raw, name="releve.ofx").accounts
        number, _ = house.act(lambda c: bank.keep_statement(c, key, "0" * 64, raw, "ofx", None, house.now))
        return house.act(lambda c: lines.keep_lines(c, house.office, number, account)).fresh[0]

    def match_new() -> Job:
        return conn(matching.match_new, [unmatched()])

    def ask_about() -> Job:
        kept = unmatched()
        share = Share("FA-2026-0002", Decimal("1200.00"))
        return conn(asking.ask_about, kept, Match(kept.id, kept.amount, "ask", choices=((share,),)))

    def ask_again() -> Job:
        paid = line(PAID)
        house.act(lambda c: booking.undo(c, house.office, paid, house.now))
        return conn(matching.ask_again, paid)

    def passed_over(job: Callable[..., object], about: Any) -> Callable[[], Job]:
        """A line that nobody was thought to have sent, and the invoice that it pays."""

        def prepare() -> Job:
            stranger = replace(UNCLEAR, payer="HOLDING GRAND LARGE", amount=Decimal("1234.00"), motive="X")
            line(stranger)
            read(lambda house: forwarded("FA-2026-0003", DUPONT, at(MONDAY, 9, 24), "1028.33"))
            [row] = house.rows("question", kind="match")
            house.act(lambda c: asking.close(c, house.office, questions.get(c, key, row["number"]), "x", house.now))
            house.act(lambda c: bank.set_line_state(c, key, str(row["about"]["line"]), "ignored"))
            return conn(job, about)

        return prepare

    def changed_since(job: Callable[..., object]) -> Callable[[], Job]:
        """The invoice that a question names was paid otherwise."""

        def prepare() -> Job:
            line()
            ordering.obey_typed(house.office, "payé FA-2026-0002 200", house.now)
            if job is matching.keep_true:
                return run(job)
            return conn(job, certain=False) if job is matching.reconsider else conn(job)

        return prepare

    def answer(kind: str, choice: str, prepare: Callable[[], object]) -> Callable[[], Job]:
        def made() -> Job:
            prepare()
            asked = house.rows("question", kind=kind)[0]

            def job(c: Any) -> object:
                question = questions.get(c, key, asked["number"])
                return answering.answer(c, house.office, question, choice, "", "cause/0", None, house.now)

            return lambda: house.act(job)

        return made

    def turn() -> Turn:
        return Turn("letter/0", house.now, "fr")

    def which() -> Job:
        order, turn = Order("pause", "Dupont", {}, "pause Dupont"), Turn("letter/0", house.now, "fr", "letter")
        choices = (Choice("Dupont (a)", "client#1"), Choice("Dupont (b)", "client#2"))
        return lambda: house.act(lambda c: choosing.put(c, house.office, order, turn, choices, "?"))

    def confirm() -> Job:
        order = Order("write_off", "FA-2026-0002", {}, "abandonne FA-2026-0002")
        return lambda: house.act(lambda c: confirming.put(c, house.office, order, turn(), "?"))

    def old_confirm() -> Job:
        confirm()()
        house.now += timedelta(days=7)
        return run_conn(confirming.expire_old)

    def run_conn(job: Callable[..., object]) -> Job:
        return lambda: house.act(lambda c: job(c, house.office, house.now))

    def answered_client() -> Job:
        noted = [
            replace(one, answer="promise_noted") if one.id == "promise" else one for one in house.office.rules.reactions
        ]
        object.__setattr__(house.office, "rules", replace(house.office.rules, reactions=tuple(noted)))
        reading.read(house.office, house.keep(promised(house)), house.now)
        return lambda: responding.answer_fresh(house.office, house.now)

    def recorded() -> Job:
        target = Target("FA-2026-0002", house.client(DUPONT.name), "FA-2026-0002")
        return lambda: house.act(lambda c: turns.record(c, house.office, "owner.paused", target, turn()))

    def completed() -> Job:
        reading.read(house.office, house.keep(forwarded_plain("FA-2026-0009", DUPONT, house.now)), house.now)
        [asked] = house.rows("question", kind="draft")
        order = Order("correct", None, {}, "montant 100")

        def job(c: Any) -> object:
            question = questions.get(c, house.office.key, asked["number"])
            try:
                return amending.complete(c, house.office, question, {"total_gross": "100"}, order, turn())
            except UnclearError as unclear:
                return str(unclear)

        return lambda: house.act(job)

    def carry_out(verb: str, target: str, **fields: str) -> Callable[[], Job]:
        order = Order(verb, target, fields, f"{verb} {target}")

        def job(c: Any) -> object:
            return ordering.carry_out(c, house.office, order, ordering.Turn("letter/0", house.now, "fr"))

        return lambda: lambda: house.act(job)

    def typed() -> Job:
        moment = house.now
        return lambda: ordering.obey_typed(house.office, "pause FA-2026-0002\npayé FA-2026-0001 100", moment)

    def spoken_to() -> Job:
        client, moment = house.client(DUPONT.name), house.now
        return lambda: house.act(lambda c: languages.learn(c, house.office, client, "de", "1", moment, letter=None))

    def spoken_by() -> Job:
        client, moment, letter = house.client(DUPONT.name), house.now, house.keep(told(house))
        text = "Wir haben Ihre Rechnung erhalten und zahlen sie."
        return lambda: house.act(lambda c: languages.learn_from_reply(c, house.office, client, text, letter, moment))

    def long_silent() -> Job:
        moment = house.now + timedelta(days=1200)
        typed_all_paid()
        return lambda: retaining.retire(house.office, moment)

    def weekly() -> Job:
        moment = house.now + timedelta(days=1200)
        typed_all_paid()
        retaining.retire_weekly(house.office, moment - timedelta(days=8))
        return lambda: retaining.retire_weekly(house.office, moment)

    def typed_all_paid() -> None:
        numbers = [row["number"] for row in house.rows("invoice") if row["open_amount"] > 0]
        ordering.obey_typed(house.office, "\n".join(f"payé {number}" for number in numbers), house.now)

    def restored() -> Job:
        moment = house.now
        return lambda: restoring.halt(house.office, moment)

    def decide(prepare: Callable[[], object]) -> Callable[[], Job]:
        def made() -> Job:
            prepare()
            return run(deciding.decide_client, house.client(DUPONT.name))

        return made

    def tomorrow() -> None:
        house.now = at(TUESDAY, 9, 20)

    def fed() -> None:
        reading.read(house.office, house.keep(feed(house)), house.now)

    def read(make: Callable[[House], bytes]) -> None:
        reading.read(house.office, house.keep(make(house)), house.now)

    def unclearly_paid() -> None:
        reading.read(house.office, house.keep(bank_file(SUNDAY, house.now, UNCLEAR)), house.now)

    def tick() -> Job:
        tomorrow()
        house.turn(house.now, bank_file(MONDAY, house.now, PAID))
        house.now = at(MONDAY + timedelta(days=3), 9, 20)
        return run(clock.tick, house.evidence)

    def day_later(job: Callable[..., object], *arguments: Any) -> Callable[[], Job]:
        def prepare() -> Job:
            tomorrow()
            return run(job, *arguments)

        return prepare

    def bank_is_old() -> Job:
        return lambda: warning.warn(house.office, at(MONDAY + timedelta(days=7), 9))

    def alerts() -> Job:
        reading.read(house.office, house.keep(answered(LEMAIRE, reminder(house), DISPUTE, house.now)), house.now)
        client = house.client(LEMAIRE.name)
        decision = house.ask(lambda c: deciding.current_decision(c, house.office, client, house.now))
        assert decision.alerts
        return conn(alerting.keep_alerts, client, decision)

    def due_row() -> int:
        house.mailer.refuse.clear()
        house.now = at(MONDAY, 10, 30)
        return house.row(kind="client", recipient=DUPONT.person.email).id

    def send() -> Job:
        row = due_row()
        return lambda: house.send(row)

    def worker() -> sending.Worker:
        return sending.Worker("house/2", house.mailer, lambda: house.now, Group(house.office.engine))

    def claimed() -> Outgoing:
        number = due_row()
        [row] = house.act(lambda c: sending.claim(c, house.office, [number], worker()))
        return row

    def claim() -> Job:
        number = due_row()
        return lambda: house.act(lambda c: sending.claim(c, house.office, [number], worker()))

    def deliver() -> Job:
        row = claimed()
        return lambda: asyncio.run(sending.deliver(house.office, row, worker()))

    def refuse(error: DeliveryError) -> Callable[[], Job]:
        def prepare() -> Job:
            row = claimed()
            return lambda: house.act(lambda c: sending.refused(c, house.office, row, error, worker()))

        return prepare

    def put_off() -> Job:
        row = replace(claimed(), attempt=refusals.TOLD_AFTER)
        later = DeliveryError("451 later", temporary=True, code=451)
        return lambda: house.act(lambda c: refusals.tell(c, house.office, row, later, house.now))

    def taken_after_all() -> Job:
        put_off()()
        house.drain()
        return run(refusals.settle)

    def write_down() -> Job:
        row = claimed()
        became = asyncio.run(sending.deliver(house.office, row, worker()))
        return lambda: asyncio.run(sending.record(house.office, row, became, worker()))

    def give_up() -> Job:
        row = claimed()
        return lambda: house.act(lambda c: sending.put_back(c, house.office, row, house.now))

    def drain() -> Job:
        due_row()
        return house.drain

    def doubtful(lost: bool) -> Any:
        row = due_row()
        house.mailer.lose = frozenset({DUPONT.person.email})
        house.send(row)
        if lost:
            house.mailer.sent.pop()
        house.mailer.lose = frozenset()
        house.now = at(MONDAY, 11, 30)
        return house.row(id=row)

    def reconcile(lost: bool, evidence: Any) -> Callable[[], Job]:
        def prepare() -> Job:
            row = doubtful(lost)
            return lambda: sending.reconcile(house.office, row, evidence, house.now)

        return prepare

    def settle() -> Job:
        doubtful(lost=False)
        return run(clock.settle_doubt, house.evidence)

    def record() -> Job:
        row = doubtful(lost=False)
        return lambda: sending.record_sent(house.office, row, house.now, 250, "2.0.0 OK", "250")

    def cancel() -> Job:
        row = house.row(kind="client", recipient=DUPONT.person.email)
        return lambda: house.act(lambda c: deciding.cancelled(c, house.office, row, house.now, "why"))

    def question() -> Job:
        number = conn(mailing.ask, "stray_report", "stray/1", {"recipient": "a@b.c"})()
        return conn(mailing.mail_question, number, "mailed/1")

    def rules() -> Job:
        changed = House(house.app.settings.key_file.parent.parent / "mailbot.yaml", house.office.sandbox)
        object.__setattr__(changed.office, "rules_text", "# new\n" + changed.office.rules_text)
        object.__setattr__(changed.office.rules, "hash", "0123456789ab")

        def job() -> None:
            clock.take_note_of_rules(changed.office, house.now)
            changed.app.engine.dispose()

        return job

    def sealing() -> Job:
        read(promised)
        return run(chaining.seal_events)

    def binding() -> Job:
        above = (0, ["mailbot-chain\t2\tatelier\twhole\n"])
        return lambda: list(proving.bound(house.office, "whole", above, house.now))

    def exporting_all() -> Job:
        exported = house.app.settings.key_file.parent / "export.zip"
        return lambda: proving.write_export(house.office, exported, house.now)

    def wanting() -> Job:
        client = house.client(LEMAIRE.name)
        return lambda: house.act(
            lambda c: handing.want_dossier(c, house.office, client, None, "letter/0", at(MONDAY, 9))
        )

    def dossier_wanted() -> Job:
        wanting()()
        return lambda: handing.hand_over_dossiers(house.office, house.now)

    def posting() -> Job:
        client = house.client(LEMAIRE.name)
        return lambda: house.act(
            lambda c: noticing.state_posting(c, house.office, client, "FA-2026-0001", "letter/1", at(MONDAY, 9))
        )

    def notice_wanted() -> Job:
        posting()()
        return lambda: noticing.prepare_notices(house.office, house.now)

    def erasing_who_paid() -> Job:
        ordering.obey_typed(house.office, "payé FA-2026-0001", house.now)
        return run(erasing.erase, house.client(LEMAIRE.name))

    def dossier() -> Job:
        read(promised)
        return lambda: dossiers.make(house.office, house.client(LEMAIRE.name), None, house.now)

    def rules_file(text: str) -> Callable[[], Job]:
        found = checked(Path("fr.yaml"), text, house.office.templates.names(), "fr")
        return lambda: run(rulebook.take_up, found)

    def consent() -> Job:
        agree = partial(consenting.record_consent, house.office, house.client(LEMAIRE.name), LEMAIRE.person.email)
        return lambda: agree(given=True, by="owner", note="by telephone", now=house.now)

    def refresh() -> Job:
        return conn(office.refresh, house.client(DUPONT.name))

    return {
        "alerting.keep_alerts": [("a dispute", alerts)],
        "answering.answer": [
            ("a match", answer("match", "1", unclearly_paid)),
            ("no match", answer("match", "non", unclearly_paid)),
            ("unclear", answer("unclear", "promesse", lambda: read(mumbled))),
            ("unproven", answer("unproven_owner", "oui", lambda: read(unproven))),
        ],
        "banking.take_mailed": [
            ("a file", mailed(ofx(SUNDAY, PAID, UNCLEAR))),
            ("rubbish", mailed(b"OFXHEADER:100\n<OFX>")),
        ],
        "banking.take_statement": [("a file", statement)],
        "booking.book": [("a line", book)],
        "booking.keep_for": [("to be paid back", keep_for(True)), ("to be set off", keep_for(False))],
        "booking.keep_whole": [("a line", keep_whole)],
        "booking.restore": [("a debit", restore)],
        "booking.reverse": [("a debit", reverse)],
        "booking.set_off": [("a credit", set_off)],
        "booking.undo": [("a line", undo)],
        "clearing.answer_match": [("the first", answered_by("1", 0)), ("nobody's", answered_by("no", None))],
        "clearing.answer_overpaid": [("pay it back", answer_overpaid)],
        "clearing.match": [("a question", match_order)],
        "clearing.undo": [("an invoice", undo_order)],
        "chaining.seal_events": [("a promise", sealing)],
        "proving.bound": [("two lines", binding)],
        "proving.write_export": [("everything", exporting_all)],
        "dossiers.make": [("a promise", dossier)],
        "erasing.erase": [("who paid", erasing_who_paid)],
        "handing.hand_over": [("a file", lambda: conn(handing.hand_over, "key", "Dossier", ["Joint."], []))],
        "handing.hand_over_dossiers": [("an order", dossier_wanted)],
        "handing.want_dossier": [("an order", wanting)],
        "noticing.prepare_notices": [("an order", notice_wanted)],
        "noticing.state_posting": [("an order", posting)],
        "clock.expire": [("a mail of yesterday", day_later(clock.expire))],
        "clock.follow_up": [("next day", day_later(clock.follow_up))],
        "clock.settle_doubt": [("a mail", settle)],
        "clock.take_note_of_rules": [("new rules", rules)],
        "clock.tick": [("three days later", tick)],
        "deciding.cancelled": [("a mail", cancel)],
        "deciding.decide_client": [("next day", decide(tomorrow)), ("bank lines", decide(fed))],
        "deciding.decide_due": [("next day", day_later(deciding.decide_due))],
        "digesting.plan_digest": [("next day", day_later(digesting.plan_digest))],
        "warning.warn": [("the bank's data is a week old", bank_is_old)],
        "draining.drain": [("what is due", drain)],
        "feeding.feed": [
            ("a folder", fed_by_folder),
            ("a program", fed_by_program(f"print({ofx(SUNDAY, PAID).decode('cp1252')!r})")),
            ("a program that fails", fed_by_program("import sys; sys.exit('no')")),
        ],
        "feeding.take_bytes": [
            ("a file", lambda: run(feeding.take_bytes, "releve.ofx", ofx(SUNDAY, PAID))),
            ("rubbish", lambda: run(feeding.take_bytes, "releve.ofx", b"OFXHEADER:100\n<OFX>")),
        ],
        "filing.file_copies": [("copies that are missing", copied_to_sent)],
        "filing.hand_on_copies": [("a server that files by itself", handed_on)],
        "intake.fetch": [("a mail, and one too big", fetch)],
        "invoicing.complete_draft": [("a plain PDF", draft)],
        "drafting.complete_draft": [("a plain PDF", draft)],
        "drafting.ask_fields": [("an invoice", asked_fields)],
        "noting.follow": [("words and an order above an invoice", noted)],
        "drafting.tell_confirmed": [("an invoice", confirmed_mail)],
        "importing.take_list": [("an invoice", listed)],
        "relisting.put_client": [("another client", of_another)],
        "relisting.put_address": [("another address", of_another_address)],
        "learning.lessons": [("a confirmed page", lesson)],
        "importing.take_file": [("an invoice", of_folder)],
        "entering.ask_for_address": [("no address", no_address)],
        "entering.keep_address": [("an address of another domain", another_address)],
        "moving.to_client": [("another client", to_client)],
        "moving.to_number": [("another number", to_number)],
        "moving.moved_back": [("taken back", moved_back)],
        "entering.enter": [("an invoice", enter)],
        "entering.client_of": [("an invoice", client_of)],
        "entering.apply_credit": [("a credit note", credited)],
        "revising.answer_revised": [("a yes", revised_yes)],
        "revising.answer_address": [("a yes", address_yes)],
        "redirecting.take": [("a yes", address_taken)],
        "redirecting.leave": [("a no", address_left)],
        "redirecting.ask_about": [
            ("a client's new address", address_named),
        ],
        "revising.answer_credit": [("the first", credit_named)],
        "revising.answer_credit_rest": [("paid back", credit_paid_back)],
        "invoicing.take": [("an invoice", document)],
        "invoicing.take_documents": [("an invoice", documents)],
        "lines.keep_lines": [("a file", kept_lines)],
        "mailing.ask": [("a question", lambda: conn(mailing.ask, "stray_report", "stray/1", {"recipient": "a@b.c"}))],
        "mailing.mail_question": [("a question", question)],
        "mailing.tell_owner": [("a mail", lambda: conn(mailing.tell_owner, "question", "key/1", {"question": {}}))],
        "asking.ask_about": [("a line", ask_about)],
        "matching.ask_again": [("a line", ask_again)],
        "asking.close": [("a question", of_question(asking.close, "why"))],
        "asking.explained": [("a line", explained)],
        "matching.keep_true": [("an invoice that was paid in part", changed_since(matching.keep_true))],
        "matching.look_at_outdated": [("an invoice that was paid in part", changed_since(matching.look_at_outdated))],
        "matching.match_earlier": [("an invoice", passed_over(matching.match_earlier, "FA-2026-0003"))],
        "matching.match_new": [("a line", match_new)],
        "matching.reopened": [("an invoice", passed_over(matching.reopened, ["FA-2026-0003"]))],
        "matching.reconsider": [("an invoice that was paid in part", changed_since(matching.reconsider))],
        "asking.release": [("a question", of_question(asking.release))],
        "legal_steps.record_step": [("a suit", suit)],
        "legal_steps.record": [("an insolvency", publication)],
        "legal_steps.hear_of_insolvency": [("an insolvency", insolvent)],
        "office.happened": [("an event", lambda: conn(office.happened, "owner.stopped", "cause/1"))],
        "office.refresh": [("a client", refresh)],
        "ordering.carry_out": [
            ("pause", carry_out("pause", "FA-2026-0002", days="5")),
            ("paid in part", carry_out("paid", "FA-2026-0002", amount="100,00")),
            ("contact", carry_out("contact", "FA-2026-0002", email="neu@dupont-sarl.example", action="replace")),
            ("correct", carry_out("correct", "FA-2026-0002", amount="900,00")),
            ("promise", carry_out("promise", "FA-2026-0002", date="2026-03-09")),
            ("stop", carry_out("stop", "")),
            ("match", carry_out("undo", "FA-2026-0002")),
            ("digest", carry_out("digest", "", days="none")),
            ("reply", carry_out("reply", "FA-2026-0002", text="Bonjour")),
        ],
        "amending.complete": [("a plain PDF", completed)],
        "choosing.put": [("two clients of one name", which)],
        "confirming.put": [("a write-off", confirm)],
        "confirming.expire_old": [("a week later", old_confirm)],
        "responding.answer_fresh": [("a promise", answered_client)],
        "turns.record": [("a pause", recorded)],
        "consenting.record_consent": [("a yes", consent)],
        "ordering.obey": [("three lines", obey)],
        "ordering.obey_typed": [("two lines", typed)],
        "restoring.halt": [("a restore", restored)],
        "retaining.retire": [("three silent years", long_silent)],
        "retaining.retire_weekly": [("three silent years", weekly)],
        "languages.learn": [("the owner wrote in German", spoken_to)],
        "languages.learn_from_reply": [("an answer in German", spoken_by)],
        "reading.read": [(make.__name__, read_once(make)) for make in MAILS],
        "replies.record_intent": [
            ("a promise", lambda: conn(replies.record_intent, house.keep(promised(house)), "reply.promise",
                                       {"promise_date": "2026-03-09"}, house.client(LEMAIRE.name), ("FA-2026-0001",))),
        ],
        "reporting.take": [("a mail that came back", reported)],
        "replies.take": [(make.__name__, taken(make)) for make in (promised, mumbled, returned, absent)],
        "rulebook.take_up": [
            ("other rules", rules_file("# new\n" + house.office.rules_text)),
            ("broken rules", rules_file("version: 1")),
        ],
        "refusals.tell": [("for the third time", put_off)],
        "refusals.settle": [("all left", taken_after_all)],
        "sending.reconcile": [
            ("found", reconcile(False, house.evidence)),
            ("not found", reconcile(True, house.evidence)),
            ("nowhere to look", reconcile(True, None)),
        ],
        "sending.claim": [("a mail", claim)],
        "sending.deliver": [("a mail", deliver)],
        "sending.put_back": [("a mail", give_up)],
        "sending.record": [("a mail", write_down)],
        "sending.record_sent": [("a mail", record)],
        "sending.refused": [
            ("for now", refuse(DeliveryError("451 later", temporary=True, code=451))),
            ("for good", refuse(DeliveryError("550 no", temporary=False, code=550))),
        ],
        "sending.send": [("a mail", send)],
    }  # fmt: skip


# ------------------------------------------------------------------------ jobs that only look


def looking(house: House) -> dict[str, Job]:
    """Name of the job -> the job; all are run where the database refuses writes, or must leave it as it was."""
    client = house.client(LEMAIRE.name)
    row = house.row(kind="client", recipient=LEMAIRE.person.email)
    told_row = next(one for one in house.rows("outgoing", kind="owner", what="confirmation"))
    raw = told(house)
    day = house.office.day(house.now)
    bank_line = ofx(SUNDAY, replace(UNCLEAR, amount=Decimal("7.77")))
    [account] = house.office.sandbox.run("statement", bank_line, name="releve.ofx").accounts
    number, _ = house.act(lambda c: bank.keep_statement(c, house.office.key, "1" * 64, b"", "ofx", None, house.now))
    house.act(lambda c: lines.keep_lines(c, house.office, number, account))
    kept_line = account.lines[0]
    said, where = Order("write_off", "FA-2026-0002", {}, "abandonne FA-2026-0002"), Turn("letter/0", house.now, "fr")
    paid_whole = (Share("FA-2026-0002", Decimal("1200.00")),)
    certain = Match(kept_line.id, kept_line.amount, "auto", allocations=paid_whole)

    def conn(job: Callable[..., object], *arguments: Any) -> Job:
        return lambda: house.ask(lambda conn: job(conn, house.office, *arguments))

    about = {"client": client, "email": "compta@cabinet.example"}
    asked = house.act(
        lambda c: mailing.ask(c, house.office, "new_contact", "new_contact", about, house.now, client=client)
    )
    asked_address = house.ask(lambda c: questions.get(c, house.office.key, asked))
    assert asked_address is not None
    book = house.ask(lambda conn: surveying.survey(conn, house.office))
    everything = [event for known in book.events.values() for event in known]

    return {
        "moving.has_money": conn(
            moving.has_money, house.ask(lambda c: invoices.get(c, house.office.key, "FA-2026-0002"))
        ),
        "relisting.whose_number": conn(relisting.whose_number, Party()),
        "addressing.against": conn(addressing.against, "x@y.example", client, Party()),
        "addressing.of_document": conn(addressing.of_document, house.parsed(raw)[1], "x@y.example", Party()),
        "entering.namesake": conn(entering.namesake, Party(name="Dupont")),
        "addressing.recipient": conn(addressing.recipient, *house.parsed(raw)),
        "checking.is_other_account": lambda: checking.is_other_account(house.office, invoicing.UNREAD),
        "checking.remarks_on": lambda: checking.remarks_on(house.office, invoicing.UNREAD, house.now),
        "drafted.draft_meant": conn(drafted.draft_meant, "1", where),
        "drafted.invoice_at": conn(drafted.invoice_at, "1", where),
        "noting.addresses": conn(noting.addresses, "FA-2026-0002"),
        "noting.quoted": lambda: noting.quoted(house.office, Note(words=("Attends",)), ("Déjà payé",)),
        "noting.written_with": lambda: noting.written_with(house.office, *house.parsed(raw), house.now),
        "drafting.is_certain": conn(drafting.is_certain, invoicing.UNREAD),
        "exporting.entries": lambda: exporting.entries(house.office, MONDAY, MONDAY),
        "chaining.head_words": conn(chaining.head_words),
        "dossiers.file_name": lambda: dossiers.file_name(house.office, "Dupont", house.now),
        "charging.reckoned": conn(charging.reckoned, [], day),
        "echoing.own_words": lambda: house.ask(
            lambda c: echoing.own_words(c, house.office, "", *house.parsed(raw), house.now)
        ),
        "erasing.planned": lambda: erasing.planned(house.office, client, house.now),
        "expiring.plan": conn(expiring.plan, client, house.now),
        "giving.everything_about": lambda: giving.everything_about(house.office, client, house.now),
        "gathering.gather": conn(gathering.gather, client, None, day, "fr"),
        "gathering.creditor_of": lambda: gathering.creditor_of(house.office),
        "gathering.at_local": lambda: gathering.at_local(house.office, house.now),
        "chaining.verify_ledger": lambda: chaining.verify_ledger(house.office),
        "comparing.compared": lambda: house.ask(
            lambda c: comparing.compared(
                c,
                house.office,
                gathering.gather(c, house.office, client, None, day, "fr"),
                chaining.verify_ledger(house.office),
                day,
                "fr",
            )
        ),
        "clock.hand_on_due": lambda: clock.hand_on_due(house.office, house.now),
        "tracking.agreed": conn(tracking.agreed, LEMAIRE.person.email),
        "corrections.kept": lambda: corrections.kept(house.office),
        "corrections.replay": lambda: list(corrections.replay(house.office, house.now)),
        "deciding.current_amounts": conn(deciding.current_amounts, client, house.now),
        "deciding.decision_and_amounts": conn(deciding.decision_and_amounts, client, house.now),
        "deciding.current_decision": conn(deciding.current_decision, client, house.now),
        "deciding.is_live": conn(deciding.is_live),
        "deciding.letter_wishes": lambda: house.ask(
            lambda c: deciding.letter_wishes(
                house.office, deciding.current_decision(c, house.office, client, house.now)
            )
        ),
        "deciding.send_times": lambda: deciding.send_times(house.office, house.now),
        "digesting.current_digest": lambda: digesting.current_digest(house.office, house.now),
        "digesting.digest_facts": conn(digesting.digest_facts, house.now),
        "digesting.wish_of": conn(digesting.wish_of, MONDAY),
        "foreseeing.foresee": lambda: foreseeing.foresee(house.office, book, MONDAY, MONDAY, MONDAY, live=True),
        "recounting.failed": lambda: recounting.failed(house.office, book, everything),
        "recounting.heard": lambda: recounting.heard(house.office, book, everything),
        "recounting.money": lambda: recounting.money(house.office, book, everything),
        "recounting.sent": conn(recounting.sent, book, house.now - timedelta(days=1), house.now),
        "retaining.expired": lambda: retaining.expired(house.office, house.now + timedelta(days=1200)),
        "recounting.unexplained": conn(recounting.unexplained, house.now - timedelta(days=1), house.now),
        "recounting.unreadable": conn(recounting.unreadable, house.now - timedelta(days=1), house.now),
        "surveying.survey": conn(surveying.survey),
        "feeding.next_time": lambda: feeding.next_time(house.office, house.now),
        "filing.files_by_itself": conn(filing.files_by_itself),
        "health.health": lambda: health.health([house.office], house.now),
        "lettering.compose_client": conn(lettering.compose_client, row, house.now),
        "lettering.compose_owner": conn(lettering.compose_owner, house.row(id=told_row["id"]), house.now),
        "lettering.letter_context": conn(lettering.letter_context, row, house.now),
        "booking.fill": conn(booking.fill, kept_line, client),
        "asking.current_question": conn(asking.current_question, kept_line),
        "asking.was_answered": conn(asking.was_answered, kept_line),
        "asking.outdated": conn(asking.outdated),
        "doubting.is_certain": conn(doubting.is_certain, kept_line, certain),
        "doubting.said_already": conn(doubting.said_already, kept_line, certain, house.now),
        "doubting.paid_before": conn(doubting.paid_before, kept_line),
        "material.matched": conn(material.matched, [kept_line]),
        "material.unspent": conn(material.unspent, kept_line),
        "material.open_items": conn(material.open_items),
        "material.returnable": conn(material.returnable, [kept_line]),
        "material.ours": lambda: material.ours(house.office),
        "lately.spoken": conn(lately.spoken),
        "lately.deeds": conn(lately.deeds, house.now),
        "lately.booked": conn(lately.booked, house.now - timedelta(days=1), house.now, "auto"),
        "lately.told_in": conn(lately.told_in, row),
        "lately.waiting": conn(lately.waiting),
        "lately.mail_label": conn(lately.mail_label, row),
        "lately.said_words": conn(lately.said_words, lately.Said("letter/0", (everything[0],))),
        "lately.about_words": conn(lately.about_words, everything[0]),
        "mailing.message_id": lambda: mailing.message_id(house.office, "key"),
        "demanding.demand": lambda: house.ask(
            lambda c: demanding.demand(c, house.office, client, ["FA-2026-0001"], MONDAY, house.now, claims=True)
        ),
        "legal_steps.check_day": conn(legal_steps.check_day, client, "FA-2026-0001", MONDAY, house.now),
        "standing.holds": conn(standing.holds, client, None, at(MONDAY, 10)),
        "standing.note": lambda: house.ask(
            lambda c: standing.note(c, house.office, client, lifted=True, language="fr")
        ),
        "withholding.hindrance": conn(withholding.hindrance, client, ["FA-2026-0001"]),
        "withholding.posted_late": conn(withholding.posted_late, client, "FA-2026-0001", MONDAY),
        "penalties.agreed_with": lambda: penalties.agreed_with(
            house.office,
            house.ask(lambda c: penalties.debtor_of(house.office, clients.get(c, house.office.key, client))),
        ),
        "penalties.debtor_of": lambda: house.ask(
            lambda c: penalties.debtor_of(house.office, clients.get(c, house.office.key, client))
        ),
        "penalties.owed_of": lambda: house.ask(
            lambda c: penalties.owed_of(c, house.office, invoices.get(c, house.office.key, "FA-2026-0001"), MONDAY)
        ),
        "penalties.owed_of_all": lambda: house.ask(
            lambda c: penalties.owed_of_all(c, house.office, invoices.of_client(c, house.office.key, client), MONDAY)
        ),
        "penalties.split_of": lambda: house.ask(
            lambda c: penalties.split_of(
                c, house.office, cast("Any", invoices.get(c, house.office.key, "FA-2026-0001")), Decimal(10), MONDAY
            )
        ),
        "penalties.owed_on": lambda: penalties.owed_on(house.office, "FA-2026-0001", MONDAY),
        "deadlines.barred_on": lambda: house.ask(
            lambda c: deadlines.barred_on(
                house.office,
                clients.get(c, house.office.key, client),
                invoices.of_client(c, house.office.key, client),
                (),
            )
        ),
        "deadlines.legal_dates": lambda: deadlines.legal_dates(house.office, book, MONDAY),
        "opinions.considered": lambda: opinions.considered(house.office, *house.parsed(raw)),
        "reading.by_an_owner": lambda: house.ask(
            lambda c: reading.by_an_owner(c, house.office, "letter", *house.parsed(raw), house.now)
        ),
        "reading.known_to": conn(reading.known_to),
        "entering.values_of": lambda: house.ask(
            lambda c: [
                entering.values_of(c, house.office, one) for one in invoices.of_client(c, house.office.key, client)
            ]
        ),
        "rulebook.trouble": conn(rulebook.trouble),
        "showing.all_clients": lambda: showing.all_clients(house.office),
        "showing.cases": lambda: showing.cases(house.office, house.now, everyone=True),
        "showing.explained": lambda: showing.explained(house.office, "FA-2026-0001", None, house.now),
        "showing.find_clients": lambda: showing.find_clients(house.office, "Dupont"),
        "showing.nearest_numbers": lambda: showing.nearest_numbers(house.office, "FA-2026-0004"),
        "showing.kept": lambda: showing.kept(house.office, client),
        "showing.one_invoice": lambda: showing.one_invoice(house.office, "FA-2026-0001"),
        "showing.owed": lambda: showing.owed(house.office, house.now),
        "showing.unknown_reference": lambda: showing.unknown_reference(house.office, "AV-2026-0001"),
        "showing.status": lambda: showing.status(house.office, house.now),
        "simulating.book": lambda: simulating.book(house.office, house.now),
        "targets.resolve": conn(targets.resolve, "Dupont"),
        "risking.risk_of": conn(risking.risk_of, client, house.now.date()),
        "risking.risen": lambda: risking.risen(house.office, book, SUNDAY, MONDAY),
        "showing.risk": lambda: showing.risk(house.office, client, house.now.date()),
        "targets.nearest": conn(targets.nearest, "Dupond"),
        "targets.names_listed": conn(targets.names_listed, "Dupont et Lemaire", None),
        "redirecting.is_asked": conn(redirecting.is_asked, client, None),
        "redirecting.is_settled": lambda: house.ask(lambda c: redirecting.is_settled(c, house.office, asked_address)),
        "targets.described": conn(targets.described, Target("Dupont", client)),
        "targets.several": conn(targets.several, "Dupont", [Target("Dupont", client)], "fr"),
        "settling.refuse_a_part": conn(settling.refuse_a_part, said, Target("Dupont", client), where),
        "vouching.stamped": conn(vouching.stamped),
        "vouching.vouches": conn(vouching.vouches),
        "turns.meant": conn(turns.meant, said, where),
        "turns.unknown": conn(turns.unknown, said, where),
        "confirming.to_confirm": conn(confirming.to_confirm, said, where),
        "shadowing.owed": conn(shadowing.owed, ()),
        "shadowing.would_have_sent": conn(shadowing.would_have_sent, house.now - timedelta(days=7), house.now),
        "previewing.next_mail": conn(previewing.next_mail, client, None, house.now),
        "responding.why_not": conn(responding.why_not, row),
        "responding.leaves_at": lambda: responding.leaves_at(house.office, house.now),
    }


def public_jobs() -> list[str]:
    """Every public function of the jobs that works for an office."""
    found = []
    for entry in pkgutil.iter_modules(jobs.__path__):
        module = importlib.import_module(f"{jobs.__name__}.{entry.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and {"office", "offices"} & set(inspect.signature(function).parameters):
                found.append(f"{entry.name}.{name}")
    return found


def test_every_job_has_a_case(house: House) -> None:
    assert sorted([*doing(house), *looking(house)]) == sorted(public_jobs())


@pytest.mark.parametrize("name", public_jobs())
def test_running_a_job_twice_changes_nothing(house: House, name: str, tmp_path: Path, sandbox: Sandbox) -> None:
    if name in looking(house):
        before = house.dump()
        looking(house)[name]()
        assert difference(before, house.dump()) == {}
        return
    settings = house.app.settings.key_file.parent.parent / "mailbot.yaml"
    for at_case in range(len(doing(house)[name])):
        fresh = House(copied(settings, tmp_path / f"case{at_case}"), sandbox)
        fresh.mailer.sent, fresh.mailer.refuse, fresh.now = (
            list(house.mailer.sent),
            dict(house.mailer.refuse),
            house.now,
        )
        case, prepare = doing(fresh)[name][at_case]
        job = prepare()
        before = fresh.dump()
        job()
        once, mails = fresh.dump(), len(fresh.mailer.sent)
        fresh.now += timedelta(minutes=1)
        job()
        assert difference(once, fresh.dump()) == {}, case
        assert len(fresh.mailer.sent) == mails, case
        assert name in WITHOUT_EFFECT or difference(before, once) != {}, f"{case}: this case does nothing at all"
        fresh.close()


WITHOUT_EFFECT = {"office.refresh"}
"""Rebuilds what is stored for speed: right already."""


def difference(before: Dump, after: Dump) -> dict[str, Any]:
    """Table -> rows that are only in one of the two."""
    return {
        table: {"gone": [row for row in before[table] if row not in after[table]],
                "new": [row for row in after[table] if row not in before[table]]}
        for table in before if before[table] != after[table]
    }  # fmt: skip
