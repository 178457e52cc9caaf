"""Invoice numbers and sums stand on one line each on a telephone, and a long mail does not grow by it."""

import re

from outbox_letters import TEMPLATES, letter

from mailbot.outbox.wording import unbroken

PAGE = "<html><head><style>td {{ margin: 0 100 }}</style></head><body>{}</body></html>"


def test_a_number_within_a_sentence_is_kept_whole() -> None:
    assert unbroken(PAGE.format("<p>Pays it FA-2026-0410?</p>")) == PAGE.format(
        '<p>Pays it <span class="whole">FA-2026-0410</span>?</p>'
    )


def test_a_sum_is_kept_whole_and_an_iban_stays_as_it_is() -> None:
    iban = "<p>FR76 3000 6000 0112 3456 7890 189</p>"

    assert unbroken(PAGE.format("<p>de 1 000,00 €</p>")) == PAGE.format("<p>de 1\u00a0000,00\u00a0€</p>")
    assert unbroken(PAGE.format(iban)) == PAGE.format(iban)


def test_addresses_and_numbers_alone_in_their_cell_stay_as_they_are() -> None:
    page = PAGE.format('<td>FA-2026-0410 late</td><a href="x?FA-2026-0410">pay</a><td>see FA-1@here.example</td>')

    assert unbroken(page) == page


def test_only_the_first_numbers_of_a_long_mail_are_wrapped() -> None:
    assert unbroken(PAGE.format("<p>and FA-1</p>" * 100)).count("<span") == 16


def test_a_letter_of_thanks_names_its_invoices_without_breaking_them() -> None:
    html = TEMPLATES.render("payment_thanks", "de", letter("de").values()).html

    assert re.search(r"<span [^>]*nowrap[^>]*>FA-2026-0398</span>", html)
