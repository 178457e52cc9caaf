"""Letters, clients, invoices, bank lines, decisions and questions: what goes in comes out, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_samples import DAY, DOCUMENT, LINE, NOW, add_client, decision, fill
from sqlalchemy import Connection, Engine

from mailbot.errors import LedgerError
from mailbot.ledger import allocations, bank, businesses, clients, decisions, invoices, letters, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import Contact, Line, OpenItem, Verdict

A = "atelier"
AMOUNTS = st.decimals(-(10**13), 10**13, allow_nan=False, allow_infinity=False, places=2)
on_one_ledger = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _statement(conn: Connection) -> int:
    return bank.keep_statement(conn, A, "ab" * 32, b"OFX", "ofx", None, NOW)[0]


# ------------------------------------------------------------------------------------------ kinds of columns


@on_one_ledger
@given(amount=AMOUNTS)
def test_amounts_are_exact_with_the_digits_they_were_given(engine: Engine, amount: Decimal) -> None:
    with writing(engine) as conn:
        bank.add_lines(conn, A, _statement(conn), "FR76", [replace(LINE, id=str(amount), amount=amount)])

        kept = bank.line(conn, A, str(amount))

    assert kept is not None
    assert str(kept.amount) == format(amount, "f")


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), 12.5])
def test_what_is_no_exact_amount_is_refused(engine: Engine, amount: Decimal) -> None:
    with writing(engine) as conn:
        invoices.add(conn, A, add_client(conn, A), DOCUMENT, None, None, None, NOW)

    with pytest.raises(LedgerError, match="finite Decimal"), writing(engine) as conn:
        invoices.set_open_amount(conn, A, "FA-1", amount)


def test_an_instant_of_any_zone_comes_back_in_utc(engine: Engine) -> None:
    paris = datetime(2026, 7, 14, 0, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    with writing(engine) as conn:
        letter, _ = letters.keep(conn, A, b"mail", paris)
        info = letters.info(conn, A, letter)

    assert info is not None
    assert info.received_at == paris
    assert info.received_at.tzinfo is UTC


@on_one_ledger
@given(text=st.text(st.characters(exclude_categories=[]), max_size=400))
def test_any_text_of_a_stranger_can_be_kept_and_found(engine: Engine, text: str) -> None:
    with writing(engine) as conn:
        letter, _ = letters.keep(conn, A, text.encode("utf-8", "surrogatepass") + b"!", NOW)
        letters.mark_read(
            conn, A, letter, kind="reply", reading={"new_text": text}, sender=text, subject=text,
            message_id=text + "@x", at=NOW,
        )  # fmt: skip
        found = letters.by_message_id(conn, A, text + "@x")

    assert found is not None
    assert found.reading == {"new_text": text}


def test_a_message_id_longer_than_an_index_takes_is_found_by_all_of_it(engine: Engine) -> None:
    ids = ["<" + "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(8000)) + end for end in ("a>", "b>")]

    with writing(engine) as conn:
        kept = [letters.keep(conn, A, one.encode(), NOW, message_id=one)[0] for one in ids]
        found = [letters.by_message_id(conn, A, one) for one in ids]

    assert [each.id for each in found if each] == kept


# ----------------------------------------------------------------------------------------------------- letters


def test_the_same_mail_at_two_places_is_one_letter_seen_at_both(engine: Engine) -> None:
    with writing(engine) as conn:
        first = letters.keep(conn, A, b"mail", NOW, folder="INBOX", uidvalidity=4_294_967_295, uid=1)
        second = letters.keep(conn, A, b"mail", NOW, folder="INBOX", uidvalidity=4_294_967_295, uid=2)

        assert first == (second[0], True)
        assert not second[1]
        assert [letters.seen(conn, A, "INBOX", 4_294_967_295, uid) for uid in (1, 2, 3)] == [True, True, False]


def test_letters_are_read_in_the_order_in_which_they_came(engine: Engine) -> None:
    with writing(engine) as conn:
        late, _ = letters.keep(conn, A, b"late", NOW + timedelta(hours=1))
        early, _ = letters.keep(conn, A, b"early", NOW)
        letters.keep(conn, A, b"ours", NOW, direction="out")

        assert letters.unread(conn, A) == [early, late]
        letters.unreadable(conn, A, early, "it is no mail", NOW)
        assert letters.unread(conn, A) == [late]
        assert letters.raw(conn, A, early) == b"early"


def test_attempts_to_read_a_letter_are_counted(engine: Engine) -> None:
    with writing(engine) as conn:
        letter, _ = letters.keep(conn, A, b"mail", NOW)

        assert [letters.begin_reading(conn, A, letter) for _ in range(3)] == [1, 2, 3]


# ----------------------------------------------------------------------------------------------------- clients


def test_a_client_is_found_by_what_is_written_about_it(engine: Engine) -> None:
    with writing(engine) as conn:
        dupont = add_client(conn, A, "Société Dupônt & Fils")
        clients.set_nickname(conn, A, dupont, "Dudu")
        invoices.add(conn, A, dupont, DOCUMENT, None, None, None, NOW)

        assert clients.by_email(conn, A, " Compta@Dupont.EXAMPLE ") == dupont
        assert clients.by_vat(conn, A, "fr40 303.265.045") == dupont
        assert clients.by_siren(conn, A, "303265045") == dupont
        assert clients.by_name(conn, A, "societe DUPONT & fils") == dupont
        for text in ("fa-1", "compta@dupont.example", "dudu", "societe dupont fils", "dupont"):
            assert clients.find(conn, A, text) == [dupont]
        assert clients.find(conn, A, "") == clients.find(conn, A, "&") == clients.find(conn, A, "durand") == []


def test_what_fits_two_clients_is_none_of_them(engine: Engine) -> None:
    shared = [Contact("cabinet@comptable.example")]
    with writing(engine) as conn:
        one = clients.add(conn, A, "Martin", "fr", siren="1", contacts=shared)
        two = clients.add(conn, A, "Martin", "fr", siren="2", contacts=shared)

        assert one != two
        assert clients.by_email(conn, A, "cabinet@comptable.example") is None
        assert clients.by_name(conn, A, "Martin") is None
        assert clients.find(conn, A, "martin") == [one, two]
        assert clients.contact_domains(conn, A) == {"comptable.example": [one, two]}


def test_a_blank_number_finds_nobody(engine: Engine) -> None:
    with writing(engine) as conn:
        clients.add(conn, A, "Martin", "fr")

        assert clients.by_vat(conn, A, " ") is None
        assert clients.by_siren(conn, A, "") is None
        assert clients.by_name(conn, A, "!") is None


def test_a_contact_that_comes_after_one_was_dropped_is_the_last(engine: Engine) -> None:
    with writing(engine) as conn:
        client = clients.add(conn, A, "Dupont", "fr")
        for name in ("a", "b", "z"):
            clients.set_contact(conn, A, client, f"{name}@dupont.example")
        clients.drop_contact(conn, A, client, "a@dupont.example")
        clients.set_contact(conn, A, client, "c@dupont.example")

        found = [each.email[0] for each in clients.get(conn, A, client).contacts]

    assert found == ["b", "z", "c"]


def test_contacts_keep_their_order_and_their_usability(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, A)
        clients.set_contact(conn, A, client, "chef@dupont.example", "Chef")
        clients.set_contact(conn, A, client, "COMPTA@dupont.example", "Compta", usable=False)

        assert clients.get(conn, A, client).contacts == (
            Contact("compta@dupont.example", "Compta", usable=False),
            Contact("chef@dupont.example", "Chef"),
        )
        clients.drop_contact(conn, A, client, "compta@dupont.example")
        assert [each.email for each in clients.get(conn, A, client).contacts] == ["chef@dupont.example"]


def test_a_client_is_due_from_its_day_on_or_at_once(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, A)
        assert clients.due(conn, A, DAY) == [client]

        clients.set_next_look(conn, A, client, DAY + timedelta(days=1))
        assert clients.due(conn, A, DAY) == []
        assert clients.due(conn, A, DAY + timedelta(days=1)) == [client]


def test_the_rules_see_the_client_as_it_is(engine: Engine) -> None:
    with writing(engine) as conn:
        client = fill(conn, A).client
        clients.set_do_not_contact(conn, A, client, True)
        clients.set_category(conn, A, client, "public")

        facts = clients.facts(conn, A, client)

    assert (facts.id, facts.do_not_contact, facts.category) == (str(client), True, "public")
    assert [(each.number, each.amount, each.due) for each in facts.invoices] == [
        ("FA-1", Decimal("1200.00"), date(2026, 2, 14))
    ]


def test_the_rules_see_the_day_of_delivery_that_a_document_states(engine: Engine) -> None:
    with writing(engine) as conn:
        client = fill(conn, A).client
        delivered = replace(DOCUMENT, number="FA-2", delivery_date=date(2026, 1, 9))
        invoices.add(conn, A, client, delivered, None, None, None, NOW)
        expected = {"FA-1": None, "FA-2": date(2026, 1, 9)}

        assert {one.number: one.delivered for one in clients.facts(conn, A, client).invoices} == expected
        assert {one.facts.number: one.facts.delivered for one in invoices.billed(conn, A)} == expected


def test_owners_are_those_of_the_settings(engine: Engine) -> None:
    with writing(engine) as conn:
        businesses.owners(conn, A, ["old@atelier.example", "boss@atelier.example"])
        businesses.owners(conn, A, ["Boss@Atelier.example ", "new@atelier.example"])

        assert businesses.owner_addresses(conn, A) == ["boss@atelier.example", "new@atelier.example"]


# ---------------------------------------------------------------------------------------------------- invoices


def test_an_invoice_keeps_what_its_document_states(engine: Engine) -> None:
    with writing(engine) as conn:
        client = fill(conn, A).client
        invoice = invoices.get(conn, A, "FA-1")

        assert invoice is not None
        assert invoice.document == DOCUMENT
        assert (invoice.client, invoice.amount, invoice.open_amount) == (client, Decimal(1200), Decimal(1000))
        assert invoices.document(conn, A, "FA-1") == ("fa1.pdf", b"%PDF")
        assert invoices.numbers(conn, A) == {"FA-1": client}


def test_the_same_number_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as conn:
        client = fill(conn, A).client
        before = invoices.get(conn, A, "FA-1")
        again = replace(DOCUMENT, amount_due=Decimal("9999.00"))

        invoices.add(conn, A, client, again, None, b"other", "other.pdf", NOW)

        assert invoices.get(conn, A, "FA-1") == before


@pytest.mark.parametrize("field", ["number", "due_date", "currency"])
def test_an_invoice_without_what_is_needed_is_refused(engine: Engine, field: str) -> None:
    document = replace(DOCUMENT, **{field: None})  # type: ignore[arg-type]
    with writing(engine) as conn:
        client = add_client(conn, A)

    with pytest.raises(LedgerError, match="needs its number"), writing(engine) as conn:
        invoices.add(conn, A, client, document, None, None, None, NOW)


def test_open_items_are_what_is_still_to_be_paid_with_credit_notes(engine: Engine) -> None:
    credit = replace(DOCUMENT, kind="credit_note", number="AV-1", amount_due=Decimal("-50.00"))
    with writing(engine) as conn:
        client = fill(conn, A).client
        invoices.add(conn, A, client, credit, None, None, None, NOW)
        clients.set_aliases(conn, A, client, ["DUPONT SARL LYON"])
        items = invoices.open_items(conn, A)
        for number in ("AV-1", "FA-1"):
            invoices.set_open_amount(conn, A, number, Decimal(0))

        assert invoices.open_items(conn, A) == []
    assert [(each.number, each.kind, each.amount_due) for each in items] == [
        ("AV-1", "credit_note", Decimal("50.00")),
        ("FA-1", "invoice", Decimal("1000.00")),
    ]
    assert isinstance(items[0], OpenItem)
    assert items[0].client_aliases == ("dudu", "DUPONT SARL LYON")


def test_a_correction_changes_what_is_known_and_not_the_document(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, A)
        invoices.correct(conn, A, "FA-1", due=date(2026, 3, 31), amount=Decimal("1100.00"))
        invoice = invoices.get(conn, A, "FA-1")

    assert invoice is not None
    assert (invoice.due, invoice.amount, invoice.document) == (date(2026, 3, 31), Decimal("1100.00"), DOCUMENT)


def test_a_correction_of_something_else_is_refused(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, A)

    with pytest.raises(LedgerError, match="cannot be corrected"), writing(engine) as conn:
        invoices.correct(conn, A, "FA-1", kind="credit_note")


# -------------------------------------------------------------------------------------------------------- bank


def test_a_line_is_kept_once_whatever_file_it_comes_in(engine: Engine) -> None:
    other = replace(LINE, id="line-2", amount=Decimal("-3.50"))
    with writing(engine) as conn:
        first = _statement(conn)
        second, new = bank.keep_statement(conn, A, "cd" * 32, b"OFX 2", "ofx", None, NOW)

        assert new
        assert bank.add_lines(conn, A, first, "FR76", [LINE]) == ([LINE], 0)
        assert bank.add_lines(conn, A, second, "FR76", [LINE, other]) == ([other], 1)
        assert bank.lines_in_state(conn, A, "new") == [LINE, other]


def test_a_line_goes_from_new_to_what_became_of_it(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, A)
        bank.set_line_state(conn, A, LINE.id, "asked")

        assert bank.line_state(conn, A, LINE.id) == "asked"
        assert bank.lines_in_state(conn, A, "new") == []
    with pytest.raises(LedgerError, match="contradicts"), writing(engine) as conn:
        bank.set_line_state(conn, A, LINE.id, "lost")


def test_the_bank_is_known_as_far_as_its_slowest_account(engine: Engine) -> None:
    with writing(engine) as conn:
        assert bank.through(conn, A) is None
        bank.cover(conn, A, "one", date(2026, 2, 1), date(2026, 2, 28))
        bank.cover(conn, A, "one", date(2026, 1, 1), date(2026, 1, 31))
        assert bank.through(conn, A) == date(2026, 2, 28)
        bank.cover(conn, A, "two", date(2026, 2, 1), date(2026, 2, 14))
        assert bank.through(conn, A) == date(2026, 2, 14)


def test_an_unknown_line_is_nothing_or_an_error(engine: Engine) -> None:
    with writing(engine) as conn:
        missing: Line | None = bank.line(conn, A, "nope")
        assert missing is None
        with pytest.raises(LedgerError, match="no bank line"):
            allocations.allocate(conn, A, "nope", "FA-1", Decimal(1), "auto", NOW)


# --------------------------------------------------------------------------------------- decisions, questions


def test_a_decision_that_stays_the_same_is_counted_and_a_new_one_is_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, A)
        same, other = decision(client), replace(decision(client), verdict=Verdict.HOLD, code="paused")

        saved = [decisions.save(conn, A, each, NOW) for each in (same, same, other, same)]
        last = decisions.last(conn, A, client)

    assert [new for _, new in saved] == [True, False, True, True]
    assert len({number for number, _ in saved}) == 3
    assert last == decisions.as_json(same)


def test_the_text_of_old_rules_is_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        decisions.keep_rules(conn, A, "abc", "steps: []", NOW)
        decisions.keep_rules(conn, A, "abc", "another text", NOW)

        assert decisions.rules_text(conn, A, "abc") == "steps: []"


def test_questions_are_numbered_per_business_and_asked_once(engine: Engine) -> None:
    with writing(engine) as conn:
        numbers = [
            questions.ask(conn, business, kind="match", dedupe_key=key, text="?", choices=[], about={}, now=NOW)
            for business, key in [(A, "a"), ("boulangerie", "a"), (A, "b"), (A, "a")]
        ]

    assert numbers == [(1, True), (1, True), (2, True), (1, False)]


def test_a_question_is_answered_once(engine: Engine) -> None:
    with writing(engine) as conn:
        number = fill(conn, A).question
        assert questions.answer(conn, A, number, "1", "ok 1", None, NOW)
        assert not questions.answer(conn, A, number, "2", "ok 2", None, NOW)
        assert not questions.expire(conn, A, number, "paid", NOW)

    with reading(engine) as conn:
        question = questions.get(conn, A, number)
        assert question is not None
        assert (question.state, question.choice, question.answer) == ("answered", "1", "ok 1")
        assert questions.open_ones(conn, A) == []
