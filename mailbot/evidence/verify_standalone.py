#!/usr/bin/env python3
"""Check an evidence file of mailbot with nothing but Python 3.11: python3 verify.py FILE.zip [--head N:SHA256]

The file is a .zip or an unpacked folder. Each line `seal` of the chain.tsv in it binds one event to the raw mails and
documents it came from, to every other content that was stored since, and to the line before it:

    link(n) = sha256("<n> <link(n-1)> <sha256 of the event> <kind:sha256 of each raw source ...>")

This computes every link, the sha256 of every event that is shown, and of every file beside chain.tsv. A file must be
listed with its name and hash; one that is listed as a content must be named by a seal. The last seal binds the lines
above it: what the file is (whole, or about one client), what it lists, and which events are shown or withheld.
`--head` takes the number and link of a seal that somebody else has seen (a daily mail): the chain must contain it.
Exit status: 0 everything holds, 4 something does not, 2 not such a file.
"""

import contextlib
import hashlib
import json
import sys
import zipfile
from pathlib import Path


def chain_and_files(path: Path) -> tuple[bytes, dict[str, str]]:
    """The text of chain.tsv, and name -> sha256 of every other file. Raises ValueError where there is no such chain."""
    with contextlib.ExitStack() as opened:
        archive = None if path.is_dir() else opened.enter_context(zipfile.ZipFile(path))
        folder = (each.relative_to(path).as_posix() for each in path.rglob("*") if not each.is_dir())
        names = [each for each in (archive.namelist() if archive else folder) if not each.endswith("/")]
        chains = [name for name in names if name.endswith("chain.tsv")]
        if len(chains) != 1 or len(set(names)) != len(names):
            raise ValueError(f"{path} holds {len(chains)} files chain.tsv (one is needed), or a name twice")
        files = {}
        for name in names:
            with (path / name).open("rb") if archive is None else archive.open(name) as stream:
                if name == chains[0]:
                    chain = stream.read()
                else:
                    files[name] = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return chain, files


def sha256(text: str) -> str:
    """Of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Check:
    """Goes through the lines of a chain; `bad` gathers what does not hold."""

    def __init__(self, scope: str, files: dict[str, str]) -> None:
        self.scope, self.files, self.present = scope, files, set(files.values())
        self.n, self.link, self.last, self.event, self.hidden = 0, "0" * 64, "", "", 0
        self.withheld, self.erased, self.named, self.heads = set[str](), set[str](), set[str](), set[tuple[int, str]]()
        self.listed: dict[str, tuple[str, str]] = {}
        self.absent: list[tuple[int, str, str]] = []
        self.bad: list[str] = []

    def feed(self, kind: str, *columns: str) -> None:
        """One line after the first."""
        if not self.last and kind == "seal" and len(columns) == 5:
            self.seal(*columns)
        elif not self.n and kind == "withheld" and len(columns) == 2 and self.scope == "client":
            self.withheld.add(columns[0])
        elif not self.n and kind in ("content", "page") and len(columns) == 2:
            self.listed[columns[1]] = (kind, columns[0])
        elif not self.last and kind == "head" and len(columns) == 2:
            self.last = f"{columns[0]}:{columns[1]}"
        else:
            self.bad.append(f"a line after seal {self.n} is damaged or does not belong there")

    def seal(self, number: str, claimed: str, event_sha256: str, sources: str, event: str) -> None:
        """One link, its event, and the files that it names."""
        if number != str(self.n + 1):
            self.bad.append(f"seal {self.n + 1} is missing or out of place: found {number}")
        if sha256(f"{number} {self.link} {event_sha256} {sources}".rstrip()) != claimed:
            self.bad.append(f"seal {number} does not follow from the one before it")
        self.n, self.link, self.event = self.n + 1, claimed, event
        self.heads.add((self.n, claimed))
        if event and sha256(event) != event_sha256:
            self.bad.append(f"the event of seal {number} was changed")
        elif event.endswith('"name":"client.erased"}'):
            self.erased.update(json.loads(event)["data"].get("erased", ()))
        self.hidden += not event
        self.absent += [(self.n, "event", event_sha256)] if self.scope == "whole" and not event else []
        for kind, content, *_ in (source.split(":") for source in sources.split()):
            self.named.add(content)
            if content not in self.present and (self.scope == "whole" or (event and not kind.startswith("kept."))):
                self.absent.append((self.n, kind.removeprefix("kept."), content))

    def finish(self, lines: list[str], heads: tuple[tuple[int, str], ...]) -> list[str]:
        """All that does not hold; `lines`: those of the chain's file."""
        if self.last != f"{self.n}:{self.link}":
            self.bad.append(f"the chain ends at seal {self.n}, but was written to end at {self.last or '?'}")
        until, bound = self.n, json.loads(self.event) if self.event and not self.bad else {}
        if bound.get("name") == "evidence.exported":
            until, data = bound["data"]["until"], bound["data"]
            above = lines[: len(lines) - 1 - self.n + until]
            if data["scope"] != self.scope or data["lines"] != sha256("\n".join(above) + "\n"):
                self.bad.append("the last seal does not bind this file: something in chain.tsv was hidden or changed")
        else:
            self.bad.append("no seal binds this file: the last one is of another event, or its event is hidden")
        told = self.erased | self.withheld
        for n, kind, content in self.absent:
            if (n <= until or kind == "event") and content not in told:
                self.bad.append(f"seal {n}: the {kind} with sha256 {content} is missing or was changed")
        for name in sorted({*self.listed, *self.files}):
            kind, content = self.listed.get(name, ("", ""))
            if content != self.files.get(name):
                self.bad.append(f"{name} is not listed, was changed or is gone")
            elif kind == "content" and content not in self.named:
                self.bad.append(f"{name} is a content that no seal names")
        return self.bad + [f"the head {n}:{link} is not in this chain" for n, link in sorted({*heads} - self.heads)]


def verify(path: Path, heads: tuple[tuple[int, str], ...] = ()) -> tuple[list[str], str]:
    """(what does not hold, a summary). Raises ValueError or OSError where it is no evidence file that can be read."""
    chain, files = chain_and_files(path)
    lines = chain.decode("ascii").removesuffix("\n").split("\n")
    begin = lines[0].split("\t")
    if begin[:2] != ["mailbot-chain", "2"] or len(begin) != 4 or begin[3] not in ("whole", "client"):
        why = "git or an editor changed its line ends" if "\r" in lines[0] else "an older file has its own verify.py"
        raise ValueError(f"chain.tsv does not begin as one of version 2 does: {why}")
    check = Check(begin[3], files)
    for line in lines[1:]:
        check.feed(*line.split("\t"))
    return check.finish(lines, heads), (
        f"{check.n} seals, {check.n - check.hidden} events shown, {check.hidden} by their hash alone, {len(files)} "
        f"files, {len(check.withheld)} withheld, {len(check.erased)} erased; head {check.n}:{check.link}"
    )


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    number, _, link = arguments[2].partition(":") if len(arguments) == 3 else ("0", "", "")
    if len(arguments) not in (1, 3) or arguments[1:2] not in ([], ["--head"]) or not number.isdecimal():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        bad, summary = verify(Path(arguments[0]), ((int(number), link.strip().lower()),) if link else ())
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"NOT IN ORDER: {each}\n" for each in bad) + f"{summary}\n")
    return 4 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
