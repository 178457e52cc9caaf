"""What an owner's answer about one line teaches: the name and the account by which that client pays.

Nothing is learned from lines that many payers share (batches, cheques, factors), nor a name so short, or so cut, that
it could be somebody else's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from stdnum import iban as iban_number

from mailbot.bank.labels import take_apart
from mailbot.bank.parties import bare_iban, is_batch, is_cheques, is_factor, name_words
from mailbot.model import Line

SHORTEST_NAME = 6
"""Letters that a payer's name must have to stand for a client."""
_LONGEST = 140
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")

Lesson = tuple[Literal["name", "iban"], str]


def lessons(line: Line, client: str, others: Iterable[str]) -> list[Lesson]:
    """By what the payer of this line is known from now on as `client`; `others` are the names of the other clients.

    Empty where the line teaches nothing: a name that is the client's own needs no lesson.
    """
    spoken = take_apart(line)
    if is_batch(spoken.whole, line.type) or is_cheques(spoken.whole) or is_factor(spoken.whole) or line.count > 1:
        return []
    found: list[Lesson] = []
    name = spoken.payers[0].strip()[:_LONGEST] if spoken.payers and not spoken.runs_on else ""
    letters = "".join(name_words(name))
    foreign = ("".join(name_words(other)) for other in others)
    own = "".join(name_words(client))
    if len(letters) >= SHORTEST_NAME and letters != own and not any(one.startswith(letters) for one in foreign):
        found.append(("name", name))
    found += [("iban", known) for known in dict.fromkeys(_ibans(line, spoken.whole))]
    return found


def _ibans(line: Line, label: str) -> Iterator[str]:
    """The payer's account, where the statement has a field for it or the label one valid IBAN."""
    if line.payer_iban:
        yield bare_iban(line.payer_iban)
        return
    told = {bare_iban(found[0]) for found in _IBAN.finditer(label)}
    valid = [one for one in told if iban_number.is_valid(one)]
    if len(valid) == 1:
        yield valid[0]
