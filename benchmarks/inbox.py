"""How well and how quickly mails are read: the whole table of what the inbox promises.

    python benchmarks/inbox.py [--corpus DIR] [--only accuracy,speed,hostile,ingest] [--mails N] [--misses] [--json]

A corpus has the folders `replies/<language>/` (mails and labels.jsonl), `quotes/` (emails/ and trimmed/ of the same
names), `forwards/*.jsonl` and `bounces/` (mails/ and expected.json in Sisimai's reasons); a missing one is left out.
Without a corpus the graded mails of tests/cases are read. `--misses` tells each wrong answer on stderr. Times are
processor time, but for the ingest: wall time on a machine that should have nothing else to do, with the processor time
beside it.

What stands beside our figures, in the same run: the standard library's parse of the same mails (policy.default, headers
and bodies), and the bounces that flufl.bounce finds alone.
"""

import argparse
import gc
import json
import re
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from mailbot.cli.read import as_record
from mailbot.config import shipped
from mailbot.errors import ReaderError
from mailbot.inbox.forwards import inline_forward
from mailbot.inbox.maildir import Maildir
from mailbot.inbox.quotes import strip_quotes
from mailbot.inbox.read import read_raw
from mailbot.jobs.intake import fetch
from mailbot.jobs.office import Office
from mailbot.jobs.reading import read
from mailbot.ledger import businesses, clients, invoices
from mailbot.ledger.store import migrate, open_ledger, writing
from mailbot.model import Contact, InvoiceDocument
from mailbot.outbox.compose import Templates
from mailbot.outbox.tokens import Tokens
from mailbot.rules.load import load_rules
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Limits
from mailbot.testing.hostile import all_hostile
from mailbot.testing.maildirs import make

CASES = Path(__file__).parents[1] / "tests" / "cases" / "mails"
PARTS = ("accuracy", "speed", "hostile", "ingest")
TODAY = date(2026, 11, 1)
LETS_RUN = {"promise", "paid", "acknowledged", "unrelated", "auto_reply"}
TROUBLE = {"dispute", "refusal", "insolvency", "stop", "wrong_contact"}
FACTS = ("promise_date", "paid_date", "return_date", "new_contact", "promise_amount")
OURS = {
    "user_unknown": "userunknown filtered hasmoved suspend",
    "mailbox_full": "mailboxfull",
    "policy": "rejected blocked authfailure notaccept policyviolation requireptr securityerror norelaying toomanyconn "
    "speeding badreputation virusdetected exceedlimit notcompliantrfc onhold syntaxerror contenterror systemfull",
    "spam": "spamdetected contenterror",
    "dns": "hostunknown notaccept networkerror expired",
    "size": "mesgtoobig exceedlimit",
    "other": "expired networkerror systemerror mailererror undefined onhold contenterror systemfull syntaxerror",
}
"""Which of Sisimai's reasons may be called what by us: a server that does not answer is the network's or unknown."""

Label = dict[str, Any]


@dataclass
class Tally:
    """Right ones of all, by row of the table; and which were wrong."""

    tell: bool
    right: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)

    def count(self, row: str, is_right: bool, why: Callable[[], str]) -> None:
        self.all[row] += 1
        self.right[row] += is_right
        if self.tell and not is_right:
            print(f"{row:24} {why()}", file=sys.stderr)

    def rows(self) -> dict[str, dict[str, object]]:
        return {
            row: {"right": self.right[row], "of": number, "share": round(self.right[row] / number, 4)}
            for row, number in self.all.items()
        }


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="How well and how quickly mails are read.")
    options.add_argument("--corpus", type=Path, metavar="DIR")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas: " + " ".join(PARTS))
    options.add_argument("--mails", type=int, default=10_000, help="how many are taken in from the Maildir")
    options.add_argument("--misses", action="store_true", help="tell each wrong answer on stderr")
    given = options.parse_args()
    parts = given.only.split(",")
    mails = raw_mails(given.corpus)
    record: dict[str, Any] = {"benchmark": "inbox", "mails": len(mails)}
    ours: dict[str, Any] = {}
    if "accuracy" in parts:
        tally = Tally(given.misses)
        ours |= accuracy(given.corpus, tally)
        ours |= tally.rows()
        record["flufl_bounce"] = {"bounces_found": flufl_finds(given.corpus)}
    if "speed" in parts:
        ours["mails_per_s"], record["stdlib"] = speed(mails)
        ours["of_stdlib"] = round(ours["mails_per_s"] / record["stdlib"]["mails_per_s"], 3)
    if "hostile" in parts:
        ours["hostile"] = hostile()
    if "ingest" in parts:
        ours["ingest"] = ingest(mails, given.mails)
    record["mailbot"] = ours
    if given.json:
        print(json.dumps(record))
    else:
        table(record)


