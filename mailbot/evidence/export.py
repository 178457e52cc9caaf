"""The chain as a file that others can check: `chain.tsv`, beside the raw contents that its seals name.

Lines with tabs: a head, what is withheld and why, every file with its hash and name, a line for each seal with its
event in clear (or without it, where it is about others or was erased), and the last seal again, so that a cut is seen.

The last seal is that of the event `evidence.exported`, whose data say the scope and the sha256 of all lines above, up
to the seal `until`: what the file shows, hides, lists and withholds is sealed itself. See `verify_standalone.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Literal

from mailbot.evidence.chain import GENESIS, Piece

CHAIN_FILE = "chain.tsv"
VERIFIER_FILE = "verify.py"

Scope = Literal["whole", "client"]
"""`whole`: every event is in clear; `client`: those of one client, the others by their hashes alone."""

Listed = tuple[str, str, str]
"""A file of the export: "content" (a seal names it) or "page" (made for reading), its sha256, and its name."""


def chain_lines(
    business: str, scope: Scope, pieces: Iterable[Piece], withheld: Mapping[str, str], listed: Iterable[Listed]
) -> Iterator[str]:
    """What the last seal binds, each line with its newline. `withheld`: sha256 of a source that is not given -> why."""
    yield f"mailbot-chain\t2\t{_cell(business)}\t{scope}\n"
    for sha256, why in sorted(withheld.items()):
        yield f"withheld\t{sha256}\t{_cell(why)}\n"
    for kind, sha256, name in sorted(listed, key=lambda one: one[2]):
        yield f"{kind}\t{sha256}\t{_cell(name)}\n"
    yield from map(_line, pieces)


def closing_lines(pieces: Iterable[Piece]) -> Iterator[str]:
    """The rest: seals after those above, the last of which binds the file, and the head."""
    n, link = 0, GENESIS
    for piece in pieces:
        n, link = piece.seal.n, piece.seal.link
        yield _line(piece)
    yield f"head\t{n}\t{link}\n"


def verifier() -> bytes:
    """The script that checks the file with nothing but Python; the same bytes whatever git made of its line ends."""
    return files("mailbot.evidence").joinpath("verify_standalone.py").read_bytes().replace(b"\r\n", b"\n")


def _line(piece: Piece) -> str:
    sealed = piece.seal
    return f"seal\t{sealed.n}\t{sealed.link}\t{sealed.event_sha256}\t{sealed.sources}\t{piece.event or ''}\n"


def _cell(text: str) -> str:
    """One column: ASCII on one line."""
    return " ".join(text.encode("ascii", "replace").decode().split())
