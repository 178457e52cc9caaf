"""What a service manager is told (sd_notify(3)): that the bot is ready, that it still lives, that it stops.

The few lines of the protocol are written here, as the binding of systemd's library needs its headers to be installed.
Without a service manager nothing happens.
"""

import socket
from collections.abc import Callable, Mapping
from time import monotonic

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"
_PINGS = 4
"""In each span of the watchdog, so that a busy moment is no death."""


def tell(message: str, environment: Mapping[str, str]) -> bool:
    """Send one message to the service manager; False where there is none or it does not listen."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.setblocking(False)  # one that does not listen must not stop the bot
            sock.connect(address)
            sock.sendall(message.encode())
    except OSError:
        return False
    return True


class Pulse:
    """Pings the watchdog as long as every loop has shown itself within its span; one that hangs ends the pings."""

    def __init__(self, environment: Mapping[str, str], clock: Callable[[], float] = monotonic) -> None:
        self._environment = environment
        self._clock = clock
        usec = environment.get("WATCHDOG_USEC", "")
        self._span = int(usec) / 1_000_000 if usec.isdigit() else 0.0
        self._beats: dict[str, float] = {}
        self._pinged = -1e9

    def beat(self, loop: str) -> None:
        """The loop has begun another round."""
        self._beats[loop] = self._clock()

    def ping(self) -> bool:
        """Tell the watchdog that all is well, if it is, and not too often; whether it was told."""
        now = self._clock()
        hangs = any(now - beat > self._span for beat in list(self._beats.values()))  # a loop may begin now
        if not self._span or hangs or now - self._pinged < self._span / _PINGS:
            return False
        self._pinged = now
        return tell(ALIVE, self._environment)
