"""The wire against real servers in this process: aiosmtpd, and the same one made to fail at each command."""

# ruff: noqa: N802  the names of aiosmtpd's hooks

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from smtp_servers import (
    BUSY,
    LOST,
    UNKNOWN,
    HangsUpAfter354,
    HangsUpAtMail,
    HangsUpOnData,
    NeverAnswersTheDot,
    NotesOptions,
    RefusesData,
    Sink,
    Taken,
    serving,
)  # fmt: skip

from mailbot.errors import DeliveryError, Disarmed, SettingsError
from mailbot.outbox.smtp import Arm, Mailer, Reply, Timeouts
from mailbot.testing.mailer import RecordingMailer

BOX = "factures@atelier.example"
CLIENT = "compta@dupont.example"
RAW = b"Subject: Facture\r\n\r\nBonjour\r\n.\r\n..deux points\r\n"
QUICK = Timeouts(connect=5, command=5, dot=5)


def run(scenario: Awaitable[None]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario, 30)

    asyncio.run(bounded())


async def armed() -> None:
    """The ledger says yes."""


async def disarmed() -> None:
    raise Disarmed("paid this morning")


def noting(looked: list[int], what: Callable[[], int] = lambda: 1) -> Arm:
    async def arm() -> None:
        looked.append(what())

    return arm


@asynccontextmanager
async def real() -> AsyncIterator[tuple[Mailer, Callable[[], Taken]]]:
    sink = Sink()
    async with serving(sink) as port:
        mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
        yield mailer, lambda: sink.taken
        await mailer.close()


@asynccontextmanager
async def recording() -> AsyncIterator[tuple[RecordingMailer, Callable[[], Taken]]]:
    mailer = RecordingMailer({UNKNOWN: (550, "5.1.1 no such user"), BUSY: (451, "4.7.1 later")}, frozenset({LOST}))
    yield mailer, lambda: [(sent.envelope_from, sent.recipient, sent.raw) for sent in mailer.sent]


either = pytest.mark.parametrize("door", [real, recording])


@either
def test_a_mail_is_taken_whole_and_once(door: Any) -> None:
    async def scenario() -> None:
        async with door() as (mailer, taken):
            looked: list[int] = []
            reply = await mailer.transmit(BOX, CLIENT, RAW, "mb-1", noting(looked, lambda: len(taken())))

            assert reply.code == 250
            assert looked == [0]
            assert taken() == [(BOX, CLIENT, RAW)]

    run(scenario())


@either
@pytest.mark.parametrize(("recipient", "code", "temporary"), [(UNKNOWN, 550, False), (BUSY, 451, True)])
def test_a_refused_recipient_is_said_and_nothing_is_armed(
    door: Any, recipient: str, code: int, temporary: bool
) -> None:
    async def scenario() -> None:
        async with door() as (mailer, taken):
            looked: list[int] = []
            with pytest.raises(DeliveryError) as refused:
                await mailer.transmit(BOX, recipient, RAW, "mb-1", noting(looked))

            assert (refused.value.code, refused.value.temporary, refused.value.doubt) == (
                code,
                temporary,
                False,
            )
            assert looked == taken() == []
            assert (await mailer.transmit(BOX, CLIENT, RAW, "mb-2", armed)).code == 250

    run(scenario())


@either
def test_a_disarmed_mail_does_not_leave_and_the_next_one_does(door: Any) -> None:
    async def scenario() -> None:
        async with door() as (mailer, taken):
            with pytest.raises(Disarmed, match="paid this morning"):
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", disarmed)
            assert taken() == []

            await mailer.transmit(BOX, "other@dupont.example", RAW, "mb-2", armed)
            assert taken() == [(BOX, "other@dupont.example", RAW)]

    run(scenario())


@either
def test_a_lost_answer_is_a_doubt(door: Any) -> None:
    async def scenario() -> None:
        async with door() as (mailer, taken):
            with pytest.raises(DeliveryError) as lost:
                await mailer.transmit(BOX, LOST, RAW, "mb-1", armed)

            assert lost.value.doubt
            assert len(taken()) == 1

    run(scenario())


