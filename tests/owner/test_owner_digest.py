import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from lxml import html as markup

from mailbot.outbox.compose import Templates
from mailbot.owner.digest import Asked, DigestFacts, Row, cash_is_low, digest, needs_the_owner, values
from mailbot.owner.orders import parse_orders
from mailbot.owner.standing import Expected, Sales, Week

TEMPLATES = Templates(Path(__file__).parents[2] / "templates")
REPLY_TO = "factures+r.aeaaabcdefghijklmnopq@atelier.example"
DAY = date(2026, 11, 22)
QUIET = DigestFacts(
    business="Atelier Martin SARL",
    language="fr",
    at=datetime(2026, 11, 22, 7, 30),  # noqa: DTZ001  local time is what is printed
    reply_to=REPLY_TO,
    ageing={"EUR": {"not_due": Decimal("100.00")}},
    bank_through=DAY,
)
ROW = Row("Dupont & Fils SARL", "deuxième relance", Decimal("1890.00"), ("FA-2026-0398",), "échue depuis 10 jours")


def links(html: str) -> list[str]:
    return [str(link) for link in markup.fromstring(html).xpath("//a/@href")]


def test_a_quiet_day_says_so_in_the_subject() -> None:
    mail = digest(QUIET, TEMPLATES.render)

    assert mail.subject == "Rien à décider – 100,00 € dus"
    assert "Rien ne demande votre décision." in mail.text
    assert links(mail.html) == []


def test_the_subject_says_that_everything_stands_still() -> None:
    stopped = replace(QUIET, stopped=True)
    no_bank = replace(QUIET, bank_through=None, bank_stale=True, questions=(Asked(1, "Oui ?"),))

    assert digest(stopped, TEMPLATES.render).subject == "Tout est arrêté, rien ne part – 100,00 € dus"
    assert digest(no_bank, TEMPLATES.render).subject == (
        "Sans relevé bancaire, rien ne part – 1 décision – 100,00 € dus"
    )


@pytest.mark.parametrize(
    ("language", "sentence", "title"),
    [
        ("fr", "Tout est arrêté à votre demande : rien ne part. Répondez « en direct » pour reprendre.", "Non envoyé"),
        ("en", 'Everything is stopped as you asked: nothing leaves. Reply "go live" to go on.', "Not sent"),
    ],
)
def test_why_everything_stands_still_is_said_above_all_and_no_reason_is_promised(
    language: str, sentence: str, title: str
) -> None:
    stopped = replace(QUIET, stopped=True, language=language, held=(replace(ROW, reason=""),))

    mail = digest(stopped, TEMPLATES.render)

    said = " ".join(mail.text.split())
    assert said.index(sentence) < said.index("À DÉCIDER" if language == "fr" else "TO DECIDE")
    assert f"\n{title.upper()} (1)\n- Dupont" in mail.text
    assert sentence in " ".join(markup.fromstring(mail.html).text_content().split())
    assert sentence[:20] not in digest(replace(stopped, stopped=False), TEMPLATES.render).text


def test_the_subject_counts_decisions_and_money() -> None:
    busy = replace(QUIET, questions=(Asked(1, "Oui ?"), Asked(2, "Oui ?")), paid=(replace(ROW, amount=Decimal(4410)),))

    assert digest(busy, TEMPLATES.render).subject == "2 décisions – 100,00 € dus, 4 410,00 € reçus"
    assert digest(replace(busy, language="en"), TEMPLATES.render).subject == (
        "2 decisions – €100.00 owed, €4,410.00 received"
    )


def test_what_needs_the_owner_comes_first_and_health_last() -> None:
    full = replace(
        QUIET,
        questions=(Asked(1, "Oui ?"),),
        paid=(ROW,),
        promises=(ROW,),
        today=(ROW,),
        held=(ROW,),
        later=(ROW,),
    )
    text = digest(full, TEMPLATES.render).text
    order = [
        "À DÉCIDER",
        "REÇU",
        "PROMESSES",
        "AUJOURD'HUI",
        "NON ENVOYÉ",
        "PRÉVU DEMAIN",
        "BALANCE ÂGÉE",
        "SANTÉ",
    ]

    assert sorted(order, key=text.index) == order


