"""Fetched pictures and followed links: what is recorded, of whom, and that nobody waits for it."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from web_house import BROWSER, EMAIL, READER, WebHouse

from mailbot.jobs.consenting import record_consent
from mailbot.jobs.tracking import Sightings
from mailbot.ledger import consents
from mailbot.ledger.store import reading, writing
from mailbot.outbox.tracking import sighting
from mailbot.web.routes import PIXEL
from mailbot.web.serving import flush

GOOGLE = "Mozilla/5.0 (Windows; U) Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def classes(home: WebHouse, name: str = "mail.opened") -> list[tuple[object, object]]:
    home.flush()
    return [(event.data["class"], event.data["trust"]) for event in home.events(name)]


def agree(home: WebHouse, given: bool) -> None:
    record_consent(home.office, home.client, EMAIL, given=given, by="owner", note="by telephone", now=home.app.now())


@pytest.mark.parametrize(
    ("agent", "minutes", "found"),
    [
        ("Mozilla/5.0", 10, ("apple_mpp", "none")),
        (GOOGLE, 10, ("google_proxy", "none")),
        (READER, 0, ("scanner", "none")),
        (READER, 10, ("probably_human", "likely")),
    ],
)
def test_every_open_carries_its_class(tracked: WebHouse, agent: str, minutes: float, found: tuple[str, str]) -> None:
    tracked.app.instant = tracked.row.sent_at + timedelta(minutes=minutes, seconds=5)  # type: ignore[operator]

    answer = tracked.visitor(user_agent=agent).get(tracked.path("o"))

    assert (answer.content, answer.headers["content-type"]) == (PIXEL, "image/gif")
    assert classes(tracked) == [found]


def test_nothing_of_who_fetched_it_is_kept(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor("203.0.113.77", user_agent=READER).get(tracked.path("o"))
    tracked.flush()

    [opened] = tracked.events("mail.opened")
    assert set(opened.data) == {"class", "trust", "outgoing", "mail", "invoices", "to"}
    assert "203.0.113.77" not in str(opened)


def test_a_mail_that_is_opened_often_says_so_once_a_day(tracked: WebHouse) -> None:
    for hours in (1, 1, 24):
        tracked.later(hours=hours).visitor(user_agent=READER).get(tracked.path("o"))

    assert classes(tracked) == [("probably_human", "likely")] * 2


def test_whoever_fetches_picture_and_page_at_once_is_a_scanner(tracked: WebHouse) -> None:
    visitor = tracked.later(minutes=10).visitor()
    visitor.get(tracked.path("o"))
    tracked.later(seconds=2)
    tracked.visitor().get(tracked.path("i"))

    assert classes(tracked) == [("scanner", "none")]
    assert classes(tracked, "mail.clicked") == [("scanner", "none")]


def test_a_person_opens_first_and_clicks_later(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))
    tracked.later(seconds=20).visitor(user_agent=BROWSER).get(tracked.path("i"))

    assert classes(tracked) == [("probably_human", "likely")]
    assert classes(tracked, "mail.clicked") == [("probably_human", "likely")]


def test_a_look_that_posts_nothing_is_no_answer(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor().get(tracked.path("i"), "HEAD")

    assert classes(tracked, "mail.clicked") == []


def test_by_default_nothing_is_recorded(home: WebHouse) -> None:
    home.later(minutes=10).visitor().get(home.path("i"))

    assert "/o/" not in home.html
    assert classes(home, "mail.clicked") == []


def test_without_consent_there_is_no_picture_and_no_trace(with_consent: WebHouse) -> None:
    with_consent.later(minutes=10).visitor().get(with_consent.path("i"))

    assert "/o/" not in with_consent.html
    assert with_consent.mail["Disposition-Notification-To"] is None
    assert classes(with_consent, "mail.clicked") == []


def test_consent_by_the_page_is_kept_with_the_words_and_counts_from_then_on(with_consent: WebHouse) -> None:
    visitor, path = with_consent.later(minutes=10).visitor(), with_consent.path("i")
    page = visitor.get(path).text
    with_consent.later(minutes=1)
    form = page.partition('name="form" value="')[2].partition('"')[0]

    assert visitor.post(f"{path}/consent", {"form": form, "lang": "fr", "given": "yes"}).status_code == 303

    with reading(with_consent.office.engine) as conn:
        kept = consents.find(conn, with_consent.office.key, EMAIL)
    assert kept is not None
    assert (kept.given, kept.by) == (True, "page")
    assert kept.note.startswith("Atelier Martin SARL souhaite savoir si ses messages sont ouverts")
    assert "Vous avez accepté" in visitor.get(path).text
    [said] = with_consent.events("client.consented")
    assert "@" not in said.id  # the id outlives the erasure of the words
    assert [one.at for one in with_consent.sightings.take()] == [
        with_consent.app.now() - timedelta(minutes=1),
        with_consent.app.now(),
    ]


def test_a_visit_before_the_consent_leaves_no_trace(with_consent: WebHouse) -> None:
    with_consent.later(minutes=10).visitor().get(with_consent.path("i"))
    with_consent.later(minutes=1)
    agree(with_consent, given=True)
    assert classes(with_consent, "mail.clicked") == []

    with_consent.later(minutes=1).visitor().get(with_consent.path("i"))
    assert classes(with_consent, "mail.clicked") == [("probably_human", "likely")]


def test_a_refusal_counts_at_once_also_for_mails_that_were_sent(tracked: WebHouse) -> None:
    agree(tracked, given=False)

    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))

    assert classes(tracked) == []


def test_a_refusal_beats_a_setting_of_always_and_can_be_taken_back(tracked: WebHouse) -> None:
    agree(tracked, given=False)
    agree(tracked, given=True)

    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))

    assert classes(tracked) == [("probably_human", "likely")]
    assert [event.name for event in tracked.events("client.")] == ["client.refused", "client.consented"]


def test_saying_the_same_again_changes_nothing(with_consent: WebHouse) -> None:
    agree(with_consent, given=True)
    before = with_consent.rows()

    agree(with_consent, given=True)

    assert with_consent.rows() == before


def test_a_read_receipt_is_asked_for_at_the_senders_own_address(tracked: WebHouse) -> None:
    assert tracked.mail["Disposition-Notification-To"] == "factures@atelier-martin.example"


def test_a_mail_with_a_picture_says_so_and_how_to_refuse(tracked: WebHouse) -> None:
    assert "Ce message nous indique s'il a été ouvert" in tracked.html
    assert f"https://pay.example{tracked.path('i')}#tracking" in tracked.html


@pytest.mark.parametrize("token", ["nonsense", "a" * 40, "a" * 5000])
def test_a_wrong_picture_is_the_same_picture(tracked: WebHouse, token: str) -> None:
    wrong, right = tracked.visitor().get(f"/o/{token}.gif"), tracked.visitor().get(tracked.path("o"))

    assert (wrong.status_code, wrong.content, dict(wrong.headers)) == (200, right.content, dict(right.headers))


def test_no_picture_waits_for_the_one_who_writes(tracked: WebHouse) -> None:
    """A transaction that never ends holds the ledger; a hundred pictures are served meanwhile."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(tracked.office.engine) as conn:
            conn.execute(text("SELECT 1"))
            held.set()
            done.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    visitor = tracked.later(minutes=10).visitor(user_agent=READER)
    answers = {visitor.get(tracked.path("o")).status_code for _ in range(30)}
    done.set()
    holder.join()

    assert answers == {200}
    assert classes(tracked) == [("probably_human", "likely")]


