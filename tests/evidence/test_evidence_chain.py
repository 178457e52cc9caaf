"""The chain of seals: a thousand random changes are all found, by the check and by the stand-alone script."""

import json
import random
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.evidence import verify_standalone
from mailbot.evidence.chain import (
    EVENT_KEYS,
    EXPORTED,
    GENESIS,
    Finding,
    Piece,
    canonical,
    canonical_data,
    canonical_event,
    check,
    digest,
    seal,
    source,
)
from mailbot.evidence.contents import Stored, compared, kept
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, Scope, chain_lines, closing_lines, verifier
from mailbot.model import JSON

EVENTS = 60
KEPT = ("letter", "statement", "mail", "document")
NOW = datetime(2026, 3, 3, tzinfo=UTC)


@dataclass
class Book:
    """A business that has lived: events with the mails they came from, and contents that no event came from."""

    pieces: list[Piece] = field(default_factory=list)
    mails: dict[str, bytes] = field(default_factory=dict)
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """(kind, name) -> bytes"""


def record(n: int, letter: str | None, data: dict[str, JSON], name: str = "reply.promise") -> dict[str, JSON]:
    return {
        "at": f"2026-03-02T08:{n % 60:02}:00+00:00", "business": "atelier", "client": n % 7, "data": data,
        "day": "2026-03-02", "id": f"{name}/{n}", "invoice": "FA-1", "letter": letter, "line": None, "name": name,
    }  # fmt: skip


def lived(erased: list[JSON] | None = None, count: int = EVENTS) -> Book:
    book, link = Book(), GENESIS
    for n in range(1, count + 1):
        raw = f"From: client{n}@example\r\n\r\nNous paierons le {n}.\r\n".encode()
        book.mails[digest(raw)] = raw
        kind = KEPT[n % 4]
        content = f"{kind} no. {n}".encode()
        name = {"mail": str(n), "document": digest(f"FA-{n}".encode())}.get(kind, digest(content))
        book.contents[kind, name] = content
        told = record(n, digest(raw), {"because": f"le {n} é", "amount": "120.00"})
        if n == EVENTS and erased is not None:
            told = record(n, digest(raw), {"erased": erased}, "client.erased")
        listed = [source("letter", digest(raw)), kept(kind, digest(content), name)]
        made = seal(n, link, canonical(told), listed)
        link = made.link
        book.pieces.append(Piece(made, canonical(told), {"letter": digest(raw)}))
    return book


def today(book: Book) -> Iterator[Piece]:
    """The pieces with what their mails hash to now."""
    for piece in book.pieces:
        name = piece.seal.sources.partition(" ")[0].removeprefix("letter:")
        raw = book.mails.get(name)
        yield Piece(piece.seal, piece.event, {"letter": digest(raw) if raw is not None else None})


def differences(book: Book, told: tuple[tuple[int, str], ...] = ()) -> list[Finding]:
    """What the check of chain and contents finds."""
    checked, findings = check(today(book), told)
    stored = [Stored(kind, name, digest(raw), NOW - timedelta(days=1)) for (kind, name), raw in book.contents.items()]
    return [*findings, *compared(checked.kept, stored, checked.erased, NOW)[0]]


def mutated(book: Book, draw: random.Random) -> str:
    """Change one thing; says what."""
    at, other = draw.sample(range(EVENTS), 2)
    piece = book.pieces[at]
    kind = draw.choice(["event", "remove", "insert", "swap", "mail", "lose", "seal", "content", "gone", "new", "named"])
    one, another = draw.sample(sorted(book.contents), 2)
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
        book.mails[name] = flipped(book.mails[name], draw)
    elif kind == "lose":
        book.mails.pop(draw.choice(sorted(book.mails)))
    elif kind == "content":
        book.contents[one] = flipped(book.contents[one], draw)
    elif kind == "gone":
        book.contents.pop(one)
    elif kind == "new":
        raw = draw.randbytes(9)
        book.contents[one[0], digest(raw)] = raw
    elif kind == "named":
        book.contents[one], book.contents[another] = book.contents[another], book.contents[one]
    else:
        field_name = draw.choice(["event_sha256", "sources", "link"])
        values = {name: getattr(piece.seal, name) for name in ("n", "event_sha256", "sources", "link")}
        text = values[field_name]
        place = draw.randrange(text.index(":") + 1 if field_name == "sources" else 0, len(text))
        values[field_name] = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        book.pieces[at] = Piece(type(piece.seal)(**values), piece.event)
    return kind


