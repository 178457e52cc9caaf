import pytest

from mailbot.model import JSON
from mailbot.owner.question_words import step_label
from mailbot.owner.questions import choice_labels, question_text

ABOUT: dict[str, JSON] = {
    "amount": "1234.56",
    "currency": "EUR",
    "date": "2026-11-20",
    "label": "VIR SEPA DUPONT",
    "client_name": "Dupont",
    "invoices": ["FA-1", "FA-2"],
}
SIMPLE = (
    "unreadable", "too_big", "unreadable_document", "no_document", "not_ours", "unreadable_statement",
    "foreign_account", "no_contact", "stray_report", "rejected", "in_doubt", "unknown_sender", "revised",
    "unproven_owner",
    "statement_problems",
)  # fmt: skip


def one(*shares: tuple[str, str]) -> list[JSON]:
    return [{"invoice": invoice, "amount": amount} for invoice, amount in shares]


def test_one_candidate_is_a_yes_another_or_nobody_s() -> None:
    about = {**ABOUT, "choices": [one(("FA-1", "1000.00"), ("FA-2", "234.56"))]}

    text, choices = question_text("match", about, "fr")

    assert text.startswith("Virement de 1 234,56 € le 20 novembre 2026, « VIR SEPA DUPONT » : ")
    assert text.endswith("règle-t-il FA-1 (1 000,00 €) + FA-2 (234,56 €) ?")
    assert choices == ("oui", "autre", "pas un client")


def test_several_candidates_are_numbered() -> None:
    about = {**ABOUT, "choices": [one(("FA-1", "1234.56")), one(("FA-2", "1234.56"))]}
    text, choices = question_text("match", about, "en")

    assert "1) FA-1 (€1,234.56) ; 2) FA-2 (€1,234.56)" in text
    assert choices == ("1", "2", "other", "not a client")


def test_a_payment_without_a_candidate_takes_a_name_or_a_refusal() -> None:
    text, choices = question_text("match", {**ABOUT, "choices": []}, "fr")

    assert text.endswith("quelle facture règle-t-il ?")
    assert choices == ("autre", "pas un client")


def test_what_is_a_little_short_says_what_becomes_of_the_rest() -> None:
    closed: list[JSON] = [{"invoice": "FA-1", "amount": "1188.00", "waived": "12.00"}]
    about = {**ABOUT, "choices": [closed, one(("FA-1", "1188.00"))], "open": {"FA-1": "1200.00"}}

    french, english = (question_text("match", about, language)[0] for language in ("fr", "en"))

    assert "1) FA-1 (1 188,00 €, soldée : 12,00 € de frais ou d'escompte) ; 2) FA-1 (1 188,00 €, en partie)" in french
    assert "1) FA-1 (€1,188.00, settled: €12.00 charges or discount) ; 2) FA-1 (€1,188.00, in part)" in english


def test_an_invoice_in_another_currency_keeps_its_own() -> None:
    about = {**ABOUT, "choices": [one(("FA-1", "1300.00"))], "currencies": {"FA-1": "USD"}, "open": {"FA-1": "1300.00"}}

    assert "FA-1 ($1,300.00)" in question_text("match", about, "en")[0]


@pytest.mark.parametrize(("language", "choices"), [("fr", ("rembourser", "imputer")), ("en", ("refund", "set off"))])
def test_what_was_too_much_goes_back_or_on_other_invoices(language: str, choices: tuple[str, ...]) -> None:
    text, found = question_text("overpaid", {**ABOUT, "amount": "50.00"}, language)

    assert text.startswith("Dupont ")
    assert found == choices


@pytest.mark.parametrize(
    ("guess", "choices"),
    [
        ("dispute", ("oui", "promesse", "payé", "non")),
        ("promise", ("oui", "payé", "litige", "non")),
        (None, ("promesse", "payé", "litige", "non")),
    ],
)
def test_a_reply_in_doubt_is_quoted_with_what_it_seems_to_be(guess: str | None, choices: tuple[str, ...]) -> None:
    about: dict[str, JSON] = {**ABOUT, "text": "on verra\nplus tard", "guess": guess, "promise_date": None}
    text, offered = question_text("unclear", about, "fr")

    assert "« on verra plus tard »" in text
    assert offered == choices


def test_a_formal_notice_waits_for_a_yes() -> None:
    about: dict[str, JSON] = {**ABOUT, "what": "formal_notice", "label": None, "reason": "Deux relances."}

    assert question_text("approve", about, "fr") == (
        "Envoyer la mise en demeure à Dupont (FA-1, FA-2, 1 234,56 €) ? Deux relances.",
        ("oui", "non"),
    )


def test_missing_fields_are_asked_by_the_names_that_owners_use() -> None:
    about: dict[str, JSON] = {"name": "facture.pdf", "missing": ["due_date"], "doubtful": ["amount_due"]}
    text, choices = question_text("draft", about, "fr")

    assert "il manque l'échéance ; à vérifier : le montant" in text
    assert choices == ()


