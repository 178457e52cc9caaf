"""The invented world that the matcher is measured in: pinned shares, sums that add up, the same bytes, real OFX."""

import csv
import io
import json
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import ofxparse
import pytest

# The world stands beside the benchmark that uses it, outside the package.
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reconcile_banks import BANKS
from reconcile_judge import UNKNOWN_PAYER
from reconcile_world import KINDS, MIXES, World, make_world, write_world

PINNED = ("cents", "mixed", "price_list")
# ofxparse calls BeautifulSoup by names that it has since renamed, and for HTML.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::bs4.XMLParsedAsHTMLWarning"),
]


def read_bare(content: bytes):
    """The account as ofxparse alone reads it; accents as entities, for it takes XML without an OFX header for ASCII."""
    if content.startswith(b"<?xml"):
        content = content.decode().encode("ascii", "xmlcharrefreplace")
    return ofxparse.OfxParser.parse(io.BytesIO(content)).account


def every_line(world: World):
    """Each line with its truth and the open amounts of its month."""
    for month in world.months:
        owed = {item.number: item.cents for item in month.book}
        for statement in month.statements:
            for line, truth in zip(statement.lines, statement.truths, strict=True):
                yield line, truth, owed


def test_the_pinned_kinds_are_eighteen_and_their_shares_fill_a_thousand():
    shares = {kind: behaviour.share for kind, behaviour in KINDS.items()}

    assert len(shares) == 18
    assert sum(shares.values()) == 1000
    assert shares["exact_reference"] == 300
    assert shares["mangled_reference"] + shares["bare_number"] == 140
    assert shares["fee"] + shares["discount"] + shares["rounding"] == 40
    assert sum(shares[kind] for kind in ("overpaid", "wrong_reference", "foreign_currency")) == 20


@pytest.mark.parametrize("mix", PINNED)
def test_payments_are_drawn_by_the_pinned_shares(mix):
    lines = Counter(truth.kind for seed in range(6) for _, truth, _ in every_line(make_world(seed, mix)))

    for kind, behaviour in KINDS.items():
        assert lines[kind] / lines.total() == pytest.approx(behaviour.share / 1000, abs=0.02), kind


@pytest.mark.parametrize(("mix", "part"), [("cents", 0.0), ("mixed", 0.45), ("price_list", 0.9)])
def test_so_many_amounts_come_from_the_price_list(mix, part):
    amounts = Counter(item.cents for item in make_world(3, mix).book if item.kind == "invoice")
    common = sum(count for cents, count in amounts.most_common(13)) / amounts.total()

    assert common == pytest.approx(part, abs=0.06)


@pytest.mark.parametrize("mix", MIXES)
def test_the_truth_of_a_line_adds_up_to_its_amount(mix):
    for line, truth, _ in every_line(make_world(1, mix, months=2)):
        if line.currency == "EUR":
            assert sum(cents for _, cents in truth.allocations) + truth.left == line.cents


@pytest.mark.parametrize("mix", MIXES)
def test_no_open_item_is_settled_by_more_than_its_amount(mix):
    settled: Counter[str] = Counter()
    world = make_world(2, mix)
    for _, truth, owed in every_line(world):
        for number, cents in truth.allocations:
            settled[number] += abs(cents) if truth.reverses is None else cents
            assert settled[number] <= owed[number]


@pytest.mark.parametrize("mix", MIXES)
def test_the_same_seed_gives_the_same_bytes(mix):
    assert make_world(7, mix, 60, months=2) == make_world(7, mix, 60, months=2)
    assert make_world(7, mix, 60).statements != make_world(8, mix, 60).statements


def test_every_bank_has_its_turn():
    assert {it.bank for seed in range(10) for it in make_world(seed, "cents", 60).statements} == {b.key for b in BANKS}