def flipped(raw: bytes, draw: random.Random) -> bytes:
    changed = bytearray(raw)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def exported(book: Book, scope: Scope = "whole", withheld: dict[str, str] | None = None) -> dict[str, bytes]:
    """The files of an export, bound by a seal of its own."""
    files = {f"contents/{digest(raw)}": raw for raw in (*book.mails.values(), *book.contents.values())}
    listed = [("content", digest(raw), name) for name, raw in files.items()]
    lines = "".join(chain_lines("atelier", scope, book.pieces, withheld or {}, listed))
    data: dict[str, JSON] = {"scope": scope, "until": len(book.pieces), "lines": digest(lines.encode())}
    last = canonical(record(EVENTS + 1, None, data, EXPORTED))
    binding = Piece(seal(len(book.pieces) + 1, book.pieces[-1].seal.link if book.pieces else GENESIS, last, []), last)
    return files | {CHAIN_FILE: (lines + "".join(closing_lines([binding]))).encode()}


def changed_file(files: dict[str, bytes], draw: random.Random) -> str:
    """Change one thing of an export, as somebody does who cannot seal anything; says what."""
    lines = files[CHAIN_FILE].decode().splitlines(keepends=True)
    names = sorted(name for name in files if name != CHAIN_FILE)
    one, other = draw.sample(names, 2)
    at = draw.randrange(len(lines))
    kind = draw.choice(["byte", "lose", "add", "rename", "swap", "scope", "hide", "withhold", "unlist", "page", "line"])
    if kind == "byte":
        files[one] = flipped(files[one], draw)
    elif kind == "lose":
        del files[one]
    elif kind == "add":
        files[f"contents/{digest(draw.randbytes(4))}"] = draw.randbytes(4)
    elif kind == "rename":
        files[f"contents/{digest(draw.randbytes(4))}"] = files.pop(one)
    elif kind == "swap":
        files[one], files[other] = files[other], files[one]
    elif kind == "scope":
        lines[0] = lines[0].replace("whole", "client") if "whole" in lines[0] else lines[0].replace("client", "whole")
    elif kind == "hide":
        shown = [n for n, line in enumerate(lines) if line.startswith("seal") and line[-2] != "\t"]
        n = draw.choice(shown)
        lines[n] = lines[n].rpartition("\t")[0] + "\t\n"
    elif kind == "withhold":
        lines.insert(1, f"withheld\t{digest(files.pop(one))}\twhatever\n")
    elif kind == "unlist":
        del files[one]
        lines = [line for line in lines if one not in line]
    elif kind == "page":
        lines = [line.replace("content\t", "page\t") if one in line else line for line in lines]
    else:
        del lines[at]
    files[CHAIN_FILE] = "".join(lines).encode()
    return kind