def test_an_invoice_that_was_read_in_full_but_not_for_certain_is_confirmed_with_a_yes() -> None:
    about: dict[str, JSON] = {"name": "facture.pdf", "missing": [], "doubtful": ["due_date"]}
    text, choices = question_text("draft", about, "fr")

    assert "Est-ce juste ? Sinon, répondez avec une ligne par champ" in text
    assert choices == ("oui", "non")


def test_an_alert_says_what_the_rules_say() -> None:
    text, choices = question_text("alert_dispute", {"text": "Dupont conteste FA-1."}, "fr")

    assert text.startswith("Dupont conteste FA-1.")
    assert choices == ("oui", "non")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", SIMPLE)
def test_every_kind_is_a_sentence_even_when_little_is_known(kind: str, language: str) -> None:
    bare, choices = question_text(kind, {}, language)
    full, _ = question_text(
        kind, {**ABOUT, "why": "it is broken", "what": "reminder_1", "from": "x@y.example"}, language
    )

    assert bare[-1] in '.?»…"'
    assert "{" not in bare + full
    assert "None" not in bare + full
    assert choices or kind == "no_contact"  # an "ok" would not settle it


def test_a_very_long_quotation_is_cut() -> None:
    text, _ = question_text("unknown_sender", {"from": "x@y.example", "subject": "a", "text": "mot " * 5000}, "fr")

    assert len(text) < 600


def test_braces_of_a_stranger_are_text() -> None:
    text, _ = question_text("unknown_sender", {"from": "{0.__class__}", "subject": "{x}", "text": "}{"}, "fr")

    assert "{0.__class__}" in text


def test_an_unknown_kind_says_what_is_known() -> None:
    assert question_text("new_kind", {"text": "Ceci."}, "fr") == ("Ceci.", ("ok",))
    assert question_text("new_kind", {}, "fr") == ("new kind", ("ok",))


def test_a_step_has_a_name() -> None:
    assert step_label("reminder_2", "en") == "the second reminder"
    assert step_label("own_step", "en") == "own_step"


def test_money_that_the_bank_took_back_is_asked_about_by_its_payment() -> None:
    about = {"amount": "-1200.00", "currency": "EUR", "date": "2026-03-02", "label": "REJET PRLV"}
    choices = [[{"invoice": number, "amount": "-1200.00"}] for number in ("FA-1", "FA-2")]

    none, _ = question_text("match", {**about, "choices": []}, "en")
    one, yes = question_text("match", {**about, "choices": choices[:1]}, "en")
    two, which = question_text("match", {**about, "choices": choices}, "fr")

    assert none.endswith("the payment of which invoice?")
    assert one.endswith("is it the payment of FA-1?")
    assert yes == ("yes", "other", "not a client")
    assert two.endswith("le paiement de quelle facture ? 1) FA-1 ; 2) FA-2")
    assert which == ("1", "2", "autre", "pas un client")
    assert "-1 200" not in two


def test_numbers_of_bookings_are_labelled_with_their_invoices_and_words_with_themselves() -> None:
    about: dict[str, JSON] = {
        "amount": "1200.00", "currency": "EUR", "date": "2026-03-02", "label": "VIR",
        "choices": [
            [{"invoice": "FA-1", "amount": "1200.00"}],
            [{"invoice": "FA-2", "amount": "700.00"}, {"invoice": "FA-3", "amount": "500.00"}],
        ],
    }  # fmt: skip
    _, choices = question_text("match", about, "fr")

    assert choice_labels("match", about, choices, "fr") == ("FA-1", "FA-2 + FA-3", "autre", "pas un client")


def test_two_answers_of_one_name_are_labelled_with_what_tells_them_apart() -> None:
    shares: list[JSON] = [
        [{"invoice": "FA-1", "amount": "990.00", "waived": "10.00"}],
        [{"invoice": "FA-1", "amount": "990.00"}],
    ]
    about: dict[str, JSON] = {"amount": "990.00", "currency": "EUR", "choices": shares, "open": {"FA-1": "1000.00"}}

    first, second, *_ = choice_labels("match", about, ("1", "2", "other"), "en")

    assert (first, second) == ("FA-1 (€990.00, settled: €10.00 charges or discount)", "FA-1 (€990.00, in part)")
    twins: dict[str, JSON] = {"choices": [{"label": "Dupont (Lyon)"}, {"label": "Dupont (Nantes)"}]}
    assert choice_labels("which", twins, ("1", "2", "non"), "fr") == ("Dupont (Lyon)", "Dupont (Nantes)", "non")


def test_names_are_short_where_they_differ_and_never_longer_than_a_button() -> None:
    about: dict[str, JSON] = {"choices": [{"label": "Dupont (Lyon, 1 200,00 €)"}, {"label": "Petit " * 30}]}

    first, second, _ = choice_labels("which", about, ("1", "2", "non"), "fr")

    assert first == "Dupont"
    assert len(second) <= 60
    assert second.endswith("…")


def test_answers_that_are_words_keep_them() -> None:
    assert choice_labels("approve", {}, ("oui", "non"), "fr") == ("oui", "non")
    assert choice_labels("credit_reference", {"choices": ["FA-7"]}, ("1", "aucune"), "fr") == ("FA-7", "aucune")
