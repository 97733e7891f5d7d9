"""``python -m clinic.embedded run [--var-dir DIR] [--fast] -- COMMAND …``: the servers around one command."""

import argparse
import os
import signal
import subprocess
import sys

from clinic.embedded.places import Places, Refusal
from clinic.embedded.processes import follow_parent
from clinic.embedded.servers import Servers
from clinic.embedded.signals import Stopped, stop_on_signals


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def run(arguments: argparse.Namespace) -> int:
    """The command's own exit status (128 + n where signal n ended it)."""
    stop_on_signals()
    child = None
    try:
        with Servers(Places.of(arguments.var_dir), say=say, fast=arguments.fast) as servers:
            try:
                child = subprocess.Popen(
                    arguments.command,
                    env={**os.environ, **servers.variables},
                    preexec_fn=follow_parent(signal.SIGTERM),  # noqa: PLW1509
                )
                # Ctrl-C reaches the command too; it decides, we wait for it.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                status = child.wait()
            except FileNotFoundError:
                raise Refusal(f"There is no command {arguments.command[0]}.") from None
            except Stopped:
                if child:
                    child.terminate()
                    child.wait()
                raise
        return 128 - status if status < 0 else status
    except Stopped:
        return 143


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m clinic.embedded")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help="start the servers, run a command, stop them")
    one.add_argument("--var-dir", default=os.environ.get("VAR_DIR") or "var")
    one.add_argument("--fast", action="store_true", help="give up durability: for tests")
    one.add_argument("command", nargs="+")
    try:
        return run(parser.parse_args())
    except Refusal as refusal:
        say(str(refusal))
        return 1


if __name__ == "__main__":
    sys.exit(main())
