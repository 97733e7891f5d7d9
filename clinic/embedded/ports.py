"""Free and taken ports."""

import contextlib
import socket

from clinic.embedded.places import Refusal


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def must_be_free(host: str, port: int) -> None:
    """Refuse in one sentence where something else listens on the port, or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
            probe.listen(1)
        except PermissionError:
            raise Refusal(f"Port {port} may only be used by root; choose one above 1023 with PORT=8000.") from None
        except (OSError, OverflowError) as problem:
            if answers(host, port):
                raise Refusal(
                    f"Port {port} is taken by another program; stop it, or choose another with PORT={port + 1}."
                ) from None
            raise Refusal(f"The address {host}:{port} cannot be used ({problem}); set HOST and PORT.") from None


def answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError, OverflowError), socket.create_connection((host.strip("[]"), port), timeout=1):
        return True
    return False
