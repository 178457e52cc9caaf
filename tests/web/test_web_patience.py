"""Visitors who send a byte now and then, or never read their answer, do not keep a connection."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from web_house import WebHouse

from mailbot.web.patience import Patient

REQUEST = "GET /style.css HTTP/1.1\r\nHost: pay.example\r\n"
SHORT, LONG = 0.3, 60.0


def opened(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=LONG)


def ended(sock: socket.socket) -> bytes:
    """What came until the server hung up."""
    came = b""
    with sock:
        try:
            while part := sock.recv(65_536):
                came += part
        except ConnectionResetError:
            pass
    return came


@pytest.mark.parametrize(
    "begun", ["", REQUEST, "POST {page}/answer HTTP/1.1\r\nHost: pay.example\r\nContent-Length: 99\r\n\r\nanswer=paid"],
    ids=["nothing", "half of the headers", "half of a body"],
)  # fmt: skip
def test_whoever_does_not_end_his_request_is_hung_up_on(
    home: WebHouse, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patient, "asking", SHORT)
    before = home.rows()

    with home.served() as address:
        sock = opened(address)
        sock.sendall(begun.format(page=home.path("i")).encode())

        assert ended(sock) == b""
        assert httpx.get(f"{address}/style.css").status_code == 200
    assert home.rows() == before


def test_whoever_asks_one_thing_after_the_other_is_not(home: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "reading", LONG)
    with home.served() as address, opened(address) as sock, sock.makefile("rb") as answers:
        for _ in range(5):
            sock.sendall(f"{REQUEST}\r\n".replace("GET", "HEAD").encode())
            assert answers.readline().startswith(b"HTTP/1.1 200")
            while answers.readline().strip():
                pass


def test_whoever_does_not_read_his_answer_is_hung_up_on(home: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "reading", SHORT)
    with home.served() as address, opened(address) as sock:
        for _ in range(400):  # pipelined: the answers do not fit into the buffers of a connection that is not read
            try:
                sock.sendall(f"{REQUEST}\r\n".encode() * 200)
            except (ConnectionResetError, BrokenPipeError):
                break
        else:
            raise AssertionError("nobody hung up")


def test_an_address_with_a_slash_at_its_end_leads_nowhere(home: WebHouse) -> None:
    answer = home.visitor().get(f"{home.path('i')}/", host="evil.example")

    assert answer.status_code == 404
    assert "location" not in answer.headers
