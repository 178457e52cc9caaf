"""Payments that are asked about: who is held, what an answer does, what it teaches, and when a question ends."""

from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import pytest
from e2e_house import DUPONT, LEMAIRE, House, bank_file, bank_table, forwarded
from e2e_scene import BOX, MONDAY, OWNER, DemoLine, at
from jobs_story import SUNDAY, TUESDAY, asked, to_lemaire, typed

from mailbot.bank.references import rf
from mailbot.demo.bills import SELLER
from mailbot.jobs import clearing, digesting, exporting, penalties, showing
from mailbot.jobs.office import happened
from mailbot.jobs.targets import UnclearError
from mailbot.law.amounts import Owed
from mailbot.ledger import allocations, outgoing
from mailbot.outbox.transfer import as_png, grouped_reference, transfer_code

TEN = at(MONDAY, 10)
STRANGER = "HOLDING GRAND LARGE"


def transfer(
    day: date = SUNDAY, payer: str = LEMAIRE.payer, motive: str = "MERCI", amount: str = "1200.00"
) -> DemoLine:
    return DemoLine(day, Decimal(amount), payer, motive)


def two_equal_invoices(house: House, *lines: DemoLine) -> None:
    """Both of Lemaire, both over 1,200.00 and overdue."""
    morning = at(MONDAY, 7, 40)
    house.turn(
        morning,
        forwarded("FA-2026-0001", LEMAIRE, morning),
        forwarded("FA-2026-0002", LEMAIRE, morning),
        bank_file(SUNDAY, morning, *lines),
    )


def open_amounts(house: House) -> dict[str, Decimal]:
    return {row["number"]: row["open_amount"] for row in house.rows("invoice")}


def owes(house: House, number: str, on: date) -> Owed:
    found = penalties.owed_on(house.office, number, on)
    assert found is not None
    assert isinstance(found.result, Owed)
    return found.result


def open_question(house: House, kind: str = "match") -> dict[str, Any]:
    [question] = [row for row in asked(house, kind) if row["state"] == "open"]
    return question


def code(house: House, client: Any = LEMAIRE) -> str:
    found: str = house.rows("decision", client=house.client(client.name))[-1]["body"]["code"]
    return found


def test_a_payment_that_fits_two_invoices_is_one_question_and_holds_the_client(house: House) -> None:
    two_equal_invoices(house, transfer())
    house.turn(at(MONDAY, 9, 20))

    question = open_question(house)
    assert question["choices"] == ["1", "2", "autre", "pas un client"]
    assert "FA-2026-0001" in question["text"]
    assert "\n" not in question["text"]
    assert to_lemaire(house) == []
    assert code(house) == "unexplained_credit"


@pytest.mark.parametrize(
    ("answer", "paid"),
    [
        ("{} 2", "FA-2026-0002"),
        ("ok {}", "FA-2026-0001"),
        ("{} FA-2026-0002", "FA-2026-0002"),
        ("{} autre fa-2026-0002", "FA-2026-0002"),
        ("rapproche {} FA-2026-0002", "FA-2026-0002"),
        ("match {} with FA-2026-0002", "FA-2026-0002"),
    ],
)
def test_an_answer_books_and_the_rest_goes_on(house: House, answer: str, paid: str) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]

    [done] = typed(house, answer.format(number), at(MONDAY, 8))
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    assert done.done
    assert open_amounts(house) == {"FA-2026-0001": 1200, "FA-2026-0002": 1200} | {paid: 0}
    assert house.rows("question", number=number)[0]["state"] == "answered"
    assert len(to_lemaire(house)) == 1
    assert paid not in str(to_lemaire(house)[0].get_body(("plain",)))


def test_the_client_may_be_named_instead_of_an_invoice(house: House) -> None:
    two_equal_invoices(house, transfer(payer=STRANGER, amount="1500.00", motive="FACTURE 1"))
    [line] = house.rows("line")
    typed(house, f"rapproche {line['id'][:8]} FA-2026-0001 FA-2026-0002", TEN)

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 900}


def test_another_client_pays_and_its_oldest_invoices_are_filled(house: House) -> None:
    two_equal_invoices(house, transfer())
    house.turn(at(MONDAY, 8), forwarded("FA-2026-0003", DUPONT, at(MONDAY, 8), "500.00"))
    number = open_question(house)["number"]

    typed(house, f"{number} autre Dupont", TEN)

    assert open_amounts(house) == {"FA-2026-0001": 1200, "FA-2026-0002": 1200, "FA-2026-0003": 0}
    [credit] = house.rows("allocation", kind="credit")
    assert (credit["amount"], credit["client"]) == (600, house.client(DUPONT.name))


def test_other_without_a_name_asks_for_it_and_changes_nothing(house: House) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]

    results = [typed(house, text, at(MONDAY, 8, at_))[0] for at_, text in enumerate((f"{number} autre", f"{number} 3"))]

    assert all(f"{number} FA-2026-0412" in one.result for one in results)
    assert open_question(house)["number"] == number