@pytest.mark.parametrize("seed", range(10))
def test_the_files_are_ofx_for_a_reader_that_is_not_ours(seed):
    for statement in make_world(seed, "mixed", 90).statements:
        account = read_bare(statement.content)
        read = account.statement.transactions

        assert not account.statement.discarded_entries
        assert [(it.id, it.amount) for it in read] == [(it.fitid, Decimal(it.cents) / 100) for it in statement.lines]
        assert account.statement.balance == 5000 + sum(it.amount for it in read)


def test_a_reversal_takes_back_the_line_that_it_names():
    for seed in range(3):
        for statement in make_world(seed, "harder").statements:
            for line, truth in zip(statement.lines, statement.truths, strict=True):
                if truth.reverses is not None:
                    first = statement.truths[truth.reverses]
                    assert line.cents == -statement.lines[truth.reverses].cents
                    assert truth.allocations == tuple((number, -cents) for number, cents in first.allocations)


def test_twins_stand_on_one_day_with_one_amount():
    world = make_world(4, "harder")
    twins = Counter(
        (statement.file, line.day, line.cents)
        for statement in world.statements
        for line, truth in zip(statement.lines, statement.truths, strict=True)
        if truth.kind.startswith("twins")
    )

    assert twins
    assert all(count % 2 == 0 for count in twins.values())


def test_an_overlapping_export_repeats_lines_of_the_first():
    changed = 0
    for seed in range(10):
        month = make_world(seed, "mixed", 90).months[0]
        files = {statement.file: statement for statement in month.statements}
        for overlap in month.again:
            read = read_bare(overlap.content).statement.transactions
            known = [files[overlap.of].lines[at] for at in overlap.known]
            assert [it.amount for it in read] == [Decimal(it.cents) / 100 for it in known]
            changed += [it.id for it in read] != [it.fitid for it in known]

    assert changed


def test_a_month_of_answers_leaves_fewer_unknown_payers():
    def unknown(month: int) -> int:
        worlds = [make_world(seed, "cents", months=2) for seed in range(4)]
        return sum(truth.why == UNKNOWN_PAYER for w in worlds for s in w.months[month].statements for truth in s.truths)

    assert unknown(1) < 0.6 * unknown(0)


def test_a_question_is_due_for_every_sum_of_invoices_that_nothing_names():
    asked = [
        truth.must_ask for _, truth, _ in every_line(make_world(5, "price_list")) if truth.kind == "multi_unreferenced"
    ]

    assert asked
    assert all(asked)


def test_more_than_twelve_questions_in_a_hundred_payments_are_due_even_where_no_amounts_are_equal():
    """What the figures of docs/explanation/bank.md are held against: no matcher is right that asks less."""
    truths = [
        truth
        for seed in range(4)
        for statement in make_world(seed, "cents", months=2).months[1].statements
        for truth in statement.truths
    ]
    payments = [truth for truth in truths if truth.allocations]

    assert sum(truth.must_ask for truth in payments) / len(payments) > 0.12


def test_a_world_is_written_as_cases(tmp_path):
    world = make_world(6, "harder", 120, months=2)

    write_world(world, tmp_path)

    for folder, month in zip(("01", "02"), world.months, strict=True):
        rows = list(csv.DictReader((tmp_path / folder / "open.csv").read_text("utf-8").splitlines()))
        truths = [json.loads(line) for line in (tmp_path / folder / "truth.jsonl").read_text("utf-8").splitlines()]
        assert [row["number"] for row in rows] == [item.number for item in month.book]
        assert sum(Decimal(row["amount_due"]) for row in rows) * 100 == sum(item.cents for item in month.book)
        assert len(truths) == sum(len(statement.lines) for statement in month.statements)
        assert {"file", "line", "allocations", "must_ask"} <= truths[0].keys()
        for statement in month.statements:
            assert (tmp_path / folder / statement.file).read_bytes() == statement.content


def test_only_some_payments_can_be_drawn_for_a_large_book():
    world = make_world(1, "mixed", 3000, payments=50)

    assert len(world.book) == 3000
    assert sum(len(statement.lines) for statement in world.statements) == 50
