"""What an owner's answer teaches: under which name, and from which account, a client pays.

Learnt is only what stands for one payer. A factor pays for many; a card batch, a payout, a bank's own booking or a
public body is nobody's name; a name that the bank cut is not learnt where another client's name begins so.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stdnum.iso7064 import mod_97_10

from mailbot.bank.labels import take_apart
from mailbot.bank.parties import (
    SHORTEST_CUT,
    bare_iban,
    is_batch,
    is_cheques,
    is_factor,
    is_public,
    name_words,
    without_motive,
)
from mailbot.model import Line

_IBAN = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}\b")
_MARKED = re.compile(r"\bIBAN ?[:+] ?([A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b")


@dataclass(frozen=True, slots=True)
class Alias:
    """What to add to a client: for OpenItem.client_aliases and OpenItem.payer_ibans. Both may be empty."""

    names: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()


def learn(line: Line, client: str, others: Iterable[str] = (), our_ibans: Iterable[str] = ()) -> Alias:
    """What this line tells of how `client` pays, once the owner has said that the line is that client's.

    `others` are the names and aliases of all other clients: what one of them is called, or what a cut name might be
    the beginning of, is not learnt. The name is as the bank prints it, in capitals without accents; the IBAN without
    spaces. `our_ibans` are the business's own accounts.
    """
    spoken = take_apart(line)
    if is_batch(spoken.whole, line.type) or is_cheques(spoken.whole) or line.count > 1:
        return Alias()
    if is_factor(spoken.whole) or is_public(spoken.whole):
        return Alias()
    payer = spoken.payers[-1] if spoken.payers else ""
    name = without_motive(payer) if spoken.runs_on else payer
    known = [name_words(other) for other in others]
    names = (name,) if _tells(name, client, known, cut=spoken.cut) else ()
    ours = {bare_iban(iban) for iban in our_ibans}
    return Alias(names, tuple(iban for iban in _ibans(line, spoken.whole) if iban not in ours))


def _tells(name: str, client: str, others: Iterable[tuple[str, ...]], *, cut: bool) -> bool:
    """Whether a payer's name stands for this client and no other, and says more than the client's own name."""
    words = name_words(name)
    letters = "".join(words)
    if len(letters) < SHORTEST_CUT or letters == "".join(name_words(client)) or letters.isdigit():
        return False
    for other in others:
        theirs = "".join(other)
        if letters == theirs or (cut and theirs.startswith(letters)) or (len(words) == 1 and words[0] in other):
            return False
    return True


def _ibans(line: Line, whole: str) -> tuple[str, ...]:
    """The payer's account: the statement's field, else the one that the label calls so."""
    if line.payer_iban:
        told = bare_iban(line.payer_iban)
        return (told,) if _IBAN.fullmatch(told) and _is_valid(told) else ()
    found = (bare_iban(mark[1]) for mark in _MARKED.finditer(whole))
    return tuple(dict.fromkeys(iban for iban in found if _is_valid(iban)))[:1]


def _is_valid(iban: str) -> bool:
    return 15 <= len(iban) <= 34 and mod_97_10.is_valid(iban[4:] + iban[:4])
