"""One client's decision on a screen, for `mailbot explain`. Heavy: imported inside commands only."""

from collections.abc import Mapping

import typer

from mailbot.cli.output import shown
from mailbot.jobs.showing import Explained
from mailbot.money import write_amount_plain
from mailbot.rules.explain import explain
from mailbot.rules.state import open_amounts
from mailbot.rules.wording import written_day

WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "unknown": "Il n'y a pas de facture {number}.",
        "near": " Vouliez-vous dire {near} ?",
        "no_step": "Il n'y a pas d'étape {step} ; les règles de ce jour ont : {steps}.",
        "invoice": "{number}   {amount}, échéance {due} (J{late:+d})",
        "settled": "{number}   soldée, échéance {due}",
        "waits": " (attend votre accord)",
        "none": "aucun message dans les 90 jours, si rien ne se passe",
    },
    "en": {
        "unknown": "There is no invoice {number}.",
        "near": " Did you mean {near}?",
        "no_step": "There is no step {step}; the rules of that day have: {steps}.",
        "invoice": "{number}   {amount}, due {due} (day {late:+d})",
        "settled": "{number}   settled, due {due}",
        "waits": " (waits for your yes)",
        "none": "no mail in the next 90 days, if nothing happens",
    },
}


def print_explained(found: Explained, language: str) -> None:
    """The invoice, the verdict, its trace, the next look, and the mails to come, in French or English."""
    words, day = WORDS[language], found.decision.day
    bill = next((one for one in found.facts.invoices if one.number == found.number), None)
    if bill is not None:
        left = open_amounts(found.facts, found.events, day).get(bill.number)
        amount = write_amount_plain(left, bill.currency, language) if left else ""
        values = {"number": bill.number, "amount": amount, "due": written_day(bill.due, language)}
        typer.echo(words["invoice" if left else "settled"].format(**values, late=(day - bill.due).days))
    typer.echo(explain(found.decision, found.rules, language, shown(found.client.name)))
    for one in found.coming:
        waits = words["waits"] if one.approval else ""
        typer.echo(f"    {written_day(one.day, language)}  {one.what}  {', '.join(one.invoices)}{waits}")
    if not found.coming:
        typer.echo("    " + words["none"])
