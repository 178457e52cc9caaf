"""What every request meets first, and who may see the figures."""

import threading
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from web_house import WebHouse, house

from mailbot.errors import MailbotError
from mailbot.ledger import job_runs
from mailbot.ledger.store import writing
from mailbot.web import serve
from mailbot.web.guard import MOST_BODY, Limiter, network_of

PLACES = ("/i/nonsense", "/u/nonsense", "/o/nonsense.gif", "/healthz", "/style.css", "/nothing", "/metrics")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_has_strict_headers(home: WebHouse, place: str) -> None:
    headers = home.visitor().get(place).headers

    assert "script" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["cache-control"] == ("public, max-age=3600" if place == "/style.css" else "no-store")
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_on_loopback_no_browser_is_told_to_insist_on_https(home: WebHouse) -> None:
    assert "strict-transport-security" not in home.visitor().get("/healthz", host="127.0.0.1:8025").headers


def test_after_too_many_requests_a_network_waits_and_others_do_not(home: WebHouse) -> None:
    clock = Clock()
    limiter = Limiter(burst=3, per_second=1.0, clock=clock)
    path = home.path("i")
    visitor, other = home.visitor("192.0.2.1", limiter), home.visitor("192.0.2.2", limiter)

    assert [visitor.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert other.get(path).status_code == 200
    assert visitor.get(path).headers["retry-after"] == "60"
    clock.now = 2.0
    assert visitor.get(path).status_code == 200


def test_a_picture_is_served_beyond_the_limit_but_not_noted(tracked: WebHouse) -> None:
    visitor = tracked.visitor(limiter=Limiter(burst=1, per_second=0.0, clock=Clock()))

    assert [visitor.get(tracked.path("o")).status_code for _ in range(3)] == [200, 200, 200]
    assert len(tracked.sightings.take()) == 1


def test_the_limits_memory_is_bounded() -> None:
    limiter = Limiter(most=100, clock=Clock())
    for number in range(1000):
        limiter.allows(f"10.0.{number // 256}.{number % 256}")

    assert len(limiter) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("content", [b"x=" + b"a" * MOST_BODY, b"&".join(b"a=1" for _ in range(2000))])
def test_a_form_that_is_too_long_is_refused(home: WebHouse, content: bytes) -> None:
    before = home.rows()

    answer = home.visitor().post(f"{home.path('i')}/answer", content=content)

    assert answer.status_code == 413
    assert home.rows() == before


@pytest.mark.parametrize("content", [b"\xff\xfe=%ff", b"answer", b"%00=%00&form=\x00", b""])
def test_a_form_of_rubbish_is_refused(home: WebHouse, content: bytes) -> None:
    assert home.visitor().post(f"{home.path('i')}/answer", content=content).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_do_nothing(home: WebHouse, method: str) -> None:
    before = home.rows()

    assert home.visitor().get(home.path("i"), method).status_code == 405
    assert home.rows() == before


def test_strangers_learn_whether_it_works_and_no_more(home: WebHouse) -> None:
    assert home.visitor().get("/healthz").json() == {"well": True}
    assert home.visitor().get("/metrics").status_code == 404


def test_this_machine_sees_the_figures(home: WebHouse) -> None:
    with writing(home.office.engine) as conn:
        job_runs.done(conn, "clock/atelier-martin-sarl", home.app.now(), 0.25)
    visitor = home.visitor("127.0.0.1")

    families = {one.name: one for one in text_string_to_metric_families(visitor.get("/metrics").text)}

    def value(name: str, **labels: str) -> float:
        return next(one.value for one in families[name].samples if one.labels == labels)

    assert visitor.get("/healthz").json()["businesses"][0]["business"] == "atelier-martin-sarl"
    assert value("mailbot_mails_sent", kind="client", outcome="sent") == 1
    assert value("mailbot_outbox_mails", state="queued") == 0
    assert value("mailbot_job_last_success_timestamp_seconds", job="clock") == home.app.now().timestamp()
    assert value("mailbot_job_duration_seconds", job="clock") == 0.25
    assert value("mailbot_decisions_open") == 0
    assert {
        "mailbot_build_info", "mailbot_mails_received", "mailbot_replies", "mailbot_outbox_oldest_seconds",
        "mailbot_bank_data_through_timestamp_seconds", "mailbot_issues",
    } <= set(families)  # fmt: skip
    assert "dupont" not in visitor.get("/metrics").text.lower()


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via"])
def test_what_a_proxy_passed_on_is_not_this_machine(home: WebHouse, header: str) -> None:
    assert home.visitor("127.0.0.1").get("/metrics", **{header: "1.1 proxy"}).status_code == 404


def test_whoever_has_the_token_sees_the_figures(tmp_path: Path) -> None:
    home = house(tmp_path / "home", web={"metrics_token_file": "secrets/metrics"})
    (tmp_path / "home" / "secrets" / "metrics").write_text("let me in\n")
    visitor = home.visitor()

    assert visitor.get("/metrics", authorization="Bearer let me in").status_code == 200
    assert visitor.get("/metrics", authorization="Bearer let me").status_code == 404
    assert visitor.get("/metrics").status_code == 404
    home.app.close()


def test_a_ledger_that_is_gone_is_said_without_detail(home: WebHouse) -> None:
    path = home.path("i")
    home.app.engine.dispose()
    for file in (Path(str(home.app.engine.url.database)).parent).glob("mailbot.db*"):
        file.unlink()

    answer = home.visitor().get(path)

    assert answer.status_code == 503
    assert "Momentanément indisponible" in answer.text or "Not available" in answer.text
    assert "mailbot.db" not in answer.text


def test_a_port_that_is_taken_is_one_sentence(tracked: WebHouse) -> None:
    with tracked.served() as address:
        taken = address.rpartition(":")[2]
        with pytest.raises(MailbotError, match=rf"cannot listen on 127.0.0.1, port {taken}.*Choose another web.port"):
            serve(tracked.app, threading.Event())


def test_it_serves_on_a_socket_and_ends_when_told(tracked: WebHouse) -> None:
    with tracked.served() as address:
        page = httpx.get(address + tracked.path("i"))
        behind = httpx.get(f"{address}/metrics", headers={"x-forwarded-for": "203.0.113.9"})

    assert page.status_code == 200
    assert behind.status_code == 404
    assert [event.data["class"] for event in tracked.events("mail.clicked")] == ["robot"]
    with pytest.raises(httpx.TransportError):
        httpx.get(address, timeout=1)
