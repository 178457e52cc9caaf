"""A mailer that keeps what it is given: the same door as `outbox.smtp.Mailer`, for tests and the demo."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.errors import DeliveryError
from mailbot.outbox.smtp import Arm, Reply


@dataclass(frozen=True, slots=True)
class Transmitted:
    """One mail that was taken."""

    envelope_from: str
    recipient: str
    raw: bytes
    envid: str
    copy_to: str | None = None


class RecordingMailer:
    """Takes every mail into `sent`, except for recipients in `refuse` (address to SMTP code and text).

    `lose` names recipients whose mail is taken but whose reply is lost: the doubt of RFC 1047.
    """

    def __init__(self, refuse: Mapping[str, tuple[int, str]] | None = None, lose: frozenset[str] = frozenset()) -> None:
        self.sent: list[Transmitted] = []
        self.refuse = dict(refuse or {})
        self.lose = lose

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Arm, copy_to: str | None = None
    ) -> Reply:
        """Keep the mail, as `Mailer.transmit` would send it; raises what that would raise."""
        if recipient in self.refuse:
            code, text = self.refuse[recipient]
            why = f"the server refused: {code} {text}"
            raise DeliveryError(why, temporary=not 500 <= code < 600, code=code)
        await arm()
        self.sent.append(Transmitted(envelope_from, recipient, raw, envid, copy_to))
        if recipient in self.lose:
            why = "the connection broke before the server said whether it took the mail"
            raise DeliveryError(why, temporary=True, doubt=True)
        return Reply(250, f"kept as {len(self.sent)}")

    async def check(self) -> None:
        """Nothing to log in to."""

    async def close(self) -> None:
        """Nothing to close."""