@either
def test_several_callers_wait_for_each_other(door: Any) -> None:
    async def scenario() -> None:
        async with door() as (mailer, taken):
            await asyncio.gather(*(mailer.transmit(BOX, f"c{at}@d.example", RAW, f"mb-{at}", armed) for at in range(9)))
            assert {recipient for _, recipient, _ in taken()} == {f"c{at}@d.example" for at in range(9)}

    run(scenario())


async def failure(sink: Sink, kind: type[Server] = Server, timeouts: Timeouts = QUICK) -> DeliveryError:
    """What the mailer says of a server that fails; afterwards it still works with a good one."""
    async with serving(sink, kind) as port:
        mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=timeouts)
        with pytest.raises(DeliveryError) as failed:
            await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
        await mailer.close()
    return failed.value


@pytest.mark.parametrize("stage", ["mail", "rcpt", "dot"])
@pytest.mark.parametrize(
    ("reply", "code", "temporary"),
    [
        ("450 busy", 450, True),
        ("421 closing", 421, True),
        ("554 no", 554, False),
        ("530 login first", 530, True),
    ],
)
def test_a_refusal_at_any_stage_is_certain(stage: str, reply: str, code: int, temporary: bool) -> None:
    async def scenario() -> None:
        sink = Sink(**{stage: reply})
        error = await failure(sink)

        assert (error.code, error.temporary, error.doubt) == (code, temporary, False)
        assert sink.taken == []

    run(scenario())


def test_a_server_that_hangs_up_at_mail_is_tried_again_later() -> None:
    async def scenario() -> None:
        error = await failure(Sink(), HangsUpAtMail)

        assert (error.temporary, error.doubt, error.code) == (True, False, None)
        assert error.cause == "unreachable"

    run(scenario())


@pytest.mark.parametrize("stage", ["mail", "rcpt", "dot"])
def test_a_refusal_for_want_of_dns_records_is_the_owners_to_mend_and_the_mail_waits(stage: str) -> None:
    async def scenario() -> None:
        said = "550 5.7.515 Access denied, sending domain atelier.example does not meet the required level"
        error = await failure(Sink(**{stage: said}))

        assert (error.temporary, error.doubt, error.code) == (True, False, 550)
        assert "SPF, DKIM and DMARC" in str(error)
        assert error.cause == "dns"

    run(scenario())


def test_a_greylisting_server_takes_the_mail_the_second_time() -> None:
    async def scenario() -> None:
        sink = Sink(rcpt="451 4.7.1 greylisted, come back in 5 minutes")
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
            with pytest.raises(DeliveryError) as refused:
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            assert (refused.value.temporary, refused.value.cause) == (True, "refused")
            sink.replies.clear()
            assert (await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)).code == 250
            await mailer.close()

    run(scenario())


def test_so_many_connections_as_are_allowed_work_at_once() -> None:
    async def scenario() -> None:
        sink = Busy()
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", connections=3, timeouts=QUICK)
            await asyncio.gather(*(mailer.transmit(BOX, CLIENT, RAW, f"mb-{n}", armed) for n in range(12)))
            await mailer.close()

        assert (sink.connections, sink.most, len(sink.taken)) == (3, 3, 12)

    run(scenario())


