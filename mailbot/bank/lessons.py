"""What an owner's answer teaches: under which name, and from which account, a client pays.

Learnt is only what stands for one payer. A factor pays for many; a card batch, a payout, a bank's own booking or a
public body is nobody's name; a name that the bank cut is not learnt where another client's name begins so.
"""

from collections.abc import Iterable
from typing import Literal

from stdnum import iban

from mailbot.bank.labels import take_apart
from mailbot.bank.parties import (
    SHORTEST_CUT,
    bare_iban,
    is_batch,
    is_cheques,
    is_factor,
    is_public,
    joined_ibans,
    name_words,
    without_motive,
)
from mailbot.model import Line

_LONGEST = 140

Lesson = tuple[Literal["name", "iban"], str]
"""What to add to a client's aliases, or to the accounts from which it pays."""


def lessons(line: Line, client: str, others: Iterable[str] = (), our_ibans: Iterable[str] = ()) -> list[Lesson]:
    """By what the payer of this line is known from now on, once the owner has said that it is `client`'s.

    `others` are the names and aliases of all other clients: what one of them is called, or what a cut name might be
    the beginning of, is not learnt. Names are as the bank prints them, in capitals without accents; IBANs without
    spaces. `our_ibans` are the business's own accounts. Empty where the line teaches nothing.
    """
    spoken = take_apart(line)
    if is_batch(spoken.whole, line.type) or is_cheques(spoken.whole) or line.count > 1:
        return []
    if is_factor(spoken.whole) or is_public(spoken.whole):
        return []
    payer = spoken.payers[-1][:_LONGEST] if spoken.payers else ""
    name = without_motive(payer) if spoken.runs_on else payer
    found: list[Lesson] = []
    if _tells(name, client, map(name_words, others), cut=spoken.cut):
        found.append(("name", name))
    ours = {bare_iban(own) for own in our_ibans}
    found += [("iban", known) for known in _ibans(line, spoken.whole) if known not in ours]
    return found


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


def _ibans(line: Line, whole: str) -> list[str]:
    """The payer's account: the statement's field, else the one IBAN of the label; none where that has two."""
    if line.payer_iban:
        told = bare_iban(line.payer_iban)
        return [told] if iban.is_valid(told, check_country=False) else []
    found = {token for token in joined_ibans(whole) if iban.is_valid(token, check_country=False)}
    return sorted(found) if len(found) == 1 else []
