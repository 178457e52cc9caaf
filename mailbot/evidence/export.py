"""The chain as a file that others can check: `chain.tsv`, beside the raw contents that its seals name.

Lines with tabs: a head, what is withheld and why, a line for each seal with its event in clear (or without it, where it
is about others or was erased), and the last seal again, so that a cut is seen. See `verify_standalone.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Literal

from mailbot.evidence.chain import GENESIS, Piece

CHAIN_FILE = "chain.tsv"
VERIFIER_FILE = "verify.py"

Scope = Literal["whole", "client"]
"""`whole`: every event is in clear; `client`: those of one client, the others by their hashes alone."""


def chain_lines(business: str, scope: Scope, pieces: Iterable[Piece], withheld: Mapping[str, str]) -> Iterator[str]:
    """The lines of chain.tsv, each with its newline. `withheld`: sha256 of a source that is not given -> why."""
    yield f"mailbot-chain\t1\t{_cell(business)}\t{scope}\n"
    for sha256, why in sorted(withheld.items()):
        yield f"withheld\t{sha256}\t{_cell(why)}\n"
    n, link = 0, GENESIS
    for piece in pieces:
        sealed = piece.seal
        n, link = sealed.n, sealed.link
        yield f"seal\t{n}\t{link}\t{sealed.event_sha256}\t{sealed.sources}\t{piece.event or ''}\n"
    yield f"head\t{n}\t{link}\n"


def verifier() -> bytes:
    """The script that checks the file with nothing but Python."""
    return files("mailbot.evidence").joinpath("verify_standalone.py").read_bytes()


def _cell(text: str) -> str:
    """One column: ASCII on one line."""
    return " ".join(text.encode("ascii", "replace").decode().split())