def table(record: dict[str, Any]) -> None:
    """The same for people."""
    print(f"{record['mails']} mails")
    for row, value in record["mailbot"].items():
        match value:
            case {"right": right, "of": of, "share": share}:
                print(f"  {row:32} {right:>6} / {of:<6} {share:>8.1%}")
            case dict():
                print(f"  {row:32} " + ", ".join(f"{k} {v}" for k, v in value.items()))
            case _:
                print(f"  {row:32} {value}")
    for baseline in ("stdlib", "flufl_bounce"):
        if baseline in record:
            print(f"  {baseline:32} {record[baseline]}")


# ------------------------------------------------------------------------------------------------- the mails


def labelled(corpus: Path | None) -> Iterator[tuple[Path, Label]]:
    """Clients' replies with what they say."""
    places = sorted((corpus / "replies").glob("*") if corpus else CASES.glob("replies*"))
    for place in places:
        labels = place / "labels.jsonl"
        for line in labels.read_text(encoding="utf-8").splitlines() if labels.exists() else ():
            label = json.loads(line)
            yield place / label["file"], label


def bounced(corpus: Path | None) -> Iterator[tuple[Path, list[list[str]]]]:
    """Delivery failures and what else comes from machines; rows of (status, code, reason, hard) for each recipient."""
    expected = corpus / "bounces" / "expected.json" if corpus else None
    if expected and expected.exists():
        for name, rows in sorted(json.loads(expected.read_text(encoding="utf-8")).items()):
            yield expected.parent / "mails" / f"{name}.eml", rows


def raw_mails(corpus: Path | None) -> list[bytes]:
    """The mails that speed is measured on: replies and reports."""
    paths = [path for path, _ in labelled(corpus)]
    paths += [path for path, _ in bounced(corpus)] if corpus else sorted((CASES / "reports").glob("*.eml"))
    return [path.read_bytes() for path in paths if path.exists()]


