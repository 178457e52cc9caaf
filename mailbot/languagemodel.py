"""A language model behind an OpenAI-compatible endpoint, for replies that the lexicon does not understand.

Off unless the settings name one (`language_model:`); needs `pip install mailbot[llm]`. The text of the reply goes
to that endpoint and nothing else of the mail does. Whatever goes wrong there, the reply is read as without it.
"""

import json
from dataclasses import dataclass
from time import monotonic
from types import ModuleType

from mailbot.errors import ModelError, SettingsError
from mailbot.inbox.llm import Messages, said

MAX_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """One model. `endpoint` is the URL up to /v1; an answer takes at most `seconds`, or twice as much to connect.

    Raises SettingsError where httpx is not installed: at the start, and not when the first reply is read.
    """

    endpoint: str
    name: str
    key: str | None = None
    seconds: float = 20.0

    def __post_init__(self) -> None:
        _client()

    def ask(self, messages: Messages) -> str:
        """What the model answers. Raises ModelError where it refuses, is silent, or sends something else."""
        httpx = _client()
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = {"model": self.name, "messages": messages, "temperature": 0}
        url, until = f"{self.endpoint.rstrip('/')}/chat/completions", monotonic() + 2 * self.seconds
        try:
            with httpx.stream("POST", url, json=body, headers=headers, timeout=self.seconds) as response:
                response.raise_for_status()
                received = b""
                for piece in response.iter_bytes():
                    received += piece
                    if len(received) > MAX_ANSWER or monotonic() > until:
                        raise ModelError(f"{self.endpoint}: the answer is too long or too slow.")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ModelError(f"{self.endpoint}: {type(error).__name__} {error}".strip()) from error
        try:
            answer = json.loads(received)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{self.endpoint}: the answer is no JSON.") from error
        return said(answer) if isinstance(answer, dict) else ""


def _client() -> ModuleType:
    """httpx, which is an extra."""
    try:
        import httpx
    except ImportError as error:
        raise SettingsError(["language_model: needs the package httpx: pip install 'mailbot[llm]'."]) from error
    return httpx
