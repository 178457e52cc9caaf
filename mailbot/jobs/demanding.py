"""What is demanded of a client on a day: the one reckoning from which a notice's letter and mail are both written."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.deciding import current_amounts
from mailbot.jobs.office import Office
from mailbot.jobs.penalties import agreed_with, debtor_of, owed_of_all
from mailbot.law.amounts import Owed
from mailbot.law.demand import Demand, Item, basis, deadline
from mailbot.law.explain import refused
from mailbot.ledger import clients, invoices
from mailbot.rules.calendar import public_holidays

ZERO = Decimal(0)


def demand(
    conn: Connection, office: Office, client: int, numbers: Sequence[str], on: date, now: datetime, *, claims: bool
) -> tuple[Demand, str]:
    """(what is open of these invoices, with what the law adds up to `on` where `claims`; what could not be said).

    The invoices stay in their order; what is paid, cancelled or a credit note is left out. Where interest is claimed,
    the principal is what `owed` says: of a payment that settled interest first, that part is still open.
    """
    amounts = current_amounts(conn, office, client, now)
    known = [one for one in (invoices.get(conn, office.key, number) for number in numbers) if one is not None]
    billed = [one for one in known if one.kind == "invoice" and amounts.get(one.number, ZERO) > 0]
    late = [one for one in billed if claims and one.due < on]
    found = [one.result for one in owed_of_all(conn, office, late, on)]
    problems = [refused(one, office.business.language) for one in found if not isinstance(one, Owed)]
    law, debtor = office.business.law, debtor_of(office, clients.get(conn, office.key, client))
    agreed = any(agreed_with(office, debtor, one.document.penalty_terms) is not None for one in billed)
    rests_on, interest_law, indemnity_law = basis(debtor, office.tables, law.country, on, has_contract_rate=agreed)
    principal = {one.debt.number: one.principal for one in found if isinstance(one, Owed)}
    made = Demand(
        on=on,
        deadline=deadline(on, lambda day: day in public_holidays("FR", day.year)),
        items=tuple(
            Item(
                one.number,
                one.issued,
                one.due,
                one.amount,
                principal.get(one.number, amounts[one.number]),
                one.currency,
            )
            for one in billed
        ),
        late=tuple(one for one in found if isinstance(one, Owed) and any(one.penalties.values())),
        basis=rests_on,
        interest_law=interest_law,
        indemnity_law=indemnity_law,
    )
    return made, " ".join(dict.fromkeys(problems))