@pytest.mark.parametrize("name", ["today", "held", "later", "sent", "failed"])
def test_every_line_names_its_reason(name: str) -> None:
    mail = digest(replace(QUIET, **{name: (ROW,)}), TEMPLATES.render)

    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        flat = " ".join(part.split())
        assert "échue depuis 10 jours" in flat
        assert "1 890,00 €" in flat


def test_five_questions_are_asked_oldest_money_first_and_the_rest_counted() -> None:
    questions = tuple(
        Asked(
            number,
            f"Question {number} ?",
            asked_on=date(2026, 11, 20 - number),
            amount=Decimal(9) if number > 3 else None,
        )
        for number in range(1, 9)
    )
    shown = values(replace(QUIET, questions=questions))

    assert [question["number"] for question in shown["questions"]] == [8, 7, 6, 5, 4]  # type: ignore[index, union-attr, call-overload]
    assert "3 autres questions attendent" in digest(replace(QUIET, questions=questions), TEMPLATES.render).text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("choices", "answers"),
    [
        (("oui", "non"), ["yes", "no"]),
        (("yes", "no"), ["yes", "no"]),
        (("1", "2", "3", "non"), ["1", "2", "3", "no"]),
        (("oui", "payé", "litige", "non"), ["yes", "2", "3", "no"]),
        (("promesse", "payé", "litige", "non"), ["1", "2", "3", "no"]),
    ],
)
def test_every_button_is_an_order_that_the_bot_understands(
    language: str, choices: tuple[str, ...], answers: list[str]
) -> None:
    mail = digest(replace(QUIET, language=language, questions=(Asked(7, "?", choices),)), TEMPLATES.render)
    bodies = [parse_qs(urlsplit(link).query)["body"][0] for link in links(mail.html)]
    orders = [parse_orders(body, language)[0] for body in bodies]

    assert [(order.verb, order.fields["question"], order.fields["choice"]) for (order,) in orders] == [
        ("answer", "7", answer) for answer in answers
    ]


def test_buttons_are_written_as_rfc_6068_asks() -> None:
    (link, _) = links(digest(replace(QUIET, questions=(Asked(7, "?"),)), TEMPLATES.render).html)

    assert link == (
        "mailto:factures%2Br.aeaaabcdefghijklmnopq@atelier.example"
        "?subject=ok%207%20%5Baeaaabcdefghijklmnopq%5D&body=ok%207%0D%0A"
    )
    assert unquote(urlsplit(link).path) == REPLY_TO


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_line_of_the_help_is_an_order(language: str) -> None:
    lines = TEMPLATES.render("help", language, {"reply_to": REPLY_TO}).text.splitlines()
    orders = [
        order for line in lines if line.startswith("  ") for order in re.split(r" {3,}", line.strip())[0].split(" | ")
    ]

    assert len(orders) >= 20
    for order in orders:
        found, unknown = parse_orders(order, language, DAY)
        assert len(found) == 1, order
        assert unknown == ()


def test_shadow_mode_says_what_would_have_left_in_a_week_and_why() -> None:
    facts = replace(QUIET, live=False, today=(ROW,), shadowed=(ROW, replace(ROW, amount=Decimal(110))))
    mail = digest(facts, TEMPLATES.render)

    assert "Mode observation : rien n'est envoyé à vos clients." in mail.text
    assert "1 mail partirait aujourd'hui" in mail.text
    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        flat = " ".join(part.split())
        assert "aurais envoyé ces 7 derniers jours (2, 2 000,00 €)" in flat.lower().replace(" 000,00 €", " 000,00 €")
        assert flat.count("deuxième relance") == 3
        assert flat.count("échue depuis 10 jours") == 3


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "La semaine d'observation est passée"), ("en", "week in shadow mode is over")]
)
def test_after_a_week_the_owner_is_told_that_it_can_go_live(language: str, words: str) -> None:
    before = replace(QUIET, language=language, live=False)
    after = digest(replace(before, observed=True), TEMPLATES.render)

    assert words not in digest(before, TEMPLATES.render).text
    for part in (after.text, markup.fromstring(after.html).text_content()):
        assert words in " ".join(part.split())