def squeezed(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------- accuracy


def accuracy(corpus: Path | None, tally: Tally) -> dict[str, object]:
    """Every row of right and wrong answers; returns the rows that are counts."""
    found: dict[str, Any] = defaultdict(int)
    for path, label in labelled(corpus):
        letter, reading = read_raw(path.read_bytes(), today=TODAY)
        judge_reply("/".join(path.parts[-2:]), label, as_record(letter, reading), tally, found)
    if corpus:
        judge_quotes(corpus / "quotes", tally)
        judge_forwards(corpus / "forwards", tally)
        for path, rows in bounced(corpus):
            judge_report(path, rows, tally)
    else:
        judge_own_reports(tally)
    found["not_sure_share"] = round(found["not_sure"] / max(found["replies"], 1), 4)
    return dict(found)


def judge_reply(name: str, label: Label, got: Label, tally: Tally, found: dict[str, Any]) -> None:
    """New text, intent, certainty and facts of one reply, over the keys that its label has."""
    if "new_text_first" in label:
        lines = [squeezed(line) for line in got["new_text"].splitlines() if line.strip()] or [""]
        ends = (lines[0], lines[-1])
        true = (squeezed(label["new_text_first"] or ""), squeezed(label["new_text_last"] or ""))
        tally.count("new text of replies", ends == true, lambda: f"{name}: {true} got {ends}")
    if "intent" in label:
        said = {label["intent"], *label.get("also", ())}
        is_right = got["intent"] == label["intent"]
        language = label.get("language") or name.partition("/")[0].removeprefix("replies_")[:2]
        for row in ("intent", f"intent {language}"):
            tally.count(row, is_right, lambda: f"{name}: {label['intent']} got {got['intent']} {got['because']}")
        found["replies"] += 1
        found["not_sure"] += not got["sure"]
        first = got["intent"]
        harm = first in LETS_RUN and label["intent"] in TROUBLE
        harm = harm or (first in ("promise", "paid") and first not in said)
        found["sure_and_harmful"] += bool(got["sure"] and harm)
        found["sure_and_wrong"] += got["sure"] and not is_right
        if tally.tell and got["sure"] and harm:
            print(f"{'HARMFUL':24} {name}: {label['intent']} got {first}", file=sys.stderr)
    for fact in FACTS:
        if fact not in label:
            continue
        if label[fact] is None:
            found[f"invented {fact}"] += got[fact] is not None
            if tally.tell and got[fact] is not None:
                print(f"{'invented ' + fact:24} {name}: {got[fact]}", file=sys.stderr)
        else:
            tally.count(fact, got[fact] == label[fact], lambda f=fact: f"{name}: {label[f]} got {got[f]}")  # type: ignore[misc]
    if label.get("invoices"):
        is_right = sorted(got["invoices"]) == sorted(label["invoices"])
        tally.count("invoice numbers", is_right, lambda: f"{name}: {label['invoices']} got {got['invoices']}")
    elif "invoices" in label:
        found["invented invoices"] += bool(got["invoices"])


def judge_quotes(folder: Path, tally: Tally) -> None:
    """The visible reply of plain texts, white space collapsed."""
    for path in sorted((folder / "emails").glob("*")):
        true = squeezed((folder / "trimmed" / path.name).read_text(encoding="utf-8"))
        found = strip_quotes(path.read_text(encoding="utf-8"))
        got = squeezed(found.shown or found.text)
        tally.count("new text of quotes", got == true, lambda p=path, t=true, g=got: f"{p.name}: {t!r} got {g!r}")  # type: ignore[misc]


def judge_forwards(folder: Path, tally: Tally) -> None:
    """Every field of the originals in forwarded mails; one that forwards nothing must give nothing."""
    for place in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(place.read_text(encoding="utf-8").splitlines(), 1):
            case = json.loads(line)
            wrong = forward_mistakes(case, case["expected"])
            tally.count("forwards", not wrong, lambda n=number, w=wrong: f"line {n}: {w}")  # type: ignore[misc]


def forward_mistakes(case: Label, expected: Label) -> list[str]:
    """The fields that were read wrongly."""
    found = inline_forward(case["body"], case["subject"] or "")
    if not expected["forwarded"]:
        return [f"forwards nothing, got {found}"] if found else []
    if found is None:
        return ["not found"]
    above, got = found
    true = expected["email"]
    sender = (true["from"]["address"] or "").lower() or None
    pairs = {
        "from": (sender, got.from_address),
        "to": ({one["address"].lower() for one in true["to"] if one["address"]}, set(got.to)),
        "subject": (squeezed(true["subject"] or ""), squeezed(got.subject or "")),
        "date": (squeezed(true["date"] or ""), squeezed(got.date or "")),
        "text": (squeezed(true["body"] or ""), squeezed(got.text)),
        "above": (squeezed(expected["message"] or ""), squeezed(above)),
    }
    return [f"{name}: {a!r} got {b!r}" for name, (a, b) in pairs.items() if a != b]


# ------------------------------------------------------------------------------------------------- reports


def judge_report(path: Path, rows: list[list[str]], tally: Tally) -> None:
    """One mail of a machine against the rows of its recipients."""
    got = as_record(*read_raw(path.read_bytes(), today=TODAY))
    reasons = {row[2] for row in rows}
    other = {"feedback": "complaint", "vacation": "auto_reply", "delivered": "read_receipt"}.get(rows[0][2])
    if other:
        tally.count("other machine mail", got["kind"] == other, lambda: f"{path.stem}: {other} got {got['kind']}")
        return
    is_found = got["kind"] == "bounce"
    tally.count("bounces found", is_found, lambda: f"{path.stem}: got {got['kind']}")
    report = got["report"] or {}
    named = recipients(path.read_bytes())
    if named:
        tally.count("bounces recipient", report.get("recipient") in named,
                    lambda: f"{path.stem}: {sorted(named)} got {report.get('recipient')}")  # fmt: skip
    hard = {row[3] == "true" for row in rows}
    shown = f"{path.stem}: {rows} got {report.get('class')} {report.get('reason')} {report.get('status')} "
    tally.count("bounces hard or soft", is_found and (report["class"] == "hard") in hard,
                lambda: shown + str(report.get("diagnostic"))[:150])  # fmt: skip
    right = is_found and bool(reasons & set(OURS[report["reason"]].split()))
    tally.count("bounces reason", right, lambda: shown + str(report.get("diagnostic"))[:150])


def judge_own_reports(tally: Tally) -> None:
    """The graded machine mails of tests/cases."""
    for line in (CASES / "reports" / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        got = as_record(*read_raw((CASES / "reports" / label["file"]).read_bytes(), today=TODAY))
        if "kind" in label:
            tally.count("machine mail", got["kind"] == label["kind"], lambda g=got, at=label: f"{at} got {g['kind']}")  # type: ignore[misc]
        for key, true in (label.get("report") or {}).items():
            said = (got["report"] or {}).get(key)
            tally.count(f"report {key}", said == true, lambda s=said, at=label: f"{at} got {s}")  # type: ignore[misc]


_LEADING = re.compile(
    r"^[ \t>]{0,8}<?([^\s<>@:]{1,64}@[\w.-]{3,190})>?[ \t]{0,4}(?::|$|\(|\.\.\.)|userid: (\S+@\S+)", re.MULTILINE
)
_ADDRESS = re.compile(r"[\w.+=/'&~^*$%{}|`#?!-]{1,64}@[\w.-]{1,200}\w")
_FIELDS = re.compile(
    r"^(?:final-recipient|original-recipient|x-failed-recipients|x-actual-recipient|to|delivered-to|envelope-to|x-envelope-to)"
    r"\s*:(.*(?:\n[ \t].*)*)",
    re.MULTILINE | re.IGNORECASE,
)


def recipients(raw: bytes) -> set[str]:
    """The addresses that may be the one a bounce is about: those of machine fields, else of the returned mail's To.

    Found without our reader, by the fields alone. The bounce's own To is not one of them: it is the sender of the mail.
    """
    text = raw.replace(b"\r\n", b"\n").decode("utf-8", "replace")
    head, _, body = text.partition("\n\n")
    whole = message_from_bytes(raw)
    for part in whole.walk():
        if part.get_content_maintype() == "text" and part.get("content-transfer-encoding", "").lower() == "base64":
            with suppress(AttributeError):
                body += "\n" + (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
    fields = _FIELDS.findall(body) + re.findall(r"^x-failed-recipients:(.*)", head, re.MULTILINE | re.IGNORECASE)
    fields += [
        a or b
        for a, b in _LEADING.findall(
            re.split(r"\n-{2,} ?(?:original|below|returned)", body, maxsplit=1, flags=re.IGNORECASE)[0]
        )
    ]
    return {address.lower() for value in fields for address in _ADDRESS.findall(value)}


def flufl_finds(corpus: Path | None) -> int | None:
    """In how many of the bounces flufl.bounce alone finds an address; it raises on some."""
    try:
        from flufl.bounce import all_failures
    except ImportError:
        return None
    found = 0
    for path, rows in bounced(corpus):
        with suppress(Exception):  # it raises on mails with 8-bit headers and others
            temporary, permanent = all_failures(message_from_bytes(path.read_bytes()))
            found += bool(temporary or permanent) and rows[0][2] not in ("feedback", "vacation", "delivered")
    return found


# ------------------------------------------------------------------------------------------------- speed


def speed(mails: list[bytes]) -> tuple[float, dict[str, float]]:
    """Mails a second of CPU time, ours and the standard library's, in turns: the best of five rounds each."""
    best = {"ours": 0.0, "stdlib": 0.0}
    for _ in range(5):
        for name, work in (("ours", lambda raw: read_raw(raw, today=TODAY)), ("stdlib", stdlib_parse)):
            started = time.process_time()
            for raw in mails:
                work(raw)
            best[name] = max(best[name], len(mails) / (time.process_time() - started))
    return round(best["ours"], 1), {"mails_per_s": round(best["stdlib"], 1)}


def stdlib_parse(raw: bytes) -> int:
    """All headers, the body and the attachments of a mail as email.policy.default gives them."""
    size = 0
    message = message_from_bytes(raw, policy=policy.default)
    with suppress(Exception):  # the standard library raises on some of these mails; it did its work until there
        size += sum(len(str(value)) for _, value in message.items())
        body = message.get_body(("plain", "html"))
        size += len(body.get_content()) if body else 0
        size += sum(len(part.get_payload(decode=True) or b"") for part in message.walk() if part.is_attachment())
    return size


def hostile() -> dict[str, object]:
    """The slowest of the hostile mails in seconds of CPU time, the best of two."""
    slowest = {name: min(seconds(raw), seconds(raw)) for name, raw in all_hostile().items()}
    name = max(slowest, key=lambda one: slowest[one])
    return {"inputs": len(slowest), "worst_s": round(slowest[name], 3), "worst": name,
            "over_200_ms": sorted(name for name, taken in slowest.items() if taken > 0.2)}  # fmt: skip


def seconds(raw: bytes) -> float:
    started = time.process_time()
    with suppress(ReaderError):
        read_raw(raw, ["a@b.example"], "mx.example", TODAY)
    return time.process_time() - started


# ------------------------------------------------------------------------------------------------- ingest


def ingest(mails: list[bytes], size: int) -> dict[str, object]:
    """So many mails from a Maildir into a ledger (SQLite), read in the sandbox and acted on; wall time and memory."""
    now = datetime(2026, 11, 1, 8, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        maildir = make(Path(folder) / "Maildir")
        for number in range(size):
            raw = b"X-Copy: %d\r\n" % number + mails[number % len(mails)]
            (maildir / "new" / f"{number:08}.benchmark").write_bytes(raw)
        engine = open_ledger(f"sqlite:///{folder}/mailbot.db")
        migrate(engine)
        limits = Limits()
        with Sandbox(limits.read_bytes, limits.reader_seconds, limits.reader_memory) as sandbox:
            office = an_office(engine, limits, sandbox)
            know_senders(office, mails, now)
            started, worked = time.perf_counter(), time.process_time()
            fresh = fetch(office, Maildir(maildir), now)
            fetched = time.perf_counter() - started
            memory = []
            for number, letter in enumerate(fresh):
                read(office, letter, now)
                if number % max(size // 10, 1) == 0:
                    memory.append(peak_mb())
            whole, worked = time.perf_counter() - started, time.process_time() - worked
        engine.dispose()
    return {
        "mails": len(fresh), "mails_per_s": round(len(fresh) / whole, 1), "fetch_s": round(fetched, 1),
        "read_s": round(whole - fetched, 1), "own_cpu_s": round(worked, 1), "children_cpu_s": round(child_seconds(), 1),
        "peak_mb_after_a_tenth": round(memory[min(1, len(memory) - 1)]), "peak_mb": round(peak_mb()),
        "largest_child_mb": round(child_mb()),
    }  # fmt: skip


def an_office(engine: Any, limits: Limits, sandbox: Sandbox) -> Office:
    """A business that only reads."""
    business = Business.model_validate({
        "id": "atelier", "name": "Atelier Martin", "owners": ["claire@atelier-martin.example"], "mode": "shadow",
        "mailbox": {"imap": "imaps://factures%40atelier-martin.example@imap.example:993"},
        "smtp": {"url": "smtps://factures%40atelier-martin.example@smtp.example:465"},
    })  # fmt: skip
    templates = Templates(shipped("templates"))
    text = (shipped("rules") / "fr.yaml").read_text(encoding="utf-8")
    rules = load_rules(text, "fr.yaml", templates.names())
    if isinstance(rules, list):
        raise SystemExit(rules[0].message)
    return Office(business, limits, engine, rules, text, templates, Tokens(bytes(32)), sandbox, lambda *_: None)


def know_senders(office: Office, mails: list[bytes], now: datetime) -> None:
    """Every sender becomes a client with one open invoice, so that what they say is acted on."""
    senders = {letter.from_address for letter in map(letter_of, mails) if letter.from_address}
    with writing(office.engine) as conn:
        businesses.ensure(conn, office.key, "Atelier Martin", now)
        for number, address in enumerate(sorted(senders), 1):
            client = clients.add(conn, office.key, f"Client {number}", "fr", contacts=(Contact(address),))
            invoices.add(conn, office.key, client, bill(number), None, None, None, now)


def bill(number: int) -> InvoiceDocument:
    amount = Decimal(100)
    return InvoiceDocument(
        "cii", None, "invoice", f"B-{number}", date(2026, 9, 1), date(2026, 10, 1), "EUR",
        amount, Decimal(0), amount, None, amount,
    )  # fmt: skip


def letter_of(raw: bytes) -> Any:
    return read_raw(raw, today=TODAY)[0]


def peak_mb() -> float:
    """The most memory that this process has held."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def child_seconds() -> float:
    """Processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def child_mb() -> float:
    """The most memory that a child of this process has held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
