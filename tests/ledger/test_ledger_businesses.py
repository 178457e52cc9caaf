"""Two businesses in one ledger: nothing of one is ever seen or changed through the other."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import ModuleType

import pytest
from ledger_samples import DAY, DOCUMENT, LINE, NOW, World, decision, event, fill
from sqlalchemy import Connection, Engine, select

from mailbot.errors import LedgerError
from mailbot.ledger import (
    aliases,
    allocations,
    bank,
    businesses,
    changes,
    clients,
    consents,
    contents,
    decisions,
    erasures,
    events,
    holdings,
    invoices,
    letters,
    orders,
    outgoing,
    outgoing_lists,
    pace,
    questions,
    seals,
    stated,
    web_links,
)
from mailbot.ledger.store import reading, writing
from mailbot.ledger.tables import metadata
from mailbot.model import Order

Call = Callable[[Connection, str, World], object]

ROOMS: tuple[ModuleType, ...] = (
    aliases, allocations,
    bank, businesses, changes, clients, consents, decisions, events, invoices, letters, orders, outgoing,
    outgoing_lists, pace, questions, seals, stated, web_links, erasures, contents, holdings,
)  # fmt: skip
START, END = NOW - timedelta(days=99), NOW + timedelta(days=99)

READS: dict[str, Call] = {
    "aliases.known": lambda conn, b, w: aliases.known(conn, b),
    "allocations.kept": lambda conn, b, w: allocations.kept(conn, b),
    "allocations.kept_by_client": lambda conn, b, w: allocations.kept_by_client(conn, b),
    "allocations.history": lambda conn, b, w: allocations.history(conn, b, LINE.id),
    "allocations.of_invoice": lambda conn, b, w: allocations.of_invoice(conn, b, "FA-1"),
    "allocations.paying_lines": lambda conn, b, w: allocations.paying_lines(conn, b, {LINE.amount}, LINE.date),
    "allocations.standing": lambda conn, b, w: allocations.standing(conn, b, LINE.id),
    "allocations.unused": lambda conn, b, w: allocations.unused(conn, b, LINE.id),
    "bank.covered": lambda conn, b, w: bank.covered(conn, b),
    "bank.line": lambda conn, b, w: bank.line(conn, b, LINE.id),
    "bank.line_state": lambda conn, b, w: bank.line_state(conn, b, LINE.id),
    "bank.lines_called": lambda conn, b, w: bank.lines_called(conn, b, LINE.id),
    "bank.lines_received": lambda conn, b, w: bank.lines_received(conn, b, "new", START, END),
    "bank.lines_between": lambda conn, b, w: bank.lines_between(conn, b, "FR76", LINE.date, LINE.date),
    "bank.lines_with_bank_id": lambda conn, b, w: bank.lines_with_bank_id(conn, b, "FR76", LINE.bank_id),
    "bank.lines_in_state": lambda conn, b, w: bank.lines_in_state(conn, b, "new"),
    "bank.through": lambda conn, b, w: bank.through(conn, b),
    "businesses.owner_addresses": lambda conn, b, w: businesses.owner_addresses(conn, b),
    "changes.history": lambda conn, b, w: changes.history(conn, b, w.outgoing),
    "clients.at_address": lambda conn, b, w: clients.at_address(conn, b, "compta@dupont.example"),
    "clients.at_domain": lambda conn, b, w: clients.at_domain(conn, b, "dupont.example"),
    "clients.by_email": lambda conn, b, w: clients.by_email(conn, b, "compta@dupont.example"),
    "clients.by_name": lambda conn, b, w: clients.by_name(conn, b, "Dupont SARL"),
    "clients.by_siren": lambda conn, b, w: clients.by_siren(conn, b, "303265045"),
    "clients.by_vat": lambda conn, b, w: clients.by_vat(conn, b, "FR40303265045"),
    "clients.contact_domains": lambda conn, b, w: clients.contact_domains(conn, b),
    "clients.contacts": lambda conn, b, w: clients.contacts(conn, b),
    "clients.due": lambda conn, b, w: clients.due(conn, b, DAY),
    "clients.everyone": lambda conn, b, w: clients.everyone(conn, b),
    "clients.newest": lambda conn, b, w: clients.newest(conn, b),
    "clients.facts": lambda conn, b, w: clients.facts(conn, b, w.client),
    "clients.find": lambda conn, b, w: clients.find(conn, b, "dupont"),
    "clients.get": lambda conn, b, w: clients.get(conn, b, w.client),
    "consents.find": lambda conn, b, w: consents.find(conn, b, "compta@dupont.example"),
    "decisions.history": lambda conn, b, w: decisions.history(conn, b, w.client),
    "decisions.in_force": lambda conn, b, w: decisions.in_force(conn, b, w.client, DAY),
    "decisions.newest_hash": lambda conn, b, w: decisions.newest_hash(conn, b),
    "decisions.last": lambda conn, b, w: decisions.last(conn, b, w.client),
    "decisions.on_day": lambda conn, b, w: decisions.on_day(conn, b, w.client, DAY),
    "decisions.rules_text": lambda conn, b, w: decisions.rules_text(conn, b, "0" * 12),
    "events.called": lambda conn, b, w: events.called(conn, b, ["bank.statement"], START),
    "events.between": lambda conn, b, w: events.between(conn, b, START, END),
    "events.everything": lambda conn, b, w: events.everything(conn, b),
    "events.has": lambda conn, b, w: events.has(conn, b, "bank.statement"),
    "events.latest": lambda conn, b, w: events.latest(conn, b, ["bank.statement"]),
    "events.of_all": lambda conn, b, w: events.of_all(conn, b, ["bank.statement"]),
    "events.for_rules": lambda conn, b, w: events.for_rules(conn, b, w.client),
    "events.of_client": lambda conn, b, w: events.of_client(conn, b, w.client),
    "events.said_by_owner": lambda conn, b, w: events.said_by_owner(conn, b),
    "events.by_owner": lambda conn, b, w: events.by_owner(conn, b, 10),
    "events.of_invoice": lambda conn, b, w: events.of_invoice(conn, b, "FA-1"),
    "invoices.among": lambda conn, b, w: invoices.among(conn, b, [DOCUMENT.number or ""]),
    "invoices.billed": lambda conn, b, w: invoices.billed(conn, b),
    "invoices.document": lambda conn, b, w: invoices.document(conn, b, "FA-1"),
    "invoices.get": lambda conn, b, w: invoices.get(conn, b, "FA-1"),
    "invoices.numbers": lambda conn, b, w: invoices.numbers(conn, b),
    "invoices.of_client": lambda conn, b, w: invoices.of_client(conn, b, w.client),
    "invoices.with_account": lambda conn, b, w: invoices.with_account(conn, b, DOCUMENT.seller.iban or ""),
    "invoices.with_document": lambda conn, b, w: invoices.with_document(conn, b, b"%PDF"),
    "invoices.open_items": lambda conn, b, w: invoices.open_items(conn, b),
    "letters.by_message_id": lambda conn, b, w: letters.by_message_id(conn, b, "<m1>"),
    "letters.info": lambda conn, b, w: letters.info(conn, b, w.letter),
    "letters.latest_heads": lambda conn, b, w: letters.latest_heads(conn, b, 9, 100),
    "letters.of_client": lambda conn, b, w: letters.of_client(conn, b, w.client),
    "letters.raw": lambda conn, b, w: letters.raw(conn, b, w.letter),
    "letters.received_between": lambda conn, b, w: letters.received_between(conn, b, START, END),
    "letters.seen": lambda conn, b, w: letters.seen(conn, b, "INBOX", 7, 1),
    "letters.from_client": lambda conn, b, w: letters.from_client(conn, b, w.client, START),
    "letters.next_unread": lambda conn, b, w: letters.next_unread(conn, b),
    "letters.unread": lambda conn, b, w: letters.unread(conn, b),
    "orders.done": lambda conn, b, w: orders.done(conn, b, w.letter),
    "outgoing_lists.between": lambda conn, b, w: outgoing_lists.between(conn, b, START, END),
    "outgoing_lists.by_dedupe_key": lambda conn, b, w: outgoing_lists.by_dedupe_key(conn, b, "k1"),
    "outgoing.by_message_id": lambda conn, b, w: outgoing.by_message_id(conn, b, "<atelier.k1@bot.example>"),
    "outgoing.longest_due": lambda conn, b, w: outgoing.longest_due(conn, b, END, 9),
    "outgoing.due": lambda conn, b, w: outgoing.due(conn, b, END),
    "outgoing_lists.expired": lambda conn, b, w: outgoing_lists.expired(conn, b, END),
    "outgoing.find": lambda conn, b, w: outgoing.find(conn, b, w.outgoing),
    "outgoing.get": lambda conn, b, w: outgoing.get(conn, b, w.outgoing),
    "outgoing_lists.queued": lambda conn, b, w: outgoing_lists.queued(conn, b),
    "outgoing_lists.latest_of": lambda conn, b, w: outgoing_lists.latest_of(conn, b, "reminder_1"),
    "outgoing_lists.of_client": lambda conn, b, w: outgoing_lists.of_client(conn, b, w.client),
    "questions.by_dedupe_key": lambda conn, b, w: questions.by_dedupe_key(conn, b, "q1"),
    "questions.get": lambda conn, b, w: questions.get(conn, b, w.question),
    "questions.open_ones": lambda conn, b, w: questions.open_ones(conn, b),
    "erasures.consents_of": lambda conn, b, w: erasures.consents_of(conn, b, ["compta@dupont.example"]),
    "erasures.lines_of": lambda conn, b, w: erasures.lines_of(conn, b, w.client),
    "erasures.questions_kept": lambda conn, b, w: erasures.questions_kept(conn, b, w.client),
    "holdings.of_client": lambda conn, b, w: [
        row for some in holdings.of_client(conn, b, w.client).values() for row in some
    ],
    "seals.chain": lambda conn, b, w: list(seals.chain(conn, b)),
    "seals.contents": lambda conn, b, w: list(seals.contents(conn, b, "letter")),
    "seals.hashes": lambda conn, b, w: seals.hashes(conn, b, "statement"),
    "seals.head": lambda conn, b, w: seals.head(conn, b),
    "seals.last_of_business": lambda conn, b, w: seals.last_of_business(conn, b),
    "seals.pending": lambda conn, b, w: seals.pending(conn, b),
    "seals.statements": lambda conn, b, w: seals.statements(conn, b),
    "contents.index": lambda conn, b, w: contents.index(conn, b),
    "contents.instants": lambda conn, b, w: contents.instants(conn, b, [("letter", w.letter)]),
    "contents.names": lambda conn, b, w: contents.names(conn, b, "document"),
    "contents.noted": lambda conn, b, w: contents.noted(conn, b, [("letter", w.letter)]),
    "contents.stored": lambda conn, b, w: contents.stored(conn, b, "letter", {w.letter: w.letter}, ()),
    "contents.unnamed": lambda conn, b, w: contents.unnamed(conn, b, None, 9),
    "seals.recorded": lambda conn, b, w: seals.recorded(conn, b),
    "seals.unsealed": lambda conn, b, w: seals.unsealed(conn, b, 99),
    "stated.clients": lambda conn, b, w: stated.clients(conn, b),
    "stated.invoices": lambda conn, b, w: stated.invoices(conn, b),
    "stated.invoices_of": lambda conn, b, w: stated.invoices_of(
        conn, b, [one.id for one in events.everything(conn, b)]
    ),
    "stated.lines": lambda conn, b, w: stated.lines(conn, b, [LINE.id]),
    "stated.received": lambda conn, b, w: stated.received(conn, b, w.letter),
    "stated.rows": lambda conn, b, w: [
        key for some in stated.rows(conn, b, {"letter": [w.letter], "line": [LINE.id]}).values() for key in some
    ],
    "seals.waiting": lambda conn, b, w: seals.waiting(conn, b),
}

LATER_READS: dict[str, Call] = {
    "erasures.decisions_kept": lambda conn, b, w: erasures.decisions_kept(conn, b, w.client),
    "erasures.mails_kept": lambda conn, b, w: erasures.mails_kept(conn, b, w.client),
    "outgoing_lists.doubtful": lambda conn, b, w: outgoing_lists.doubtful(conn, b, END, 0),
    "outgoing_lists.last_sent": lambda conn, b, w: outgoing_lists.last_sent(conn, b, END),
    "outgoing_lists.has_left": lambda conn, b, w: outgoing_lists.has_left(conn, b, "reminder_1"),
    "pace.free_at": lambda conn, b, w: pace.free_at(conn, b, NOW, 1) > NOW,
    "pace.room": lambda conn, b, w: pace.room(conn, b, NOW, 1) == 0,
    "pace.unreported": lambda conn, b, w: pace.unreported(conn, b, w.outgoing),
    "outgoing_lists.in_doubt": lambda conn, b, w: outgoing_lists.in_doubt(conn, b),
    "outgoing_lists.unsettled": lambda conn, b, w: outgoing_lists.unsettled(conn, b, w.client),
    "outgoing_lists.thread": lambda conn, b, w: outgoing_lists.thread(conn, b, "FA-1"),
}

CHANGES: dict[str, Call] = {
    "aliases.forget": lambda conn, b, w: aliases.forget(conn, b, LINE.id, NOW),
    "aliases.teach": lambda conn, b, w: aliases.teach(conn, b, w.client, "name", "X", LINE.id, "letter", NOW),
    "allocations.allocate": lambda conn, b, w: allocations.allocate(
        conn, b, LINE.id, "FA-1", Decimal(1), "owner", NOW, kind="waived"
    ),
    "allocations.keep_credit": lambda conn, b, w: allocations.keep_credit(
        conn, b, LINE.id, w.client, Decimal(1), "owner", "", NOW
    ),
    "allocations.take_back": lambda conn, b, w: allocations.take_back(
        conn, b, allocations.history(conn, "atelier", LINE.id)[0].id, "owner", "undo", NOW
    ),
    "allocations.give_back": lambda conn, b, w: allocations.give_back(
        conn, b, allocations.history(conn, "atelier", LINE.id)[0].id, "owner", NOW
    ),
    "bank.add_lines": lambda conn, b, w: bank.add_lines(conn, b, w.statement, "FR76", [LINE]),
    "bank.set_line_state": lambda conn, b, w: bank.set_line_state(conn, b, LINE.id, "ignored"),
    "clients.drop_contact": lambda conn, b, w: clients.drop_contact(conn, b, w.client, "compta@dupont.example"),
    "clients.set_aliases": lambda conn, b, w: clients.set_aliases(conn, b, w.client, ["x"]),
    "clients.set_category": lambda conn, b, w: clients.set_category(conn, b, w.client, "x"),
    "clients.set_contact": lambda conn, b, w: clients.set_contact(conn, b, w.client, "compta@dupont.example", "x"),
    "clients.set_do_not_contact": lambda conn, b, w: clients.set_do_not_contact(conn, b, w.client, True),
    "clients.set_language": lambda conn, b, w: clients.set_language(conn, b, w.client, "en"),
    "clients.look_sooner": lambda conn, b, w: clients.look_sooner(conn, b, DAY, DAY + timedelta(days=3)),
    "clients.set_next_look": lambda conn, b, w: clients.set_next_look(conn, b, w.client, DAY),
    "clients.set_nickname": lambda conn, b, w: clients.set_nickname(conn, b, w.client, "x"),
    "clients.set_policy": lambda conn, b, w: clients.set_policy(conn, b, w.client, tone="firm"),
    "consents.keep": lambda conn, b, w: consents.keep(conn, b, "compta@dupont.example", False, "page", "", NOW),
    "decisions.save": lambda conn, b, w: decisions.save(conn, b, decision(w.client), NOW),
    "erasures.contacts": lambda conn, b, w: erasures.contacts(conn, b, w.client),
    "erasures.consents": lambda conn, b, w: erasures.consents(conn, b, ["compta@dupont.example"]),
    "erasures.decisions": lambda conn, b, w: erasures.decisions(conn, b, w.client),
    "erasures.identity": lambda conn, b, w: erasures.identity(conn, b, w.client),
    "erasures.lines": lambda conn, b, w: erasures.lines(conn, b, [LINE.id]),
    "erasures.questions": lambda conn, b, w: erasures.questions(conn, b, w.client, NOW),
    "erasures.is_nameless": lambda conn, b, w: erasures.is_nameless(conn, b, w.client),
    "erasures.documents": lambda conn, b, w: erasures.documents(conn, b, ["FA-1"]),
    "erasures.events": lambda conn, b, w: erasures.events(conn, b, ["reply.promise/1"]),
    "erasures.silent": lambda conn, b, w: erasures.silent(conn, b, NOW.date() + timedelta(days=1)),
    "erasures.of_nobody": lambda conn, b, w: erasures.of_nobody(conn, b, END),
    "erasures.to_owners": lambda conn, b, w: erasures.to_owners(conn, b, END),
    "erasures.letters": lambda conn, b, w: erasures.letters(conn, b, [w.letter]),
    "erasures.mails": lambda conn, b, w: erasures.mails(conn, b, [w.outgoing]),
    "events.record": lambda conn, b, w: events.record(conn, b, event("reply.paid", client=w.client)),
    "invoices.add": lambda conn, b, w: invoices.add(conn, b, w.client, DOCUMENT, w.letter, b"", "x", NOW),
    "invoices.move": lambda conn, b, w: invoices.move(conn, b, "FA-1", w.client),
    "invoices.correct": lambda conn, b, w: invoices.correct(conn, b, "FA-1", due=DAY),
    "invoices.supersede": lambda conn, b, w: invoices.supersede(conn, b, "FA-1", DOCUMENT, "other.pdf", b"%PDF-2"),
    "invoices.set_open_amount": lambda conn, b, w: invoices.set_open_amount(conn, b, "FA-1", Decimal(0)),
    "letters.begin_reading": lambda conn, b, w: letters.begin_reading(conn, b, w.letter),
    "letters.mark_read": lambda conn, b, w: letters.mark_read(
        conn, b, w.letter, kind="order", reading={}, sender="", subject="", message_id="", at=NOW
    ),
    "letters.read_again": lambda conn, b, w: letters.read_again(conn, b, w.letter),
    "letters.unreadable": lambda conn, b, w: letters.unreadable(conn, b, w.letter, "x", NOW),
    "orders.keep": lambda conn, b, w: orders.keep(conn, b, w.letter, 9, Order("stop", None), "", NOW),
    "outgoing.claim_all": lambda conn, b, w: outgoing.claim_all(conn, b, [w.outgoing], "x", NOW, 60),
    "outgoing.claim": lambda conn, b, w: outgoing.claim(conn, b, w.outgoing, "x", NOW, 60),
    "outgoing.freeze": lambda conn, b, w: outgoing.freeze(conn, b, w.outgoing, b"x", NOW),
    "outgoing.arm": lambda conn, b, w: outgoing.arm(conn, b, w.outgoing, "x", NOW, 60),
    "outgoing.arm_all": lambda conn, b, w: outgoing.arm_all(conn, b, {w.outgoing: "x"}, (), NOW, 60),
    "outgoing.all_sent": lambda conn, b, w: outgoing.all_sent(conn, b, [outgoing.Taken(w.outgoing, 250, "")], NOW),
    "outgoing.sent": lambda conn, b, w: outgoing.sent(conn, b, w.outgoing, NOW, 250, "ok"),
    "outgoing.rejected": lambda conn, b, w: outgoing.rejected(conn, b, w.outgoing, NOW, 550, "no", attempt=0),
    "outgoing.back_off": lambda conn, b, w: outgoing.back_off(conn, b, w.outgoing, NOW, NOW, 450, "", attempt=0),
    "outgoing.cancel": lambda conn, b, w: outgoing.cancel(conn, b, w.outgoing, NOW, "x"),
    "outgoing.doubt": lambda conn, b, w: outgoing.doubt(conn, b, w.outgoing, NOW, "", attempt=0),
    "outgoing.hold": lambda conn, b, w: outgoing.hold(conn, b, w.outgoing, END),
    "pace.put_back": lambda conn, b, w: pace.put_back(conn, b, END, END, None, "x"),
    "outgoing.resend": lambda conn, b, w: outgoing.resend(conn, b, w.outgoing, END),
    "web_links.keep": lambda conn, b, w: web_links.keep(conn, b, w.outgoing, f"name of {b}", NOW),
    "questions.answer": lambda conn, b, w: questions.answer(conn, b, w.question, "1", "ok", w.letter, NOW),
    "questions.expire": lambda conn, b, w: questions.expire(conn, b, w.question, "x", NOW),
    "questions.reopen": lambda conn, b, w: questions.reopen(conn, b, w.question),
    "questions.update_about": lambda conn, b, w: questions.update_about(conn, b, w.question, {}),
}
"""Changes of something that exists; the other business's id or name of it must not reach it."""

