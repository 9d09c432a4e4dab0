"""The processes of the demonstration: three witnesses and the server, each on a port of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from api.client.errors import ServerUnavailable

HOST: Final = "127.0.0.1"
START_SECONDS_MAX: Final = 90
STOP_SECONDS_MAX: Final = 15
_LOOK_SECONDS: Final = 0.05


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens at now, all different."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_free(port: int) -> bool:
    """Whether somebody may listen at a port."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


class Child:
    """One running command of `skill-ledger`."""

    def __init__(self, arguments: Sequence[str], *, port: int, log: Path, environ: Mapping[str, str]) -> None:
        """Start it.

        arguments  command and options
        port       where it will listen
        log        file that takes what it says
        """
        self.port = port
        self.log = log
        self._name = arguments[0]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
                [sys.executable, "-m", "api.demo.child", *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                # Out of reach of the terminal's Ctrl-C: the parent stops its children in order.
                start_new_session=True,
            )

    def wait_until_it_listens(self) -> None:
        """Return once the port answers.

        raises  ServerUnavailable when the process ends first, or takes longer than `START_SECONDS_MAX`
        """
        for _ in range(int(START_SECONDS_MAX / _LOOK_SECONDS)):
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOOK_SECONDS)
                break
        raise ServerUnavailable(f"{self._name}: expected it to listen at port {self.port}; see {self.log}")

    def wait(self) -> int:
        """The exit code, once it has ended."""
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to end, insist when it does not, and return when it has."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
