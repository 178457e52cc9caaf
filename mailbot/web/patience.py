"""How long a visitor may take: uvicorn waits for ever for one who sends a byte now and then, and such ones use up all
its connections.

A proxy before the bot does the same with less of our memory; without one, or where it passes slow bodies on as they
come (Caddy), this is the only bound.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

ASKING = 20.0
"""Seconds for a whole request: from the connection or the answer before it to the last byte of its body."""
READING = 300.0
"""Seconds for its answer: a phone may fetch an invoice of some megabytes in a tunnel."""


class Patient(H11Protocol):
    """uvicorn's protocol with an end to its patience; `asking` and `reading` in seconds."""

    asking = ASKING
    reading = READING
    _timer: asyncio.TimerHandle | None = None
    _waits_for_request: bool | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self._time()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._time()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _time(self) -> None:
        """Begin to count where the visitor's turn begins, or ours."""
        waits = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if self.transport.is_closing():
            self._stop()
        elif waits != self._waits_for_request:
            self._stop()
            self._waits_for_request = waits
            self._timer = self.loop.call_later(self.asking if waits else self.reading, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
