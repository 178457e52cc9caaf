"""How well and how quickly invoices are read: the whole table of what the invoice reader promises.

    python benchmarks/invoices.py [--corpus DIR] [--only PART,PART] [--misses] [--json]

A corpus has the folders `zugferd/` (PDFs with embedded XML and XML invoices; those in a folder `fail` are faulty) and
`xrechnung/` (`NAME_ubl.xml` beside `NAME_uncefact.xml`); a missing one is left out. The graded layouts of
tests/cases/invoices/layouts are always read. `--misses` tells each wrong field on stderr.

The embedded XML is the truth for what the page shows; it is read here by a few XPaths of its own and not by the reader
that is measured. A field counts only where the page shows it at all: several PDFs print another year than their XML
says, or no account. What stands beside our speed, in the same run: bare pypdf (open, read the attached files) and bare
pypdfium2 (open, read the text of all pages) in this process, while ours includes the child process and its socket.
"""

import argparse
import gc
import io
import json
import multiprocessing
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from lxml import etree
from pypdf import PdfReader

from mailbot.cli.document import document_record
from mailbot.errors import ReaderError
from mailbot.model import InvoiceDocument, Party, Problem
from mailbot.sandbox import Sandbox
from mailbot.testing.documents import hostile_documents

CASES = Path(__file__).parents[1] / "tests" / "cases" / "invoices" / "layouts"
PARTS = ("xml", "twins", "faulty", "text", "layouts", "layouts_known", "speed", "hostile")
FIELDS = (
    "number", "issue_date", "due_date", "currency", "total_net", "total_tax", "total_gross", "prepaid", "amount_due",
    "seller.name", "seller.vat", "seller.siren", "seller.iban", "buyer.name", "buyer.vat", "buyer.siren", "buyer.email",
    "order_reference", "kind",
)  # fmt: skip
SHOWN = (
    "number", "issue_date", "due_date", "total_gross", "total_net", "total_tax", "amount_due", "currency", "buyer.name",
    "seller.name", "seller.iban", "seller.vat", "buyer.vat", "order_reference",
)  # fmt: skip
"""What is compared between the page and the XML."""

Record = Mapping[str, Any]


@dataclass
class Tally:
    """For each field: right, wrong without a doubt, wrong with one, abstained."""

    tell: bool
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, name: str, row: str, truth: object, record: Record) -> None:
        got = of(record, row)
        doubted = any(doubt["field"] in (row, row.partition(".")[0]) for doubt in record["doubts"])
        if same(row, truth, got):
            verdict = "right"
        elif got is None:
            verdict = "abstained"
        else:
            verdict = "wrong_with_doubt" if doubted else "wrong_without_doubt"
        self.counts.setdefault(row, Counter())[verdict] += 1
        if self.tell and verdict != "right":
            print(f"{verdict:20} {row:16} {name}: {truth!r} got {got!r}", file=sys.stderr)

    def rows(self) -> dict[str, Any]:
        rows: dict[str, Any] = {}
        total: Counter[str] = Counter()
        for row, counts in self.counts.items():
            total.update(counts)
            rows[row] = shares(counts)
        return {**rows, "all": shares(total)}


def shares(counts: Counter[str]) -> dict[str, Any]:
    """The counts with the share of right ones and of those that are wrong without a doubt."""
    of_all = counts.total()
    verdicts = ("right", "wrong_without_doubt", "wrong_with_doubt", "abstained")
    return {
        "of": of_all,
        **{verdict: counts[verdict] for verdict in verdicts},
        "share": round(counts["right"] / max(of_all, 1), 4),
        "silent": round(counts["wrong_without_doubt"] / max(of_all, 1), 4),
    }


def of(record: Record, row: str) -> Any:
    value: Any = record
    for key in row.split("."):
        value = value[key]
    return value


def same(row: str, truth: object, got: object) -> bool:
    """Whether two values say the same; spaces and case of names and numbers do not count."""
    if isinstance(truth, str) and isinstance(got, str):
        if row.startswith(("total_", "amount", "prepaid")):
            return Decimal(truth) == Decimal(got)
        return squeezed(truth) == squeezed(got)
    return truth == got


