"""The language model's client against a real HTTP server."""

import json
import sys

import pytest

from mailbot.errors import ModelError, SettingsError
from mailbot.languagemodel import MAX_ANSWER, LanguageModel
from mailbot.testing.modelserver import completion, model_server

GOOD = completion("yes")


def test_a_question_goes_out_with_the_key_and_its_answer_comes_back() -> None:
    with model_server(GOOD) as (endpoint, requests):
        said = LanguageModel(endpoint, "small", "secret").ask([{"role": "user", "content": "é?"}])

    (path, key, body) = requests[0]
    assert (said, path, key) == ("yes", "/v1/chat/completions", "Bearer secret")
    assert json.loads(body) == {"model": "small", "messages": [{"role": "user", "content": "é?"}], "temperature": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"no json", 200), (b"", 200), (GOOD, 500), (GOOD, 401), (b"x" * (MAX_ANSWER + 1), 200), (b"[" * 9000, 200)],
)
def test_whatever_is_no_answer_is_an_error_of_the_model(body: bytes, status: int) -> None:
    with model_server(body, status) as (endpoint, _), pytest.raises(ModelError, match="127"):
        LanguageModel(endpoint, "small").ask([])


def test_a_server_that_is_not_there_is_an_error_of_the_model() -> None:
    with model_server(GOOD) as (endpoint, _):
        pass
    with pytest.raises(ModelError):
        LanguageModel(endpoint, "small", seconds=2).ask([])


@pytest.mark.parametrize(("endpoint", "key"), [("http://[::1", None), ("http://127.0.0.1:1/v1", "clé€")])
def test_a_setting_that_no_request_can_be_made_of_is_an_error_of_the_model(endpoint: str, key: str | None) -> None:
    with pytest.raises(ModelError):
        LanguageModel(endpoint, "small", key, seconds=2).ask([])


def test_a_missing_package_is_said_at_the_start_and_not_when_a_reply_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)

    with pytest.raises(SettingsError, match=r"pip install 'mailbot\[llm\]'"):
        LanguageModel("http://127.0.0.1:1/v1", "small")


def test_an_answer_of_another_shape_says_nothing() -> None:
    with model_server(b"[1]") as (endpoint, _):
        assert LanguageModel(endpoint, "small").ask([]) == ""
