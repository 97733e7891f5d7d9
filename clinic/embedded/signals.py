"""Ctrl-C and SIGTERM as an exception, so that every ``with`` block is left in order."""

import signal

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop. Raised once; while stopping, further requests are ignored."""


def stop_on_signals() -> None:
    def stop(_number, _frame) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in ENDINGS:
        signal.signal(number, stop)