def squeezed(text: str) -> str:
    return re.sub(r"[\s.,]", "", text).casefold()


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="How well and how quickly invoices are read.")
    options.add_argument("--corpus", type=Path, metavar="DIR")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas: " + " ".join(PARTS))
    options.add_argument("--misses", action="store_true", help="tell each wrong field on stderr")
    given = options.parse_args()
    parts = given.only.split(",")
    record: dict[str, Any] = {"benchmark": "invoices"}
    with Sandbox() as sandbox:
        ours = {part: row for part in PARTS if part in parts and (row := measured(part, sandbox, given))}
    record["mailbot"] = {part: row for part, row in ours.items() if part != "speed"}
    if "speed" in ours:
        record["mailbot"]["speed"] = ours["speed"].pop("mailbot")
        record |= ours["speed"]
    if given.json:
        print(json.dumps(record))
    else:
        table(record)


def measured(part: str, sandbox: Sandbox, given: argparse.Namespace) -> dict[str, Any] | None:
    """One part of the table; None where the corpus has nothing for it."""
    match part:
        case "layouts":
            return layouts(sandbox, given.misses, known=False)
        case "layouts_known":
            return layouts(sandbox, given.misses, known=True)
        case "hostile":
            return hostile()
        case _ if given.corpus is None:
            return None
        case "xml":
            return embedded(sandbox, given.corpus / "zugferd", given.misses)
        case "twins":
            return twins(sandbox, given.corpus / "xrechnung", given.misses)
        case "faulty":
            return faulty(sandbox, given.corpus / "zugferd", given.misses)
        case "text":
            return pages(sandbox, given.corpus / "zugferd", given.misses)
        case _:
            return speed(sandbox, given.corpus)


def table(record: dict[str, Any]) -> None:
    """The same for people."""
    for part, rows in record["mailbot"].items():
        print(part)
        for name, row in rows.items():
            if isinstance(row, dict) and "share" in row:
                wrong = f"{row['wrong_without_doubt']} silently wrong, {row['wrong_with_doubt']} doubted"
                print(f"  {name:16} {row['right']:>4} / {row['of']:<4} {row['share']:>7.1%}  {wrong}")
            else:
                print(f"  {name:32} {row}")
    for baseline in ("pypdf", "pypdfium2"):
        if baseline in record:
            print(f"{baseline} {record[baseline]}")


# ------------------------------------------------------------------------------------------------- the truth


def xml_of(data: bytes) -> bytes | None:
    """The first embedded file of a PDF that is XML; the file itself where it is no PDF."""
    if b"%PDF-" not in data[:1024]:
        return data
    try:
        attached = PdfReader(io.BytesIO(data)).attachments
    except Exception:  # noqa: BLE001 - a faulty PDF has no truth; whatever pypdf raises over it
        return None
    return next((content for all_ in attached.values() for content in all_ if b"<" in content[:10]), None)


def truth_of(content: bytes | None) -> dict[str, Any] | None:
    """The fields of an XML invoice (CII, UBL), by absolute paths; None where it is damaged or something else."""
    try:
        root = etree.fromstring(content or b"")
    except (etree.XMLSyntaxError, ValueError):
        return None
    name = etree.QName(root).localname
    if name in ("CrossIndustryInvoice", "CrossIndustryDocument"):
        return cii_truth(root)
    return ubl_truth(root) if name in ("Invoice", "CreditNote") else None


def first(root: Any, *paths: str) -> str | None:
    """The text at the first of these paths ("A/B" in any namespace, "A[@scheme=x]" by an attribute) that has one."""
    for path in paths:
        steps = "/".join(
            re.sub(r"^([\w.]+)(\[.*\])?$", r"*[local-name()='\1']\2", step.strip()) for step in path.split("/")
        )
        for found in root.xpath(f".//{steps}/text()"):
            if found.strip():
                return " ".join(found.split())
    return None


