"""An order that its owner takes back in the same breath, or denies: it is asked about, and never carried out."""

from datetime import date

import pytest

from mailbot.jobs.ordering import refusals
from mailbot.model import Order
from mailbot.owner.denials import denied
from mailbot.owner.nearest import settled_order
from mailbot.owner.orders import parse_orders

DAY = date(2026, 11, 23)
SECOND_THOUGHTS = (
    "laisse", "laisse tomber", "non laisse", "attends", "pas encore", "finalement non", "ah non", "non, pas encore",
    "laisse ça pour l'instant", "on verra", "leave it", "never mind", "hold on", "scratch that", "no leave it",
    "not yet", "laisse, je m'en occupe", "forget it", "non attends je vérifie",
)  # fmt: skip


def orders(mail: str) -> list[Order]:
    return list(parse_orders(mail, "fr", DAY)[0])


def refused(mail: str, language: str = "fr") -> str:
    """What the transcript says of a mail of which nothing is carried out."""
    found, unknown = parse_orders(mail, language, DAY)
    assert found == ()
    return "\n".join(said for _, said in refusals(unknown, language))


@pytest.mark.parametrize("words", SECOND_THOUGHTS)
@pytest.mark.parametrize("order", ["payé FA-2026-0002", "relance Dupont", "ok 1", "litige FA-2026-0002"])
def test_a_second_thought_below_an_order_takes_it_back(order: str, words: str) -> None:
    assert orders(f"{order}\n{words}") == []


@pytest.mark.parametrize("words", [one for one in SECOND_THOUGHTS if "je " not in one])
def test_a_second_thought_behind_an_order_takes_it_back(words: str) -> None:
    assert orders(f"payé FA-2026-0002 {words}") == []
    assert orders(f"relance Dupont, {words}") == []


@pytest.mark.parametrize("first", ["attends", "hold on"])
def test_a_wait_above_an_order_holds_it(first: str) -> None:
    assert orders(f"{first}\npause Dupont") == []


def test_the_owner_is_told_which_words_held_the_order() -> None:
    assert "« non laisse »" in refused("payé FA-2026-0002\nnon laisse")
    assert "Sous condition" in refused("payé FA-2026-0002, laisse tomber")


@pytest.mark.parametrize(
    ("mail", "verb", "target"),
    [("attends Dupont", "pause", "Dupont"), ("annule la facture FA-1 je me suis trompé", "cancel", "FA-1"),
     ("non laisse", "answer", None), ("1 non", "answer", "1"),
     ("laisse Dupont tranquille", "pause", "Dupont"), ("leave Dupont alone", "pause", "Dupont")],
)  # fmt: skip
def test_what_only_sounds_like_a_second_thought_is_still_read(mail: str, verb: str, target: str | None) -> None:
    assert [(order.verb, order.target) for order in orders(mail)] == [(verb, target)]


def test_a_text_for_a_client_with_a_second_thought_below_it_is_asked_about() -> None:
    [order] = orders("réponds Dupont : bonjour\nlaisse tomber")

    assert order.fields["doubt"] == "laisse tomber"


@pytest.mark.parametrize(
    "line",
    ["relance pas {}", "relancez pas {}", "relance plus {}", "ne relance pas {}", "surtout pas relancer {}",
     "surtout pas de relance {}", "faut pas relancer {}", "il faut pas relancer {}", "envoie rien à {}",
     "envoie pas de relance à {}", "n'envoie rien à {}", "écris pas à {}", "don't remind {}", "do not chase {}",
     "please don't chase {}", "never send reminders to {}", "no reminders for {}", "no more reminders for {}",
     "la relance pas {}", "relance jamais {}", "on relance pas {}"],
)  # fmt: skip
@pytest.mark.parametrize("client", ["Dupont", "Non Stop SARL", "Premiers Pas", "FA-2026-0002"])
def test_not_to_remind_is_a_pause_whatever_the_client_is_called(line: str, client: str) -> None:
    assert [(order.verb, order.target) for order in orders(line.format(client))] == [("pause", client)]