@pytest.mark.parametrize("answer", ["non {}", "{} 4"])
def test_nobody_s_money_frees_the_client_and_books_nothing(house: House, answer: str) -> None:
    two_equal_invoices(house, transfer())

    typed(house, answer.format(open_question(house)["number"]), at(MONDAY, 8))
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    assert set(open_amounts(house).values()) == {Decimal(1200)}
    assert len(to_lemaire(house)) == 1


def test_an_answer_to_choices_that_are_out_of_date_books_nothing(house: House) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]
    typed(house, "payé FA-2026-0001", at(MONDAY, 8))
    house.turn(at(MONDAY, 8, 5))

    [late] = typed(house, f"{number} 1", at(MONDAY, 8, 10))

    assert "ne se pose plus" in late.result
    assert house.rows("allocation") == []
    anew = open_question(house)
    assert anew["number"] != number
    assert "FA-2026-0001" not in anew["text"]
    assert "FA-2026-0002" in anew["text"]


def test_an_answer_that_comes_before_the_clock_noticed_books_nothing_either(house: House) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]
    typed(house, "payé FA-2026-0001", at(MONDAY, 8))

    [late] = typed(house, f"{number} 1", at(MONDAY, 8, 1))

    assert not late.done
    assert house.rows("allocation") == []


def test_a_question_ends_when_nothing_that_it_could_pay_is_open(house: House) -> None:
    two_equal_invoices(house, transfer(payer=STRANGER))
    number = open_question(house)["number"]
    typed(house, "payé FA-2026-0001\npayé FA-2026-0002", at(MONDAY, 8))
    house.turn(at(MONDAY, 8, 5))

    assert house.rows("question", number=number)[0]["state"] == "expired"
    assert [row["state"] for row in house.rows("line")] == ["ignored"]


def test_what_the_owner_called_paid_is_not_paid_again_by_its_own_transfer(house: House) -> None:
    """Of two equal invoices one is said to be paid; then its transfer comes, which names neither."""
    two_equal_invoices(house)
    typed(house, "payé FA-2026-0001", at(MONDAY, 8))
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY)))

    assert open_amounts(house)["FA-2026-0002"] == 1200
    assert "FA-2026-0002" in open_question(house)["text"]


def test_money_that_came_before_its_invoice_is_asked_about_once_the_invoice_is_there(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), bank_file(SUNDAY, at(MONDAY, 7, 40), transfer(payer=STRANGER)))
    assert asked(house, "match") == []

    house.turn(at(MONDAY, 8), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 8)))
    house.turn(at(MONDAY, 9, 20))

    assert "FA-2026-0001" in open_question(house)["text"]
    assert to_lemaire(house) == []
    assert code(house) == "unexplained_credit"


def test_money_that_nothing_explains_is_told_and_can_be_booked(house: House) -> None:
    two_equal_invoices(house, transfer(payer=STRANGER, motive="PROJET 7", amount="77.10"))

    [told] = digesting.current_digest(house.office, at(MONDAY, 8)).unknown
    assert "HOLDING GRAND" in told.client
    assert told.amount == Decimal("77.10")
    assert "PROJET 7" in told.reason
    order = told.reason.rpartition(", ")[2].replace("FA-…", "FA-2026-0001")
    [done] = typed(house, order, at(MONDAY, 9))

    assert done.done, done.result
    assert open_amounts(house)["FA-2026-0001"] == Decimal("1122.90")
    assert digesting.current_digest(house.office, at(MONDAY, 10)).unknown == ()


def test_what_was_told_to_be_nobody_s_is_not_told_again(house: House) -> None:
    two_equal_invoices(house, transfer())
    typed(house, f"non {open_question(house)['number']}", at(MONDAY, 8))

    assert digesting.current_digest(house.office, at(MONDAY, 9)).unknown == ()


def test_money_that_went_back_before_its_invoice_came_pays_nothing(house: House) -> None:
    back = DemoLine(SUNDAY, Decimal("-1200.00"), LEMAIRE.payer, "FA-2026-0001", "return")
    paid_and_back = (transfer(SUNDAY - timedelta(days=1), motive="FA-2026-0001"), back)
    house.turn(at(MONDAY, 7, 40), bank_file(SUNDAY, at(MONDAY, 7, 40), *paid_and_back))

    house.turn(at(MONDAY, 8), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 8)))

    assert open_amounts(house) == {"FA-2026-0001": 1200}
    assert asked(house, "match") == []


def test_a_line_that_was_asked_about_is_booked_when_the_invoice_that_it_names_arrives(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    line = transfer(motive="FA-2026-0002")
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning, line))
    before = open_question(house)["number"]

    house.turn(at(MONDAY, 8), forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 8)))

    assert open_amounts(house) == {"FA-2026-0001": 1200, "FA-2026-0002": 0}
    assert house.rows("question", number=before)[0]["state"] == "expired"