def cii_truth(root: Any) -> dict[str, Any]:
    seller, buyer = "SellerTradeParty", "BuyerTradeParty"
    currency = first(root, "InvoiceCurrencyCode")
    summation = next(
        iter(root.xpath(".//*[contains(local-name(), 'TradeSettlement') and contains(local-name(), 'Summation')"
                        " and not(contains(local-name(), 'Line'))]")), root,
    )  # fmt: skip
    header = next(
        iter(root.xpath("./*[contains(local-name(), 'ExchangedDocument') and not(contains(local-name(), 'Context'))]")),
        root,
    )
    return {
        "number": first(header, "ID"),
        "issue_date": day(first(header, "IssueDateTime/DateTimeString", "IssueDateTime/DateTime")),
        "due_date": day(first(root, "DueDateDateTime/DateTimeString", "DueDateDateTime/DateTime")),
        "currency": currency,
        "total_net": money(first(summation, "TaxBasisTotalAmount")),
        "total_tax": money(first(summation, f"TaxTotalAmount[@currencyID='{currency}']", "TaxTotalAmount")),
        "total_gross": money(first(summation, "GrandTotalAmount")),
        "amount_due": money(first(summation, "DuePayableAmount")),
        "seller.name": first(root, f"{seller}/Name"),
        "seller.vat": compact(first(root, f"{seller}/SpecifiedTaxRegistration/ID[@schemeID='VA']")),
        "seller.iban": compact(first(root, "PayeePartyCreditorFinancialAccount/IBANID")),
        "buyer.name": first(root, f"{buyer}/Name"),
        "buyer.vat": compact(first(root, f"{buyer}/SpecifiedTaxRegistration/ID[@schemeID='VA']")),
        "order_reference": first(root, *(f"{place}TradeAgreement/BuyerOrderReferencedDocument/{name}"
                                         for place in ("ApplicableHeader", "ApplicableSupplyChain")
                                         for name in ("IssuerAssignedID", "ID"))),
    }  # fmt: skip


def ubl_truth(root: Any) -> dict[str, Any]:
    seller, buyer = "AccountingSupplierParty/Party", "AccountingCustomerParty/Party"
    return {
        "number": root.findtext("{*}ID"),
        "issue_date": root.findtext("{*}IssueDate"),
        "due_date": first(root, "DueDate", "PaymentDueDate"),
        "currency": first(root, "DocumentCurrencyCode"),
        "total_net": money(first(root, "LegalMonetaryTotal/TaxExclusiveAmount")),
        "total_tax": money(first(root, "TaxTotal/TaxAmount")),
        "total_gross": money(first(root, "LegalMonetaryTotal/TaxInclusiveAmount")),
        "amount_due": money(first(root, "LegalMonetaryTotal/PayableAmount")),
        "seller.name": first(root, f"{seller}/PartyLegalEntity/RegistrationName"),
        "seller.iban": compact(first(root, "PayeeFinancialAccount/ID")),
        "buyer.name": first(root, f"{buyer}/PartyLegalEntity/RegistrationName"),
        "order_reference": first(root, "OrderReference/ID"),
    }


def day(text: str | None) -> str | None:
    digits = re.sub(r"\D", "", text or "")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else None


def money(text: str | None) -> str | None:
    try:
        return str(Decimal(text)) if text else None
    except InvalidOperation:
        return None


def compact(text: str | None) -> str | None:
    return re.sub(r"[\s.]", "", text).upper() if text else None


def is_shown(row: str, truth: str, page: str) -> bool:
    """Whether the page prints this value in some form at all."""
    flat = squeezed(page)
    if row.endswith("_date"):
        year, month, of_month = truth.split("-")
        numeric = (
            year + month + of_month,
            of_month + month + year,
            of_month + month + year[2:],
            month + of_month + year,
        )
        digits = re.sub(r"[^\w]", "", flat)
        if any(form in digits for form in numeric) or f"{int(of_month)}{int(month)}{year}" in digits:
            return True
        return re.search(rf"{int(of_month)}(?:er|th|st|nd|rd)?(?:de)?[^\W\d]{{3,10}}(?:de)?{year}", digits) is not None
    if row == "currency":
        return truth.casefold() in flat or {"EUR": "€", "GBP": "£"}.get(truth, "\0") in flat
    if row.startswith(("total_", "amount")):
        cents = f"{Decimal(truth):.2f}".replace(".", "").lstrip("-")
        return cents in re.sub(r"[^\d]", "", flat.replace("'", ""))
    return squeezed(truth) in flat


def text_of(data: bytes) -> str:
    """The text of all pages; empty for a PDF that PDFium does not open."""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    except pypdfium2.PdfiumError:
        return ""


# ------------------------------------------------------------------------------------------------- accuracy


def documents(folder: Path, *, faulty: bool, suffixes: tuple[str, ...] = (".pdf", ".xml")) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in suffixes and ("fail" in path.relative_to(folder).parts) == faulty:
            yield path


def read(sandbox: Sandbox, path: Path, **arguments: object) -> dict[str, Any]:
    """What the command prints for this file."""
    try:
        found: InvoiceDocument | Problem = sandbox.run("invoice", path.read_bytes(), name=path.name, **arguments)
    except ReaderError as error:
        found = Problem(error.code, str(error))
    if isinstance(found, Problem):
        return {"error": {"code": found.code, "message": found.message}}
    return document_record(path.name, found)


