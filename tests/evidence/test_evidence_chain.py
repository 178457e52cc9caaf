"""The chain of seals: a thousand random changes are all found, by the check and by the stand-alone script."""

import contextlib
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.evidence import verify_standalone
from mailbot.evidence.chain import (
    EVENT_KEYS,
    GENESIS,
    Piece,
    canonical,
    canonical_data,
    canonical_event,
    check,
    digest,
    seal,
    source,
)
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, chain_lines, verifier
from mailbot.model import JSON

EVENTS = 60


@dataclass
class Book:
    """A business that has lived: events with the mails they came from."""

    pieces: list[Piece] = field(default_factory=list)
    mails: dict[str, bytes] = field(default_factory=dict)


def record(n: int, letter: str | None, data: dict[str, JSON], name: str = "reply.promise") -> dict[str, JSON]:
    return {
        "at": f"2026-03-02T08:{n % 60:02}:00+00:00", "business": "atelier", "client": n % 7, "data": data,
        "day": "2026-03-02", "id": f"{name}/{n}", "invoice": "FA-1", "letter": letter, "line": None, "name": name,
    }  # fmt: skip


def lived(erased: list[JSON] | None = None) -> Book:
    book, link = Book(), GENESIS
    for n in range(1, EVENTS + 1):
        raw = f"From: client{n}@example\r\n\r\nNous paierons le {n}.\r\n".encode()
        book.mails[digest(raw)] = raw
        told = record(n, digest(raw), {"because": f"le {n} é", "amount": "120.00"})
        if n == EVENTS and erased is not None:
            told = record(n, digest(raw), {"erased": erased}, "client.erased")
        made = seal(n, link, canonical(told), [source("letter", digest(raw))])
        link = made.link
        book.pieces.append(Piece(made, canonical(told), {"letter": digest(raw)}))
    return book


def today(book: Book) -> Iterator[Piece]:
    """The pieces with what their mails hash to now."""
    for piece in book.pieces:
        name = piece.seal.sources.removeprefix("letter:")
        raw = book.mails.get(name)
        yield Piece(piece.seal, piece.event, {"letter": digest(raw) if raw is not None else None})


def mutated(book: Book, draw: random.Random) -> str:
    """Change one thing; says what."""
    at, other = draw.sample(range(EVENTS), 2)
    piece = book.pieces[at]
    kind = draw.choice(["event", "remove", "insert", "swap", "mail", "lose", "seal"])
    if kind == "event":
        text = bytearray((piece.event or "").encode())
        place = draw.randrange(len(text))
        text[place] = draw.choice([byte for byte in range(32, 127) if byte != text[place]])
        book.pieces[at] = Piece(piece.seal, text.decode())
    elif kind == "remove":
        del book.pieces[at]
    elif kind == "insert":
        book.pieces.insert(at, book.pieces[other])
    elif kind == "swap":
        book.pieces[at], book.pieces[other] = book.pieces[other], piece
    elif kind == "mail":
        name = draw.choice(sorted(book.mails))
        raw = bytearray(book.mails[name])
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        book.mails[name] = bytes(raw)
    elif kind == "lose":
        book.mails.pop(draw.choice(sorted(book.mails)))
    else:
        field_name = draw.choice(["event_sha256", "sources", "link"])
        values = {name: getattr(piece.seal, name) for name in ("n", "event_sha256", "sources", "link")}
        text = values[field_name]
        place = draw.randrange(text.index(":") + 1 if field_name == "sources" else 0, len(text))
        values[field_name] = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        book.pieces[at] = Piece(type(piece.seal)(**values), piece.event)
    return kind


def written(book: Book, folder: Path) -> Path:
    """The book as an unpacked export."""
    (folder / "contents").mkdir(parents=True)
    for at, raw in enumerate(book.mails.values()):
        (folder / "contents" / str(at)).write_bytes(raw)
    # a last line that an attacker leaves as it was
    lines = list(chain_lines("atelier", "whole", book.pieces, {}))
    (folder / CHAIN_FILE).write_text(
        "".join(lines[:-1]) + list(chain_lines("atelier", "whole", lived().pieces, {}))[-1]
    )
    return folder


def test_a_chain_as_it_was_made_holds(tmp_path: Path) -> None:
    book = lived()

    checked, findings = check(today(book))

    assert (checked.n, checked.link, findings) == (EVENTS, book.pieces[-1].seal.link, [])
    assert verify_standalone.verify(written(book, tmp_path / "export"))[0] == []


@pytest.mark.parametrize("part", range(4))
def test_a_thousand_random_changes_are_all_found(part: int, tmp_path: Path) -> None:
    for seed in range(part * 250, part * 250 + 250):
        book = lived()
        kind = mutated(book, random.Random(seed))

        # taking away the last seal leaves a chain that holds: what was told to the owner shows it
        told = [(EVENTS, lived().pieces[-1].seal.link)]
        assert check(today(book), told)[1] != [], (seed, kind)
        folder = written(book, tmp_path / f"{seed}")
        assert verify_standalone.verify(folder)[0] != [], (seed, kind)
        shutil.rmtree(folder)