# ------------------------------------------------------------------------ what is learned


def test_a_yes_teaches_the_payer_and_the_next_payment_is_booked_by_itself(house: House) -> None:
    two_equal_invoices(house, transfer(payer=STRANGER))
    [done] = typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))
    assert STRANGER in done.result

    house.turn(
        at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY, payer=STRANGER, motive="SUITE"))
    )

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 0}
    [alias] = house.rows("payer_alias")
    assert (alias["value"], alias["client"], alias["forgotten_at"]) == (STRANGER, house.client(LEMAIRE.name), None)
    assert [row["how"] for row in house.rows("allocation")] == ["owner", "auto"]


def test_one_yes_settles_the_other_lines_of_that_payer(house: House) -> None:
    lines = [transfer(payer=STRANGER), transfer(payer=STRANGER, motive="ENCORE", amount="600.00")]
    two_equal_invoices(house, *lines)
    house.turn(at(MONDAY, 8), forwarded("FA-2026-0003", LEMAIRE, at(MONDAY, 8), "500.00"))
    waiting = {row["about"]["amount"]: row["number"] for row in asked(house, "match") if row["state"] == "open"}
    assert len(waiting) == 2

    typed(house, f"{waiting['1200.00']} 1", at(MONDAY, 8, 30))

    assert open_amounts(house)["FA-2026-0003"] == 0
    assert [row for row in asked(house, "match") if row["state"] == "open"] == []


def test_a_forgotten_payer_is_asked_about_again(house: House) -> None:
    two_equal_invoices(house, transfer(payer=STRANGER))
    number = open_question(house)["number"]
    typed(house, f"{number} 1", at(MONDAY, 8))
    typed(house, f"annule {number}", at(MONDAY, 9))
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY, payer=STRANGER)))

    assert house.rows("payer_alias")[0]["forgotten_at"] is not None
    assert set(open_amounts(house).values()) == {Decimal(1200)}


# ------------------------------------------------------------------------ too much, too little


def test_what_is_over_is_kept_for_the_client_and_asked_about(house: House) -> None:
    two_equal_invoices(house, transfer(amount="1250.00", motive="FA-2026-0001"))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}
    assert [row["data"]["amount"] for row in house.rows("event", name="bank.overpayment")] == ["50.00"]
    [done] = typed(house, f"{open_question(house, 'overpaid')['number']} imputer", at(MONDAY, 9))
    assert "FA-2026-0002" in done.result
    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1150}


def test_what_is_over_waits_for_the_next_invoice_where_nothing_is_open(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    line = transfer(amount="1250.00", motive="FA-2026-0001")
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning, line))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))
    typed(house, f"{open_question(house, 'overpaid')['number']} 2", at(MONDAY, 9))

    house.turn(at(MONDAY, 10), forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 10)))

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1150}


def test_money_that_is_kept_is_shown_with_its_client(house: House) -> None:
    two_equal_invoices(house, transfer(amount="1250.00", motive="FA-2026-0001"))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))

    lemaire = house.client(LEMAIRE.name)
    assert showing.kept(house.office, lemaire) == {"EUR": Decimal("50.00")}
    assert showing.status(house.office, house.now).kept == {LEMAIRE.name: {"EUR": Decimal("50.00")}}
    typed(house, f"{open_question(house, 'overpaid')['number']} rembourser", at(MONDAY, 9))
    assert showing.kept(house.office, lemaire) == {}


def test_what_is_paid_back_is_nobody_s_any_more(house: House) -> None:
    two_equal_invoices(house, transfer(amount="1250.00", motive="FA-2026-0001"))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))
    typed(house, f"{open_question(house, 'overpaid')['number']} rembourser", at(MONDAY, 9))

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}
    assert [row["why"] for row in house.rows("allocation", kind="credit")] == ["overpaid", "refund"]


def test_what_is_too_much_of_a_late_payment_may_be_its_penalties(house: House) -> None:
    house.office.business.law.__dict__["clients"] = "business"
    two_equal_invoices(house, transfer(amount="1242.00", motive="FA-2026-0001"))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))
    question = open_question(house, "overpaid")
    assert "pénalités" in question["choices"]
    before = owes(house, "FA-2026-0001", SUNDAY)

    [done] = typed(house, f"{question['number']} pénalités", at(MONDAY, 9))

    assert done.done, done.result
    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}
    assert showing.kept(house.office, house.client(LEMAIRE.name)) == {}
    assert [row["why"] for row in house.rows("allocation", kind="credit")] == ["overpaid", "penalties"]
    exported = exporting.entries(house.office, SUNDAY - timedelta(days=60), SUNDAY)
    assert sorted((one.kind, one.invoice, one.amount) for one in exported) == [
        ("penalty", "FA-2026-0001", Decimal("42.00")),
        ("receipt", "FA-2026-0001", Decimal("1200.00")),
    ]
    accounts = [row.split("\t")[4] for row in exporting.as_fec(exported).splitlines()[1:]]
    assert sorted(accounts) == ["411000", "512000", "512000", "763100"]
    after = owes(house, "FA-2026-0001", SUNDAY)
    assert before.total["EUR"] - after.total["EUR"] + after.surplus - before.surplus == 42
    assert owes(house, "FA-2026-0002", SUNDAY).settled == ()


