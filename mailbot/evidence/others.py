"""Whether a text names another client: what leaves for a court or a lawyer holds nothing of anybody else."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SHORTEST = 4
"""In running text, names and numbers with fewer letters say nothing about anybody."""

_MARKS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Others:
    """The names, addresses and numbers of all other clients, folded."""

    terms: tuple[str, ...]
    names: tuple[frozenset[str], ...] = ()
    """The words of each name without its legal form, short ones too: banks put them in any order."""

    @classmethod
    def than(cls, own: Iterable[str], others: Iterable[str], names: Iterable[str] = ()) -> "Others":
        """`own`: those of the client itself; what is a part of them ("Martin" of "Martin SA") tells nobody apart."""
        mine = [folded(term) for term in own]
        wanted = {folded(term) for term in others}
        bare = {folded(name) for name in names}
        return cls(
            tuple(sorted(one for one in wanted if len(one) >= SHORTEST and not any(one in known for known in mine))),
            tuple(frozenset(one.split()) for one in sorted(bare) if one and not any(_within(one, kn) for kn in mine)),
        )

    def named_in(self, text: str) -> list[str]:
        """Those of the terms that stand in the text as words of their own."""
        low = f" {folded(text)} "
        return [term for term in self.terms if f" {term} " in low]

    def in_label(self, text: str) -> bool:
        """Whether a bank's words name another client, be it in another order, or by a name of two letters."""
        words = frozenset(folded(text).split())
        return bool(self.named_in(text)) or any(name <= words for name in self.names)


def folded(text: str) -> str:
    """Without case, accents, apostrophes and other marks, with single spaces: "hotel de l etoile"."""
    low = text.casefold()
    if not low.isascii():
        low = "".join(one for one in unicodedata.normalize("NFKD", low) if not unicodedata.combining(one))
    return " ".join(_MARKS.sub(" ", low).split())


def _within(name: str, text: str) -> bool:
    return f" {name} " in f" {text} "