def test_more_sightings_than_memory_is_given_forget_the_oldest(tracked: WebHouse) -> None:
    noted = Sightings(most=3)
    for at in range(5):
        noted.add(sighting("opened", f"link{at}", "picture", {}, "", tracked.app.now()))

    assert [seen.link for seen in noted.take()] == ["link2", "link3", "link4"]
    assert noted.take() == ()


def test_what_may_belong_to_a_burst_is_kept_until_it_is_over(tracked: WebHouse) -> None:
    now, noted = tracked.app.now(), Sightings()
    noted.add(sighting("opened", "old", "picture", {}, "", now - timedelta(seconds=10)))
    noted.add(sighting("opened", "busy", "picture", {}, "", now - timedelta(seconds=4)))
    noted.add(sighting("clicked", "busy", "page", {}, "", now - timedelta(seconds=2)))

    assert [seen.link for seen in noted.take(now)] == ["old"]
    assert [seen.link for seen in noted.take(now + timedelta(seconds=2))] == ["busy", "busy"]


def test_a_ledger_that_is_gone_loses_sightings_and_stops_nothing(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))
    database = tracked.app.engine.url.database
    assert database is not None
    tracked.app.engine.dispose()
    for file in Path(database).parent.glob("mailbot.db*"):
        file.unlink()

    flush(tracked.app, tracked.sightings, everything=True)

    assert tracked.sightings.take() == ()