def test_a_booking_is_taken_back_with_what_was_penalties_of_it(house: House) -> None:
    house.office.business.law.__dict__["clients"] = "business"
    two_equal_invoices(house, transfer(amount="1242.00", motive="FA-2026-0001"))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 8))
    typed(house, f"{open_question(house, 'overpaid')['number']} pénalités", at(MONDAY, 9))

    typed(house, "annule FA-2026-0001", at(MONDAY, 10))

    line = house.rows("line")[0]["id"]
    assert house.act(lambda conn: allocations.unused(conn, house.office.key, line)) == Decimal("1242.00")
    assert house.act(lambda conn: allocations.standing(conn, house.office.key, line)) == []
    assert owes(house, "FA-2026-0001", SUNDAY).settled == ()
    assert open_question(house)["about"]["amount"] == "1242.00"


def test_penalties_of_one_payment_settle_those_of_the_invoice_that_was_due_first(house: House) -> None:
    house.office.business.law.__dict__["clients"] = "business"
    two_equal_invoices(house, transfer(amount="2460.00", motive="FA-2026-0001 FA-2026-0002"))
    typed(house, f"{open_question(house)['number']} FA-2026-0001 FA-2026-0002", at(MONDAY, 8))
    late = [owes(house, number, SUNDAY).total["EUR"] for number in ("FA-2026-0001", "FA-2026-0002")]

    typed(house, f"{open_question(house, 'overpaid')['number']} pénalités", at(MONDAY, 9))

    left = [owes(house, number, SUNDAY).total["EUR"] for number in ("FA-2026-0001", "FA-2026-0002")]
    assert left == [0, late[0] + late[1] - 60]


@pytest.mark.parametrize(("order", "told"), [("by_phase", True), ("interest_first", True), ("principal_first", False)])
def test_after_a_formal_notice_a_payment_says_what_it_settles_of_the_interest(
    house: House, order: str, told: bool
) -> None:
    house.office.business.law.__dict__.update(clients="business", payments=order)
    two_equal_invoices(house)
    notified = {"sent_on": (SUNDAY - timedelta(days=1)).isoformat()}
    about = {"client": house.client(LEMAIRE.name), "invoice": "FA-2026-0001", "data": notified}
    house.act(lambda conn: happened(conn, house.office, "owner.notice", "notified", house.now, **about))

    house.turn(at(MONDAY, 9), bank_file(SUNDAY, at(MONDAY, 9), transfer(motive="FA-2026-0001")))

    [paid] = [row["data"] for row in house.rows("event", name="bank.payment")]
    assert ("to_interest" in paid) == told
    assert open_amounts(house)["FA-2026-0001"] == 0
    [row] = digesting.current_digest(house.office, at(MONDAY, 10)).paid
    assert ("(C. civ. 1343-1)" in row.reason) == told
    if told:
        assert Decimal(paid["to_interest"]) + Decimal(paid["to_principal"]) == 1200
        assert owes(house, "FA-2026-0001", SUNDAY).settled[0].to_interest == Decimal(paid["to_interest"]) > 0


@pytest.mark.parametrize(("choice", "left"), [("1", 0), ("2", 12)])
def test_a_little_short_is_charges_or_a_part_as_the_owner_says(house: House, choice: str, left: int) -> None:
    two_equal_invoices(house, transfer(amount="1188.00", motive="FA-2026-0001"))
    question = open_question(house)
    assert "soldée" in question["text"]

    typed(house, f"{question['number']} {choice}", at(MONDAY, 8))

    assert open_amounts(house)["FA-2026-0001"] == left
    let_go = [row["data"] for row in house.rows("event", name="invoice.written_off")]
    assert [(data["amount"], data["reason"]) for data in let_go] == ([("12.00", "fees")] if left == 0 else [])


def test_some_cents_short_close_the_invoice_and_are_recorded(house: House) -> None:
    two_equal_invoices(house, transfer(amount="1199.97", motive="FA-2026-0001"))

    assert open_amounts(house)["FA-2026-0001"] == 0
    assert [row["data"]["reason"] for row in house.rows("event", name="invoice.written_off")] == ["rounding"]


# ------------------------------------------------------------------------ equal invoices


@pytest.mark.parametrize(("disputed", "paid"), [(False, ["FA-2026-0001"]), (True, [])])
def test_the_oldest_of_equal_invoices_is_paid_if_the_settings_say_so_and_nothing_is_disputed(
    house: House, disputed: bool, paid: list[str]
) -> None:
    house.office.business.bank.__dict__["equal_invoices"] = "oldest"
    two_equal_invoices(house)
    if disputed:
        typed(house, "litige FA-2026-0001", at(MONDAY, 8))
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY)))

    assert [number for number, amount in open_amounts(house).items() if not amount] == paid
    assert len(asked(house, "match")) == disputed


