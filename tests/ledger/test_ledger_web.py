"""What the web part keeps and counts, on both databases."""

from datetime import timedelta

from ledger_samples import DAY, NOW, fill
from sqlalchemy import Engine

from mailbot.ledger import consents, counts, job_runs, web_links
from mailbot.ledger.job_runs import JobRun
from mailbot.ledger.store import reading, writing
from mailbot.ledger.web_links import WebLink

LATER = NOW + timedelta(days=1)


def test_a_name_means_one_mail_and_stays_its_name(engine: Engine) -> None:
    with writing(engine) as conn:
        world = fill(conn, "atelier")
        web_links.keep(conn, "atelier", world.outgoing, "first", NOW)
        web_links.keep(conn, "atelier", world.outgoing, "second", LATER)

    with reading(engine) as conn:
        assert web_links.find(conn, "first") == WebLink("atelier", world.outgoing, NOW)
        assert web_links.find(conn, "second") is None


def test_consent_is_what_was_said_last_by_an_address_in_any_case(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, "atelier")
        new = [
            consents.keep(conn, "atelier", "Anne@Dupont.example", True, "page", "words", NOW),
            consents.keep(conn, "atelier", "anne@dupont.example ", True, "owner", "again", LATER),
            consents.keep(conn, "atelier", "anne@dupont.example", False, "owner", "by telephone", LATER),
        ]
        kept = consents.find(conn, "atelier", "ANNE@dupont.example")

    assert new == [True, False, True]
    assert kept == consents.Consent("anne@dupont.example", False, "owner", "by telephone", LATER)


def test_of_each_job_the_last_success_is_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        job_runs.done(conn, "clock/atelier", NOW, 1.5)
        job_runs.done(conn, "clock/atelier", LATER, 0.25)

    with reading(engine) as conn:
        assert job_runs.everything(conn) == [JobRun("clock/atelier", LATER, 0.25)]


def test_the_figures_count_all_businesses_together(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, "atelier")
        fill(conn, "boulangerie")

    with reading(engine) as conn:
        assert counts.outgoing_mails(conn) == {("client", "queued"): 2}
        assert counts.oldest_due(conn) == NOW
        assert counts.incoming_letters(conn) == {"reply": 2, "unread": 2}
        assert counts.events_named(conn, "reply.") == {"reply.dispute": 2}
        assert counts.open_questions(conn) == 2
        assert counts.bank_through(conn) == {"FR76": DAY}


def test_an_empty_ledger_has_no_figures(engine: Engine) -> None:
    with reading(engine) as conn:
        assert counts.outgoing_mails(conn) == counts.incoming_letters(conn) == counts.bank_through(conn) == {}
        assert counts.oldest_due(conn) is None
        assert counts.open_questions(conn) == 0