def written(files: dict[str, bytes], folder: Path) -> Path:
    """An export, unpacked."""
    (folder / "contents").mkdir(parents=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return folder


def is_found(files: dict[str, bytes], folder: Path, heads: tuple[tuple[int, str], ...] = ()) -> bool:
    """Whether the stand-alone script finds something in this export."""
    written(files, folder)
    try:
        return verify_standalone.verify(folder, heads)[0] != []
    except ValueError:  # no evidence file any more, which is found as well
        return True
    finally:
        shutil.rmtree(folder)


def test_a_chain_as_it_was_made_holds(tmp_path: Path) -> None:
    book = lived()
    checked, _ = check(today(book))

    assert (checked.n, checked.link, differences(book)) == (EVENTS, book.pieces[-1].seal.link, [])
    assert len(checked.kept) == EVENTS
    bad, summary = verify_standalone.verify(written(exported(book), tmp_path / "export"))
    assert bad == []
    assert summary.startswith(f"{EVENTS + 1} seals, {EVENTS + 1} events shown")


@pytest.mark.parametrize("part", range(4))
def test_a_thousand_random_changes_are_all_found(part: int, tmp_path: Path) -> None:
    first = lived()
    told = ((EVENTS, first.pieces[-1].seal.link),)
    for seed in range(part * 250, part * 250 + 250):
        book = lived()
        kind = mutated(book, random.Random(seed))

        # taking away the last seal leaves a chain that holds: what was told to the owner shows it
        assert differences(book, told) != [], (seed, kind)


@pytest.mark.parametrize("scope", ["whole", "client"])
@pytest.mark.parametrize("part", range(2))
def test_a_thousand_random_changes_of_exports_are_all_found(scope: Scope, part: int, tmp_path: Path) -> None:
    genuine = exported(lived(count=12), scope)
    assert not is_found(dict(genuine), tmp_path / "genuine")
    for seed in range(part * 250, part * 250 + 250):
        files = dict(genuine)
        kind = changed_file(files, random.Random(seed))

        assert is_found(files, tmp_path / f"{seed}"), (seed, kind)


@pytest.mark.parametrize("scope", ["whole", "client"])
def test_a_file_that_is_bound_anew_has_another_head_than_the_one_that_was_told(scope: Scope, tmp_path: Path) -> None:
    book = lived()
    lines = exported(book, scope)[CHAIN_FILE].decode().splitlines()
    _, n, link = lines[-1].split("\t")
    told = ((int(n), link),)
    assert not is_found(exported(book, scope), tmp_path / "genuine", told)

    book.pieces[7] = Piece(book.pieces[7].seal, None)
    forged = exported(book, "client")

    assert not is_found(dict(forged), tmp_path / "forged")
    assert is_found(forged, tmp_path / "forged", told)


def test_any_byte_of_the_file_of_the_chain_counts(tmp_path: Path) -> None:
    genuine = exported(lived())
    chain = genuine[CHAIN_FILE]
    head = chain.index(b"\n")
    draw = random.Random(3)

    for _ in range(300):
        place = draw.randrange(head, len(chain))
        changed = bytearray(chain)
        changed[place] ^= 1 << draw.randrange(7)
        assert is_found({**genuine, CHAIN_FILE: bytes(changed)}, tmp_path / "export"), (place, chain[place])


def test_the_bytes_that_another_document_took_the_place_of_are_in_order_where_they_are_kept() -> None:
    old, new, name = digest(b"%PDF-1"), digest(b"%PDF-2"), digest(b"FA-1 fa-1.pdf")
    named = {kept("document", old, name): 3}
    first, second = Stored("letter", old, old, NOW), Stored("document", name, new, None)

    def codes(*stored: Stored, names: dict[str, int] = named) -> list[str]:
        return [one.code for one in compared(names, stored, frozenset(), NOW + timedelta(days=1))[0]]

    assert codes(Stored("letter", old, old, None), second) == []
    assert codes(second) == ["content_changed"]
    late = Stored("document", name, new, NOW)
    assert codes(Stored("letter", old, old, None), late) == ["content_changed"]
    both = named | {kept("document", new, name): 9, kept("letter", old, old): 9}
    assert codes(first, late, names=both) == []


def test_what_was_stored_while_the_last_seal_was_made_waits_for_the_next() -> None:
    def found(at: datetime | None) -> tuple[list[str], int]:
        findings, waiting = compared({}, [Stored("mail", "7", digest(b"x"), at)], frozenset(), NOW)
        return [one.code for one in findings], waiting

    assert found(NOW + timedelta(minutes=1)) == ([], 1)
    assert found(NOW - timedelta(minutes=59)) == ([], 1)
    assert found(NOW - timedelta(minutes=61)) == (["content_inserted"], 0)
    assert found(None) == ([], 1)


def test_what_was_erased_and_told_of_is_in_order_and_nothing_else(tmp_path: Path) -> None:
    first = lived()
    gone = [first.pieces[4].seal.event_sha256, *[name for name in first.mails if b"client9@" in first.mails[name]]]
    book = lived(erased=list(gone))
    book.pieces[4] = Piece(book.pieces[4].seal, canonical(record(5, None, {"erased": True})))
    del book.mails[gone[1]]

    assert differences(book) == []
    book.pieces[4] = Piece(book.pieces[4].seal, None)
    assert verify_standalone.verify(written(exported(book), tmp_path / "export"))[0] == []

    book.pieces[5] = Piece(book.pieces[5].seal, canonical(record(6, None, {"erased": True})))
    assert [(one.n, one.code) for one in differences(book)] == [(6, "event_missing")]


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
    folder = written(exported(book), tmp_path / "export")
    told = (40, book.pieces[39].seal.link)

    assert check(today(book), [told])[1] == []
    assert verify_standalone.verify(folder, (told,))[0] == []
    assert [one.code for one in check(today(book), [(40, GENESIS)])[1]] == ["head"]
    assert verify_standalone.verify(folder, ((40, GENESIS),))[0] != []


def test_a_client_s_part_hides_others_and_says_what_is_withheld(tmp_path: Path) -> None:
    book = lived()
    book.pieces = [piece if at % 2 else Piece(piece.seal, None) for at, piece in enumerate(book.pieces)]
    bank = digest(book.mails.pop(book.pieces[1].seal.sources.partition(" ")[0].removeprefix("letter:")))
    book.contents.clear()

    bad, summary = verify_standalone.verify(
        written(exported(book, "client", {bank: "a bank file with lines of others"}), tmp_path / "told")
    )
    assert bad == []
    assert "31 events shown, 30 by their hash alone" in summary
    assert len(verify_standalone.verify(written(exported(book, "client"), tmp_path / "silent"))[0]) == 1


def test_a_file_that_no_seal_names_is_no_content(tmp_path: Path) -> None:
    book = lived()
    book.mails[digest(b"made up")] = b"made up"

    assert verify_standalone.verify(written(exported(book), tmp_path / "export"))[0] == [
        f"contents/{digest(b'made up')} is a content that no seal names"
    ]


def test_the_script_runs_alone_on_a_zip_and_ends_with_0_4_or_2(tmp_path: Path) -> None:
    folder = written(exported(lived()), tmp_path / "export")
    (tmp_path / VERIFIER_FILE).write_bytes(verifier())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(tmp_path / VERIFIER_FILE), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    archive = shutil.make_archive(str(tmp_path / "whole"), "zip", folder)
    assert run(archive).returncode == 0
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("contents/more.eml", b"not of the chain")
    assert "NOT IN ORDER: contents/more.eml is not listed" in run(archive).stdout
    assert run(archive).returncode == 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of the name that stands there twice
        with zipfile.ZipFile(archive, "a") as file:
            file.writestr("contents/more.eml", b"twice")
    assert run(archive).returncode == 2
    one = next(iter(sorted((folder / "contents").iterdir())))
    one.write_bytes(b"changed")
    assert "is not listed, was changed or is gone" in run(str(folder)).stdout
    assert run(str(folder)).returncode == 4
    (tmp_path / "empty").mkdir()
    assert run(str(tmp_path / "empty")).returncode == 2
    assert run(str(tmp_path / VERIFIER_FILE)).returncode == 2
    assert run().returncode == 2


def test_line_ends_that_git_or_an_editor_changed_are_called_that(tmp_path: Path) -> None:
    folder = written(exported(lived()), tmp_path / "export")
    chain = next(folder.rglob("chain.tsv"))
    chain.write_bytes(chain.read_bytes().replace(b"\n", b"\r\n"))

    with pytest.raises(ValueError, match="changed its line ends"):
        verify_standalone.verify(folder)
    chain.write_bytes(b"mailbot-chain\t1\tatelier\n")
    with pytest.raises(ValueError, match="older file"):
        verify_standalone.verify(folder)
    assert b"\r" not in verifier()


def test_the_script_is_short_enough_to_be_read_and_needs_only_python() -> None:
    text = verifier().decode()

    assert len(text.splitlines()) < 150
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)