MAKES = {
    "bank.cover", "bank.keep_statement", "businesses.owners", "clients.add", "decisions.keep_rules",
    "letters.keep", "outgoing.plan", "questions.ask", "bank.equal_elsewhere", "allocations.reversals",
    "allocations.for_penalties",
    "changes.change", "changes.change_many", "changes.change_each", "changes.log",
    "events.free_instant", "letters.without_bytes", "erasures.sources", "seals.keep", "seals.never_sealed",
    "contents.note",
}  # fmt: skip
"""These make something new for their own business, are the tools of the others, or have a test of their own."""


@pytest.fixture
def world(engine: Engine) -> World:
    with writing(engine) as conn:
        return fill(conn, "atelier")


def test_a_business_sees_its_own_and_the_other_sees_nothing(engine: Engine, world: World) -> None:
    with reading(engine) as conn:
        own = {name for name, call in READS.items() if _shown(call, conn, "atelier", world)}
        strange = {name for name, call in READS.items() if _shown(call, conn, "boulangerie", world)}

    assert own == set(READS)
    assert strange == set()


@pytest.mark.parametrize("name", LATER_READS)
def test_a_business_sees_only_its_own_mail_after_it_left(engine: Engine, world: World, name: str) -> None:
    with writing(engine) as conn:
        outgoing.claim(conn, "atelier", world.outgoing, "x", NOW, 60)
        outgoing.freeze(conn, "atelier", world.outgoing, b"Subject: FA-1\r\n\r\n", NOW)
        if name in (
            "outgoing_lists.in_doubt",
            "outgoing_lists.unsettled",
            "outgoing_lists.doubtful",
            "pace.free_at",
            "pace.room",
        ):
            outgoing.arm(conn, "atelier", world.outgoing, "x", NOW, 60)
            outgoing.doubt(conn, "atelier", world.outgoing, NOW, "reset", attempt=1)
        else:
            outgoing.sent(conn, "atelier", world.outgoing, NOW, 250, "ok")

    with reading(engine) as conn:
        assert LATER_READS[name](conn, "atelier", world)
        assert not LATER_READS[name](conn, "boulangerie", world)