def test_a_dispute_that_is_settled_lets_the_oldest_be_paid(house: House) -> None:
    house.office.business.bank.__dict__["equal_invoices"] = "oldest"
    two_equal_invoices(house)
    typed(house, "litige FA-2026-0001\nclos FA-2026-0001", at(MONDAY, 8))
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY)))

    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}


# ------------------------------------------------------------------------ taken back


def paid(house: House, *more: DemoLine) -> None:
    two_equal_invoices(house, transfer(motive="FA-2026-0001", amount="1199.97"), *more)
    assert open_amounts(house)["FA-2026-0001"] == 0


@pytest.mark.parametrize("order", ["annule FA-2026-0001", "undo fa-2026-0001", "annule {line}"])
def test_undo_reopens_the_invoice_and_asks_anew(house: House, order: str) -> None:
    paid(house)
    line = house.rows("line")[0]["id"]

    [done] = typed(house, order.format(line=line[:10]), at(MONDAY, 8))
    house.turn(at(MONDAY, 9, 20))

    assert done.done
    assert open_amounts(house)["FA-2026-0001"] == 1200
    assert [(row["kind"], row["amount"]) for row in house.rows("allocation")] == [
        ("paid", Decimal("1199.97")), ("waived", Decimal("0.03")),
        ("paid", Decimal("-1199.97")), ("waived", Decimal("-0.03")),
    ]  # fmt: skip
    assert "FA-2026-0001" in open_question(house)["text"]
    assert asked(house, "alert_reversal") == []
    assert to_lemaire(house) == []


def test_undo_and_yes_book_the_line_a_second_time(house: House) -> None:
    paid(house)
    typed(house, "annule FA-2026-0001", at(MONDAY, 8))
    typed(house, f"{open_question(house)['number']} 1", at(MONDAY, 9))

    assert open_amounts(house)["FA-2026-0001"] == 0
    typed(house, "annule FA-2026-0001", at(MONDAY, 10))
    assert open_amounts(house)["FA-2026-0001"] == 1200


@pytest.mark.parametrize("target", ["FA-2026-0001", "99"])
def test_nothing_booked_is_nothing_to_undo(house: House, target: str) -> None:
    two_equal_invoices(house)

    with pytest.raises(UnclearError):
        house.act(lambda c: clearing.undo(c, house.office, target, house.now))


def test_a_line_that_is_booked_is_not_given_away_twice(house: House) -> None:
    paid(house)
    line = house.rows("line")[0]["id"]

    [done] = typed(house, f"rapproche {line[:10]} FA-2026-0002", at(MONDAY, 8))

    assert not done.done
    assert open_amounts(house)["FA-2026-0002"] == 1200


def test_a_payment_that_the_bank_takes_back_reopens_the_invoice_and_asks_before_chasing(house: House) -> None:
    paid(house)
    back = DemoLine(MONDAY, Decimal("-1199.97"), LEMAIRE.payer, "FA-2026-0001", "return")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), back))
    house.turn(at(TUESDAY, 9, 20))

    assert open_amounts(house)["FA-2026-0001"] == 1200
    assert [row["data"]["reason"] for row in house.rows("event", name="bank.reversal")] == ["reversal"]
    assert to_lemaire(house) == []
    question = open_question(house, "alert_reversal")
    typed(house, f"{question['number']} non", at(TUESDAY, 10))
    house.turn(at(TUESDAY, 10, 5))
    house.turn(at(TUESDAY, 10, 30))
    assert len(to_lemaire(house)) == 1


def test_a_payment_and_its_return_in_one_file_leave_the_invoice_open(house: House) -> None:
    back = DemoLine(SUNDAY, Decimal("-1200.00"), LEMAIRE.payer, "FA-2026-0001", "return")
    two_equal_invoices(house, transfer(SUNDAY - timedelta(days=2), motive="FA-2026-0001"), back)

    assert set(open_amounts(house).values()) == {Decimal(1200)}


def test_a_return_with_the_banks_charges_is_asked_and_reopens_the_invoice_by_a_yes(house: House) -> None:
    paid(house)
    back = DemoLine(MONDAY, Decimal("-1205.97"), LEMAIRE.payer, "FA-2026-0001", "return")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), back))
    assert open_amounts(house)["FA-2026-0001"] == 0

    [done] = typed(house, f"ok {open_question(house)['number']}", at(TUESDAY, 8))

    assert done.done, done.result
    assert open_amounts(house)["FA-2026-0001"] == 1200


