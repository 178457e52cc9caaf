"""Whether a text names another client: what leaves for a court or a lawyer holds nothing of anybody else."""

from collections.abc import Iterable
from dataclasses import dataclass

SHORTEST = 4
"""Names and numbers with fewer letters say nothing about anybody."""


@dataclass(frozen=True, slots=True)
class Others:
    """The names, addresses and numbers of all other clients, folded."""

    terms: tuple[str, ...]

    @classmethod
    def than(cls, own: Iterable[str], others: Iterable[str]) -> "Others":
        """`own`: those of the client itself; what is a part of them ("Martin" of "Martin SA") tells nobody apart."""
        mine = [folded(term) for term in own]
        wanted = {folded(term) for term in others}
        return cls(
            tuple(sorted(term for term in wanted if len(term) >= SHORTEST and not any(term in known for known in mine)))
        )

    def named_in(self, text: str) -> list[str]:
        """Those of the terms that stand in the text as words of their own."""
        low = folded(text)
        return [term for term in self.terms if term in low and _stands_alone(term, low)]


def folded(text: str) -> str:
    """Without case, and with single spaces."""
    return " ".join(text.casefold().split())


def _stands_alone(term: str, text: str) -> bool:
    at = text.find(term)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(term) : at + len(term) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(term, at + 1)
    return False
