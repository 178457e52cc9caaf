"""The owner's orders: one a line at the top of a mail, French or English, accents and case do not matter.

`verb target [value]`, as in "pause Dupont 10j" or "paid F-2026-014 1200 transfer 21/11". Reading stops at a quote,
at "--", at a closing, or after five lines that are no order. The table of verbs (`verbs.py`) is closed; a line that
is none is handed back, never guessed. What is only asked ("payé ?") or bound to a condition ("si …") is no order, and
where a line says that the others are not to be carried out ("ne pas exécuter", "exemple :"), none of them is.
"""

import re
from collections.abc import Sequence
from datetime import date

from mailbot.model import Order
from mailbot.owner import courtesy
from mailbot.owner.answers import reserved
from mailbot.owner.doubt import introduces, no_reason
from mailbot.owner.lines import holds_others, parse_line
from mailbot.owner.retractions import only_waits, retracts
from mailbot.owner.texts import ends_mail, ends_text, text_below
from mailbot.owner.verb_table import begins_with_verb
from mailbot.owner.words import ALL, THE_SAME, fold

__all__ = ["ALL", "THE_SAME", "parse_line", "parse_orders"]

_MAX_LINES = 400
_MAX_ORDERS = 60
_MAX_LINE = 500
_MAX_TEXT = 8000
_MAX_UNKNOWN = 5
_MAX_LATE = 10
_TOO_MUCH_BEFORE = 3
"""After so many lines that are none, what looks like an order is read in some other text: in doubt nothing."""
_PARTS = re.compile(r"[!.,;:]+\s+")
_OF_ANOTHER = re.compile(r"^(?:(?:pour|for|et|and|la|le|the|question|point|n°|#)\s*)*\d")
"""A line below an answer that begins with a number is about another question, and no note on that answer."""
_COPY = re.compile(
    r"^(?:de|from|expediteur|envoye|sent|objet|subject|date)\s?:\s*\S|^-+\s*(?:message|original|mail|e-mail)|\*from:"
)
"""Where an unmarked copy of another mail begins: nothing after it is the owner's word."""
_INDIRECT = re.compile(r"^(?:que |qu'|that |to say |de dire |if |s'il |si )")
""" "réponds à Dupont que …" tells what to write, and is no text that a client can read."""
_IN_SIGNATURES = frozenset({"answer", "correct", "contact", "help", "status", "why", "preview"})
"""What a signature's lines may look like ("Mail : …"): below a closing they are nobody's lost order."""


def parse_orders(
    text: str,
    language: str,  # noqa: ARG001 - the words of both languages are always understood
    today: date | None = None,
) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """(orders, lines that are none) of the top of an owner's mail.

    `today`, the day of the mail, turns "21/11" and "10j" into days; without it such fields stay as written.
    The words of both languages are understood whatever `language` says: owners mix them.
    """
    reader = _Reader([line.strip() for line in text.split("\n")[:_MAX_LINES]], today)
    reader.read()
    if len(reader.orders) > 1:
        reader.held += [one.line for one in reader.orders if _takes_back(one)]
    if reader.held:
        lines = [*reader.held, *(order.line for order in reader.orders), *reader.unknown]
        return (), tuple(dict.fromkeys(line for line in lines if line))
    return tuple(reader.orders), tuple(reader.unknown)


def _takes_back(order: Order) -> bool:
    """ "attends", "non laisse": an order or an answer by itself, and below or above another the wish to do neither."""
    low = fold(order.line)
    return order.target is None and (retracts(low) if order.verb == "answer" else only_waits(low))