def test_a_return_that_is_read_before_its_payment_takes_it_back_all_the_same(house: House) -> None:
    back = DemoLine(SUNDAY, Decimal("-1200.00"), LEMAIRE.payer, "FA-2026-0001", "return")
    two_equal_invoices(house, back)
    earlier = bank_file(SUNDAY, TEN, transfer(SUNDAY - timedelta(days=2), motive="FA-2026-0001"))
    house.turn(TEN, earlier)
    house.turn(at(MONDAY, 10, 10))

    assert set(open_amounts(house).values()) == {Decimal(1200)}
    assert [row["data"]["reason"] for row in house.rows("event", name="bank.reversal")] == ["reversal"]
    assert open_question(house, "alert_reversal")["state"] == "open"
    house.turn(at(TUESDAY, 7, 40), earlier)
    assert len(house.rows("event", name="bank.reversal")) == 1


def test_a_return_of_nobody_that_is_read_before_the_payments_of_its_amount_is_asked_then(house: House) -> None:
    two_equal_invoices(house, DemoLine(SUNDAY, Decimal("-1200.00"), "", "REJET", "return"))
    assert asked(house, "match") == []
    house.turn(TEN, bank_file(SUNDAY, TEN, transfer(SUNDAY - timedelta(days=2), motive="FA-2026-0001")))

    assert open_question(house)["about"]["amount"] == "-1200.00"
    typed(house, f"{open_question(house)['number']} non", at(MONDAY, 11))
    another = transfer(SUNDAY - timedelta(days=1), motive="FA-2026-0002")
    house.turn(at(MONDAY, 12), bank_file(SUNDAY, at(MONDAY, 12), another))
    assert [row["state"] for row in asked(house, "match")] == ["answered"]


def test_the_return_of_a_payment_that_was_asked_about_ends_the_question(house: House) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]
    back = DemoLine(MONDAY, Decimal("-1200.00"), LEMAIRE.payer, "", "return")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), back))

    assert house.rows("question", number=number)[0]["state"] == "expired"
    assert set(open_amounts(house).values()) == {Decimal(1200)}


def taken_back_by_the_bank(house: House) -> int:
    """A payment is booked, and a line of the bank takes it back by itself; the number of the question about that."""
    paid(house)
    back = DemoLine(MONDAY, Decimal("-1199.97"), LEMAIRE.payer, "FA-2026-0001", "return")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), back))
    house.turn(at(TUESDAY, 7, 45))
    assert open_amounts(house)["FA-2026-0001"] == 1200
    number: int = open_question(house, "alert_reversal")["number"]
    return number


@pytest.mark.parametrize("order", ["annule FA-2026-0001", "annule {number}", "annule {line}"])
def test_a_reversal_that_the_bot_saw_wrongly_is_undone_by_one_order(house: House, order: str) -> None:
    number = taken_back_by_the_bank(house)
    debit = next(row["id"] for row in house.rows("line") if row["amount"] < 0)

    [done] = typed(house, order.format(number=number, line=debit[:10]), at(TUESDAY, 8))
    house.turn(at(TUESDAY, 9, 20))

    assert done.done, done.result
    assert "FA-2026-0001" in done.result
    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}
    assert [row["state"] for row in asked(house, "alert_reversal")] != ["open"]
    assert {row["state"] for row in house.rows("line")} == {"matched", "ignored"}


def test_a_payment_that_stands_again_can_be_taken_back_by_the_owner(house: House) -> None:
    taken_back_by_the_bank(house)
    typed(house, "annule FA-2026-0001", at(TUESDAY, 8))

    [done] = typed(house, "annule FA-2026-0001", at(TUESDAY, 9))

    assert done.done, done.result
    assert open_amounts(house)["FA-2026-0001"] == 1200
    assert "1 199,97" in open_question(house)["text"]


def test_an_invoice_that_is_paid_twice_is_asked_about_and_its_client_may_keep_the_money(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    twice = [transfer(SUNDAY - timedelta(days=days), motive="FA-2026-0001") for days in (1, 0)]
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning, *twice))

    question = open_question(house)
    assert "FA-2026-0001, déjà réglée par un autre virement" in question["text"]
    [done] = typed(house, f"{question['number']} autre Lemaire", at(MONDAY, 8))

    assert done.done, done.result
    assert showing.kept(house.office, house.client(LEMAIRE.name)) == {"EUR": Decimal("1200.00")}
    house.turn(at(MONDAY, 9), forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 9)))
    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 0}


def test_what_the_owner_called_paid_may_still_come_without_a_question(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning))
    typed(house, "payé FA-2026-0001", at(MONDAY, 8))
    later = bank_file(MONDAY, at(TUESDAY, 7, 40), transfer(MONDAY, motive="FA-2026-0001"))
    house.turn(at(TUESDAY, 7, 40), later)

    assert [row["state"] for row in house.rows("line")] == ["ignored"]
    assert asked(house, "match") == []