@pytest.mark.parametrize(
    ("line", "instead"),
    [("inutile de relancer Dupont", "pause Dupont"), ("pas besoin de relancer Dupont", "pause Dupont"),
     ("pas la peine de relancer Dupont", "pause Dupont"), ("no need to remind Dupont", "pause Dupont"),
     ("Dupont, on relance pas", "pause Dupont"), ("je relance pas Dupont", "pause Dupont"),
     ("bloque pas Dupont", "reprends Dupont"), ("suspends pas Dupont", "reprends Dupont"),
     ("ne suspends pas Dupont", "reprends Dupont"), ("don't pause Dupont", "reprends Dupont"),
     ("no need to pause Dupont", "reprends Dupont"), ("reprends pas Dupont", "pause Dupont"),
     ("pas de litige FA-1", "clos FA-1"), ("no dispute on FA-1", "clos FA-1"),
     ("paie pas FA-1", ""), ("payé pas FA-1", ""), ("not paid FA-1", ""), ("abandonne pas FA-1", ""),
     ("annule pas la facture FA-1", ""), ("don't write off FA-1", ""), ("don't cancel invoice FA-1", ""),
     ("réponds pas à Dupont", ""), ("clos pas FA-1", ""), ("saute pas FA-1", "")],
)  # fmt: skip
def test_another_denial_does_nothing_and_names_the_order_for_it(line: str, instead: str) -> None:
    said = refused(line)

    assert "négation" in said
    assert (f"« {instead} »" in said) if instead else "l'ordre est" not in said


@pytest.mark.parametrize("line", ["pause Personne 3j", "relance Pas-de-Calais Habitat", "plus ferme avec Dupont"])
def test_a_name_with_a_word_of_denial_denies_nothing(line: str) -> None:
    assert denied(line.lower()) is None


@pytest.mark.parametrize(
    "mail",
    ["litige FA-1 inventé", "litige FA-1 inventé par le client", "litige FA-1 non fondé", "litige FA-1 bidon",
     "litige FA-1 annulé", "litige FA-1 réglé par chèque mais pas encaissé", "litige FA-1\ninventé", "1 litige inventé",
     "dispute FA-1 is baseless", "dispute FA-1 made up", "dispute FA-1 rejected", "litige FA-1 réglé à moitié"],
)  # fmt: skip
def test_words_that_are_no_reason_of_a_client_open_no_dispute(mail: str) -> None:
    assert orders(mail) == []


@pytest.mark.parametrize(
    "line",
    ["litige FA-1 réglé", "litige FA-1 clos", "litige FA-1 levé", "litige FA-1 : c'est réglé", "litige levé FA-1",
     "FA-1 litige levé", "plus de litige sur FA-1", "fin du litige FA-1", "dispute settled FA-1",
     "dispute FA-1 resolved", "FA-1 dispute is over", "no more dispute on FA-1"],
)  # fmt: skip
def test_a_dispute_that_is_over_is_closed(line: str) -> None:
    assert [(order.verb, order.target) for order in orders(line)] == [("resolve", "FA-1")]


def test_a_reason_of_the_client_still_opens_a_dispute() -> None:
    assert [order.verb for order in orders("litige FA-1 facture déjà réglée selon eux")] == ["dispute"]
    assert [order.verb for order in orders("litige FA-1 faux montant")] == ["dispute"]


@pytest.mark.parametrize(
    ("line", "targets"),
    [("Dupont a tout payé", ["Dupont"]), ("Dupont a soldé son compte", ["Dupont"]), ("Dupont c'est payé", ["Dupont"]),
     ("tout est payé pour Dupont", ["Dupont"]), ("les factures de Dupont sont payées", ["Dupont"]),
     ("FA-1 est soldée", ["FA-1"]), ("FA-1 et FA-2 sont payées", ["FA-1", "FA-2"]),
     ("FA-1, FA-2 réglées", ["FA-1", "FA-2"]), ("ça y est, Dupont a payé", ["Dupont"])],
)  # fmt: skip
def test_a_payment_that_is_told_is_understood(line: str, targets: list[str]) -> None:
    assert [(order.verb, order.target) for order in orders(line)] == [("paid", one) for one in targets]


@pytest.mark.parametrize(
    "line",
    ["Dupont c'est réglé", "c'est bon pour Dupont", "Dupont est à jour", "Dupont ne doit plus rien", "Dupont ok",
     "on est bon avec Dupont", "c'est réglé avec Dupont", "Dupont : tout est réglé", "we're good with Dupont",
     "Dupont is all paid up", "Dupont owes us nothing more"],
)  # fmt: skip
def test_a_matter_that_is_called_settled_is_asked_about_with_the_client(line: str) -> None:
    assert "« payé Dupont »" in refused(line)


@pytest.mark.parametrize("line", ["Dupont c'est pas réglé", "c'est bon pour Dupont ?", "ok pour Dupont", "c'est bon"])
def test_what_is_denied_or_asked_or_names_nobody_has_no_candidate(line: str) -> None:
    assert settled_order(line, "fr") == ""
