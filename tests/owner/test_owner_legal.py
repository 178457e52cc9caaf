"""What an owner says of an insolvency or of a court, in French and English."""

from datetime import date

import pytest

from mailbot.owner.orders import parse_line, parse_orders

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("line", "target", "step", "day"),
    [
        ("bodacc Dupont 12/11", "Dupont", "bodacc", "2025-11-12"),
        ("BODACC : Dupont, 12/11/2025", "Dupont", "bodacc", "2025-11-12"),
        ("publication au BODACC de Dupont SARL le 12/02/2026", "Dupont SARL", "bodacc", "2026-02-12"),
        ("procédure collective Dupont", "Dupont", "bodacc", None),
        ("liquidation judiciaire de Dupont publiée hier", "Dupont", "bodacc", "2026-03-09"),
        ("insolvency of Dupont published on 2 March 2026", "Dupont", "bodacc", "2026-03-02"),
        ("claim filed Dupont 9/3", "Dupont", "claim_filed", "2026-03-09"),
        ("déclaration de créance Dupont", "Dupont", "claim_filed", None),
        ("injonction de payer FA-2026-014 signifiée le 05/03", "FA-2026-014", "payment_order_served", "2026-03-05"),
        ("payment order FA-1 issued on 1 March", "FA-1", "payment_order", "2026-03-01"),
        ("assignation FA-1 le 1/3", "FA-1", "lawsuit", "2026-03-01"),
        ("reconnaissance de dette FA-1 2/3", "FA-1", "written_acknowledgement", "2026-03-02"),
        ("bodacc FA-2026-0004-001 12/11/2025", "FA-2026-0004-001", "bodacc", "2025-11-12"),
    ],
)
def test_a_legal_step_is_read(line: str, target: str, step: str, day: str | None) -> None:
    [order], unknown = parse_orders(line, "fr", TODAY)

    assert unknown == ()
    assert (order.verb, order.target, order.fields["step"], order.fields.get("date")) == (
        "legal_step", target, step, day,
    )  # fmt: skip


@pytest.mark.parametrize("line", ["bodacc Dupont ?", "insolvency of Dupont if it is published", "bodaccio Dupont"])
def test_a_question_a_condition_and_another_word_are_no_order(line: str) -> None:
    assert not parse_line(line, TODAY)
