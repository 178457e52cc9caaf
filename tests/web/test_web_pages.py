"""The client's page: what it shows, what its buttons do, and what it keeps to itself."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html as markup
from web_house import EMAIL, NOON, PDF, WebHouse, house

from mailbot.jobs.deciding import current_decision
from mailbot.ledger.store import reading


def text(page: str) -> str:
    return " ".join(markup.fromstring(page).find("body").text_content().split()).replace("\u202f", " ")


def form(page: str, kind: str = "promise") -> dict[str, object]:
    """The fields of a form as a browser would send them."""
    found = markup.fromstring(page).xpath(f"//form[.//input[@name='answer' and @value='{kind}']]")[0]
    fields: dict[str, object] = {}
    for field in found.iter("input"):
        if field.get("type") == "checkbox":
            fields.setdefault(field.get("name"), []).append(field.get("value"))  # type: ignore[attr-defined]
        else:
            fields[field.get("name")] = field.get("value") or ""
    return fields


def answered(home: WebHouse, kind: str, **fields: str) -> str:
    """Send a form and follow to what is shown then."""
    visitor, path = home.visitor(), home.path("i")
    sent = visitor.post(f"{path}/answer", {**form(visitor.get(path).text, kind), **fields})
    assert sent.status_code == 303, sent.text
    return visitor.get(sent.headers["location"]).text


def test_the_mail_leads_to_a_page_with_the_amounts_of_today(home: WebHouse) -> None:
    home.happens("bank.payment", "FA-2026-0412", amount="300.00", line="l1")

    shown = text(home.visitor().get(home.path("i")).text)

    assert "Pour Dupont & Fils SARL" in shown
    assert "13 384,50 €" in shown
    assert "sur 1 234,50 €" in shown
    assert "Échue depuis 28 jours" in shown
    assert "FR76 3000 6000 0112 3456 7890 189" in shown
    assert "Règlement reçu : 300,00 €" in shown


@pytest.mark.parametrize(
    ("query", "browser", "words"),
    [("", "en-GB", "Vos factures"), ("?lang=en", "fr", "Your open invoices"), ("?lang=de", "de", "Vos factures")],
)
def test_the_page_speaks_the_clients_language_or_the_one_that_is_chosen(
    home: WebHouse, query: str, browser: str, words: str
) -> None:
    assert words in home.visitor(accept_language=browser).get(home.path("i") + query).text


def test_the_code_to_scan_is_the_transfer_of_all_that_is_owed(home: WebHouse) -> None:
    page = markup.fromstring(home.visitor().get(home.path("i")).text)

    [code] = page.xpath("//div[@class='qr']/svg")
    assert "13 684,50 €" in code.findtext("title").replace("\u202f", " ").replace("\xa0", " ")
    assert code.get("viewbox") or code.get("viewBox")


def test_an_invoice_can_be_downloaded_and_no_other_clients_can(home: WebHouse) -> None:
    visitor, path = home.visitor(), home.path("i")

    file = visitor.get(f"{path}/document/FA-2026-0412")
    other = visitor.get(f"{path}/document/FA-2026-9999")

    assert (file.status_code, file.content, file.headers["content-type"]) == (200, PDF, "application/pdf")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''FA-2026-0412.pdf"
    assert other.status_code == 404


def test_looking_changes_nothing(home: WebHouse) -> None:
    before, visitor, path = home.rows(), home.visitor(), home.path("i")

    for place in ("", "/done", "/document/FA-2026-0412", "?lang=en"):
        visitor.get(path + place)
        visitor.get(path + place, "HEAD")
    visitor.get(f"{path}/answer")
    visitor.get(f"{path}/consent")
    home.flush()

    assert home.rows() == before


def test_a_date_becomes_the_same_event_as_a_clients_reply(home: WebHouse) -> None:
    page = answered(home, "promise", day="2026-11-20")

    promises = home.events("reply.promise")
    assert [(one.invoice, one.data["promise_date"], one.data["by"]) for one in promises] == [
        ("FA-2026-0398", "2026-11-20", "page"),
        ("FA-2026-0412", "2026-11-20", "page"),
    ]
    assert "Nous attendons votre règlement pour le 20 novembre 2026." in text(page)
    assert "FA-2026-0412, FA-2026-0398" in text(page) or "FA-2026-0398, FA-2026-0412" in text(page)


def test_the_rules_wait_for_a_date_that_was_given_on_the_page(home: WebHouse) -> None:
    answered(home, "promise", day="2026-11-20")

    with reading(home.office.engine) as conn:
        decision = current_decision(conn, home.office, home.client, home.later(days=3).app.now())

    assert decision.code == "promise"


@pytest.mark.parametrize(
    ("kind", "fields", "event", "said"),
    [
        ("paid", {"day": "2026-11-10"}, "reply.paid", "Nous rapprochons votre règlement"),
        ("paid", {"day": ""}, "reply.paid", "Nous rapprochons votre règlement"),
        ("problem", {"text": "Il manque deux panneaux."}, "reply.dispute", "vous ne recevrez pas de relance"),
        ("contact", {"email": "Marie@dupont.example "}, "reply.wrong_contact", "nous corrigeons nos coordonnées"),
    ],
)
def test_every_button_becomes_its_event_and_is_confirmed(
    home: WebHouse, kind: str, fields: dict[str, str], event: str, said: str
) -> None:
    page = answered(home, kind, **fields)

    [first, *_] = home.events(event)
    assert first.data["outgoing"] == home.row.id
    assert first.data["confidence"] == 1.0
    assert said in text(page)


@pytest.mark.parametrize(
    ("kind", "fields", "button", "said"),
    [
        ("promise", {"day": "2026-11-20"}, "Confirm this date", "We expect your payment on 20 November 2026."),
        ("paid", {"day": "2026-11-10"}, "Report the payment", "We will match your payment"),
        ("problem", {"text": "Two panels are missing."}, "Send", "you will not get any reminder"),
        ("contact", {"email": "mary@dupont.example"}, "Tell us", "we are correcting our contact details"),
    ],
)
def test_an_english_client_presses_english_buttons_and_is_answered_in_english(
    tmp_path: Path, kind: str, fields: dict[str, str], button: str, said: str
) -> None:
    home = house(tmp_path / "home", language="en")
    shown = markup.fromstring(home.visitor().get(home.path("i")).text)

    [pressed] = shown.xpath(f"//form[@id='{kind}']//button")
    page = answered(home, kind, **fields)

    assert pressed.text_content() == button
    assert said in text(page)
    assert "Back to my invoices" in text(page)
    home.app.close()


def test_what_the_client_wrote_is_quoted_to_the_owner(home: WebHouse) -> None:
    answered(home, "problem", text="Il manque\ndeux panneaux.")

    assert home.events("reply.dispute")[0].data["because"] == ["Il manque deux panneaux."]


def test_the_same_answer_twice_is_one(home: WebHouse) -> None:
    answered(home, "promise", day="2026-11-20")
    before = home.rows()

    answered(home, "promise", day="2026-11-20")

    assert home.rows() == before


def test_an_answer_is_about_the_invoices_that_were_ticked(home: WebHouse) -> None:
    answered(home, "paid", invoice="FA-2026-0412")

    assert [one.invoice for one in home.events("reply.paid")] == ["FA-2026-0412"]


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("promise", {"day": "2026-11-11"}, "dans les douze mois"),
        ("promise", {"day": "2031-01-01"}, "dans les douze mois"),
        ("promise", {"day": "demain"}, "dans les douze mois"),
        ("paid", {"day": "2026-12-24"}, "dans le futur"),
        ("problem", {"text": "  "}, "ce qui ne va pas"),
        ("contact", {"email": "marie@"}, "pas complète"),
        ("contact", {"email": "marie\x00@dupont.example"}, "pas complète"),
        ("promise", {"day": "2026-11-20", "invoice": "FA-2026-9999"}, "au moins une facture"),
        ("promise", {"answer": "refusal"}, "pas possible"),
        ("promise", {"answer": "stop"}, "pas possible"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_recorded(
    home: WebHouse, kind: str, fields: dict[str, str], said: str
) -> None:
    visitor, path, before = home.visitor(), home.path("i"), home.rows()

    sent = visitor.post(f"{path}/answer", {**form(visitor.get(path).text, kind), **fields})

    assert sent.status_code == 422
    assert said in text(sent.text)
    assert home.rows() == before


def test_the_form_that_was_wrong_stays_open(home: WebHouse) -> None:
    visitor, path = home.visitor(), home.path("i")

    sent = visitor.post(f"{path}/answer", {**form(visitor.get(path).text, "problem"), "text": ""})

    assert markup.fromstring(sent.text).xpath("//details[@open]//form/@id") == ["problem"]


@pytest.mark.parametrize("given", ["", "0" * 32, "é"])
def test_a_form_that_we_did_not_serve_is_refused(home: WebHouse, given: str) -> None:
    visitor, path, before = home.visitor(), home.path("i"), home.rows()
    fields = {**form(visitor.get(path).text), "day": "2026-11-20", "form": given}

    for place in ("answer", "consent"):
        assert visitor.post(f"{path}/{place}", fields).status_code == 403

    assert home.rows() == before


def test_a_form_lives_for_two_more_days(home: WebHouse) -> None:
    visitor, path = home.visitor(), home.path("i")
    fields = {**form(visitor.get(path).text), "day": "2026-11-20"}

    home.later(days=2)
    assert visitor.post(f"{path}/answer", fields).status_code == 303
    home.later(days=1)
    assert visitor.post(f"{path}/answer", fields).status_code == 403


def test_a_paid_invoice_says_thank_you_and_asks_for_nothing(home: WebHouse) -> None:
    home.happens("bank.payment", "FA-2026-0412", amount="1234.50", line="l1")
    home.happens("bank.payment", "FA-2026-0398", amount="12450.00", line="l2")

    page = home.visitor().get(home.path("i")).text

    assert "Tout est réglé" in text(page)
    assert text(page).count("Réglé, merci.") == 2
    assert not markup.fromstring(page).xpath("//form | //svg")


def test_what_else_the_client_owes_is_shown_with_it(tmp_path: Path) -> None:
    home = house(tmp_path / "home", listed=1)

    shown = text(home.visitor().get(home.path("i")).text)

    assert shown.index("FA-2026-0412") < shown.index("FA-2026-0398")
    home.app.close()


def test_a_page_is_gone_after_half_a_year(home: WebHouse) -> None:
    home.later(days=179)
    assert home.visitor().get(home.path("i")).status_code == 200

    home.app.instant = NOON + timedelta(days=181)
    assert home.visitor().get(home.path("i")).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 40, "A2" * 3000, "%00", "ü" * 40])
def test_a_wrong_address_gets_a_plain_page_that_tells_nothing(home: WebHouse, token: str) -> None:
    one, other = home.visitor().get(f"/i/{token}"), home.visitor().get("/i/" + "b" * 40)

    assert one.status_code == other.status_code == 404
    assert one.text == other.text
    assert "Martin" not in one.text


def test_the_address_of_the_picture_opens_no_page(tracked: WebHouse) -> None:
    token = tracked.path("o").removeprefix("/o/").removesuffix(".gif")

    assert tracked.visitor().get(f"/i/{token}").status_code == 404
    assert tracked.visitor().get(f"/u/{token}").status_code == 404


def test_an_address_holds_neither_a_number_nor_a_name(tracked: WebHouse) -> None:
    for place in ("i", "o"):
        assert re.fullmatch(rf"/{place}/[a-z2-7]{{40}}(\.gif)?", tracked.path(place))


def test_names_of_strangers_are_text(tmp_path: Path) -> None:
    home = house(tmp_path / "home", name="<script>alert(1)</script>{{ 7 * 7 }}")

    page = home.visitor().get(home.path("i")).text

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in page
    home.app.close()


def test_no_page_has_a_script_or_loads_anything_from_elsewhere(with_consent: WebHouse) -> None:
    page = markup.fromstring(with_consent.visitor().get(with_consent.path("i")).text)

    assert not page.xpath("//script | //iframe | //img | //@onclick | //@style | //style")
    assert page.xpath("//link/@href") == ["/style.css", "data:,"]
    assert page.get("lang") == "fr"
    assert all(page.xpath(f"//*[@id='{label}']") for label in page.xpath("//label/@for"))


def test_below_a_path_of_the_firms_own_site_all_addresses_keep_that_path(tmp_path: Path) -> None:
    home = house(tmp_path / "home", web={"public_url": "https://firm.example/pay/"})
    path = re.search(r"https://firm\.example/pay(/i/[a-z2-7]+)", home.html)
    assert path is not None

    page = markup.fromstring(home.visitor().get(path[1]).text)

    links = [*page.xpath("//form/@action"), *page.xpath("//a/@href"), page.xpath("//link/@href")[0]]
    assert {link[:5] for link in links} == {"/pay/"}
    home.app.close()


def test_a_stop_is_asked_for_by_get_and_done_by_post(tmp_path: Path) -> None:
    home = house(tmp_path / "home", template="courtesy")
    visitor, path = home.visitor(), home.path("u")

    asked = visitor.get(path)
    assert (asked.status_code, home.events("reply.stop")) == (200, [])
    assert markup.fromstring(asked.text).xpath("//form/@action") == [path]

    done = visitor.post(path, {"lang": "fr"})
    assert "Nous ne vous écrirons plus" in done.text
    assert [(one.data["by"], one.data["from"]) for one in home.events("reply.stop")] == [("page", EMAIL)]
    home.app.close()


def test_a_mail_programs_one_click_needs_no_form(tmp_path: Path) -> None:
    home = house(tmp_path / "home", template="courtesy")
    assert home.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    done = home.visitor().post(home.path("u"), {"List-Unsubscribe": "One-Click"})

    assert done.status_code == 200
    assert [one.data["by"] for one in home.events("reply.stop")] == ["one_click"]
    home.app.close()


def test_reminders_of_a_debt_cannot_be_unsubscribed_from(home: WebHouse) -> None:
    assert home.mail["List-Unsubscribe"] is None


def test_without_a_public_address_no_mail_has_links(tmp_path: Path) -> None:
    home = house(tmp_path / "home", web={"public_url": None}, tracking={"opens": "always"})

    assert not re.search(r"https?://", home.html)
    assert "mailto:" in home.html
    home.app.close()
