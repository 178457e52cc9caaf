"""One story over every pair of database and broker, and over the servers that most mailboxes run on.

Invoices come in by mail, reminders leave, a client promises, the bank pays, an address is dead, the owner gives
orders by replying. The same people write the same mails everywhere, and the same must come of it.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import redis
from e2e_scene import CAST, MONDAY, OWNER, USERS, Scene, at, bill, eventually, scene, text_of

from mailbot.demo.feed import DemoLine
from mailbot.testing.servers import Faults, MailWorld, debian_mail_world, small_mail_world

LEMAIRE, DUPONT, NORD, PERRIN, AZUR = (CAST.client(key) for key in ("lemaire", "dupont", "nord", "perrin", "azur"))
TUESDAY, NEXT_MONDAY, THURSDAY_AFTER = (MONDAY + timedelta(days=days) for days in (1, 7, 10))
DUE = MONDAY - timedelta(days=3)
"""The Friday before: the first reminder (three days late) leaves on the Monday."""


@pytest.fixture
def broker(redis_url: str) -> str:
    """An empty Redis database of its own."""
    url = f"{redis_url.rpartition('/')[0]}/7"
    with redis.Redis.from_url(url) as server:
        server.flushdb()
    return url


@pytest.fixture
def debian(require: Callable[[object], MailWorld]) -> MailWorld:
    """Dovecot and Postfix; skipped where they are not installed, which fails in CI."""
    return require(debian_mail_world(USERS))


def test_the_story_on_sqlite_with_the_broker_in_memory(tmp_path: Path) -> None:
    on_the_small_servers(tmp_path, {})


def test_the_story_on_sqlite_with_redis(tmp_path: Path, broker: str) -> None:
    on_the_small_servers(tmp_path, {"redis": broker})


def test_the_story_on_postgresql_with_redis(tmp_path: Path, postgres_database: str, broker: str) -> None:
    on_the_small_servers(tmp_path, {"database": postgres_database, "redis": broker})


@pytest.mark.system
def test_the_story_on_dovecot_and_postfix(tmp_path: Path, debian: MailWorld) -> None:
    # The far server refuses Studio Nord's address; Postfix writes the delivery report.
    debian.smtp.set_faults(Faults(refuse=(NORD.person.email,)))
    with scene(tmp_path, debian) as played:
        played.unreachable = frozenset({NORD.person.email})
        story(played)


def on_the_small_servers(folder: Path, settings: dict[str, object]) -> None:
    with small_mail_world(folder / "servers", USERS) as mail:
        mail.smtp.set_faults(Faults(bounce=(NORD.person.email,)))
        with scene(folder, mail, settings) as played:
            story(played)


def story(bot: Scene) -> None:
    """Two weeks in eight turns."""
    monday_morning(bot)
    monday_reminders(bot)
    monday_answers(bot)
    tuesday_bank(bot)
    next_monday(bot)
    after_the_promise(bot)


def monday_morning(bot: Scene) -> None:
    """Five invoices and the bank file come in; each is confirmed to the owner once."""
    for number, client in enumerate((LEMAIRE, DUPONT, NORD, PERRIN, AZUR), 1):
        bot.forward(
            bill(f"FA-2026-000{number}", client, DUE, f"{number}00.00"),
            at(MONDAY, 7),
            "outlook" if number == 2 else "gmail",
        )
    bot.feed(MONDAY - timedelta(days=1), at(MONDAY, 7))
    bot.live(at(MONDAY, 7, 40))
    told = [text_of(mail) for mail in bot.to(OWNER.email)]
    for number in range(1, 6):
        confirmations = [
            text for text in told if text.splitlines()[0].count(f"FA-2026-000{number}") and "Chronologie" not in text
        ]
        assert len(confirmations) == 1, (number, [text.splitlines()[0] for text in told])
    assert sorted(open_amounts(bot)) == [f"FA-2026-000{n}" for n in range(1, 6)]
    assert bot.client_mails() == []


def monday_reminders(bot: Scene) -> None:
    """All are three days late: each client gets the first reminder, once; one address is dead."""
    bot.live(at(MONDAY, 9, 20))
    assert sorted(bot.client_mails()) == sorted(
        (MONDAY, client.person.email, "reminder_1") for client in (LEMAIRE, DUPONT, NORD, PERRIN, AZUR)
    )
    mail = bot.to(LEMAIRE.person.email)[0]
    assert "FA-2026-0001" in text_of(mail)
    assert "120,00" in text_of(mail)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["FA-2026-0001.pdf"]
    eventually(lambda: any(b"multipart/report" in raw for raw in bot.mail.imap.mails(bot.box)))


def monday_answers(bot: Scene) -> None:
    """A promise is understood, the dead address is noticed, the owner's orders are carried out and answered."""
    promise = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"
    bot.reply(LEMAIRE.person, bot.to(LEMAIRE.person.email)[0], promise, at(MONDAY, 9, 45))
    bot.order(at(MONDAY, 9, 50), "pause FA-2026-0002", "payé FA-2026-0005", "turlututu")
    for minute, verb in enumerate(("pause", "reprends", "pause", "reprends"), 51):
        bot.order(at(MONDAY, 9, minute), f"{verb} FA-2026-0004")
    bot.live(at(MONDAY, 10, 30))
    of_perrin = [row for row in bot.rows("event", invoice="FA-2026-0004") if row["name"].startswith("owner.")]
    in_order = [row["name"] for row in sorted(of_perrin, key=lambda row: row["at"])]
    assert in_order == ["owner.paused", "owner.resumed"] * 2
    [promised] = bot.events("reply.promise")
    assert (promised["invoice"], promised["data"]["promise_date"]) == ("FA-2026-0001", "2026-03-09")
    [bounced] = bot.events("mail.bounced")
    assert (bounced["data"]["to"], bounced["data"]["class"]) == (NORD.person.email, "hard")
    assert "Studio Nord" in bot.questions("no_contact")[0]["text"]
    [transcript] = [text for mail in bot.to(OWNER.email) if "turlututu" in (text := text_of(mail))]
    assert "FA-2026-0002 : relances suspendues jusqu'à nouvel ordre" in " ".join(transcript.split())
    assert "FA-2026-0005 : payé, noté" in " ".join(transcript.split())
    assert open_amounts(bot)["FA-2026-0005"] == 0


