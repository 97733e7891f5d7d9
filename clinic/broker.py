"""A broker that goes silent must not leave a worker deaf.

Kombu logs an acknowledgement that failed and goes on, but the worker then holds as many tasks as it may and is never
given another: alive, answering to ping, idle for good. Here the failure ends the connection instead; the worker makes
a new one and takes tasks again. What was not acknowledged is handed out once more, which every task bears.
"""

from kombu.transport import redis
from kombu.transport.virtual import Message


class HonestMessage(Message):
    def ack_log_error(self, logger, errors, multiple: bool = False) -> None:
        self.ack(multiple=multiple)

    def reject_log_error(self, logger, errors, requeue: bool = False) -> None:
        self.reject(requeue=requeue)


def install() -> None:
    redis.Channel.Message = HonestMessage