def embedded(sandbox: Sandbox, folder: Path, tell: bool) -> dict[str, Any] | None:
    """XML found and read: every field equal to the XML."""
    tally = Tally(tell)
    found = 0
    all_right = 0
    for path in documents(folder, faulty=False):
        truth = truth_of(xml_of(path.read_bytes()))
        if truth is None:
            continue
        record = read(sandbox, path)
        found += 1
        if "error" in record or record["source"] == "pdf-text":
            print(f"not read {path}: {record.get('error')}", file=sys.stderr)
            continue
        before = tally.rows()["all"]["right"]
        stated = {row: value for row, value in truth.items() if value is not None}
        for row, value in stated.items():
            tally.count(path.name, row, value, record)
        all_right += tally.rows()["all"]["right"] - before == len(stated)
    return {"documents": found, "all_fields_right": all_right, **tally.rows()} if found else None


def twins(sandbox: Sandbox, folder: Path, tell: bool) -> dict[str, Any] | None:
    """The same invoice in both syntaxes; the order reference and known trading names aside.

    One pair of the test suite (01.21a) states two different VAT numbers of its seller, and so do we.
    """
    ones = sorted(folder.glob("*_ubl.xml"))
    pairs = [(one, other) for one in ones if (other := one.with_name(one.name.replace("_ubl", "_uncefact"))).exists()]
    equal = 0
    for one, other in pairs:
        first_, second = read(sandbox, one), read(sandbox, other)
        differs = [
            row for row in FIELDS
            if row not in ("order_reference", "seller.name", "buyer.name") and of(first_, row) != of(second, row)
        ]  # fmt: skip
        equal += not differs
        if tell and differs:
            print(
                f"twins differ {one.name}: {[(row, of(first_, row), of(second, row)) for row in differs]}",
                file=sys.stderr,
            )
    return {"pairs": len(pairs), "equal": equal} if pairs else None


def faulty(sandbox: Sandbox, folder: Path, tell: bool) -> dict[str, Any] | None:
    """Broken on purpose: an error or doubts, never a wrong total without one."""
    counts: Counter[str] = Counter()
    for path in documents(folder, faulty=True):
        counts["documents"] += 1
        truth = (truth_of(xml_of(path.read_bytes())) or {}).get("total_gross")
        for use_xml in (True, False):
            record = read(sandbox, path, use_xml=use_xml)
            counts["errors"] += "error" in record
            counts["broke"] += record.get("error", {}).get("code") in ("died", "too_slow", "too_much_memory")
            got = record.get("total_gross")
            silent = use_xml and got is not None and truth is not None and Decimal(got) != Decimal(truth)
            silent = silent and not any(doubt["field"] == "total_gross" for doubt in record["doubts"])
            counts["wrong_total_without_doubt"] += silent
            if tell and silent:
                print(f"faulty {path.name}: {truth} got {got}", file=sys.stderr)
    return dict(counts) if counts else None


def pages(sandbox: Sandbox, folder: Path, tell: bool) -> dict[str, Any] | None:
    """The text reader against the embedded XML, over what the page shows."""
    tally = Tally(tell)
    for path in documents(folder, faulty=False, suffixes=(".pdf",)):
        data = path.read_bytes()
        truth, page = truth_of(xml_of(data)), text_of(data)
        if truth is None or not page.strip():
            continue
        record = read(sandbox, path, use_xml=False)
        if "error" in record:
            record = nothing()
            print(f"not read {path.name}", file=sys.stderr)
        for row in SHOWN:
            if truth.get(row) is not None and is_shown(row, truth[row], page):
                tally.count(path.name, row, truth[row], record)
    return tally.rows() if tally.counts else None


def nothing() -> dict[str, Any]:
    empty = InvoiceDocument(
        source="pdf-text", profile=None, kind="invoice", number=None, issue_date=None, due_date=None, currency=None,
        total_net=None, total_tax=None, total_gross=None, prepaid=None, amount_due=None,
    )  # fmt: skip
    return document_record("", empty)


