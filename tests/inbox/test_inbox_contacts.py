"""The address to which a client says one may write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.contacts import addresses, new_contact


@pytest.mark.parametrize(
    ("text", "language", "address"),
    [
        ("Merci d'écrire à Compta@Client.example.", "fr", "compta@client.example"),
        ("Écrivez à compta arobase client.example", "fr", "compta@client.example"),
        ("Bitte an buchhaltung(at)firma.example", "de", "buchhaltung@firma.example"),
        ("Please use ap [at] firm [dot] example", "en", "ap@firm.example"),
        ("N'écrivez plus à jean@client.example, mais à anne@client.example.", "fr", "anne@client.example"),
        ("Nicht an jan@firma.example, sondern an eva@firma.example bitte.", "de", "eva@firma.example"),
        ("Either a@firm.example or b@firm.example.", "en", None),
        ("Meet me at noon at the office.", "en", None),
        ("We paid at bank.", "en", None),
    ],
)
def test_the_new_address_is_the_one_named_and_not_denied(text: str, language: str, address: str | None) -> None:
    assert new_contact(text, language) == address


def test_addresses_that_are_known_are_no_new_contact() -> None:
    text = "I am ann@firm.example, write to bob@firm.example."

    assert new_contact(text, "en", {"ann@firm.example"}) == "bob@firm.example"


@given(st.text(alphabet="a@.(at) dot[]-é\n", max_size=200))
def test_any_text_is_searched_without_failing(text: str) -> None:
    assert all("@" in address for _, address in addresses(text))
