"""Email through Django. SMTP cannot be asked afterwards whether it has a message, so what is in doubt goes to a
person.
"""

import contextlib
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from clinic.messaging.channels.types import Envelope, Found, Outcome, Result


def post(envelope: Envelope) -> Outcome:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    message_id = f"<{envelope.attempt_id}@{domain}>"
    server = get_connection()
    mail = EmailMessage(
        subject=envelope.subject, body=envelope.body, to=[envelope.to], connection=server,
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    try:
        return _hand_over(mail, server) or Outcome(
            result=Result.ACCEPTED, provider_id=message_id, provider_status="sent"
        )
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):  # what was taken is taken, however they part
            server.close()


def _hand_over(mail: EmailMessage, server: Any) -> Outcome | None:
    """None when it was taken. Until the server has let us in, nothing can have been."""
    try:
        server.open()
    except smtplib.SMTPAuthenticationError as problem:
        return _refused(problem)
    except (OSError, smtplib.SMTPException):
        return Outcome(result=Result.RETRY, error_code="connect")
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as problem:
        return _refused(problem)
    except (OSError, smtplib.SMTPException):
        return Outcome(result=Result.UNKNOWN, error_code="unread")
    return None


def _refused(problem: smtplib.SMTPException) -> Outcome:
    """4xx: later again. 5xx: never. Wrong credentials are ours, not the person's."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return Outcome(result=Result.PAUSED, error_code=str(problem.smtp_code))
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in problem.recipients.values()]
    else:
        codes = [problem.smtp_code]
    later = all(400 <= code < 500 for code in codes)
    return Outcome(result=Result.RETRY if later else Result.FAILED, error_code=str(codes[0]))


def find(channel: str, to: str) -> list[Found] | None:
    return None


def fetch(provider_id: str) -> Found | None:
    return None
