"""The pages as HTML: facts in, the words of the visitor's language, no script.

Whatever a client or an invoice says is data here: it is escaped, never a template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.bank.references import rf
from mailbot.config import shipped
from mailbot.jobs.pageanswers import LAST_DAY
from mailbot.jobs.pages import Billed, ClientPage
from mailbot.model import Event
from mailbot.money import write_amount, write_day
from mailbot.outbox import transfer
from mailbot.outbox.letter import PAGE_LANGUAGES
from mailbot.outbox.wording import grouped
from mailbot.settings import Business

_REPLIES: Mapping[str, str] = {
    "reply.paid": "h_paid",
    "reply.dispute": "h_dispute",
    "reply.wrong_contact": "h_wrong_contact",
    "reply.stop": "h_stop",
}


@dataclass(frozen=True, slots=True)
class Say:
    """The words of one language: `say("to_pay")`, `say("of_amount", amount=…)`."""

    language: str

    def __call__(self, key: str, **values: str) -> str:
        return str(_words()[key][self.language]).format(**values)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: `root` is the address of the web part ("" for its own), `here` the page's own address."""

    root: str
    here: str


class Pages:
    """Fills in the templates of templates/web, each compiled at start, so that a mistake is found then."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or shipped("templates") / "web"
        self._jinja = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folder), undefined=StrictUndefined, autoescape=True,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._page, self._plain = self._jinja.get_template("page.html.j2"), self._jinja.get_template("plain.html.j2")
        _words()
        self.style = (self._folder / "style.css").read_bytes()

    def page(
        self, facts: ClientPage, business: Business, place: Place, language: str, form: str,
        *, opened: str = "", error: str = "",
    ) -> str:  # fmt: skip
        """The client's page; `opened` is the answer whose form is unfolded, `error` the key of what is missing."""
        say = Say(language)
        total = _total(facts, language)
        return self._page.render(
            business=business.name, client=facts.client, language=language, say=say, root=place.root, here=place.here,
            heading=_heading(facts, say), owed=bool(facts.owed), total=total, status=_status(facts, say),
            invoices=[_row(one, facts.today, place.here, say) for one in facts.billed],
            open_numbers=[one.number for one in facts.owed],
            iban=grouped(business.iban or ""), bic=business.bic or "", reference=_reference(facts),
            qr=transfer_code(facts, business, say("qr_label", amount=total)), pay_url=facts.pay_url,
            history=[_told(event, facts, say) for event in facts.history], tracking=facts.tracking,
            first_day=facts.today.isoformat(), last_day=(facts.today + LAST_DAY - timedelta(days=1)).isoformat(),
            form=form, opened=opened, error=error,
        )  # fmt: skip

    def done(self, answers: Sequence[Event], business: Business, place: Place, language: str, back: str) -> str:
        """Confirms the newest answer that was given on a page; `answers` are in order and not empty."""
        say, last = Say(language), answers[-1]
        numbers = [event.invoice for event in answers if (event.name, event.at.date()) == (last.name, last.at.date())]
        about = ", ".join(dict.fromkeys(number for number in numbers if number))
        lines = [_confirmed(last, say), *([say("done_about", numbers=about)] if about else [])]
        return self._alone(say, place, business.name, say("done_title"), lines, good=True, back=back)

    def stop(self, business: Business, place: Place, language: str) -> str:
        """Asks for the one click that a GET must not be."""
        say = Say(language)
        lines = [say("stop_text", business=business.name)]
        return self._alone(say, place, business.name, say("stop_title"), lines, button=say("stop_send"))

    def stopped(self, business: Business, place: Place, language: str) -> str:
        """After the click."""
        say = Say(language)
        return self._alone(say, place, business.name, say("done_title"), [say("done_stop")], good=True)

    def plain(self, what: str, place: Place, language: str) -> str:
        """ "gone", "busy" or "failed": nothing in it tells whether the address ever was genuine."""
        say = Say(language)
        return self._alone(say, place, "", say(f"{what}_title"), [say(f"{what}_text")])

    def _alone(
        self, say: Say, place: Place, business: str, heading: str, lines: Sequence[str], *, good: bool = False,
        button: str = "", back: str = "",
    ) -> str:  # fmt: skip
        return self._plain.render(
            business=business, language=say.language, say=say, root=place.root, here=place.here, heading=heading,
            lines=list(lines), good=good, button=button, back=back,
        )  # fmt: skip


