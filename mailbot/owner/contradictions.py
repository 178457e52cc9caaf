"""Two orders of one mail that cannot both be meant: neither is carried out, and the owner is told which they are."""

from collections.abc import Mapping, Sequence

from mailbot.model import Order

_OPPOSED = (
    {"pause", "resume"},
    {"pause", "send"},
    {"send", "skip"},
    {"dispute", "resolve"},
    {"paid", "write_off"},
    {"paid", "cancel"},
    {"paid", "promise"},
    {"paid", "dispute"},
    {"paid", "send"},
    {"cancel", "send"},
    {"write_off", "send"},
    {"write_off", "promise"},
    {"live", "stop"},
)
_ONE_VALUE: Mapping[str, tuple[str, ...]] = {
    "answer": ("choice", "text"),
    "promise": ("date", "amount"),
    "pause": ("until", "days", "resume_on"),
    "policy": ("tone", "profile", "language"),
    "digest": ("at", "days"),
}
"""Said twice of the same thing with other values, these contradict each other; two part payments do not."""

_HARMLESS = frozenset({"status", "why", "preview", "help"})


def contradicting(orders: Sequence[Order]) -> dict[int, int]:
    """Position of each order that contradicts another -> position of that other one.

    Targets are compared as they stand, so the caller names each thing in one way. "stop" is always carried out: it
    harms nobody. Part payments and part promises with different amounts are fine; "paid" with an amount is a part and
    contradicts neither a promise nor a dispute of the rest.
    """
    found: dict[int, int] = {}
    for later, order in enumerate(orders):
        for earlier in range(later):
            if _contradict(orders[earlier], order):
                found.setdefault(earlier, later)
                found.setdefault(later, earlier)
    return {at: other for at, other in found.items() if orders[at].verb != "stop"}


def _contradict(one: Order, other: Order) -> bool:
    pair = {one.verb, other.verb}
    if pair == {"live", "stop"} or (_says_no(other) and one.verb not in _HARMLESS):
        return True
    if one.target != other.target:
        return False
    if pair == {"paid", "promise"} or pair == {"paid", "dispute"}:
        return not any("amount" in order.fields for order in (one, other))
    if pair in _OPPOSED:
        return True
    names = _ONE_VALUE.get(one.verb, ()) if one.verb == other.verb else ()
    return any(one.fields.get(name) != other.fields.get(name) for name in names) and _both_say(one, other, names)


def _says_no(order: Order) -> bool:
    """A line of only "non" below another order: to that order, or to the question of the mail? Nobody knows."""
    return order.verb == "answer" and order.fields == {"choice": "no"}


def _both_say(one: Order, other: Order, names: Sequence[str]) -> bool:
    """ "gentler" and "treat as" say different things of one client, and both can be meant."""
    said = [{name for name in names if name in order.fields} for order in (one, other)]
    return bool(said[0] & said[1]) or one.verb in ("pause", "promise")
