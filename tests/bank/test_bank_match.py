"""What is booked by itself, what is asked, and what never happens whatever the lines say."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.match import match_lines
from mailbot.model import Line, Match, OpenItem

DAY = date(2026, 2, 10)


def item(number: str, client: str, amount: str, currency: str = "EUR", **fields: object) -> OpenItem:
    fields = {"kind": "invoice", "issue_date": date(2026, 1, 5), "due_date": date(2026, 2, 4), **fields}
    return OpenItem(number=number, client=client, amount_due=Decimal(amount), currency=currency, **fields)  # type: ignore[arg-type]


def line(amount: str, label: str, day: date = DAY, currency: str = "EUR", kind: str = "CREDIT", key: str = "") -> Line:
    name = label if key else f"VIR {label}"
    return Line(key or label, day, Decimal(amount), currency, name, "", "", kind)


ITEMS = [
    item("FA-2026-0042", "Menuiserie Dupont SARL", "1200.00"),
    item("FA-2026-0043", "Garage Martin", "120.00"),
    item("FA-2026-0044", "Garage Martin", "80.00"),
    item("FA-2026-001", "Alpha Conseil", "50.00"),
    item("FA-2026-0012", "Beta Conseil", "50.00"),
    item("20260131", "Gamma Optique", "75.50"),
    item("FA-2026-0050", "Usine Nord", "100.00", "USD"),
    item("AV-2026-0003", "Garage Martin", "20.00", kind="credit_note"),
]


def decide(one: Line, *more: Line) -> Match:
    return match_lines([one, *more], ITEMS)[0]


def shares(match: Match) -> list[tuple[str, str]]:
    return [(share.invoice, str(share.amount)) for share in match.allocations]


def first_choice(match: Match) -> list[tuple[str, str]]:
    assert match.decision == "ask"
    return [(share.invoice, str(share.amount)) for share in match.choices[0]]


def test_full_number_and_exact_amount_is_booked() -> None:
    match = decide(line("1200.00", "SEPA X FACTURE FA-2026-0042"))

    assert (match.decision, shares(match)) == ("auto", [("FA-2026-0042", "1200.00")])
    assert match.evidence == ("reference FA-2026-0042", "exact amount")


def test_number_is_known_whatever_its_case_separators_and_zeros() -> None:
    for written in ("fa 2026 0042", "FA/2026/0042", "FA20260042", "FA-2O26-OO42", "fa_2026_0042"):
        assert decide(line("1200.00", written)).decision == "auto", written


def test_creditor_reference_in_groups_of_four_is_booked() -> None:
    assert decide(line("1200.00", "RF83 FA20 2600 42")).decision == "auto"


def test_creditor_reference_with_wrong_check_digits_is_asked() -> None:
    assert first_choice(decide(line("1200.00", "RF84FA20260042"))) == [("FA-2026-0042", "1200.00")]


def test_number_without_its_prefix_is_asked() -> None:
    assert first_choice(decide(line("1200.00", "2026-0042"))) == [("FA-2026-0042", "1200.00")]


def test_number_inside_a_longer_one_is_not_named() -> None:
    match = decide(line("50.00", "FA-2026-0012 MERCI"))

    assert shares(match) == [("FA-2026-0012", "50.00")]


def test_number_that_the_bank_may_have_cut_is_asked() -> None:
    name = "VIR SEPA RECU DE XYZ FA-2026-004"
    numbers = [item("FA-2026-004", "Alpha", "90.00"), item("FA-2026-0012", "Beta", "50.00")]

    assert len(name) == 32
    assert match_lines([line("90.00", name, key="cut")], numbers)[0].decision == "ask"
    assert match_lines([line("90.00", f"{name} MERCI", key="whole")], numbers)[0].decision == "auto"


def test_beginning_of_another_number_at_the_end_of_a_label_is_asked() -> None:
    assert decide(line("50.00", "FA-2026-001")).decision == "ask"


def test_digits_alone_count_only_with_their_client() -> None:
    assert decide(line("75.50", "FACTURE 20260131")).decision == "ask"
    assert decide(line("75.50", "GAMMA OPTIQUE FACTURE 20260131")).decision == "auto"


def test_several_named_invoices_with_exact_sum_are_booked() -> None:
    match = decide(line("200.00", "FA-2026-0043 ET FA-2026-0044"))

    assert shares(match) == [("FA-2026-0043", "120.00"), ("FA-2026-0044", "80.00")]


def test_part_payment_that_says_so_is_booked() -> None:
    match = decide(line("400.00", "ACOMPTE FA-2026-0042"))

    assert (shares(match), match.evidence[-1]) == ([("FA-2026-0042", "400.00")], "part payment")


def test_on_behalf_of_somebody_is_no_part_payment() -> None:
    assert decide(line("400.00", "DE LA PART DE PAUL FA-2026-0042")).decision == "ask"


def test_shortfall_and_overpayment_with_reference_are_asked() -> None:
    short, over = decide(line("1190.00", "FA-2026-0042")), decide(line("1210.00", "FA-2026-0042"))

    assert (first_choice(short), short.evidence[-1]) == ([("FA-2026-0042", "1190.00")], "10.00 EUR short")
    assert (first_choice(over), over.evidence[-1]) == ([("FA-2026-0042", "1200.00")], "10.00 EUR too much")


def test_whole_name_and_the_amount_of_one_invoice_are_booked() -> None:
    match = decide(line("120.00", "GARAGE MARTIN"))

    assert (shares(match), match.evidence) == (
        [("FA-2026-0043", "120.00")],
        ("name of Garage Martin", "exact amount"),
    )


def test_named_client_with_a_sum_of_its_invoices_is_asked_for_that_sum() -> None:
    assert first_choice(decide(line("200.00", "GARAGE MARTIN"))) == [
        ("FA-2026-0043", "120.00"),
        ("FA-2026-0044", "80.00"),
    ]


def test_unknown_payer_with_an_open_amount_is_asked() -> None:
    assert decide(line("120.00", "HOLDING ZETA")).evidence == ("only the amount agrees",)


def test_known_payer_with_an_amount_that_nothing_explains_is_asked() -> None:
    book = [item("FA-1", "Garage Martineau", "120.00"), item("FA-2", "Garage Martin", "80.00")]

    for label in ("VIR SEPA RECU /DE GARAGE MARTINE", "VIR SEPA GARAGE MARTIN", "VIR SEPA GARAGE MARTIN BREST"):
        assert match_lines([line("33.33", label, key=label)], book)[0].decision == "ask", label


def test_public_body_that_is_a_client_or_names_an_invoice_counts() -> None:
    town = [item("FA-1", "Tresor Public Brest", "120.00")]

    assert match_lines([line("120.00", "TRESOR PUBLIC BREST")], town)[0].decision == "ask"
    assert match_lines([line("120.00", "TRESOR PUBLIC PARIS")], ITEMS)[0].decision == "none"
    assert decide(line("1200.00", "DGFIP MANDAT 12 FA-2026-0042")).decision == "auto"
    assert decide(line("999.00", "DGFIP MANDAT 12 FA-2026-0042")).decision == "ask"


def test_unknown_payer_and_an_amount_of_many_invoices_is_none() -> None:
    many = [item(f"FA-{n}", f"Client Numero{n}", "49.00") for n in range(4)]

    assert match_lines([line("49.00", "HOLDING ZETA")], many)[0].decision == "none"
    assert len(match_lines([line("49.00", "HOLDING ZETA")], many[:3])[0].choices) == 3


def test_line_that_says_nothing_is_none() -> None:
    assert decide(line("33.33", "HOLDING ZETA")).decision == "none"


def test_payment_that_names_another_client_is_asked() -> None:
    match = decide(line("120.00", "MENUISERIE DUPONT FA-2026-0043"))

    assert match.decision == "ask"
    assert match.rejected[0] == (
        "FA-2026-0043",
        "is owed by Garage Martin, the payment names Menuiserie Dupont SARL",
    )


def test_payment_before_the_invoice_was_issued_is_asked() -> None:
    assert decide(line("1200.00", "FA-2026-0042", day=date(2026, 1, 4))).decision == "ask"


def test_payment_in_another_currency_is_asked() -> None:
    match = decide(line("100.00", "FA-2026-0050"))

    assert first_choice(match) == [("FA-2026-0050", "100.00")]
    assert match.rejected == (("FA-2026-0050", "is in USD, the payment in EUR"),)


def test_named_credit_note_is_taken_off_the_invoice() -> None:
    match = decide(line("100.00", "FA-2026-0043 AVOIR AV-2026-0003"))

    assert shares(match) == [("AV-2026-0003", "-20.00"), ("FA-2026-0043", "120.00")]


def test_credit_note_alone_is_never_paid() -> None:
    assert decide(line("20.00", "AV-2026-0003")).decision != "auto"


def test_cheques_are_asked_because_nobody_knows_whose_they_are() -> None:
    assert decide(line("642.35", "REMISE CHEQUES 3")).choices == ()
    assert first_choice(decide(line("120.00", "REMISE CHEQUES 3"))) == [("FA-2026-0043", "120.00")]


def test_debits_batches_payouts_and_tax_refunds_are_none() -> None:
    for amount, label in (
        ("-120.00", "FA-2026-0043"),
        ("120.00", "REMISE CB 1410 12 TRANSACTIONS"),
        ("120.00", "STRIPE PAYMENTS"),
        ("120.00", "DGFIP REMBOURST TVA"),
        ("0.00", "INFORMATION"),
    ):
        assert decide(line(amount, label)).decision == "none", label


def test_return_is_tied_to_the_payment_that_it_takes_back() -> None:
    paid = line("1200.00", "FA-2026-0042")
    back = line("-1200.00", "REJET FA-2026-0042", day=date(2026, 2, 12))
    again = line("1200.00", "FA-2026-0042 NOUVEL ENVOI", day=date(2026, 2, 14))

    matches = match_lines([paid, back, again], ITEMS)

    assert [match.decision for match in matches] == ["auto", "ask", "auto"]
    assert matches[1].reverses == paid.id
    assert first_choice(matches[1]) == [("FA-2026-0042", "-1200.00")]


def test_second_payment_of_the_same_invoice_is_asked() -> None:
    twice = [line("1200.00", "FA-2026-0042", key=key) for key in ("a", "b")]

    assert [match.decision for match in match_lines(twice, ITEMS)] == ["auto", "ask"]


def test_two_payers_of_one_invoice_on_one_day_are_both_asked() -> None:
    rivals = [line("1200.00", "DUPONT FA-2026-0042"), line("1200.00", "DURAND FA-2026-0042")]

    assert [match.decision for match in match_lines(rivals, ITEMS)] == ["ask", "ask"]


def test_transfer_between_own_accounts_is_none() -> None:
    ours = ["FR7630006000011234567890189"]
    own = line("120.00", "VIR DE FR76 3000 6000 0112 3456 7890 189 FA-2026-0043")

    assert match_lines([own], ITEMS, ours)[0].decision == "none"

    theirs = replace(own, payer_iban="BE71096123456769")

    assert match_lines([theirs], ITEMS, ours)[0].decision == "auto"


def test_two_payments_that_fit_one_invoice_by_amount_alone_are_both_asked() -> None:
    rivals = [line("120.00", "GARAGE MARTIN", key=key) for key in ("VIR GARAGE MARTIN", "VIR GARAGE MARTIN MERCI")]

    assert [match.decision for match in match_lines(rivals, ITEMS)] == ["ask", "ask"]


def test_amount_alone_does_not_take_what_another_line_names() -> None:
    by_amount, short = line("120.00", "GARAGE MARTIN"), line("119.00", "GARAGE MARTIN FA-2026-0043")

    assert decide(by_amount).decision == "auto"
    assert decide(by_amount, short).decision == "ask"


def test_amount_alone_comes_after_what_is_named_even_where_it_is_earlier() -> None:
    by_amount = line("120.00", "GARAGE MARTIN", day=date(2026, 2, 9))

    assert decide(by_amount, line("120.00", "XYZ FA-2026-0043")).decision == "ask"


def test_a_sum_of_which_another_line_names_and_settles_a_part_speaks_against_nothing() -> None:
    book = [item(f"FA-2026-006{at}", "Fleurs Roy", amount) for at, amount in enumerate(("300.00", "120.00", "180.00"))]
    by_amount, part = line("300.00", "FLEURS ROY"), line("120.00", "XYZ FA-2026-0061")
    less = line("60.00", "ACOMPTE FA-2026-0061")

    assert match_lines([by_amount], book)[0].decision == "ask"
    assert match_lines([by_amount, less], book)[0].decision == "ask"
    assert shares(match_lines([by_amount, part], book)[0]) == [("FA-2026-0060", "300.00")]


def test_a_client_whose_only_invoice_of_the_amount_another_line_settles_speaks_against_nothing() -> None:
    book = [
        item("FA-2026-0061", "Fleurs Roy", "360.00"),
        item("FA-2026-0062", "Brasserie Gautier", "360.00"),
        item("FA-2026-0063", "Brasserie Gautier", "90.00"),
    ]
    cousin, its_own = line("360.00", "KARIM GAUTIER FA-2026-0061"), line("360.00", "BRASSERIE GAUTIER FA-2026-0062")

    assert match_lines([cousin], book)[0].decision == "ask"
    assert shares(match_lines([cousin, its_own], book)[0]) == [("FA-2026-0061", "360.00")]


def test_two_invoices_of_one_amount_are_asked() -> None:
    twins = [item("FA-2026-0061", "Fleurs Roy", "360.00"), item("FA-2026-0062", "Fleurs Roy", "360.00")]
    match = match_lines([line("360.00", "FLEURS ROY")], twins)[0]

    assert match.decision == "ask"
    assert [choice[0].invoice for choice in match.choices] == ["FA-2026-0061", "FA-2026-0062"]


def test_rounding_and_discount_are_let_go_and_a_longer_discount_is_asked() -> None:
    terms = {"discount_percent": Decimal(3), "discount_until": DAY}
    granted = [item("FA-2026-0070", "Fleurs Roy", "1000.00", **terms)]

    rounded, discount, late = (
        match_lines([line(amount, "FA-2026-0070", day)], granted)[0]
        for amount, day in (("999.97", DAY), ("970.00", DAY), ("970.00", date(2026, 2, 11)))
    )

    assert [(share.invoice, str(share.amount)) for share in rounded.waived] == [("FA-2026-0070", "0.03")]
    assert [(share.invoice, str(share.amount)) for share in discount.waived] == [("FA-2026-0070", "30.00")]
    assert (shares(discount), discount.evidence[-1]) == ([("FA-2026-0070", "970.00")], "discount within its terms")
    assert (late.decision, first_choice(late)) == ("ask", [("FA-2026-0070", "970.00")])


@pytest.mark.parametrize(
    ("amount", "decision"), [("1199.95", "auto"), ("1199.94", "ask"), ("1200.05", "auto"), ("1200.06", "ask")]
)
def test_five_cents_are_rounding_and_six_are_not(amount: str, decision: str) -> None:
    assert decide(line(amount, "FA-2026-0042")).decision == decision


def test_what_bank_charges_may_be_is_neither_a_discount_nor_a_part() -> None:
    terms = {"discount_percent": Decimal(3), "discount_until": DAY}
    granted = [item("FA-2026-0070", "Fleurs Roy", "100.00", **terms)]

    assert match_lines([line("97.00", "FA-2026-0070")], granted)[0].decision == "ask"
    by_itself, less, late = (
        match_lines([line(amount, "SEPA FLEURS ROY FA-2026-0070", day)], granted)[0]
        for amount, day in (("97.00", DAY), ("96.99", DAY), ("97.00", date(2026, 2, 11)))
    )
    assert (by_itself.decision, by_itself.evidence[-1]) == ("auto", "discount within its terms")
    assert (less.decision, late.decision) == ("ask", "ask")
    assert decide(line("1180.00", "ACOMPTE FA-2026-0042")).decision == "ask"
    assert decide(line("1179.00", "ACOMPTE FA-2026-0042")).decision == "auto"


RENT = [
    replace(
        item(f"FA-{month}", "Garage Martin", "49.00"), due_date=date(2025, month, 28), issue_date=date(2025, month, 1)
    )
    for month in (10, 9, 11)
]
"""The same price every month; the second one is due first."""


def silent(memo: str, key: str = "L1", day: date = DAY) -> Line:
    return Line(key, day, Decimal("49.00"), "EUR", "VIR SEPA GARAGE MARTIN", memo, "", "CREDIT")


def test_of_equal_invoices_the_one_that_is_due_longest_is_paid_where_the_business_wants_it_so() -> None:
    asked = match_lines([silent("MERCI")], RENT)[0]
    first, second = match_lines([silent("MERCI", "L1"), silent("REGLEMENT", "L2")], RENT, oldest_first=True)

    assert asked.decision == "ask"
    assert (shares(first), shares(second)) == ([("FA-9", "49.00")], [("FA-10", "49.00")])
    assert first.evidence[-1] == "the oldest of equal invoices (C. civ. 1342-10)"


@pytest.mark.parametrize(
    "memo", ["", "LOYER", "ABONNEMENT OCTOBRE", "FACTURE 12", "SELON VOTRE COURRIER DU 3", "FA-99", "ACOMPTE", "SOLDE"]
)
def test_a_payer_that_may_have_meant_one_of_equal_invoices_is_asked_about(memo: str) -> None:
    assert match_lines([silent(memo)], RENT, oldest_first=True)[0].decision == "ask"


@pytest.mark.parametrize(("end", "decision"), [("", "ask"), (" /REF NOTPROVIDED", "auto")])
def test_a_motive_that_may_be_cut_where_the_bank_ends_a_field_is_asked_about(end: str, decision: str) -> None:
    memo = f"/MOTIF {'MERCI BEAUCOUP A VOUS'.ljust(63 - 7 - len(end), 'S')}{end}"

    assert len(memo) == 63
    assert match_lines([silent(memo)], RENT, oldest_first=True)[0].decision == decision


def test_the_oldest_of_equal_invoices_is_not_paid_twice_nor_before_it_was_issued() -> None:
    named = Line("L0", DAY, Decimal("49.00"), "EUR", "VIR SEPA GARAGE MARTIN", "FA-9", "", "CREDIT")
    young = [replace(one, issue_date=DAY) for one in RENT[1:]]

    [_, rest] = match_lines([named, silent("MERCI")], RENT[:2], oldest_first=True)
    [early] = match_lines([silent("MERCI", day=DAY - timedelta(days=1))], young, oldest_first=True)
    over = match_lines([silent("MERCI", f"L{n}") for n in range(4)], RENT, oldest_first=True)

    assert shares(rest) == [("FA-10", "49.00")]
    assert early.decision == "ask"
    assert sorted(match.decision for match in over) == ["ask", "auto", "auto", "auto"]
    given = [share.invoice for match in over for share in match.allocations]
    assert len(given) == len(set(given)) == 3


def test_cut_name_and_an_amount_that_others_may_owe_are_asked() -> None:
    label = "VIR SEPA RECU /DE GARAGE MARTINE"
    book = [
        item("FA-1", "Garage Martineau", "120.00"),
        item("FA-2", "Garage Martineau", "80.10"),
        item("FA-3", "Alpha", "80.12"),
    ]

    assert len(label) == 32
    for amount in ("120.00", "80.10"):
        assert match_lines([line(amount, label, key=label)], book)[0].decision == "ask"
    assert match_lines([line("80.10", label, key=label)], book[:2])[0].decision == "auto"


def test_account_of_the_payer_is_as_good_as_its_name() -> None:
    known = [item("FA-2026-0080", "Fleurs Roy", "360.00", payer_ibans=("FR76 3000 6000 0112 3456 7890 189",))]
    payer = replace(line("360.00", "VIR SEPA R. FLEURISTE"), payer_iban="FR7630006000011234567890189")

    assert match_lines([payer], known)[0].evidence == ("IBAN of Fleurs Roy", "exact amount")


def test_account_of_one_client_and_name_of_another_are_asked() -> None:
    known = [
        item("FA-2026-0080", "Fleurs Roy", "360.00", payer_ibans=("FR7630006000011234567890189",)),
        item("FA-2026-0081", "Garage Martin", "360.00"),
    ]
    payer = replace(line("360.00", "VIR SEPA GARAGE MARTIN"), payer_iban="FR7630006000011234567890189")

    assert match_lines([payer], known)[0].decision == "ask"


def test_charges_that_the_bank_tells_are_proposed() -> None:
    short = replace(line("1150.00", "XYZ FA-2026-0042"), fee=Decimal("50.00"))

    assert first_choice(decide(short)) == [("FA-2026-0042", "1150.00")]


def test_account_that_two_clients_share_tells_nobody() -> None:
    shared = [
        item(number, client, "360.00", payer_ibans=("FR7630006000011234567890189",))
        for number, client in (("FA-2026-0080", "Fleurs Roy"), ("FA-2026-0081", "Fleurs Dubois"))
    ]
    payer = replace(line("360.00", "VIR SEPA HOLDING"), payer_iban="FR7630006000011234567890189")

    assert match_lines([payer], shared)[0].decision == "ask"


def test_brothers_whose_names_begin_alike_are_told_apart_or_asked() -> None:
    brothers = [item("FA-1", "Garage Martin", "120.50"), item("FA-2", "Garage Martin Nord", "120.50")]

    assert shares(match_lines([line("120.50", "GARAGE MARTIN NORD")], brothers)[0]) == [("FA-2", "120.50")]
    assert shares(match_lines([line("120.50", "GARAGE MARTIN")], brothers)[0]) == [("FA-1", "120.50")]
    cut = match_lines([line("120.50", "VIR SEPA RECU /DE GARAGE MARTIN ", key="cut")], brothers)[0]
    assert cut.decision == "ask"


def test_longer_name_than_the_clients_is_another_payer() -> None:
    assert decide(line("120.00", "GARAGE MARTIN BREST")).decision == "ask"


def test_pending_line_is_not_matched() -> None:
    assert decide(replace(line("1200.00", "FA-2026-0042"), pending=True)).decision == "none"


def test_number_of_two_items_is_never_booked() -> None:
    double = [item("FA-2026-0042", "Alpha", "10.00"), item("FA-2026-0042", "Beta", "10.00")]

    assert match_lines([line("10.00", "FA-2026-0042")], double)[0].decision == "ask"


CLIENTS = ["Menuiserie Dupont", "Garage Martin", "Alpha Conseil", "Martin Dupont"]
NUMBERS = [f"FA-2026-{n:04d}" for n in range(1, 7)] + ["FA-2026-001", "2026", "20260131", "AV-2026-0001"]
CURRENCIES = ["EUR", "USD", "JPY"]
AMOUNTS = st.sampled_from(["10.00", "20.00", "30.00", "40.00", "100.00", "110.00"])
open_items = st.lists(
    st.builds(
        item,
        st.sampled_from(NUMBERS),
        st.sampled_from(CLIENTS),
        AMOUNTS,
        st.sampled_from(CURRENCIES),
        kind=st.sampled_from(["invoice", "invoice", "invoice", "credit_note"]),
    ),
    max_size=8,
)
labels = st.lists(
    st.sampled_from(
        [*NUMBERS, *CLIENTS, "FACTURE", "ACOMPTE", "REF", "VIR SEPA", "REMISE CHEQUES", "RF83FA20260042", "REJET"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
bank_lines = st.lists(
    st.builds(
        Line,
        st.uuids().map(str),
        st.dates(date(2026, 1, 1), date(2026, 3, 1)),
        st.one_of(AMOUNTS, st.sampled_from(["-10.00", "-40.00", "0.00", "12.34", "9.99"])).map(Decimal),
        st.sampled_from([*CURRENCIES, ""]),
        labels,
        labels,
        st.just(""),
        st.sampled_from(["CREDIT", "DEBIT", "OTHER"]),
    ),
    max_size=6,
)


@given(bank_lines, open_items)
def test_no_more_is_booked_than_a_line_has_and_an_invoice_is_open(lines: list[Line], items: list[OpenItem]) -> None:
    matches = match_lines(lines, items)

    booked: dict[str, Decimal] = {}
    for one, match in zip(lines, matches, strict=True):
        offers = [match.allocations, *match.choices]
        assert all(sum(share.amount for share in offer) <= max(one.amount, Decimal(0)) for offer in offers)
        went_back = any(other.reverses == one.id for other in matches)
        for share in () if went_back else match.allocations:
            booked[share.invoice] = booked.get(share.invoice, Decimal(0)) + abs(share.amount)
    assert all(amount <= max(i.amount_due for i in items if i.number == number) for number, amount in booked.items())


@given(bank_lines, open_items)
def test_what_is_booked_was_named_or_is_of_the_payer_and_in_the_same_currency(
    lines: list[Line], items: list[OpenItem]
) -> None:
    for one, match in zip(lines, match_lines(lines, items), strict=True):
        said = f"{one.name} {one.memo}"
        for share in match.allocations:
            [paid] = [open_item for open_item in items if open_item.number == share.invoice]
            named = re.search(rf"0*{int(paid.number.split('-')[-1])}(?!\d)", said)
            assert named or paid.client in said
            assert paid.currency == one.currency
            assert (share.amount < 0) == (paid.kind == "credit_note")
            assert paid.issue_date is not None
            assert paid.issue_date <= one.date


@given(bank_lines, open_items)
def test_what_was_booked_once_is_not_booked_again(lines: list[Line], items: list[OpenItem]) -> None:
    matches = match_lines(lines, items)
    given = {share.invoice: share.amount for match in matches for share in match.allocations}
    rest = [
        replace(each, amount_due=each.amount_due - abs(given.get(each.number, Decimal(0))))
        for each in items
        if each.amount_due != abs(given.get(each.number, Decimal(0)))
    ]
    again = match_lines([one for one, match in zip(lines, matches, strict=True) if match.decision == "none"], rest)

    assert all(match.decision != "auto" for match in again)


@given(bank_lines, open_items, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_items_changes_nothing(
    lines: list[Line], items: list[OpenItem], shuffle: object
) -> None:
    before = {match.line: match for match in match_lines(lines, items)}
    mixed_lines, mixed_items = list(lines), list(items)
    shuffle.shuffle(mixed_lines)  # type: ignore[attr-defined]
    shuffle.shuffle(mixed_items)  # type: ignore[attr-defined]

    assert {match.line: match for match in match_lines(mixed_lines, mixed_items)} == before


@given(bank_lines, open_items)
def test_choices_stand_only_in_questions_and_are_at_most_three(lines: list[Line], items: list[OpenItem]) -> None:
    for match in match_lines(lines, items):
        assert len(match.choices) <= 3
        assert not (match.choices and match.decision != "ask")
        assert bool(match.allocations) == (match.decision == "auto")