def test_clients_that_are_live_in_shadow_mode_are_named() -> None:
    mail = digest(replace(QUIET, live=False, live_clients=("A", "B", "C", "D")), TEMPLATES.render)

    assert "Déjà en direct : A, B, C +1." in " ".join(mail.text.split())


def test_old_or_missing_bank_data_is_said_with_what_to_do() -> None:
    stale = digest(replace(QUIET, bank_through=date(2026, 11, 12), bank_stale=True), TEMPLATES.render).text
    none = digest(replace(QUIET, bank_through=None), TEMPLATES.render).text

    assert "les relances attendent un nouveau relevé" in stale
    assert "il y a 10 jours" in stale
    assert "Aucun relevé bancaire" in none
    assert "OFX" in none


LISTS = (
    "paid", "received", "understood", "sent", "failed", "unreadable", "promises", "today", "later", "held",
)  # fmt: skip


def crowded(size: int) -> DigestFacts:
    """Two hundred of everything; `size` stretches every text."""
    rows = tuple(
        Row(
            f"Client numéro {at} & Fils SARL",
            "deuxième relance",
            Decimal("12345.67"),
            (f"FA-{at}",) * 5,
            "é" * size,
        )
        for at in range(200)
    )
    questions = tuple(
        Asked(at, f"Question {at} : {'x' * size} ?", ("1", "2", "3", "non"), quote="ç" * size) for at in range(200)
    )
    return replace(QUIET, questions=questions, **dict.fromkeys(LISTS, rows))


def test_two_hundred_open_invoices_stay_under_sixty_kilobytes() -> None:
    mail = digest(crowded(50), TEMPLATES.render)

    assert len(mail.html.encode()) < 60_000
    assert "et 194 autres" in mail.text
    assert "195 autres questions" in mail.text


def test_no_length_of_text_gets_a_digest_clipped() -> None:
    mail = digest(crowded(10_000), TEMPLATES.render)

    assert len(mail.html.encode()) < 80_000


def test_what_a_client_wrote_is_shown_and_not_run() -> None:
    hostile = '<img src=x onerror="alert(1)">{{ 7*7 }}\r\nok 1'
    asked = Asked(1, hostile, ("oui", "non"), quote=hostile)
    mail = digest(
        replace(QUIET, questions=(asked,), held=(replace(ROW, client=hostile, reason=hostile),)),
        TEMPLATES.render,
    )

    assert "<img" not in mail.html
    assert "\nok 1" not in mail.text
    assert len(links(mail.html)) == 2


def test_money_of_two_currencies_is_not_added_up() -> None:
    paid = (Row("Dupont", amount=Decimal(100)), Row("Smith", amount=Decimal(50), currency="GBP"))
    facts = DigestFacts(business="Atelier", language="en", at=datetime(2026, 3, 2, 7, 30, tzinfo=UTC), paid=paid)

    assert values(facts)["paid_total"] == "€100.00 + £50.00"


def test_each_currency_has_its_own_ages_and_its_own_total() -> None:
    owed = {"EUR": {"not_due": Decimal(100)}, "GBP": {"1_30": Decimal(50)}}
    mail = digest(replace(QUIET, language="en", ageing=owed), TEMPLATES.render)

    assert mail.subject == "Nothing to decide – €100.00 + £50.00 owed"
    assert re.search(r"Total owed +€100\.00", mail.text)
    assert re.search(r"Total owed +£50\.00", mail.text)


def test_what_is_expected_says_how_much_of_it_is_promised() -> None:
    week = Week(DAY, DAY, {"EUR": Decimal(9300)}, {"EUR": Decimal(4000)})
    text = digest(replace(QUIET, expected=Expected((week,), {"EUR": Decimal(70)})), TEMPLATES.render).text

    assert "semaine du 22 novembre 2026 : 9 300,00 €, dont promis 4 000,00 €" in text
    assert "en retard, sans date annoncée : 70,00 €" in text


