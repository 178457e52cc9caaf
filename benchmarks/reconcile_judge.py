"""What a label still shows of a payment: is booking it without a question harmful, and what does an answer teach?

Two equal invoices of one client are called equally good, and a payment of one of them that names none must be asked
about. In law the oldest that is due would be paid (C. civ. 1342-10); the label is stricter, because the payer may have
said by mail which one it means, and the figures count these payments as questions.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from reconcile_book import FACTORS, Client, Item, Line, Truth, capitals, squeeze
from reconcile_drafts import Draft

UNKNOWN_PAYER = "the payer is unknown and nothing names the invoice"
EQUALLY_GOOD = "two answers are equally good"
SHORTEST_NAME = 6  # letters of a cut name that still point at somebody
ROUNDING = 5  # cents

Lessons = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # client: payer names, payer accounts


class Judge:
    """Knows the open book as the matcher will see it."""

    def __init__(self, book: Sequence[Item]) -> None:
        self.names: dict[str, set[str]] = defaultdict(set)
        self.owed: dict[str, list[int]] = defaultdict(list)
        self.ibans: dict[str, set[str]] = defaultdict(set)
        self.clients_owing: dict[int, set[str]] = defaultdict(set)
        for item in book:
            self.names[item.client] |= {squeeze(name) for name in (item.client, *item.aliases)}
            self.ibans[item.client] |= set(item.ibans)
            if item.kind == "invoice":
                self.owed[item.client].append(item.cents)
                self.clients_owing[item.cents].add(item.client)

    def truth(self, kind: str, draft: Draft, line: Line, pair: int) -> Truth:
        """The truth of this line; `pair` is the place of the line that a reversal takes back."""
        why = self._why(kind, draft, line)
        return Truth(kind, draft.allocations, draft.left, why, pair if draft.reverses else None)

    def _why(self, kind: str, draft: Draft, line: Line) -> str:
        text = squeeze(line.text)
        named = bool(draft.named) and all(squeeze(name) in text for name in draft.named)
        if draft.why and (named or kind != "wrong_reference"):
            return draft.why
        if draft.client is None or not draft.allocations or (named and not draft.weak):
            return ""
        fragment = shown_payer(draft, line)
        if not self._known(draft.client.name, fragment, line):
            return "a bare number from an unknown payer" if named else UNKNOWN_PAYER
        return "" if named else self._why_unnamed(draft, line, fragment)

    def _why_unnamed(self, draft: Draft, line: Line, fragment: str) -> str:
        """Nothing names the invoice, the payer is known: only the amount can tell."""
        assert draft.client
        owed = self.owed[draft.client.name]
        near = sum(abs(cents - line.cents) <= ROUNDING for cents in owed)
        if len(draft.allocations) > 1 or not near:
            return "the amount is no open invoice's, and nothing names any"
        rivals = self.clients_owing[line.cents] - {draft.client.name}
        cut = fragment != squeeze(draft.payer)
        if near > 1 or (cut and any(name.startswith(fragment) for rival in rivals for name in self.names[rival])):
            return EQUALLY_GOOD
        return ""

    def _known(self, client: str, fragment: str, line: Line) -> bool:
        if any(iban in line.memo for iban in self.ibans[client]):
            return True
        whole = any(name in fragment for name in self.names[client])
        return whole or (
            len(fragment) >= SHORTEST_NAME and any(name.startswith(fragment) for name in self.names[client])
        )


def shown_payer(draft: Draft, line: Line) -> str:
    """The letters of the payer's name that the label still shows, squeezed."""
    text, payer = squeeze(line.text), squeeze(draft.payer)
    return next((payer[:end] for end in range(len(payer), 0, -1) if payer[:end] in text), "")


def learn(
    before: Lessons, seen: Sequence[tuple[Draft, Line]], clients: Sequence[Client]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What the owner's answers of a month teach, beside what was known: names and accounts of payers, by client.

    Not taught: a factor (it pays for many), a name so cut that it begins another client's, an account of a factor.
    """
    others = {
        client.name: [squeeze(name) for name in (client.name, client.pays_as, client.proxy)] for client in clients
    }
    lessons = {client: (list(names), list(ibans)) for client, (names, ibans) in before.items()}
    for draft, line in seen:
        if draft.client is None or draft.label or draft.payer in FACTORS:
            continue
        fragment = shown_payer(draft, line)
        foreign = [name for client, names in others.items() if client != draft.client.name for name in names]
        names, ibans = lessons.setdefault(draft.client.name, ([], []))
        if len(fragment) >= SHORTEST_NAME and not any(name.startswith(fragment) for name in foreign):
            names.append(_printed(draft.payer, fragment))
        ibans += [
            iban for iban in (draft.client.iban, draft.client.proxy_iban) if iban in line.memo and iban not in ibans
        ]
    return {client: (tuple(dict.fromkeys(names)), tuple(ibans)) for client, (names, ibans) in lessons.items()}


def _printed(payer: str, fragment: str) -> str:
    """The payer's name in capitals, up to the last letter that the label shows."""
    text = capitals(payer)
    end = next(end for end in range(1, len(text) + 1) if squeeze(text[:end]) == fragment)
    return text[:end]