def tuesday_bank(bot: Scene) -> None:
    """A transfer that names the invoice is booked; one that only shows the client's name becomes a question."""
    paid = DemoLine(MONDAY, Decimal("480.00"), PERRIN.payer, "FA-2026-0004")
    unclear = DemoLine(MONDAY, Decimal("240.00"), DUPONT.payer, "ACOMPTE")
    bot.feed(MONDAY, at(TUESDAY, 7), [paid, unclear])
    bot.order(at(TUESDAY, 7, 10), f"contact Studio Nord {NORD.person.email.replace('karim', 'compta')}")
    bot.live(at(TUESDAY, 8, 30))
    assert open_amounts(bot)["FA-2026-0004"] == 0
    assert open_amounts(bot)["FA-2026-0002"] == Decimal("240.00")
    [question] = bot.questions("match")
    assert "FA-2026-0002" in question["text"]
    bot.order(at(TUESDAY, 8, 45), f"ok {question['number']}")
    bot.live(at(TUESDAY, 9, 20))
    assert bot.questions("match") == []
    still_open = {number: amount for number, amount in open_amounts(bot).items() if amount}
    assert still_open == {"FA-2026-0001": Decimal("120.00"), "FA-2026-0003": Decimal("360.00")}


def next_monday(bot: Scene) -> None:
    """Ten days late, but promised for today: no mail to Lemaire."""
    bot.feed(NEXT_MONDAY - timedelta(days=1), at(NEXT_MONDAY, 7))
    bot.live(at(NEXT_MONDAY, 7, 40), at(NEXT_MONDAY, 9, 20))
    assert bot.client_mails(LEMAIRE.person.email) == [(MONDAY, LEMAIRE.person.email, "reminder_1")]


def after_the_promise(bot: Scene) -> None:
    """Nothing came: the broken promise is named, once; who paid or is paused got nothing more."""
    bot.feed(THURSDAY_AFTER - timedelta(days=1), at(THURSDAY_AFTER, 7))
    bot.live(at(THURSDAY_AFTER, 7, 40), at(THURSDAY_AFTER, 9, 20), at(THURSDAY_AFTER, 10, 30))
    after = [mail for mail in bot.client_mails() if mail[0] > MONDAY]
    assert (THURSDAY_AFTER, LEMAIRE.person.email, "promise_broken") in after
    assert {recipient for _, recipient, _ in after} <= {LEMAIRE.person.email, "compta@studio-nord.example"}
    reached = [
        mail["Message-ID"] for client in (LEMAIRE, DUPONT, NORD, PERRIN, AZUR) for mail in bot.to(client.person.email)
    ]
    assert len(set(reached)) == len(reached)


def open_amounts(bot: Scene) -> dict[str, Decimal]:
    return {invoice["number"]: invoice["open_amount"] for invoice in bot.rows("invoice")}
