"""Which payments are matched, and how often wrongly, beside the rules of other programs in the same run.

    python benchmarks/reconcile.py [--seeds 1-10] [--json] [--invoices 900] [--speed] [--wrong 20]
    python benchmarks/reconcile.py --truth DIR [--json]

The firms, their books and their banks' OFX bytes come from `reconcile_world`; the bytes go through the real reader.
Each firm has two months: the second one is matched with the aliases and accounts that a month of answers teaches, once
as the invented world says ("after_a_month"), once as our `lessons` makes them of the questions that we asked in the
first month ("after_our_questions"; there a payer whom the world calls unknown need not be asked about).

Totals are of the three mixes of the 18 pinned kinds; the mix of harder kinds is told by itself. `must_ask` says for how
many of 100 payments the truth wants a question, by its reason: fewer questions than those would be wrong bookings.

`--truth DIR` measures cases of others: folders with open.csv, statement files and truth.jsonl of
{"file","line","allocations","must_ask"}. `--speed` adds the time a line at 1,000 and 100,000 open invoices. The last
line of `--json` is one object: our figures under "mailbot", each baseline under its name.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from reconcile_baselines import BASELINES, Rule
from reconcile_book import Item, rf_reference
from reconcile_book import Line as TheirLine
from reconcile_judge import UNKNOWN_PAYER
from reconcile_score import Answer, Case, Expected, Score, Shares, add_up
from reconcile_world import MIXES, Month, World, make_world

from mailbot.bank.lessons import Lesson, lessons
from mailbot.bank.listing import read_open_items
from mailbot.bank.match import match_lines
from mailbot.bank.read import read_statement
from mailbot.model import Line, OpenItem, Problem, Share, Statement
from mailbot.money import to_cents

Matcher = Callable[[Sequence[Line], Sequence[OpenItem]], list[Answer]]
UNKNOWN = (UNKNOWN_PAYER, "a bare number from an unknown payer")
PINNED = ("cents", "mixed", "price_list")
LATER = ("after_a_month", "after_our_questions")
SIZES = (1_000, 100_000)


def main() -> None:
    """Print tables, or one JSON object with --json."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seeds", default="1-10", help="firms A-B")
    options.add_argument("--truth", type=Path, help="a folder with cases of others")
    options.add_argument("--invoices", type=int, default=900, help="open invoices of a firm")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--speed", action="store_true", help="also the time a line in small and large books")
    options.add_argument("--wrong", type=int, default=20, help="wrong automatic matches to show")
    given = options.parse_args()
    report: dict[str, object]
    if given.truth:
        scores = {name: Score() for name in matchers()}
        for case in foreign_cases(given.truth):
            measure(case, scores)
        report = {"benchmark": "reconcile", "truth": given.truth.name, **_records(scores)}
        shown = {"all": scores}
    else:
        first, _, last = given.seeds.partition("-")
        shown, after = run(range(int(first), int(last or first) + 1), given.invoices)
        pinned = {name: add_up(shown[mix][name] for mix in PINNED) for name in matchers()}
        learned = {name: add_up(after[mix][name] for mix in PINNED) for name in LATER}
        report = {
            "benchmark": "reconcile",
            "seeds": given.seeds,
            **_records(pinned),
            **_records(learned),
            "mixes": {mix: {**_records(scores), **_records(after[mix])} for mix, scores in shown.items()},
            "kinds": pinned["mailbot"].by_kind(),
            "kinds_after_a_month": learned["after_a_month"].by_kind(),
            "must_ask": pinned["mailbot"].by_reason(),
            "must_ask_after_a_month": learned["after_a_month"].by_reason(),
        }
        shown = {mix: {**scores, **after[mix]} for mix, scores in shown.items()} | {"all": {**pinned, **learned}}
    if given.speed:
        report["speed"] = {str(size): speed(size) for size in SIZES}
    if given.json:
        print(json.dumps(report))
        return
    show(shown, given.wrong)
    if given.speed:
        print(json.dumps(report["speed"], indent=1))


def matchers() -> Mapping[str, Matcher]:
    """Ours, and the rules of others."""
    return {"mailbot": mailbot, **{name: baseline(rule) for name, rule in BASELINES.items()}}


def mailbot(lines: Sequence[Line], items: Sequence[OpenItem]) -> list[Answer]:
    """Our matcher, as the import calls it."""
    return [
        Answer(
            match.decision,
            _shares(match.allocations),
            tuple(_shares(choice) for choice in match.choices),
            match.reverses,
        )
        for match in match_lines(lines, items)
    ]


def baseline(rule: Rule) -> Matcher:
    """The rule of another program; it books or says nothing, and it gets what our reader reads."""

    def answer(lines: Sequence[Line], items: Sequence[OpenItem]) -> list[Answer]:
        booked = rule([their_line(line) for line in lines], [their_item(item) for item in items])
        return [Answer("none") if shares is None else Answer("auto", frozenset(shares)) for shares in booked]

    return answer