def test_a_payment_that_was_passed_over_is_found_when_its_invoice_is_open_again(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    stranger = transfer(SUNDAY - timedelta(days=1), payer=STRANGER, motive="X", amount="1200.00")
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning, stranger))
    number = open_question(house)["number"]
    typed(house, f"{number} 1", at(MONDAY, 8))
    right = transfer(SUNDAY, payer=LEMAIRE.payer, motive="FA/2026/1")
    house.turn(at(MONDAY, 9), bank_file(SUNDAY, at(MONDAY, 9), stranger, right))
    assert sorted(row["state"] for row in house.rows("line")) == ["ignored", "matched"]

    typed(house, "annule FA-2026-0001", at(MONDAY, 10))

    assert open_amounts(house) == {"FA-2026-0001": 0}
    assert [row["state"] for row in house.rows("line") if "FA/2026/1" in row["memo"]] == ["matched"]


def test_what_is_left_of_a_payment_for_two_clients_stays_a_question(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    house.turn(
        morning,
        forwarded("FA-2026-0001", LEMAIRE, morning),
        forwarded("FA-2026-0002", DUPONT, morning),
        bank_file(SUNDAY, morning, transfer(payer=STRANGER, motive="FA-2026-0001 FA-2026-0002", amount="2450.00")),
    )
    typed(house, f"{open_question(house)['number']} FA-2026-0001 FA-2026-0002", at(MONDAY, 8))
    assert set(open_amounts(house).values()) == {Decimal(0)}

    question = open_question(house)
    assert "50,00" in question["text"]
    house.turn(at(MONDAY, 9), forwarded("FA-2026-0003", LEMAIRE, at(MONDAY, 9)))
    typed(house, f"{open_question(house)['number']} FA-2026-0003", at(MONDAY, 10))
    assert open_amounts(house)["FA-2026-0003"] == 1150
    assert [row["state"] for row in house.rows("line")] == ["matched"]


def test_the_digest_tells_what_came_what_was_let_go_and_what_went_back(house: House) -> None:
    paid(house)
    back = DemoLine(MONDAY, Decimal("-1199.97"), LEMAIRE.payer, "FA-2026-0001", "return")
    first = digesting.current_digest(house.office, at(MONDAY, 12))
    house.turn(at(TUESDAY, 7, 20), bank_file(MONDAY, at(TUESDAY, 7, 20), back))
    second = digesting.current_digest(house.office, at(TUESDAY, 7, 30))

    assert [(row.amount, row.reason) for row in first.paid] == [(Decimal("1199.97"), "écart abandonné 0,03 €")]
    assert Decimal("-1199.97") in [row.amount for row in second.paid]


# ------------------------------------------------------------------------ the outbox


@pytest.mark.parametrize("claimed", [False, True])
def test_a_reminder_that_has_not_left_is_cancelled_by_the_payment(house: House, claimed: bool) -> None:
    """Whether it waits for its hour, or a worker has taken it and not yet begun to transmit."""
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning))
    [waiting] = house.rows("outgoing", kind="client")
    assert waiting["state"] == "queued"
    if claimed:
        house.act(lambda c: outgoing.claim(c, house.office.key, waiting["id"], "w", waiting["due_at"], 3600))

    house.turn(at(MONDAY, 8, 40), bank_file(SUNDAY, at(MONDAY, 8, 40), transfer(motive="FA-2026-0001")))
    house.turn(at(MONDAY, 9, 20))

    assert [row["state"] for row in house.rows("outgoing", kind="client")] == ["cancelled"]
    assert to_lemaire(house) == []


# ------------------------------------------------------------------------ what the letter says


def test_the_reminder_asks_for_what_is_open_today_by_the_reference_that_is_compared(house: House) -> None:
    house.office.business.__dict__["pay_url"] = "https://pay.example/?ref={number}&amount={amount}&cur={currency}"
    morning = at(MONDAY, 7, 40)
    number = "FA/2026 1"
    part = transfer(SUNDAY - timedelta(days=8), motive=f"ACOMPTE {number}", amount="200.00")
    house.turn(morning, forwarded(number, LEMAIRE, morning), bank_file(SUNDAY, morning, part))
    house.turn(at(MONDAY, 9, 20))
    for days in (7, 8):  # a part payment is given five business days for its rest
        day = MONDAY + timedelta(days=days)
        house.turn(at(day, 7, 40), bank_file(day - timedelta(days=1), at(day, 7, 40)))
        house.turn(at(day, 9, 20))

    mail = to_lemaire(house)[0]
    text = mail.get_body(("plain",)).get_content()
    assert "https://pay.example/?ref=FA%2F2026%201&amount=1000.00&cur=EUR" in text
    assert grouped_reference(rf(number)) in text
    [picture] = [one for one in mail.walk() if one.get_content_type() == "image/png"]
    expected = transfer_code(
        name=SELLER.name, iban=SELLER.iban, bic="", amount=Decimal("1000.00"), currency="EUR", numbers=[number],
        rf=rf(number),
    )  # fmt: skip
    assert expected is not None
    assert picture.get_content() == as_png(expected)


