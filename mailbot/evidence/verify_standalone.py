#!/usr/bin/env python3
"""Check an evidence file of mailbot with nothing but Python 3.11: python3 verify.py FILE.zip [--head N:SHA256]

The file is a .zip or an unpacked folder with `chain.tsv` in it. Each line `seal` of that file binds one event to the
raw mails and documents it came from and to the line before it:

    link(n) = sha256("<n> <link(n-1)> <sha256 of the event> <kind:sha256 of each raw source ...>")

This computes every link, the sha256 of every event that is shown, and of every file beside chain.tsv. What the
chain says was withheld (data of others) or erased (by data protection law) is counted, its hash still being bound.
`--head` takes the number and link that stood in a daily mail: the chain must contain it, or it was made later.
Exit status: 0 everything holds, 4 something does not, 2 not such a file.
"""

import contextlib
import hashlib
import json
import sys
import zipfile
from pathlib import Path

CHAIN = "chain.tsv"
GENESIS = "0" * 64
NOT_SUCH_A_FILE, DOES_NOT_HOLD = 2, 4


def chain_and_files(path: Path) -> tuple[bytes, set[str]]:
    """The text of chain.tsv, and the sha256 of every file. Raises ValueError where there is no such chain."""
    if not path.is_dir() and not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is neither a folder nor a .zip file")
    with contextlib.ExitStack() as opened:
        place = path if path.is_dir() else zipfile.Path(opened.enter_context(zipfile.ZipFile(path)))
        chains, hashes, folders = [], set(), [place]
        while folders:
            for entry in folders.pop().iterdir():
                if entry.is_dir():
                    folders.append(entry)
                    continue
                with entry.open("rb") as stream:
                    hashes.add(hashlib.file_digest(stream, "sha256").hexdigest())  # type: ignore[arg-type]
                if entry.name == CHAIN:
                    chains.append(entry.read_bytes())
    if len(chains) != 1:
        raise ValueError(f"{path} holds {len(chains)} files {CHAIN}; one is needed")
    return chains[0], hashes


def sha256(text: str) -> str:
    """Of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Check:
    """Goes through the lines of a chain; `bad` gathers what does not hold."""

    def __init__(self, files: set[str], part: bool) -> None:
        self.files, self.part = files, part
        self.n, self.link, self.last = 0, GENESIS, ""
        self.shown = self.hidden = 0
        self.bad: list[str] = []
        self.withheld: set[str] = set()
        self.erased: set[str] = set()
        self.absent: list[tuple[int, str, str]] = []
        self.heads: set[tuple[int, str]] = set()

    def feed(self, columns: list[str]) -> None:
        """One line after the first."""
        if not self.last and columns[0] == "withheld" and len(columns) == 3:
            self.withheld.add(columns[1])
        elif not self.last and columns[0] == "head" and len(columns) == 3:
            self.last = f"{columns[1]}:{columns[2]}"
        elif not self.last and columns[0] == "seal" and len(columns) == 6:
            self.seal(*columns[1:])
        else:
            self.bad.append(f"a line after seal {self.n} is damaged or does not belong there")

    def seal(self, number: str, claimed: str, event_sha256: str, sources: str, event: str) -> None:
        """One link, its event, and the files that it names."""
        if number != str(self.n + 1):
            self.bad.append(f"seal {self.n + 1} is missing or out of place: found {number}")
        if sha256(f"{number} {self.link} {event_sha256} {sources}".rstrip()) != claimed:
            self.bad.append(f"seal {number} does not follow from the one before it")
        self.n, self.link = self.n + 1, claimed
        self.heads.add((self.n, claimed))
        if not event:
            self.hidden += 1
            self.absent += [] if self.part else [(self.n, "event", event_sha256)]
            return
        self.shown += 1
        if sha256(event) != event_sha256:
            self.bad.append(f"the event of seal {number} was changed")
        elif '"name":"client.erased"' in event:
            told = json.loads(event)
            self.erased.update(told["data"].get("erased", ()) if told["name"] == "client.erased" else ())
        named = (source.partition(":") for source in sources.split())
        self.absent += [(self.n, kind, content) for kind, _, content in named if content not in self.files]

    def finish(self, heads: tuple[tuple[int, str], ...]) -> list[str]:
        """All that does not hold."""
        if self.last != f"{self.n}:{self.link}":
            self.bad.append(f"the chain ends at seal {self.n}, but was written to end at {self.last or '?'}")
        for n, kind, content in self.absent:
            if content not in self.erased | self.withheld:
                self.bad.append(f"seal {n}: the {kind} with sha256 {content} is missing or was changed")
        return self.bad + [
            f"the head {n}:{link} is not in this chain" for n, link in heads if (n, link) not in self.heads
        ]


def verify(path: Path, heads: tuple[tuple[int, str], ...] = ()) -> tuple[list[str], str]:
    """(what does not hold, a summary). Raises ValueError or OSError where it is no evidence file that can be read."""
    chain, files = chain_and_files(path)
    text = chain.decode("ascii")
    first, *lines = text.removesuffix("\n").split("\n")
    begin = first.split("\t")
    if begin[:2] != ["mailbot-chain", "1"] or len(begin) != 4 or begin[3] not in ("whole", "client"):
        raise ValueError(f"{CHAIN} does not begin as an evidence file of version 1 does")
    check = Check(files, begin[3] == "client")
    for line in lines:
        check.feed(line.split("\t"))
    summary = (
        f"{check.n} seals, {check.shown} events shown, {check.hidden} by their hash alone, {len(files)} files, "
        f"{len(check.withheld)} withheld, {len(check.erased)} erased; head {check.n}:{check.link}"
    )
    return check.finish(heads), summary


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    heads = []
    if len(arguments) == 3 and arguments[1] == "--head" and arguments[2].partition(":")[0].isdecimal():
        number, _, link = arguments[2].partition(":")
        heads.append((int(number), link.strip().lower()))
    elif len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return NOT_SUCH_A_FILE
    try:
        bad, summary = verify(Path(arguments[0]), tuple(heads))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"{error}\n")
        return NOT_SUCH_A_FILE
    sys.stdout.write("".join(f"NOT IN ORDER: {each}\n" for each in bad) + f"{summary}\n")
    return DOES_NOT_HOLD if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
