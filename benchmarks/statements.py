"""How quickly long bank files are read, and how much of a folder of them is read at all.

    python benchmarks/statements.py [--transactions N] [--bare N] [--corpus DIR] [--json]

Invents an OFX 1 file as French banks write them (SGML, leaves not closed) and measures, each in a process of its own:
N transactions and half as many by mailbot (seconds, peak memory, growth), and two small files by bare ofxparse 0.21,
whose time for N is extrapolated from them (a part grows with the file, a part with its square). With a corpus, every
file in it is read: how many are read, refused and with how many lines and problems, by suffix.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

HEAD = (
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
    "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
    "<STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>30004<BRANCHID>00001<ACCTID>00012345678<ACCTTYPE>CHECKING</BANKACCTFROM>"
    "<BANKTRANLIST><DTSTART>20260101<DTEND>20261231\n"
)
TAIL = (
    "</BANKTRANLIST><LEDGERBAL><BALAMT>1000.00<DTASOF>20261231</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
)


def invented(transactions: int) -> bytes:
    """An OFX file with that many different transactions."""
    return (HEAD + "".join(map(_transaction, range(transactions))) + TAIL).encode("cp1252")


def _transaction(number: int) -> str:
    day = f"2026{number % 12 + 1:02}{number % 28 + 1:02}"
    return (
        f"<STMTTRN>\n<TRNTYPE>CREDIT\n<DTPOSTED>{day}\n<TRNAMT>{number % 9000 + 1}.{number % 100:02}\n"
        f"<FITID>F{number:08}\n<NAME>VIR SEPA CLIENT {number % 400}\n<MEMO>FACTURE FA-2026-{number:06} É\n</STMTTRN>\n"
    )


def measure(reader: str, transactions: int) -> dict[str, float]:
    """Seconds of processor, megabytes at the peak and lines read, by a process that does nothing else."""
    command = [sys.executable, __file__, "--one", reader, "--transactions", str(transactions)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    record: dict[str, float] = json.loads(done.stdout)
    return record


def one(reader: str, transactions: int) -> dict[str, float]:
    """The measurement itself."""
    data = invented(transactions)
    start = time.process_time()
    lines = _by_mailbot(data) if reader == "mailbot" else _by_ofxparse(data)
    return {
        "seconds": time.process_time() - start,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024),
        "lines": lines,
    }


def _by_mailbot(data: bytes) -> int:
    from mailbot.bank.read import read_statement
    from mailbot.model import Problem

    read = read_statement(data)
    return 0 if isinstance(read, Problem) else sum(len(account.lines) for account in read.accounts)


def _by_ofxparse(data: bytes) -> int:
    from ofxparse import OfxParser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return len(OfxParser.parse(BytesIO(data), fail_fast=False).account.statement.transactions)


def speed(transactions: int, bare: int) -> dict[str, Any]:
    """Ours for the whole file and for half of it; ofxparse's for two small ones, and what follows for the whole."""
    whole, half = measure("mailbot", transactions), measure("mailbot", transactions // 2)
    small, large = measure("ofxparse", bare // 2), measure("ofxparse", bare)
    square = max(0.0, (large["seconds"] - 2 * small["seconds"]) * 2 / bare**2)
    extrapolated = (large["seconds"] / bare - square * bare) * transactions + square * transactions**2
    return {
        "transactions": transactions,
        "mailbot": {**whole, "growth_for_twice": whole["seconds"] / half["seconds"]},
        "ofxparse": {**large, "transactions": bare, "extrapolated_seconds": extrapolated},
        "ratio": whole["seconds"] / extrapolated,
        "ratio_if_ofxparse_were_linear": whole["seconds"] / (large["seconds"] * transactions / bare),
    }


def coverage(corpus: Path) -> dict[str, dict[str, int]]:
    """By suffix: files read and refused, lines and problems."""
    from mailbot.bank.read import read_statement
    from mailbot.cli.bank import SUFFIXES
    from mailbot.model import Problem

    found: dict[str, Counter[str]] = {}
    for path in _files(corpus, SUFFIXES):
        read = read_statement(path.read_bytes(), path.name)
        row = found.setdefault(path.suffix.lower(), Counter())
        if isinstance(read, Problem):
            row["refused"] += 1
            continue
        row["read"] += 1
        row["lines"] += sum(len(account.lines) for account in read.accounts)
        row["problems"] += len(read.problems)
    return {suffix: dict(row) for suffix, row in sorted(found.items())}


def _files(corpus: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    yield from (path for path in sorted(corpus.rglob("*")) if path.is_file() and path.suffix.lower() in suffixes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=100_000)
    parser.add_argument("--bare", type=int, default=16_000, help="what bare ofxparse reads")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=("mailbot", "ofxparse"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one, options.transactions)))
        return
    record: dict[str, Any] = speed(options.transactions, options.bare)
    if options.corpus:
        record["corpus"] = coverage(options.corpus)
    if not options.json:
        ours, theirs = record["mailbot"], record["ofxparse"]
        print(f"{options.transactions} transactions: {ours['seconds']:.1f} s, {ours['mb']:.0f} MB at the peak,")
        print(f"{ours['growth_for_twice']:.2f} times the time of half the file.")
        print(
            f"ofxparse alone: {theirs['seconds']:.1f} s for {options.bare}, so {theirs['extrapolated_seconds']:.0f} s;"
        )
        print(f"ratio {record['ratio']:.3f} ({record['ratio_if_ofxparse_were_linear']:.2f} were it linear).")
        for suffix, row in record.get("corpus", {}).items():
            print(f"{suffix or '-'}: {row}")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