def language_of(asked: str, known: str, accepted: str) -> str:
    """The visitor's choice, else the client's language, else the browser's first one that we write, else English."""
    if asked in PAGE_LANGUAGES:
        return asked
    if known in PAGE_LANGUAGES:
        return known
    wanted = (part.strip()[:2].lower() for part in accepted[:200].split(","))
    return next((code for code in wanted if code in PAGE_LANGUAGES), "en")


def transfer_code(facts: ClientPage, business: Business, label: str) -> str:
    """The SEPA transfer of all that is owed as an inline SVG (EPC069-12); "" where it is not one transfer in euros."""
    if set(facts.totals) != {"EUR"}:
        return ""
    code = transfer.transfer_code(
        name=business.name, iban=business.iban or "", bic=business.bic or "", amount=facts.totals["EUR"],
        currency="EUR", numbers=[one.number for one in facts.owed], rf=_creditor_reference(facts),
    )  # fmt: skip
    if code is None:
        return ""
    return str(code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None, title=label))


def _reference(facts: ClientPage) -> str:
    """What to write on the transfer."""
    return " ".join(one.number for one in facts.owed)


def _creditor_reference(facts: ClientPage) -> str:
    """The RF reference of the one invoice that is owed; several have none together."""
    try:
        return rf(facts.owed[0].number) if len(facts.owed) == 1 else ""
    except ValueError:
        return ""


def _heading(facts: ClientPage, say: Say) -> str:
    if not facts.owed:
        return say("title_paid")
    return say("title_one", number=facts.owed[0].number) if len(facts.owed) == 1 else say("title_many")


def _total(facts: ClientPage, language: str) -> str:
    return " + ".join(write_amount(amount, currency, language) for currency, amount in facts.totals.items())


def _status(facts: ClientPage, say: Say) -> str:
    """One line below the amount: how it stands to its due date."""
    if len(facts.owed) == 1:
        one = facts.owed[0]
        return _late(one, facts.today, say) or say("due_in", day=write_day(one.due, say.language))
    late = [one for one in facts.owed if one.due < facts.today]
    sums: dict[str, Decimal] = {}
    for one in late:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.open
    if not late or len(late) == len(facts.owed):
        return say("as_of", day=write_day(facts.today, say.language))
    said = " + ".join(write_amount(amount, currency, say.language) for currency, amount in sums.items())
    return say("late_some", amount=said)


def _late(one: Billed, today: date, say: Say) -> str:
    days = (today - one.due).days
    if days == 0:
        return say("due_today")
    if days < 0:
        return ""
    return say("late_one") if days == 1 else say("late_many", days=str(days))


def _row(one: Billed, today: date, here: str, say: Say) -> dict[str, Any]:
    return {
        "number": one.number,
        "issued": write_day(one.issued, say.language, "medium"),
        "due": write_day(one.due, say.language, "medium"),
        "late": _late(one, today, say) if one.open > 0 else "",
        "paid": one.open <= 0,
        "part": 0 < one.open < one.amount,
        "open": write_amount(one.open, one.currency, say.language),
        "amount": write_amount(one.amount, one.currency, say.language),
        "document": f"{here}/document/{quote(one.number, safe='')}" if one.document else "",
    }


def _told(event: Event, facts: ClientPage, say: Say) -> dict[str, str]:
    currency = next((one.currency for one in facts.billed if one.number == event.invoice), "EUR")
    return {
        "day": write_day(event.day, say.language, "medium"),
        "words": _history_words(event, currency, say),
        "numbers": event.invoice if event.invoice and not event.name.startswith("reply.") else "",
    }


def _history_words(event: Event, currency: str, say: Say) -> str:
    if event.name == "mail.sent":
        return say("h_mail")
    if event.name == "bank.payment":
        amount = event.data.get("amount")
        return say("h_payment", amount=write_amount(Decimal(str(amount)), currency, say.language))
    day = event.data.get("promise_date")
    if event.name == "reply.promise":
        return say("h_promise", day=_written(day, say)) if isinstance(day, str) else say("h_promise_open")
    return say(_REPLIES.get(event.name, "h_answer"))


def _confirmed(event: Event, say: Say) -> str:
    day = event.data.get("promise_date")
    if event.name == "reply.promise" and isinstance(day, str):
        return say("done_promise", day=_written(day, say))
    return say(f"done_{event.name.removeprefix('reply.')}")


def _written(day: str, say: Say) -> str:
    return write_day(date.fromisoformat(day), say.language)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (shipped("templates") / "web" / "words.yaml").read_text(encoding="utf-8")
    )
    return words
