"""Our own lines in the owner's answer are known for ours; what the owner wrote among them is found, and only that."""

from mailbot.owner.echo import without_ours
from mailbot.owner.orders import parse_orders

DIGEST = """Atelier Martin SARL, lundi 23 novembre 2026, état à 07:30

À DÉCIDER (2)

1. Virement de 1 234,56 € le 20 novembre 2026, « DUPONT SARL » : règle-t-il FA-2026-010 (1 234,56 €) ?

   > ok 1  |  1 autre  |  non 1

2. Lemaire répond : « livraison incomplète » Est-ce un litige ?

   > ok 2  |  2 promesse  |  non 2

AUJOURD'HUI À PARTIR DE 09:30

- Dupont SARL : deuxième relance (FA-2026-0412), 1 890,00 €

Répondez avec une ligne par ordre : « ok 1 », « pause Dupont 10j », « payé FA-2026-014 ». « aide » donne la liste."""
HTML = """Atelier Martin SARL
lundi 23 novembre 2026
À décider (2)
1. Virement de 1 234,56 € le 20 novembre 2026, « DUPONT SARL » : règle-t-il FA-2026-010 (1 234,56 €) ?
Oui
Non
2. Lemaire répond : « livraison incomplète » Est-ce un litige ?
Oui
Non
ok 2
Aujourd'hui à partir de 09:30
Dupont SARL
deuxième relance (FA-2026-0412)
1 890,00 €"""
OURS = (DIGEST, HTML)


def orders(text: str) -> list[tuple[str, str | None]]:
    found, unknown = parse_orders(without_ours(text, OURS), "fr")
    assert unknown == ()
    return [(one.verb, one.target) for one in found]


def test_an_order_above_an_unmarked_digest_is_the_only_one() -> None:
    assert orders(f"pause Lemaire 10j\n\n{DIGEST}") == [("pause", "Lemaire")]
    assert orders(f"pause Lemaire 10j\n\n{HTML}") == [("pause", "Lemaire")]


def test_an_order_below_an_unmarked_digest_is_found() -> None:
    assert orders(f"{HTML}\n\npayé FA-2026-0412") == [("paid", "FA-2026-0412")]


def test_the_same_words_as_a_button_count_where_the_owner_wrote_them() -> None:
    assert orders(f"ok 2\n\n{HTML}") == [("answer", "2")]
    assert orders(f"{HTML}\nok 2") == [("answer", "2")]


def test_buttons_of_ours_give_no_order() -> None:
    assert orders(HTML) == []
    assert orders(HTML.replace("\nOui\n", "\nOui<mailto:bot@mail.example?subject=ok%201>\n")) == []


def test_answers_between_the_lines_are_found() -> None:
    said = DIGEST.replace("règle-t-il FA-2026-010 (1 234,56 €) ?", "règle-t-il FA-2026-010 (1 234,56 €) ?\nnon 1\n")

    assert orders(said) == [("answer", "1")]


def test_lines_that_a_program_broke_are_still_ours() -> None:
    broken = DIGEST.replace("« DUPONT SARL » : règle-t-il", "« DUPONT SARL » :\nrègle-t-il").replace("  |  ", "\n")

    assert orders(f"pause Lemaire 10j\n\n{broken.replace('   > ', '')}")[0] == ("pause", "Lemaire")


def test_the_end_of_a_broken_line_of_ours_is_no_order() -> None:
    ours = (
        "\n".join([*DIGEST.splitlines(), "Pour suspendre, « pause » et le numéro, ou « stop » pour tout arrêter."]),
    )
    broken = (
        ours[0].replace("pour tout arrêter.", "pour tout\narrêter.").replace("Répondez avec une", "Répondez avec\nune")
    )

    found, unknown = parse_orders(without_ours(f"pause Lemaire\n{broken}", ours), "fr")

    assert [(one.verb, one.target) for one in found] == [("pause", "Lemaire")]
    assert unknown == ()


def test_an_answer_that_quotes_nothing_stays_as_it_is() -> None:
    said = "ok 2\nDupont SARL\npayé FA-1"

    assert without_ours(said, OURS) == said
