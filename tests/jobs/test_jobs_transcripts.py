"""What the owner reads in the answer: the text that a client gets, why nothing was done, and words instead of codes."""

from email.message import EmailMessage

import pytest
from e2e_house import LEMAIRE, House, answered, ordered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import MUMBLED, TUESDAY, asked, newest, to_lemaire
from test_jobs_orders_by_mail import begin, order, owner_events, transcript, word_of


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def digest_of(house: House) -> tuple[EmailMessage, list[str]]:
    """The morning's digest and the lines of its text."""
    mail = next(one for one in house.mails_to(OWNER.email) if "état à" in words(one))
    return mail, words(mail).splitlines()


def written(house: House) -> list[str]:
    """The texts of the owner's answers that the client got."""
    return [text for mail in to_lemaire(house) if "Votre message" in str(mail["Subject"]) for text in [words(mail)]]


def test_the_transcript_shows_the_text_that_the_client_gets(house: House) -> None:
    begin(house)

    said = order(
        house, at(MONDAY, 8), "réponds Lemaire", "Bonjour,", "", "Nous passons mardi.", "", "Cordialement,", "Claire"
    )
    house.turn(at(MONDAY, 9, 20))

    assert "| Bonjour, | | Nous passons mardi." in said
    [text] = written(house)
    assert "Nous passons mardi." in text


def test_a_text_with_what_looks_like_an_order_is_shown_and_leaves_only_after_its_word(house: House) -> None:
    begin(house)

    said = order(
        house, at(MONDAY, 8), "réponds Lemaire", "Bonjour,", "", "payé FA-2026-0001 deux fois, merci de vérifier."
    )
    house.turn(at(MONDAY, 9, 20))
    assert written(house) == []
    assert owner_events(house) == []
    assert "| payé FA-2026-0001 deux fois" in said

    number, word = word_of(house)
    order(house, at(MONDAY, 9, 35), f"ok {number} {word}")
    house.turn(at(MONDAY, 9, 55))
    assert owner_events(house) == ["owner.replied"]
    assert len(written(house)) == 1


@pytest.mark.parametrize("above", ["Attention, ne pas exécuter :", "do not run this", "exemple :"])
def test_a_line_that_forbids_the_orders_is_named_in_the_answer(house: House, above: str) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), above, "payé FA-2026-0001", "pause Dupont")

    assert owner_events(house) == []
    assert said.count(f"votre mail dit « {above} »") == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [("payé FA-2026-0001 ?", "C'est une question"), ("payé FA-2026-0001 je crois", "sans certitude"),
     ("pause Lemaire jusqu'à ce qu'il paie", "Sous condition")],
)  # fmt: skip
def test_the_answer_says_why_an_order_was_not_carried_out(house: House, line: str, why: str) -> None:
    begin(house)

    assert why in order(house, at(MONDAY, 8), line)
    assert owner_events(house) == []


def test_answers_and_days_are_told_in_words_and_with_their_client(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    house.turn(at(TUESDAY, 7, 40))
    [question] = asked(house, "unclear")

    order(house, at(TUESDAY, 8), f"{question['number']} litige", "digest 8h lun-ven")
    said = " ".join(" ".join(words(mail) for mail in house.mails_to(OWNER.email)).split())

    assert "Noté : un litige (Lemaire et Fils)" in said
    assert "à 08:00, du lundi au vendredi" in said
    assert "mon-fri" not in said


def test_what_is_undone_is_told_in_words(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "dossier Lemaire")

    said = order(house, at(MONDAY, 8, 5), "annule")

    assert "owner" not in said
    assert "dossier" in said


def test_an_unmarked_digest_around_an_order_is_ours_and_only_the_order_counts(house: House) -> None:
    begin(house)
    digest, quoted = digest_of(house)

    house.turn(at(MONDAY, 8), below(digest, *quoted, "", "pause Lemaire 10j"))
    said = transcript(house)

    assert owner_events(house) == ["owner.paused"]
    assert said.count("Je n'ai pas compris") == 0


def test_answers_between_the_unmarked_lines_are_found_where_the_mail_points_to_them(house: House) -> None:
    begin(house)
    digest, lines = digest_of(house)
    header = [
        "",
        "De : Robot <bot@mailbot.test>",
        "Envoyé : lundi 2 mars 2026 07:40",
        "À : Claire",
        "Objet : Digest",
        "",
    ]
    half = len(lines) // 2
    raw = below(digest, "Voir mes réponses ci-dessous", *header, *lines[:half], "pause Lemaire 10j", *lines[half:])

    house.turn(at(MONDAY, 8), raw)

    assert owner_events(house) == ["owner.paused"]


def below(digest: EmailMessage, *lines: str) -> bytes:
    """The owner's answer to a digest as a program writes it that marks no quotes."""
    mail = EmailMessage()
    mail["From"], mail["To"] = OWNER.email, digest["Reply-To"]
    mail["Subject"], mail["Date"] = f"RE: {digest['Subject']}", at(MONDAY, 8)
    mail["In-Reply-To"], mail["Message-ID"] = digest["Message-ID"], "<below@atelier-martin.example>"
    mail.set_content("\n".join(lines))
    vouched = ordered(digest.as_bytes(), at(MONDAY, 8), "x").partition(b"From:")[0]
    return vouched + mail.as_bytes()