def their_line(line: Line) -> TheirLine:
    """Our line as the baselines take it."""
    cents = to_cents(line.amount, line.currency or "EUR")
    return TheirLine(line.bank_id, line.date, cents, line.currency, line.name, line.memo, line.reference, line.type)


def their_item(item: OpenItem) -> Item:
    """Our open item as the baselines take it; without a day of issue it is older than any payment."""
    return Item(
        number=item.number,
        kind=item.kind,
        client=item.client,
        aliases=item.client_aliases,
        ibans=item.payer_ibans,
        issued=item.issue_date or date.min,
        due=item.due_date or item.issue_date or date.min,
        cents=to_cents(item.amount_due, item.currency),
        reference=item.reference or rf_reference(item.number),
        discount_percent=None if item.discount_percent is None else int(item.discount_percent),
        discount_until=item.discount_until,
        currency=item.currency,
    )


def run(seeds: Sequence[int], invoices: int) -> tuple[dict[str, dict[str, Score]], dict[str, dict[str, Score]]]:
    """Scores by mix and matcher for the first month, and ours by mix and kind of lessons for the month after it."""
    scores = {mix: {name: Score() for name in matchers()} for mix in MIXES}
    after = {mix: {name: Score() for name in LATER} for mix in MIXES}
    for mix in MIXES:
        for seed in seeds:
            world = make_world(seed, mix, invoices, months=2)
            first, second = (case_of(world, month) for month in world.months)
            measure(first, scores[mix])
            taught = with_lessons(world, first, case_of(world, world.months[1], unknown_is_asked=False))
            for name, case in zip(LATER, (second, taught), strict=True):
                measure(case, {"mailbot": after[mix][name]})
    return scores, after


def measure(case: Case, scores: Mapping[str, Score]) -> None:
    """Let each matcher answer the case, and count."""
    for name, score in scores.items():
        started = time.process_time()
        answers = matchers()[name](case.lines, case.items)
        score.add(case, answers, time.process_time() - started)


def with_lessons(world: World, first: Case, second: Case) -> Case:
    """The second month with what `lessons` made of our questions of the first, rightly answered."""
    owner = {item.number: item.client for item in first.items}
    names = {item.client: {item.client, *item.client_aliases} for item in first.items}
    taught: dict[str, list[Lesson]] = defaultdict(list)
    for line, truth, answer in zip(first.lines, first.truths, mailbot(first.lines, first.items), strict=True):
        clients = {owner[number] for number, _ in truth.shares}
        if answer.decision == "ask" and truth.is_payment and len(clients) == 1:
            [client] = clients
            others = [name for other, theirs in names.items() if other != client for name in theirs]
            learnt = lessons(line, client, others)
            taught[client] += learnt
            names[client].update(said for kind, said in learnt if kind == "name")
    known = {client.name: client.aliases for client in world.clients}
    items = [
        replace(
            item,
            client_aliases=(*known[item.client], *(said for kind, said in taught[item.client] if kind == "name")),
            payer_ibans=tuple(said for kind, said in taught[item.client] if kind == "iban"),
        )
        for item in second.items
    ]
    return replace(second, items=tuple(items))


def case_of(world: World, month: Month, *, unknown_is_asked: bool = True) -> Case:
    """A month as the matcher meets it: lines as our reader reads the bank's bytes. Raises ValueError if one is lost."""
    lines: list[Line] = []
    truths: list[Expected] = []
    for statement in month.statements:
        read = read_lines(statement.content, statement.file)
        if len(read) != len(statement.truths):
            raise ValueError(f"{statement.file}: {len(read)} lines read of {len(statement.truths)}")
        lines += read
        truths += [
            Expected(
                truth.kind,
                frozenset(truth.allocations),
                truth.must_ask and (unknown_is_asked or truth.why not in UNKNOWN),
                reverses="" if truth.reverses is None else read[truth.reverses].id,
                why=truth.why,
            )
            for truth in statement.truths
        ]
    name = f"{world.mix} {world.seed} {month.opened:%Y-%m}"
    return Case(name, world.mix, tuple(lines), tuple(map(open_item, month.book)), tuple(truths))


def read_lines(content: bytes, file: str) -> list[Line]:
    """All lines of a bank file, in its order; raises ValueError where anything of it could not be read."""
    read = read_statement(content, file)
    if isinstance(read, Problem) or read.problems:
        raise ValueError(f"{file}: {read.message if isinstance(read, Problem) else read.problems}")
    return _lines(read)


def open_item(item: Item) -> OpenItem:
    """A row of the invented book as the matcher takes it."""
    return OpenItem(
        number=item.number,
        kind="credit_note" if item.kind == "credit_note" else "invoice",
        client=item.client,
        amount_due=Decimal(item.cents).scaleb(-2),
        currency=item.currency,
        issue_date=item.issued,
        due_date=item.due,
        reference=item.reference,
        client_aliases=item.aliases,
        payer_ibans=item.ibans,
        discount_percent=None if item.discount_percent is None else Decimal(item.discount_percent),
        discount_until=item.discount_until,
    )