def test_any_byte_of_the_file_of_the_chain_counts(tmp_path: Path) -> None:
    folder = written(lived(), tmp_path / "export")
    chain = (folder / CHAIN_FILE).read_bytes()
    head = chain.index(b"\n")
    draw = random.Random(3)

    for _ in range(300):
        place = draw.randrange(head, len(chain))
        changed = bytearray(chain)
        changed[place] ^= 1 << draw.randrange(7)
        (folder / CHAIN_FILE).write_bytes(bytes(changed))
        with contextlib.suppress(ValueError):  # no evidence file any more, which is found as well
            assert verify_standalone.verify(folder)[0] != [], (place, chain[place], changed[place])


def test_what_was_erased_and_told_of_is_in_order_and_nothing_else(tmp_path: Path) -> None:
    first = lived()
    gone = [first.pieces[4].seal.event_sha256, *[name for name in first.mails if b"client9@" in first.mails[name]]]
    book = lived(erased=list(gone))
    book.pieces[4] = Piece(book.pieces[4].seal, canonical(record(5, None, {"erased": True})))
    del book.mails[gone[1]]

    assert check(today(book))[1] == []
    book.pieces[4] = Piece(book.pieces[4].seal, None)
    folder = tmp_path / "export"
    (folder / "contents").mkdir(parents=True)
    for at, raw in enumerate(book.mails.values()):
        (folder / "contents" / str(at)).write_bytes(raw)
    (folder / CHAIN_FILE).write_text("".join(chain_lines("atelier", "whole", book.pieces, {})))
    assert verify_standalone.verify(folder)[0] == []

    book.pieces[5] = Piece(book.pieces[5].seal, canonical(record(6, None, {"erased": True})))
    assert [(one.n, one.code) for one in check(today(book))[1]] == [(6, "event_missing")]


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)))
def test_the_written_out_form_of_an_event_is_its_canonical_json(data: dict[str, JSON]) -> None:
    told = record(3, None, data) | {"client": None, "id": 'é"\\\n\x7f'}

    kept = {**told, "data": json.dumps(data, ensure_ascii=False, indent=1)}
    assert canonical_event(*(kept[key] for key in EVENT_KEYS)) == canonical(told)  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", ["", "{", '{"a":1} ', '{"a":1}{"b":2}', "[" * 100_000, "é"])
def test_what_is_no_json_any_more_stays_as_it_is_and_so_has_another_hash(stored: str) -> None:
    assert canonical_data(stored) == stored


def test_a_head_that_was_told_must_be_in_the_chain(tmp_path: Path) -> None:
    book = lived()
    folder = written(book, tmp_path / "export")
    told = (40, book.pieces[39].seal.link)

    assert check(today(book), [told])[1] == []
    assert verify_standalone.verify(folder, (told,))[0] == []
    assert [one.code for one in check(today(book), [(40, GENESIS)])[1]] == ["head"]
    assert verify_standalone.verify(folder, ((40, GENESIS),))[0] != []


def test_a_client_s_part_hides_others_and_says_what_is_withheld(tmp_path: Path) -> None:
    book = lived()
    pieces = [piece if at % 2 else Piece(piece.seal, None) for at, piece in enumerate(book.pieces)]
    bank = digest(book.mails.pop(book.pieces[1].seal.sources.removeprefix("letter:")))
    lines = "".join(chain_lines("atelier", "client", pieces, {bank: "a bank file with lines of others"}))
    (tmp_path / CHAIN_FILE).write_text(lines)
    for at, raw in enumerate(book.mails.values()):
        (tmp_path / f"{at}.eml").write_bytes(raw)

    bad, summary = verify_standalone.verify(tmp_path)

    assert bad == []
    assert "30 events shown, 30 by their hash alone" in summary
    (tmp_path / CHAIN_FILE).write_text(lines.replace("withheld\t", "withhold\t"))
    assert len(verify_standalone.verify(tmp_path)[0]) == 2


def test_the_script_runs_alone_on_a_zip_and_ends_with_0_4_or_2(tmp_path: Path) -> None:
    folder = written(lived(), tmp_path / "export")
    (tmp_path / VERIFIER_FILE).write_bytes(verifier())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(tmp_path / VERIFIER_FILE), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    archive = shutil.make_archive(str(tmp_path / "whole"), "zip", folder)
    assert run(archive).returncode == 0
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("contents/more.eml", b"not of the chain")
    assert run(archive).returncode == 0
    (folder / "contents" / "0").write_bytes(b"changed")
    assert "NOT IN ORDER: seal 1: the letter" in run(str(folder)).stdout
    assert run(str(folder)).returncode == 4
    (tmp_path / "empty").mkdir()
    assert run(str(tmp_path / "empty")).returncode == 2
    assert run().returncode == 2


def test_the_script_is_short_enough_to_be_read_and_needs_only_python() -> None:
    text = verifier().decode()

    assert len(text.splitlines()) < 150
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)
