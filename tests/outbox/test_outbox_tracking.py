import pytest

from mailbot.outbox.tracking import trust

READER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"User-Agent": "Mozilla/5.0 (Windows; U) GoogleImageProxy (via ggpht.com GoogleImageProxy)"}, 4000),
        ({"user-agent": "Mozilla/5.0"}, 4000),
        ({"User-Agent": "BarracudaScanner/1.0"}, 4000),
        ({"User-Agent": READER, "Sec-Purpose": "prefetch"}, 4000),
        ({"User-Agent": READER}, 5),
        ({}, 4000),
    ],
)
def test_a_machine_is_not_taken_for_a_person(headers: dict[str, str], seconds: float) -> None:
    assert trust(headers, seconds) == "none"


def test_a_mail_reader_is_probably_a_person() -> None:
    assert trust({"User-Agent": READER}, 4000) == "likely"