def test_a_business_changes_nothing_of_the_other(engine: Engine, world: World) -> None:
    with reading(engine) as conn:
        before = _rows(conn, "atelier")

    for name, call in CHANGES.items():
        with contextlib.suppress(LedgerError), writing(engine) as conn:
            call(conn, "boulangerie", world)
        with reading(engine) as conn:
            assert _rows(conn, "atelier") == before, name


def test_equal_money_under_another_account_is_looked_for_in_one_business_only(engine: Engine, world: World) -> None:
    twin = replace(LINE, id="line-2")
    with writing(engine) as conn:
        fill(conn, "boulangerie")
        bank.add_lines(conn, "atelier", world.statement, "", [twin])

        assert bank.equal_elsewhere(conn, "atelier", LINE.id, 5) == []  # it is new, nobody decided about it
        bank.set_line_state(conn, "atelier", twin.id, "asked")
        assert bank.equal_elsewhere(conn, "atelier", LINE.id, 5) == [twin.id]
        assert bank.equal_elsewhere(conn, "boulangerie", LINE.id, 5) == []


def test_two_businesses_may_have_the_same_things(engine: Engine) -> None:
    with writing(engine) as conn:
        first, second = fill(conn, "atelier"), fill(conn, "boulangerie")

        assert first.client != second.client
        assert first.letter == second.letter
        assert first.question == second.question == 1
        for key, world in (("atelier", first), ("boulangerie", second)):
            assert clients.by_email(conn, key, "compta@dupont.example") == world.client
            assert [each.id for each in outgoing_lists.queued(conn, key)] == [world.outgoing]
            assert {each.client for each in events.of_client(conn, key, world.client)} == {
                str(world.client),
                None,
            }