def layouts(sandbox: Sandbox, tell: bool, *, known: bool) -> dict[str, Any] | None:
    """The graded layouts: every field that a label has; `known` tells the reader who the business itself is."""
    labels = CASES / "expected.jsonl"
    if not labels.exists():
        return None
    tally = Tally(tell)
    undoubted = 0
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        own = {"own": Party(**label["seller_identity"])} if known else {}
        record = read(sandbox, CASES / label["file"], use_xml=False, **own)
        if "error" in record:
            print(f"not read {label['file']}: {record['error']}", file=sys.stderr)
            record = nothing()
        for row, value in flat(label["expected"]):
            tally.count(label["file"], row, value, record)
        doubted = {doubt["field"] for doubt in record["doubts"]}
        undoubted += bool(set(label["must_doubt"]) - doubted)
        if tell and set(label["must_doubt"]) - doubted:
            print(f"not doubted {label['file']}: {set(label['must_doubt']) - doubted}", file=sys.stderr)
    return {"should_have_doubted": undoubted, **tally.rows()}


def flat(label: Record) -> Iterator[tuple[str, Any]]:
    """The fields of a label by their dotted names, but for those that the reader does not promise."""
    for key, value in label.items():
        if isinstance(value, dict):
            for inner, one in value.items():
                if f"{key}.{inner}" in FIELDS:
                    yield f"{key}.{inner}", one
        elif key in FIELDS:
            yield key, value


# ------------------------------------------------------------------------------------------------- speed and bombs


def speed(sandbox: Sandbox, corpus: Path) -> dict[str, Any]:
    """Documents a second, ours beside what the libraries alone do; the best of three rounds of each."""
    data = [(path.name, path.read_bytes()) for path in documents(corpus / "zugferd", faulty=False, suffixes=(".pdf",))]
    with_xml = [(name, one) for name, one in data if truth_of(xml_of(one))]

    def ours(use_xml: bool) -> Callable[[str, bytes], object]:
        return lambda name, one: sandbox.run("invoice", one, name=name, use_xml=use_xml, use_ocr=False)

    xml, page = rate(with_xml, ours(True)), rate(data, ours(False))
    bare_xml, bare_page = rate(with_xml, lambda _, one: bare_attachments(one)), rate(data, lambda _, one: text_of(one))
    return {
        "mailbot": {
            "with_xml_per_s": round(xml, 1),
            "with_xml_of_pypdf": round(xml / bare_xml, 3),
            "page_per_s": round(page, 1),
            "page_of_pypdfium2": round(page / bare_page, 3),
        },
        "pypdf": {"attachments_per_s": round(bare_xml, 1)},
        "pypdfium2": {"text_per_s": round(bare_page, 1)},
    }


def bare_attachments(data: bytes) -> int:
    return sum(len(content) for all_ in PdfReader(io.BytesIO(data)).attachments.values() for content in all_)


def rate(data: list[tuple[str, bytes]], work: Callable[[str, bytes], object]) -> float:
    """Documents a second in the best of three rounds, after one that warms up."""
    best = 0.0
    for round_ in range(4):
        gc.collect()
        start = time.perf_counter()
        for name, one in data:
            work(name, one)
        if round_:
            best = max(best, len(data) / (time.perf_counter() - start))
    return best


def hostile() -> dict[str, Any]:
    """Bombs and giants: the slowest answer and the biggest child.

    What makes the bombs is as big as they are, and must not count as one of our children: it has its own process, and
    so have those who read.
    """
    fresh = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder:
        for work in (write_hostile, read_hostile):
            process = fresh.Process(target=work, args=(folder,))
            process.start()
            process.join()
        record: dict[str, Any] = json.loads((Path(folder) / "record.json").read_text(encoding="utf-8"))
    return record


def write_hostile(folder: str) -> None:
    for name, data in hostile_documents():
        (Path(folder) / name).write_bytes(data)


def read_hostile(folder: str) -> None:
    worst = ("", 0.0)
    answers: Counter[str] = Counter()
    with Sandbox() as sandbox:
        sandbox.run("invoice", b"<a/>", name="warm-up")
        for path in sorted(Path(folder).iterdir()):
            start = time.perf_counter()
            try:
                found = sandbox.run("invoice", path.read_bytes(), name=path.name)
                answers["refused" if isinstance(found, Problem) else "read"] += 1
            except ReaderError as error:
                answers[error.code] += 1
            worst = max(worst, (path.name, time.perf_counter() - start), key=lambda one: one[1])
    biggest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    record = {"documents": answers.total(), "answers": dict(answers), "slowest": worst[0],
              "slowest_s": round(worst[1], 2), "biggest_child_mb": round(biggest)}  # fmt: skip
    (Path(folder) / "record.json").write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main()