class _Reader:
    """Line by line: the orders so far, the lines that are none, and those that say that nothing is to be done."""

    def __init__(self, lines: Sequence[str], today: date | None) -> None:
        self.lines = lines
        self.today = today
        self.orders: list[Order] = []
        self.unknown: list[str] = []
        self.held: list[str] = []

    def read(self) -> None:
        at = 0
        while at < len(self.lines) and len(self.orders) < _MAX_ORDERS:
            line = self.lines[at][:_MAX_LINE]
            low = fold(line)
            if ends_mail(low):
                return
            if _COPY.match(low):
                self._copied(at, line)
                return
            if len(self.unknown) >= _MAX_UNKNOWN:
                self._late(at)
                return
            if ends_text(low) and not self._found(line) and self._hides_order(line):
                self.unknown.append(line)
            elif ends_text(low) and not self._found(line):
                if self.orders or self.unknown or not self._late_orders(at + 1):
                    self._late(at + 1)
                    return
            elif low and not (low.startswith("#") and not re.match(r"#\s?\d", low)):
                at = self._line(at, line, low)
            at += 1

    def _line(self, at: int, line: str, low: str) -> int:
        """Take one line that says something; the last line that belongs to it."""
        found = self._found(line)
        if holds_others(low) and not (found and (retracts(low) or begins_with_verb(courtesy.without_opening(low)))):
            self.held.append(line)
            return at
        if courtesy.is_pleasant(low) or (not found and (courtesy.GREETING.match(low) or introduces(low))):
            return at
        if found and not self.orders and len(self.unknown) >= _TOO_MUCH_BEFORE:
            self.unknown.append(line)
        elif found:
            self.orders += found
            if found[-1].verb == "reply":
                return self._text(at)
        elif self.orders and self._takes_text() and not (self.orders[-1].verb == "answer" and _OF_ANOTHER.match(low)):
            self._add(line, low)
        elif not self._is_rest_of_last(line):
            self.unknown.append(line)
        return at

    def _hides_order(self, line: str) -> bool:
        """Whether an order stands in the same line after kind words that are not known as such."""
        return any(self._found(part) for part in _PARTS.split(line)[1:] if part)

    def _found(self, line: str) -> list[Order]:
        return parse_line(line, self.today)

    def _copied(self, at: int, line: str) -> None:
        if not self.orders and not self.unknown:
            self.unknown += [line, *self._late_orders(at + 1)]

    def _text(self, at: int) -> int:
        """The owner's words to the client: all that stands below, up to the signature; its last line."""
        order = self.orders[-1]
        below = text_below(self.lines[at + 1 :], order.fields.get("text", ""), self._found)
        joined = "\n".join(filter(None, (order.fields.get("text", ""), below.text)))
        fields = {"text": joined[:_MAX_TEXT]} if joined else {}
        doubts = [*below.doubtful, *(["…"] if len(joined) > _MAX_TEXT else [])]
        if _INDIRECT.match(fold(joined)):
            doubts.insert(0, joined.partition("\n")[0])
        if doubts:
            fields["doubt"] = "\n".join(doubts)
        self.orders[-1] = Order(order.verb, order.target, fields, order.line)
        return at + below.lines

    def _takes_text(self) -> bool:
        last = self.orders[-1]
        return last.verb == "dispute" or (last.verb == "answer" and "text" not in last.fields)

    def _add(self, line: str, low: str) -> None:
        """The owner's own words below an order: the reason of a dispute, what goes with an answer.

        What takes something of a yes back makes it none.
        """
        order = self.orders[-1]
        if order.verb == "answer" and order.fields.get("choice") == "yes" and reserved(low):
            self.orders.pop()
            self.unknown += [order.line, line]
            return
        if order.verb == "dispute" and no_reason(low):
            self.orders.pop()
            self.unknown += [order.line, line]
            return
        name = "why" if order.verb == "dispute" else "text"
        joined = f"{order.fields.get(name, '')}\n{line}".strip()[:_MAX_TEXT]
        self.orders[-1] = Order(order.verb, order.target, {**order.fields, name: joined}, order.line)

    def _is_rest_of_last(self, line: str) -> bool:
        """An order that a mail program broke in two: both lines together are one, and the second alone is none."""
        if not self.orders or self.unknown:
            return False
        last = self.orders[-1]
        together = self._found(f"{last.line} {line}")
        alike = len(together) == 1 and (together[0].verb, together[0].target) == (last.verb, last.target)
        if (
            not alike
            or last.verb not in ("paid", "promise", "pause", "correct")
            or not set(last.fields) < set(together[0].fields)
        ):
            return False
        self.orders[-1] = Order(last.verb, last.target, together[0].fields, last.line)
        return True

    def _late(self, start: int) -> None:
        """Orders below a closing, or below what could not be read, are not carried out and not passed over either."""
        self.unknown += self._late_orders(start)
        self.held += [line for line in self._own(start) if line and holds_others(fold(line))] if self.orders else []

    def _late_orders(self, start: int) -> list[str]:
        found = [
            line
            for line in self._own(start)
            if any(one.verb not in _IN_SIGNATURES or one.target for one in self._found(line) if one.verb != "contact")
        ]
        return found[:_MAX_LATE]

    def _own(self, start: int) -> list[str]:
        """The lines from there on, up to a quote or a copy."""
        own = []
        for line in self.lines[start:]:
            low = fold(line[:_MAX_LINE])
            if ends_mail(low) or _COPY.match(low):
                break
            own.append(line[:_MAX_LINE])
        return own