def test_a_row_cannot_point_at_another_business_even_by_sql(engine: Engine, world: World) -> None:
    stolen = {"business": "boulangerie", "client": world.client, "email": "x@y.example", "name": ""}

    with pytest.raises(LedgerError, match="contradicts"), writing(engine) as conn:
        conn.execute(metadata.tables["contact"].insert().values(**stolen, usable=True, position=0))


def test_every_function_of_the_ledger_is_tried_here() -> None:
    tried = {*READS, *LATER_READS, *CHANGES, *MAKES}

    assert {name for name in _functions() if name not in tried} == set()


def test_running_everything_twice_changes_nothing(engine: Engine) -> None:
    with writing(engine) as conn:
        first = fill(conn, "atelier")
    with reading(engine) as conn:
        before = _rows(conn, "atelier")

    with writing(engine) as conn:
        assert fill(conn, "atelier") == first

    with reading(engine) as conn:
        after = _rows(conn, "atelier")
    assert after.pop("decision")[0]["times"] == before.pop("decision")[0]["times"] + 1
    assert after == before


def _functions() -> Iterator[str]:
    for room in ROOMS:
        for name, function in inspect.getmembers(room, inspect.isfunction):
            mine = function.__module__ == room.__name__ and not name.startswith("_")
            if mine and "business" in inspect.signature(function).parameters:
                yield f"{room.__name__.rpartition('.')[2]}.{name}"


def _shown(call: Call, conn: Connection, business: str, world: World) -> object:
    try:
        return call(conn, business, world)
    except LedgerError:
        return None


def _rows(conn: Connection, business: str) -> dict[str, list[dict[str, object]]]:
    """All that the ledger holds of a business."""
    return {
        table.name: [
            dict(row._mapping)
            for row in conn.execute(select(table).where(table.c.business == business).order_by(*table.primary_key))
        ]
        for table in metadata.sorted_tables
        if "business" in table.c
    }