def foreign_cases(folder: Path) -> Iterator[Case]:
    """Every folder below that has a truth.jsonl and an open.csv. Raises ValueError where one cannot be read."""
    for path in sorted(folder.rglob("truth.jsonl")):
        book = path.with_name("open.csv")
        if not book.exists():
            continue
        read = read_open_items(book.read_text("utf-8"))
        wrong = [found for found in read if isinstance(found, Problem)]
        if wrong:
            raise ValueError(f"{book}:{wrong[0].line}: {wrong[0].message}")
        items = tuple(found for found in read if isinstance(found, OpenItem))
        told: dict[str, dict[int, Mapping[str, object]]] = defaultdict(dict)
        for text in path.read_text("utf-8").splitlines():
            if text.strip():
                row = json.loads(text)
                told[row["file"]][int(row["line"])] = row
        name = path.parent.relative_to(folder).as_posix()
        yield _foreign(name, path.parent, items, told)


def _foreign(
    name: str, folder: Path, items: tuple[OpenItem, ...], told: Mapping[str, Mapping[int, Mapping[str, object]]]
) -> Case:
    lines: list[Line] = []
    truths: list[Expected] = []
    unread = 0
    for file, rows in sorted(told.items()):
        read = read_statement((folder / file).read_bytes(), file)
        given = [] if isinstance(read, Problem) else _lines(read)
        lines += given
        truths += [_expected(rows.get(at), line) for at, line in enumerate(given)]
        unread += sum(at >= len(given) for at in rows)
    return Case(name, "", tuple(lines), items, tuple(truths), unread)


def _expected(row: Mapping[str, object] | None, line: Line) -> Expected:
    if row is None:
        return Expected("untold", frozenset(), must_ask=False, right=False)
    given = row.get("allocations")
    shares = frozenset(
        (str(share["invoice"]), to_cents(Decimal(str(share["amount"])), line.currency or "EUR"))
        for share in (given if isinstance(given, list) else [])
    )
    must_ask = bool(row.get("must_ask") or row.get("never_auto"))
    return Expected(str(row.get("kind", "told")), shares, must_ask, right=given is not None)


def speed(size: int, lines: int = 2_000) -> dict[str, object]:
    """Milliseconds of one core a line in a book of `size` open invoices: the index alone, the lines alone, and both."""
    world = make_world(1, "mixed", size, payments=lines)
    case = case_of(world, world.months[0])
    started = time.process_time()
    mailbot((), case.items)
    index = time.process_time() - started
    started = time.process_time()
    mailbot(case.lines, case.items)
    both = time.process_time() - started
    each = 1000 / len(case.lines)
    return {
        "lines": len(case.lines),
        "ms_index": round(1000 * index, 1),
        "ms_per_line": round((both - index) * each, 4),
        "ms_per_line_with_index": round(both * each, 4),
    }


def show(shown: Mapping[str, Mapping[str, Score]], wrong: int) -> None:
    """Tables for people."""
    print(
        f"{'':32}{'lines':>8}{'auto':>8}{'wrong':>7}{'recall':>8}{'ask':>7}{'top1':>7}{'top3':>7}{'q/100':>7}", end=""
    )
    print(f"{'must':>7}{'unseen':>8}{'ms':>8}")
    for mix, scores in shown.items():
        for name, score in scores.items():
            row = score.record()
            print(
                f"{mix:14}{name:18}{row['lines']:>8}{row['auto']:>8}{row['wrong']:>7}{row['auto_recall']:>8.1%}"
                f"{row['ask']:>7}{row['top1']:>7.1%}{row['top3']:>7.1%}{row['questions_per_100_payments']:>7}"
                f"{row['must_ask_per_100_payments']:>7}{row['unseen']:>8.1%}{row['ms_per_line']:>8.3f}"
            )
    for mix, scores in shown.items():
        print(f"\n{mix}")
        for kind, counts in scores["mailbot"].by_kind().items():
            print(f"  {kind:28}" + "".join(f"{name} {count:<7}" for name, count in counts.items()))
    for name in ("mailbot", "after_a_month"):
        if "all" in shown and name in shown["all"]:
            print(f"\nof 100 payments of the pinned kinds that must be asked about, and were: {name}")
            for why, rates in shown["all"][name].by_reason().items():
                print(f"  {why:60}{rates['must_ask']:>7}{rates['ask']:>7}")
    for mix, scores in shown.items():
        for text in scores["mailbot"].wrong[:wrong] if mix != "all" else ():
            print(f"wrong: {text}")


def _records(scores: Mapping[str, Score]) -> dict[str, object]:
    return {name: score.record() for name, score in scores.items()}


def _lines(statement: Statement) -> list[Line]:
    return [line for account in statement.accounts for line in account.lines]


def _shares(shares: Sequence[Share]) -> Shares:
    return frozenset((share.invoice, to_cents(share.amount)) for share in shares)


if __name__ == "__main__":
    main()