# ------------------------------------------------------------------------ a return that names no payment


def returned_without_a_name(house: House) -> int:
    """Two payments of one amount are booked, and the bank takes one of them back; the question's number."""
    first = transfer(SUNDAY - timedelta(days=1), motive="FA-2026-0001")
    two_equal_invoices(house, first, transfer(motive="FA-2026-0002"))
    assert set(open_amounts(house).values()) == {Decimal(0)}
    back = DemoLine(MONDAY, Decimal("-1200.00"), "REJET PRLV IMPAYE", "", "return")
    house.turn(at(TUESDAY, 7, 40), bank_file(MONDAY, at(TUESDAY, 7, 40), back))
    number: int = open_question(house)["number"]
    return number


@pytest.mark.parametrize(
    ("answer", "invoice"),
    [
        ("{number} 1", "FA-2026-0002"),
        ("{number} 2", "FA-2026-0001"),
        ("{number} autre FA-2026-0001", "FA-2026-0001"),
        ("rapproche {number} FA-2026-0001", "FA-2026-0001"),
    ],
)
def test_the_owner_says_which_payment_the_bank_took_back(house: House, answer: str, invoice: str) -> None:
    number = returned_without_a_name(house)
    assert "La banque a repris 1 200,00" in open_question(house)["text"]

    [done] = typed(house, answer.format(number=number), at(TUESDAY, 8))

    assert done.done, done.result
    assert open_amounts(house) == {"FA-2026-0001": 0, "FA-2026-0002": 0} | {invoice: Decimal(1200)}
    assert [row["invoice"] for row in house.rows("event", name="bank.reversal")] == [invoice]
    assert len(house.rows("event", name="bank.payment")) == 2
    assert house.rows("payer_alias") == []


def test_a_return_stays_a_question_while_the_book_changes(house: House) -> None:
    number = returned_without_a_name(house)
    house.turn(at(TUESDAY, 8), forwarded("FA-2026-0003", DUPONT, at(TUESDAY, 8)))

    assert open_question(house)["number"] == number


def test_a_payment_that_was_undone_meanwhile_is_not_taken_back(house: House) -> None:
    number = returned_without_a_name(house)
    typed(house, "annule FA-2026-0002", at(TUESDAY, 8))

    [done] = typed(house, f"{number} 1", at(TUESDAY, 9))

    assert "ne se pose plus" in done.result
    assert house.rows("event", name="bank.reversal", invoice="FA-2026-0001") == []
    returns = [row for row in asked(house, "match") if row["state"] == "open" and "repris" in row["text"]]
    assert [row["about"]["choices"][0][0]["invoice"] for row in returns] == ["FA-2026-0001"]


@pytest.mark.parametrize("target", ["FA-2026-0003", "Lemaire"])
def test_what_no_payment_of_the_amount_paid_is_not_taken_back(house: House, target: str) -> None:
    number = returned_without_a_name(house)
    house.turn(at(TUESDAY, 8), forwarded("FA-2026-0003", DUPONT, at(TUESDAY, 8)))

    [done] = typed(house, f"{number} autre {target}", at(TUESDAY, 9))

    assert not done.done
    assert open_question(house)["number"] == number
    assert house.rows("event", name="bank.reversal") == []


def test_the_same_payment_in_another_format_is_not_booked_again_by_itself(house: House) -> None:
    two_equal_invoices(house, transfer())
    house.turn(at(MONDAY, 9, 20))
    typed(house, f"{open_question(house)['number']} 1", TEN)
    table = "Date;Libelle;Montant EUR\n" + f"{SUNDAY:%d/%m/%Y};VIR SEPA {LEMAIRE.payer} MERCI;1200,00\n"

    house.turn(at(MONDAY, 11), bank_table(table, at(MONDAY, 11)))

    assert open_amounts(house) == {"FA-2026-0001": Decimal(0), "FA-2026-0002": Decimal("1200.00")}
    assert "FA-2026-0002" in open_question(house)["text"]
    assert to_lemaire(house) == []


def test_a_yes_in_a_mail_that_answers_none_of_ours_is_confirmed_first(house: House) -> None:
    two_equal_invoices(house, transfer())
    number = open_question(house)["number"]
    mail = EmailMessage()
    mail["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    mail["From"], mail["To"], mail["Subject"] = OWNER.email, BOX, "Réponse"
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 08:00:00 +0100", "<alone@atelier-martin.example>"
    mail.set_content(f"ok {number}\n")

    house.turn(at(MONDAY, 8, 5), mail.as_bytes())

    assert set(open_amounts(house).values()) == {Decimal("1200.00")}
    [asked_first] = [row for row in asked(house, "confirm") if row["state"] == "open"]
    typed(house, f"ok {asked_first['number']} {asked_first['about']['word']}", at(MONDAY, 9))
    assert sorted(open_amounts(house).values()) == [Decimal(0), Decimal("1200.00")]