class Busy(Sink):
    """Needs a moment for each mail, and notes how many it has at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.05)
        self.now -= 1
        return await super().handle_DATA(server, session, envelope)


def test_a_blind_copy_goes_with_the_same_mail_and_asks_for_no_report() -> None:
    async def scenario() -> None:
        sink = Copied()
        sink.extensions = ["250-DSN"]
        async with serving(sink, NotesOptions) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
            await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed, ARCHIVE)
            await mailer.close()

        assert sink.recipients == [[CLIENT, ARCHIVE]]
        assert sink.options[-1] == "NOTIFY=NEVER"

    run(scenario())


ARCHIVE = "factures+archive@atelier.example"


class Copied(Sink):
    """Notes all recipients of each mail."""

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        self.recipients.append(envelope.rcpt_tos)
        return await super().handle_DATA(server, session, envelope)


def test_a_refused_archive_is_no_refusal_of_the_client_and_nothing_leaves() -> None:
    async def scenario() -> None:
        sink = Sink()
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
            with pytest.raises(DeliveryError, match="archive") as refused:
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed, UNKNOWN)
            await mailer.close()

        assert (refused.value.temporary, sink.taken) == (True, [])

    run(scenario())


@pytest.mark.parametrize("limit", [{"stale": -1}, {"arm": -1}])
def test_a_process_that_slept_after_the_last_look_or_in_it_sends_nothing(limit: dict[str, float]) -> None:
    async def scenario() -> None:
        sink = Sink()
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=replace(QUICK, **limit))
            with pytest.raises(DeliveryError, match="slept") as refused:
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            await mailer.close()

        assert (refused.value.temporary, refused.value.doubt, sink.taken) == (True, False, [])

    run(scenario())


def test_a_refusal_of_data_itself_is_certain() -> None:
    async def scenario() -> None:
        error = await failure(Sink(), RefusesData)

        assert (error.code, error.temporary, error.doubt) == (451, True, False)

    run(scenario())


@pytest.mark.parametrize(("kind", "doubt"), [(HangsUpOnData, False), (HangsUpAfter354, True)])
def test_a_broken_connection_is_a_doubt_only_once_the_server_waited_for_the_mail(
    kind: type[Server], doubt: bool
) -> None:
    async def scenario() -> None:
        error = await failure(Sink(), kind)

        assert (error.temporary, error.doubt, error.code) == (True, doubt, None)

    run(scenario())


def test_a_server_that_never_answers_the_dot_leaves_a_doubt() -> None:
    async def scenario() -> None:
        error = await failure(Sink(), NeverAnswersTheDot, Timeouts(connect=5, command=5, dot=0.2))

        assert error.doubt

    run(scenario())


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    async def scenario() -> None:
        async with serving(Sink()) as port:
            pass
        with pytest.raises(DeliveryError) as failed:
            await Mailer(f"smtp://127.0.0.1:{port}").transmit(BOX, CLIENT, RAW, "mb-1", armed)

        assert (failed.value.temporary, failed.value.doubt, failed.value.cause) == (True, False, "unreachable")

    run(scenario())


def test_one_connection_serves_many_mails_and_is_made_anew_when_it_broke() -> None:
    async def scenario() -> None:
        sink = Sink()
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
            for at in range(3):
                await mailer.transmit(BOX, CLIENT, RAW, f"mb-{at}", armed)
            assert sink.connections == 1

            with pytest.raises(DeliveryError):
                await mailer.transmit(BOX, LOST, RAW, "mb-4", armed)
            await mailer.transmit(BOX, CLIENT, RAW, "mb-5", armed)
            assert sink.connections == 2
            await mailer.close()
            await mailer.close()

    run(scenario())


def test_an_idle_connection_that_died_is_noticed_before_a_mail_is_risked() -> None:
    async def scenario() -> None:
        sink = Sink()
        async with serving(sink, timeout=0.2) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=Timeouts(connect=5, command=5, dot=5, idle=0.1))
            await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            await asyncio.sleep(0.5)
            assert (await mailer.transmit(BOX, CLIENT, RAW, "mb-2", armed)).code == 250
            await mailer.close()

    run(scenario())


def test_the_envelope_id_travels_where_the_server_sends_reports() -> None:
    async def scenario() -> None:
        sink = Sink()
        sink.extensions = ["250-DSN"]
        async with serving(sink, NotesOptions) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
            await mailer.transmit(BOX, "a+b=c@dupont.example", RAW, "mb-1+2", armed)
            await mailer.close()

        assert sink.options == [
            f"SIZE={len(RAW)}",
            "RET=HDRS",
            "ENVID=mb-1+2B2",
            "NOTIFY=FAILURE,DELAY",
            "ORCPT=rfc822;a+2Bb+3Dc@dupont.example",
        ]

    run(scenario())


@pytest.mark.parametrize(
    ("wanted", "extensions", "asked"),
    [
        (True, ["250-DSN"], ["NOTIFY=SUCCESS,FAILURE,DELAY"]),
        (False, ["250-DSN"], ["NOTIFY=FAILURE,DELAY"]),
        (True, [], []),
    ],
)
def test_a_report_of_delivery_is_asked_for_where_the_business_wants_it_and_the_server_sends_reports(
    wanted: bool, extensions: list[str], asked: list[str]
) -> None:
    async def scenario() -> None:
        sink = Sink()
        sink.extensions = extensions
        async with serving(sink, NotesOptions) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK, report_success=wanted)
            await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            await mailer.close()

        assert [option for option in sink.options if option.startswith("NOTIFY")] == asked

    run(scenario())


def test_a_cancelled_mail_that_was_armed_is_still_finished() -> None:
    async def scenario() -> None:
        sink = Sink()
        slow = sink.handle_DATA
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def handle_data(server: Server, session: Session, envelope: Envelope) -> str:
            begun.set()
            await cancelled.wait()
            return await slow(server, session, envelope)

        sink.handle_DATA = handle_data  # type: ignore[method-assign]
        marked: list[Reply] = []
        async with serving(sink) as port:
            mailer = Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK)

            async def job() -> None:
                marked.append(await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed))
                await asyncio.sleep(0)

            task = asyncio.create_task(job())
            await begun.wait()
            task.cancel()
            await asyncio.sleep(0)
            cancelled.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert [reply.code for reply in marked] == [250]
            assert len(sink.taken) == 1
            await mailer.close()

    run(scenario())


@pytest.mark.parametrize("raw", [b"Subject: a\n\nb\n", b"Subject: a\r\n\r\nb", b"a\r\n.\rMAIL FROM:<x>\r\n"])
def test_line_ends_that_could_smuggle_a_second_mail_are_refused(raw: bytes) -> None:
    with pytest.raises(DeliveryError) as refused:
        asyncio.run(Mailer("smtp://127.0.0.1:9").transmit(BOX, CLIENT, raw, "mb-1", armed))

    assert not refused.value.temporary


@pytest.mark.parametrize(
    "address",
    ["", "a", "a b@c.example", "a@b.example>\r\nRCPT TO:<c@d.example", "é\r\nRCPT@c.example", "é\u2028@c.example",
     "é\u0085@c.example", "é\udce9@c.example", "é>@c.example", "a@.société.example"],
)  # fmt: skip
def test_an_address_that_could_carry_a_command_is_refused(address: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        asyncio.run(Mailer("smtp://127.0.0.1:9").transmit(BOX, address, RAW, "mb-1", armed))

    assert not refused.value.temporary


@pytest.mark.parametrize(
    "url",
    [
        "imap://host",
        "smtp://",
        "smtps://user@host:port",
        "smtp://user%40host:secret@127.0.0.1",
        "smtp://user%40host@mail.example:25",
        "smtp://user@192.0.2.1",
        "localhost:25",
    ],
)
def test_a_url_that_would_not_work_or_show_the_password_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Mailer(url, "secret")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "[::1]"])
def test_a_login_without_encryption_is_allowed_on_this_machine(host: str) -> None:
    Mailer(f"smtp://user@{host}:2525", "secret")


AUTHORITY = trustme.CA()


def server_tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def client_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def only_the_bot(server: Server, session: Session, envelope: Envelope, how: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (BOX.encode(), "pässword".encode()), handled=False)


@asynccontextmanager
async def guarded(sink: Sink) -> AsyncIterator[int]:
    async with serving(
        sink, tls_context=server_tls(), require_starttls=True, auth_required=True, authenticator=only_the_bot
    ) as port:
        yield port


def test_a_login_over_starttls_sends() -> None:
    async def scenario() -> None:
        sink = Sink()
        async with guarded(sink) as port:
            url = f"smtp+starttls://factures%40atelier.example@127.0.0.1:{port}"
            mailer = Mailer(url, "pässword", timeouts=QUICK, tls_context=client_tls())
            await mailer.check()
            await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            await mailer.close()
        assert len(sink.taken) == 1

    run(scenario())


def test_a_wrong_password_is_said_without_the_password_and_the_mail_waits() -> None:
    async def scenario() -> None:
        async with guarded(Sink()) as port:
            url = f"smtp+starttls://factures%40atelier.example@127.0.0.1:{port}"
            mailer = Mailer(url, "wrong-one", timeouts=QUICK, tls_context=client_tls())
            with pytest.raises(DeliveryError, match=r"refused the login .*535") as refused:
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)
            await mailer.close()

        assert (refused.value.code, refused.value.temporary, refused.value.doubt) == (535, True, False)
        assert refused.value.cause == "sign_in"
        assert "wrong-one" not in str(refused.value) + repr(mailer.__dict__)

    run(scenario())


def test_a_server_without_starttls_gets_no_password() -> None:
    async def scenario() -> None:
        sink = Sink()
        async with serving(sink) as port:
            mailer = Mailer(f"smtp+starttls://user@127.0.0.1:{port}", "secret", timeouts=QUICK)
            with pytest.raises(DeliveryError, match="STARTTLS") as refused:
                await mailer.check()
        assert refused.value.cause == "encryption"

    run(scenario())


def test_a_server_that_speaks_no_tls_where_it_should_is_said() -> None:
    async def scenario() -> None:
        async with serving(Sink()) as port:
            with pytest.raises(DeliveryError, match="TLS") as refused:
                await Mailer(f"smtps://127.0.0.1:{port}", timeouts=QUICK).check()
        assert (refused.value.temporary, refused.value.cause) == (True, "encryption")

    run(scenario())


def test_a_server_that_takes_a_login_only_over_tls_is_said() -> None:
    async def scenario() -> None:
        async with serving(Sink()) as port:
            with pytest.raises(DeliveryError) as refused:
                await Mailer(f"smtp://user@127.0.0.1:{port}", "secret", timeouts=QUICK).check()
        assert (refused.value.temporary, refused.value.cause) == (True, "encryption")

    run(scenario())


def test_a_certificate_of_a_stranger_is_refused() -> None:
    async def scenario() -> None:
        async with serving(Sink(), tls=server_tls()) as port:
            with pytest.raises(DeliveryError) as refused:
                await Mailer(f"smtps://127.0.0.1:{port}", timeouts=QUICK).check()
            assert (refused.value.temporary, refused.value.cause) == (True, "encryption")

            trusting = Mailer(f"smtps://127.0.0.1:{port}", timeouts=QUICK, tls_context=client_tls())
            await trusting.check()
            await trusting.close()

    run(scenario())


def test_an_expired_certificate_is_named_and_the_mail_waits() -> None:
    async def scenario() -> None:
        expired = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        past = datetime.now(UTC) - timedelta(days=1)
        AUTHORITY.issue_cert("localhost", "127.0.0.1", not_after=past).configure_cert(expired)
        async with serving(Sink(), tls=expired) as port:
            mailer = Mailer(f"smtps://127.0.0.1:{port}", timeouts=QUICK, tls_context=client_tls())
            with pytest.raises(DeliveryError, match=r"certificate.*expired") as refused:
                await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)

        assert (refused.value.temporary, refused.value.doubt, refused.value.cause) == (True, False, "encryption")

    run(scenario())


def test_a_mailer_can_be_used_from_one_event_loop_after_the_other() -> None:
    mailer = Mailer("smtp://127.0.0.1:9", timeouts=QUICK)

    async def once() -> None:
        async with serving(Sink()) as port:
            mailer._server = Mailer(f"smtp://127.0.0.1:{port}")._server
            assert (await mailer.transmit(BOX, CLIENT, RAW, "mb-1", armed)).code == 250
            await mailer.close()

    asyncio.run(once())
    asyncio.run(once())