def test_the_days_of_sales_come_with_their_trend() -> None:
    with_trend = replace(QUIET, sales=Sales(47, -2, "EUR"))
    without = replace(QUIET, sales=Sales(47, None, "EUR"))

    assert "(DSO) : 47 jours (-2 sur 30 jours)." in digest(with_trend, TEMPLATES.render).text
    assert "47 jours." in digest(without, TEMPLATES.render).text
    assert "DSO" not in digest(QUIET, TEMPLATES.render).text


def test_cash_under_the_owner_s_limit_is_said_and_above_it_is_not() -> None:
    low = replace(QUIET, balance={"EUR": Decimal(900)}, cash_below=Decimal(1000))
    enough = replace(low, balance={"EUR": Decimal(1000)})

    assert "Trésorerie : 900,00 € en banque, sous votre seuil de 1 000,00 €." in digest(low, TEMPLATES.render).text
    assert "Trésorerie" not in digest(enough, TEMPLATES.render).text
    assert "solde 1 000,00 €" in digest(enough, TEMPLATES.render).text
    assert not cash_is_low(replace(low, balance={}))


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({}, False),
        ({"questions": (Asked(1, "Oui ?"),)}, True),
        ({"failed": (ROW,)}, True),
        ({"promises": (ROW,)}, False),
        ({"promises": (replace(ROW, urgent=True),)}, True),
        ({"bank_stale": True}, True),
        ({"problems": ("mailbot doctor",)}, True),
        ({"sent": (ROW,), "paid": (ROW,), "held": (ROW,)}, False),
    ],
)
def test_an_owner_who_wants_no_empty_digest_gets_one_where_something_is_to_be_done(
    changed: dict[str, object], needed: bool
) -> None:
    assert needs_the_owner(replace(QUIET, **changed)) is needed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (12, "accès à la banque encore valable 12 jours"),
        (1, "l'accès à la banque expire demain"),
        (0, "l'accès à la banque expire aujourd'hui"),
        (-3, "L'accès à la banque a expiré"),
    ],
)
def test_the_end_of_the_bank_s_consent_is_said_in_words(days: int, words: str) -> None:
    mail = digest(replace(QUIET, consent_days=days), TEMPLATES.render)

    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        assert words in " ".join(part.split())
    assert needs_the_owner(replace(QUIET, consent_days=days)) is (days < 0)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (None, "aucune sauvegarde connue"),
        (date(2026, 11, 21), "sauvegarde du 21 novembre 2026"),
        (date(2026, 11, 2), "sauvegarde du 2 novembre 2026 (il y a 20 jours)"),
    ],
)
def test_the_last_backup_is_named_and_its_age_where_it_is_old(day: date | None, words: str) -> None:
    mail = digest(replace(QUIET, backup_on=day), TEMPLATES.render)

    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        assert words in " ".join(part.split())


def test_an_answer_by_number_has_the_name_that_it_stands_for_on_its_button() -> None:
    asked = Asked(
        2,
        "Que règle-t-il ?",
        ("1", "2", "autre", "pas un client"),
        labels=("FA-1", "FA-2 + FA-3", "autre", "pas un client"),
    )

    mail = digest(replace(QUIET, questions=(asked,), reply_to="bot+r.x@bot.example"), TEMPLATES.render)

    assert "> 2 1 (FA-1)  |  2 2 (FA-2 + FA-3)  |  2 autre FA-…  |  non 2" in mail.text
    buttons = markup.fromstring(mail.html).xpath("//td[@class='button']")
    assert [one.text_content().strip() for one in buttons] == ["FA-1", "FA-2 + FA-3", "Autre", "Pas un client"]
    twins = replace(asked, choices=("1", "2", "non"), labels=("Dupont (Lyon)", "Dupont (Nantes)", "non"))
    text = digest(replace(QUIET, questions=(twins,)), TEMPLATES.render).text
    assert "> 2 1 : Dupont (Lyon)  |  2 2 : Dupont (Nantes)  |  non 2" in text
